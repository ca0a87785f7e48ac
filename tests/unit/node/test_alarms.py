"""Alarms from limits: what raises, worsens, clears and acknowledges them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Alarm, AlarmState, ChannelKind, Columns, Limit, Quality, RefusedError, Sensor
from console.node.alarms import KEEP_ENDED, Alarms
from console.node.hub import Hub
from tests.acknowledging import acknowledge

T0 = 1_700_000_000_000_000_000
SECOND = 10**9


class City:
    """One hub, its alarms and a clock that the test moves."""

    def __init__(self, *limits: Limit, sensors: int = 1) -> None:
        self.now = T0
        self.hub = Hub(clock=lambda: self.now)
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.hub.put("s", [Sensor(id=f"s{i}", limits=limits) for i in range(sensors)])
        self.alarms.learn()

    def feed(self, value: float, quality: Quality = Quality.GOOD, handle: int = 0) -> None:
        """One sample, a second later."""
        self.now += SECOND
        columns = Columns(
            t_ns=np.array([self.now]),
            v=np.array([value]),
            q=np.array([quality], np.uint8),
            ids=np.array([handle], np.uint32),
        )
        self.hub.samples(ChannelKind.SCALAR, columns)

    @property
    def alarm(self) -> Alarm | None:
        """The first sensor's alarm."""
        found = self.hub.entities.get("alarm", {}).get("alarm:s0")
        assert found is None or isinstance(found, Alarm)
        return found

    @property
    def state(self) -> str:
        """Its ISA-18.2 letter, "-" for none."""
        return self.alarm.state.value if self.alarm else "-"


HIGH = Limit(priority=2, value=10.0, hysteresis=1.0)
WORSE = Limit(priority=1, value=20.0, hysteresis=1.0)
LOW = Limit(priority=1, value=0.2, high=False, hysteresis=0.02)


def test_crossing_raises_and_hysteresis_holds_until_well_below() -> None:
    city = City(HIGH)
    states = []
    for value in (9.9, 10.0, 9.5, 8.9):
        city.feed(value)
        states.append(city.state)
    assert states == ["-", "B", "B", "D"]


def test_a_low_limit_works_downwards() -> None:
    city = City(LOW)
    city.feed(0.25)
    assert city.state == "-"
    city.feed(0.08)
    assert city.state == "B"
    assert city.alarm is not None
    assert city.alarm.priority == 1
    assert city.alarm.value == 0.08


def test_acknowledge_then_clear_is_normal_and_worsening_asks_again() -> None:
    city = City(HIGH, WORSE)
    city.feed(11)
    acknowledge(city.alarms, "alarm:s0", "李")
    assert city.state == "C"
    city.feed(21)
    assert city.state == "B"
    assert city.alarm is not None
    assert city.alarm.priority == 1
    acknowledge(city.alarms, "alarm:s0", "李")
    city.feed(5)
    assert city.state == "A"
    with pytest.raises(RefusedError, match="李 has acknowledged"):
        acknowledge(city.alarms, "alarm:s0", "李")


def test_returned_unacknowledged_waits_for_a_person() -> None:
    city = City(HIGH)
    city.feed(11)
    city.feed(1)
    assert city.state == "D"
    acknowledge(city.alarms, "alarm:s0", "李")
    assert city.state == "A"


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.LATE, Quality.CLOCK])
def test_a_sample_not_to_be_trusted_raises_nothing(quality: Quality) -> None:
    city = City(HIGH)
    city.feed(99, quality)
    assert city.state == "-"


def test_nan_and_infinity_raise_nothing() -> None:
    city = City(HIGH)
    city.feed(float("nan"))
    city.feed(float("inf"))
    assert city.state == "-"


def test_a_delay_needs_the_condition_to_last() -> None:
    city = City(Limit(priority=3, value=10.0, delay_s=2.0))
    city.feed(11)
    city.feed(1)
    city.feed(11)
    city.feed(11)
    assert city.state == "-"
    city.feed(11)
    assert city.state == "B"


def test_learning_more_sensors_keeps_what_holds() -> None:
    city = City(HIGH)
    city.feed(11)
    city.hub.put("s", [Sensor(id="more", limits=(HIGH,))])
    city.alarms.learn()
    city.feed(11)
    assert city.state == "B"


def test_learning_more_sensors_keeps_a_delay_running() -> None:
    city = City(Limit(priority=3, value=10.0, delay_s=2.0))
    for i in range(3):
        assert city.state == "-"
        city.feed(11)
        city.hub.put("s", [Sensor(id=f"more{i}", limits=(HIGH,))])
        city.alarms.learn()
    assert city.state == "B"


def test_limits_that_change_while_an_alarm_holds_are_judged_anew() -> None:
    city = City(HIGH)
    city.feed(11)
    city.hub.put("s", [Sensor(id="s0", limits=(Limit(priority=2, value=50.0),))])
    city.alarms.learn()
    city.feed(11)
    assert city.state == "D"


