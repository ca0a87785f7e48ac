"""A replica and the words of its node, for tests of what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from console.api import ChannelKind, Columns, Entity
from console.client.replica import Replica
from console.wire.codec import encode_value, pack_batch
from console.wire.frames import Entities, Handles, Past
from console.wire.past import pack_past

SECOND = 10**9
NOW = 1_700_000_000 * SECOND
Row = tuple[int, int, float, int]
"""Handle, time, value, quality."""


def columns_of(rows: Sequence[Row]) -> Columns:
    """Rows as scalar columns."""
    return Columns(
        ids=np.array([r[0] for r in rows], np.uint32),
        t_ns=np.array([r[1] for r in rows], np.int64),
        v=np.array([r[2] for r in rows], float),
        q=np.array([r[3] for r in rows], np.uint8),
    )


class Told:
    """A replica and the words of its node."""

    def __init__(self, *ids: str) -> None:
        self.replica = Replica()
        self.seq = 0
        self.connect(*ids)

    def connect(self, *ids: str, feeds: Sequence[int] = (1,)) -> None:
        """A connection with these handles."""
        self.replica.begin()
        self.replica.take_handles(Handles(first=0, ids=ids))
        for feed in feeds:
            self.replica.feed_begins(feed, feed)

    def batch(self, rows: Sequence[Row], feed: int = 1, snapshot: bool = False) -> None:
        """One batch of scalars."""
        self.seq += 1
        frame = pack_batch(feed, self.seq, ChannelKind.SCALAR, columns_of(rows), snapshot=snapshot)
        self.replica.take_batch(frame)

    def put(self, *entities: Entity, full: bool = False) -> None:
        """Entities of one class."""
        raw = [encode_value(entity) for entity in entities]
        self.replica.take_entities(Entities(seq=1, cls=entities[0].CLS, put=raw, full=full))

    def values(self, id_: str) -> list[float]:
        """Everything in its ring."""
        return [float(v) for v in self.replica.window(id_, -(2**62), 2**62).v]

    def last(self, id_: str) -> tuple[int, float]:
        """Its last sample."""
        latest = self.replica.latest([id_], NOW)
        return int(latest.t_ns[0]), float(latest.v[0])


def past_of(rows: Sequence[Row]) -> Past:
    """Rows as a part of an answer to back-fill."""
    return pack_past(1, ChannelKind.SCALAR, columns_of(rows))
