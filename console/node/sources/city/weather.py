"""The storm as curves over storm hours: rain, what it drives with a lag, and staged courses; knows no sensor.

Rows of one table on a fixed grid, so that a value is a look-up: `Curves.rows` f64 (rows, grid),
row 0 is nothing at all.
"""

from __future__ import annotations

import msgspec
import numpy as np

from console.api import F64
from console.node.sources.city.clock import END_H, START_H
from console.node.sources.city.plane import generator

GRID_S = 10.0
GRID_H = np.arange(START_H, END_H + GRID_S / 7200, GRID_S / 3600)
RESPONSES = ("rain", "rain_1h", "drain", "underpass", "river", "soil", "wind")
"""What rain drives: intensity, last hour's sum, drains (12 min), underpasses (25), rivers (100), soil, wind."""
TOWN_SHARE = {"fengdong": 0.92, "fengxi": 1.0, "qinhan": 0.66, "konggang": 0.5, "jinghe": 0.58}
TOWN_DELAY_MIN = {"fengxi": 0.0, "fengdong": 4.0, "qinhan": 9.0, "konggang": 6.0, "jinghe": 15.0}
_BURSTS = (
    (-4.9, 0.35, 0.22),
    (-3.3, 0.55, 0.5),
    (-1.75, 0.5, 1.0),
    (-0.45, 0.35, 0.72),
    (0.9, 0.5, 0.42),
    (2.2, 0.5, 0.16),
)
"""Hour, width in hours and strength of the bursts of rain."""

Course = tuple[tuple[float, float], ...]
"""A staged course: (storm hour, value) knots."""


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """The table and where its rows stand: `index[(response, town)]` or `index[("course", name)]`."""

    rows: F64
    index: dict[tuple[str, str], int]


def _lagged(rain: F64, lag_min: float, shape: float = 3.0) -> F64:
    """Rain through a gamma kernel whose mean is the lag, scaled to a peak of 1."""
    scale_s = lag_min * 60.0 / shape
    t = np.arange(0, lag_min * 60 * 5, GRID_S)
    kernel = (t / scale_s) ** (shape - 1) * np.exp(-t / scale_s)
    driven: F64 = np.convolve(rain, kernel / kernel.sum())[: len(rain)]
    return driven / max(float(driven.max()), 1e-12)


def rain_profile(seed: int) -> F64:
    """Rain intensity over `GRID_H`, peak 1, zero at both ends."""
    rng = generator(seed, "rain")
    rain = np.zeros(len(GRID_H))
    for hour, width, strength in _BURSTS:
        rain += strength * np.exp(-0.5 * ((GRID_H - hour) / width) ** 2)
    knots = np.arange(START_H, END_H + 0.2, 0.12)
    rain *= np.interp(GRID_H, knots, rng.uniform(0.62, 1.3, len(knots)))
    rain *= np.clip((GRID_H - START_H) / 0.5, 0, 1) * np.clip((4.0 - GRID_H) / 0.8, 0, 1)
    peak: F64 = rain / rain.max()
    return peak


def _responses(rain: F64) -> dict[str, F64]:
    hour = int(3600 / GRID_S)
    total = np.concatenate([[0.0], np.cumsum(rain)])
    last_hour = total[1:] - total[np.maximum(np.arange(len(rain)) - hour, 0)]
    return {
        "rain": rain,
        "rain_1h": last_hour / last_hour.max(),
        "drain": _lagged(rain, 12),
        "underpass": _lagged(rain, 25),
        "river": _lagged(rain, 100, 4.0),
        "soil": _lagged(rain, 150, 2.0),
        "wind": _lagged(rain, 4.0),
    }


def curves(seed: int, courses: dict[str, Course]) -> Curves:
    """The table for this seed: every response in every town, then every staged course."""
    rows = [np.zeros(len(GRID_H))]
    index: dict[tuple[str, str], int] = {}
    for name, row in _responses(rain_profile(seed)).items():
        for town, share in TOWN_SHARE.items():
            late = int(TOWN_DELAY_MIN[town] * 60 / GRID_S)
            index[name, town] = len(rows)
            rows.append(share * np.concatenate([np.zeros(late), row[: len(row) - late]]))
    for name, knots in courses.items():
        index["course", name] = len(rows)
        hours, values = np.array(knots, float).T
        rows.append(_rounded(np.interp(GRID_H, hours, values), hours))
    return Curves(rows=np.array(rows), index=index)


def _rounded(row: F64, hours: F64) -> F64:
    """A broken line with its corners softened over half of the least distance of its knots, at most 20 min."""
    width = int(min(1200.0, 3600.0 * float(np.diff(hours).min()) / 2) / GRID_S) | 1
    if width < 3:
        return row
    padded = np.concatenate([np.full(width // 2, row[0]), row, np.full(width // 2, row[-1])])
    soft: F64 = np.convolve(padded, np.ones(width) / width, mode="valid")
    return soft
