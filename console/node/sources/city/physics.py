"""The values of the demo city as a pure vectorised function of seed and time; knows numbers, no entity.

The same (sensor, time) gives the same number whether it is published live or asked for later.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from console.api import F64, I64, NS, U8, Quality
from console.node.sources.city.clock import HOUR_NS, START_H, StormClock
from console.node.sources.city.weather import GRID_S, Curves

U64 = npt.NDArray[np.uint64]
TICK_NS = NS // 10
FOREVER = np.iinfo(np.int64).max
WANDER_S = 900
FAULT_S = 900
"""Each faulty sensor has at most one gap or bad spell in a span of this length."""
_MIX1, _MIX2, _STEP = (np.uint64(v) for v in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15))
_BEIJING_NS = 8 * HOUR_NS

DAILY = ("flat", "meals", "water", "power", "traffic", "crowd", "heat", "work")
_PEAKS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "meals": ((7.2, 0.9, 0.8), (11.8, 1.0, 0.9), (18.5, 1.3, 1.2)),
    "water": ((7.5, 1.4, 1.0), (12.2, 1.5, 0.5), (20.0, 1.9, 0.9)),
    "power": ((10.5, 2.2, 0.8), (15.0, 2.4, 0.9), (20.5, 1.8, 1.0)),
    "traffic": ((7.9, 1.0, 1.3), (13.0, 2.6, 0.5), (18.1, 1.2, 1.4)),
    "crowd": ((11.5, 2.2, 0.7), (19.5, 2.0, 1.2)),
    "heat": ((14.8, 3.6, 1.0),),
    "work": ((9.8, 1.7, 1.0), (15.4, 2.0, 1.0)),
}
"""Hour of day, width in hours and weight of the peaks of a day."""


def _daily_table() -> F64:
    """Shapes of a day per minute, f64 (shapes, 1441), mean 0, within ±1."""
    hours = np.arange(1441) / 60
    table = np.zeros((len(DAILY), 1441))
    for name, peaks in _PEAKS.items():
        row = np.zeros(1441)
        for hour, width, weight in peaks:
            away = (hours - hour + 12) % 24 - 12
            row += weight * np.exp(-0.5 * (away / width) ** 2)
        row -= row[:-1].mean()
        table[DAILY.index(name)] = row / np.abs(row).max()
    return table


_DAILY = _daily_table()


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How n sensors behave, as columns of length n; see `kinds.Kind` for the meaning of the numbers."""

    key: U64
    base: F64
    amp: F64
    daily: I64
    noise: F64
    wander: F64
    row: I64
    gain: F64
    floor: F64
    ceiling: F64
    slot: I64
    """The 100 ms slot, within its period, in which it samples."""
    period: I64
    """Ticks of 100 ms between samples."""
    until_ns: I64
    """It falls silent at this time; 0: it never said anything."""
    stuck_ns: I64
    """From this time on it repeats its value."""
    gap: npt.NDArray[np.bool_]
    bad: npt.NDArray[np.bool_]
    drift: F64
    """Unit per hour since the anchor, bounded to a day."""

    def take(self, rows: I64) -> Habits:
        """The habits of some of the sensors."""
        return Habits(**{name: getattr(self, name)[rows] for name in self.__struct_fields__})


def mixed(x: U64) -> U64:
    """Splitmix64's finaliser: well-mixed bits of each u64."""
    x = x * _STEP
    x = (x ^ (x >> np.uint64(30))) * _MIX1
    x = (x ^ (x >> np.uint64(27))) * _MIX2
    return x ^ (x >> np.uint64(31))


def _even(bits: U64) -> F64:
    """Numbers evenly spread over [-1, 1) from random bits."""
    return (bits >> np.uint64(11)).astype(np.float64) * (2.0 / (1 << 53)) - 1.0


