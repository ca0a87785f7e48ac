"""Recording source at work: reads its file beside the loop, then plays samples and entities; knows no MCAP."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from console.api import (
    ENTITY_CLASSES,
    Alarm,
    BadInput,
    Camera,
    ChannelKind,
    Columns,
    Entity,
    MapLayer,
    Sensor,
    Sink,
    SourceError,
    Span,
    Value,
)
from console.node.importing.lot import Lot
from console.node.recording.reader import Change, RecordingFile
from console.node.sources.config.check import Flaw, replay_flaws
from console.node.sources.recording.spec import RecordingSettings
from console.node.sources.replay.clockwork import Clockwork
from console.node.sources.replay.reel import Fault, Player, Recording, Reel, Series, nothing, tell

E = TypeVar("E", bound=Entity)
SAMPLES_MOST: Final = 20_000_000
"""A longer recording is for the store: main.py import."""
NOT_PLAYED: Final = (Sensor.CLS, Alarm.CLS, Camera.CLS, MapLayer.CLS)
"""Sensors come with their samples, alarms are judged anew; pictures and maps are not in the file."""


_NAMES: Final = frozenset({"id", "parent", "area", "domain", "position", "post", "sensor", "sensors", "incident"})
"""Fields that name an entity."""


class Event(Value, frozen=True, eq=False):
    """An entity put at a recorded time, or dropped."""

    t_ns: int
    cls: type[Entity]
    id: str
    entity: Entity | None


class RecordingSource:
    """An MCAP file replayed (console.api.Source)."""

    def __init__(self, settings: RecordingSettings) -> None:
        self._settings = settings
        self._reels: list[Reel] = []
        self._sink: Sink | None = None

    @staticmethod
    def check(settings: RecordingSettings) -> list[Flaw]:
        """What is wrong with the settings, before anything runs."""
        if flaws := replay_flaws(settings, "UTC"):
            return flaws
        try:
            _opened(settings.file)
        except BadInput as error:
            return [Flaw(path=("file",), found=error.found, expected=error.expected)]
        return []

    @staticmethod
    def simulated(settings: RecordingSettings) -> bool:
        """Whether the file says that nothing in it was measured."""
        return _opened(settings.file).simulated

    async def run(self, sink: Sink) -> None:
        """Play the file; returns when it has ended. Raises SourceError when it cannot be read."""
        recordings, events, faults = await asyncio.to_thread(load, self._settings)
        self._reels = reels = in_step(recordings, self._settings)
        self._sink = sink
        tell(sink, self._settings, Path(self._settings.file).name, reels[0], faults)
        players = [Player(sink, reel) for reel in reels]
        for player in players:
            player.begin()
        stage = Stage(sink, events, reels[0].clock)
        stage.step()
        while naps := [nap_s for player in players if (nap_s := player.nap_s()) is not None]:
            await asyncio.sleep(min(naps))
            for player in players:
                player.step()
            stage.step()

    async def query(self, span: Span) -> Columns:
        """What the replay has shown, and the file's own past before it began."""
        for reel in self._reels:
            if self._sink is not None and any(sensor.id == span.sensor for sensor in reel.sensors):
                return reel.columns(span, self._sink.now_ns)
        return nothing(ChannelKind.SCALAR)


class Stage:
    """Puts and drops what the recording tells of entities, when it is due; a looped one begins again."""

    def __init__(self, sink: Sink, events: Sequence[Event], clock: Clockwork) -> None:
        self._sink, self._events, self._clock = sink, events, clock
        times = np.array([event.t_ns for event in events], np.int64)
        self._offsets = clock.offsets(times)
        self._next = self._cycle = 0
        self._there: set[tuple[type[Entity], str]] = set()

    def step(self) -> None:
        """Do what is due by now."""
        since_ns = self._sink.now_ns - self._clock.anchor_ns
        cycle = since_ns // self._clock.period_ns if self._clock.period_ns else 0
        if cycle > self._cycle:
            self._cycle, self._next = cycle, 0
            for cls, id_ in self._there:
                self._sink.drop(cls, id_)
            self._there.clear()
        until = int(np.searchsorted(self._offsets, since_ns - cycle * self._clock.period_ns, side="right"))
        due, self._next = range(self._next, until), max(self._next, until)
        begin_ns = self._clock.anchor_ns + cycle * self._clock.period_ns
        for (cls, id_), n in {(self._events[n].cls, self._events[n].id): n for n in due}.items():
            event = self._events[n]
            if event.entity is not None:
                self._sink.put(moved(event.entity, begin_ns + int(self._offsets[n]) - event.t_ns))
                self._there.add((cls, id_))
            else:
                self._sink.drop(cls, id_)
                self._there.discard((cls, id_))


