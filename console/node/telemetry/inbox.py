"""What is not yet on disk: samples, entity changes and new sensors, bounded in bytes; knows no file.

The node's loop puts, the writer's thread takes; a reader gets everything that stood together at one moment.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from console.api import ChannelKind, Columns
from console.node.telemetry.hot import Piece, Run
from console.node.telemetry.layout import HOUR_NS, Part
from console.node.telemetry.tail import Tail

BYTES_MOST: Final = 64 << 20
ROW_BYTES: Final = {"scalar": 21, "position": 53}


class Change(msgspec.Struct, frozen=True):
    """An entity as put at `t_ns`, or dropped (`raw` None)."""

    t_ns: int
    cls: str
    id: str
    raw: bytes | None


class Enrolled(msgspec.Struct, frozen=True):
    """A sensor with its durable number, and what names it where the store is read alone."""

    number: int
    id: str
    kind: ChannelKind
    board: str = ""
    area: str = ""
    zh: str = ""
    en: str = ""
    unit: str = ""


class Samples(msgspec.Struct, frozen=True, eq=False):
    """Samples that came together for one table; `columns.ids` are durable numbers."""

    table: str
    columns: Columns


Chunk = Samples | Change | Enrolled


class Live(msgspec.Struct, frozen=True, eq=False):
    """A live file as attached; `moved` are the files that bear its samples of their span already."""

    part: Part
    alias: str
    birth: str
    moved: frozenset[Part] = frozenset()


class View(msgspec.Struct, frozen=True, eq=False):
    """What stood together at one moment.

    Attributes:
        committed: the last commit in the current live file that `waiting` does not hold.
        flushed: the last commit whose buckets are in the current live file's tables; `tail` has those after it.
        waiting: samples not yet committed, in order of arrival.
        lives: live files, the current one last.
        extent: times of the first and the last sample ever in the live files of this run; (0, 0) for none.
        runs: intervals of recording that the live files told when they were opened, and this run's, the last.
        hot: by birth of a live file its scalar samples sorted, in files, in order of commits.
        fresh: likewise the youngest of one live file, by its birth, in memory.
    """

    committed: int
    flushed: int
    tail: Tail
    waiting: tuple[Samples, ...]
    lives: tuple[Live, ...]
    extent: tuple[int, int] = (0, 0)
    runs: tuple[tuple[int, int], ...] = ()
    hot: Mapping[str, tuple[Piece, ...]] = msgspec.field(default_factory=dict)
    fresh: tuple[str, tuple[Run, ...]] = ("", ())

    def may_hold(self, start_ns: int, end_ns: int) -> bool:
        """Whether samples of [start_ns, end_ns), or buckets that begin there, can be in the live files or the tail."""
        first, last = self.extent
        return self.extent != (0, 0) and first - HOUR_NS < end_ns and last >= start_ns

    def pieces(self, live: Live) -> tuple[Piece, ...]:
        """A live file's scalar samples sorted, all after the first piece's `after`; empty where none are."""
        birth, runs = self.fresh
        return (*self.hot.get(live.birth, ()), *(runs if birth == live.birth else ()))


def _size(chunk: Chunk) -> int:
    if isinstance(chunk, Samples):
        return len(chunk.columns) * ROW_BYTES[chunk.table] + 64
    if isinstance(chunk, Change):
        return len(chunk.raw or b"") + len(chunk.id) + 64
    return 0  # sensors are bounded by what the hub knows, and their numbers must not be lost


class Inbox:
    """Chunks that wait for the writer, and those that it is writing now: one and a half times `bytes_most` at most."""

    def __init__(self, bytes_most: int = BYTES_MOST) -> None:
        self._most = bytes_most
        self._waiting: deque[Chunk] = deque()
        self._taken: list[Chunk] = []
        self._bytes = self._taken_bytes = 0
        """Of what waits, and of what is being written."""
        self._closing = False
        self._hurry = False
        self._changed = threading.Condition()
        self._put = self._done = 0
        self._view = View(0, 0, Tail(), (), ())
        self.dropped_rows = 0

    def put(self, chunk: Chunk) -> None:
        """Take a chunk; past the bound the oldest samples go and are counted."""
        with self._changed:
            self._waiting.append(chunk)
            self._bytes += _size(chunk)
            self._put += 1
            if self._bytes > self._room:
                self._drop_oldest()

    @property
    def _room(self) -> int:
        # half is for what comes while the rest is being written: else the newest would go, not the oldest
        return max(self._most - self._taken_bytes, self._most // 2)

    def _drop_oldest(self) -> None:
        kept: deque[Chunk] = deque()
        while self._waiting and self._bytes > self._room:
            chunk = self._waiting.popleft()
            if isinstance(chunk, Enrolled) or (isinstance(chunk, Change) and chunk.raw is None):
                kept.append(chunk)
                continue
            self._bytes -= _size(chunk)
            self.dropped_rows += len(chunk.columns) if isinstance(chunk, Samples) else 1
        self._waiting.extendleft(reversed(kept))

    def wait(self, timeout_s: float) -> bool:
        """Sleep; False as soon as the store closes, True after the time or when someone waits for `saved`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._hurry, timeout_s)
            self._hurry = False
            return not self._closing

    def hurry(self) -> int:
        """Have the writer commit at once; the count that `done_to` must reach."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            return self._put

    def close(self) -> None:
        """Have the writer commit what there is and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def take(self) -> list[Chunk]:
        """Everything that waits, and again what was taken and could not be written; in order of arrival."""
        with self._changed:
            self._taken.extend(self._waiting)
            self._waiting.clear()
            self._taken_bytes, self._bytes = self._taken_bytes + self._bytes, 0
            return list(self._taken)

    def give_back(self, *, keep: bool) -> None:
        """What was taken was not written: it waits again, at the front, and may be dropped like all that waits.

        `keep`: not yet, because it may have been written after all.
        """
        if keep:
            return
        with self._changed:
            self._waiting.extendleft(reversed(self._taken))
            self._taken.clear()
            self._bytes, self._taken_bytes = self._bytes + self._taken_bytes, 0

    def publish(self, *, written: bool, **changes: object) -> None:
        """Change the view; `written`: what was taken is on disk from this moment on."""
        with self._changed:
            if written:
                self._taken.clear()
                self._taken_bytes = 0
                self._done = self._put - len(self._waiting)
            self._view = msgspec.structs.replace(self._view, **changes)

    def change_lives(self, change: Callable[[tuple[Live, ...]], tuple[Live, ...]]) -> None:
        """Change which live files there are; whoever changes sees what the one before made of them."""
        with self._changed:
            self._view = msgspec.structs.replace(self._view, lives=change(self._view.lives))

    def change_hot(
        self, birth: str, change: Callable[[tuple[Piece, ...]], tuple[Piece, ...]], **changes: object
    ) -> None:
        """Change what is sorted of a live file, at once with other parts of the view."""
        with self._changed:
            hot = {**self._view.hot, birth: change(self._view.hot.get(birth, ()))}
            hot = {key: pieces for key, pieces in hot.items() if pieces}
            self._view = msgspec.structs.replace(self._view, hot=hot, **changes)

    def replace_live(self, birth: str, new: Live | None) -> None:
        """Change one live file, or take it out."""
        fresh = (new,) if new is not None else ()
        self.change_lives(lambda lives: tuple(x for live in lives for x in (fresh if live.birth == birth else (live,))))

    def live(self, birth: str) -> Live:
        """The live file of that name; raises StopIteration where there is none."""
        return next(live for live in self._view.lives if live.birth == birth)

    @property
    def done_to(self) -> int:
        """How many of all chunks ever put are written (or were dropped)."""
        with self._changed:
            return self._done

    def view(self) -> View:
        """What stands together now."""
        with self._changed:
            waiting = tuple(chunk for chunk in (*self._taken, *self._waiting) if isinstance(chunk, Samples))
            return msgspec.structs.replace(self._view, waiting=waiting)
