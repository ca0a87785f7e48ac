"""Columns of samples checked, cut and joined on their way through the hub; knows neither sources nor readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from console.api import ChannelKind, Columns
from console.wire.codec import WIDTH
from console.wire.rows import one_each

FRAME_ROWS: Final = 10_000
"""The most rows of one frame: longer ones are slower a sample, and keep what is urgent waiting behind them."""


_TYPES: Final = (np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.uint8), np.dtype(np.uint32))


class Rows(Protocol):
    """A page of stored samples of many sensors, ascending in time; `columns.ids` index into `ids`."""

    @property
    def ids(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Columns: ...
    @property
    def next_ns(self) -> int:
        """All rows before it are here; 0: all that was asked for."""
        ...


class Known:
    """The handles there are, for telling quickly which of them columns mean."""

    def __init__(self) -> None:
        self.count = 0
        self._all = b""

    def grow(self, count: int) -> None:
        """There are so many now."""
        self.count = count
        self._all = b""

    def rows(self, ids: np.ndarray) -> np.ndarray | slice | None:
        """As `one_each`, of u32 handles (n,), n > 0. Raises IndexError for one that nobody put."""
        if not self._all:
            self._all = np.arange(self.count, dtype=np.uint32).tobytes()
        first, n = int(ids[0]), len(ids)
        if ids.tobytes() == self._all[4 * first : 4 * (first + n)]:  # most sweeps, and the quickest to see
            return slice(first, first + n)
        highest = int(ids.max())
        if highest >= self.count:
            raise IndexError(f"handle {highest} was never put; {self.count} are known")
        return one_each(ids)


def sound(kind: ChannelKind, columns: Columns) -> Columns:
    """The columns in the wire's types; a source's slip must end in its own supervisor, not in every console.

    Raises IndexError for a handle below 0, ValueError for columns that do not fit each other or the kind.
    """
    t_ns, v, q, ids = columns.t_ns, columns.v, columns.q, columns.ids
    n, width = len(t_ns), WIDTH[kind]
    shape = (n, width) if width > 1 else (n,)
    types = (t_ns.dtype, v.dtype, q.dtype, ids.dtype)
    if types == _TYPES and width and t_ns.shape == q.shape == ids.shape == (n,) and v.shape == shape:
        return columns
    v = np.asarray(v, np.float64) if width else np.full(n, np.nan)
    if (t_ns.shape, v.shape, q.shape, ids.shape) != ((n,), shape, (n,), (n,)):
        found = f"t {t_ns.shape}, v {v.shape}, q {q.shape}, ids {ids.shape}"
        raise ValueError(f"{kind.value} samples: found {found}, expected n rows of each and v {shape}")
    if ids.dtype.kind != "u" and (low := int(ids.min())) < 0:
        raise IndexError(f"handle {low} was never put")
    return Columns(
        t_ns=np.asarray(t_ns, np.int64),
        v=v,
        q=np.asarray(q).astype(np.uint8, copy=False),
        ids=np.asarray(np.minimum(ids, 0xFFFFFFFF)).astype(np.uint32, copy=False),
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
    single: bool
    """Whether each sensor is in it once, ascending."""


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
    rows = _stretch(chunks) or one_each(columns.ids)
    return Chunk(
        columns,
        columns.ids if rows is None else rows,
        min(chunk.from_ns for chunk in chunks),
        max(chunk.to_ns for chunk in chunks),
        rows is not None,
    )


def _stretch(chunks: Sequence[Chunk]) -> slice | None:
    """The rows of chunks that follow each other without a hole."""
    first = end = -1
    for chunk in chunks:
        if not isinstance(chunk.rows, slice) or end not in (-1, chunk.rows.start):
            return None
        first, end = chunk.rows.start if first < 0 else first, chunk.rows.stop
    return slice(first, end)
