"""The way out to one reader: a queue that is bounded, however slow the reader, and says what it left out; knows no hub.

Batches wait in their feed's log, not here: this queue holds their places. Past its bounds a feed with the strategy
`latest` is *conflated*: its waiting batches are taken out, and once there is room the newest sample of each sensor in
them is sent. Of a feed with the strategy `every` the oldest are dropped, and the exact gap is told before what stays.
"""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from console.node.feeds import Feed, Parcel
from console.wire.codec import encode
from console.wire.frames import MAX_FRAME_BYTES, Gap

log = logging.getLogger(__name__)
BATCH_BYTES: Final = 8 << 20
"""Past so many queued bytes of batches some are left out."""
BATCHES: Final = 8_192
"""The same for the number of batches, which cost some memory each even when they are short."""
LATEST_NS: Final = 3_000_000_000
"""A `latest` feed that lags so far behind is conflated even where there is room: old news help nobody."""
OTHER_BYTES: Final = 32 << 20
"""Past so many queued bytes of what may not be dropped the reader is given up: it comes back and is told all anew."""
CROWD_BYTES: Final = 128 << 20
"""The same for all readers of a node together: the one that holds most is given up."""
ROOM_BYTES: Final = 1 << 20
NEWEST_BYTES: Final = 4 << 20
"""Past so many waiting bytes of what counts only while it is the newest, the oldest of it is left out."""


