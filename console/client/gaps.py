"""Known holes in what was received: which sensors' samples of which span were lost; knows neither ids nor link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

HOLES: Final = 256
"""Most holes remembered; past it the two oldest become one that covers both."""
_USUAL: Final = 64
"""The usual interval of a sensor is that of so many of its samples."""


class Hole(NamedTuple):
    """Samples of `rows` (bool, by row) with times in [from_ns, to_ns] are missing, or may be.

    `conflated`: each sensor's newest of the span did come. `late`: only what arrived late may be missing, in between.
    """

    sub: int
    rows: np.ndarray
    from_ns: int
    to_ns: int
    conflated: bool
    late: bool = False


class Gaps:
    """All holes of one replica."""

    def __init__(self) -> None:
        self._holes: list[Hole] = []

    def add(self, hole: Hole) -> None:
        """Something was lost."""
        if hole.to_ns < hole.from_ns or not hole.rows.any():
            return
        self._holes.append(hole)
        if len(self._holes) > HOLES:
            first, second, *rest = self._holes
            self._holes = [_both(first, second), *rest]

    def fill(self, sub: int, from_ns: int, to_ns: int, *, late: bool = False) -> None:
        """All samples of a subscription in [from_ns, to_ns] are here now; `late`: those that had arrived late."""
        kept = []
        for hole in self._holes:
            if hole.sub != sub or (late and not hole.late) or to_ns < hole.from_ns or from_ns > hole.to_ns:
                kept.append(hole)
                continue
            if hole.from_ns < from_ns:
                kept.append(hole._replace(to_ns=from_ns - 1))
            if to_ns < hole.to_ns:
                kept.append(hole._replace(from_ns=to_ns + 1))
        self._holes = kept

    def clear(self) -> None:
        """Forget all."""
        self._holes.clear()

    def of(self, row: int, times: Callable[[], np.ndarray]) -> list[tuple[int, int]]:
        """The holes of one sensor, [from_ns, to_ns], ascending, none overlapping; `times`: of its samples, ascending.

        A conflated or late span is a hole only where the sensor's samples lie farther apart than they usually do: else
        nothing of this one was left out.
        """
        mine = [hole for hole in self._holes if row < len(hole.rows) and hole.rows[row]]
        perhaps = [(hole.from_ns, hole.to_ns) for hole in mine if hole.conflated or hole.late]
        spans = [(hole.from_ns, hole.to_ns) for hole in mine if not (hole.conflated or hole.late)]
        if perhaps:
            spans += _wide(times(), perhaps)
        return _merged(spans)


def _wide(t_ns: np.ndarray, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    steps = np.diff(t_ns)
    if len(steps) == 0:
        return spans
    # the lower half says how often a sensor speaks: the upper may be full of holes
    usual = float(np.percentile(steps[-_USUAL:], 25))
    found: list[tuple[int, int]] = []
    for from_ns, to_ns in spans:
        first = max(int(np.searchsorted(t_ns, from_ns)) - 1, 0)
        last = min(int(np.searchsorted(t_ns, to_ns, "right")), len(t_ns) - 1)
        wide = first + np.flatnonzero(steps[first:last] > 1.5 * usual)
        found += [(max(from_ns, int(t_ns[i]) + 1), min(to_ns, int(t_ns[i + 1]) - 1)) for i in wide]
    return [(a, b) for a, b in found if a <= b]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for from_ns, to_ns in sorted(spans):
        if merged and from_ns <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_ns))
        else:
            merged.append((from_ns, to_ns))
    return merged


def _both(one: Hole, other: Hole) -> Hole:
    rows = np.zeros(max(len(one.rows), len(other.rows)), bool)
    rows[: len(one.rows)] |= one.rows
    rows[: len(other.rows)] |= other.rows
    from_ns, to_ns = min(one.from_ns, other.from_ns), max(one.to_ns, other.to_ns)
    return Hole(other.sub, rows, from_ns, to_ns, one.conflated and other.conflated, one.late and other.late)
