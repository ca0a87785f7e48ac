"""One feed of pictures out of shared memory (console.api.Feed); knows no process and no Qt."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import numpy as np

from console.api import Picture, PictureState
from console.client.capture import Grab
from console.client.slots import Slots, size_for
from console.client.worker import DecodeWorker
from console.posix import shared_memory

GetUrl = Callable[[], Awaitable[str | Grab]]
STALE_NS: Final = 1_000_000_000
FIRST_SIZE: Final = (640, 360)
LARGEST: Final = (3840, 2160)


class Keeper(Protocol):
    """What a feed needs of its keeper."""

    def now_ns(self) -> int: ...
    @property
    def offset_ns(self) -> int: ...
    def released(self, feed: MediaFeed) -> None: ...


class MediaFeed:
    """See console.api.Feed; every call is for the loop's thread. `size`: largest pictures asked for at first."""

    def __init__(self, keeper: Keeper, number: int, get_url: GetUrl) -> None:
        self._keeper = keeper
        self.number, self.get_url = number, get_url
        self._state, self._detail = PictureState.CONNECTING, ""
        self._callback: Callable[[], None] | None = None
        self._asked = FIRST_SIZE
        self._slots: Slots | None = None
        self._picture: Picture | None = None
        self._last_ns = 0
        self._arrivals: deque[float] = deque(maxlen=128)
        self.worker: DecodeWorker | None = None
        self.ended = asyncio.Event()
        self.live_since_s = 0.0
        self.closed = False

    # ------------------------------------------------------------------ console.api.Feed

    @property
    def state(self) -> PictureState:
        # a worker that hangs says nothing: what is old is stale whatever was said last
        if self._state is PictureState.LIVE and self._keeper.now_ns() - self._last_ns > STALE_NS:
            return PictureState.STALE
        return self._state

    @property
    def detail(self) -> str:
        return "silent" if self.state is PictureState.STALE else self._detail

    @property
    def last_t_ns(self) -> int:
        return self._last_ns

    @property
    def fps(self) -> float:
        since = time.monotonic() - 2.0
        return sum(t > since for t in self._arrivals) / 2.0

    def picture(self) -> Picture | None:
        held = self._slots.hold() if self._slots is not None else None
        if held is None:
            return self._picture
        pixels, width, height, t_ns, serial = held
        if self._picture is None or self._picture.serial != serial:
            array = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)
            self._picture = Picture(bgra=array, t_ns=t_ns + self._keeper.offset_ns, serial=serial)
        return self._picture

    def resize(self, width_px: int, height_px: int) -> None:
        asked = (max(16, min(width_px, LARGEST[0])), max(16, min(height_px, LARGEST[1])))
        if asked == self._asked or self.closed:
            return
        self._asked = asked
        if self.worker is not None:
            handle = self._renew_slots()
            self.worker.size(self.number, asked, handle)
            os.close(handle)

    def on_picture(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def close(self) -> None:
        """Stop reading; the memory goes with the last picture that somebody holds."""
        if not self.closed:
            self.closed = True
            self._callback = None
            self._keeper.released(self)
            self._slots = self._picture = None

    # ------------------------------------------------------------------ for the keeper

    def _renew_slots(self) -> int:
        # the last picture keeps the old memory alive as long as somebody shows it
        handle = shared_memory("yilan-pictures", size_for(*self._asked))
        self._slots = Slots(handle, *self._asked)
        return handle

    def open(self, worker: DecodeWorker, url: str | Grab) -> None:
        """Have `worker` read an address or a device into fresh memory."""
        self.worker = worker
        self.ended.clear()
        handle = self._renew_slots()
        worker.open(self.number, url, self._asked, handle)
        os.close(handle)

    def arrived(self) -> None:
        """A new picture lies in the slots."""
        t_ns = self._slots.newest()[1] if self._slots is not None else 0
        if not t_ns:
            return  # it went to the memory of the size before
        self._last_ns = t_ns + self._keeper.offset_ns
        self._arrivals.append(time.monotonic())
        if self._state is not PictureState.LIVE:
            self.tell(PictureState.LIVE)
        elif self._callback is not None:
            self._callback()

    def tell(self, state: PictureState, detail: str = "") -> None:
        """Take a state; the tile is called back to show it."""
        if self.closed or (state, detail) == (self._state, self._detail):
            return
        if state is PictureState.LIVE:
            self.live_since_s = time.monotonic()
        self._state, self._detail = state, detail
        self.nudge()

    def nudge(self) -> None:
        """Have the tile look at us again."""
        if self._callback is not None:
            self._callback()

    def lost(self, detail: str) -> None:
        """The connection is over."""
        self.tell(PictureState.LOST, detail)
        self.worker = None
        self.ended.set()
