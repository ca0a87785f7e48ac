"""Track files of four formats to raw fixes by mover, in SI units and file order; judges no fix."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from console.api import NS, SourceError, Text, Value
from console.node.sources.columns_csv.spec import CsvSettings
from console.node.sources.columns_csv.table import header_of, rows_of, time_reader
from console.node.sources.replay.clockwork import instant_ns, zone
from console.node.sources.tracks.spec import TrackFields, TracksSettings

FOOT_M = 0.3048
SPEED_M_S = {"m/s": 1.0, "km/h": 1 / 3.6, "kt": 1852 / 3600, "mph": 1609.344 / 3600}
ALT_M = {"m": 1.0, "ft": FOOT_M}
USUAL = {
    "records": TrackFields(
        id="icao24", name="callsign", time="timestamp", lon="longitude", lat="latitude",
        alt="altitude", heading="track", speed="groundspeed",
    ),
    "csv": TrackFields(time="time", lon="lon", lat="lat"),
}  # fmt: skip
NAN = math.nan


class Fix(Value, frozen=True):
    """One raw fix; `where` is its place in the file; lon, lat, heading in degrees, alt m, speed m/s; NaN unknown."""

    mover: str
    name: str
    where: str
    t_ns: int
    lon: float
    lat: float
    alt: float = NAN
    heading: float = NAN
    speed: float = NAN


class Unread(Value, frozen=True):
    """A place of a file that gave no fix, and why."""

    where: str
    what: Text


NO_TIME = Text("定位无时间", "fixes without a usable time")


def format_of(settings: TracksSettings, text: str) -> str:
    """The format, told by the settings, else by the file's name and first characters."""
    if settings.format != "auto":
        return settings.format
    name = settings.file.lower().removesuffix(".gz")
    start = text[:4096].lstrip()
    if name.endswith(".gpx") or start.startswith("<"):
        return "gpx"
    if start.startswith(("{", "[")):
        return "readsb" if re.search(r'"trace"\s*:', text) else "records"
    return "csv"


def raw_fixes(text: str, settings: TracksSettings) -> Iterator[Fix | Unread]:
    """All fixes of a text, in file order. Raises SourceError where the text is not of its format at all."""
    readers: dict[str, Callable[[str, TracksSettings], Iterator[Fix | Unread]]] = {
        "records": _records,
        "readsb": _readsb,
        "csv": _csv,
        "gpx": _gpx,
    }
    return readers[format_of(settings, text)](text, settings)


def fields_of(settings: TracksSettings, form: str) -> TrackFields:
    """The fields as set; a format's usual names where nothing is set."""
    usual, own = USUAL[form], settings.fields
    picked = {name: getattr(own, name) or getattr(usual, name) for name in TrackFields.__struct_fields__}
    return TrackFields(**picked)


def csv_settings(settings: TracksSettings) -> CsvSettings:
    """How the CSV reader must read this file."""
    return CsvSettings(
        id=settings.id,
        file=settings.file,
        delimiter=settings.delimiter,
        time=fields_of(settings, "csv").time,
        time_format="iso" if settings.time_format == "auto" else settings.time_format,
        time_zone=settings.time_zone,
    )


def _json(text: str, settings: TracksSettings) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{settings.file}: no valid JSON ({error})") from error


def _records(text: str, settings: TracksSettings) -> Iterator[Fix | Unread]:
    found = _json(text, settings)
    fields = fields_of(settings, "records")
    form = "ms" if settings.time_format == "auto" else settings.time_format
    instant = time_reader(CsvSettings(time_format=form, time_zone=settings.time_zone))
    for i, record in enumerate(_rows(found, settings)):
        yield _fix(record, fields, settings, instant, f"record {i + 1}")


def _rows(found: Any, settings: TracksSettings) -> Sequence[Mapping[str, Any]]:
    """Records as they are, or put together from columns: {"lat": {"0": 1.0, …}, …} or {"lat": [1.0, …], …}."""
    if isinstance(found, list):
        return [one if isinstance(one, dict) else {} for one in found]
    if isinstance(found, dict) and found and all(isinstance(column, dict) for column in found.values()):
        keys = max((list(column) for column in found.values()), key=len)
        return [{name: column.get(key) for name, column in found.items()} for key in keys]
    if isinstance(found, dict) and found and all(isinstance(column, list) for column in found.values()):
        names = list(found)
        return [dict(zip(names, row, strict=True)) for row in zip(*found.values(), strict=False)]
    raise SourceError(f"{settings.file}: expected a list of records or columns of equal length")


