"""Attacks on the node's TLS door: handshakes cut at any byte, reset, held open; others get through all the while."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from pathlib import Path

import pytest

from console.node.door import OF_ONE
from tests.certificates import SiteCerts
from tests.flow.nodes import until
from tests.unit.node.test_door import ended, listening

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that ends a connection with a reset."""


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> SiteCerts:
    folder: Path = tmp_path_factory.mktemp("certs")
    return SiteCerts(folder)


def hello(certs: SiteCerts) -> bytes:
    """What a good client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=certs.ca)
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="127.0.0.1")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


async def test_a_handshake_that_is_cut_or_reset_anywhere_leaves_nothing(certs: SiteCerts) -> None:
    words = hello(certs)
    async with listening(certs) as here:
        cuts = range(0, len(words) + 1, 23)
        for cut in cuts:
            for reset in (False, True):
                reader, writer = await here.plain(words[:cut])
                await writer.drain()
                if reset:
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    writer.transport.abort()
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()
                del reader
        await until(lambda: here.door.refused + here.door.crowded >= len(cuts) and here.door.pending == 0)
        assert await here.echo("on") == "on"


async def test_who_holds_all_it_can_get_keeps_nobody_else_out(certs: SiteCerts) -> None:
    async with listening(certs) as here:
        other = ("127.0.0.2", 0)
        held = [await asyncio.open_connection("127.0.0.1", here.port, local_addr=other) for _ in range(OF_ONE + 8)]
        await until(lambda: here.door.crowded == 8)
        assert here.door.pending == OF_ONE
        assert await here.echo("on") == "on"
        for reader, writer in held:
            writer.close()
            await ended(reader, writer)
        await until(lambda: here.door.pending == 0)
