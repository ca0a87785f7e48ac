"""Where several feeds bring a sensor, each of its samples is taken once."""

from __future__ import annotations

import pytest

from console.api import Area, Entity, Sensor
from console.wire.frames import Handles
from tests.unit.client.told import NOW, Told


def test_of_overlapping_feeds_each_sample_is_taken_once() -> None:
    told = Told("a", "b")
    told.connect("a", "b", feeds=(1, 2))
    for i in range(4):
        told.batch([(0, NOW + i, float(i), 0), (1, NOW + i, float(i), 0)], feed=1)
        told.batch([(0, NOW + i, float(i), 0)], feed=2)
    assert told.values("a") == [0.0, 1.0, 2.0, 3.0]
    told.replica.feed_ends(1)
    told.batch([(0, NOW + 9, 9.0, 0)], feed=2)
    told.batch([(1, NOW + 9, 9.0, 0)], feed=1)
    assert told.last("a") == (NOW + 9, 9.0)
    assert told.last("b") == (NOW + 3, 3.0), "what an ended feed still had under way is not taken"


@pytest.mark.parametrize("changed", [Sensor(id="a", area="elsewhere"), Area(id="elsewhere", parent="root")])
def test_a_sensor_that_moves_to_another_feed_goes_on(changed: Entity) -> None:
    told = Told("a")
    told.connect("a", feeds=(1, 2))
    told.batch([(0, NOW, 1.0, 0)], feed=1)
    told.put(changed)
    told.batch([(0, NOW + 1, 2.0, 0)], feed=2)
    assert told.last("a") == (NOW + 1, 2.0)


def test_after_a_cut_a_resumed_feed_goes_on_with_its_sensors_and_none_comes_twice() -> None:
    told = Told("a", "b")
    told.connect("a", "b", feeds=(1, 2))
    told.put(Sensor(id="a"), Sensor(id="b"))
    told.batch([(0, NOW, 0.0, 0), (1, NOW, 0.0, 0)], feed=1)
    told.batch([(0, NOW + 1, 1.0, 0), (1, NOW + 1, 1.0, 0)], feed=1)
    told.connect("a", "b", feeds=(1, 2))
    told.put(Sensor(id="a"), Sensor(id="b"), full=True)
    told.batch([(0, NOW + 1, 1.0, 0)], feed=2)  # of feed 2 the cut left out what feed 1 had brought already
    told.batch([(0, NOW + 2, 2.0, 0)], feed=2)
    told.batch([(0, NOW + 2, 2.0, 0), (1, NOW + 2, 2.0, 0)], feed=1)
    assert told.values("a") == [0.0, 1.0, 2.0]
    assert told.values("b") == [0.0, 1.0, 2.0]


def test_a_sensor_that_changed_during_the_cut_may_come_by_another_feed() -> None:
    told = Told("a")
    told.connect("a", feeds=(1, 2))
    told.put(Sensor(id="a", area="x"))
    told.batch([(0, NOW, 0.0, 0)], feed=1)
    told.replica.begin()
    told.replica.take_handles(Handles(first=0, ids=("a",)))
    told.put(Sensor(id="a", area="y"))
    told.replica.feed_begins(1, 1)
    told.replica.feed_begins(2, 2)
    told.batch([(0, NOW, 0.0, 0), (0, NOW + 1, 1.0, 0)], feed=2)
    assert told.values("a") == [0.0, 1.0], "and what the other feed had brought is not taken again"


def test_a_feed_of_every_sample_takes_over_from_one_that_may_leave_some_out() -> None:
    told = Told("a")
    told.replica.feed_begins(2, 2, "every")
    told.batch([(0, NOW, 0.0, 0)], feed=1)
    told.batch([(0, NOW, 0.0, 0)], feed=2)
    told.batch([(0, NOW + 1, 1.0, 0)], feed=2)
    told.batch([(0, NOW + 1, 1.0, 0)], feed=1)
    assert told.values("a") == [0.0, 1.0]
    told.replica.feed_ends(2)
    told.batch([(0, NOW + 2, 2.0, 0)], feed=1)
    assert told.values("a") == [0.0, 1.0, 2.0]


def test_the_same_ids_in_the_same_order_take_a_short_way_that_ends_when_something_changes() -> None:
    told = Told("a", "b")
    for i in range(3):
        told.batch([(0, NOW + i, float(i), 0), (1, NOW + i, float(i), 0)])
    told.connect("b", "a")
    told.batch([(0, NOW + 3, 3.0, 0), (1, NOW + 3, -3.0, 0)])
    assert told.values("a") == [0.0, 1.0, 2.0, -3.0]
    told.replica.feed_ends(1)
    told.batch([(0, NOW + 4, 4.0, 0), (1, NOW + 4, 4.0, 0)])
    assert told.values("b") == [0.0, 1.0, 2.0, 3.0]
