"""Feeds: one selector's stream each, encoded once for all its readers, and kept a while for those who come back.

Knows neither sockets nor sources. A feed goes on for `IDLE_NS` after its last reader was cut off, so that a console
that comes back is given just what it missed. What is kept is bounded by bytes, of each feed and of all together; slow
readers hold no bytes of their own, they wait for a place in the log (see `console.node.outbox`).
"""

from __future__ import annotations

import collections
import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import ChannelKind, Columns, Entity, Selector, Sensor
from console.node.choice import Choice
from console.node.rows import Chunk, parts, take
from console.wire.codec import encode_batch
from console.wire.rows import every

KEPT_BYTES: Final = 4 << 20
"""So many bytes are kept of each feed: ten seconds of a city's ten thousand sensors; more would not fit in the
processor's caches, and every batch cost some times as much."""
FEED_BYTES: Final = 16 << 20
"""Most bytes kept of one feed while a slow reader waits for some."""
ALL_BYTES: Final = 64 << 20
"""Most bytes kept of all feeds of a hub together; the feed that holds most gives way."""
PARCELS: Final = 16_384
"""Most parcels of one feed that are remembered; the oldest without their bytes, for the sake of exact gaps."""
IDLE_NS: Final = 60_000_000_000
IDLE_FEEDS: Final = 64
"""Most feeds without a reader; past it the one longest alone ends."""
_numbers = itertools.count(1)
"""Numbers are unique in the whole process: batches of several hubs share one connection."""


class Parcel:
    """One encoded batch, shared by all readers of its feed.

    Attributes:
        data: the message; empty once the log has let it go.
        rows: samples in it; their times, as far as they are credible, lie in [from_ns, to_ns].
        size: bytes of the message, also when it is empty now.
        turn: the flush it came from; see `Feed.newest`.
        made_ns: when it was encoded, on a clock that never jumps.
        waiting: readers in whose queue it is.
    """

    __slots__ = ("data", "feed", "from_ns", "made_ns", "rows", "seq", "size", "to_ns", "turn", "waiting")

    def __init__(self, feed: Feed, seq: int, data: bytes, rows: int, from_ns: int, to_ns: int, turn: int) -> None:
        self.feed, self.seq, self.data, self.rows = feed, seq, data, rows
        self.from_ns, self.to_ns, self.turn = from_ns, to_ns, turn
        self.size = len(data)
        self.made_ns = time.monotonic_ns()
        self.waiting = 0


class Outlet(Protocol):
    """One reader's way out; neither call ever waits."""

    def send(self, data: bytes) -> None:
        """Queue one message that may not be dropped."""
        ...

    def deliver(self, parcel: Parcel) -> None:
        """Queue one batch; where the reader is slow it may be left out and told as a gap."""
        ...

    def forget(self, feed: Feed) -> None:
        """Nothing of this feed is wanted any more."""
        ...


class Feed:
    """One selector's stream, shared by all who asked for the same.

    Attributes:
        newest: (turn, first) → some messages with the newest samples, from handle `first` on, of the feed's sensors
            of which something came at `turn` or later, and the handle to go on with; None when there are no more.
    """

    def __init__(self, key: str, selector: Selector, strategy: str, context: str, scope: object = None) -> None:
        self.number = next(_numbers)
        self.key, self.selector, self.strategy, self.context, self.scope = key, selector, strategy, context, scope
        self.choice: Callable[[Sensor], bool] = Choice(selector, ())
        self.seq = 0
        self.mask = np.zeros(0, bool)
        self.whole: bool | None = None
        """Whether every handle is meant; None: not looked at since the mask changed."""
        self.readers: set[Outlet] = set()
        self.idle_ns = 0
        """Since when nobody reads it, 0 while somebody does."""
        self.encodes = 0
        self.newest: Callable[[int, int], tuple[list[bytes], int] | None] = lambda turn, first: None
        self.log: collections.deque[Parcel] = collections.deque()
        self.log_bytes = 0
        self._bare = 0
        """So many of the log's oldest have no bytes any more."""

    def grow(self, handles: int) -> None:
        """There are more handles; who they mean is said later."""
        self.mask = np.concatenate([self.mask, np.zeros(handles - len(self.mask), bool)])
        self.whole = None

    def mean(self, handle: int, *, meant: bool) -> None:
        """Whether the selector means a sensor."""
        self.mask[handle] = meant
        self.whole = None

    def meant(self, rows: np.ndarray | slice) -> np.ndarray | None:
        """Which of `rows` the selector means; None for all."""
        if self.whole is None:
            self.whole = every(self.mask)
        return None if self.whole else self.mask[rows]

    def keep(self, parcel: Parcel) -> None:
        """Append to the log."""
        self.log.append(parcel)
        self.log_bytes += len(parcel.data)
        while self.log_bytes > KEPT_BYTES and (
            self.log_bytes > FEED_BYTES or not self.log[self._bare].waiting or self._bare == len(self.log) - 1
        ):
            self.let_go()
        if len(self.log) > PARCELS:
            oldest = self.log.popleft()
            if self._bare:
                self._bare -= 1
            self.log_bytes -= len(oldest.data)
            oldest.data = b""

    def let_go(self) -> int:
        """Forget the bytes of the oldest parcel that has some; returns how many."""
        parcel = self.log[self._bare]
        size = len(parcel.data)
        parcel.data = b""
        self._bare += 1
        self.log_bytes -= size
        return size

    def forget(self) -> None:
        """Forget all that was sent; readers that wait for some of it are told a gap."""
        for parcel in self.log:
            parcel.data = b""
        self.log.clear()
        self.log_bytes = self._bare = 0

    def since(self, seq: int) -> list[Parcel] | None:
        """What came after `seq`, None where that is not known any more.

        With the strategy `every` some may be without bytes: an outlet tells them as an exact gap. With `latest` the
        snapshot says more than a gap would.
        """
        missed = self.seq - seq
        if not 0 <= missed <= len(self.log):
            return None
        first = len(self.log) - missed
        if first < self._bare and self.strategy != "every":
            return None
        return list(itertools.islice(self.log, first, None))


