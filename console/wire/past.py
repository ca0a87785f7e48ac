"""Back-filled samples to messages and back: columns as in a batch, under the number of who asked; knows no sockets."""

from __future__ import annotations

from console.api import LIVE, ChannelKind, Columns
from console.wire.codec import pack_batch, unpack_batch
from console.wire.frames import Batch, Past


def pack_past(req: int, kind: ChannelKind, columns: Columns, *, context: str = LIVE, more: bool = False) -> Past:
    """Columns (with handles as ids) as a part of an answer to back-fill."""
    batch = pack_batch(0, 0, kind, columns, dtype="i4" if kind is ChannelKind.STATE else "f8")
    return Past(
        context=context,
        req=req,
        kind=batch.kind,
        n=batch.n,
        id=batch.id,
        t=batch.t,
        v=batch.v,
        q=batch.q,
        dtype=batch.dtype,
        width=batch.width,
        more=more,
    )


def as_batch(past: Past, feed: int = 0) -> Batch:
    """The same columns as a batch of `feed` that counts in no sequence."""
    return Batch(
        context=past.context,
        feed=feed,
        seq=0,
        kind=past.kind,
        n=past.n,
        id=past.id,
        t=past.t,
        v=past.v,
        q=past.q,
        dtype=past.dtype,
        width=past.width,
    )


def unpack_past(past: Past, handles: int) -> Columns | None:
    """The columns of a part, None for a kind that this version does not know. Raises WireError; see `unpack_batch`."""
    return unpack_batch(as_batch(past), handles)
