"""GeoJSON text to point events, or to the bounds of a layer; knows no sink and no clock."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from console.api import SourceError, Text, Value
from console.node.sources.columns_csv.spec import CsvSettings
from console.node.sources.columns_csv.table import time_reader
from console.node.sources.geojson.spec import GeoJsonSettings
from console.node.sources.geojson.topology import features_of_topology
from console.node.sources.replay.reel import Fault
from console.node.sources.tracks.read import number


class PointEvent(Value, frozen=True):
    """Something that happened at a place: lon, lat degrees WGS 84, depth_km NaN unknown, value NaN for none."""

    id: str
    t_ns: int
    lon: float
    lat: float
    depth_km: float
    value: float
    title: str


def features_of(text: str, file: str, topology: str = "") -> list[Any]:
    """The features of a FeatureCollection or of a TopoJSON object, or the one Feature; else raises SourceError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{file}: no valid JSON ({error})") from error
    if isinstance(found, dict) and found.get("type") == "Feature":
        return [found]
    if isinstance(found, dict) and found.get("type") == "Topology":
        try:
            return list(features_of_topology(found, topology))
        except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise SourceError(f"{file}: no usable TopoJSON ({error!r})") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise SourceError(f"{file}: expected a GeoJSON FeatureCollection with `features`")
    return features


def point_events(text: str, settings: GeoJsonSettings) -> tuple[list[PointEvent], tuple[Fault, ...]]:
    """All usable events, ascending in time, and what was left out; of two with one id the later in the file stands.

    Raises SourceError.
    """
    instant = time_reader(CsvSettings(time_format=settings.time_format, time_zone=settings.time_zone))
    events: dict[str, PointEvent] = {}
    flaws: dict[str, list[int]] = {}
    for i, feature in enumerate(features_of(text, settings.file)):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        place = _point(feature.get("geometry")) if isinstance(feature, dict) else None
        if place is None or not isinstance(properties, dict):
            flaws.setdefault("features that are no point", []).append(i)
            continue
        try:
            t_ns = instant(str(properties.get(settings.time)))
        except (ValueError, OverflowError):
            flaws.setdefault("features without a usable time", []).append(i)
            continue
        id_ = str(feature.get("id", i))
        value = number(properties.get(settings.value))
        if math.isnan(value):
            flaws.setdefault("events without a value", []).append(i)
        title = str(properties.get(settings.title) or "")
        lon, lat, depth_km = place
        events[id_] = PointEvent(id=id_, t_ns=t_ns, lon=lon, lat=lat, depth_km=depth_km, value=value, title=title)
    faults = tuple(
        Fault(what=Text(f"{what}", what), count=len(at), where=f"feature {at[0] + 1}") for what, at in flaws.items()
    )
    return sorted(events.values(), key=lambda event: event.t_ns), faults


def _point(geometry: Any) -> tuple[float, float, float] | None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    at = geometry.get("coordinates")
    if not isinstance(at, list) or len(at) < 2:
        return None
    lon, lat = number(at[0]), number(at[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return lon, lat, number(at[2]) if len(at) > 2 else math.nan


def layer_file(text: str, settings: GeoJsonSettings) -> tuple[bytes, tuple[float, float, float, float] | None]:
    """The layer as GeoJSON bytes whose features all have a class, and its bounds west, south, east, north.

    Raises SourceError.
    """
    found = features_of(text, settings.file, settings.topology)
    features = [one for one in found if isinstance(one, dict) and one.get("geometry")]
    for feature in features:
        if not isinstance(feature.get("properties"), dict):
            feature["properties"] = {}
        if settings.feature_class:
            feature["properties"].setdefault("class", settings.feature_class)
    points = [point for feature in features for point in _points(feature["geometry"])]
    if not points:
        raise SourceError(f"{settings.file}: no feature with a geometry")
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
    return content, (min(lons), min(lats), max(lons), max(lats))


def _points(geometry: Any) -> Iterator[tuple[float, float]]:
    """Every position of a geometry."""
    if isinstance(geometry, dict):
        for inner in geometry.get("geometries", []):
            yield from _points(inner)
        yield from _points(geometry.get("coordinates", []))
    elif isinstance(geometry, list) and len(geometry) >= 2 and all(isinstance(x, int | float) for x in geometry[:2]):
        yield float(geometry[0]), float(geometry[1])
    elif isinstance(geometry, list):
        for inner in geometry:
            yield from _points(inner)
