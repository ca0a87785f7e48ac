"""The demo city's ground plan, read from `plan.toml`: where its rivers, towns and great roads run; draws nothing.

All positions are in sketch units on a sheet whose x grows eastward and y southward; `km` turns them into the plane.
Rivers and towns lie about where the real ones do, drawn closer together: it is a generated city, not a survey.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import numpy as np

from console.api import F64, Text, Value
from console.node.sources.city.plane import Points, smooth

UNITS_PER_KM = 38.9
MOUTH = (600.0, 500.0)
"""Where the Feng river meets the Wei: the plane's origin."""
SHEET = (-900.0, -750.0, 2100.0, 1650.0)
"""West, north, east, south end of everything drawn."""

Spots = tuple[tuple[float, float], ...]


def km(x: float, y: float) -> tuple[float, float]:
    """The plane position in km of a sketch position."""
    return (x - MOUTH[0]) / UNITS_PER_KM, (MOUTH[1] - y) / UNITS_PER_KM


def curve(points: Points, step_km: float = 0.15) -> F64:
    """The smooth curve in km, f64 (n, 2), through sketch positions."""
    return smooth([km(*p) for p in points], step_km)


def corners(points: Points) -> F64:
    """The sketch positions in km, f64 (n, 2)."""
    return np.array([km(*p) for p in points])


class River(Value, frozen=True):
    """A river: centre line in sketch units, half width and swing in km."""

    id: str
    name: Text
    half_km: float
    line: Spots
    swing_km: float = 0.0
    wave_km: float = 4.0


class Lake(Value, frozen=True):
    """A lake: its middle and half axes in sketch units."""

    name: Text
    at: tuple[float, float]
    half: tuple[float, float]


class Road(Value, frozen=True):
    """A great road or railway: `kind` motorway, main or rail; its shields or names stand at `labels` of its length."""

    kind: str
    name: Text
    line: Spots
    labels: tuple[float, ...] = (0.5,)


class Town(Value, frozen=True):
    """A new town: rough outline in sketch units (rivers and districts cut it), grid turned by `angle` degrees."""

    id: str
    name: Text
    short: Text
    label: tuple[float, float]
    outline: Spots
    angle: float
    blobs: tuple[tuple[float, float, float, float], ...]
    """Built-up land: x, y, half width, half height."""
    subdistricts: tuple[tuple[str, str, str, float, float], ...]
    """id, 中文, English, and where its centre lies."""


class City(Value, frozen=True):
    """A neighbour outside the new area: label, grid angle and spacing, outline."""

    name: Text
    label: tuple[float, float]
    angle: float
    spacing_km: float
    outline: Spots


class Plan(Value, frozen=True):
    """The whole sheet."""

    river: tuple[River, ...]
    lake: tuple[Lake, ...]
    town: tuple[Town, ...]
    road: tuple[Road, ...]
    city: tuple[City, ...]
    runways: tuple[Spots, ...]
    districts: tuple[str, ...]
    """Registry codes of the districts whose union the towns are cut from."""
    neighbours: tuple[str, ...]
    """Registry codes of the districts whose real boundaries are drawn."""


_PLAN = msgspec.convert(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")), Plan)
RIVERS, LAKES, TOWNS, ROADS, CITIES = _PLAN.river, _PLAN.lake, _PLAN.town, _PLAN.road, _PLAN.city
RUNWAYS, DISTRICTS, NEIGHBOURS = _PLAN.runways, _PLAN.districts, _PLAN.neighbours