def _bell(bits: U64) -> F64:
    """Numbers of a bell-like spread, standard deviation about 1, from random bits."""
    low = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64)
    high = (bits >> np.uint64(32)).astype(np.float64)
    return (low + high) * (2.449 / (1 << 32)) - 2.449


def _spell(habits: Habits, t_ns: I64, salt: int, least_s: int, most_s: int) -> npt.NDArray[np.bool_]:
    """Whether t lies in the sensor's random spell of this span of `FAULT_S`."""
    t_s = t_ns // NS
    bits = mixed(habits.key + np.uint64(salt) + (t_s // FAULT_S).astype(np.uint64))
    start = (bits % np.uint64(FAULT_S - most_s)).astype(np.int64)
    length = least_s + ((bits >> np.uint64(40)) % np.uint64(most_s - least_s)).astype(np.int64)
    inside = t_s % FAULT_S
    return (inside >= start) & (inside < start + length)


def values(habits: Habits, t_ns: I64, clock: StormClock, curves: Curves) -> tuple[F64, U8]:
    """Value f64 (m,) and quality u8 (m,) of samples due at `t_ns` i64 (m,); habits hold m rows, or one for all."""
    t = np.minimum(t_ns, habits.stuck_ns)
    minute = ((t + _BEIJING_NS) % (24 * HOUR_NS)) / (60 * NS)
    m0 = minute.astype(np.int64)
    day = _DAILY[habits.daily, m0] + (_DAILY[habits.daily, m0 + 1] - _DAILY[habits.daily, m0]) * (minute - m0)
    at = np.clip((clock.hours(t) - START_H) * (3600 / GRID_S), 0, curves.rows.shape[1] - 1.001)
    k0 = at.astype(np.int64)
    low = curves.rows[habits.row, k0]
    storm = low + (curves.rows[habits.row, k0 + 1] - low) * (at - k0)
    tick = (t // TICK_NS).astype(np.uint64)
    v = habits.base + habits.amp * day + habits.gain * storm + habits.noise * _bell(mixed(habits.key ^ tick))
    v += habits.wander * _wander(habits.key, t)
    v += habits.drift * np.clip((t - clock.anchor_ns) / HOUR_NS, -24, 24)
    v = np.clip(v, habits.floor, habits.ceiling)
    bad = habits.bad & _spell(habits, t_ns, 77, 20, 120)
    q = np.where(bad, np.uint8(Quality.BAD | Quality.SIMULATED), np.uint8(Quality.SIMULATED))
    q = np.where(habits.drift != 0, q | np.uint8(Quality.UNCERTAIN), q).astype(np.uint8)
    return np.where(bad, np.nan, v), q


def _wander(key: U64, t_ns: I64) -> F64:
    """Slow smooth noise within ±1, a new direction every quarter of an hour."""
    t_s = t_ns / NS + (key & np.uint64(0x3FF)).astype(np.float64)
    knot = np.floor(t_s / WANDER_S)
    share = t_s / WANDER_S - knot
    share = share * share * (3 - 2 * share)
    k = knot.astype(np.int64).astype(np.uint64)
    before, after = _even(mixed(key + k)), _even(mixed(key + k + np.uint64(1)))
    return before + (after - before) * share


def present(habits: Habits, t_ns: I64) -> npt.NDArray[np.bool_]:
    """Whether each sample due at `t_ns` i64 (m,) comes at all."""
    return (t_ns < habits.until_ns) & ~(habits.gap & _spell(habits, t_ns, 31, 15, 70))


def due_times(slot: int, period: int, start_ns: int, end_ns: int, most: int) -> I64:
    """Sampling times i64 in [start, end), ascending; thinned evenly to at most `most`."""
    step = period * TICK_NS
    first = -(-(start_ns - slot * TICK_NS) // step)
    last = -(-(end_ns - slot * TICK_NS) // step)
    count = max(0, last - first)
    stride = max(1, -(-count // max(1, most)))
    return (first + np.arange(0, count, stride, dtype=np.int64)) * step + slot * TICK_NS
