"""Every person, area, board, topic and action against an oracle that was written from docs/adr/0013-access.md alone."""

from __future__ import annotations

import itertools

import pytest

from console.api import Board
from console.node.access.actions import Action
from console.node.access.glass import Glass
from console.node.access.policy import Grant
from console.node.access.rights import Rights
from console.node.access.verdict import Leave
from tests.unit.node.access.site import PARENTS, PEOPLE, POLICY

AREAS = ("", "area", "north", "south", "n1", "n2", "s1", "front", "elsewhere")
BOARDS = (None, *Board)
TOPICS = ("", "alarm", "sensor", "incident", "person")
NAMES = (*(p.id for p in PEOPLE), "stranger")
EMERGENCY = {
    *("view", "acknowledge", "shelve", "incident.report", "incident.verify", "incident.grade", "incident.respond"),
    *("incident.control", "incident.send_report", "order.issue", "order.receipt", "consult.open", "consult.speak"),
    *("warning.issue", "handover", "camera.steer", "break_glass"),
}
ADMINISTRATION = ("people.", "policy.", "audit.", "system.")
NOT_BY_GLASS = {"break_glass", "export", "limits", "wall.rule"}


def inside(area: str, top: str) -> bool:
    """Rule: an area is inside itself, inside all above it, and everything is inside the whole site."""
    while True:
        if area == top or top == "":
            return True
        if area not in PARENTS:
            return False
        area = PARENTS[area]
        if area == "":
            return False


def given(name: str) -> list[tuple[str, str]]:
    found = next(p for p in PEOPLE if p.id == name)
    pairs = [(a.role, a.area) for a in found.roles]
    for seat in found.seats:
        pairs += [(s.role, s.area) for s in POLICY.seats if s.id == seat]
    return pairs


def meant(grants: tuple[Grant, ...], action: str, board: Board | None, topic: str) -> bool:
    for grant in grants:
        if action in [a.value for a in grant.actions]:
            board_fits = len(grant.boards) == 0 or (board is not None and board in grant.boards)
            topic_fits = len(grant.topics) == 0 or topic in grant.topics
            if board_fits and topic_fits:
                return True
    return False


def oracle(
    name: str, action: str, area: str, board: Board | None, topic: str, *, expired: bool, own: str, glass: bool
) -> str:
    """allowed, allowed_emergency or refused; slow, plain, and without a look at how the product does it."""
    if name not in [p.id for p in PEOPLE]:
        return "refused"
    roles = {r.id: r for r in POLICY.roles}
    pairs = given(name)
    is_wall = next(p for p in PEOPLE if p.id == name).wall or any(roles[r].view_only for r, _ in pairs)
    if is_wall and action != "view":
        return "refused"
    denied = any(inside(area, a) and meant(roles[r].deny, action, board, topic) for r, a in pairs)
    allowed = any(inside(area, a) and meant(roles[r].allow, action, board, topic) for r, a in pairs)
    usual = allowed and not denied
    administers = any(
        a.value.startswith(ADMINISTRATION) for r, _ in pairs for grant in roles[r].allow for a in grant.actions
    )
    by_glass = (
        glass
        and not usual
        and not is_wall
        and not administers
        and not action.startswith(ADMINISTRATION)
        and action not in NOT_BY_GLASS
        and any(inside(area, a) for r, a in pairs if roles[r].allow)
    )
    if not usual and not by_glass:
        return "refused"
    if expired and not (action in EMERGENCY and inside(area, own)):
        return "refused"
    return "allowed_emergency" if expired or by_glass else "allowed"


@pytest.mark.parametrize(
    ("expired", "own", "glass"),
    [(False, "", False), (False, "north", True), (True, "", False), (True, "north", False), (True, "n1", True)],
)
def test_nobody_may_more_or_less_than_the_rules_say(expired: bool, own: str, glass: bool) -> None:
    broken = Glass()
    rights = Rights(POLICY, PARENTS, own_area=own, expires_ns=0 if expired else 1 << 60, glass=broken)
    if glass:
        for name in NAMES:
            broken.broken(name, 0, 30)  # as if everybody could: what it gives is judged, not whether it breaks
    pairs = 0
    for name, action, area, board, topic in itertools.product(NAMES, Action, AREAS, BOARDS, TOPICS):
        found = rights.may(name, action, area, board, topic, now_ns=1).leave.value
        expected = oracle(name, action.value, area, board, topic, expired=expired, own=own, glass=glass)
        pairs += 1
        assert found == expected, (name, action, area, board, topic)
    assert pairs >= 10_000


@pytest.mark.parametrize("name", ["wall-1", "bare_wall", "half_wall"])
@pytest.mark.parametrize("expires_ns", [0, 1 << 60])
def test_a_wall_can_never_command(name: str, expires_ns: int) -> None:
    glass = Glass()
    glass.broken(name, 0, 30)
    rights = Rights(POLICY, PARENTS, own_area="", expires_ns=expires_ns, glass=glass)
    for action, area, board, topic in itertools.product(Action, AREAS, BOARDS, TOPICS):
        if action is not Action.VIEW:
            assert rights.may(name, action, area, board, topic, now_ns=1).leave is Leave.REFUSED


def test_without_a_policy_nothing_is_allowed() -> None:
    rights = Rights(None, PARENTS, own_area="", expires_ns=1 << 60, glass=Glass())
    assert {rights.may("duty", a, "", now_ns=1).rule for a in Action} == {"no_policy"}


def test_parents_in_a_circle_end() -> None:
    rights = Rights(POLICY, {"north": "n1", "n1": "north"}, own_area="", expires_ns=1 << 60, glass=Glass())
    assert rights.may("north", Action.VIEW, "n1", now_ns=1).may
    assert not rights.may("gas", Action.VIEW, "n1", Board.LIFELINE, "alarm", now_ns=1).may
