"""What a replay has read and not yet shown, in the order of its times; knows neither store nor hub."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Sequence

import numpy as np

from console.api import ChannelKind, Columns
from console.node.rows import take

Change = tuple[int, str, str, bytes | None]
"""(time, class, id, MessagePack of the entity or None where it was dropped)."""


class Ahead:
    """Everything with a time before `horizon_ns` that was not taken yet.

    Attributes:
        horizon_ns: what lies before it is known, what comes from it on is not.
        bytes: of the samples and entities held.
    """

    def __init__(self, horizon_ns: int) -> None:
        self.horizon_ns = horizon_ns
        self.bytes = 0
        self._rows: dict[ChannelKind, collections.deque[Columns]] = {}
        self._changes: collections.deque[Change] = collections.deque()

    def add(self, rows: dict[ChannelKind, Columns], changes: Sequence[Change], horizon_ns: int) -> None:
        """What lies between the horizon and its next place, ascending in time."""
        for kind, columns in rows.items():
            if len(columns):
                self._rows.setdefault(kind, collections.deque()).append(columns)
                self.bytes += size_of(columns)
        self._changes.extend(changes)
        self.bytes += sum(len(raw or b"") for _, _, _, raw in changes)
        self.horizon_ns = horizon_ns

    def next_ns(self, wanted: np.ndarray) -> int | None:
        """The time of the next sample of a handle in the mask `wanted`, None when none is held."""
        found = (_first(parts, wanted) for parts in self._rows.values())
        return min((t_ns for t_ns in found if t_ns is not None), default=None)

    def changes(self, to_ns: int) -> Iterator[Change]:
        """Take the changes up to and with `to_ns`."""
        while self._changes and self._changes[0][0] <= to_ns:
            change = self._changes.popleft()
            self.bytes -= len(change[3] or b"")
            yield change

    def samples(self, to_ns: int, most_rows: int) -> Iterator[tuple[ChannelKind, Columns]]:
        """Take the samples up to and with `to_ns`, in pieces of at most `most_rows`, each ascending."""
        for kind, parts in self._rows.items():
            while parts:
                columns = parts[0]
                due = int(np.searchsorted(columns.t_ns, to_ns, "right"))
                count = min(due, most_rows)
                if count == 0:
                    break
                piece, rest = take(columns, slice(count)), take(columns, slice(count, None))
                self.bytes -= size_of(piece)
                if len(rest):
                    parts[0] = rest
                else:
                    parts.popleft()
                yield kind, piece


def _first(parts: Sequence[Columns], wanted: np.ndarray) -> int | None:
    for columns in parts:
        rows = np.flatnonzero(wanted[columns.ids])
        if len(rows):
            return int(columns.t_ns[rows[0]])
    return None


def size_of(columns: Columns) -> int:
    """Bytes of the columns."""
    return columns.t_ns.nbytes + columns.v.nbytes + columns.q.nbytes + columns.ids.nbytes
