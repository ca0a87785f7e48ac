"""GeoJSON: events as samples and symbols that age out, layers, garbage; the USGS week against its own JSON."""

from __future__ import annotations

import asyncio
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import MapLayer, Resource, SourceError
from console.node.sources.geojson.antimeridian import cut
from console.node.sources.geojson.read import layer_file, point_events
from console.node.sources.geojson.source import GeoJsonSource
from console.node.sources.geojson.spec import GeoJsonSettings
from tests.fakes_sink import RecordingSink
from tests.real_files import real


def feature(ms: Any, mag: Any = 1.0, at: Any = (1.0, 2.0, 3.0), **more: Any) -> dict[str, Any]:
    """A point event."""
    properties = {"time": ms, "mag": mag, "place": "there"}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": list(at)}} | more


def collection(*features: Any) -> str:
    """A FeatureCollection's text."""
    return json.dumps({"type": "FeatureCollection", "features": features})


SHAPE = GeoJsonSettings(id="q", file="x.geojson")


def test_flaws_are_counted_with_their_feature() -> None:
    text = collection(
        feature(2000, 5.0, id="b"),
        feature(1000, None, id="a"),
        feature(None),
        feature(3000, at=(500, 0)),
        "x",
        {"properties": {}, "geometry": None},
    )
    events, faults = point_events(text, SHAPE)
    assert [(e.id, e.t_ns) for e in events] == [("a", 10**9), ("b", 2 * 10**9)]
    assert math.isnan(events[0].value)
    assert {f.what.en: (f.count, f.where) for f in faults} == {
        "events without a value": (1, "feature 2"),
        "features without a usable time": (1, "feature 3"),
        "features that are no point": (3, "feature 4"),
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"features": 3}', "[" * 100_000])
def test_what_is_no_collection_names_the_file(text: str) -> None:
    with pytest.raises(SourceError, match=r"x\.geojson"):
        point_events(text, SHAPE)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["type", "properties", "geometry", "coordinates", "time", "mag", "id", "Point"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=6))
def test_garbage_features_never_crash(features: list[Any]) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    events, faults = point_events(text, SHAPE)
    assert len(events) + sum(f.count for f in faults) >= len(features)
    try:
        layer_file(text, SHAPE)
    except SourceError as error:
        assert "x.geojson" in str(error)


async def test_symbols_age_out(tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    file.write_text(
        collection(feature(1000, 5.04, id="a"), feature(1100, 2.0, id="b"), feature(1300, None, id="c")), "utf-8"
    )
    sink = RecordingSink()
    async with asyncio.timeout(30):
        await GeoJsonSource(GeoJsonSettings(id="q", file=str(file), keep_s=0.3)).run(sink)
    shown = {p.id: p for p in sink.puts if isinstance(p, Resource)}
    assert sorted(shown) == ["q.a", "q.b", "q.c"]
    assert shown["q.a"].name.zh == "M 5.0 there"
    assert (shown["q.a"].lon, shown["q.a"].lat) == (1.0, 2.0)
    assert shown["q.a"].status.en == "3 km deep"
    assert shown["q.c"].name.zh == "M there"
    assert sink.entities["resource"] == {}
    found = sink.of("q.value")
    assert found.v.tolist()[:2] == [5.04, 2.0]
    assert found.q.tolist() == [0, 0, 2]


async def test_a_layer_reaches_the_map(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[8.5, 47.3], [8.6, 47.4]]}
    file = tmp_path / "r.geojson"
    file.write_text(collection({"type": "Feature", "properties": {"zh": "河"}, "geometry": line}), "utf-8")
    sink = RecordingSink()
    shape = GeoJsonSettings(id="rivers", file=str(file), show="layer", layer="rivers", feature_class="water")
    await GeoJsonSource(shape).run(sink)
    layer = sink.entities["map_layer"]["rivers"]
    assert isinstance(layer, MapLayer)
    assert layer.kind == "rivers"
    assert layer.bounds == (8.5, 47.3, 8.6, 47.4)
    content = json.loads(sink.files[layer.sha256])
    assert content["features"][0]["properties"] == {"zh": "河", "class": "water"}


