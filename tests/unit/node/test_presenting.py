"""Who presents on a wall: rights, bounds, hostile input, who comes late, and how it ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.api import Area, Scene, Text, Wall
from console.node.access.audit import Audited
from console.node.access.office import SecurityOffice
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.presenting import ABSENT_S, BURST, PER_S, POINTER_S, Presentations, Timer
from console.node.visit import Visit
from console.wire.frames import MAX_FRAME_BYTES
from console.wire.presentation import NAME_CHARS, POINTS, STATE_BYTES, STROKES, TILE_CHARS, TILES
from console.wire.walls import Present, Presenting, PresentRefused
from tests.unit.node.access.site import PARENTS, Site

Told = tuple[str, Any, Any]


class Out:
    """A way out that keeps what goes by it."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, data: bytes) -> None:
        self.sent.append(msgspec.msgpack.decode(data))


class Rooms:
    """Who watches, as console.node.wall_room has it."""

    def __init__(self) -> None:
        self.presents: object = None
        self.on_watch: Callable[[Visit, str], None] = lambda _visit, _wall: None
        self.told: list[tuple[str, Any, Visit | None]] = []

    def tell(self, wall: str, message: Any, but: Visit | None = None, *, newest: str = "") -> None:
        self.told.append((wall, message, but))


class _Timer:
    def __init__(self, at_s: float, act: Callable[[], None]) -> None:
        self.at_s, self.act, self.cancelled = at_s, act, False

    def cancel(self) -> None:
        self.cancelled = True


class Stand:
    """Presentations with a clock moved by hand; `guard` where there are people."""

    def __init__(self, guard: Guard | None = None, hub: Hub | None = None) -> None:
        self.hub, self.rooms, self.now_s = hub or Hub(), Rooms(), 100.0
        self.timers: list[_Timer] = []
        rooms: Any = self.rooms
        self.shows = Presentations(rooms, self.hub, guard, now_s=lambda: self.now_s, later=self._later)
        self.wall(controller="p.li")

    def _later(self, seconds: float, act: Callable[[], None]) -> Timer:
        self.timers.append(_Timer(self.now_s + seconds, act))
        return self.timers[-1]

    def wall(self, number: int = 1, controller: str = "p.li", id_: str = "hall") -> None:
        scene = Scene(number=number, layout="", title=Text(""))
        self.hub.put("j", [Wall(id=id_, scene=scene, controller=controller, area="north")])

    def visit(self, role: str = "desk") -> Visit:
        out: Any = Out()
        session: Any = None
        made = Visit(session, out)
        made.role = role
        return made

    def go(self, seconds: float) -> None:
        """Time passes, timers come due."""
        until_s = self.now_s + seconds
        while due := [t for t in self.timers if t.at_s <= until_s and not t.cancelled]:
            timer = min(due, key=lambda one: one.at_s)
            self.timers.remove(timer)
            self.now_s = max(self.now_s, timer.at_s)
            timer.act()
        self.now_s = until_s
        self.shows.tick(self.now_s)

    def do(self, visit: Visit, op: str, **changes: Any) -> None:
        given = {"wall": "hall", "by": "p.li", **changes}
        self.shows.take(visit, Present(op=op, **given))

    def ops(self) -> list[str]:
        """What was passed on."""
        return [message.op for _, message, _ in self.rooms.told if isinstance(message, Present)]

    @property
    def standing(self) -> Presenting:
        """What all who watch were told last of the whole."""
        return next(m for _, m, _ in reversed(self.rooms.told) if isinstance(m, Presenting))


def refusals(visit: Visit) -> list[str]:
    out: Any = visit.outbox
    return [message["zh"] for message in out.sent if message["m"] == "present_refused"]


def test_who_controls_the_wall_presents_and_all_but_they_are_passed_it() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    assert stand.standing.by == "p.li"
    stand.do(desk, "pointer", points=((1.0, 2.0),), by="somebody else")
    wall, message, but = stand.rooms.told[-1]
    assert (wall, message.op, message.by, but) == ("hall", "pointer", "p.li", desk)
    assert message.t_ns > 0


