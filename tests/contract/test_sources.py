"""One suite over every declared source: declaration, ids, well-formed samples, honest history, a clean end."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from console.api import NS, Camera, ChannelKind, Sensor, Source, SourceSpec, Span, Value
from console.resolve import declared, resolve
from console.tasks import Tasks
from tests.fakes_sink import RecordingSink
from tests.recordings import a_recording

MANIFEST = Path(__file__).parents[2] / "console" / "node" / "sources" / "plugin.toml"
SPECS: list[SourceSpec] = declared(MANIFEST, "sources")
CSV = "time,a\n" + "".join(f"2020-01-01T00:{i // 60:02}:{i % 60:02},{i}\n" for i in range(600))
TRACK = "time,lon,lat\n" + "".join(f"2020-01-01T00:{i // 60:02}:{i % 60:02},{100 + i / 1e4},30\n" for i in range(600))
QUAKES = [
    {
        "type": "Feature",
        "id": f"e{i}",
        "properties": {"time": 1_600_000_000_000 + 1000 * i, "mag": 4.5, "place": "x"},
        "geometry": {"type": "Point", "coordinates": [100, 30]},
    }
    for i in range(100)
]


def settings(spec: SourceSpec, folder: Path) -> Value:
    """Settings with which each source has something to tell; one that is not named here runs on its defaults."""
    (folder / "a.csv").write_text(CSV, "utf-8")
    (folder / "track.csv").write_text(TRACK, "utf-8")
    (folder / "quakes.geojson").write_text(json.dumps({"features": QUAKES}), "utf-8")
    a_recording(folder / "a.mcap")
    raw: dict[str, dict[str, Any]] = {
        "recording": {"file": str(folder / "a.mcap"), "speed": 50},
        "csv": {"file": str(folder / "a.csv"), "value": [{"column": "a"}], "speed": 50, "start_at": "2020-01-01T00:05"},
        "tracks": {"file": str(folder / "track.csv"), "speed": 50},
        "geojson": {"file": str(folder / "quakes.geojson"), "speed": 20},
        "camera": {"url": "rtsp://127.0.0.1:1/x"},
        "city": {"sensors": 200},
        "places": {"areas": [{"id": "x"}], "domains": [{"id": "y"}]},
    }
    given = raw.get(spec.id, {})
    if "id" in spec.settings.__struct_fields__:
        given["id"] = "mine"
    made: Value = msgspec.convert(given, spec.settings)
    return made


@asynccontextmanager
async def running(spec: SourceSpec, folder: Path, for_s: float) -> AsyncIterator[tuple[RecordingSink, Source]]:
    """A source that has run for a while and still runs, unless it has ended."""
    sink = RecordingSink()
    source: Source = resolve(spec.factory)(settings(spec, folder))
    failures: list[BaseException] = []
    tasks = Tasks(lambda _, error: failures.append(error))
    tasks.start("source", source.run(sink))
    try:
        async with asyncio.timeout(30):
            while not sink.puts and not failures:
                await asyncio.sleep(0.02)
        await asyncio.sleep(for_s)
        yield sink, source
    finally:
        async with asyncio.timeout(30):
            await tasks.close()
    assert not failures, failures


@pytest.fixture(params=SPECS, ids=lambda spec: spec.id)
def spec(request: pytest.FixtureRequest) -> SourceSpec:
    """Each declared source."""
    found: SourceSpec = request.param
    return found


def test_ids_are_unique() -> None:
    assert len({spec.id for spec in SPECS}) == len(SPECS)


def test_a_declaration_has_both_titles_and_defaults(spec: SourceSpec) -> None:
    assert spec.title.zh
    assert spec.title.en
    assert isinstance(spec.settings(), Value)
    assert hasattr(resolve(spec.factory), "run")


async def test_what_a_source_tells_is_well_formed(spec: SourceSpec, tmp_path: Path) -> None:
    async with running(spec, tmp_path, 1.0) as (sink, _):
        by_handle = {sink.handle(id_): entity for id_, entity in sink.entities.get("sensor", {}).items()}
        for channel, columns in sink.batches:
            assert columns.t_ns.dtype == np.int64
            assert columns.q.dtype == np.uint8
            assert columns.ids.dtype == np.uint32
            assert columns.v.shape == ((len(columns), 5) if channel is ChannelKind.POSITION else (len(columns),))
            for handle in np.unique(columns.ids).tolist():
                sensor = by_handle[handle]
                assert isinstance(sensor, Sensor)
                assert sensor.channel is channel
        for sensor in by_handle.values():
            assert isinstance(sensor, Sensor)
            assert math.isfinite(sensor.stale_after_s)
            assert sensor.stale_after_s > 0
            found = sink.of(sensor.id)
            in_order = found.t_ns[(found.q & 4) == 0]
            assert (np.diff(in_order) >= 0).all(), sensor.id
            assert found.t_ns.max(initial=0) <= sink.now_ns + NS, f"{sensor.id} tells the future"


async def test_ids_begin_with_the_source_where_it_has_one(spec: SourceSpec, tmp_path: Path) -> None:
    if "id" not in spec.settings.__struct_fields__:
        pytest.skip("this source owns its ids")
    async with running(spec, tmp_path, 0.3) as (sink, _):
        for entity in sink.puts:
            assert entity.id == "mine" or entity.id.startswith("mine.")
            assert not entity.simulated
            if isinstance(entity, Sensor | Camera):
                assert entity.source == "mine"


async def test_history_is_ascending_bounded_and_of_the_past(spec: SourceSpec, tmp_path: Path) -> None:
    async with running(spec, tmp_path, 0.5) as (sink, source):
        now_ns = sink.now_ns
        for id_, sensor in list(sink.entities.get("sensor", {}).items())[:20]:
            assert isinstance(sensor, Sensor)
            found = await source.query(
                Span(sensor=id_, start_ns=now_ns - 86_400 * NS, end_ns=now_ns + 3600 * NS, max_points=20)
            )
            assert len(found) <= 50
            assert len(found.t_ns) == len(found.v) == len(found.q)
            assert (np.diff(found.t_ns) >= 0).all()
            assert found.t_ns.max(initial=0) <= sink.now_ns
        gone = await source.query(Span(sensor="no such sensor", start_ns=0, end_ns=now_ns))
        assert len(gone) == 0