class Crowd:
    """What all outboxes of a node hold together: a message counts once, however many hold it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._holders: dict[int, int] = {}
        self._members: set[Outbox] = set()

    def hold(self, outbox: Outbox, data: bytes) -> None:
        """An outbox queues a message; past the bound the largest outbox is given up."""
        self._members.add(outbox)
        holders = self._holders.get(id(data), 0)
        self._holders[id(data)] = holders + 1
        if not holders:
            self.bytes += len(data)
            if self.bytes > CROWD_BYTES:
                max(self._members, key=lambda member: member.other_bytes).give_up()

    def release(self, outbox: Outbox, data: bytes) -> None:
        """An outbox has sent a message that it held, or gives it up."""
        holders = self._holders.pop(id(data)) - 1
        if holders:
            self._holders[id(data)] = holders
        else:
            self.bytes -= len(data)
        if not outbox.other_bytes:
            self._members.discard(outbox)


class Loss:
    """What was left out of one feed for one reader and is not yet told."""

    __slots__ = ("from_ns", "from_seq", "rows", "to_ns", "to_seq", "turn")

    def __init__(self, parcel: Parcel) -> None:
        self.from_seq, self.to_seq, self.rows = parcel.seq, parcel.seq, 0
        self.from_ns, self.to_ns, self.turn = parcel.from_ns, parcel.to_ns, parcel.turn

    def add(self, parcel: Parcel) -> None:
        """One more batch."""
        self.to_seq = parcel.seq
        self.rows += parcel.rows
        self.from_ns, self.to_ns = min(self.from_ns, parcel.from_ns), max(self.to_ns, parcel.to_ns)

    def told(self, feed: Feed, *, conflated: bool) -> bytes:
        """The message that tells it."""
        gap = Gap(
            context=feed.context,
            feed=feed.number,
            from_seq=self.from_seq,
            to_seq=self.to_seq,
            samples=self.rows,
            from_ns=self.from_ns,
            to_ns=self.to_ns,
            conflated=conflated,
        )
        return encode(gap)


class Outbox:
    """Queue of one connection, not used while the reader keeps up.

    Args:
        write: writes a message at once where that costs no waiting, and says whether it did.
        on_full: called once, when the reader takes too little of what may not be dropped.
        crowd: what all outboxes of the node hold together.

    Attributes:
        dropped: samples dropped so far (strategy `every`).
        conflated: samples left out so far for newer ones of the same sensors (strategy `latest`).
        other_bytes: queued bytes of what may not be dropped.
        replaced: messages of which only the newest counts that were left out for a newer one, or for want of room.
    """

    def __init__(
        self,
        write: Callable[[bytes], bool],
        on_full: Callable[[], None] | None = None,
        crowd: Crowd | None = None,
    ) -> None:
        self._write = write
        self._on_full, self._crowd = on_full, crowd
        self._queue: collections.deque[bytes | Parcel | Feed] = collections.deque()
        """Messages, batches, and feeds of which the newest samples are due."""
        self._losses: dict[Feed, Loss] = {}
        """Gaps not yet told of feeds with the strategy `every`."""
        self._behind: dict[Feed, Loss | None] = {}
        """Feeds being conflated; None where nothing came since the newest samples began to be sent."""
        self._picture: Iterator[bytes] | None = None
        """The newest samples that are being sent."""
        self._offered: dict[str, bytes] = {}
        """What counts only while it is the newest, by name, oldest first; it goes out when nothing else waits."""
        self._between = False
        self._closed = False
        self._others = self._batches = 0
        self._batch_bytes = self.other_bytes = 0
        self._other_most = OTHER_BYTES
        self._filled, self._emptied = asyncio.Event(), asyncio.Event()
        self.dropped = self.conflated = self.replaced = 0

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait to be sent."""
        return self._batch_bytes + self.other_bytes

    @property
    def idle(self) -> bool:
        """Whether all was sent and told."""
        return not (self._queue or self._losses or self._picture or self._offered)

    def send(self, data: bytes) -> None:
        """Write or queue one message that may not be dropped."""
        if len(data) > MAX_FRAME_BYTES:  # the reader would have to close the link, and again after coming back
            log.error("a message of %d bytes was not sent", len(data))
            return
        if self._closed or (self.idle and self._write(data)):
            return
        self._queue.append(data)
        self._others += 1
        self.other_bytes += len(data)
        self._filled.set()
        if self._crowd is not None:
            self._crowd.hold(self, data)
        if self.other_bytes > self._other_most:
            self.give_up()

    def offer(self, name: str, data: bytes) -> None:
        """Write a message at once, or let it wait in place of the last one of this name: of a slow reader's pictures
        one a screen waits."""
        if self._closed or (self.idle and self._write(data)):
            return
        self.replaced += self._offered.pop(name, None) is not None
        self._offered[name] = data
        while sum(map(len, self._offered.values())) > NEWEST_BYTES:
            del self._offered[next(iter(self._offered))]
            self.replaced += 1
        self._filled.set()

    def deliver(self, parcel: Parcel) -> None:
        """Write or queue one batch, or count it among what is left out."""
        if parcel.feed in self._behind:
            self._conflate(parcel)
            return
        if self._closed or (parcel.data and self.idle and self._write(parcel.data)):
            return
        self._queue.append(parcel)
        parcel.waiting += 1
        self._batches += 1
        self._batch_bytes += parcel.size
        if self._batch_bytes > BATCH_BYTES or self._batches > BATCHES:
            self._shed()
        elif self._is_late(parcel):
            self._fall_behind({parcel.feed})
        self._filled.set()

    def _is_late(self, parcel: Parcel) -> bool:
        head = self._queue[0]
        old = isinstance(head, Parcel) and parcel.made_ns - head.made_ns > LATEST_NS
        return old and parcel.feed.strategy == "latest"

    def forget(self, feed: Feed) -> None:
        """The reader does not want a feed any more: nothing that waits of it is sent or told."""
        kept: collections.deque[bytes | Parcel | Feed] = collections.deque()
        for item in self._queue:
            if isinstance(item, Parcel) and item.feed is feed:
                self._taken(item)
            elif item is not feed:
                kept.append(item)
        self._queue = kept
        self._losses.pop(feed, None)
        self._behind.pop(feed, None)

    def greeted(self) -> None:
        """What is queued now is the first picture: however large, it is no backlog."""
        self._other_most = self.other_bytes + OTHER_BYTES

    def give_up(self) -> None:
        """The reader takes too little: end it, and hold nothing for it any more."""
        if not self._closed:
            self.close()
            if self._on_full is not None:
                self._on_full()

    def close(self) -> None:
        """Hold and send nothing any more; the connection is gone."""
        self._closed = True
        for item in self._queue:
            if isinstance(item, Parcel):
                item.waiting -= 1
        left, self.other_bytes = [item for item in self._queue if isinstance(item, bytes)], 0
        self._queue.clear()
        self._offered.clear()
        self._losses.clear()
        self._behind.clear()
        self._picture = None
        self._others = self._batches = self._batch_bytes = 0
        if self._crowd is not None:
            for data in left:
                self._crowd.release(self, data)

    # ------------------------------------------------------------------ what is left out

    @property
    def _full(self) -> bool:
        return self._batch_bytes > BATCH_BYTES // 2 or self._batches > BATCHES // 2

    def _shed(self) -> None:
        """Leave out batches until half the room is free: of `latest` feeds first, then the oldest."""
        self._fall_behind(self._heaviest())
        if not self._full:
            return
        kept: collections.deque[bytes | Parcel | Feed] = collections.deque()
        for item in self._queue:
            if isinstance(item, Parcel) and self._full:
                self._taken(item)
                self._lose(item)
            else:
                kept.append(item)
        self._queue = kept

    def _heaviest(self) -> set[Feed]:
        """The `latest` feeds to conflate, those that hold most first, so that half the room is free."""
        sizes: collections.Counter[Feed] = collections.Counter()
        counts: collections.Counter[Feed] = collections.Counter()
        for item in self._queue:
            if isinstance(item, Parcel) and item.feed.strategy == "latest":
                sizes[item.feed] += item.size
                counts[item.feed] += 1
        room, places = self._batch_bytes - BATCH_BYTES // 2, self._batches - BATCHES // 2
        chosen: set[Feed] = set()
        for feed, size in sizes.most_common():
            if room <= 0 and places <= 0:
                break
            chosen.add(feed)
            room, places = room - size, places - counts[feed]
        return chosen

    def _fall_behind(self, feeds: set[Feed]) -> None:
        """Take out what waits of some `latest` feeds; their newest samples are due at the queue's end."""
        if not feeds:
            return
        for feed in feeds:
            self._behind.setdefault(feed, None)
        kept: collections.deque[bytes | Parcel | Feed] = collections.deque()
        for item in self._queue:
            if isinstance(item, Parcel) and item.feed in feeds:
                self._taken(item)
                self._conflate(item)
            else:
                kept.append(item)
        kept.extend(feeds)
        self._queue = kept

    def _taken(self, parcel: Parcel) -> None:
        parcel.waiting -= 1
        self._batches -= 1
        self._batch_bytes -= parcel.size

    def _lose(self, parcel: Parcel) -> None:
        loss = self._losses.get(parcel.feed)
        if loss is None:
            loss = self._losses[parcel.feed] = Loss(parcel)
        loss.add(parcel)
        self.dropped += parcel.rows

    def _conflate(self, parcel: Parcel) -> None:
        loss = self._behind[parcel.feed]
        if loss is None:
            loss = self._behind[parcel.feed] = Loss(parcel)
        loss.add(parcel)
        self.conflated += parcel.rows

    # ------------------------------------------------------------------ what goes out

    def _next(self) -> bytes | None:
        """The next message; None where what was next has become something else."""
        if self._losses and not self._more_is_lost:
            feed = next(iter(self._losses))
            return self._losses.pop(feed).told(feed, conflated=False)
        self._between = not self._between
        if self._picture is not None and (self._between or not self._queue):
            data = next(self._picture, None)
            if data is None:
                self._picture = None
            return data
        if not self._queue:
            return self._offered.pop(next(iter(self._offered)))
        item = self._queue.popleft()
        if isinstance(item, Parcel):
            return self._batch(item)
        if isinstance(item, Feed):
            # Messages that wait may name sensors that are in the picture: they go first. So does another picture.
            if self._others or self._picture is not None:
                self._queue.append(item)
            elif item in self._behind:
                self._picture = self._newest(item)
            return None
        self._others -= 1
        self.other_bytes -= len(item)
        if self._crowd is not None:
            self._crowd.release(self, item)
        return item

    @property
    def _more_is_lost(self) -> bool:
        head = self._queue[0] if self._queue else None
        return isinstance(head, Parcel) and not head.data and head.feed.strategy != "latest"

    def _batch(self, parcel: Parcel) -> bytes | None:
        self._taken(parcel)
        if parcel.data:
            return parcel.data
        if parcel.feed.strategy != "latest":
            self._lose(parcel)
            return None
        self._behind[parcel.feed] = None
        self._conflate(parcel)
        self._fall_behind({parcel.feed})
        return None

    def _newest(self, feed: Feed) -> Iterator[bytes]:
        """One round: what was left out, then the newest samples in parts; what comes meanwhile makes another round."""
        loss = self._behind.get(feed)
        if loss is not None:
            self._behind[feed] = None
            yield loss.told(feed, conflated=True)
            first = 0
            while feed in self._behind and (part := feed.newest(loss.turn, first)) is not None:
                messages, first = part
                yield from messages
        if self._behind.get(feed) is not None:
            self._queue.append(feed)
        else:
            self._behind.pop(feed, None)

    async def drain(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Give `send` one message after another, until cancelled or `send` raises."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while not self.idle:
                data = self._next()
                if data is not None:
                    await send(data)
                self._emptied.set()

    async def room(self) -> None:
        """Wait until little is queued: for long answers that the reader asked for."""
        while self.queued_bytes > ROOM_BYTES:
            self._emptied.clear()
            await self._emptied.wait()
