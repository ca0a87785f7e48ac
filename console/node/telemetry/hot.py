"""The live day's scalar samples again, sorted by sensor and time, for readers only; knows no DuckDB and no moment.

The live file is the truth: what is here was on disk there before, and is thrown away rather than mended. Runs follow
one another by the numbers of their commits without a hole, so a reader takes each sample from exactly one of them.
"""

from __future__ import annotations

import io
import itertools
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from console.api import F64, I64, U8, U32, Columns
from console.node.telemetry.tail import compact

FOLDER: Final = "hot"
MAGIC: Final = 0x32_4E55_5259  # "YRUN2"
ROW: Final = np.dtype([("t", np.int64), ("v", np.float64), ("q", np.uint8)])
"""A sample in a file, 17 bytes: one read takes all of a sensor."""
_NAME: Final = re.compile(r"([0-9a-f]{32})-(\d+)-(\d+)\.(run|duckdb)")


class Named(msgspec.Struct, frozen=True, order=True):
    """A file of sorted samples by its name: those of the commits (after, last] into the live file `birth`."""

    birth: str
    after: int
    last: int
    kind: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.birth}-{self.after:010}-{self.last:010}.{self.kind}"


def named(name: str) -> Named | None:
    """The file that a name means; None for strange names."""
    found = _NAME.fullmatch(name)
    return Named(found[1], int(found[2]), int(found[3]), found[4]) if found else None


class Segment(msgspec.Struct, frozen=True, eq=False):
    """Many runs gathered into one sorted DuckDB file, attached under `alias`."""

    after: int
    last: int
    first_ns: int
    last_ns: int
    alias: str


class Run(msgspec.Struct, frozen=True, eq=False):
    """Samples of the commits (after, last], in memory or mapped from a file.

    Attributes:
        ids: u32 (k,), sensor numbers, ascending, each once.
        starts: i64 (k + 1,), where each one's samples begin.
        t, v, q: (n,), ascending in t for each sensor, in order of arrival where times are equal.
        first_ns, last_ns: times of the first and last sample.
    """

    after: int
    last: int
    first_ns: int
    last_ns: int
    ids: U32
    starts: I64
    t: I64
    v: F64
    q: U8

    def __len__(self) -> int:
        return len(self.t)

    def of(self, number: int, start_ns: int, end_ns: int) -> tuple[I64, F64, U8] | None:
        """One sensor's t, v, q in [start_ns, end_ns), ascending; None where it has none."""
        mine = _mine(self, number, start_ns, end_ns)
        if mine is None:
            return None
        lo, hi = mine
        t = self.t[lo:hi]
        a = lo + int(t.searchsorted(start_ns))
        b = lo + int(t.searchsorted(end_ns))
        return (self.t[a:b], self.v[a:b], self.q[a:b]) if a < b else None


class Stored(msgspec.Struct, frozen=True, eq=False):
    """A run in its file: what it has of whom is in memory (80 kB for 10,000 sensors), the samples are read when asked.

    They are read, not mapped: pages of a mapped file would count as the node's memory.
    """

    path: Path
    after: int
    last: int
    first_ns: int
    last_ns: int
    ids: U32
    starts: U32
    rows: int

    def of(self, number: int, start_ns: int, end_ns: int) -> tuple[I64, F64, U8] | None:
        """One sensor's t, v, q in [start_ns, end_ns), ascending; None where it has none. Raises OSError."""
        mine = _mine(self, number, start_ns, end_ns)
        if mine is None:
            return None
        lo, hi = mine
        with self.path.open("rb", buffering=0) as file:
            rows = np.frombuffer(_read(file, _begin(len(self.ids)) + ROW.itemsize * lo, ROW.itemsize * (hi - lo)), ROW)
        t = np.ascontiguousarray(rows["t"])
        a, b = t.searchsorted((start_ns, end_ns)).tolist()
        rows = rows[a:b]
        return (t[a:b], rows["v"].copy(), rows["q"].copy()) if a < b else None


Piece = Run | Stored | Segment


def _mine(run: Run | Stored, number: int, start_ns: int, end_ns: int) -> tuple[int, int] | None:
    """Where one sensor's samples lie in a run; None where none can be of [start_ns, end_ns)."""
    if start_ns > run.last_ns or end_ns <= run.first_ns:
        return None
    i = int(run.ids.searchsorted(np.uint32(number)))  # as an int it would have all ids copied
    if i == len(run.ids) or run.ids[i] != number:
        return None
    return int(run.starts[i]), int(run.starts[i + 1])


