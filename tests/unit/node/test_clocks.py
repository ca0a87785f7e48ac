"""Sensor clocks: which are called wrong, which are not, and that nobody is judged by a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from console.api import NS, Alarm, ChannelKind, Columns, Limit, Quality, Selector, Sensor
from console.node.alarms import Alarms
from console.node.clocks import KEY
from console.node.feeds import Feed, Parcel
from console.node.hub import Hub

START = 1_700_000_000 * NS
HOUR = 3600 * NS


class Street:
    """A hub with a clock of its own and three sensors; the third may be silent for ten minutes."""

    def __init__(self) -> None:
        self.now = START
        self.flags: list[int] = []
        self.hub = Hub(clock=lambda: self.now)
        limits = (Limit(priority=1, value=100.0),)
        self.hub.put("s", [Sensor(id=i, limits=limits) for i in "ab"])
        self.hub.put("s", [Sensor(id="c", limits=limits, stale_after_s=600.0)])
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe

    def says(self, id_: str, *t_ns: int, value: float = 1.0, q: int = 0) -> None:
        """Samples of one sensor, as one batch."""
        n = len(t_ns)
        ids = np.full(n, self.hub.handles[id_], np.uint32)
        columns = Columns(t_ns=np.array(t_ns), v=np.full(n, value), q=np.full(n, q, np.uint8), ids=ids)
        self.hub.samples(ChannelKind.SCALAR, columns)
        self.flags.append(self.hub.last(self.hub.handles[id_])[2])

    def goes_on(self, id_: str, lag_ns: int, seconds: int, value: float = 1.0, pace: float = 1.0) -> None:
        """A sample a second, as late as said."""
        begun = self.now
        for _ in range(seconds):
            self.now += NS
            self.says(id_, begun - lag_ns + int((self.now - begun) * pace), value=value)

    @property
    def told(self) -> str:
        """Sensors that the notice names."""
        notice = self.hub.notices.get(KEY)
        return notice.detail if notice is not None else ""


def test_a_clock_an_hour_ahead_is_flagged_told_and_never_judged_until_it_is_right_again() -> None:
    street = Street()
    street.says("a", START + HOUR, value=500.0)
    assert street.flags[-1] & Quality.CLOCK
    assert street.told == "a"
    assert not street.hub.entities.get(Alarm.CLS)
    street.goes_on("a", 0, 3, value=500.0)
    assert not street.flags[-1] & Quality.CLOCK
    assert street.told == ""
    assert street.hub.entities[Alarm.CLS], "a right clock is judged"


def test_a_clock_that_is_right_again_at_once_is_not_called_wrong_for_good() -> None:
    street = Street()
    street.says("a", START + HOUR)
    street.now += NS // 2
    street.says("a", street.now)
    street.goes_on("a", 0, 3)
    assert street.told == ""


def test_a_clock_that_is_steadily_behind_is_flagged_after_some_seconds_and_not_judged_from_then_on() -> None:
    street = Street()
    street.goes_on("a", HOUR, 15)
    assert street.flags[0] == Quality.LATE, "until then it may just be late"
    assert street.flags[-1] & Quality.CLOCK
    assert street.told == "a"
    street.goes_on("a", HOUR, 3, value=500.0)
    assert not street.hub.entities.get(Alarm.CLS)
    street.goes_on("a", 0, 3)
    assert street.flags[-1] == 0
    assert street.told == ""


def test_a_sensor_that_may_be_silent_for_long_may_lag_for_long() -> None:
    street = Street()
    street.goes_on("c", 500 * NS, 30)
    assert set(street.flags) == {0}
    street.goes_on("c", 700 * NS, 30)
    assert street.told == "c"


@pytest.mark.parametrize("pace", [0.0, 60.0])
def test_history_brought_late_is_no_wrong_clock(pace: float) -> None:
    street = Street()
    street.goes_on("a", 10 * HOUR, 40, value=500.0, pace=pace)
    assert set(street.flags) == {Quality.LATE}
    assert street.told == ""
    assert not street.hub.entities.get(Alarm.CLS), "what is late raises no new alarm"


def test_who_brings_an_hour_at_once_ends_with_the_present_and_is_right() -> None:
    street = Street()
    for _ in range(8):
        street.now += HOUR
        street.says("a", *range(street.now - HOUR + 60 * NS, street.now + 1, 60 * NS))
    assert set(street.flags) == {0}
    assert street.told == ""


def test_late_samples_say_so_themselves() -> None:
    street = Street()
    for _ in range(20):
        street.now += NS
        street.says("a", street.now - HOUR, q=int(Quality.LATE))
    assert street.told == ""


def test_one_notice_names_the_first_and_counts_all() -> None:
    street = Street()
    street.hub.put("s", [Sensor(id=f"n{i}") for i in range(8)])
    for i in range(8):
        street.says(f"n{i}", START + HOUR)
    street.now += 2 * NS
    street.says("a", street.now)
    summary = street.hub.notices[KEY].summary.en
    assert "8 sensors" in summary
    assert "n0, n1" in summary
    assert "n7" not in summary
    street.hub.drop(Sensor, [f"n{i}" for i in range(8)])
    street.now += 2 * NS
    street.says("a", street.now)
    assert KEY not in street.hub.notices, "a sensor that is gone needs no clock"


class Times:
    """A reader that keeps what the parcels say of their times."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []

    def send(self, data: bytes) -> None:
        """Nothing."""

    def deliver(self, parcel: Parcel) -> None:
        """Keep the span."""
        self.spans.append((parcel.from_ns, parcel.to_ns))

    def forget(self, feed: Feed) -> None:
        """Nothing."""


def test_a_wrong_clock_does_not_stretch_what_a_gap_says_of_its_times() -> None:
    street, reader = Street(), Times()
    street.hub.subscribe(reader, Selector(), "every")
    street.says("a", START + 10**17)
    street.says("b", START - 5)
    street.hub.flush()
    assert reader.spans == [(START - 5, START)]
