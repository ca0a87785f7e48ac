"""The ground of the demo city as GeoJSON map layers, as an imported street map gives them; knows no sensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import shapely
from shapely.geometry import LineString

from console.api import F64, MapLayer, Sink, Text
from console.node.sources.city import plan
from console.node.sources.city.areas import Cells
from console.node.sources.city.ground import Ground, polygons
from console.node.sources.city.plane import to_lonlat

ATTRIBUTION = "cnmaps / AMap"
Feature = dict[str, Any]


def _feature(kind: str, coordinates: Any, cls: str, name: Text | None = None, **more: Any) -> Feature:
    properties: dict[str, Any] = {"class": cls}
    if name is not None and name.zh:
        properties |= {"zh": name.zh, "en": name.en or name.zh}
    return {"type": "Feature", "properties": properties | more, "geometry": {"type": kind, "coordinates": coordinates}}


def _degrees(km: F64) -> list[list[float]]:
    """Positions as GeoJSON coordinates, rounded to about a metre."""
    degrees: list[list[float]] = np.round(to_lonlat(km), 5).tolist()
    return degrees


def _line(line: F64, cls: str, name: Text | None = None, *, within_km: float = 0.006, **more: Any) -> Feature:
    thin = shapely.get_coordinates(LineString(line).simplify(within_km))
    return _feature("LineString", _degrees(thin), cls, name, **more)


def _areas(shape: shapely.Geometry, cls: str, name: Text | None = None, **more: Any) -> Iterator[Feature]:
    for p in polygons(shape):
        rings = [_degrees(shapely.get_coordinates(ring)) for ring in (p.exterior, *p.interiors)]
        yield _feature("Polygon", rings, cls, name, **more)


def _ground(ground: Ground, cells: Cells) -> Iterator[Feature]:
    for town in plan.TOWNS:
        yield from _areas(ground.towns[town.id], "land", town.name, rank=1)
    for shape in ground.cities:
        yield from _areas(shape, "built", rank=3, outside=True)
    for shape in ground.built:
        yield from _areas(shape.simplify(0.02), "built", rank=2)
    wet = shapely.union_all([shape for _, shape in ground.water.values()])
    for shape in ground.districts:
        for part in shapely.get_parts(shapely.line_merge(shape.simplify(0.03).boundary.difference(wet))):
            yield _line(shapely.get_coordinates(part), "border", rank=3, within_km=0.03)
    for area in cells.areas.values():
        if area.id.count(".") == 1:
            outline = shapely.get_coordinates(cells.shapes[area.id].exterior)
            yield _line(outline, "border", area.name, rank=2, within_km=0.03)
    for town in plan.TOWNS:
        yield _line(
            shapely.get_coordinates(ground.towns[town.id].exterior), "border", town.name, rank=1, within_km=0.02
        )


def _rivers(ground: Ground) -> Iterator[Feature]:
    for name, shape in ground.water.values():
        yield from _areas(shape, "water", name, rank=1)
    wet = shapely.union_all([shape for _, shape in ground.water.values()])
    for p in polygons(wet):
        for ring in (p.exterior, *p.interiors):
            yield _line(shapely.get_coordinates(ring), "shore", rank=2)


def _streets(ground: Ground) -> Iterator[Feature]:
    for street in sorted(ground.streets, key=lambda s: -s.rank):
        yield _line(street.line, street.kind, street.name, rank=street.rank)


def _pipes(pipes: dict[str, list[F64]]) -> Iterator[Feature]:
    names = {"gas": Text("燃气管", "Gas main"), "water": Text("供水管", "Water main")}
    for medium, lines in pipes.items():
        for line in lines:
            yield _line(line, "pipe", names[medium], rank=1, medium=medium)


def _label(at: F64, cls: str, name: Text, rank: int, toward: F64 | None = None) -> Feature:
    """A name to write at a point; `angle` turns it clockwise in degrees, along `toward`."""
    angle = 0.0
    if toward is not None:
        angle = float(-np.degrees(np.arctan2(toward[1], toward[0])))
        angle = (angle + 90) % 180 - 90
    return _feature("Point", _degrees(at.reshape(1, 2))[0], cls, name, rank=rank, angle=round(angle, 1))


def _labels(ground: Ground, cells: Cells) -> Iterator[Feature]:
    for town in plan.TOWNS:
        yield _label(np.array(plan.km(*town.label)), "place", town.name, 1)
    for city in plan.CITIES:
        yield _label(np.array(plan.km(*city.label)), "place", city.name, 2)
    for area in cells.areas.values():
        if area.id.count(".") >= 1:
            at = shapely.get_coordinates(cells.shapes[area.id].representative_point())[0]
            yield _label(at, "place", area.name, 2 + area.id.count("."))
    by_name = {s.name.zh: s.line for s in ground.streets if s.name.zh}
    for road in plan.ROADS:
        line = by_name[road.name.zh]
        for share in road.labels:
            k = min(max(int(share * (len(line) - 1)), 2), len(line) - 3)
            yield _label(
                line[k], road.kind, road.name, 2, None if road.kind == "motorway" else line[k + 2] - line[k - 2]
            )
    for river, share in (("wei", 0.655), ("wei", 0.3), ("feng", 0.46), ("jing", 0.48)):
        line = ground.rivers[river]
        k = int(share * len(line))
        yield _label(line[k], "water", ground.water[river][0], 2, line[k + 3] - line[k - 3])
    for key, (name, shape) in ground.water.items():
        if key.startswith("lake"):
            yield _label(shapely.get_coordinates(shape.centroid)[0], "water", name, 3)


def build(ground: Ground, cells: Cells, pipes: dict[str, list[F64]]) -> dict[str, tuple[Text, bytes]]:
    """Layer kind → (name, GeoJSON FeatureCollection as UTF-8), WGS 84."""
    layers = {
        "ground": (Text("地面", "Ground"), _ground(ground, cells)),
        "streets": (Text("道路", "Streets"), _streets(ground)),
        "rivers": (Text("水系", "Rivers"), _rivers(ground)),
        "pipes": (Text("管网", "Pipes"), _pipes(pipes)),
        "labels": (Text("地名", "Labels"), _labels(ground, cells)),
    }
    return {
        kind: (name, msgspec.json.encode({"type": "FeatureCollection", "features": list(features)}))
        for kind, (name, features) in layers.items()
    }


def publish(sink: Sink, layers: dict[str, tuple[Text, bytes]], bounds: tuple[float, float, float, float]) -> None:
    """Hand the layers to the node: files by content hash, entities by id "city.<kind>"."""
    for kind, (name, content) in layers.items():
        layer = MapLayer(
            id=f"city.{kind}",
            kind=kind,
            name=name,
            sha256=sink.file(content),
            size_bytes=len(content),
            attribution=ATTRIBUTION,
            bounds=bounds,
            simulated=True,
        )
        sink.put(layer)
