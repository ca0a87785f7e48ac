"""CSV source, declared: which columns are time and values; imports no parser."""

from __future__ import annotations

import msgspec

from console.api import Board, Limit, SourceSpec, Text, Value
from console.node.sources.replay.clockwork import ReplaySettings

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "--", "—")
"""Cells that say "no value"; they become a BAD sample without a value, never zero."""


class ValueColumn(Value, frozen=True):
    """One column that becomes one sensor; empty board, domain, area, site, lon, lat are taken from the source.

    Attributes:
        column: the header's name, or "1", "2", … in a file without header.
        id: sensor id after the source's ("air-dongsi.PM2.5"); the column's name when empty.
        scale, offset: shown value = cell × scale + offset, to convert units (mph to km/h: 1.609344).
        texts: numbers for cells that hold words, e.g. wind directions; `scale` and `offset` do not touch them.
        lowest, highest: a value outside is BAD (the sensor lied), not an alarm.
        stale_after_s: shown seconds of silence after which the value is stale; 0: two and a half usual spacings.
    """

    column: str
    id: str = ""
    name: Text = Text("")
    unit: str = ""
    kind: str = ""
    board: Board | None = None
    domain: str = ""
    area: str = ""
    site: str = ""
    lon: float | None = None
    lat: float | None = None
    digits: int = 2
    limits: tuple[Limit, ...] = ()
    normal: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    lowest: float | None = None
    highest: float | None = None
    texts: dict[str, float] = msgspec.field(default_factory=dict)
    stale_after_s: float = 0.0
    cause: str = ""
    alarm_text: Text = Text("")
    likely: Text = Text("")
    first_act: Text = Text("")


class CsvSettings(ReplaySettings, frozen=True):
    """A CSV file, plain or .gz.

    Attributes:
        time: the time column, or several that are joined by a blank ("year", "month", "day", "hour").
        time_format: "iso", "s", "ms", "us", "ns" since 1970, or a strptime pattern; for several columns without one
            the pattern is made of as many of "%Y %m %d %H %M %S" as there are columns.
        time_zone: zone of times that name none.
        missing: cells that mean no value.
        value: the columns that become sensors.
    """

    time: str | tuple[str, ...] = "time"
    time_format: str = ""
    time_zone: str = "Asia/Shanghai"
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header: bool = True
    skip_lines: int = 0
    missing: tuple[str, ...] = MISSING
    value: tuple[ValueColumn, ...] = ()
    board: Board = Board.LIFELINE
    domain: str = ""
    area: str = ""
    site: str = ""
    site_name: Text = Text("")
    """Filled in from [[site]] when the file is read."""
    lon: float | None = None
    lat: float | None = None


SPEC = SourceSpec(
    id="csv",
    title=Text("CSV 文件", "CSV file"),
    factory="console.node.sources.columns_csv.source:CsvSource",
    settings=CsvSettings,
)
