"""What a hub keeps of its feeds: who comes back gets just what it missed, all of it bounded."""

from __future__ import annotations

import numpy as np
import pytest

from console.api import Area, ChannelKind, Columns, Selector, Sensor
from console.node.feeds import ALL_BYTES, IDLE_FEEDS, IDLE_NS, KEPT_BYTES
from console.node.hub import Hub
from console.wire.codec import decode_down, unpack_batch
from console.wire.frames import Batch, Entities
from tests.unit.node.hubs import NOW, Reader, numbers, sample, three_sensors


@pytest.fixture
def hub() -> Hub:
    """Three sensors in two areas."""
    return three_sensors()


class Clock:
    """A node's clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """UTC ns."""
        return self.now


def test_a_reader_that_comes_back_gets_just_what_it_missed() -> None:
    clock = Clock()
    hub = Hub(clock, mono=clock)
    hub.put("s", [Sensor(id="x")])
    first = Reader()
    feed, missed = hub.subscribe(first, Selector(), "latest")
    assert missed is None
    for i in range(3):
        sample(hub, {"x": float(i)}, NOW + i)
        hub.flush()
    hub.leave(first)
    for i in range(3, 6):
        sample(hub, {"x": float(i)}, NOW + i)
        hub.flush()
    clock.now += IDLE_NS - 1
    assert hub.key(Selector(), "latest") == feed.key
    second = Reader()
    again, missed = hub.subscribe(second, Selector(), "latest", resume=3)
    assert again is feed
    assert missed is not None
    assert [parcel.seq for parcel in missed] == [4, 5, 6]
    sample(hub, {"x": 9.0}, NOW + 9)
    hub.flush()
    assert numbers(second) == [7]
    assert hub.subscribe(Reader(), Selector(), "latest", resume=7)[1] == []
    assert hub.subscribe(Reader(), Selector(), "latest", resume=8)[1] is None, "of a sequence that never was"
    assert hub.subscribe(second, Selector(), "latest", resume=4)[1] == [], "it comes to this reader already"


def test_who_comes_back_too_late_begins_anew() -> None:
    clock = Clock()
    hub = Hub(clock, mono=clock)
    hub.put("s", [Sensor(id="x")])
    reader = Reader()
    hub.join(reader)
    feed, _ = hub.subscribe(reader, Selector(), "latest")
    hub.leave(reader)
    clock.now += IDLE_NS + 1
    hub.flush()
    assert not hub.feeds, "nobody reads it: it costs nothing any more"
    assert hub.key(Selector(), "latest") == ""
    again, missed = hub.subscribe(reader, Selector(), "latest", resume=0)
    assert (missed, again.key == feed.key, again.number == feed.number) == (None, False, False)


def test_feeds_that_nobody_reads_are_few_however_many_were_asked_for() -> None:
    hub = Hub(lambda: NOW)
    for i in range(3 * IDLE_FEEDS):
        reader = Reader()
        hub.subscribe(reader, Selector(ids=(str(i),)), "latest")
        hub.leave(reader)
    assert len(hub.feeds) == IDLE_FEEDS
    assert hub.feeds[-1].selector.ids == (str(3 * IDLE_FEEDS - 1),), "who left last comes back first"


@pytest.mark.parametrize("strategy", ["every", "latest"])
def test_the_log_is_bounded_and_what_it_lacks_is_known_as_exact_as_may_be(hub: Hub, strategy: str) -> None:
    reader = Reader()
    feed, _ = hub.subscribe(reader, Selector(ids=("x",)), strategy)
    rows = 20_000
    long = Columns(t_ns=np.full(rows, NOW), v=np.zeros(rows), q=np.zeros(rows, np.uint8), ids=np.zeros(rows, np.uint32))
    for _ in range(2 * KEPT_BYTES // (21 * rows) + 2):
        hub.samples(ChannelKind.SCALAR, long)
        hub.flush()
    assert feed.log_bytes <= KEPT_BYTES
    assert sum(len(parcel.data) for parcel in feed.log) == feed.log_bytes
    missed = feed.since(1)
    if strategy == "latest":
        assert missed is None, "the snapshot says more than a gap would"
    else:
        assert missed is not None
        assert [parcel.seq for parcel in missed] == list(range(2, feed.seq + 1))
        assert not missed[0].data
        assert missed[-1].data
    assert feed.since(feed.seq - 1) == [feed.log[-1]]


def test_all_logs_together_are_bounded(hub: Hub) -> None:
    rows = 10_000
    hub.put("s", [Sensor(id=f"n{i}") for i in range(40)])
    for i in range(40):
        hub.subscribe(Reader(), Selector(ids=(f"n{i}",)), "every")
    for i in range(40):
        ids = np.full(rows, hub.handles[f"n{i}"], np.uint32)
        for _ in range(KEPT_BYTES // (21 * rows)):
            columns = Columns(t_ns=np.full(rows, NOW), v=np.zeros(rows), q=np.zeros(rows, np.uint8), ids=ids)
            hub.samples(ChannelKind.SCALAR, columns)
            hub.flush()
    assert sum(feed.log_bytes for feed in hub.feeds) <= ALL_BYTES


def test_entities_that_a_reader_has_are_not_told_again_only_what_changed() -> None:
    hub = Hub(Clock())
    hub.put("s", [Area(id="a"), Sensor(id="x")])
    reader = Reader()
    hub.join(reader)
    seqs = {f"entities:{m.cls}": m.seq for m in reader.of(Entities) if isinstance(m, Entities)}
    hub.leave(reader)
    hub.put("s", [Area(id="b")])
    hub.flush()
    hub.drop(Area, ["a"])
    hub.flush()
    back = Reader()
    hub.join(back, seqs)
    told = [(m.cls, m.full, len(m.put), m.drop) for m in back.of(Entities) if isinstance(m, Entities)]
    assert told == [("area", False, 1, []), ("area", False, 0, ["a"])]
    stranger = Reader()
    hub.join(stranger, {"entities:area": 99})
    assert {m.cls for m in stranger.of(Entities) if isinstance(m, Entities) and m.full} == {"area", "sensor"}


def test_changes_while_nobody_was_there_for_long_are_told_as_a_whole() -> None:
    clock = Clock()
    hub = Hub(clock, mono=clock)
    hub.put("s", [Area(id="a")])
    reader = Reader()
    hub.join(reader)
    hub.leave(reader)
    clock.now += IDLE_NS + 1
    hub.put("s", [Area(id="b")])
    hub.flush()
    back = Reader()
    hub.join(back, {"entities:area": 1})
    (frame,) = (m for m in back.of(Entities) if isinstance(m, Entities) and m.cls == "area")
    assert (frame.full, len(frame.put), frame.seq) == (True, 2, 2)


def test_all_readers_share_the_bytes_of_the_first_picture(hub: Hub) -> None:
    class Keeping(Reader):
        def __init__(self) -> None:
            super().__init__()
            self.data: list[bytes] = []

        def send(self, data: bytes) -> None:
            self.data.append(data)

    one, other = Keeping(), Keeping()
    hub.join(one)
    hub.join(other)
    shared = {id(data) for data in one.data} & {id(data) for data in other.data}
    assert len(shared) == 2, "areas and sensors"


def test_feed_numbers_differ_between_hubs() -> None:
    feeds = [Hub(lambda: NOW).subscribe(Reader(), Selector(), "latest")[0] for _ in range(3)]
    assert len({feed.number for feed in feeds}) == 3


def test_the_newest_of_a_slow_reader_s_sensors_are_those_of_which_something_was_left_out(hub: Hub) -> None:
    feed, _ = hub.subscribe(Reader(), Selector(), "latest")
    sample(hub, {"x": 1.0, "y": 1.0, "z": 1.0})
    hub.flush()
    turn = feed.log[-1].turn
    sample(hub, {"y": 2.0}, NOW + 1)
    hub.flush()
    sample(hub, {"z": 2.0}, NOW + 1)
    found = feed.newest(turn + 1, 0)
    assert found is not None
    messages, following = found
    (batch,) = (decode_down(data) for data in messages)
    assert isinstance(batch, Batch)
    assert batch.snapshot
    columns = unpack_batch(batch, len(hub.ids))
    assert columns is not None
    assert [(hub.ids[i], v) for i, v in zip(columns.ids, columns.v, strict=True)] == [("y", 2.0), ("z", 2.0)]
    assert feed.newest(turn + 1, following) is None