@pytest.mark.parametrize("controller", ["p.wang"])
def test_who_does_not_control_it_presents_nothing(controller: str) -> None:
    stand = Stand()
    stand.wall(controller=controller)
    desk = stand.visit()
    stand.do(desk, "begin")
    stand.do(desk, "pointer", points=((1.0, 2.0),))
    assert not stand.rooms.told
    assert refusals(desk) == ["大屏规则：由 p.wang 控制；请申请控制权，或填写理由接管"]


def test_a_wall_machine_a_strangers_wall_and_a_second_presenter_are_refused() -> None:
    stand = Stand()
    machine, desk, other = stand.visit("wall"), stand.visit(), stand.visit()
    stand.do(machine, "begin")
    stand.do(desk, "begin", wall="nowhere" * 1000)
    assert not stand.rooms.told
    assert "没有大屏" in refusals(desk)[0]
    assert len(refusals(desk)[0]) < 200
    stand.wall(controller="")
    stand.do(desk, "begin")
    stand.do(other, "begin", by="p.wang")
    stand.do(other, "pointer", points=((1.0, 2.0),), by="p.li")
    assert stand.standing.by == "p.li"
    assert stand.ops() == []
    assert refusals(other) == ["大屏规则：p.li 正在此大屏演示"]


def test_who_comes_late_is_told_all_that_stands() -> None:
    stand = Stand()
    desk, late = stand.visit(), stand.visit()
    stand.do(desk, "begin")
    for n in range(3):
        stand.do(desk, "stroke", stroke="s", points=((float(n), 1.0),), colour=2)
    stand.do(desk, "freeze", tile="map")
    stand.do(desk, "view", tile="chart", state={"zoom": 3.0})
    stand.do(desk, "pointer", points=((9.0, 9.0),))
    stand.shows.watched(late, "hall")
    out: Any = late.outbox
    told = out.sent[-1]
    assert told["by"] == "p.li"
    assert [(one["op"], len(one.get("points", ()))) for one in told["done"]] == [
        ("stroke", 3), ("view", 0), ("freeze", 0), ("pointer", 1),
    ]  # fmt: skip
    stand.shows.watched(late, "another")
    assert out.sent[-1].get("by", "") == ""


def test_pointers_are_passed_on_sixty_times_a_second_and_the_last_one_always() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for n in range(1000):
        stand.go(0.001)
        stand.do(desk, "pointer", points=((float(n), 0.0),))
    stand.go(POINTER_S)
    passed = [m.points[0][0] for _, m, _ in stand.rooms.told if isinstance(m, Present)]
    assert passed[-1] == 999.0
    assert len(passed) <= 62
    assert stand.shows.dropped["newer came"] > 900


def test_views_of_each_tile_are_passed_on_ten_times_a_second_the_last_always() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for n in range(100):
        stand.go(0.01)
        stand.do(desk, "view", tile="a", state={"n": n})
        stand.do(desk, "view", tile="b", state={"n": n})
    stand.go(0.2)
    passed = [(m.tile, m.state["n"]) for _, m, _ in stand.rooms.told if isinstance(m, Present)]
    assert len(passed) <= 24
    assert {("a", 99), ("b", 99)} <= set(passed)


def test_a_flood_is_refused_counted_and_answered_once_a_second() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for _ in range(2000):
        stand.do(desk, "freeze", tile="a")
    assert len(stand.ops()) <= BURST
    assert len(refusals(desk)) == 1
    assert stand.shows.dropped["too fast"] >= 2000 - BURST
    stand.go(5.0)
    stand.do(desk, "clear")
    assert stand.ops()[-1] == "clear"


def test_of_a_flood_that_does_not_end_as_much_passes_as_ever_may() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for _ in range(4000):
        stand.now_s += 1 / 400
        stand.do(desk, "freeze", tile="a")
    assert abs(len(stand.ops()) - (BURST + 10 * PER_S)) <= 2


