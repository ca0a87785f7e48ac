"""The hub: who is told what, and encoded how often."""

from __future__ import annotations

import numpy as np
import pytest

from console.api import Area, ChannelKind, Columns, Notice, Quality, Selector, Sensor, Severity, Text
from console.node.hub import FLUSH_ROWS, Hub
from console.wire.codec import unpack_batch
from console.wire.frames import Batch, Entities, Handles, NoticeFrame
from tests.unit.node.hubs import NOW, Reader, numbers, sample, seen, three_sensors


@pytest.fixture
def hub() -> Hub:
    """Three sensors in two areas."""
    return three_sensors()


def test_a_new_reader_is_told_everything(hub: Hub) -> None:
    hub.notice(Notice(key="k", severity=Severity.INFO, summary=Text("话")))
    reader = Reader()
    hub.join(reader)
    assert [m.ids for m in reader.of(Handles) if isinstance(m, Handles)] == [("x", "y", "z")]
    assert {m.cls for m in reader.of(Entities) if isinstance(m, Entities)} == {"area", "sensor"}
    assert len(reader.of(NoticeFrame)) == 1


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), {"x", "y", "z"}),
        (Selector(area="root"), {"x", "y", "z"}),
        (Selector(area="b"), {"y", "z"}),
        (Selector(kinds=("flow",)), {"z"}),
        (Selector(area="b", kinds=("level",)), {"y"}),
        (Selector(ids=("x",)), {"x"}),
        (Selector(area="nowhere"), set()),
    ],
)
def test_a_selector_gets_its_sensors_and_no_other(hub: Hub, selector: Selector, expected: set[str]) -> None:
    reader = Reader()
    hub.subscribe(reader, selector, "latest")
    sample(hub, {"x": 1.0, "y": 2.0, "z": 3.0})
    hub.flush()
    assert set(seen(hub, reader)) == expected


def test_a_hundred_readers_of_one_selector_cost_one_encoding(hub: Hub) -> None:
    readers = [Reader() for _ in range(100)]
    feeds = {hub.subscribe(r, Selector(ids=("x",)), "latest")[0] for r in readers}
    sample(hub, {"x": 1.0})
    hub.flush()
    assert len(feeds) == 1
    assert feeds.pop().encodes == 1
    assert all(seen(hub, r) == {"x": 1.0} for r in readers)


def test_samples_of_one_flush_arrive_in_order_in_one_batch(hub: Hub) -> None:
    reader = Reader()
    hub.subscribe(reader, Selector(ids=("x",)), "latest")
    for i in range(5):
        sample(hub, {"x": float(i)}, NOW + i)
    hub.flush()
    (batch,) = reader.of(Batch)
    assert isinstance(batch, Batch)
    columns = unpack_batch(batch, 3)
    assert columns is not None
    assert columns.v.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_snapshot_holds_the_last_samples(hub: Hub) -> None:
    sample(hub, {"x": 1.0})
    sample(hub, {"x": 4.0}, NOW + 1)
    feed, _ = hub.subscribe(Reader(), Selector(), "latest")
    (batch,) = hub.snapshot(feed)
    columns = unpack_batch(batch, 3)
    assert columns is not None
    assert columns.v.tolist() == [4.0]
    assert batch.snapshot


def test_a_sensor_put_later_joins_the_feeds_that_match_it(hub: Hub) -> None:
    reader = Reader()
    hub.subscribe(reader, Selector(area="a"), "latest")
    hub.put("s", [Sensor(id="late", area="a")])
    sample(hub, {"late": 9.0})
    hub.flush()
    assert seen(hub, reader) == {"late": 9.0}


def test_a_claimed_time_far_ahead_is_flagged_and_an_old_sample_is_not_the_last(hub: Hub) -> None:
    sample(hub, {"x": 1.0}, NOW)
    sample(hub, {"x": 2.0}, NOW - 10)
    assert hub.last(0)[1] == 1.0
    sample(hub, {"y": 5.0}, NOW + 3600 * 10**9)
    assert hub.last(1)[2] & Quality.CLOCK


def test_unchanged_entities_are_not_sent_again_and_dropped_ones_are_told(hub: Hub) -> None:
    reader = Reader()
    hub.join(reader)
    hub.flush()
    reader.messages.clear()
    hub.put("s", [Area(id="a", parent="root")])
    hub.flush()
    assert reader.messages == []
    hub.drop(Area, ["a"])
    hub.flush()
    (frame,) = reader.messages
    assert isinstance(frame, Entities)
    assert frame.drop == ["a"]


