"""A Parquet file read block by block by DuckDB, mapped as the csv source maps columns; knows no store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from console.api import F64, I64, NS, U8, ChannelKind, Columns, Quality, Sensor, SettingsError, Text
from console.node.importing.lot import Faults, Lot, bounds_of, stacked, unreadable
from console.node.sources.columns_csv.spec import CsvSettings, ValueColumn
from console.node.sources.columns_csv.table import EPOCH_UNITS_NS, sensor_of, time_columns, time_reader
from console.node.sources.replay.clockwork import utc_ns, zone
from console.node.sources.replay.reel import Fault

BLOCK_ROWS: Final = 200_000
MEMORY: Final = "512MB"
_QUARTER_NS: Final = 900 * NS
_EARLIEST_NS, _LATEST_NS = -(2**62), 2**62
_INTEGERS: Final = frozenset(f"{u}{size}" for u in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"))
_NOWHERE: Final = -(2**63)


class ParquetFile:
    """A Parquet file; see `console.node.importing.lot.Reader`. Rows are named by their number, from 1."""

    simulated = False

    def __init__(self, file: Path, settings: CsvSettings) -> None:
        self._file, self._settings = file, settings
        self._faults = Faults()
        self.sensors: Sequence[Sensor] = [sensor_of(settings, column) for column in settings.value]

    def faults(self) -> Sequence[Fault]:
        """What could not be used so far."""
        return self._faults.all()

    def lots(self) -> Iterator[Lot]:
        """Block after block. Raises BadInput where the file or a column cannot be read."""
        with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": MEMORY}) as db:
            try:
                types = columns_in(db, self._file)
                rows = db.execute("SELECT count(*) FROM read_parquet(?)", [str(self._file)]).fetchone()
                total = int(rows[0]) if rows else 0
                self._check(types)
                select = self._select(types)
                for start in range(0, total, BLOCK_ROWS):
                    found = db.execute(select, [str(self._file), start, start + BLOCK_ROWS]).fetchnumpy()
                    columns = self._columns(found, types, start)
                    yield Lot(kind=ChannelKind.SCALAR, columns=columns, done=min(1.0, (start + BLOCK_ROWS) / total))
            except duckdb.Error as error:
                raise unreadable(self._file, error, "a readable Parquet file") from error

    def _check(self, types: dict[str, str]) -> None:
        wanted = [*time_columns(self._settings), *(column.column for column in self._settings.value)]
        for name in wanted:
            if name not in types:
                raise SettingsError(
                    f"{self._file.name}", found=f"no column '{name}'", expected=f"one of {_listed(types)}"
                )

    def _select(self, types: dict[str, str]) -> str:
        times = [f"{_time_sql(name, types[name])} AS t{i}" for i, name in enumerate(time_columns(self._settings))]
        values = [f"{_value_sql(c.column, types[c.column])} AS v{i}" for i, c in enumerate(self._settings.value)]
        return (
            f"SELECT {', '.join(times + values)} FROM read_parquet(?, file_row_number = true) "
            "WHERE file_row_number >= ? AND file_row_number < ? ORDER BY file_row_number"
        )

    def _columns(self, found: dict[str, Any], types: dict[str, str], start: int) -> Columns:
        t_ns = self._times(found, [types[name] for name in time_columns(self._settings)])
        usable = (t_ns > _EARLIEST_NS) & (t_ns < _LATEST_NS)
        if not usable.all():
            self._count(Text("行无时间", "rows without a usable time"), ~usable, start)
        parts = [
            tuple(c[usable] for c in self._values(column, found[f"v{i}"], start))
            for i, column in enumerate(self._settings.value)
        ]
        return stacked(t_ns[usable], [(v, q) for v, q in parts])

    def _times(self, found: dict[str, Any], types: list[str]) -> I64:
        """UTC ns of each row, _NOWHERE where there is none."""
        local = zone(self._settings.time_zone)
        columns = [found[f"t{i}"] for i in range(len(types))]
        if len(columns) == 1 and types[0].startswith(("TIMESTAMP", "DATE")):
            t_ns = _filled(columns[0], _NOWHERE).astype(np.int64)
            return t_ns if "WITH TIME ZONE" in types[0] else local_to_utc(t_ns, local)
        unit_ns = EPOCH_UNITS_NS.get(self._settings.time_format)
        if len(columns) == 1 and unit_ns is not None and _is_number(types[0]):
            return _scaled(_filled(columns[0], np.nan if columns[0].dtype.kind == "f" else _NOWHERE), unit_ns)
        instant = time_reader(self._settings)
        texts = [np.ma.filled(np.ma.asarray(column).astype(object), "").tolist() for column in columns]
        return np.array([_instant(instant, " ".join(str(part) for part in row)) for row in zip(*texts, strict=True)])

    def _values(self, column: ValueColumn, cells: Any, start: int) -> tuple[F64, U8]:
        if np.ma.asarray(cells).dtype.kind == "O":
            v = self._worded(column, np.ma.filled(cells, ""), start)
        else:
            v = _filled(np.ma.asarray(cells).astype(np.float64), np.nan) * column.scale + column.offset
        lowest, highest = bounds_of(column)
        bad = ~np.isfinite(v) | (v < lowest) | (v > highest)
        return np.where(bad, np.nan, v), np.where(bad, Quality.BAD, Quality.GOOD).astype(np.uint8)

    def _worded(self, column: ValueColumn, cells: Any, start: int) -> F64:
        """Numbers of a column of texts."""
        v = np.full(len(cells), np.nan)
        wrong = np.zeros(len(cells), bool)
        for row, cell in enumerate(cells.tolist()):
            text = str(cell).strip()
            if text in column.texts:
                v[row] = column.texts[text]
            elif text not in self._settings.missing:
                try:
                    v[row] = float(text.replace(self._settings.decimal, ".")) * column.scale + column.offset
                except ValueError:
                    wrong[row] = True
        if wrong.any():
            self._count(Text(f"{column.column} 不是数", f"no number in {column.column}"), wrong, start)
        return v

    def _count(self, what: Text, rows: np.ndarray, start: int) -> None:
        first = start + int(np.flatnonzero(rows)[0]) + 1
        self._faults.add(Fault(what=what, count=int(rows.sum()), where=f"row {first}"))


def columns_in(db: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """The file's columns with their types, as DuckDB names them. Raises duckdb.Error."""
    return {row[0]: row[1] for row in db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()}


