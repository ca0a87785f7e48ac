"""A console that comes back to its node in hard ways still has each sample, or knows of the hole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from websockets.asyncio.server import ServerConnection, serve

import console.client.link as link_module
from console.client import holes
from console.wire.codec import encode
from console.wire.frames import Welcome
from tests.fault.test_streaming import WITHIN_S, City
from tests.flow.nodes import until

HOUR_NS = 3600 * 10**9


@pytest.fixture
async def city() -> AsyncIterator[City]:
    """Running, the console fed."""
    city = City()
    await city.open()
    yield city
    await city.close()


@pytest.mark.parametrize("ahead_ns", [HOUR_NS, -HOUR_NS], ids=["ahead", "behind"])
async def test_a_console_whose_clock_is_an_hour_off_fetches_what_it_missed(
    monkeypatch: pytest.MonkeyPatch, ahead_ns: int
) -> None:
    wrong = SimpleNamespace(time_ns=lambda: time.time_ns() + ahead_ns, monotonic=time.monotonic)
    monkeypatch.setattr(link_module, "time", wrong)
    city = City()
    await city.open()
    city.feed()
    await until(lambda: city.have() == [1, 1], WITHIN_S)
    await city.node.close()
    await city.start()
    for _ in range(3):  # the last alone would come with the first picture
        city.feed()
    city.link.retry()
    await city.reading()
    await until(lambda: city.have() == [4, 4], WITHIN_S)
    await city.close()


async def test_a_link_that_is_lost_before_it_was_fed_makes_no_hole_unknown(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holes, "LATE_NS", 0)
    city.feed()
    await until(lambda: city.have() == [1, 1], WITHIN_S)
    await until(lambda: city.link._holes.heard_ns > time.time_ns() - 10**8, WITHIN_S)
    await city.node.close()
    await city.start()
    city.feed()
    await city.node.close()
    greeted = asyncio.Event()

    async def greet_and_go(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(encode(Welcome(version=1, node="n", t_ns=time.time_ns(), run="other")))
        greeted.set()

    async with serve(greet_and_go, "127.0.0.1", city.port, compression=None):
        city.link.retry()
        await asyncio.wait_for(greeted.wait(), WITHIN_S)
        await until(lambda: not city.link.status.up, WITHIN_S)
    await city.start()
    city.link.retry()
    await city.reading()
    await until(lambda: city.have() == [2, 2], WITHIN_S)