class Feeds:
    """All feeds of one hub. `context` and `run` name it in keys and batches; `mono`: a clock that never jumps, ns."""

    def __init__(self, context: str, run: str, mono: Callable[[], int]) -> None:
        self._context, self._run, self._mono = context, run, mono
        self._feeds: dict[tuple[str, object], Feed] = {}
        """By what is wanted, and the scope of who wants it: equal rights share a feed."""
        self._any_idle = False

    def __iter__(self) -> Iterator[Feed]:
        return iter(self._feeds.values())

    def __len__(self) -> int:
        return len(self._feeds)

    def find(self, selector: Selector, strategy: str, scope: object = None) -> Feed | None:
        """The feed of a subscription, if there is one."""
        return self._feeds.get((_wanted(selector, strategy), scope))

    def open(self, selector: Selector, strategy: str, scope: object = None) -> Feed:
        """A feed that was not there; the caller chooses its sensors."""
        wanted = _wanted(selector, strategy)
        feed = Feed("", selector, strategy, self._context, scope)
        # A feed that ends and begins anew counts from 1 again: its key must be another for who comes back.
        feed.key = f"{self._context}|{wanted}|{self._run}.{feed.number}"
        self._feeds[wanted, scope] = feed
        return feed

    def end(self, feed: Feed) -> None:
        """Forget a feed."""
        if self._feeds.pop((_wanted(feed.selector, feed.strategy), feed.scope), None) is not None:
            feed.forget()

    def leave(self, reader: Outlet) -> None:
        """A reader was cut off: the feeds that it alone read go on for a while."""
        for feed in self._feeds.values():
            if reader in feed.readers:
                feed.readers.discard(reader)
                if not feed.readers:
                    feed.idle_ns = self._mono()
                    self._any_idle = True
        self.expire()

    def expire(self) -> None:
        """End the feeds that nobody came back to."""
        if not self._any_idle:
            return
        idle = sorted((feed for feed in self._feeds.values() if feed.idle_ns), key=lambda feed: feed.idle_ns)
        oldest_ns = self._mono() - IDLE_NS
        for place, feed in enumerate(idle):
            if feed.idle_ns < oldest_ns or len(idle) - place > IDLE_FEEDS:
                self.end(feed)
        self._any_idle = bool(idle)

    def choose(
        self,
        feed: Feed,
        areas: Iterable[Entity],
        sensors: Iterable[Entity],
        handles: dict[str, int],
        sees: Callable[[Sensor], bool] | None = None,
    ) -> None:
        """Find out anew which sensors a feed means; `sees`: those alone that its scope is shown."""
        choice = Choice(feed.selector, areas)
        feed.choice = choice if sees is None else lambda sensor: choice(sensor) and sees(sensor)
        feed.mask = np.zeros(len(handles), bool)
        feed.whole = None
        for sensor in sensors:
            if isinstance(sensor, Sensor) and feed.choice(sensor):
                feed.mask[handles[sensor.id]] = True

    def publish(self, kind: ChannelKind, chunk: Chunk, turn: int, single: np.ndarray | None) -> None:
        """Encode a flush's samples once a feed and deliver them; `single`: handles that travel as f4, if any."""
        for feed in self._feeds.values():
            mine = chunk
            wanted = feed.meant(chunk.rows)
            if wanted is not None:
                count = int(np.count_nonzero(wanted))
                if count == 0:
                    continue
                if count < len(wanted):
                    columns = take(chunk.columns, wanted)
                    mine = Chunk(columns, columns.ids, chunk.from_ns, chunk.to_ns, chunk.single)
            for dtype, columns in _by_dtype(kind, mine, single):
                for part in parts(columns):
                    self._send(feed, kind, part, dtype, chunk, turn)

    def _send(self, feed: Feed, kind: ChannelKind, part: Columns, dtype: str, chunk: Chunk, turn: int) -> None:
        feed.seq += 1
        feed.encodes += 1
        data = encode_batch(feed.number, feed.seq, kind, part, context=self._context, dtype=dtype)
        parcel = Parcel(feed, feed.seq, data, len(part), chunk.from_ns, chunk.to_ns, turn)
        feed.keep(parcel)
        if len(self._feeds) > ALL_BYTES // FEED_BYTES:
            self._let_go()
        for reader in feed.readers:
            reader.deliver(parcel)

    def _let_go(self) -> None:
        over = sum(feed.log_bytes for feed in self._feeds.values()) - ALL_BYTES
        while over > 0:
            over -= max(self._feeds.values(), key=lambda feed: feed.log_bytes).let_go()


def _wanted(selector: Selector, strategy: str) -> str:
    return f"{strategy}|{hashlib.sha256(msgspec.msgpack.encode(selector)).hexdigest()[:16]}"


def _by_dtype(kind: ChannelKind, chunk: Chunk, single: np.ndarray | None) -> list[tuple[str, Columns]]:
    if kind is ChannelKind.STATE:
        return [("i4", chunk.columns)]
    if kind is not ChannelKind.SCALAR or single is None:
        return [("f8", chunk.columns)]
    short = single[chunk.rows]
    count = int(np.count_nonzero(short))
    if count == 0:
        return [("f8", chunk.columns)]
    if count == len(short):
        return [("f4", chunk.columns)]
    return [("f4", take(chunk.columns, short)), ("f8", take(chunk.columns, ~short))]
