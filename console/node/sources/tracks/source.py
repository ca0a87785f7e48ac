"""Tracks source at work: movers with position sensors, replayed; knows no file format."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from console.api import I64, NS, ChannelKind, Columns, Resource, Sensor, Sink, SourceError, Span, Text
from console.node.sources.columns_csv.table import header_of
from console.node.sources.config.check import (
    Flaw,
    column_flaws,
    encoding_flaws,
    one_character_flaws,
    replay_flaws,
)
from console.node.sources.config.text import read_head, read_text
from console.node.sources.replay.clockwork import zone
from console.node.sources.replay.reel import Fault, Player, Recording, Reel, Series, nothing, tell
from console.node.sources.tracks.judge import judged
from console.node.sources.tracks.read import Fix, Unread, csv_settings, fields_of, format_of, raw_fixes
from console.node.sources.tracks.spec import TracksSettings

EARLIEST_NS = 315_532_800 * NS
"""1980: no receiver's clock is right before."""
GONE_AFTER_S = 600.0
USUAL_MAX_M_S = {"aircraft": 350.0}
OTHER_MAX_M_S = 90.0


class TracksSource:
    """Recorded tracks replayed as resources (console.api.Source)."""

    def __init__(self, settings: TracksSettings) -> None:
        self._settings = settings
        self._reel: Reel | None = None
        self._sink: Sink | None = None
        self._player: Player | None = None
        self._names: list[Text] = []
        self._last_ns: dict[int, int] = {}
        self._gone_ns = 0

    @staticmethod
    def check(settings: TracksSettings) -> list[Flaw]:
        """What is wrong with the settings, before anything runs."""
        return (
            replay_flaws(settings, settings.time_zone)
            + encoding_flaws(settings.encoding)
            + one_character_flaws(delimiter=settings.delimiter)
        ) or _header_flaws(settings)

    async def run(self, sink: Sink) -> None:
        """Play the file; returns when it has ended and the last mover has left. Raises SourceError."""
        recording, self._names = await asyncio.to_thread(load, self._settings)
        reel = Reel(recording, self._settings, zone(self._settings.time_zone))
        self._sink, self._reel = sink, reel
        gone_s = max(GONE_AFTER_S, 20 * reel.usual_step_s / self._settings.speed)
        self._gone_ns = int((self._settings.gone_after_s or gone_s) * NS)
        tell(sink, self._settings, Path(self._settings.file).name, reel, recording.faults)
        self._player = Player(sink, reel, self._shown, history_ns=self._gone_ns, lasting=False)
        await self._player.run()
        while self._last_ns:
            await asyncio.sleep(1)
            self._leave(sink.now_ns)

    async def query(self, span: Span) -> Columns:
        """Where a mover was shown, thinned evenly."""
        if self._reel is None or self._sink is None:
            return nothing(ChannelKind.POSITION)
        return self._reel.columns(span, self._sink.now_ns)

    def _shown(self, rows: I64, t_ns: I64) -> None:
        """Movers with a good fix appear; those silent for long leave, their position sensors with them."""
        if self._reel is None or self._sink is None:
            return
        good = (self._reel.q[rows] == 0) & (t_ns > self._sink.now_ns - self._gone_ns)
        came: list[Resource] = []
        for mover, at_ns in zip(self._reel.owner[rows[good]].tolist(), t_ns[good].tolist(), strict=True):
            if mover not in self._last_ns:
                came.append(self._resource(mover))
            self._last_ns[mover] = at_ns
        if came:
            self._sink.put(*came)
        self._leave(self._sink.now_ns)

    def _leave(self, now_ns: int) -> None:
        gone = [mover for mover, last_ns in self._last_ns.items() if now_ns - last_ns > self._gone_ns]
        if not gone or self._reel is None or self._sink is None or self._player is None:
            return
        for mover in gone:
            del self._last_ns[mover]
            self._player.forget(mover)
        self._sink.drop(Resource, *(self._resource_id(mover) for mover in gone))
        self._sink.drop(Sensor, *(self._reel.sensors[mover].id for mover in gone))

    def _resource_id(self, mover: int) -> str:
        return self._reel.sensors[mover].id.removesuffix(".position") if self._reel is not None else ""

    def _resource(self, mover: int) -> Resource:
        settings = self._settings
        return Resource(
            id=self._resource_id(mover),
            kind=settings.mover,
            name=self._names[mover],
            area=settings.area,
            position=f"{self._resource_id(mover)}.position",
        )


