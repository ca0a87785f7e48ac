"""CSV text to series of samples; bad rows are counted with their line, never fatal; knows no sink and no clock."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from console.api import F64, I64, NS, U8, ChannelKind, Quality, Sensor, SourceError, Text
from console.node.sources.columns_csv.spec import CsvSettings, ValueColumn
from console.node.sources.replay.clockwork import instant_ns, utc_ns, zone
from console.node.sources.replay.reel import Fault, Recording, Series

_PARTS = ("%Y", "%m", "%d", "%H", "%M", "%S")
_NUMBERS = re.compile(r"%Y( %m( %d( %H( %M( %S)?)?)?)?)?")
EPOCH_UNITS_NS = {"s": NS, "ms": 1_000_000, "us": 1_000, "ns": 1}
_EARLIEST_NS, _LATEST_NS = -(2**62), 2**62


class _Tally:
    """Counts flaws by what they are and keeps the line of each one's first."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Text, int, int]] = {}

    def add(self, key: str, what: Text, line: int, count: int = 1) -> None:
        _, first, so_far = self._found.get(key, (what, line, 0))
        self._found[key] = (what, first, so_far + count)

    def faults(self) -> tuple[Fault, ...]:
        found = sorted(self._found.values(), key=lambda one: one[1])
        return tuple(Fault(what=what, count=count, where=f"line {line}") for what, line, count in found)


def time_columns(settings: CsvSettings) -> tuple[str, ...]:
    """The names of the time columns."""
    return (settings.time,) if isinstance(settings.time, str) else settings.time


def time_reader(settings: CsvSettings) -> Callable[[str], int]:
    """A function from the joined time cells to UTC ns; it raises ValueError or OverflowError for what is no time."""
    local = zone(settings.time_zone)
    form = settings.time_format or ("iso" if isinstance(settings.time, str) else " ".join(_PARTS[: len(settings.time)]))
    if form == "iso":
        return lambda text: instant_ns(text, local)
    if form in EPOCH_UNITS_NS:
        unit_ns = EPOCH_UNITS_NS[form]
        return lambda text: int(text) * unit_ns if text.lstrip("-").isdecimal() else round(float(text) * unit_ns)
    if _NUMBERS.fullmatch(form):
        return lambda text: utc_ns(_of_numbers([int(part) for part in text.split()]), local)
    return lambda text: utc_ns(dt.datetime.strptime(text, form), local)


def _of_numbers(parts: list[int]) -> dt.datetime:
    year, month, day, hour, minute, second = [*parts, *(1, 1, 1, 0, 0, 0)[len(parts) :]]
    return dt.datetime(year, month, day, hour, minute, second)


def rows_of(text: str, settings: CsvSettings, tally: _Tally | None = None) -> Iterator[tuple[int, list[str]]]:
    """Non-empty rows with the line they begin on; a row the csv reader chokes on is tallied and skipped."""
    lines = text.splitlines(keepends=True)[settings.skip_lines :]
    reader = csv.reader(lines, delimiter=settings.delimiter)
    while True:
        line = reader.line_num + 1 + settings.skip_lines
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if tally is not None:
                tally.add("row", Text("行读不出", f"unreadable row ({error})"), line)
            continue
        if row:
            yield line, row


def header_of(text: str, settings: CsvSettings) -> list[str]:
    """The columns' names: the header's, or "1", "2", … in a file without one."""
    for _, row in rows_of(text, settings):
        return [name.strip() for name in row] if settings.header else [str(i + 1) for i in range(len(row))]
    return []


def sensor_of(settings: CsvSettings, column: ValueColumn) -> Sensor:
    """The sensor that a column becomes."""
    lon, lat = (column.lon, column.lat) if column.lon is not None else (settings.lon, settings.lat)
    return Sensor(
        id=f"{settings.id}.{column.id or column.column}",
        kind=column.kind or column.column,
        channel=ChannelKind.SCALAR,
        board=column.board or settings.board,
        domain=column.domain or settings.domain,
        area=column.area or settings.area,
        site=settings.site_name,
        name=column.name if column.name.zh else Text(column.column),
        unit=column.unit,
        digits=column.digits,
        lon=lon,
        lat=lat,
        normal=column.normal,
        limits=column.limits,
        stale_after_s=column.stale_after_s,
        source=settings.id,
        cause=column.cause,
        alarm_text=column.alarm_text,
        likely=column.likely,
        first_act=column.first_act,
    )


