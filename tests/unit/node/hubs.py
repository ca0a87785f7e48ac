"""A hub of three sensors, what is put into it, and a reader that keeps what it was told; knows no socket."""

from __future__ import annotations

import numpy as np

from console.api import Area, ChannelKind, Columns, Sensor
from console.node.feeds import Feed, Parcel
from console.node.hub import Hub
from console.wire.codec import decode_down, unpack_batch
from console.wire.frames import Batch

NOW = 1_700_000_000_000_000_000


class Reader:
    """Records the decoded messages."""

    def __init__(self) -> None:
        self.messages: list[object] = []

    def send(self, data: bytes) -> None:
        """Keep one message."""
        self.messages.append(decode_down(data))

    def deliver(self, parcel: Parcel) -> None:
        """Keep one batch."""
        self.send(parcel.data)

    def forget(self, feed: Feed) -> None:
        """What was taken stays."""

    def of(self, kind: type) -> list[object]:
        """The messages of a kind."""
        return [m for m in self.messages if isinstance(m, kind)]


def three_sensors() -> Hub:
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


def numbers(reader: Reader) -> list[int]:
    """Sequences of the batches that a reader got."""
    return [m.seq for m in reader.of(Batch) if isinstance(m, Batch)]
