"""Gathers runs of the live day into one sorted, compressed file; runs in the worker, knows no live file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from console.api import Columns
from console.node.telemetry import database
from console.node.telemetry.hot import Run, load, run_of
from console.node.telemetry.livefile import sample_rows
from console.node.telemetry.tail import chained

SHARE_ROWS: Final = 1_000_000
"""So many rows are sorted at once, in memory."""


def gather(db: duckdb.DuckDBPyConnection, folder: Path, names: Sequence[str], draft: Path) -> None:
    """Fill the draft, a whole file once it is detached. Raises OSError (a run that is not whole) and duckdb.Error."""
    runs = []
    for name in names:
        run = load(folder / name)
        if run is None:
            raise OSError(f"{name} is not a whole run")
        runs.append(run)
    database.attach_draft(db, draft, "new", "segment")
    for first, last in _shares(runs):
        part = chained([_share(run, first, last) for run in runs])
        sorted_ = run_of(part, 0, 0)
        ids = np.repeat(sorted_.ids, np.diff(sorted_.starts))
        rows = sample_rows(Columns(t_ns=sorted_.t, v=sorted_.v, q=sorted_.q, ids=ids))
        database.insert(db, "new.scalar", "*", rows)
    first_ns, last_ns = min(run.first_ns for run in runs), max(run.last_ns for run in runs)
    db.execute(f"INSERT INTO new.extent VALUES ({first_ns}, {last_ns})")


def _shares(runs: Sequence[Run]) -> Iterator[tuple[int, int]]:
    """Ranges of sensor numbers with few enough rows to be sorted at once."""
    ids = np.concatenate([run.ids for run in runs])
    numbers, at = np.unique(ids, return_inverse=True)
    rows = np.bincount(at, np.concatenate([np.diff(run.starts) for run in runs])).astype(np.int64)
    first = had = 0
    for number, count in zip(numbers.tolist(), rows.tolist(), strict=True):
        if had and had + count > SHARE_ROWS:
            yield first, number
            first, had = number, 0
        had += count
    if had:
        yield first, 1 << 32


def _share(run: Run, first: int, last: int) -> Columns:
    a, b = run.ids.searchsorted(first), run.ids.searchsorted(last)
    lo, hi = int(run.starts[a]), int(run.starts[b])
    ids = np.repeat(run.ids[a:b], np.diff(run.starts[a : b + 1]))
    return Columns(t_ns=run.t[lo:hi], v=run.v[lo:hi], q=run.q[lo:hi], ids=ids)