def load(settings: TracksSettings) -> tuple[Recording, list[Text]]:
    """The recording in the settings' file and each mover's name; raises SourceError."""
    text, faults = read_text(settings.file, settings.encoding)
    fixes: dict[str, list[Fix]] = {}
    unread: list[Unread] = []
    for fix in raw_fixes(text, settings):
        if isinstance(fix, Unread):
            unread.append(fix)
        elif not (abs(fix.lon) <= 180 and abs(fix.lat) <= 90):
            unread.append(Unread(where=fix.where, what=Text("定位无坐标", "fixes without a position")))
        elif fix.t_ns < EARLIEST_NS:
            unread.append(Unread(where=fix.where, what=Text("时钟未对", "fixes with an unset clock")))
        else:
            fixes.setdefault(fix.mover, []).append(fix)
    if not fixes:
        raise SourceError(f"{settings.file}: no fix with time and position in it")
    max_m_s = settings.max_speed_m_s or USUAL_MAX_M_S.get(settings.mover, OTHER_MAX_M_S)
    in_order = format_of(settings, text) != "records"
    tracks = {mover: judged(found, max_m_s, in_order) for mover, found in fixes.items()}
    flawed = (
        *faults,
        *_counted(unread),
        *_fault(Text("时钟错", "clock faults"), [place for track in tracks.values() for place in track.clocks]),
        *_fault(Text("位置跳变", "impossible jumps"), [place for track in tracks.values() for place in track.jumps]),
    )
    series = tuple(
        Series(sensor=_sensor(settings, mover, name), t_ns=tracks[mover].t_ns, v=tracks[mover].v, q=tracks[mover].q)
        for mover, name in zip(fixes, _names(settings, fixes), strict=True)
    )
    return Recording(series=series, channel=ChannelKind.POSITION, faults=flawed), _names(settings, fixes)


def _names(settings: TracksSettings, fixes: dict[str, list[Fix]]) -> list[Text]:
    """What each mover is called: the file's name for it, else the settings', else its id."""
    found = [next((fix.name.strip() for fix in one if fix.name.strip()), "") for one in fixes.values()]
    return [
        Text(name) if name else settings.name if settings.name.zh else Text(mover)
        for mover, name in zip(fixes, found, strict=True)
    ]


def _sensor(settings: TracksSettings, mover: str, name: Text) -> Sensor:
    return Sensor(
        id=f"{settings.id}.{mover}.position",
        kind=f"{settings.mover}.position",
        channel=ChannelKind.POSITION,
        board=settings.board,
        domain=settings.domain,
        area=settings.area,
        name=name,
        stale_after_s=settings.stale_after_s,
        source=settings.id,
    )


def _fault(what: Text, places: Sequence[str]) -> tuple[Fault, ...]:
    return (Fault(what=what, count=len(places), where=places[0]),) if places else ()


def _counted(unread: Sequence[Unread]) -> tuple[Fault, ...]:
    """One fault a reason, in the order of their first places."""
    reasons = dict.fromkeys(one.what for one in unread)
    return tuple(f for what in reasons for f in _fault(what, [one.where for one in unread if one.what == what]))


def _header_flaws(settings: TracksSettings) -> list[Flaw]:
    head = read_head(settings.file, settings.encoding)
    if format_of(settings, head) != "csv":
        return []
    fields = fields_of(settings, "csv")
    wanted = [(key, getattr(fields, key)) for key in type(fields).__struct_fields__ if getattr(fields, key)]
    names = header_of(head, csv_settings(settings))
    return column_flaws(names, [(("fields", key), name) for key, name in wanted], "column")
