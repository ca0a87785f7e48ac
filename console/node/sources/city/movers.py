"""How vehicles and teams of the demo city move along its streets: position as a pure function of time; knows no entity.

A patrol runs to and fro on its road; a team that was called runs from its depot to the scene and stays.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from console.api import F64, I64, NS
from console.node.sources.city.plane import lengths, to_lonlat

ALT_M = 386.0


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """One moving thing.

    `path` f64 (n,
    2) in km; patrols (`arrive_ns` 0) start at share `phase` of it; called teams reach its end at `arrive_ns`.
    """

    id: str
    path: F64
    speed_m_s: float
    phase: float = 0.0
    arrive_ns: int = 0
    anchor_ns: int = 0
    slot: int = 0
    parked: bool = False

    def states(self, t_ns: I64) -> F64:
        """Positions f64 (m, 5): lon, lat, alt (m), heading (degrees from north), speed (m/s) at times i64 (m,)."""
        t = np.asarray(t_ns, np.int64).reshape(-1)
        s = lengths(self.path)
        total = max(float(s[-1]), 1e-6)
        at, forward, speed = self._along(t, total)
        km = np.column_stack([np.interp(at, s, self.path[:, 0]), np.interp(at, s, self.path[:, 1])])
        k = np.clip(np.searchsorted(s, at, side="right") - 1, 0, len(s) - 2)
        step = self.path[k + 1] - self.path[k]
        heading = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
        heading = np.where(forward, heading, heading + 180) % 360
        return np.column_stack([to_lonlat(km), np.full(len(t), ALT_M), heading, speed])

    def _along(self, t: I64, total_km: float) -> tuple[F64, npt.NDArray[np.bool_], F64]:
        """Arc length in km, whether driving from start to end, and speed in m/s."""
        if self.parked:
            return np.full(len(t), self.phase * total_km), np.ones(len(t), bool), np.zeros(len(t))
        if self.arrive_ns:
            left_km = np.maximum(self.arrive_ns - t, 0) / NS * self.speed_m_s / 1000
            moving = (left_km > 0) & (left_km < total_km)
            return (
                np.clip(total_km - left_km, 0, total_km),
                np.ones(len(t), bool),
                np.where(moving, self.speed_m_s, 0.0),
            )
        run_s = total_km * 1000 / self.speed_m_s
        stop_s = 45.0
        beat = ((t - self.anchor_ns) / NS + self.phase * 2 * (run_s + stop_s)) % (2 * (run_s + stop_s))
        back = beat >= run_s + stop_s
        leg = np.where(back, beat - run_s - stop_s, beat)
        share = np.clip(leg / run_s, 0, 1)
        at = np.where(back, 1 - share, share) * total_km
        return at, ~back, np.where(leg < run_s, self.speed_m_s, 0.0)
