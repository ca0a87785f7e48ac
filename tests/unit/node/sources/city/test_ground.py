"""The demo city's ground: true datum, areas that hold together, map layers in the promised form."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from console.api import Area, Level, ResourceError
from console.node.sources.city import layers, plan
from console.node.sources.city.areas import ROOT
from console.node.sources.city.plane import KM_PER_DEGREE_LAT, KM_PER_DEGREE_LON, to_lonlat, to_plane
from console.node.sources.city.registry import district, gcj_to_wgs, wgs_to_gcj
from tests.unit.node.sources.city.cities import source

BELL_TOWER_WGS = np.array([[108.9423, 34.2610]])
BELL_TOWER_GCJ = np.array([[108.94696, 34.25941]])
CLASSES = {"land", "built", "water", "shore", "motorway", "main", "street", "border", "pipe", "place", "rail"}


def metres(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two positions in degrees."""
    return float(np.hypot(*((a - b) * (KM_PER_DEGREE_LON, KM_PER_DEGREE_LAT))[0])) * 1000


def test_gcj_is_turned_into_wgs_at_the_bell_tower() -> None:
    assert metres(gcj_to_wgs(BELL_TOWER_GCJ), BELL_TOWER_WGS) < 2
    assert metres(wgs_to_gcj(BELL_TOWER_WGS), BELL_TOWER_GCJ) < 2
    assert 440 < metres(BELL_TOWER_GCJ, BELL_TOWER_WGS) < 480
    far = np.array([[108.6, 34.5], [109.1, 34.1]])
    assert np.abs(wgs_to_gcj(gcj_to_wgs(far)) - far).max() < 1e-8


def test_a_district_lies_where_it_is_and_a_missing_one_says_so() -> None:
    beilin = district("610103")
    assert beilin.covers(shapely.Point(108.9423, 34.2600)), "the Bell Tower's south side is in Beilin"
    with pytest.raises(ResourceError, match="999999"):
        district("999999")


def test_the_plane_turns_back_to_degrees() -> None:
    km = np.array([[0.0, 0.0], [12.5, -7.25]])
    assert np.abs(to_plane(to_lonlat(km)) - km).max() < 1e-9


def test_the_tree_has_four_levels_and_five_towns() -> None:
    areas = source().city.cells.areas
    by_level = {level: [a for a in areas.values() if a.level == level] for level in Level}
    assert [a.id for a in by_level[Level.NEW_AREA]] == [ROOT]
    assert {a.name.zh for a in by_level[Level.NEW_TOWN]} == {t.name.zh for t in plan.TOWNS}
    assert len(by_level[Level.SUBDISTRICT]) >= 20 and len(by_level[Level.FRONT_END]) >= 100
    order = list(Level)
    for area in areas.values():
        if area.parent:
            assert order.index(areas[area.parent].level) == order.index(area.level) - 1
            assert len(area.boundary) == 1 and len(area.boundary[0]) <= 150
    assert 800 < areas[ROOT].area_km2 < 950


def outline(area: Area) -> Polygon:
    """An area's boundary as it travels."""
    return Polygon(area.boundary[0])


def test_areas_lie_inside_their_parents_and_apart_from_their_siblings() -> None:
    areas = source().city.cells.areas
    slack = 0.002
    for area in areas.values():
        shape = outline(area)
        assert shape.is_valid and shape.covers(shapely.Point(area.lon, area.lat)), area.id
        if area.parent and area.parent != ROOT:
            assert outline(areas[area.parent]).buffer(slack).covers(shape), area.id
    towns = [outline(a) for a in areas.values() if a.level is Level.NEW_TOWN]
    for k, one in enumerate(towns):
        for other in towns[k + 1 :]:
            assert one.intersection(other).area < 1e-5


def test_layers_have_the_promised_form_and_a_sensible_size() -> None:
    city = source().city
    files = layers.build(city.ground, city.cells, city.pools.pipes)
    assert set(files) == {"ground", "streets", "rivers", "pipes", "labels"}
    assert sum(len(content) for _, content in files.values()) < 4_000_000
    seen = set()
    for _, content in files.values():
        found = json.loads(content)
        assert found["type"] == "FeatureCollection"
        for feature in found["features"]:
            properties, geometry = feature["properties"], feature["geometry"]
            seen.add(properties["class"])
            assert properties["class"] in CLASSES and isinstance(properties["rank"], int)
            flat = np.array(shapely.get_coordinates(shapely.from_geojson(json.dumps(geometry))))
            assert len(flat) and np.isfinite(flat).all()
            assert (np.abs(flat - (108.8, 34.3)) < (0.6, 0.6)).all(), "longitude first, near the city"
    assert seen == CLASSES


def test_named_things_are_on_the_map() -> None:
    city = source().city
    labels = json.loads(layers.build(city.ground, city.cells, city.pools.pipes)["labels"][1])
    names = {f["properties"]["zh"] for f in labels["features"]}
    assert {
        "沣东新城",
        "沣西新城",
        "秦汉新城",
        "空港新城",
        "泾河新城",
        "渭河",
        "沣河",
        "泾河",
        "G30",
        "G70",
        "G3001",
    } <= names
    assert all(-90 <= f["properties"]["angle"] <= 90 for f in labels["features"])
