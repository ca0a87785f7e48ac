"""One connection to a remote screen, bytes in and out, bounded both ways; knows no protocol above TCP and no Qt."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, cast

from console.api import Text

HELD: Final = 2 << 20
"""Bytes kept for who takes them; from then on the peer is no longer read."""
MOST_UNSENT: Final = 256 << 10
CLOSED: Final = Text("对方断开了连接", "the other machine closed the connection")
DEAF: Final = Text("对方长时间不接收", "the other machine takes nothing")


class RemoteLine(asyncio.Protocol):
    """See console.api.Line."""

    def __init__(self, where: str, account: str, password: str) -> None:
        self.where, self.account, self.password = where, account, password
        self.ended: Text | None = None
        self.received_ns = 0
        self._callback: Callable[[], None] | None = None
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._paused = False
        self._transport: asyncio.Transport | None = None

    # ------------------------------------------------------------------ console.api.Line

    def on_change(self, callback: Callable[[], None]) -> None:
        """See console.api.Line."""
        self._callback = callback
        if self._held or self.ended is not None:
            callback()

    @property
    def held(self) -> int:
        """Bytes that came and were not taken."""
        return self._held

    def take(self, most: int) -> bytes:
        """See console.api.Line."""
        taken: list[bytes] = []
        while self._chunks and most > 0:
            chunk = self._chunks.popleft()
            if len(chunk) > most:
                self._chunks.appendleft(chunk[most:])
                chunk = chunk[:most]
            most -= len(chunk)
            self._held -= len(chunk)
            taken.append(chunk)
        if self._paused and self._held < HELD // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return b"".join(taken)

    def write(self, content: bytes) -> None:
        """See console.api.Line."""
        if self._transport is None or self.ended is not None:
            return
        if self._transport.get_write_buffer_size() + len(content) > MOST_UNSENT:
            self._end(DEAF)
            self._transport.abort()
            return
        self._transport.write(content)

    def close(self) -> None:
        """End it; nobody is told."""
        self._callback = None
        self.ended = self.ended or Text("已关闭", "closed")
        self._chunks.clear()
        self._held = 0
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came; stop reading where nobody takes it."""
        if self.ended is not None:
            return
        self.received_ns = time.time_ns()
        self._chunks.append(data)
        self._held += len(data)
        if self._held >= HELD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        if self._callback is not None:
            self._callback()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._end(CLOSED if exc is None else Text(f"连接中断（{exc}）", f"the connection broke ({exc})"))

    def _end(self, why: Text) -> None:
        if self.ended is None:
            self.ended = why
            if self._callback is not None:
                self._callback()
