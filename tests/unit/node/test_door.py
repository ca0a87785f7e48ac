"""The door to a network: who does not shake hands ends soon and is counted; the log says why, once a second at most."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from console.node.door import OF_ONE, Door
from console.tasks import Tasks
from tests.certificates import SiteCerts
from tests.flow.nodes import until


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Listening:
    """An echo behind a door."""

    def __init__(self, door: Door, clock: Clock, port: int, client: ssl.SSLContext) -> None:
        self.door, self.clock, self.port, self.client = door, clock, port, client

    async def plain(self, words: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client that speaks no TLS."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(words)
        return reader, writer

    async def echo(self, words: str) -> str:
        """What a good client gets back."""
        async with connect(f"wss://127.0.0.1:{self.port}", ssl=self.client, proxy=None) as ws:
            await ws.send(words)
            return str(await ws.recv())


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> SiteCerts:
    return SiteCerts(tmp_path_factory.mktemp("certs"))


@asynccontextmanager
async def listening(certs: SiteCerts, within_s: float = 10.0, pending: int = 64) -> AsyncIterator[Listening]:
    tasks, clock = Tasks(), Clock()
    door = Door(certs.server(), tasks, within_s=within_s, pending=pending, clock=clock)

    async def answer(connection: ServerConnection) -> None:
        door.arrived(connection)
        async for words in connection:
            await connection.send(words)

    server = await serve(answer, "127.0.0.1", 0, create_connection=door.connection)
    client = ssl.create_default_context(cafile=certs.ca)
    try:
        yield Listening(door, clock, server.sockets[0].getsockname()[1], client)
    finally:
        door.close()
        server.close()
        await server.wait_closed()
        await tasks.close()


async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait until the other end has closed; whatever it said is read."""
    async with asyncio.timeout(30):
        try:
            await reader.read()
        except ConnectionResetError:
            pass
    writer.close()


async def test_a_good_client_is_let_through(certs: SiteCerts) -> None:
    async with listening(certs) as here:
        assert await here.echo("一览") == "一览"
        assert await here.echo("x" * 300_000) == "x" * 300_000
        await until(lambda: here.door.pending == 0)
        assert here.door.refused == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [(b"GET / HTTP/1.1\r\nHost: node\r\n\r\n", "speaks HTTP without TLS"), (b"SSH-2.0-scan\r\n", "does not speak TLS")],
)
async def test_a_plain_text_client_gets_a_clean_end_and_the_log_says_why(
    certs: SiteCerts, caplog: pytest.LogCaptureFixture, words: bytes, why: str
) -> None:
    async with listening(certs) as here:
        await ended(*await here.plain(words))
        await until(lambda: here.door.refused == 1)
        assert why in caplog.text and "127.0.0.1" in caplog.text
        assert await here.echo("on") == "on"


async def test_a_scan_that_says_nothing_is_refused(certs: SiteCerts) -> None:
    async with listening(certs) as here:
        _, writer = await here.plain()
        await until(lambda: here.door.pending == 1)
        writer.close()
        await until(lambda: here.door.refused == 1 and here.door.pending == 0)


async def test_who_takes_too_long_is_broken_off(certs: SiteCerts) -> None:
    async with listening(certs, within_s=0.2) as here:
        await ended(*await here.plain(b"\x16\x03\x01"))
        await until(lambda: here.door.refused == 1)
        assert here.door.pending == 0


async def test_one_address_cannot_keep_all_others_out(certs: SiteCerts) -> None:
    async with listening(certs) as here:
        slow = [await here.plain(b"\x16\x03\x01") for _ in range(OF_ONE)]
        await until(lambda: here.door.pending == OF_ONE)
        await ended(*await here.plain())
        assert here.door.crowded == 1
        for _, writer in slow:
            writer.close()
        await until(lambda: here.door.pending == 0)
        assert await here.echo("on") == "on"


async def test_the_log_gets_one_line_a_second_and_the_number_of_the_others(
    certs: SiteCerts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with listening(certs) as here:
        for at_s, refused in ((0.0, 1), (0.5, 2), (0.9, 3), (1.1, 4)):
            here.clock.now_s = at_s
            await ended(*await here.plain(b"hello?\r\n"))
            await until(partial(_refused, here.door, refused))
    lines = [record.getMessage() for record in caplog.records if "was refused" in record.getMessage()]
    assert len(lines) == 2 and "2 more were refused" in lines[1]


def _refused(door: Door, count: int) -> bool:
    return door.refused == count
