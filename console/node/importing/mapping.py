"""Which column of a file is what: as a sources TOML says, else guessed from the header; reads no samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from console.api import BadInput, SettingsError
from console.node.importing.csv_file import CsvFile
from console.node.importing.lot import Reader, unreadable
from console.node.importing.parquet_file import ParquetFile, columns_in
from console.node.sources.columns_csv.spec import MISSING, CsvSettings, ValueColumn
from console.node.sources.columns_csv.table import time_reader
from console.node.sources.config.load import load_mapping
from console.node.sources.config.text import read_head

TIMES: Final = ("time", "timestamp", "datetime", "date_time", "date", "ts", "时间", "日期", "时刻")
_EPOCHS: Final = ((10**17, "ns"), (10**14, "us"), (10**11, "ms"), (0, "s"))
_SLUG: Final = re.compile(r"[^A-Za-z0-9_-]+")


def settings_for(file: Path, mapping: Path | None) -> CsvSettings:
    """How `file` is read. Raises SettingsError saying what is missing and how to say it."""
    if not file.is_file():
        raise BadInput(str(file), found="no such file", expected="a CSV, Parquet or MCAP file")
    if mapping is not None:
        return load_mapping(mapping, file)
    return _guess_parquet(file) if file.suffix == ".parquet" else _guess_csv(file)


def reader_for(file: Path, settings: CsvSettings) -> Reader:
    """Who reads the file."""
    return ParquetFile(file, settings) if file.suffix == ".parquet" else CsvFile(file, settings)


def fingerprint(settings: CsvSettings) -> bytes:
    """Bytes that differ where the same file would be read differently; the file's place does not matter."""
    return msgspec.msgpack.encode(msgspec.structs.replace(settings, file=""))


def _guess_csv(file: Path) -> CsvSettings:
    head = read_head(str(file), "utf-8")
    lines = [line for line in head.splitlines()[:-1] or head.splitlines() if line.strip()][:50]
    if not lines:
        raise BadInput(str(file), found="an empty file", expected="a header line and rows")
    delimiter = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=delimiter))
    names = [name.strip() for name in rows[0]]
    cells = {name: [row[i].strip() for row in rows[1:] if i < len(row)] for i, name in enumerate(names)}
    settings = CsvSettings(delimiter=delimiter)
    return _guessed(file, settings, names, {name: _is_numbers(column) for name, column in cells.items()}, cells)


def _guess_parquet(file: Path) -> CsvSettings:
    try:
        with duckdb.connect(":memory:") as db:
            types = columns_in(db, file)
            rows = db.execute("SELECT * FROM read_parquet(?) LIMIT 50", [str(file)]).fetchall()
    except duckdb.Error as error:
        raise unreadable(file, error, "a readable Parquet file") from error
    cells = {name: ["" if row[i] is None else str(row[i]) for row in rows] for i, name in enumerate(types)}
    numbers = {name: not kind.startswith(("TIMESTAMP", "DATE", "TIME", "VARCHAR")) for name, kind in types.items()}
    times = [name for name, kind in types.items() if kind.startswith(("TIMESTAMP", "DATE"))]
    return _guessed(file, CsvSettings(), list(types), numbers, cells, times)


def _guessed(
    file: Path,
    settings: CsvSettings,
    names: Sequence[str],
    numbers: dict[str, bool],
    cells: dict[str, list[str]],
    times: Sequence[str] = (),
) -> CsvSettings:
    called = [name for name in names if name.lower() in TIMES]
    time = next((name for name in [*(n for n in called if n in times), *times, *called]), "")
    if not time:
        raise SettingsError(
            f"{file.name}: which column is the time?",
            found=f"columns {', '.join(names)}",
            expected=" or ".join(TIMES[:3]),
            tip="name the columns in a TOML file and give it with --mapping (docs/howto/import.md)",
        )
    values = tuple(ValueColumn(column=name) for name in names if name != time and numbers[name])
    if not values:
        raise SettingsError(
            f"{file.name}: no column of numbers besides '{time}'", tip="name the columns with --mapping"
        )
    first = next((cell for cell in cells[time] if cell), "")
    form = "" if time in times else _time_format(first)
    source = _SLUG.sub("-", file.name.split(".")[0]).strip("-") or "import"
    made = msgspec.structs.replace(settings, id=source, file=str(file), time=time, time_format=form, value=values)
    try:
        time_reader(made)(first) if time not in times else None
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            f"{file.name}, column '{time}'",
            found=f"'{first}'",
            expected="ISO times, or s, ms, us, ns since 1970",
            tip="say how the times are written with --mapping (time_format)",
        ) from error
    return made


def _is_numbers(cells: Sequence[str]) -> bool:
    """Whether the first cell that says something is a number."""
    first = next((cell for cell in cells if cell not in MISSING), "")
    try:
        float(first)
    except ValueError:
        return False
    return True


def _time_format(cell: str) -> str:
    try:
        number = abs(float(cell))
    except ValueError:
        return "iso"
    return next(unit for least, unit in _EPOCHS if number >= least)