def moved(entity: E, by_ns: int) -> E:
    """The entity with its times so much later, so that what began 5 minutes before it was told began 5 minutes ago."""
    times = {name: getattr(entity, name) for name in entity.__struct_fields__ if name.endswith("_ns")}
    later = {name: t_ns + by_ns for name, t_ns in times.items() if isinstance(t_ns, int) and t_ns}
    return msgspec.structs.replace(entity, **later) if later else entity


def load(settings: RecordingSettings) -> tuple[list[Recording], list[Event], Sequence[Fault]]:
    """The file's samples by channel kind, its entities in order, and what was wrong. Raises SourceError."""
    lots: list[Lot] = []
    changes: list[Change] = []
    rows = 0
    try:
        file = _opened(settings.file)
        for part in file.parts():
            if isinstance(part, Change):
                changes.append(part)
            else:
                lots.append(part)
                rows += len(part.columns)
                if rows > SAMPLES_MOST:
                    raise SourceError(f"{settings.file}: more than {SAMPLES_MOST:,} samples; use main.py import")
    except BadInput as error:
        raise SourceError(str(error)) from error
    known = {change.id for change in changes} | {sensor.id for sensor in file.sensors}
    sensors = [msgspec.structs.replace(_own(sensor, settings.id, known), source=settings.id) for sensor in file.sensors]
    kinds = {kind: _series(kind, lots, sensors) for kind in ChannelKind}
    events = [event for change in changes for event in _event(change, settings.id, known)]
    recordings = [Recording(series=series, channel=kind) for kind, series in kinds.items() if series]
    if not recordings:
        raise SourceError(f"{settings.file}: no samples; {'; '.join(fault.what.en for fault in file.faults())}")
    return recordings, sorted(events, key=lambda event: event.t_ns), file.faults()


def _opened(file: str) -> RecordingFile:
    return RecordingFile(Path(file))


def _event(change: Change, source: str, known: Collection[str]) -> list[Event]:
    """The change as an event, nothing where it is not played or not understood."""
    cls = ENTITY_CLASSES.get(change.cls)
    if cls is None or change.cls in NOT_PLAYED:
        return []
    try:
        entity = msgspec.msgpack.decode(change.raw, type=cls) if change.raw is not None else None
    except (msgspec.DecodeError, RecursionError):
        return []
    own = _own(entity, source, known) if entity is not None else None
    return [Event(t_ns=change.t_ns, cls=cls, id=f"{source}.{change.id}", entity=own)]


def _own(entity: E, source: str, known: Collection[str]) -> E:
    """The entity under this source's own name, and what it names likewise: it may stand beside the live one."""
    changes: dict[str, Any] = {}
    for name in _NAMES & frozenset(entity.__struct_fields__):
        value = getattr(entity, name)
        if isinstance(value, tuple):
            changes[name] = tuple(f"{source}.{id_}" if id_ in known else id_ for id_ in value)
        elif value in known:
            changes[name] = f"{source}.{value}"
    return msgspec.structs.replace(entity, **changes)


def _series(kind: ChannelKind, lots: Sequence[Lot], sensors: Sequence[Sensor]) -> tuple[Series, ...]:
    """The samples of one kind, a series a sensor, ascending in time."""
    mine = [lot.columns for lot in lots if lot.kind is kind and len(lot.columns)]
    if not mine:
        return ()
    ids = np.concatenate([columns.ids for columns in mine])
    t_ns = np.concatenate([columns.t_ns for columns in mine])
    order = np.lexsort((t_ns, ids))
    v = np.concatenate([columns.v for columns in mine])[order]
    q = np.concatenate([columns.q for columns in mine])[order]
    ids, t_ns = ids[order], t_ns[order]
    edges = np.flatnonzero(np.diff(ids)) + 1
    return tuple(
        Series(sensor=sensors[int(ids[rows[0]])], t_ns=t_ns[rows], v=v[rows], q=q[rows])
        for rows in np.split(np.arange(len(ids)), edges)
    )


def in_step(recordings: Sequence[Recording], settings: RecordingSettings) -> list[Reel]:
    """A reel for each channel kind, all beginning and looping together."""
    firsts = [int(series.t_ns[0]) for recording in recordings for series in recording.series]
    lasts = [int(series.t_ns[-1]) for recording in recordings for series in recording.series]
    if not settings.start_at:
        begin = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=min(firsts) // 1000)
        settings = msgspec.structs.replace(settings, start_at=begin.isoformat())
    reels = [Reel(recording, settings, dt.UTC) for recording in recordings]
    whole = Clockwork(settings, min(firsts), max(lasts), max(round(r.usual_step_s * 1e9) for r in reels), dt.UTC)
    for reel in reels:
        reel.clock.period_ns = whole.period_ns
    return reels
