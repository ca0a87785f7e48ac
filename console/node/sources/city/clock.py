"""The storm's own clock: maps time to storm hours for each scenario, both ways; knows no weather.

Storm hour 0 is the moment of the full situation. Every storm runs from `START_H` to `END_H`; before and after, the
clock rests at its ends, where all is quiet.
"""

from __future__ import annotations

import msgspec
import numpy as np

from console.api import F64, I64, NS

START_H, END_H = -6.0, 8.0
HOUR_NS = 3600 * NS
_CYCLE_KNOTS = ((0.0, START_H), (1200.0, START_H), (2100.0, 0.0), (3000.0, 1.0), (3600.0, END_H))
"""Seconds of the hour that scenario "cycle" repeats, and the storm hour then: 20 min quiet, growth, hold, end."""


class StormClock(msgspec.Struct, frozen=True, kw_only=True):
    """Scenario "storm", "quiet" or "cycle"; `anchor_ns` is when the city was started; `speed` scales time after it."""

    scenario: str
    anchor_ns: int
    speed: float = 1.0

    def hours(self, t_ns: I64) -> F64:
        """Storm hours f64 of times i64, of any shape."""
        t_s = self._city_seconds(t_ns)
        if self.scenario == "quiet":
            return np.full(np.shape(t_s), START_H)
        if self.scenario == "cycle":
            knots = np.array(_CYCLE_KNOTS)
            return np.where(t_s < 0, START_H, np.interp(np.mod(t_s, 3600.0), knots[:, 0], knots[:, 1]))
        hours = t_s / 3600.0 - START_H
        return np.where(hours < 0, START_H, np.mod(hours, END_H - START_H) + START_H)

    def _city_seconds(self, t_ns: I64) -> F64:
        t_s = (np.asarray(t_ns, np.int64) - self.anchor_ns) / NS
        return np.where(t_s > 0, t_s * self.speed, t_s)

    def round_of(self, now_ns: int) -> int:
        """Which storm since the start this is, from 0; -1 before the first or where there is none."""
        t_s = float(self._city_seconds(np.asarray(now_ns)))
        if self.scenario == "quiet":
            return -1
        if self.scenario == "cycle":
            return int(t_s // 3600) if t_s >= 0 else -1
        return int((t_s / 3600 - START_H) // (END_H - START_H))

    def time_of(self, hour: float, storm_round: int) -> int:
        """When storm hour `hour` is reached in that storm, UTC ns."""
        if self.scenario == "cycle":
            knots = np.array(_CYCLE_KNOTS)[1:]
            t_s = float(np.interp(hour, knots[:, 1], knots[:, 0])) + 3600.0 * storm_round
        else:
            t_s = (hour + (END_H - START_H) * storm_round) * 3600.0
        return self.anchor_ns + int((t_s / self.speed if t_s > 0 else t_s) * NS)
