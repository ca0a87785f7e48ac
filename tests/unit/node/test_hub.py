"""The hub: who is told what, and encoded how often."""

from __future__ import annotations

import numpy as np
import pytest

from console.api import Area, ChannelKind, Columns, Notice, Quality, Selector, Sensor, Severity, Text
from console.node.hub import Hub
from console.wire.codec import decode_down, unpack_batch
from console.wire.frames import Batch, Entities, Handles, NoticeFrame

NOW = 1_700_000_000_000_000_000


class Reader:
    """Records the decoded messages."""

    def __init__(self) -> None:
        self.messages: list[object] = []

    def send(self, data: bytes, *, feed: int = 0, seq: int = 0, rows: int = 0) -> None:
        """Keep one message."""
        self.messages.append(decode_down(data))

    def of(self, kind: type) -> list[object]:
        """The messages of a kind."""
        return [m for m in self.messages if isinstance(m, kind)]


@pytest.fixture
def hub() -> Hub:
    """Three sensors in two areas."""
    hub = Hub(clock=lambda: NOW)
    hub.put("s", [Area(id="root"), Area(id="a", parent="root"), Area(id="b", parent="root")])
    hub.put("s", [Sensor(id="x", area="a", kind="level"), Sensor(id="y", area="b", kind="level")])
    hub.put("s", [Sensor(id="z", area="b", kind="flow", dtype="f4")])
    return hub


def sample(hub: Hub, values: dict[str, float], t_ns: int = NOW) -> None:
    """One sample of each named sensor."""
    n = len(values)
    hub.samples(
        ChannelKind.SCALAR,
        Columns(
            t_ns=np.full(n, t_ns),
            v=np.array(list(values.values())),
            q=np.zeros(n, np.uint8),
            ids=np.array([hub.handles[i] for i in values], np.uint32),
        ),
    )


def seen(hub: Hub, reader: Reader) -> dict[str, float]:
    """The last value of each sensor in the batches that the reader got."""
    got: dict[str, float] = {}
    for batch in reader.of(Batch):
        assert isinstance(batch, Batch)
        columns = unpack_batch(batch, len(hub.ids))
        assert columns is not None
        got |= {hub.ids[i]: float(v) for i, v in zip(columns.ids, columns.v, strict=True)}
    return got


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
    feeds = {hub.subscribe(r, Selector(ids=("x",)), "latest") for r in readers}
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
    feed = hub.subscribe(Reader(), Selector(), "latest")
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
