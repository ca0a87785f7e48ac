"""Which streams need looking at, and in an order that does not jump; Qt-free, paints nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from console.api import F64, ChannelKind, Sensor

CLOSE: Final = 0.8
"""From this share of the way to its limit on, a stream comes before the other alarms of an already shown cause."""
STAYING_BONUS: Final = 0.06
"""What a newcomer must be nearer to its limit by to push a shown row aside, or a shown row to pass another."""


class Nearness:
    """How near each stream is to its limit: 0 at its normal value, 1 at the limit, NaN unknown; filled bit by bit.

    Args:
        sensors: those to watch; ones without limits or that are no scalar are left out.
    """

    def __init__(self, sensors: Iterable[Sensor]) -> None:
        kept = sorted((s for s in sensors if s.limits and s.channel is ChannelKind.SCALAR), key=lambda s: s.id)
        self.ids: list[str] = [s.id for s in kept]
        self._upper = np.array([_border(s, high=True) for s in kept], np.float64)
        self._lower = np.array([_border(s, high=False) for s in kept], np.float64)
        self._normal = np.array([_normal(s) for s in kept], np.float64)
        self._share = np.full(len(kept), np.nan)
        self._place = {id_: place for place, id_ in enumerate(self.ids)}
        self._next = 0

    def due(self, count: int) -> slice:
        """The next `count` places to be asked for; walks round for ever."""
        start = self._next if self._next < len(self.ids) else 0
        stop = min(len(self.ids), start + count)
        self._next = stop
        return slice(start, stop)

    def take(self, places: slice, v: F64) -> None:
        """The newest values of these places, f64 (n,), NaN where there is none."""
        normal = self._normal[places]
        with np.errstate(divide="ignore", invalid="ignore"):
            up = (v - normal) / (self._upper[places] - normal)
            down = (normal - v) / (normal - self._lower[places])
        self._share[places] = np.fmax(up, down)

    def shares(self, count: int, also: Collection[str] = ()) -> dict[str, float]:
        """Known shares by id: of the `count` nearest to their limits, of equal ones the first by id, and of `also`."""
        known = np.flatnonzero(np.isfinite(self._share))
        nearest = known[np.argsort(-self._share[known], kind="stable")[:count]]
        places = {*nearest.tolist(), *(place for id_ in also if (place := self._place.get(id_)) is not None)}
        return {self.ids[i]: float(self._share[i]) for i in places if np.isfinite(self._share[i])}


def _border(sensor: Sensor, *, high: bool) -> float:
    values = [limit.value for limit in sensor.limits if limit.high is high]
    if not values:
        return float("inf") if high else float("-inf")
    return min(values) if high else max(values)


def _normal(sensor: Sensor) -> float:
    if sensor.normal is not None:
        return sensor.normal
    upper, lower = _border(sensor, high=True), _border(sensor, high=False)
    if np.isfinite(upper) and np.isfinite(lower):
        return (upper + lower) / 2
    # one limit and no normal value: zero is the quiet end of a high limit, twice the limit that of a low one
    return 0.0 if np.isfinite(upper) else 2 * lower


def worst(
    heads: Sequence[str], members: Sequence[str], shares: Mapping[str, float], shown: Sequence[str], count: int
) -> list[str]:
    """At most `count` ids: one of each alarmed cause, what is close to its limit, other alarmed ones, the rest.

    Args:
        heads: sensors that speak for an alarm group, most urgent first.
        members: other alarmed sensors, most urgent first.
        shares: nearness by id, at least of `count` calm streams and of those shown.
        shown: the order on screen now; differences too small to matter do not change it.
    """
    alarmed = set(heads) | set(members)
    calm = _calm_order({i: s for i, s in shares.items() if i not in alarmed}, shown)
    close = [i for i in calm if shares[i] >= CLOSE]
    rest = [i for i in calm if shares[i] < CLOSE]
    return list(dict.fromkeys([*heads, *close, *members, *rest]))[:count]


def _calm_order(shares: Mapping[str, float], shown: Sequence[str]) -> list[str]:
    """Nearest first; a shown row yields its place only to what is nearer by the bonus."""
    place = {i: n for n, i in enumerate(shown)}
    ordered = sorted(shares, key=lambda i: (-shares[i] - (STAYING_BONUS if i in place else 0.0), i))
    for _ in range(len(place)):
        moved = False
        for k in range(min(len(ordered), len(place) + 1) - 1):
            a, b = ordered[k], ordered[k + 1]
            if a in place and b in place and place[a] > place[b] and shares[a] - shares[b] < STAYING_BONUS:
                ordered[k], ordered[k + 1] = b, a
                moved = True
        if not moved:
            break
    return ordered
