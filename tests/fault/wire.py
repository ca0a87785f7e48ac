"""A wire between consoles and a node that a test cuts and mends; it carries bytes and knows nothing of them."""

from __future__ import annotations

import asyncio
from types import TracebackType

CHUNK_BYTES = 1 << 16


class Wire:
    """Listens on a port of its own and carries each connection to `to_port`, both on 127.0.0.1; a context manager."""

    def __init__(self, to_port: int) -> None:
        self.to_port, self.port = to_port, 0
        self._server: asyncio.Server | None = None
        self._carried: set[asyncio.StreamWriter] = set()
        self._under_way: set[asyncio.Task[object]] = set()

    async def mend(self) -> None:
        """Connections are taken, on the port of the first time."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Every connection is gone with what was under way, and no other is taken."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._carried):
            writer.transport.abort()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._carried |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, far_writer))
                both.create_task(_pump(far_reader, writer))
        finally:
            self._carried -= ends
            for end in ends:
                end.transport.abort()

    async def __aenter__(self) -> Wire:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.cut()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either end is gone; then the other goes too."""
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.transport.abort()
