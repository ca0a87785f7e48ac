"""Degrees to the map's own plane; knows nothing of screens, Qt or what stands there."""

from __future__ import annotations

from typing import Final

import numpy as np

from console.api import F64

MAX_LAT_DEG: Final = 85.05112878


def world(lon_deg: F64, lat_deg: F64) -> F64:
    """Web Mercator (EPSG:3857) scaled to the unit square: x east from 180° W, y south from 85.05° N.

    A pixel of Leaflet's zoom z is 1 / (256 · 2^z). Takes f64 (n,) each, WGS 84; gives f64 (n, 2), row-contiguous.
    """
    lat = np.radians(np.clip(lat_deg, -MAX_LAT_DEG, MAX_LAT_DEG))
    out = np.empty((len(lat), 2), np.float64)
    out[:, 0] = (np.asarray(lon_deg) + 180.0) / 360.0
    out[:, 1] = 0.5 - np.arcsinh(np.tan(lat)) / (2.0 * np.pi)
    return out


def world_point(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """`world` for one point."""
    x, y = world(np.array([lon_deg]), np.array([lat_deg]))[0]
    return float(x), float(y)
