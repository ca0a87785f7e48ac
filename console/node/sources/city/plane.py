"""The flat plane in kilometres that the demo city is drawn on; knows only geometry, no city.

x points east, y north; the origin is the mouth of the Feng river. Errors against WGS 84 stay below 0.1 % over the city.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence

import numpy as np

from console.api import F64

LON0, LAT0 = 108.785, 34.345
KM_PER_DEGREE_LAT = 110.93
KM_PER_DEGREE_LON = 111.32 * math.cos(math.radians(LAT0))

Points = Sequence[tuple[float, float]]


def to_lonlat(km: F64) -> F64:
    """Degrees WGS 84 f64 (n, 2) of plane positions f64 (n, 2)."""
    return np.asarray(km, float).reshape(-1, 2) / (KM_PER_DEGREE_LON, KM_PER_DEGREE_LAT) + (LON0, LAT0)


def to_plane(lonlat: F64) -> F64:
    """Plane positions in km f64 (n, 2) of degrees WGS 84 f64 (n, 2)."""
    return (np.asarray(lonlat, float).reshape(-1, 2) - (LON0, LAT0)) * (KM_PER_DEGREE_LON, KM_PER_DEGREE_LAT)


def generator(seed: int, *names: str) -> np.random.Generator:
    """A random generator that depends on the seed and on what it is for, so that parts do not shift each other."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def smooth(points: Iterable[tuple[float, float]], step_km: float = 0.15) -> F64:
    """A Catmull-Rom curve through the points, f64 (m, 2), sampled about every `step_km`."""
    p = np.asarray(list(points), float)
    if len(p) < 3:
        return along(p, step_km)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        n = max(2, int(np.hypot(*(c - b)) / step_km))
        t = np.linspace(0, 1, n, endpoint=False)[:, None]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*parts, p[-2:-1]])


def along(line: F64, step_km: float) -> F64:
    """The polyline sampled about every `step_km` by arc length, ends included."""
    s = lengths(line)
    n = max(2, int(s[-1] / step_km) + 1)
    return point_at(line, np.linspace(0, s[-1], n))


def lengths(line: F64) -> F64:
    """Arc length in km from the start to each vertex, f64 (n,)."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def point_at(line: F64, s_km: F64) -> F64:
    """Positions f64 (m, 2) at arc lengths `s_km`, clamped to the ends."""
    s = lengths(line)
    return np.column_stack([np.interp(s_km, s, line[:, 0]), np.interp(s_km, s, line[:, 1])])


def meander(line: F64, rng: np.random.Generator, swing_km: float, wave_km: float) -> F64:
    """The line swung sideways by a few smooth waves, ends held."""
    s = lengths(line)
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    swing = np.zeros(len(s))
    for k in range(3):
        swing += np.sin(2 * np.pi * s / (wave_km * 0.62**k) + rng.uniform(0, 2 * np.pi)) * 0.6**k
    hold = np.clip(np.minimum(s, s[-1] - s) / wave_km, 0, 1)
    bent: F64 = line + normal * (swing * hold * swing_km)[:, None]
    return bent
