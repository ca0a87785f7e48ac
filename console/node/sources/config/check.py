"""What can be wrong with the settings of a source, found before it runs; knows no TOML, only paths of keys."""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterable
from pathlib import Path

from console.api import Limit, Value
from console.node.sources.replay.clockwork import ReplaySettings, instant_ns, zone


class Flaw(Value, frozen=True):
    """A wrong setting: `path` of its key inside the source's table, what was found and expected, and a tip."""

    path: tuple[str | int, ...]
    found: str
    expected: str
    tip: str = ""


def file_flaws(file: str) -> list[Flaw]:
    """Flaws of a key `file`."""
    if not file:
        return [Flaw(path=("file",), found="nothing", expected="the path of a file")]
    if not Path(file).is_file():
        return [
            Flaw(
                path=("file",),
                found=f"no file '{file}'",
                expected="an existing file",
                tip="a relative path starts at the folder of this TOML file",
            )
        ]
    return []


def replay_flaws(settings: ReplaySettings, time_zone: str) -> list[Flaw]:
    """Flaws of what all recordings share."""
    flaws = file_flaws(settings.file)
    if not (math.isfinite(settings.speed) and 1e-3 <= settings.speed <= 1e6):
        flaws.append(Flaw(path=("speed",), found=f"{settings.speed:g}", expected="a number from 0.001 to 1000000"))
    if settings.times == "keep" and settings.speed != 1:
        flaws.append(Flaw(path=("speed",), found=f"{settings.speed:g}", expected='1, as times = "keep" is set'))
    if settings.times == "keep" and settings.loop:
        flaws.append(Flaw(path=("loop",), found="true", expected='false, as times = "keep" is set'))
    try:
        local = zone(time_zone)
    except ValueError as error:
        return [*flaws, Flaw(path=("time_zone",), found=str(error), expected='"Asia/Shanghai", "UTC" or "+08:00"')]
    try:
        if settings.start_at:
            instant_ns(settings.start_at, local)
    except ValueError:
        flaws.append(Flaw(path=("start_at",), found=f"'{settings.start_at}'", expected='ISO time, "2015-09-08T07:30"'))
    return flaws


def encoding_flaws(encoding: str) -> list[Flaw]:
    """Flaws of a key `encoding`."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        return [Flaw(path=("encoding",), found=f"'{encoding}'", expected='"utf-8", "latin-1", "gb18030", …')]
    return []


def one_character_flaws(**settings: str) -> list[Flaw]:
    """Flaws of settings that must be a single character."""
    return [
        Flaw(path=(key,), found=f"'{text}'", expected="one character")
        for key, text in settings.items()
        if len(text) != 1 or text in '\r\n"'
    ]


def limit_flaws(path: tuple[str | int, ...], limits: Iterable[Limit]) -> list[Flaw]:
    """Flaws of a sensor's limits."""
    return [
        Flaw(path=(*path, i, "priority"), found=str(limit.priority), expected="1 (most urgent), 2, 3 or 4")
        for i, limit in enumerate(limits)
        if not 1 <= limit.priority <= 4
    ]


def position_flaws(path: tuple[str | int, ...], lon: float | None, lat: float | None) -> list[Flaw]:
    """Flaws of a pair lon, lat in degrees WGS 84."""
    if (lon is None) != (lat is None):
        missing = "lat" if lat is None else "lon"
        return [Flaw(path=path, found=f"no '{missing}'", expected="both lon and lat, or neither")]
    flaws = []
    if lon is not None and not -180 <= lon <= 180:
        flaws.append(Flaw(path=(*path, "lon"), found=f"{lon:g}", expected="degrees from -180 to 180"))
    if lat is not None and not -90 <= lat <= 90:
        flaws.append(Flaw(path=(*path, "lat"), found=f"{lat:g}", expected="degrees from -90 to 90"))
    return flaws


def column_flaws(names: list[str], wanted: Iterable[tuple[tuple[str | int, ...], str]], key: str) -> list[Flaw]:
    """Flaws of named columns (path, name) that a header does not have, or has twice."""
    flaws = []
    for path, name in wanted:
        if names.count(name) != 1:
            found = f"no {key} '{name}'" if name not in names else f"{key} '{name}' {names.count(name)} times"
            flaws.append(
                Flaw(path=path, found=found, expected=f"one of {', '.join(dict.fromkeys(names)) or 'nothing'}")
            )
    return flaws


def tried(path: tuple[str | int, ...], expected: str, attempt: Callable[[], object]) -> list[Flaw]:
    """A flaw when `attempt` raises ValueError or OSError."""
    try:
        attempt()
    except (ValueError, OSError) as error:
        return [Flaw(path=path, found=str(error), expected=expected)]
    return []
