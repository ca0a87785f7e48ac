"""Columns of samples checked, cut and joined on their way through the hub; knows neither sources nor readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from console.api import ChannelKind, Columns
from console.wire.codec import WIDTH
from console.wire.rows import one_each

FRAME_ROWS: Final = 10_000
"""The most rows of one frame: longer ones are slower a sample, and keep what is urgent waiting behind them."""


def sound(kind: ChannelKind, columns: Columns, handles: int) -> Columns:
    """The columns in the wire's types; a source's slip must end in its own supervisor, not in every console.

    Raises IndexError for a handle nobody put, ValueError for columns that do not fit each other or the kind.
    """
    n, width = len(columns), WIDTH[kind]
    shape = (n, width) if width > 1 else (n,)
    v = np.asarray(columns.v, np.float64) if width else np.full(n, np.nan)
    if (columns.t_ns.shape, v.shape, columns.q.shape, columns.ids.shape) != ((n,), shape, (n,), (n,)):
        found = f"t {columns.t_ns.shape}, v {v.shape}, q {columns.q.shape}, ids {columns.ids.shape}"
        raise ValueError(f"{kind.value} samples: found {found}, expected n rows of each and v {shape}")
    low, high = 0 if columns.ids.dtype.kind == "u" else int(columns.ids.min()), int(columns.ids.max())
    if low < 0 or high >= handles:
        raise IndexError(f"handle {low if low < 0 else high} was never put; {handles} are known")
    return Columns(
        t_ns=np.asarray(columns.t_ns, np.int64),
        v=v,
        q=np.asarray(columns.q).astype(np.uint8, copy=False),
        ids=np.asarray(columns.ids).astype(np.uint32, copy=False),
    )


class Chunk(NamedTuple):
    """Samples on their way to the feeds.

    `rows` addresses their handles in arrays, by a slice where they follow each other; times, as far as they are
    credible, lie in [from_ns, to_ns].
    """

    columns: Columns
    rows: np.ndarray | slice
    from_ns: int
    to_ns: int


def parts(columns: Columns) -> Iterable[Columns]:
    """The columns in pieces of at most FRAME_ROWS rows."""
    for start in range(0, len(columns), FRAME_ROWS):
        yield take(columns, slice(start, start + FRAME_ROWS)) if len(columns) > FRAME_ROWS else columns


def take(columns: Columns, rows: np.ndarray | slice) -> Columns:
    """Some of the rows, by mask or slice."""
    return Columns(t_ns=columns.t_ns[rows], v=columns.v[rows], q=columns.q[rows], ids=columns.ids[rows])


def join(chunks: Sequence[Chunk]) -> Chunk:
    """Samples one after another; the same where there is but one."""
    if len(chunks) == 1:
        return chunks[0]
    each = [chunk.columns for chunk in chunks]
    columns = Columns(
        t_ns=np.concatenate([part.t_ns for part in each]),
        v=np.concatenate([part.v for part in each]),
        q=np.concatenate([part.q for part in each]),
        ids=np.concatenate([part.ids for part in each]),
    )
    rows = one_each(columns.ids)
    return Chunk(
        columns,
        columns.ids if rows is None else rows,
        min(chunk.from_ns for chunk in chunks),
        max(chunk.to_ns for chunk in chunks),
    )
