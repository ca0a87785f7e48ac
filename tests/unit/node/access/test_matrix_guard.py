"""The matrix through what the gateway asks: every act, every thing shown, against the oracle of the written rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.api import Alarm, Area, Board, Camera, Entity, Hazard, Incident, Resource, Sensor
from console.node.access.actions import Action
from console.node.access.office import SecurityOffice
from console.node.access.sessions import Session
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.intents import Asked
from console.wire.frames import Intent
from tests.unit.node.access.site import PARENTS, PEOPLE, POLICY, Site
from tests.unit.node.access.test_matrix import AREAS, BOARDS, TOPICS, oracle

PLACED: tuple[type[Any], ...] = (Sensor, Incident, Hazard, Camera, Resource)
HOUR_S = 3600.0


class Room:
    """A guard at a hub with the areas of the site; `pairs` is what the next act asks for."""

    def __init__(self, folder: Path, *, own: str = "", expired: bool = False) -> None:
        self.site = Site(folder, own_area=own)
        if expired:
            self.site.clocks.go(POLICY.valid_h * HOUR_S + 1)
        self.hub = Hub()
        self.hub.put("s", [Area(id=id_, parent=parent) for id_, parent in PARENTS.items()])
        self.asked = Asked(Action.VIEW)
        gate = self.site.gate
        office = SecurityOffice(folder, gate, None)
        self.guard = Guard(gate, office, self.hub, lambda _intent: self.asked)
        self.guard.tick()

    def session(self, name: str) -> Session:
        wall = any(person.id == name and person.wall for person in PEOPLE)
        session = self.site.gate.certified(name, f"serial-{name}", kind="wall" if wall else "desk").session
        assert session is not None
        return session


@pytest.mark.parametrize(("own", "expired", "every"), [("", False, 2), ("north", True, 7)])
def test_no_act_is_let_through_or_held_back_against_the_rules(
    own: str, expired: bool, every: int, tmp_path: Path
) -> None:
    """Every second and every seventh combination (steps that fall on all values): rights alone are asked for each."""
    room = Room(tmp_path, own=own, expired=expired)
    act = Intent(id="i", name="any", entity="e", actor="e")
    pairs = 0
    for person in PEOPLE:
        session = room.session(person.id)
        for action, area, board, topic in [*itertools.product(Action, AREAS, BOARDS, TOPICS)][::every]:
            room.asked = Asked(action, area, board, topic, f"{topic}:1")
            answer = room.guard.act(act, session)
            due = oracle(person.id, action.value, area, board, topic, expired=expired, own=own, glass=False)
            assert (answer is None) is (due != "refused"), (person.id, action, area, board, topic)
            assert answer is None or (answer.state == "refused" and answer.reason.zh and answer.reason.en)
            pairs += 1
    assert pairs >= 10_000
    room.site.gate.close()


def things() -> Iterator[tuple[Entity, str, Board | None]]:
    """A thing of each class that has a place, in each area and on each board, and where it is; alarms of sensors."""
    for cls, area, board in itertools.product(PLACED, AREAS, BOARDS):
        where = {"id": f"{cls.CLS}-{area}-{board}", "area": area}
        if "board" in cls.__struct_fields__:
            yield cls(**where, board=board), area, board
        elif board is None:
            yield cls(**where), area, None
    for area, board in itertools.product(AREAS, BOARDS):
        yield Alarm(id=f"alarm-{area}-{board}", sensor=f"sensor-{area}-{board}"), area, board


@pytest.mark.parametrize(("own", "expired"), [("", False), ("north", True)])
def test_nobody_is_shown_more_or_less_than_the_rules_say(own: str, expired: bool, tmp_path: Path) -> None:
    room = Room(tmp_path, own=own, expired=expired)
    known = list(things())
    room.hub.put("s", [thing for thing, _, _ in known])
    shown = 0
    for person in PEOPLE:
        scope = room.guard.scope(room.session(person.id))
        for thing, area, board in known:
            due = oracle(person.id, "view", area, board, thing.CLS, expired=expired, own=own, glass=False)
            sees = scope is None or scope.sees(thing, room.hub.entities)
            assert sees is (due != "refused"), (person.id, thing)
            shown += sees
    assert shown > 100
    room.site.gate.close()


def test_who_is_not_in_the_policy_does_not_even_come_in(tmp_path: Path) -> None:
    admitted = Room(tmp_path).site.gate.certified("stranger", "serial")
    assert admitted.session is None
    assert admitted.reason.zh