def test_real_quakes() -> None:
    file = real("earthquakes/usgs_all_week_part.geojson")
    raw = json.loads(file.read_bytes())["features"]
    events, faults = point_events(file.read_text("utf-8"), SHAPE)
    assert len(events) == len(raw) == 1138
    assert faults == ()
    strongest = max(events, key=lambda e: e.value)
    assert (strongest.value, strongest.title) == (6.1, "35km S of Jarm, Afghanistan")
    assert (strongest.lon, strongest.lat, strongest.depth_km) == (70.8155, 36.5432, 191.19)
    assert math.fsum(e.value for e in events) == pytest.approx(math.fsum(f["properties"]["mag"] for f in raw))
    assert [e.t_ns for e in events] == sorted(f["properties"]["time"] * 1_000_000 for f in raw)


def test_topology_arcs_are_joined() -> None:
    """A square whose second half is the first arc's neighbour, walked backwards."""
    topology: dict[str, Any] = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
        "arcs": [[[0, 0], [2, 0], [0, 2]], [[0, 0], [0, 2], [2, 0]]],
        "objects": {"a": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0, -2]]}]}},
    }
    content, bounds = layer_file(json.dumps(topology), SHAPE)
    ring = json.loads(content)["features"][0]["geometry"]["coordinates"][0][0]
    assert ring == [[10, 20], [11, 20], [11, 21], [10, 21], [10, 20]]
    assert bounds == pytest.approx((10, 20, 11, 21))
    with pytest.raises(SourceError, match=r"x\.geojson: no usable TopoJSON"):
        layer_file(json.dumps(topology | {"arcs": []}), SHAPE)


def test_real_world() -> None:
    file = real("maps/world/countries-110m.json")
    shape = GeoJsonSettings(id="w", file=str(file), show="layer", topology="land", feature_class="land")
    content, bounds = layer_file(file.read_text("utf-8"), shape)
    assert bounds == pytest.approx((-180, -90, 180, 83.65), abs=0.1)
    features = json.loads(content)["features"]
    assert {f["properties"]["class"] for f in features} == {"land"}
    rings = [ring for f in features for polygon in f["geometry"]["coordinates"] for ring in polygon]
    steps = [abs(b[0] - a[0]) for ring in rings for a, b in pairwise(ring) if max(abs(a[1]), abs(b[1])) < 84]
    assert max(steps) < 30, "nothing runs across the map"
    # all land but Antarctica beyond the pole is 29 % of the Earth: the rings' area on the sphere, cut or not
    share = abs(sum(_sphere_area(ring) for ring in rings)) / (4 * math.pi)
    assert share == pytest.approx(0.29, abs=0.01)


def _sphere_area(ring: list[list[float]]) -> float:
    """Signed area of a ring on the unit sphere (Chamberlain and Duquette 2007, eq. 1)."""
    return sum(
        math.radians(b[0] - a[0]) * (math.sin(math.radians(a[1])) + math.sin(math.radians(b[1]))) / 2
        for a, b in pairwise(ring)
    )


def test_rings_are_cut_where_the_map_ends() -> None:
    inside = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 0.0]]
    assert cut(inside) == [inside]
    across = [[170.0, 0.0], [-170.0, 0.0], [-170.0, 10.0], [170.0, 10.0], [170.0, 0.0]]
    east, west = cut(across)
    assert {tuple(p) for p in east} == {(170, 0), (180, 0), (180, 10), (170, 10)}
    assert {tuple(p) for p in west} == {(-180, 0), (-170, 0), (-170, 10), (-180, 10)}
    polar = [[-120.0, -70.0], [0.0, -70.0], [120.0, -70.0], [-120.0, -70.0]]
    points = {tuple(p) for piece in cut(polar) for p in piece}
    assert min(y for _, y in points) == -90
    assert {x for x, y in points if y == -90} >= {-180, 180}