def read_table(text: str, settings: CsvSettings) -> Recording:
    """All series of a CSV text, ascending in time; of two rows with one time the later stands.

    Raises SourceError when a named column is not there or no row has a time.
    """
    tally = _Tally()
    names = header_of(text, settings)
    when = [_index(names, name, settings) for name in time_columns(settings)]
    wanted = [(column, _index(names, column.column, settings)) for column in settings.value]
    instant = time_reader(settings)
    times: list[int] = []
    lines: list[int] = []
    cells: list[list[float]] = [[] for _ in wanted]
    rows = rows_of(text, settings, tally)
    if settings.header:
        next(rows, None)
    for line, row in rows:
        try:
            t_ns = instant(" ".join(row[i].strip() for i in when))
            if not _EARLIEST_NS < t_ns < _LATEST_NS:
                raise ValueError("time out of range")
        except (ValueError, IndexError, OverflowError):
            tally.add("time", Text("行无时间", "rows without a usable time"), line)
            continue
        if len(row) < len(names):
            tally.add("short", Text("行太短", "rows with too few columns"), line)
        times.append(t_ns)
        lines.append(line)
        for (column, at), values in zip(wanted, cells, strict=True):
            values.append(_cell(row[at] if at < len(row) else "", column, settings, tally, line))
    if not times:
        raise SourceError(f"{settings.file}: no row has a time ('{settings.time}', format '{settings.time_format}')")
    return _recording(settings, times, lines, cells, tally)


def _index(names: Sequence[str], name: str, settings: CsvSettings) -> int:
    if name not in names:
        raise SourceError(f"{settings.file}: no column '{name}'; it has {', '.join(names) or 'none'}")
    return names.index(name)


def _cell(cell: str, column: ValueColumn, settings: CsvSettings, tally: _Tally, line: int) -> float:
    """The cell's number, NaN where it says none or cannot be one."""
    text = cell.strip()
    if text in column.texts:
        return column.texts[text]
    if text in settings.missing:
        return math.nan
    try:
        value = float(text if settings.decimal == "." else text.replace(settings.decimal, "."))
    except ValueError:
        value = math.inf
    if math.isinf(value):
        tally.add(f"cell {column.column}", Text(f"{column.column} 不是数", f"no number in {column.column}"), line)
        return math.nan
    return value * column.scale + column.offset


def _recording(
    settings: CsvSettings, times: list[int], lines: list[int], cells: list[list[float]], tally: _Tally
) -> Recording:
    t_ns = np.array(times, np.int64)
    backwards = np.flatnonzero(np.diff(t_ns) < 0)
    if len(backwards):
        tally.add(
            "order", Text("时间倒序，已排好", "rows out of order, sorted"), lines[backwards[0] + 1], len(backwards)
        )
    order = np.argsort(t_ns, kind="stable")
    kept = _last_of_each(t_ns[order])
    if len(kept) < len(order):
        twice = np.setdiff1d(np.arange(len(order)), kept)
        line = min(lines[i] for i in order[twice])
        tally.add("twice", Text("同一时刻重复，取后者", "rows of one time, the last taken"), line, len(twice))
    order = order[kept]
    series = tuple(
        _series(sensor_of(settings, column), column, t_ns[order], np.array(values, np.float64)[order])
        for column, values in zip(settings.value, cells, strict=True)
    )
    return Recording(series=series, faults=tally.faults())


def _last_of_each(ascending: I64) -> I64:
    return np.flatnonzero(np.append(np.diff(ascending) != 0, True))


def _series(sensor: Sensor, column: ValueColumn, t_ns: I64, v: F64) -> Series:
    bad = np.isnan(v)
    if column.lowest is not None:
        bad |= v < column.lowest
    if column.highest is not None:
        bad |= v > column.highest
    q: U8 = np.where(bad, Quality.BAD, Quality.GOOD).astype(np.uint8)
    return Series(sensor=sensor, t_ns=t_ns, v=np.where(bad, np.nan, v), q=q)