def _read(file: io.FileIO, at: int, size: int) -> bytes:
    file.seek(at)
    found = file.read(size)
    if len(found) != size:
        raise OSError(f"{file.name}: found {len(found)} bytes at {at}, expected {size}")
    return found


def _begin(k: int) -> int:
    """Where the samples of `k` sensors begin in a file: after its head, the starts and the numbers."""
    return 64 + 8 * (k + 1) + 4 * k


def stored(path: Path) -> Stored | None:
    """A run as it lies in its file; None where the file is not a whole one."""
    run = load(path)
    if run is None:
        return None
    ids, starts = np.array(run.ids), run.starts.astype(np.uint32)
    return Stored(path, run.after, run.last, run.first_ns, run.last_ns, ids, starts, len(run))


def run_of(columns: Columns, after: int, last: int) -> Run:
    """Samples in order of arrival, sorted."""
    return _sorted(columns.ids, columns.t_ns, columns.v, columns.q, after, last)


def _sorted(ids: U32, t: I64, v: F64, q: U8, after: int, last: int) -> Run:
    order = np.lexsort((t, ids))
    ids, t = ids[order], t[order]
    begins = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))) if len(ids) else np.empty(0, np.int64)
    starts = np.append(begins, len(ids)).astype(np.int64)
    first, last_ns = (int(t.min()), int(t.max())) if len(t) else (0, -1)
    return Run(after, last, first, last_ns, ids[begins], starts, t, v[order], q[order])


def joined(runs: Sequence[Run]) -> Run:
    """Runs that follow one another as one."""
    ids = np.concatenate([np.repeat(run.ids, np.diff(run.starts)) for run in runs])
    t, v, q = (np.concatenate([getattr(run, name) for run in runs]) for name in ("t", "v", "q"))
    return _sorted(ids, t, v, q, runs[0].after, runs[-1].last)


def write(run: Run, path: Path) -> None:
    """Make the file of a run, whole and synced, or raise OSError and leave none."""
    draft = path.with_suffix(".draft")
    head = np.array([MAGIC, len(run), len(run.ids), run.after, run.last, run.first_ns, run.last_ns, 0], np.int64)
    rows = np.empty(len(run), ROW)
    rows["t"], rows["v"], rows["q"] = run.t, run.v, run.q
    try:
        with draft.open("wb") as file:
            for column in (head, run.starts, run.ids, rows.view(np.uint8)):
                file.write(np.ascontiguousarray(column).data.cast("B"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def load(path: Path) -> Run | None:
    """A run mapped from its file; None where the file is not a whole one."""
    size = path.stat().st_size
    if size < 64:
        return None
    raw = np.memmap(path, np.uint8, "r")
    magic, n, k, after, last, first_ns, last_ns, _ = raw[:64].view(np.int64).tolist()
    if magic != MAGIC or size != _begin(k) + ROW.itemsize * n:
        return None
    ends = (64, 64 + 8 * (k + 1), _begin(k), size)
    starts, ids, rows = (np.asarray(raw[a:b]) for a, b in itertools.pairwise(ends))
    samples = rows.view(ROW)
    return Run(
        after,
        last,
        first_ns,
        last_ns,
        ids.view(np.uint32),
        starts.view(np.int64),
        samples["t"],
        samples["v"],
        samples["q"],
    )


class Fresh:
    """The youngest samples, not yet in a file of runs; the writer's thread owns it."""

    def __init__(self, after: int) -> None:
        self.runs: tuple[Run, ...] = ()
        self.after = self.last = after

    def add(self, columns: Columns | None, n: int) -> None:
        """What commit `n` wrote."""
        if columns is not None and len(columns):
            after = self.runs[-1].last if self.runs else self.after
            self.runs = compact((*self.runs, run_of(columns, after, n)), joined)
        self.last = n

    @property
    def rows(self) -> int:
        """How many it holds."""
        return sum(map(len, self.runs))

    def whole(self) -> Run:
        """All of it as one run."""
        return msgspec.structs.replace(joined(self.runs), after=self.after, last=self.last)
