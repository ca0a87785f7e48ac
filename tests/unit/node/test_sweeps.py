"""The hub under many samples: frames of a size that sockets carry well, and a short way that ends as the long one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.api import ChannelKind, Columns, Selector, Sensor
from console.node.feeds import Feed, Parcel
from console.node.hub import FLUSH_ROWS, Hub
from console.node.rows import FRAME_ROWS
from console.wire.codec import decode_down
from console.wire.frames import Batch

NOW = 1_700_000_000 * 10**9


class Counting:
    """Keeps the batches."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def send(self, data: bytes) -> None:
        """Not a batch, or a snapshot."""

    def deliver(self, parcel: Parcel) -> None:
        """Keep it."""
        message = decode_down(parcel.data)
        assert isinstance(message, Batch)
        self.batches.append(message)

    def forget(self, feed: Feed) -> None:
        """What was taken stays."""


def hub_of(sensors: int) -> tuple[Hub, Counting]:
    """A hub and a reader of all."""
    hub, reader = Hub(clock=lambda: NOW), Counting()
    hub.put("s", [Sensor(id=f"s{i}", kind="level") for i in range(sensors)])
    hub.subscribe(reader, Selector(), "latest")
    return hub, reader


def columns(ids: list[int], t_ns: list[int], first: float = 0.0) -> Columns:
    """Samples with values that count up from `first`."""
    n = len(ids)
    return Columns(
        ids=np.array(ids, np.uint32),
        t_ns=np.array(t_ns, np.int64),
        v=np.arange(first, first + n, dtype=np.float64),
        q=np.zeros(n, np.uint8),
    )


def test_a_thousand_samples_do_not_wait() -> None:
    hub, reader = hub_of(FLUSH_ROWS)
    some = list(range(FLUSH_ROWS - 1))
    hub.samples(ChannelKind.SCALAR, columns(some, [NOW] * len(some)))
    assert not reader.batches
    hub.samples(ChannelKind.SCALAR, columns([FLUSH_ROWS - 1], [NOW]))
    assert [batch.n for batch in reader.batches] == [FLUSH_ROWS]


def test_no_frame_is_longer_than_sockets_carry_well() -> None:
    hub, reader = hub_of(3)
    n = 2 * FRAME_ROWS + 1
    hub.samples(ChannelKind.SCALAR, columns([i % 3 for i in range(n)], [NOW] * n))
    assert [batch.n for batch in reader.batches] == [FRAME_ROWS, FRAME_ROWS, 1]
    assert [batch.seq for batch in reader.batches] == [1, 2, 3]
    values = np.concatenate([np.frombuffer(batch.v, "<f8") for batch in reader.batches])
    assert values.tolist() == list(range(n))


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(NOW - 3, NOW + 3), min_size=1), max_size=6))
def test_the_order_of_sensors_means_nothing_to_last_values(sweeps: list[dict[int, int]]) -> None:
    ascending, single = hub_of(10)[0], hub_of(10)[0]
    for turn, sweep in enumerate(sweeps):
        ids = sorted(sweep)
        ascending.samples(ChannelKind.SCALAR, columns(ids, [sweep[i] for i in ids], 100.0 * turn))
        for place, i in reversed(list(enumerate(ids))):
            single.samples(ChannelKind.SCALAR, columns([i], [sweep[i]], 100.0 * turn + place))
    for handle in range(10):
        assert repr(ascending.last(handle)) == repr(single.last(handle))
