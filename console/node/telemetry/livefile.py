"""What is written into a live file and asked of it, as SQL; knows no thread and no moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import duckdb
import msgspec
import numpy as np

from console.api import Columns
from console.node.telemetry import database
from console.node.telemetry.inbox import Enrolled
from console.node.telemetry.layout import HOUR_NS, MINUTE_NS
from console.node.telemetry.pyramid import Buckets, coarser
from console.node.telemetry.tail import Tail, firsts


def rebuild(db: duckdb.DuckDBPyConnection, alias: str, after: int, last: int) -> None:
    """Buckets of all commits after one, from their samples: what a killed node held in memory only."""
    for level, step in (("minute", MINUTE_NS), ("hour", HOUR_NS)):
        db.execute(
            f"INSERT INTO {alias}.{level} SELECT {last}, *"
            f" FROM ({bucketed(f'{alias}.scalar WHERE n > {after}', step)}) ORDER BY id, t"
        )
        db.execute(
            f"INSERT INTO {alias}.{level}_position SELECT {last}, *"
            f" FROM ({first_known(f'{alias}.position WHERE n > {after}', step)}) ORDER BY id, t"
        )
    db.execute(f"INSERT INTO {alias}.flushed VALUES ({last})")


def bucketed(rows: str, step: int) -> str:
    """Buckets of scalar samples (a table, or one with its WHERE), unordered, as the tables have them after `n`."""
    good = f"FILTER ({GOOD.format('v')})"
    return (
        f"SELECT id, t - t % {step} AS t, min(v) {good} AS lo, max(v) {good} AS hi,"
        f" coalesce(sum(v) {good}, 0) AS total, count(*) {good} AS count,"
        f" count(*) FILTER (NOT ({GOOD.format('v')})) AS bad, bit_or(q) AS q FROM {rows} GROUP BY 1, 2"
    )


def first_known(rows: str, step: int) -> str:
    """The first known of each bucket's positions, else its first, ascending by (id, t)."""
    return (
        f"SELECT id, t, {PLACE}, q FROM {rows} QUALIFY row_number() OVER (PARTITION BY id, t // {step}"
        f" ORDER BY NOT ({GOOD.format('lon')}), t) = 1 ORDER BY id, t"
    )


def flush(db: duckdb.DuckDBPyConnection, alias: str, n: int, tail: Tail) -> None:
    """The pyramids' youngest part into the tables; up to commit `n` they are complete then."""
    minutes, track = tail.all_buckets(), tail.all_track()
    if len(minutes):
        select = f"{n}, id, t, if(count = 0, NULL, lo), if(count = 0, NULL, hi), total, count, bad, q"
        for level, buckets in (("minute", minutes), ("hour", coarser(minutes, HOUR_NS))):
            database.insert(db, f"{alias}.{level}", select, bucket_rows(buckets))
    if len(track):
        insert(db, f"{alias}.minute_position", n, sample_rows(track))
        insert(db, f"{alias}.hour_position", n, sample_rows(firsts(track, HOUR_NS)))
    db.execute(f"INSERT INTO {alias}.flushed VALUES ({n})")


def insert(db: duckdb.DuckDBPyConnection, table: str, n: int, rows: dict[str, np.ndarray]) -> None:
    """Append rows of one commit."""
    database.insert(db, table, f"{n}, *", rows)


def insert_sensors(db: duckdb.DuckDBPyConnection, alias: str, sensors: Iterable[Enrolled]) -> None:
    """Name sensors in a file."""
    found = [msgspec.structs.astuple(sensor) for sensor in sensors]
    if found:
        database.insert(db, f"{alias}.sensor", "*", objects(Enrolled.__struct_fields__, found))


def runs_of(db: duckdb.DuckDBPyConnection, alias: str) -> list[tuple[int, int]]:
    """Intervals in which the store recorded into this file."""
    return db.execute(f"SELECT min(t), max(t) FROM {alias}.beat GROUP BY run").fetchall()


def extent_of(db: duckdb.DuckDBPyConnection, alias: str) -> tuple[int, int]:
    """Times of the first and the last sample; (0, 0) for none."""
    both = f"SELECT t FROM {alias}.scalar UNION ALL SELECT t FROM {alias}.position"
    found = db.execute(f"SELECT coalesce(min(t), 0), coalesce(max(t), 0) FROM ({both})").fetchone()
    return found or (0, 0)


def one(db: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The one value that a statement gives."""
    row = db.execute(sql).fetchone()
    assert row is not None
    return row[0]


def in_one(db: duckdb.DuckDBPyConnection, work: Callable[[], None]) -> None:
    """Do it at once or not at all."""
    db.execute("BEGIN")
    try:
        work()
        db.execute("COMMIT")
    except BaseException:
        database.rollback(db)
        raise


def objects(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, np.ndarray]:
    """Rows of texts and bytes as columns that DuckDB reads at once."""
    columns = {}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        columns[name] = np.array([None, *values], object)[1:]
    return columns


def sample_rows(columns: Columns) -> dict[str, np.ndarray]:
    """Columns by name as the tables have them after `n`."""
    if columns.v.ndim == 1:
        return {"id": columns.ids, "t": columns.t_ns, "v": columns.v, "q": columns.q}
    five = {name: np.ascontiguousarray(columns.v[:, i]) for i, name in enumerate(FIVE)}
    return {"id": columns.ids, "t": columns.t_ns, **five, "q": columns.q}


def bucket_rows(buckets: Buckets) -> dict[str, np.ndarray]:
    """Columns by name as the tables of buckets have them after `n`."""
    return {name: getattr(buckets, name) for name in Buckets.__struct_fields__}


FIVE: Final = ("lon", "lat", "alt", "heading", "speed")
"""A position's values, in order."""
PLACE: Final = ", ".join(FIVE)
GOOD: Final = "coalesce(isfinite({}), false) AND (q & 2) = 0"
"""Which samples count; the same as `pyramid.usable`."""
