"""Imported samples on their way in: files in the form of a live file, on a DuckDB instance of their own."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import duckdb

from console.api import Columns
from console.node.telemetry import database
from console.node.telemetry.livefile import sample_rows

ROWS_MOST: Final = 100_000_000
"""A longer import continues in another file."""


class Bulk:
    """Writes one file at a time; all its calls come from one thread. The upkeep takes finished files in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db: duckdb.DuckDBPyConnection | None = None
        self.path: Path | None = None
        """The file being written."""
        self._commits = self._rows = 0

    def add(self, table: str, columns: Columns) -> None:
        """Write samples; on disk when it returns. Raises duckdb.Error and OSError."""
        if self._rows > ROWS_MOST:
            self.finish()
        db = self._db or self._begin()
        self._commits += 1
        self._rows += len(columns)
        db.execute("BEGIN")
        try:
            database.insert(db, f"bulk.{table}", f"{self._commits}, *", sample_rows(columns))
            db.execute("COMMIT")
        except BaseException:
            database.rollback(db)
            raise

    def _begin(self) -> duckdb.DuckDBPyConnection:
        birth = secrets.token_hex(16)
        self.path = self._folder / f"bulk-{birth}.duckdb"
        db = database.connect()
        database.attach(db, self.path, "bulk")
        database.create(db, "bulk", "live")
        db.execute("INSERT INTO bulk.birth VALUES (?)", [birth])
        self._db, self._commits, self._rows = db, 0, 0
        return db

    def finish(self) -> None:
        """Hand what was written over; nothing happens where there is none."""
        if self._db is None:
            return
        self._db.execute("CHECKPOINT bulk")
        self._db.close()
        self._db = self.path = None
