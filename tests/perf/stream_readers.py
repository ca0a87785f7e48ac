"""Many readers in one process of their own: each a websocket whose messages are counted, nothing is kept.

Told by JSON lines on standard input: first the addresses, then `open` (close what is open, open so many of one path),
`want` (count anew up to so many messages in all) and `wait` (until they came; answers their ages). Knows no hub.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from console.tasks import Tasks
from console.wire.codec import decode_down, encode
from console.wire.frames import MAX_FRAME_BYTES, WIRE_VERSION, Batch, Credential, Hello, Ping, Subscribe, Subscribed
from tests.perf.stream_node import ROWS, SELECTOR
from tests.perf.streams import SECRET

PING_S: Final = 0.5
"""As the console's link."""
WAIT_S: Final = 15.0


class Readers:
    """All readers of one path, and what they counted together."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls
        self._tasks = Tasks()
        self._connections: list[ClientConnection] = []
        self._ages_ns: list[int] = []
        self._wanted = 0
        self._reached = asyncio.Event()

    async def open(self, path: str, readers: int) -> dict[str, Any]:
        """Close what is open and open anew."""
        self._tasks.cancel(self)
        for connection in self._connections:
            connection.transport.abort()
        self._connections = [await self._connect(path) for _ in range(readers)]
        return {"open": len(self._connections)}

    async def _connect(self, path: str) -> ClientConnection:
        connection = await connect(
            self._urls["bare" if path == "broadcast" else path],
            compression=None,
            max_size=MAX_FRAME_BYTES,
            ping_interval=None,
            proxy=None,
        )
        if path == "product":
            credential = Credential(kind="secret", value=SECRET)
            await connection.send(encode(Hello(version=WIRE_VERSION, client="bench", credential=credential)))
            await connection.send(encode(Subscribe(sub=1, selector=SELECTOR)))
            while not isinstance(decode_down(await connection.recv()), Subscribed):
                pass
            self._tasks.start("ping", self._ping(connection), owner=self)
        self._tasks.start("count", self._count(connection, path), owner=self)
        return connection

    @staticmethod
    async def _ping(connection: ClientConnection) -> None:
        while True:
            await connection.send(encode(Ping(t_ns=time.time_ns())))
            await asyncio.sleep(PING_S)

    async def _count(self, connection: ClientConnection, path: str) -> None:
        async for data in connection:
            arrived_ns = time.time_ns()
            assert isinstance(data, bytes)
            if path != "product":
                self._add(arrived_ns - int.from_bytes(data[:8], "little"))
                continue
            message = decode_down(data)
            if isinstance(message, Batch) and not message.snapshot:
                for piece in range(0, message.n, ROWS):  # a node that was late sends several together
                    self._add(arrived_ns - int.from_bytes(message.t[8 * piece : 8 * piece + 8], "little"))

    def _add(self, age_ns: int) -> None:
        self._ages_ns.append(age_ns)
        if len(self._ages_ns) == self._wanted:
            self._reached.set()

    async def want(self, messages: int) -> dict[str, Any]:
        """Count anew."""
        self._ages_ns, self._wanted = [], messages
        self._reached.clear()
        return {}

    async def wait(self) -> dict[str, Any]:
        """Until all came; answers the ages in ns."""
        try:
            async with asyncio.timeout(WAIT_S):
                await self._reached.wait()
        except TimeoutError:
            print(f"{len(self._ages_ns)} of {self._wanted} messages came", file=sys.stderr, flush=True)
        return {"ages_ns": self._ages_ns}


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    readers = Readers(json.loads(await lines.readline()))
    acts: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
        "open": readers.open,
        "want": readers.want,
        "wait": readers.wait,
    }
    while line := await lines.readline():
        question = json.loads(line)
        answer = await acts[question.pop("act")](**question)
        print(json.dumps(answer), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main())
