"""The guard: where a thing stands, which scope a session has, what a district officer is told of all around."""

from __future__ import annotations

from pathlib import Path

import msgspec

from console.api import (
    Alarm,
    Area,
    Board,
    Camera,
    Domain,
    Entity,
    Incident,
    Scene,
    Sensor,
    Text,
    Wall,
    WallMachine,
    Warning_,
)
from console.node.access.actions import Action
from console.node.access.office import SecurityOffice
from console.node.access.sessions import LOCKED_TOPICS, Session
from console.node.guard import Guard, place_of
from console.node.hub import Hub
from console.node.intents import Asked
from console.wire.frames import Intent, Query, Replay
from tests.unit.node.access.site import PARENTS, POLICY, Site

THINGS: tuple[Entity, ...] = (
    Sensor(id="s-n1", area="n1", board=Board.LIFELINE),
    Sensor(id="s-s1", area="s1", board=Board.PUBLIC),
    Alarm(id="a-n1", sensor="s-n1"),
    Alarm(id="a-lost", sensor="gone"),
    Incident(id="i-north", area="north"),
    Camera(id="c-s1", area="s1"),
    Domain(id="gas"),
    Warning_(id="w-all", area="area"),
    Warning_(id="w-south", area="south"),
)


def guarded(folder: Path, asked: Asked | None = None) -> tuple[Site, Guard, Hub]:
    site, hub = Site(folder), Hub()
    hub.put("s", [Area(id=id_, parent=parent) for id_, parent in PARENTS.items()])
    hub.put("s", THINGS)
    return site, Guard(site.gate, SecurityOffice(folder, site.gate, site.key), hub, lambda intent: asked), hub


def session(site: Site, person: str, *, kind: str = "desk") -> Session:
    found, _ = site.gate.sessions.begin(person, kind=kind, wall=kind == "wall", now_ns=site.gate.steady.now_ns())
    return found


def shown(guard: Guard, hub: Hub, of: Session) -> set[str]:
    scope = guard.scope(of)
    if scope is None:
        return {thing.id for thing in THINGS}
    return {t.id for t in THINGS if scope.speaks_of(t.CLS) and scope.sees(t, hub.entities)}


def test_an_officer_of_one_town_is_shown_that_town_and_the_warnings_for_all_above(tmp_path: Path) -> None:
    site, guard, hub = guarded(tmp_path)
    assert shown(guard, hub, session(site, "north")) == {"s-n1", "a-n1", "i-north", "gas", "w-all"}
    assert shown(guard, hub, session(site, "duty")) == {thing.id for thing in THINGS}
    assert shown(guard, hub, session(site, "gas")) == {"gas", "w-all", "w-south"}, (
        "its one topic and board, no incident"
    )
    assert shown(guard, hub, session(site, "security")) == {"gas", "w-all", "w-south", "s-s1", "c-s1"}
    site.gate.close()


def test_an_alarm_stands_where_its_sensor_does(tmp_path: Path) -> None:
    site, _, hub = guarded(tmp_path)
    assert place_of(THINGS[2], hub.entities) == ("n1", Board.LIFELINE)
    assert place_of(THINGS[3], hub.entities) == ("", None)
    assert place_of(Domain(id="x", board=Board.NATURAL), hub.entities) == ("", Board.NATURAL)
    site.gate.close()


def test_equal_rights_are_one_scope_and_a_lock_is_another(tmp_path: Path) -> None:
    site, guard, _ = guarded(tmp_path)
    one, two, whole = session(site, "north"), session(site, "trainee"), session(site, "duty")
    assert guard.scope(one) is guard.scope(two)
    assert guard.scope(whole) is None
    site.gate.sessions.lock(whole.number)
    locked = guard.scope(whole)
    assert locked is not None
    assert locked.classes == LOCKED_TOPICS
    site.gate.close()


def test_rights_that_are_signed_anew_without_a_change_move_nobody(tmp_path: Path) -> None:
    site, guard, _ = guarded(tmp_path)
    one = session(site, "north")
    before = guard.scope(one)
    assert site.gate.shelf.opened is not None
    site.clocks.go(4000)
    assert site.gate.offer(site.key.renew(site.gate.shelf.opened, site.clocks.wall_ns)).taken
    site.gate.sessions.unlocked(one.number, site.gate.steady.now_ns())
    assert guard.scope(one) is before
    site.gate.close()


