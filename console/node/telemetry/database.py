"""DuckDB, set up small and offline: one instance a process, the store's files attached to it; knows no samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

MEMORY_MB: Final = 160
"""DuckDB's own buffers in the node; a closing day's are the worker's."""
BLOCK_BYTES: Final = 256 << 10
SMALL_BLOCK_BYTES: Final = 16 << 10
"""For a day of few samples: each column takes a block at least, and there are years of such days after an import."""

_SAMPLES: Final = """
CREATE TABLE {db}.scalar({n}id UINTEGER, t BIGINT, v DOUBLE, q UTINYINT);
CREATE TABLE {db}.position(
    {n}id UINTEGER, t BIGINT, lon DOUBLE, lat DOUBLE, alt DOUBLE, heading DOUBLE, speed DOUBLE, q UTINYINT);
"""
_BUCKETS: Final = """
CREATE TABLE {db}.{level}(
    {n}id UINTEGER, t BIGINT, lo DOUBLE, hi DOUBLE, total DOUBLE, count BIGINT, bad BIGINT, q UTINYINT);
CREATE TABLE {db}.{level}_position(
    {n}id UINTEGER, t BIGINT, lon DOUBLE, lat DOUBLE, alt DOUBLE, heading DOUBLE, speed DOUBLE, q UTINYINT);
"""
_SENSORS: Final = """
CREATE TABLE {db}.sensor(
    number UINTEGER, id VARCHAR, kind VARCHAR, board VARCHAR, area VARCHAR, zh VARCHAR, en VARCHAR, unit VARCHAR);
"""
_LOG: Final = """
CREATE TABLE {db}.change({n}t BIGINT, cls VARCHAR, id VARCHAR, raw BLOB);
CREATE TABLE {db}.standing(t BIGINT, cls VARCHAR, id VARCHAR, raw BLOB);
"""
_MERGED: Final = """
CREATE TABLE {db}.merged(source VARCHAR);
CREATE TABLE {db}.gone(board VARCHAR);
CREATE TABLE {db}.extent(first BIGINT, last BIGINT);
"""
_FOLDED: Final = "CREATE TABLE {db}.folded(sources BIGINT);"
_N: Final = "n UINTEGER, "
SCHEMAS: Final = {
    "live": _SAMPLES.format(db="{db}", n=_N)
    + _BUCKETS.format(db="{db}", n=_N, level="minute")
    + _BUCKETS.format(db="{db}", n=_N, level="hour")
    + _LOG.format(db="{db}", n=_N)
    + _SENSORS
    + """
CREATE TABLE {db}.beat(n UINTEGER, run UINTEGER, t BIGINT);
CREATE TABLE {db}.flushed(n UINTEGER);
CREATE TABLE {db}.birth(name VARCHAR);
""",
    "raw": _SAMPLES.format(db="{db}", n="")
    + _LOG.format(db="{db}", n="")
    + _SENSORS
    + _MERGED
    + "CREATE TABLE {db}.run(run UINTEGER, start BIGINT, until BIGINT);",
    "late": _SAMPLES.format(db="{db}", n="") + _MERGED,
    "segment": _SAMPLES.format(db="{db}", n="") + "CREATE TABLE {db}.extent(first BIGINT, last BIGINT);",
    "minute": _BUCKETS.format(db="{db}", n="", level="minute") + _SENSORS + _MERGED + _FOLDED,
    "hour": _BUCKETS.format(db="{db}", n="", level="hour") + _SENSORS + _MERGED + _FOLDED,
}
"""The tables of each role of file. `n` counts commits: what was committed after a reader looked is told by it.

`live.flushed`: up to this commit all samples are in the tables of buckets. `live.birth`: a name that no other live
file has; `merged` names the live files whose samples have found their way into this file. `gone`: boards whose
samples were taken out again when their time was over. `folded`: how many of `merged` were there when the file was last
sorted as a whole. `lo`, `hi` are NULL where no sample is good. `extent`: times of the first and last sample.
"""


def connect(memory_mb: int = MEMORY_MB, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An instance without files that works in the calling thread alone and never loads or fetches an extension."""
    return duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(spill) if spill else "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allocator_flush_threshold": "16MB",
        },
    )


def quoted(text: str | Path) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def attach(db: duckdb.DuckDBPyConnection, path: Path, alias: str, *, read_only: bool = False) -> None:
    """Attach a file that there is, or make one without tables. Raises duckdb.Error."""
    db.execute(f"ATTACH {quoted(path)} AS {alias}{' (READ_ONLY)' if read_only else ''}")


def attach_draft(
    db: duckdb.DuckDBPyConnection, path: Path, alias: str, role: str, block_bytes: int = BLOCK_BYTES
) -> None:
    """Begin a file that counts only once it is complete: it has no write-ahead log, a half one is thrown away."""
    path.unlink(missing_ok=True)
    db.execute(f"ATTACH {quoted(path)} AS {alias} (RECOVERY_MODE no_wal_writes, BLOCK_SIZE {block_bytes})")
    create(db, alias, role)


def create(db: duckdb.DuckDBPyConnection, alias: str, role: str) -> None:
    """Make the tables of a new file, all or none."""
    db.execute("BEGIN")
    try:
        db.execute(SCHEMAS[role].format(db=alias))
        db.execute("COMMIT")
    except duckdb.Error:
        rollback(db)
        raise


_DAMAGE: Final = ("orrupt", "not a valid DuckDB", "Could not read enough bytes", "checksum", "Failure while replaying")


def is_damage(error: Exception) -> bool:
    """Whether DuckDB says that a file's bytes are not what it wrote; a full disk or too many open files is none."""
    return isinstance(error, duckdb.Error) and any(word in str(error) for word in _DAMAGE)


def insert(db: duckdb.DuckDBPyConnection, table: str, select: str, rows: Mapping[str, np.ndarray]) -> None:
    """Append `rows`, columns by name in the table's order, as `select` makes of them."""
    db.execute(f"INSERT INTO {table} SELECT {select} FROM rows")  # DuckDB finds `rows` by its name here


def rollback(db: duckdb.DuckDBPyConnection) -> None:
    """End a transaction that failed; nothing happens where there is none."""
    try:
        db.execute("ROLLBACK")
    except duckdb.Error:
        pass


def has_tables(db: duckdb.DuckDBPyConnection, alias: str) -> bool:
    """False for a file made by a process that died before it had made its tables."""
    found = db.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = ?", [alias]).fetchone()
    return bool(found and found[0])
