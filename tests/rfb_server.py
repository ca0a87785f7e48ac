"""A tiny VNC server for tests: RFB 3.8, raw pixels, faults by name; it keeps what clients sent."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

WIDTH, HEIGHT = 320, 200
CLIENT_BYTES = {0: 20, 3: 10, 4: 8, 5: 6, 150: 10}
NAMES = {0: "format", 2: "encodings", 3: "update", 4: "key", 5: "pointer", 6: "clipboard", 150: "continuous"}


class RfbServer:
    """`fault` is one of: "" none, "garbage", "slow", "huge", "outside", "mute", "flood", "closes", "silent"."""

    def __init__(self, password: bool = False, fault: str = "") -> None:
        self.password, self.fault = password, fault
        self.port = 0
        self.heard: list[str] = []
        self.connections = 0
        self.shade = 0x40
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it goes."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if await self._greet(reader, writer):
                await self._talk(reader, writer)
        writer.close()
        self._tasks.discard(task)

    async def end(self) -> None:
        """Let every client go."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.fault == "garbage":
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 40)
            await reader.read()
            return False
        if self.fault == "slow":
            for byte in b"RFB 003.008\n" * 100:
                writer.write(bytes([byte]))
                await asyncio.sleep(1.0)
        writer.write(b"RFB 003.008\n")
        await reader.readexactly(12)
        writer.write(bytes([1, 2 if self.password else 1]))
        await reader.readexactly(1)
        if self.password:
            writer.write(bytes(range(16)))
            self.heard.append("response " + (await reader.readexactly(16)).hex())
            if self.fault == "refuses":
                said = b"no such luck"
                writer.write(struct.pack(">II", 1, len(said)) + said)
                return False
        writer.write(struct.pack(">I", 0))
        await reader.readexactly(1)
        width, height = (65535, 65535) if self.fault == "huge" else (WIDTH, HEIGHT)
        form = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
        writer.write(struct.pack(">HH", width, height) + form + struct.pack(">I", 4) + b"fake")
        return True

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind = (await reader.readexactly(1))[0]
            self.heard.append(NAMES.get(kind, str(kind)))
            if kind == 2:
                _, count = struct.unpack(">BH", await reader.readexactly(3))
                await reader.readexactly(4 * count)
            elif kind == 6:
                (length,) = struct.unpack(">3xI", await reader.readexactly(7))
                await reader.readexactly(length)
            elif kind in CLIENT_BYTES:
                body = await reader.readexactly(CLIENT_BYTES[kind] - 1)
                if kind == 3:
                    await self._update(writer, body)
            else:
                return

    async def _update(self, writer: asyncio.StreamWriter, request: bytes) -> None:
        incremental, x, y, width, height = struct.unpack(">BHHHH", request)
        if self.fault == "mute" or incremental:
            return  # nothing moves on this screen
        if self.fault == "closes":
            writer.close()
            return
        if self.fault == "outside":
            x, width = 60000, 5000
        if self.fault == "flood":
            # a text for the clipboard that never ends
            writer.write(struct.pack(">B3xI", 3, 0x7FFFFFFF))
            while not writer.is_closing():
                writer.write(bytes(1 << 16))
                await writer.drain()
        writer.write(struct.pack(">BxH", 0, 1) + struct.pack(">HHHHi", x, y, width, height, 0))
        writer.write(bytes([self.shade, 0x80, 0xC0, 0]) * min(width * height, WIDTH * HEIGHT))
        await writer.drain()


@contextlib.asynccontextmanager
async def rfb_server(password: bool = False, fault: str = "") -> AsyncIterator[RfbServer]:
    """A server on a free port of this machine, in the running loop, ended with the block."""
    server = RfbServer(password, fault)
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.end()
