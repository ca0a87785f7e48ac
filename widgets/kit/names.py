"""Short names of places and streams, the same on every tile; knows no panel and paints nothing."""

from __future__ import annotations

from collections.abc import Mapping

from console.api import Alarm, Area, Level, Sensor

_SUFFIXES = ("新城", "新区", "街道", " New Town", " New Area", " Subdistrict")


def town_of(area_id: str, areas: Mapping[str, Area]) -> Area | None:
    """The new town that an area belongs to (itself where it is one), None above that level."""
    seen = 0
    area = areas.get(area_id)
    while area is not None and seen < 8:
        if area.level is Level.NEW_TOWN:
            return area
        area = areas.get(area.parent)
        seen += 1
    return None


def short_area(area: Area, language: str) -> str:
    """An area's name without what kind of area it is: 沣东新城 → 沣东."""
    name = area.name.of(language)
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix).strip()
    return name


def place_of(sensor: Sensor, areas: Mapping[str, Area], language: str) -> str:
    """The short name of the new town where a sensor stands; of its own area where there is no town, else ""."""
    area = town_of(sensor.area, areas) or areas.get(sensor.area)
    return short_area(area, language) if area is not None else ""


def subject_of(sensor: Sensor, language: str) -> str:
    """What the sensor stands at, e.g. "燃气 G-117"; its own name where it has no site, at last its id."""
    return sensor.site.of(language) or sensor.name.of(language) or sensor.id


def what_of(alarm: Alarm, sensor: Sensor, language: str) -> str:
    """What is wrong with it: "燃气 G-117 压力低"; the limit's name where the sensor has no words for it."""
    wrong = sensor.alarm_text.of(language)
    if not wrong and 0 <= alarm.limit < len(sensor.limits):
        wrong = sensor.limits[alarm.limit].name.of(language)
    return f"{subject_of(sensor, language)} {wrong}".strip()
