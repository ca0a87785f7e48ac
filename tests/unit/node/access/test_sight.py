"""What somebody is shown, as one value, against what they would be allowed thing by thing."""

from __future__ import annotations

import itertools

import pytest

from console.api import Board
from console.node.access.actions import Action
from console.node.access.glass import Glass
from console.node.access.rights import Rights
from tests.unit.node.access.site import PARENTS, PEOPLE, POLICY

AREAS = ("", "area", "north", "south", "n1", "n2", "s1", "front", "elsewhere")
BOARDS = (None, *Board)
TOPICS = ("", "alarm", "sensor", "incident", "person")
NAMES = (*(person.id for person in PEOPLE), "stranger")


def rights(*, own: str, expired: bool, broken: bool) -> Rights:
    glass = Glass()
    made = Rights(POLICY, PARENTS, own_area=own, expires_ns=5 if expired else 1 << 60, glass=glass)
    for name in NAMES if broken else ():
        made.break_glass(name, "a reason in words", 1)
    return made


@pytest.mark.parametrize("own", ["", "north"])
@pytest.mark.parametrize("expired", [False, True])
@pytest.mark.parametrize("broken", [False, True])
def test_the_same_is_shown_as_may_be_viewed(own: str, *, expired: bool, broken: bool) -> None:
    made = rights(own=own, expired=expired, broken=broken)
    shown = 0
    for name in NAMES:
        sight = made.sight(name, 10)
        for area, board, topic in itertools.product(AREAS, BOARDS, TOPICS):
            may = made.may(name, Action.VIEW, area, board, topic, now_ns=10).may
            assert sight.shows(made.above(area), board, topic) is may, (name, area, board, topic)
            assert may or not sight.whole, (name, area, board, topic)
            shown += may
    assert shown


@pytest.mark.parametrize("expired", [False, True])
@pytest.mark.parametrize("broken", [False, True])
def test_a_console_is_never_told_less_than_the_node_allows(*, expired: bool, broken: bool) -> None:
    made = rights(own="north", expired=expired, broken=broken)
    for name in NAMES:
        allowances = made.allowances(name, 10)
        for action, area in itertools.product(Action, AREAS):
            if made.may(name, action, area, now_ns=10).may:
                assert not made.above(area).isdisjoint(allowances.get(action.value, ())), (name, action, area)
        assert set(allowances) <= {action.value for action in Action}


def test_who_sees_the_same_has_the_same_sight_whoever_they_are() -> None:
    made = rights(own="", expired=False, broken=False)
    assert made.sight("duty", 10) == made.sight("wall-1", 10)
    assert made.sight("duty", 10).whole
    assert made.sight("north", 10) == made.sight("trainee", 10), "what one may not close one may see"
    assert made.sight("north", 10) != made.sight("gas", 10)
    assert not made.sight("stranger", 10).areas