def _csv(text: str, settings: TracksSettings) -> Iterator[Fix | Unread]:
    shape = csv_settings(settings)
    names = header_of(text, shape)
    fields = fields_of(settings, "csv")
    instant = time_reader(shape)
    rows = rows_of(text, shape)
    next(rows, None)
    for line, row in rows:
        yield _fix(dict(zip(names, row, strict=False)), fields, settings, instant, f"line {line}")


def _fix(
    record: Mapping[str, Any], fields: TrackFields, settings: TracksSettings, instant: Callable[[str], int], where: str
) -> Fix | Unread:
    try:
        t_ns = instant(str(record.get(fields.time, "")).strip())
    except (ValueError, OverflowError):
        return Unread(where=where, what=NO_TIME)
    mover = record.get(fields.id)
    return Fix(
        mover="1" if mover is None else str(mover),
        name=str(record.get(fields.name) or ""),
        where=where,
        t_ns=t_ns,
        lon=number(record.get(fields.lon)),
        lat=number(record.get(fields.lat)),
        alt=number(record.get(fields.alt)) * ALT_M[settings.units.alt],
        heading=number(record.get(fields.heading)),
        speed=number(record.get(fields.speed)) * SPEED_M_S[settings.units.speed],
    )


def number(raw: Any) -> float:
    """A finite float, NaN for anything else."""
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        return NAN
    return value if math.isfinite(value) else NAN


def _readsb(text: str, settings: TracksSettings) -> Iterator[Fix | Unread]:
    """Globe history: rows [seconds after `timestamp`, lat, lon, alt ft | "ground", speed kt, track, …]."""
    found = _json(text, settings)
    rows = found.get("trace") if isinstance(found, dict) else None
    start_s = number(found.get("timestamp")) if isinstance(found, dict) else NAN
    if not isinstance(rows, list) or math.isnan(start_s):
        raise SourceError(f"{settings.file}: expected a readsb trace with `timestamp` and `trace`")
    mover = str(found.get("icao") or "1")
    name = str(found.get("r") or "")
    for i, row in enumerate(rows):
        where = f"trace {i + 1}"
        after_s = number(row[0]) if isinstance(row, list) and len(row) > 5 else NAN
        if math.isnan(after_s):
            yield Unread(where=where, what=NO_TIME)
            continue
        yield Fix(
            mover=mover,
            name=name,
            where=where,
            t_ns=round((start_s + after_s) * 1000) * (NS // 1000),
            lon=number(row[2]),
            lat=number(row[1]),
            alt=0.0 if row[3] == "ground" else number(row[3]) * FOOT_M,
            heading=number(row[5]),
            speed=number(row[4]) * SPEED_M_S["kt"],
        )


def _gpx(text: str, settings: TracksSettings) -> Iterator[Fix | Unread]:
    """Track points of GPX 1.0 and 1.1, one mover a track; routes and waypoints have no times and are left out."""
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text):
        raise SourceError(f"{settings.file}: GPX with a DOCTYPE is refused (it could hide an entity bomb)")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError) as error:
        raise SourceError(f"{settings.file}: no valid XML ({error})") from error
    local = zone(settings.time_zone)
    for i, track in enumerate(root.iterfind("{*}trk")):
        name = track.findtext("{*}name", "")
        for j, point in enumerate(track.iterfind("{*}trkseg/{*}trkpt")):
            where = f"track {i + 1} point {j + 1}"
            try:
                t_ns = instant_ns(point.findtext("{*}time", ""), local)
            except (ValueError, OverflowError):
                yield Unread(where=where, what=NO_TIME)
                continue
            yield Fix(
                mover=str(i + 1),
                name=name,
                where=where,
                t_ns=t_ns,
                lon=number(point.get("lon")),
                lat=number(point.get("lat")),
                alt=number(point.findtext("{*}ele")),
            )