def local_to_utc(local_ns: I64, local: dt.tzinfo) -> I64:
    """Wall times as ns since 1970, moved to UTC; i64 (n,). The zone is asked once a quarter of an hour."""
    quarters, which = np.unique(local_ns // _QUARTER_NS, return_inverse=True)
    shifts = np.zeros(len(quarters), np.int64)
    for i, quarter in enumerate(quarters.tolist()):
        try:
            wall = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=quarter * 900)
            shifts[i] = utc_ns(wall, local) - quarter * _QUARTER_NS
        except OverflowError:  # no year that a calendar knows: judged unusable by who asked
            shifts[i] = 0
    return local_ns + shifts[which]


def _time_sql(name: str, kind: str) -> str:
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"epoch_ns(CAST({_named(name)} AS TIMESTAMP))" if kind == "DATE" else f"epoch_ns({_named(name)})"
    if _is_number(kind):
        return _named(name) if kind in _INTEGERS else f"CAST({_named(name)} AS DOUBLE)"
    return f"CAST({_named(name)} AS VARCHAR)"


def _value_sql(name: str, kind: str) -> str:
    return f"CAST({_named(name)} AS {'DOUBLE' if _is_number(kind) or kind == 'BOOLEAN' else 'VARCHAR'})"


def _is_number(kind: str) -> bool:
    return kind in _INTEGERS or kind in ("DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT") or kind.startswith("DECIMAL")


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(names: dict[str, str]) -> str:
    return ", ".join(names) or "none"


def _filled(column: Any, missing: float) -> Any:
    return np.ma.filled(np.ma.asarray(column), missing)


def _scaled(numbers: Any, unit_ns: int) -> I64:
    if numbers.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            return np.where(np.abs(numbers) < _LATEST_NS / unit_ns, np.rint(numbers * unit_ns), _NOWHERE).astype(
                np.int64
            )
    fits = np.abs(numbers.astype(np.float64)) < _LATEST_NS / unit_ns
    scaled: I64 = np.where(fits, numbers, 0).astype(np.int64) * unit_ns
    return np.where(fits, scaled, _NOWHERE)


def _instant(instant: Any, text: str) -> int:
    try:
        t_ns = int(instant(text.strip()))
    except (ValueError, OverflowError):
        return _NOWHERE
    return t_ns if _EARLIEST_NS < t_ns < _LATEST_NS else _NOWHERE