def test_a_handle_nobody_put_is_refused(hub: Hub) -> None:
    with pytest.raises(IndexError, match="never put"):
        hub.samples(
            ChannelKind.SCALAR,
            Columns(t_ns=np.array([1]), v=np.array([1.0]), q=np.zeros(1, np.uint8), ids=np.array([99], np.uint32)),
        )


def test_a_sample_that_waits_when_a_reader_comes_reaches_it_once(hub: Hub) -> None:
    first, second = Reader(), Reader()
    hub.subscribe(first, Selector(), "latest")
    sample(hub, {"x": 1.0})
    feed, _ = hub.subscribe(second, Selector(), "latest")
    snapshot = hub.snapshot(feed)
    hub.flush()
    assert [batch.n for batch in snapshot] == [1]
    assert seen(hub, first) == {"x": 1.0}
    assert second.of(Batch) == []


def test_areas_put_after_their_sensors_and_readers_count(hub: Hub) -> None:
    reader = Reader()
    hub.subscribe(reader, Selector(area="later"), "latest")
    hub.put("s", [Sensor(id="w", area="below")])
    hub.put("s", [Area(id="later"), Area(id="below", parent="later"), Area(id="b", parent="later")])
    sample(hub, {"w": 1.0, "y": 2.0, "x": 3.0})
    hub.flush()
    assert seen(hub, reader) == {"w": 1.0, "y": 2.0}
    hub.drop(Sensor, ["w"])
    hub.drop(Area, ["b"])
    sample(hub, {"w": 8.0, "y": 9.0})
    hub.flush()
    assert seen(hub, reader) == {"w": 1.0, "y": 2.0}


def test_a_sensor_put_again_with_another_channel_forgets_what_it_said(hub: Hub) -> None:
    sample(hub, {"x": 1.0})
    hub.put("s", [Sensor(id="x", channel=ChannelKind.STATE)])
    feed, _ = hub.subscribe(Reader(), Selector(ids=("x",)), "latest")
    assert hub.snapshot(feed) == []
    state = Columns(t_ns=np.array([NOW - 5]), v=np.array([3.0]), q=np.zeros(1, np.uint8), ids=np.zeros(1, np.uint32))
    hub.samples(ChannelKind.STATE, state)
    (batch,) = hub.snapshot(feed)
    assert (batch.kind, batch.dtype) == ("state", "i4")


def test_a_claimed_time_far_ahead_keeps_no_later_sample_out(hub: Hub) -> None:
    sample(hub, {"x": 1.0}, NOW + 10**18)
    assert hub.last(0)[0] == NOW + 10**18
    sample(hub, {"x": 2.0}, NOW)
    assert hub.last(0) == (NOW, 2.0, 0)


def test_the_newest_is_last_even_when_a_batch_ends_with_an_older_one(hub: Hub) -> None:
    columns = Columns(
        t_ns=np.array([NOW, NOW - 9]), v=np.array([2.0, 1.0]), q=np.zeros(2, np.uint8), ids=np.zeros(2, np.uint32)
    )
    hub.samples(ChannelKind.SCALAR, columns)
    assert hub.last(0) == (NOW, 2.0, 0)


@pytest.mark.parametrize(
    "columns",
    [
        Columns(t_ns=np.arange(2), v=np.zeros(1), q=np.zeros(2, np.uint8), ids=np.zeros(2, np.uint32)),
        Columns(t_ns=np.arange(2), v=np.zeros((2, 5)), q=np.zeros(2, np.uint8), ids=np.zeros(2, np.uint32)),
        Columns(t_ns=np.arange(2), v=np.zeros(2), q=np.zeros(3, np.uint8), ids=np.zeros(2, np.uint32)),
        Columns(t_ns=np.arange(2), v=np.zeros(2), q=np.zeros(2, np.uint8)),
    ],
)
def test_columns_that_do_not_fit_are_the_source_s_fault(hub: Hub, columns: Columns) -> None:
    with pytest.raises(ValueError, match="expected n rows"):
        hub.samples(ChannelKind.SCALAR, columns)


def test_other_number_types_reach_the_wire_as_it_wants_them(hub: Hub) -> None:
    reader = Reader()
    hub.subscribe(reader, Selector(), "latest")
    ids = np.array([0, 1])
    hub.samples(ChannelKind.SCALAR, Columns(t_ns=np.full(2, NOW), v=np.array([1, 2]), q=np.zeros(2, int), ids=ids))
    hub.flush()
    assert seen(hub, reader) == {"x": 1.0, "y": 2.0}
    with pytest.raises(IndexError, match="handle -1"):
        hub.samples(ChannelKind.SCALAR, Columns(t_ns=ids, v=np.zeros(2), q=np.zeros(2, np.uint8), ids=ids - 1))


