"""Where ticks and names stand and what ticks say, for values and for Beijing time; Qt-free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from console.api import NS, Value

_MIN, _HOUR, _DAY = 60, 3600, 86_400
_STEPS_S: Final = (
    1, 2, 5, 10, 15, 30, _MIN, 2 * _MIN, 5 * _MIN, 10 * _MIN, 15 * _MIN, 30 * _MIN,
    _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 5 * _DAY, 10 * _DAY,
)  # fmt: skip
MONTH_S: Final = 30 * _DAY
_LARGEST: Final = 1e300
BEIJING_S: Final = 8 * _HOUR


class ValueScale(Value, frozen=True):
    """A value axis: what it spans, where its ticks stand and how many decimals they need."""

    low: float
    high: float
    ticks: tuple[float, ...]
    digits: int


def time_ticks(start_ns: int, end_ns: int, most: int) -> tuple[tuple[int, ...], int]:
    """(times in UTC ns, step in s): at most about `most` round Beijing times inside [start_ns, end_ns].

    From MONTH_S on a step means whole months, each tick on the first of one.
    """
    span_s = max(1e-3, (end_ns - start_ns) / NS)
    wanted = span_s / max(1, most)
    if wanted > _STEPS_S[-1]:
        return _months(start_ns, end_ns, wanted)
    step = next(s for s in _STEPS_S if s >= wanted)
    first = -(-(start_ns // NS + BEIJING_S) // step) * step - BEIJING_S
    times = range(first, end_ns // NS + 1, step)
    return tuple(t * NS for t in times if t * NS >= start_ns), step


def _months(start_ns: int, end_ns: int, wanted_s: float) -> tuple[tuple[int, ...], int]:
    each = next((n for n in (1, 2, 3, 6, 12) if n * MONTH_S >= wanted_s), 12 * math.ceil(wanted_s / (12 * MONTH_S)))
    month = np.datetime64(start_ns // NS + BEIJING_S, "s").astype("datetime64[M]").astype(int)
    last = np.datetime64(end_ns // NS + BEIJING_S, "s").astype("datetime64[M]").astype(int)
    months = np.arange(-(-month // each) * each, last + 1, each).astype("datetime64[M]")
    times = (months.astype("datetime64[s]").astype(np.int64) - BEIJING_S) * NS
    return tuple(t for t in times.tolist() if t >= start_ns), each * MONTH_S


def value_scale(low: float, high: float, most: int, above: float = 0.06) -> ValueScale:
    """A scale that holds [low, high] with a little air (`above` of its height on top), and about `most` round ticks.

    Equal, reversed, infinite or NaN ends give a scale of one unit around what is finite.
    """
    low, high = _ordered(low, high)
    step = _round_step((high - low) / max(1, most))
    low, high = low - (high - low) * 0.06, high + (high - low) * above
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = tuple(k * step for k in range(first, last + 1))
    return ValueScale(low=low, high=high, ticks=ticks, digits=max(0, -math.floor(math.log10(step) + 1e-9)))


def _ordered(low: float, high: float) -> tuple[float, float]:
    if not math.isfinite(low) or not math.isfinite(high):
        finite = [x for x in (low, high) if math.isfinite(x)]
        low = high = finite[0] if finite else 0.0
    low, high = max(min(low, high), -_LARGEST), min(max(low, high), _LARGEST)
    if high - low <= max(abs(low), abs(high), 1e-9) * 1e-9:
        pad = max(abs(high) * 0.01, 0.5)
        return low - pad, high + pad
    return low, high


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next((m * power for m in (1.0, 2.0, 5.0) if m * power >= least * (1 - 1e-9)), 10.0 * power)


def steadied(now: ValueScale | None, low: float, high: float, most: int, above: float = 0.06) -> ValueScale:
    """The scale of now while it still holds the data and is not more than twice as wide as needed, else a new one."""
    fresh = value_scale(low, high, most, above)
    if now is None or len(now.ticks) > 2 * most + 2 or len(now.ticks) < len(fresh.ticks) - 1:
        return fresh
    holds = now.low <= low and high <= now.high
    return now if holds and (now.high - now.low) <= 1.6 * (fresh.high - fresh.low) else fresh


def spread(wanted: Sequence[tuple[float, float]], top: float, bottom: float) -> list[float]:
    """Middles moved so that none hides another, in their order: downwards, and up again where the last would leave.

    Args:
        wanted: (middle, half height) of each in px, in any order; what is given back is in the same.
        top: the least middle, `bottom` the greatest while there is room for all.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i][0])
    at = [middle for middle, _ in wanted]
    last, end = top, 0.0
    for i in order:
        at[i] = max(at[i], last + (end + wanted[i][1] if end else 0.0))
        last, end = at[i], wanted[i][1]
    last, end = bottom, 0.0
    for i in reversed(order):
        at[i] = min(at[i], last - (end + wanted[i][1] if end else 0.0))
        last, end = at[i], wanted[i][1]
    return at
