"""Tracks source, declared: recorded positions of vehicles, aircraft, people; imports no parser."""

from __future__ import annotations

from typing import Literal

from console.api import Board, SourceSpec, Text, Value
from console.node.sources.replay.clockwork import ReplaySettings


class TrackFields(Value, frozen=True):
    """Which column or property holds what; "" means the format's usual name, or that there is none."""

    id: str = ""
    name: str = ""
    time: str = ""
    lon: str = ""
    lat: str = ""
    alt: str = ""
    heading: str = ""
    speed: str = ""


class TrackUnits(Value, frozen=True):
    """Units in the file of `records` and `csv` (readsb traces are feet and knots, GPX metres, by definition)."""

    alt: Literal["m", "ft"] = "m"
    speed: Literal["m/s", "km/h", "kt", "mph"] = "m/s"


class TracksSettings(ReplaySettings, frozen=True):
    """A file of tracks; positions in degrees WGS 84.

    Attributes:
        format: "records" (JSON list of records, or columns as pandas writes them), "readsb" (globe history trace),
            "csv", "gpx"; "auto" tells them by name and content. Any may be .gz.
        time_format: as for CSV; "auto" is "ms" for records and "iso" for csv.
        mover: kind of the resources ("aircraft", "vehicle", "team", …).
        name: what a mover is called where the file names none.
        max_speed_m_s: a fix that could only be reached faster is BAD; 0: 350 for aircraft, 90 for others.
        gone_after_s: shown seconds after its last fix at which a mover leaves the map; 0: ten minutes, at least
            twenty usual spacings.
    """

    format: Literal["auto", "records", "readsb", "csv", "gpx"] = "auto"
    fields: TrackFields = TrackFields()
    units: TrackUnits = TrackUnits()
    time_format: str = "auto"
    time_zone: str = "UTC"
    delimiter: str = ","
    encoding: str = "utf-8"
    mover: str = "vehicle"
    name: Text = Text("")
    board: Board = Board.PUBLIC
    domain: str = ""
    area: str = ""
    max_speed_m_s: float = 0.0
    stale_after_s: float = 0.0
    gone_after_s: float = 0.0


SPEC = SourceSpec(
    id="tracks",
    title=Text("轨迹文件", "Track file"),
    factory="console.node.sources.tracks.source:TracksSource",
    settings=TracksSettings,
)
