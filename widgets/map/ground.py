"""GeoJSON of a map layer to the compact form that the page draws; Qt-free and free of state.

The form: "YGND", u32 length of a JSON table, the table (padded with blanks to 8 bytes), then f64 pairs in the unit
square of `mercator.world`. The table is a list of [class, rank, zh, en, width_m, angle_deg, shape, [points in each
part]], shape 0 point, 1 line, 2 polygon (its parts are rings); angle_deg turns a name clockwise.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np

from console.api import BadInput
from widgets.map.mercator import world

MAGIC: Final = b"YGND"
_SHAPES: Final = {
    "Point": 0,
    "MultiPoint": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
}


class _Geometry(msgspec.Struct):
    type: str = ""
    coordinates: Any = None


class _Feature(msgspec.Struct):
    geometry: _Geometry | None = None
    properties: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    features: list[_Feature] = []


def _parts(geometry: _Geometry) -> Iterator[list[Any]]:
    """Every chain of positions of a geometry: a point is a chain of one, a ring a chain."""
    c = geometry.coordinates
    if geometry.type == "Point":
        yield [c]
    elif geometry.type == "MultiPoint":
        for p in c:
            yield [p]
    elif geometry.type == "LineString":
        yield c
    elif geometry.type in ("MultiLineString", "Polygon"):
        yield from c
    elif geometry.type == "MultiPolygon":
        for polygon in c:
            yield from polygon


def encode_ground(geojson: bytes) -> bytes:
    """A FeatureCollection (WGS 84 degrees) as bytes for the page, by rank within the order given.

    Features without geometry or class, or of a shape not listed above, are left out.
    Raises BadInput when it is no FeatureCollection with numbers for coordinates.
    """
    try:
        found = msgspec.json.decode(geojson, type=_Collection)
        table: list[list[Any]] = []
        chains: list[list[Any]] = []
        for feature in found.features:
            properties = feature.properties or {}
            shape = _SHAPES.get(feature.geometry.type, -1) if feature.geometry else -1
            if shape < 0 or feature.geometry is None or not properties.get("class"):
                continue
            parts = [p for p in _parts(feature.geometry) if p]
            chains += parts
            table.append([*_row(properties), shape, [len(p) for p in parts]])
        pairs = np.array([p[:2] for chain in chains for p in chain], np.float64).reshape(-1, 2)
    except (msgspec.DecodeError, TypeError, ValueError, IndexError) as error:
        raise BadInput("a map layer", found=str(error), expected="a GeoJSON FeatureCollection") from error
    head = msgspec.json.encode(table)
    head += b" " * (-(len(head) + 8) % 8)
    return MAGIC + struct.pack("<I", len(head)) + head + world(pairs[:, 0], pairs[:, 1]).tobytes()


def _row(properties: dict[str, Any]) -> list[Any]:
    def number(key: str, otherwise: float) -> float:
        value = properties.get(key)
        return float(value) if isinstance(value, int | float) else otherwise

    zh = str(properties.get("zh") or "")
    # what is built outside the area is named and has streets, but is not lifted from the ground
    cls = "outskirts" if properties["class"] == "built" and properties.get("outside") else str(properties["class"])
    return [
        cls,
        number("rank", 9.0),
        zh,
        str(properties.get("en") or zh),
        number("width_m", 0.0),
        number("angle", 0.0),
    ]
