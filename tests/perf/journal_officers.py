"""Officers in one process of their own: each sends an act over one websocket and awaits its answer; knows no journal.

Told by JSON lines on standard input: first the address, then turns (`in_flight`, `slice_s`, `text`, `entities`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from console.tasks import Tasks
from console.wire.codec import decode_down, encode
from console.wire.frames import MAX_FRAME_BYTES, WIRE_VERSION, Credential, Hello, Intent, IntentAnswer
from tests.perf.streams import SECRET


class Officers:
    """All officers of one connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def hear(self) -> None:
        """Wake who waits for an answer."""
        async for data in self._connection:
            message = decode_down(data)
            if isinstance(message, IntentAnswer):
                if message.state != "saved":
                    raise RuntimeError(f"an act was {message.state}: {message.reason}")
                self._waiting.pop(message.id).set_result(None)

    async def turn(self, in_flight: int, slice_s: float, text: str, entities: int) -> dict[str, Any]:
        """Acts for so long, so many at once."""
        began_s, waits_ms = time.perf_counter(), list[float]()

        async def officer() -> None:
            while time.perf_counter() - began_s < slice_s:
                number = next(self._numbers)
                id_ = f"officer-{number}"
                entity, arguments = f"note-{number % entities}", {"text": text}
                intent = Intent(id=id_, name="note.write", entity=entity, actor="duty-2", arguments=arguments)
                asked_s = time.perf_counter()
                future = self._waiting[id_] = asyncio.get_running_loop().create_future()
                await self._connection.send(encode(intent))
                await future
                waits_ms.append((time.perf_counter() - asked_s) * 1e3)

        await asyncio.gather(*(officer() for _ in range(in_flight)))
        return {"per_s": len(waits_ms) / (time.perf_counter() - began_s), "waits_ms": waits_ms}


async def _main() -> None:
    lines: asyncio.StreamReader = asyncio.StreamReader()
    loop, tasks = asyncio.get_running_loop(), Tasks()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    url = json.loads(await lines.readline())["url"]
    async with connect(url, compression=None, max_size=MAX_FRAME_BYTES, ping_interval=None, proxy=None) as connection:
        credential = Credential(kind="secret", value=SECRET)
        await connection.send(encode(Hello(version=WIRE_VERSION, client="bench", credential=credential)))
        officers = Officers(connection)
        tasks.start("hear", officers.hear())
        print("{}", flush=True)
        while line := await lines.readline():
            print(json.dumps(await officers.turn(**json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
