"""A selected incident is ringed on the map: by its own alarms, else at its place."""

from __future__ import annotations

import pytest

from console.api import Alarm, AlarmState, Incident, Sensor, Text
from tests.fakes import FakeHost
from widgets.map import feed
from widgets.map.scene import Scene

LAYERS = frozenset({"alarms", "posts", "units", "places"})


@pytest.fixture
def host() -> FakeHost:
    """Two alarms, and an incident that one of them belongs to."""
    host = FakeHost()
    host.put(
        Sensor(id="a", name=Text("甲"), lon=108.9, lat=34.3),
        Sensor(id="b", name=Text("乙"), lon=108.8, lat=34.2),
        Alarm(id="alarm:a", sensor="a", priority=1, state=AlarmState.UNACKNOWLEDGED),
        Alarm(id="alarm:b", sensor="b", priority=2, state=AlarmState.UNACKNOWLEDGED),
        Incident(id="i", number="0718-03", title=Text("超保证水位"), lon=108.7, lat=34.1, sensors=("b",)),
        Incident(id="j", number="0718-04", title=Text("树木倒伏"), lon=108.6, lat=34.4),
        Incident(id="k", number="0718-05", title=Text("不知何处")),
    )
    return host


def ringed(host: FakeHost) -> list[str]:
    """What bears the ring of the selection."""
    return [mark.ref for mark in Scene(host).marks(LAYERS, 2) if mark.bits & feed.SELECTED]


def test_its_own_alarm_bears_the_ring(host: FakeHost) -> None:
    host.selection = "incident:i"
    assert ringed(host) == ["sensor:b"]


def test_without_an_alarm_its_place_does(host: FakeHost) -> None:
    host.selection = "incident:j"
    assert ringed(host) == ["incident:j"]


@pytest.mark.parametrize("selection", ["incident:k", "incident:unknown", ""])
def test_what_has_no_place_has_no_ring(host: FakeHost, selection: str) -> None:
    host.selection = selection
    assert ringed(host) == []
