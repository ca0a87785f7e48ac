"""GeoJSON source, declared: a feed of point events, or a map layer; imports no parser."""

from __future__ import annotations

from typing import Literal

from console.api import Board, Limit, SourceSpec, Text
from console.node.sources.replay.clockwork import ReplaySettings

HOUR_S = 3600.0


class GeoJsonSettings(ReplaySettings, frozen=True):
    """A GeoJSON FeatureCollection, plain or .gz, in degrees WGS 84 (RFC 7946).

    As "events" each point with a time becomes two things: a sample of one sensor "<id>.value" (charts, limits and
    alarms know it), and a resource at its place with the value in its name, which leaves the map `keep_s` later.
    As "layer" the whole file, GeoJSON or TopoJSON, becomes a map layer.

    Attributes:
        time, value, title: names of the features' properties; the defaults are those of the USGS feeds.
        time_format: "ms", "s", "us", "ns" since 1970, "iso", or a strptime pattern.
        kind: kind of the symbols; the sensor's is "<kind>.<value>".
        prefix: what stands before the value in a symbol's name ("M" for magnitudes).
        least: events below are left out of the map (the sensor still has them).
        keep_s: shown seconds that a symbol stays.
        layer: for "layer": ground, streets, rivers, pipes or labels.
        topology: for "layer" of a TopoJSON file: which of its objects; "" the first.
        feature_class: `properties.class` given to features of a layer that have none (see MapLayer).
        attribution: whom the map must name.
    """

    show: Literal["events", "layer"] = "events"
    time: str = "time"
    time_format: str = "ms"
    time_zone: str = "UTC"
    value: str = "mag"
    title: str = "place"
    kind: str = "quake"
    name: Text = Text("地震", "Earthquakes")
    prefix: str = "M"
    unit: str = ""
    digits: int = 1
    limits: tuple[Limit, ...] = ()
    board: Board = Board.NATURAL
    domain: str = ""
    area: str = ""
    least: float | None = None
    keep_s: float = 6 * HOUR_S
    layer: str = "ground"
    topology: str = ""
    feature_class: str = ""
    attribution: str = ""


SPEC = SourceSpec(
    id="geojson",
    title=Text("GeoJSON 文件", "GeoJSON file"),
    factory="console.node.sources.geojson.source:GeoJsonSource",
    settings=GeoJsonSettings,
)
