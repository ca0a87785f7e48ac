"""GeoJSON source at work: plays a feed's events, or gives the node a map layer; knows no JSON."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from console.api import (
    I64,
    NS,
    ChannelKind,
    Columns,
    MapLayer,
    Quality,
    Resource,
    Sensor,
    Sink,
    SourceError,
    Span,
    Text,
)
from console.node.sources.config.check import Flaw, limit_flaws, replay_flaws
from console.node.sources.config.text import read_text
from console.node.sources.geojson.read import PointEvent, layer_file, point_events
from console.node.sources.geojson.spec import GeoJsonSettings
from console.node.sources.replay.clockwork import zone
from console.node.sources.replay.reel import Player, Recording, Reel, Series, nothing, tell


class GeoJsonSource:
    """A GeoJSON file as a feed of events or as a map layer (console.api.Source)."""

    def __init__(self, settings: GeoJsonSettings) -> None:
        self._settings = settings
        self._reel: Reel | None = None
        self._sink: Sink | None = None
        self._events: list[PointEvent] = []
        self._symbols: dict[str, int] = {}

    @staticmethod
    def check(settings: GeoJsonSettings) -> list[Flaw]:
        """What is wrong with the settings, before anything runs."""
        flaws = replay_flaws(settings, settings.time_zone) + limit_flaws(("limits",), settings.limits)
        if not settings.keep_s > 0:
            flaws.append(Flaw(path=("keep_s",), found=f"{settings.keep_s:g}", expected="seconds above 0"))
        return flaws

    async def run(self, sink: Sink) -> None:
        """Play the feed to its end and until its last symbol has left, or declare the layer. Raises SourceError."""
        text, faults = await asyncio.to_thread(read_text, self._settings.file, "utf-8")
        if self._settings.show == "layer":
            await self._layer(sink, text)
            return
        self._events, flaws = await asyncio.to_thread(point_events, text, self._settings)
        if not self._events:
            raise SourceError(f"{self._settings.file}: no point with a time in it")
        recording = Recording(series=(_series(self._settings, self._events),))
        reel = Reel(recording, self._settings, zone(self._settings.time_zone))
        self._sink, self._reel = sink, reel
        tell(sink, self._settings, Path(self._settings.file).name, reel, faults + flaws)
        await Player(sink, reel, self._shown, history_ns=int(self._settings.keep_s * NS)).run()
        while self._symbols:
            await asyncio.sleep(1)
            self._leave(sink.now_ns)

    async def query(self, span: Span) -> Columns:
        """The events' values of the span."""
        if self._reel is None or self._sink is None:
            return nothing(ChannelKind.SCALAR)
        return self._reel.columns(span, self._sink.now_ns)

    async def _layer(self, sink: Sink, text: str) -> None:
        settings = self._settings
        content, bounds = await asyncio.to_thread(layer_file, text, settings)
        sink.put(
            MapLayer(
                id=settings.id,
                kind=settings.layer,
                name=settings.name,
                sha256=sink.file(content),
                size_bytes=len(content),
                attribution=settings.attribution,
                bounds=bounds,
            )
        )

    def _shown(self, rows: I64, t_ns: I64) -> None:
        """Each event shown becomes a symbol; old ones leave. A row of the reel is an event: both ascend in time."""
        if self._sink is None:
            return
        now_ns = self._sink.now_ns
        fresh: list[Resource] = []
        for row, at_ns in zip(rows.tolist(), t_ns.tolist(), strict=True):
            event = self._events[row]
            if now_ns - at_ns <= self._keep_ns and (
                self._settings.least is None or event.value >= self._settings.least
            ):
                fresh.append(self._symbol(event))
                self._symbols[fresh[-1].id] = at_ns
        if fresh:
            self._sink.put(*fresh)
        self._leave(now_ns)

    @property
    def _keep_ns(self) -> int:
        return int(self._settings.keep_s * NS)

    def _leave(self, now_ns: int) -> None:
        gone = [id_ for id_, at_ns in self._symbols.items() if now_ns - at_ns > self._keep_ns]
        for id_ in gone:
            del self._symbols[id_]
        if gone and self._sink is not None:
            self._sink.drop(Resource, *gone)

    def _symbol(self, event: PointEvent) -> Resource:
        settings = self._settings
        known = not math.isnan(event.value)
        value = f"{settings.prefix} {event.value:.{settings.digits}f}".strip() if known else settings.prefix
        deep = not math.isnan(event.depth_km)
        return Resource(
            id=f"{settings.id}.{event.id}",
            kind=settings.kind,
            name=Text(f"{value} {event.title}".strip()),
            area=settings.area,
            lon=event.lon,
            lat=event.lat,
            status=Text(f"深 {event.depth_km:.0f} km", f"{event.depth_km:.0f} km deep") if deep else Text(""),
        )


def _series(settings: GeoJsonSettings, events: Sequence[PointEvent]) -> Series:
    v = np.array([event.value for event in events], np.float64)
    sensor = Sensor(
        id=f"{settings.id}.value",
        kind=f"{settings.kind}.{settings.value}",
        board=settings.board,
        domain=settings.domain,
        area=settings.area,
        name=settings.name,
        unit=settings.unit,
        digits=settings.digits,
        limits=settings.limits,
        stale_after_s=settings.keep_s,
        source=settings.id,
    )
    q = np.where(np.isnan(v), Quality.BAD, Quality.GOOD).astype(np.uint8)
    return Series(sensor=sensor, t_ns=np.array([event.t_ns for event in events], np.int64), v=v, q=q)
