"""The ISA-18.2 table, held against the transitions that the standard's text words."""

from __future__ import annotations

import pytest

from console.api import AlarmState
from console.rules.alarm import TRANSITIONS, AlarmEvent, after


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        ("A", "raised", "B"),
        ("B", "acknowledged", "C"),
        ("B", "cleared", "D"),
        ("C", "cleared", "A"),
        ("C", "worsened", "B"),
        ("D", "acknowledged", "A"),
        ("D", "raised", "B"),
        ("A", "shelved", "E"),
        ("B", "shelved", "E"),
        ("E", "unshelved_active", "C"),
        ("E", "shelf_ended_active", "B"),
        ("E", "unshelved_normal", "A"),
        ("C", "suppressed", "F"),
        ("F", "released_active", "B"),
        ("F", "released_normal", "A"),
        ("E", "removed", "G"),
        ("G", "returned_active", "B"),
        ("G", "returned_normal", "A"),
    ],
)
def test_transition(state: str, event: str, expected: str) -> None:
    assert after(AlarmState(state), AlarmEvent(event)) is AlarmState(expected)


@pytest.mark.parametrize(("state", "event"), [("A", "acknowledged"), ("C", "acknowledged"), ("A", "cleared")])
def test_an_event_that_means_nothing_changes_nothing(state: str, event: str) -> None:
    assert after(AlarmState(state), AlarmEvent(event)) is None


def test_every_state_can_be_left_and_reached() -> None:
    assert {s for s, _ in TRANSITIONS} == set(AlarmState)
    assert set(TRANSITIONS.values()) == set(AlarmState)