def test_who_presents_and_begins_again_and_again_keeps_nobody_else_busy() -> None:
    stand = Stand()
    desk = stand.visit()
    for _ in range(100):
        stand.do(desk, "begin")
    assert len(stand.rooms.told) == 1
    out: Any = desk.outbox
    assert out.sent[-1]["by"] == "p.li"


def test_all_that_stands_fits_a_frame_whatever_a_presenter_sends() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    state, points = {"x": "y" * (STATE_BYTES - 20)}, ((1.0, 1.0),) * POINTS
    more: dict[str, Any] = {"state": state, "of": "名" * NAME_CHARS}
    for n in range(TILES):
        stand.go(0.1)
        stand.do(desk, "stroke", stroke=str(n), points=((1.0, 1.0),), **more)
        tile = str(n) + "图" * (TILE_CHARS - 2)
        stand.do(desk, "view", tile=tile, points=points, stroke="名" * NAME_CHARS, **more)
        stand.do(desk, "freeze", tile=tile, points=points, stroke="名" * NAME_CHARS, **more)
    late = stand.visit()
    stand.shows.watched(late, "hall")
    out: Any = late.outbox
    assert len(out.sent[-1]["done"]) == 3 * TILES
    assert len(msgspec.msgpack.encode(out.sent[-1])) <= MAX_FRAME_BYTES


def test_beginning_and_ending_over_and_over_is_held_back() -> None:
    stand = Stand()
    desk = stand.visit()
    for _ in range(100):
        stand.do(desk, "begin")
        stand.do(desk, "end")
    assert len(stand.rooms.told) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"op": "pointer", "points": ((math.nan, 1.0),)},
        {"op": "stroke", "stroke": "s", "points": ((math.inf, 1.0),)},
        {"op": "stroke", "stroke": "s", "points": ((1.0, 1.0),) * (POINTS + 1)},
        {"op": "view", "tile": "t", "state": {"x": ["y"] * 100_000}},
        {"op": "no such thing"},
    ],
)
def test_what_makes_no_sense_reaches_nobody(changes: dict[str, Any]) -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    stand.do(desk, **changes)
    assert stand.ops() == []
    assert len(refusals(desk)) == 1


def test_more_strokes_than_there_is_room_for_are_refused_and_said() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for n in range(STROKES + 5):
        stand.go(0.02)
        stand.do(desk, "stroke", stroke=str(n), points=((1.0, 1.0),))
    assert len(stand.ops()) == STROKES
    assert "请先清除" in refusals(desk)[0]


def test_it_ends_when_control_goes_to_another() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    stand.wall(controller="p.wang")
    stand.do(desk, "pointer", points=((1.0, 1.0),))
    assert stand.standing.by == ""
    assert stand.ops() == []
    stand.wall(controller="p.li")
    stand.go(2.0)
    stand.do(desk, "begin")
    stand.wall(controller="p.wang")
    stand.go(1.0)
    assert stand.standing.by == ""


def test_a_presenter_whose_link_was_cut_goes_on_and_one_who_stays_away_has_ended() -> None:
    stand = Stand()
    desk, again = stand.visit(), stand.visit()
    stand.do(desk, "begin")
    stand.do(desk, "stroke", stroke="s", points=((1.0, 1.0),))
    stand.shows.left(desk)
    stand.go(ABSENT_S - 1)
    assert stand.standing.by == "p.li"
    stand.do(again, "begin")
    assert [one.op for one in stand.standing.done] == ["stroke"]
    stand.go(ABSENT_S + 5)
    stand.do(again, "clear")
    assert stand.ops()[-1] == "clear"
    stand.shows.left(again)
    stand.go(ABSENT_S + 1)
    assert stand.standing.by == ""


