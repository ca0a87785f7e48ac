"""CSV source at work: reads its file beside the loop, then plays it; knows nothing of rows and cells."""

from __future__ import annotations

import asyncio
from pathlib import Path

from console.api import ChannelKind, Columns, Sink, Span
from console.node.sources.columns_csv.spec import CsvSettings
from console.node.sources.columns_csv.table import header_of, read_table, time_columns
from console.node.sources.config.check import (
    Flaw,
    column_flaws,
    encoding_flaws,
    limit_flaws,
    one_character_flaws,
    position_flaws,
    replay_flaws,
)
from console.node.sources.config.text import read_head, read_text
from console.node.sources.replay.clockwork import zone
from console.node.sources.replay.reel import Player, Recording, Reel, nothing, tell


class CsvSource:
    """A CSV file replayed as sensors (console.api.Source)."""

    def __init__(self, settings: CsvSettings) -> None:
        self._settings = settings
        self._reel: Reel | None = None
        self._sink: Sink | None = None

    @staticmethod
    def check(settings: CsvSettings) -> list[Flaw]:
        """What is wrong with the settings and with the file's header, before anything runs."""
        return (
            replay_flaws(settings, settings.time_zone)
            + encoding_flaws(settings.encoding)
            + one_character_flaws(delimiter=settings.delimiter, decimal=settings.decimal)
            + position_flaws((), settings.lon, settings.lat)
            + _value_flaws(settings)
        ) or _header_flaws(settings)

    async def run(self, sink: Sink) -> None:
        """Play the file; returns when it has ended. Raises SourceError when the file cannot be read."""
        recording = await asyncio.to_thread(load, self._settings)
        reel = Reel(recording, self._settings, zone(self._settings.time_zone))
        self._sink, self._reel = sink, reel
        tell(sink, self._settings, Path(self._settings.file).name, reel, recording.faults)
        await Player(sink, reel).run()

    async def query(self, span: Span) -> Columns:
        """What the replay has shown, and the file's own past before it began."""
        if self._reel is None or self._sink is None:
            return nothing(ChannelKind.SCALAR)
        return self._reel.columns(span, self._sink.now_ns)


def load(settings: CsvSettings) -> Recording:
    """The recording in the settings' file; raises SourceError."""
    text, faults = read_text(settings.file, settings.encoding)
    recording = read_table(text, settings)
    return Recording(series=recording.series, channel=recording.channel, faults=faults + recording.faults)


def _value_flaws(settings: CsvSettings) -> list[Flaw]:
    if not settings.value:
        return [Flaw(path=("value",), found="nothing", expected="at least one [[source.value]]")]
    flaws: list[Flaw] = []
    seen: set[str] = set()
    for i, column in enumerate(settings.value):
        at = ("value", i)
        name = column.id or column.column
        if name in seen:
            flaws.append(Flaw(path=at, found=f"a second '{name}'", expected="an `id` of its own for each value"))
        seen.add(name)
        flaws += position_flaws(at, column.lon, column.lat) + limit_flaws((*at, "limits"), column.limits)
    return flaws


def _header_flaws(settings: CsvSettings) -> list[Flaw]:
    names = header_of(read_head(settings.file, settings.encoding), settings)
    times = [(("time",), name) for name in time_columns(settings)]
    values = [(("value", i, "column"), column.column) for i, column in enumerate(settings.value)]
    return column_flaws(names, [*times, *values], "column")
