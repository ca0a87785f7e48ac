"""Back-filled samples to messages: columns as in a batch, under the number of who asked; knows no sockets."""

from __future__ import annotations

from console.api import LIVE, ChannelKind, Columns
from console.wire.codec import pack_batch
from console.wire.frames import Past


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
