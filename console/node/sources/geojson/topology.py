"""TopoJSON (as mapshaper and world-atlas write it) to GeoJSON features; knows no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.node.sources.geojson.antimeridian import Ring, cut


def features_of_topology(topology: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The lines and polygons of the object `name`, or of the first; LookupError, TypeError or ValueError: bad input."""
    objects = topology["objects"]
    found = objects[name or next(iter(objects))]
    arcs = [_unpacked(arc, topology.get("transform")) for arc in topology["arcs"]]
    geometries = found["geometries"] if found["type"] == "GeometryCollection" else [found]
    return [
        {
            "type": "Feature",
            "properties": dict(geometry.get("properties") or {}),
            "geometry": _geometry(geometry, arcs),
        }
        for geometry in geometries
        if geometry.get("arcs")
    ]


def _geometry(geometry: Mapping[str, Any], arcs: Sequence[Ring]) -> dict[str, Any]:
    """Lines as they are; polygons cut at the antimeridian, which topologies are not (d3 stitches them)."""
    kind, joined = geometry["type"], _joined(geometry, arcs)
    if kind not in ("Polygon", "MultiPolygon"):
        return {"type": kind, "coordinates": joined}
    polygons: list[list[Ring]] = []
    for outer, *holes in [joined] if kind == "Polygon" else joined:
        first, *others = cut(outer) or [outer]
        polygons += [[first, *(piece for hole in holes for piece in cut(hole))], *([other] for other in others)]
    return {"type": "MultiPolygon", "coordinates": polygons}


def _unpacked(arc: Sequence[Sequence[float]], transform: Mapping[str, Any] | None) -> Ring:
    """An arc's positions in degrees: quantised ones are steps from the one before."""
    if transform is None:
        return [[float(p[0]), float(p[1])] for p in arc]
    (sx, sy), (ox, oy) = transform["scale"], transform["translate"]
    x = y = 0.0
    out: Ring = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        out.append([x * sx + ox, y * sy + oy])
    return out


def _joined(geometry: Mapping[str, Any], arcs: Sequence[Ring]) -> Any:
    """Coordinates of lines and polygons, whose arcs meet end to end."""

    def line(numbers: Sequence[int]) -> Ring:
        out: Ring = []
        for number in numbers:
            part = arcs[number] if number >= 0 else arcs[~number][::-1]
            out += part[1:] if out else part
        return out

    depth = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[geometry["type"]]
    nested: Any = geometry["arcs"]
    if depth == 1:
        return line(nested)
    if depth == 2:
        return [line(ring) for ring in nested]
    return [[line(ring) for ring in polygon] for polygon in nested]