def test_a_storm_of_alarms_is_judged_at_once_and_sensors_may_come_one_by_one() -> None:
    n = 5_000
    city = City(HIGH, WORSE, sensors=n)
    for i in range(n):
        city.hub.put("s", [Sensor(id=f"one{i}", limits=(HIGH,))])
        city.alarms.learn()
    columns = Columns(
        t_ns=np.full(n, T0), v=np.full(n, 25.0), q=np.zeros(n, np.uint8), ids=np.arange(n, dtype=np.uint32)
    )
    started = time.process_time()
    city.hub.samples(ChannelKind.SCALAR, columns)
    assert time.process_time() - started < 2.0
    assert len(city.hub.entities["alarm"]) == n
    assert city.alarm is not None
    assert (city.alarm.priority, city.alarm.limit) == (1, 1)


def test_a_peak_among_samples_that_come_together_is_seen() -> None:
    city = City(HIGH, sensors=2)
    values = [[1.0, 1.0, 30.0, 12.0, 1.0], [1.0, 2.0, 3.0, 2.0, 11.0]]
    columns = Columns(
        t_ns=np.tile(T0 + np.arange(5), 2),
        v=np.concatenate(values),
        q=np.zeros(10, np.uint8),
        ids=np.repeat(np.arange(2, dtype=np.uint32), 5),
    )
    city.hub.samples(ChannelKind.SCALAR, columns)
    assert city.alarm is not None
    assert (city.alarm.state, city.alarm.value, city.alarm.raised_ns) == (AlarmState.RETURNED, 30.0, T0 + 2)
    other = city.hub.entities["alarm"]["alarm:s1"]
    assert isinstance(other, Alarm)
    assert (other.state, other.value) == (AlarmState.UNACKNOWLEDGED, 11.0)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=12))
def test_samples_together_raise_what_samples_one_by_one_raise(values: list[float]) -> None:
    together, alone = City(HIGH, WORSE, LOW), City(HIGH, WORSE, LOW)
    n = len(values)
    columns = Columns(t_ns=T0 + np.arange(n), v=np.array(values), q=np.zeros(n, np.uint8), ids=np.zeros(n, np.uint32))
    together.hub.samples(ChannelKind.SCALAR, columns)
    for value in values:
        alone.feed(value)
    assert (together.alarm is None) == (alone.alarm is None)


def test_only_the_last_ended_alarms_stay_known() -> None:
    city = City(HIGH, sensors=KEEP_ENDED + 5)
    for handle in range(KEEP_ENDED + 5):
        city.feed(11, handle=handle)
        acknowledge(city.alarms, f"alarm:s{handle}", "李")
        city.feed(1, handle=handle)
    assert len(city.hub.entities["alarm"]) == KEEP_ENDED
    with pytest.raises(RefusedError, match="no alarm"):
        acknowledge(city.alarms, "alarm:s0", "李")


def test_the_alarm_of_a_dropped_sensor_ends_and_is_raised_anew_when_the_sensor_comes_back() -> None:
    city = City(HIGH, sensors=2)
    city.feed(15.0)
    city.feed(15.0, handle=1)
    acknowledge(city.alarms, "alarm:s1", "duty")
    city.hub.drop(Sensor, ["s0", "s1"])
    assert city.state == "A"
    ended = city.hub.entities["alarm"]["alarm:s1"]
    assert isinstance(ended, Alarm)
    assert (ended.state, ended.ended_ns) == (AlarmState.NORMAL, city.now)
    city.feed(15.0)
    assert city.state == "A", "what a source still says of a sensor that is gone is not judged"
    city.hub.put("s", [Sensor(id="s0", limits=(HIGH,))])
    city.alarms.learn()
    city.feed(15.0)
    assert city.state == "B"
    city.hub.drop(Sensor, ["unknown"])


@pytest.mark.parametrize("ago_s", [3600, 90])
def test_what_a_source_brings_late_raises_nothing_and_the_present_after_it_does(ago_s: int) -> None:
    now_ns = 1_900_000_000 * 10**9
    hub = Hub(lambda: now_ns)
    alarms = Alarms(hub)
    hub.on_samples = alarms.observe
    hub.put("s", [Sensor(id="x", stale_after_s=30, limits=(Limit(priority=1, value=10.0),))])
    alarms.learn()

    def say(t_ns: int) -> None:
        one = Columns(t_ns=np.array([t_ns]), v=np.array([12.0]), q=np.zeros(1, np.uint8), ids=np.zeros(1, np.uint32))
        hub.samples(ChannelKind.SCALAR, one)

    say(now_ns - ago_s * 10**9)
    assert not hub.entities.get("alarm")
    say(now_ns)
    assert list(hub.entities["alarm"]) == ["alarm:x"]


def test_an_alarm_names_the_open_incident_that_came_of_it_from_before_it_is_known_until_that_is_over() -> None:
    city = City(HIGH)
    city.alarms.belongs("alarm:s0", "inc")  # as the journal has it, before the first sample of this run
    city.feed(12)
    assert city.alarm is not None
    assert city.alarm.incident == "inc"
    city.feed(5)
    assert city.alarm.incident == "inc"
    city.alarms.belongs("alarm:s0", "")
    assert city.alarm.incident == ""
