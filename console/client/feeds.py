"""Which of the node's feeds brings which sensor, where several might; knows rows and feeds, no sample.

Each sensor's samples are taken from one feed at a time. Rows are the replica's own numbers of sensor ids.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from console.wire.frames import Batch
from console.wire.rows import every

_PLANS: Final = 256


class Plan(NamedTuple):
    """What the id column of a frame means, for the next frame with the very same: most feeds repeat themselves.

    Only where each sensor is in it once, ascending, and all of them are taken from this feed.
    """

    id: bytes
    ids: np.ndarray
    rows: np.ndarray | slice


class Feeds:
    """The feeds of one connection, and what those of the one before had brought."""

    def __init__(self) -> None:
        self._of_row = np.zeros(0, np.int64)
        """0: any feed may bring it."""
        self._of_sub: dict[int, int] = {}
        self._every: set[int] = set()
        """Feeds that bring every sample: where they overlap others, theirs are taken."""
        self._before: dict[int, np.ndarray] = {}
        """Rows that each subscription brought before the cut; until it is fed again."""
        self._plans: dict[tuple[int, int, bytes], Plan] = {}

    def __len__(self) -> int:
        """Subscriptions that are fed."""
        return len(self._of_sub)

    def reconnect(self) -> None:
        """A new connection: feeds are told anew, handles too."""
        self._before |= {sub: self._of_row == feed for sub, feed in self._of_sub.items()}
        self._of_row[:] = 0
        self._of_sub.clear()
        self._every.clear()
        self._plans.clear()

    def grow(self, rows: int) -> None:
        """Make room for `rows` sensors."""
        self._of_row = np.concatenate([self._of_row, np.zeros(rows - len(self._of_row), np.int64)])

    def begins(self, sub: int, feed: int, strategy: str) -> None:
        """The node feeds subscription `sub` by `feed`, which goes on with the sensors it brought before a cut."""
        if self._of_sub.get(sub, feed) != feed:
            self.ends(sub)  # the node feeds it anew, by other rights
        self._of_sub[sub] = feed
        if strategy == "every":
            self._every.add(feed)
        before = self._before.pop(sub, None)
        if before is not None:
            mine = np.zeros(len(self._of_row), bool)
            mine[: len(before)] = before
            self._of_row[mine & (self._of_row == 0)] = feed
        self._plans.clear()

    def ends(self, sub: int) -> None:
        """A subscription ended: what its feed alone brought may come by another."""
        self._before.pop(sub, None)
        feed = self._of_sub.pop(sub, 0)
        if feed and feed not in self._of_sub.values():
            self._of_row[self._of_row == feed] = 0
            self._every.discard(feed)
        self._plans.clear()

    def free(self, rows: np.ndarray | slice | int) -> None:
        """Any feed may bring these sensors from now on: they changed."""
        self._of_row[rows] = 0
        for before in self._before.values():
            if not isinstance(rows, int) or rows < len(before):
                before[rows] = False
        self._plans.clear()

    def brought(self, sub: int) -> np.ndarray:
        """Which rows a subscription brings, or brought before the cut, bool (n,)."""
        rows: np.ndarray = self._of_row == self._of_sub.get(sub, -1)
        before = self._before.get(sub)
        if before is not None:
            rows[: len(before)] |= before
        return rows

    def once(self, rows: np.ndarray | slice, feed: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Which samples to take where feeds overlap: each sensor's from the feed that brought it first.

        One that brings every sample takes over from one that does not. Second, where there are any: which are of
        sensors that another feed may have brought until now.
        """
        feeds = self._of_row[rows]
        if feed not in self._of_sub.values():
            # of a subscription that has ended meanwhile: it must not take sensors that another feed brings
            return np.zeros(len(feeds), bool), None
        mine: np.ndarray = feeds == feed
        if every(mine):
            return mine, None
        free = feeds == 0
        if feed in self._every:
            free |= ~mine & ~np.isin(feeds, list(self._every))
        if not free.any():
            return mine, None
        self._of_row[rows] = np.where(free, feed, feeds)
        self._plans.clear()
        return mine | free, free

    # ------------------------------------------------------------------ frames that repeat themselves

    def plan(self, frame: Batch) -> Plan | None:
        """What a frame of the very same ids was found to mean."""
        plan = self._plans.get((frame.feed, frame.n, frame.id[:4]))
        return plan if plan is not None and plan.id == frame.id else None

    def keep_plan(self, frame: Batch, ids: np.ndarray, rows: np.ndarray | slice) -> None:
        """All of a frame was taken, one sample a sensor; until feeds, sensors or handles change."""
        if len(self._plans) >= _PLANS:
            self._plans.clear()
        self._plans[(frame.feed, frame.n, frame.id[:4])] = Plan(frame.id, ids, rows)

    def forget_plans(self) -> None:
        """Handles mean others now."""
        self._plans.clear()