def test_an_act_on_two_places_has_to_be_allowed_in_both(tmp_path: Path) -> None:
    there = Asked(Action.INCIDENT_REPORT, "s1", entity="incident:i")
    asked = Asked(Action.INCIDENT_REPORT, "n1", entity="incident:i", more=(there,))
    site, guard, _ = guarded(tmp_path, asked)
    intent = Intent(id="1", name="incident.tell", entity="i")
    answer = guard.act(intent, session(site, "north"))
    assert answer is not None
    assert (answer.state, answer.reason.en) == ("refused", "no role grants this")
    assert guard.act(intent, session(site, "duty")) is None
    site.gate.close()


def test_what_is_not_there_may_be_asked_for_by_who_sees_everything_alone(tmp_path: Path) -> None:
    site, guard, hub = guarded(tmp_path)
    query = Query(req=1, sensor="no-such", start_ns=0, end_ns=1)
    refusal = guard.forbids(query, session(site, "north"), hub)
    assert refusal is not None
    assert (refusal.code, refusal.found, refusal.req) == ("rule", "no_grant", 1)
    assert guard.forbids(query, session(site, "duty"), hub) is None
    site.gate.close()


def test_a_wall_cannot_replay_and_an_officer_can(tmp_path: Path) -> None:
    site, guard, hub = guarded(tmp_path)
    past = Query(req=1, sensor="s-n1", start_ns=0, end_ns=1, context="replay:x")
    refusal = guard.forbids(past, session(site, "wall-1", kind="wall"), hub)
    assert refusal is not None
    assert refusal.found == "view_only"
    assert guard.forbids(past, session(site, "north"), hub) is None
    site.gate.close()


def test_the_console_is_told_the_same_until_something_changes(tmp_path: Path) -> None:
    site, guard, _ = guarded(tmp_path)
    one = session(site, "north")
    before = guard.access(one)
    assert (before.name, before.roles) == (Text("north"), (Text("值班员", "Duty officer"),))
    assert before.may["acknowledge"] == ("north",)
    site.clocks.go(30)
    assert guard.access(one) == before
    site.gate.break_glass(one, "nobody else is here")
    assert guard.access(one).glass_until_ns > 0
    site.gate.close()


def test_a_wall_joins_the_replay_that_its_scene_names_and_steers_nothing(tmp_path: Path) -> None:
    site, guard, hub = guarded(tmp_path)
    wall, other = session(site, "wall", kind="wall"), session(site, "other", kind="wall")
    desk = session(site, "wall")  # a person of that name is no wall
    scene = Scene(number=1, layout="", title=Text("x"), context="replay:K7QX")
    hub.put("s", [Wall(id="wall", scene=scene)])

    def may(who: Session, op: str, context: str = "replay:K7QX", at_ns: int = 0) -> bool:
        return guard.forbids(Replay(req=1, op=op, context=context, at_ns=at_ns), who, hub) is None

    assert may(wall, "open") and may(wall, "close")
    assert not any(may(wall, op) for op in ("seek", "play", "pause", "speed", "step"))
    assert not may(wall, "open", at_ns=5), "to open what is open already is a seek"
    assert not may(wall, "open", "replay:OTHER") and not may(other, "open") and not may(desk, "open")
    hub.put("s", [Wall(id="wall", scene=Scene(number=2, layout="", title=Text("x")))])
    assert not may(wall, "open"), "its scene is live again"
    site.gate.close()


def test_rules_of_walls_hold_where_who_set_them_commands_and_while_they_do(tmp_path: Path) -> None:
    site, guard, _ = guarded(tmp_path)
    guard.tick()
    assert guard.barred_from_rules("mixed", "s1") is None, "logged in or not"
    for person, area in (("mixed", "n1"), ("mixed", ""), ("duty", "s1"), ("gone", "s1"), ("wall-1", "s1")):
        assert guard.barred_from_rules(person, area) is not None
    without = msgspec.structs.replace(POLICY, version=8, people=[p for p in POLICY.people if p.id != "mixed"])
    site.gate.offer(site.key.sign(without, site.clocks.wall_ns))
    assert guard.barred_from_rules("mixed", "s1") is not None
    site.gate.close()


def test_a_wall_s_machine_stands_where_its_wall_does(tmp_path: Path) -> None:
    site, _, hub = guarded(tmp_path)
    hub.put("s", [Wall(id="w", area="n1")])
    assert place_of(WallMachine(id="w/a", wall="w"), hub.entities) == ("n1", None)
    assert place_of(WallMachine(id="x/a", wall="x"), hub.entities) == ("", None)
    site.gate.close()