def test_a_new_scene_takes_strokes_and_freezes_and_leaves_the_pointer() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for op in ("stroke", "freeze", "pointer"):
        stand.do(desk, op, stroke="s", tile="t", points=((1.0, 1.0),))
    stand.wall(number=2)
    stand.go(1.0)
    assert (stand.standing.scene, [one.op for one in stand.standing.done]) == (2, ["pointer"])
    stand.wall(number=3)
    stand.do(desk, "stroke", stroke="s", points=((1.0, 1.0),))
    _, before, _ = stand.rooms.told[-2]
    assert (before.scene, stand.ops()[-1]) == (3, "stroke"), "first the new scene, then what is drawn on it"


def test_nothing_waits_once_the_node_ends() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "begin")
    for n in range(3):
        stand.do(desk, "pointer", points=((float(n), 1.0),))
    stand.shows.close()
    assert all(timer.cancelled for timer in stand.timers)


# ------------------------------------------------------------------ with people


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.gate.close()


def seated(site: Site, stand: Stand, person: str, *, kind: str = "desk") -> Visit:
    visit = stand.visit(kind)
    visit.seat, _ = site.gate.sessions.begin(person, kind=kind, wall=kind == "wall", now_ns=site.gate.steady.now_ns())
    return visit


def peopled(site: Site, folder: Path) -> Stand:
    hub = Hub()
    hub.put("s", [Area(id=id_, parent=parent) for id_, parent in PARENTS.items()])
    guard = Guard(site.gate, SecurityOffice(folder, site.gate, site.key), hub, lambda _intent: None)
    return Stand(guard, hub)


def test_a_person_presents_as_themselves_where_they_may_and_it_is_written_down(site: Site, tmp_path: Path) -> None:
    stand = peopled(site, tmp_path)
    stand.wall(controller="")
    south, wall, north = (seated(site, stand, who) for who in ("gas", "wall-1", "north"))
    for stranger in (south, wall):
        stand.do(stranger, "begin")
    assert not stand.rooms.told
    assert all(refusals(stranger) for stranger in (south, wall))
    stand.do(north, "begin", by="p.li")
    assert stand.standing.by == "north"
    stand.do(north, "end")
    written = [entry for entry in site.entries if entry.what is Audited.PRESENTED]
    assert [(e.person, e.entity, e.reason) for e in written] == [
        ("north", "wall:hall", "begin"), ("north", "wall:hall", "ended"),
    ]  # fmt: skip


def test_a_locked_screen_presents_nothing_and_a_session_that_ends_is_waited_for(site: Site, tmp_path: Path) -> None:
    stand = peopled(site, tmp_path)
    stand.wall(controller="north")
    desk = seated(site, stand, "north")
    stand.do(desk, "begin")
    assert desk.seat is not None
    site.gate.sessions.lock(desk.seat.number)
    stand.do(desk, "pointer", points=((1.0, 1.0),))
    assert stand.ops() == []
    assert refusals(desk) == ["大屏规则：席位已锁定"]
    desk.seat = None
    stand.go(1.0)
    stand.do(desk, "pointer", points=((1.0, 1.0),))
    assert stand.ops() == []
    stand.go(ABSENT_S + 1)
    assert stand.standing.by == ""


def test_a_right_that_is_taken_away_ends_it(site: Site, tmp_path: Path) -> None:
    stand = peopled(site, tmp_path)
    stand.wall(controller="north")
    desk = seated(site, stand, "north")
    stand.do(desk, "begin")
    scene = Scene(number=1, layout="", title=Text(""))
    stand.hub.put("j", [Wall(id="hall", scene=scene, controller="north", area="south")])
    stand.go(1.0)
    assert stand.standing.by == ""


def test_refusals_name_the_wall_and_what_was_tried() -> None:
    stand = Stand()
    desk = stand.visit()
    stand.do(desk, "clear")
    out: Any = desk.outbox
    assert msgspec.convert({k: v for k, v in out.sent[-1].items() if k != "m"}, PresentRefused).op == "clear"
