"""The node's door to a network: TLS before any websocket, bounded in time and number, reasons told; knows no message.

Each connection is taken as plain TCP first, so that it is counted from its first packet, has an address when its
handshake fails, and is told why.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection

from console.node.access.tls import RAW, reason_of
from console.tasks import Tasks

log = logging.getLogger(__name__)
WITHIN_S: Final = 10.0
"""A handshake that takes longer is broken off."""
PENDING: Final = 64
"""Handshakes, of TLS and of the websocket, under way at a time; who comes then is turned away unheard, and counted."""
OF_ONE: Final = 16
"""So many of them from one address, so that no single one keeps all others out."""
CLOSE_S: Final = 1.0
EARLY_BYTES: Final = 256 << 10
LOG_EVERY_S: Final = 1.0


class Door:
    """Shakes hands with who connects, and lets them through to their websocket.

    Args:
        context: of `access.tls.server_context`.
        clock: seconds that never go back.

    Attributes:
        refused: handshakes that failed, for whatever reason; `crowded`: connections turned away unheard.
        last: reason of the last failure with the address it came from, "" none yet.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        tasks: Tasks,
        *,
        within_s: float = WITHIN_S,
        pending: int = PENDING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.context, self._tasks, self._within_s, self._most, self._clock = context, tasks, within_s, pending, clock
        self._pending: set[SecuredConnection] = set()
        self.refused = self.crowded = 0
        self.last = ""
        self._told_s, self._untold = float("-inf"), 0

    @property
    def connection(self) -> type[ServerConnection]:
        """What websockets is to make for each connection."""
        return cast("type[ServerConnection]", partial(SecuredConnection, self))

    @property
    def pending(self) -> int:
        """Handshakes under way."""
        return len(self._pending)

    def knocked(self, connection: SecuredConnection, transport: asyncio.Transport) -> None:
        """A TCP connection came."""
        origin = connection.origin
        of_one = sum(1 for other in self._pending if other.origin == origin)
        if len(self._pending) >= self._most or of_one >= min(OF_ONE, self._most):
            self.crowded += 1
            self._tell(f"{origin}: {of_one} handshakes of it are under way already, {len(self._pending)} in all")
            transport.abort()
            return
        transport.pause_reading()  # until TLS reads it
        self._pending.add(connection)
        self._tasks.start("door.handshake", self._shake(connection, transport), owner=self)

    async def _shake(self, connection: SecuredConnection, transport: asyncio.Transport) -> None:
        RAW.set(transport)
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                connection,
                self.context,
                server_side=True,
                ssl_handshake_timeout=self._within_s,
                ssl_shutdown_timeout=CLOSE_S,
            )
        except (OSError, ssl.SSLError) as error:  # a broken or strange handshake, or one that took too long
            self.refused += 1
            self._tell(f"{connection.origin}: {reason_of(error)}")
            self.arrived(connection)
            transport.abort()
            return
        if secured is not None:
            connection.secured(secured)
        else:
            self.arrived(connection)  # it was gone as soon as it was there

    def arrived(self, connection: ServerConnection) -> None:
        """Its handshakes are over: it speaks websocket now, or is gone."""
        if isinstance(connection, SecuredConnection):
            self._pending.discard(connection)

    def _tell(self, line: str) -> None:
        """At most one line a second: a port scan must not fill the disk."""
        self.last = line
        now_s = self._clock()
        if now_s - self._told_s < LOG_EVERY_S:
            self._untold += 1
            return
        more = f" ({self._untold} more were refused since the last line)" if self._untold else ""
        self._told_s, self._untold = now_s, 0
        log.warning("a TLS client was refused: %s%s", line, more)

    def close(self) -> None:
        """Break off what is under way."""
        self._tasks.cancel(self)
        for connection in list(self._pending):
            connection.abandon()
        self._pending.clear()


class SecuredConnection(ServerConnection):
    """A websocket's connection that begins once TLS does; what comes in the same breath waits for that."""

    def __init__(self, door: Door, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._door = door
        self._raw: asyncio.Transport | None = None
        self._begun = self._gone = False
        self._early = bytearray()
        self.origin = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is there."""
        self._raw, self.origin = cast(asyncio.Transport, transport), origin_of(transport)
        self._door.knocked(self, self._raw)

    def secured(self, transport: asyncio.Transport) -> None:
        """TLS is there."""
        if self._gone:
            transport.abort()
            return
        self._begun = True
        super().connection_made(transport)
        if self._early:
            super().data_received(bytes(self._early))
            self._early.clear()

    def abandon(self) -> None:
        """Close at once what never began."""
        if self._raw is not None and not self._begun:
            self._raw.abort()

    def data_received(self, data: bytes) -> None:
        """Of TLS."""
        if self._begun:
            super().data_received(data)
        elif len(self._early) + len(data) <= EARLY_BYTES:
            self._early += data
        else:
            self.abandon()

    def eof_received(self) -> None:
        """Of TLS."""
        if self._begun:
            super().eof_received()

    def pause_writing(self) -> None:
        """Of TLS."""
        if self._begun:
            super().pause_writing()

    def resume_writing(self) -> None:
        """Of TLS."""
        if self._begun:
            super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end; of one that never began nobody else knows."""
        self._gone = True
        self._door.arrived(self)
        if self._begun:
            super().connection_lost(exc)


def origin_of(transport: asyncio.BaseTransport) -> str:
    """Address of the other end, "" where there is none any more."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""