def test_the_sequence_of_a_class_rises_by_one_a_change_and_a_feed_begun_anew_has_another_key(hub: Hub) -> None:
    reader = Reader()
    hub.join(reader)
    (full,) = [m for m in reader.of(Entities) if isinstance(m, Entities) and m.cls == "area"]
    for i in range(2):
        hub.put("s", [Area(id=f"n{i}")])
        hub.flush()
        hub.join(Reader())
    changes = [m.seq for m in reader.of(Entities) if isinstance(m, Entities) and m.cls == "area" and not m.full]
    assert changes == [full.seq + 1, full.seq + 2]
    keys = set()
    for _ in range(2):
        feed, _ = hub.subscribe(reader, Selector(), "latest")
        keys.add(feed.key)
        hub.unsubscribe(reader, feed)
    assert len(keys) == 2


def test_a_new_run_ends_what_a_reader_holds_of_the_one_before() -> None:
    now = [NOW]
    hub = Hub(clock=lambda: now[0])
    reader = Reader()
    hub.join(reader)
    hub.put("s", [Area(id="root")])
    hub.flush()
    (frame,) = [m for m in reader.of(Entities) if isinstance(m, Entities)]
    assert (frame.cls, frame.full, len(frame.put)) == ("area", True, 1)
    hub.put("s", [Area(id="a", parent="root")])
    hub.flush()
    assert [m.full for m in reader.of(Entities) if isinstance(m, Entities)] == [True, False]
    now[0] += 6 * 10**9
    hub.flush()
    empty = {m.cls for m in reader.of(Entities) if isinstance(m, Entities) and m.full and not m.put}
    assert "incident" in empty
    assert "area" not in empty
    late = Reader()
    hub.join(late)
    assert {m.cls for m in late.of(Entities) if isinstance(m, Entities) and m.full} == {"area"} | empty


def test_every_message_of_a_replay_bears_its_context() -> None:
    hub = Hub(lambda: NOW, context="replay:1")
    hub.put("s", [Sensor(id="x"), Area(id="a")])
    hub.notice(Notice(key="k", severity=Severity.INFO, summary=Text("话")))
    reader = Reader()
    hub.join(reader)
    feed, _ = hub.subscribe(reader, Selector(), "latest", "replay:1")
    sample(hub, {"x": 1.0})
    hub.flush()
    hub.clear_notice("k")
    reader.messages += hub.snapshot(feed)
    assert len(reader.messages) == 7
    assert {getattr(message, "context", "") for message in reader.messages} == {"replay:1"}


def test_after_a_jump_of_time_nothing_from_before_it_is_told() -> None:
    hub = Hub(lambda: NOW)
    hub.put("s", [Sensor(id="x")])
    reader = Reader()
    feed, _ = hub.subscribe(reader, Selector(), "latest")
    sample(hub, {"x": 1.0})
    hub.flush()
    sample(hub, {"x": 2.0}, NOW + 1)
    hub.forget_samples()
    hub.flush()
    assert hub.snapshot(feed) == []
    assert hub.subscribe(Reader(), Selector(), "latest", resume=0)[1] is None
    sample(hub, {"x": 3.0}, NOW - 10**12)
    hub.flush()
    assert hub.last(0)[1] == 3.0
    assert numbers(reader) == [1, 2]


def test_what_comes_in_one_turn_of_the_loop_goes_out_together_and_nothing_waits_longer() -> None:
    turns: list[object] = []
    hub = Hub(lambda: NOW, soon=turns.append)
    hub.put("s", [Sensor(id=f"n{i}") for i in range(FLUSH_ROWS)])
    reader = Reader()
    hub.subscribe(reader, Selector(), "latest")
    for i in range(3):
        ids = np.arange(FLUSH_ROWS, dtype=np.uint32)
        columns = Columns(
            t_ns=np.full(len(ids), NOW + i), v=np.array(ids + 0.5, np.float64), q=np.zeros(len(ids), np.uint8), ids=ids
        )
        hub.samples(ChannelKind.SCALAR, columns)
    assert len(turns) == 1
    assert reader.of(Batch) == []
    hub.flush()
    assert [m.n for m in reader.of(Batch) if isinstance(m, Batch)] == [3 * FLUSH_ROWS]
    assert hub.last(7) == (NOW + 2, 7.5, 0)


def test_what_a_sensor_said_as_another_kind_is_told_before_it_is_the_new_kind(hub: Hub) -> None:
    reader = Reader()
    hub.join(reader)
    hub.subscribe(reader, Selector(), "every")
    reader.messages.clear()
    sample(hub, {"x": 3.7})
    hub.put("s", [Sensor(id="x", area="a", kind="level", channel=ChannelKind.STATE)])
    hub.flush()
    assert [type(m) for m in reader.messages if isinstance(m, Batch | Entities)] == [Batch, Entities]
