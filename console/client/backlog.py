"""Fetched samples on their way into the rings, a few sensors a tick: a whole city's at once would stop the screen."""

from __future__ import annotations

import collections
from typing import Final

import numpy as np

from console.api import Columns
from console.client.rings import Rings

ROWS_A_TICK: Final = 64
MOST_BYTES: Final = 64 << 20
"""Past so many bytes that wait, more is put away at once."""


class Part:
    """Samples of many sensors, sorted by row."""

    __slots__ = ("_at", "_columns", "_done", "_left", "_starts", "bytes", "rings", "rows")

    def __init__(self, rings: Rings, rows: np.ndarray, columns: Columns) -> None:
        order = np.argsort(rows, kind="stable")
        self.rings = rings
        self.rows, starts = np.unique(rows[order], return_index=True)
        self._starts = np.append(starts, len(rows))
        self._columns = Columns(t_ns=columns.t_ns[order], v=columns.v[order], q=columns.q[order])
        self._done = np.zeros(len(self.rows), bool)
        self._at, self._left = 0, len(self.rows)
        self.bytes = columns.t_ns.nbytes + columns.v.nbytes + columns.q.nbytes

    def put(self, place: int) -> None:
        """Put away the samples of `rows[place]`, once."""
        if self._done[place]:
            return
        self._done[place] = True
        self._left -= 1
        span = slice(self._starts[place], self._starts[place + 1])
        columns = self._columns
        self.rings.merge(int(self.rows[place]), Columns(t_ns=columns.t_ns[span], v=columns.v[span], q=columns.q[span]))

    def put_row(self, row: int) -> None:
        """Put away those of one sensor, if there are any."""
        place = int(np.searchsorted(self.rows, row))
        if place < len(self.rows) and self.rows[place] == row:
            self.put(place)

    def put_some(self, most: int) -> bool:
        """Put away those of some sensors; True when none are left."""
        end = min(self._at + most, len(self.rows))
        for place in range(self._at, end):
            self.put(place)
        self._at = end
        return self._left == 0


class Backlog:
    """All parts that wait, in the order they came."""

    def __init__(self) -> None:
        self._parts: collections.deque[Part] = collections.deque()
        self._bytes = 0

    def add(self, part: Part) -> None:
        """One more part."""
        self._parts.append(part)
        self._bytes += part.bytes
        while self._bytes > MOST_BYTES:
            self.tick()

    def tick(self) -> None:
        """Put some away."""
        if self._parts and self._parts[0].put_some(ROWS_A_TICK):
            self._bytes -= self._parts.popleft().bytes

    def settle(self, rings: Rings, row: int) -> None:
        """A sensor is looked at: put away what there is of it."""
        for part in self._parts:
            if part.rings is rings:
                part.put_row(row)

    def clear(self) -> None:
        """Forget all."""
        self._parts.clear()
        self._bytes = 0
