"""The way out to one reader: a queue bounded by bytes that drops oldest batches and says so; knows no hub."""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from console.wire.codec import encode
from console.wire.frames import MAX_FRAME_BYTES, Gap

log = logging.getLogger(__name__)
BATCH_BYTES: Final = 8 << 20
"""Past so many queued bytes of batches the oldest are dropped."""
OTHER_BYTES: Final = 32 << 20
"""Past so many queued bytes of what may not be dropped the reader is given up: it comes back and is told all anew."""
ROOM_BYTES: Final = 1 << 20


class Outbox:
    """Queue of one connection, not used while the reader keeps up.

    Args:
        write: writes a message at once where that costs no waiting, and says whether it did.
        on_full: called once, when the reader takes too little of what may not be dropped.

    Attributes:
        dropped: samples dropped so far.
    """

    def __init__(self, write: Callable[[bytes], bool], on_full: Callable[[], None] | None = None) -> None:
        self._write = write
        self._queue: collections.deque[tuple[bytes, int, int, int]] = collections.deque()
        self._gaps: dict[int, tuple[int, int, int]] = {}
        """By feed: first and last sequence and rows of what was dropped and not yet told."""
        self._batch_bytes = self._other_bytes = 0
        self._other_most = OTHER_BYTES
        self._filled, self._emptied = asyncio.Event(), asyncio.Event()
        self._on_full: Callable[[], None] | None = on_full
        self.dropped = 0

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait to be sent."""
        return self._batch_bytes + self._other_bytes

    def send(self, data: bytes, *, feed: int = 0, seq: int = 0, rows: int = 0) -> None:
        """Write or queue one message; see `console.node.hub.Outlet`."""
        if len(data) > MAX_FRAME_BYTES:  # the reader would have to close the link, and again after coming back
            log.error("a message of %d bytes was not sent", len(data))
            return
        if not self._queue and not self._gaps and self._write(data):
            return
        self._queue.append((data, feed, seq, rows))
        if feed:
            self._batch_bytes += len(data)
            if self._batch_bytes > BATCH_BYTES:
                self._shed()
        else:
            self._other_bytes += len(data)
            if self._other_bytes > self._other_most and self._on_full is not None:
                full, self._on_full = self._on_full, None
                full()
        self._filled.set()

    def greeted(self) -> None:
        """What is queued now is the first picture: however large, it is no backlog."""
        self._other_most = self._other_bytes + OTHER_BYTES

    def _shed(self) -> None:
        """Drop oldest batches until half the room is free; each feed's gap is told before what stays."""
        kept: collections.deque[tuple[bytes, int, int, int]] = collections.deque()
        for item in self._queue:
            data, feed, seq, rows = item
            if feed == 0 or self._batch_bytes <= BATCH_BYTES // 2:
                kept.append(item)
                continue
            first, _, lost = self._gaps.get(feed, (seq, seq, 0))
            self._gaps[feed] = (first, seq, lost + rows)
            self._batch_bytes -= len(data)
            self.dropped += rows
        self._queue = kept

    def _next(self) -> bytes:
        if self._gaps:
            feed = next(iter(self._gaps))
            first, last, lost = self._gaps.pop(feed)
            return encode(Gap(feed=feed, from_seq=first, to_seq=last, samples=lost))
        data, feed, _, _ = self._queue.popleft()
        if feed:
            self._batch_bytes -= len(data)
        else:
            self._other_bytes -= len(data)
        return data

    async def drain(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Give `send` one message after another, until cancelled or `send` raises."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._queue or self._gaps:
                await send(self._next())
                self._emptied.set()

    async def room(self) -> None:
        """Wait until little is queued: for long answers that the reader asked for."""
        while self.queued_bytes > ROOM_BYTES:
            self._emptied.clear()
            await self._emptied.wait()
