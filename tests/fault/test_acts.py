"""Node or console killed at any moment between keystroke and effect: after a restart the act has exactly one effect."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from console.api import AlarmState, IntentState
from console.node.journal.verify import verify
from tests.flow.nodes import until
from tests.flow.seats import NOWHERE, ROOT, child_node, kinds, seat, sources

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from console.api import AlarmState
from tests.flow.seats import Seat

async def main(state, url, sends):
    desk = Seat(Path(state), "李卫国")
    desk.go_to(url)
    await desk.sees(AlarmState.UNACKNOWLEDGED)
    send = desk.desk.link.send_act
    def die(intent):
        if sends == "yes":
            send(intent)
        os.kill(os.getpid(), signal.SIGKILL)
    desk.desk.link.send_act = die
    await desk.acknowledge()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("sends", ["no", "yes"])
async def test_killed_before_or_after_it_was_sent(tmp_path: Path, sends: str) -> None:
    config, state = sources(tmp_path / "sources"), tmp_path / "console"
    async with child_node(tmp_path, config) as node:
        console = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(state), node.url, sends, cwd=ROOT
        )
        async with asyncio.timeout(60):
            assert await console.wait() == -signal.SIGKILL
        async with seat(state, node.url) as again:
            await again.sees(AlarmState.ACKNOWLEDGED)
            await until(lambda: again.desk.waiting == 0)
            assert again.alarm.acknowledged_by == "李卫国"
    assert kinds(tmp_path) == ["alarm.raised", "alarm.acknowledge"]


# ----------------------------------------------------------------------------------------------- at the n-th operation

NODE = """
import sys
from tests.fault.dying import install
from console.node import serve
kept = install(int(sys.argv[1]))
sys.exit(serve.main())
"""
CONSOLE = """
import asyncio, sys
from pathlib import Path
from console.api import AlarmState
from tests.fault.dying import install
from tests.flow.seats import Seat
kept = install(int(sys.argv[3]))

async def main(state, url):
    desk = Seat(Path(state), "李卫国")
    desk.go_to(url)
    await desk.sees(AlarmState.UNACKNOWLEDGED)
    print((await desk.acknowledge()).value, flush=True)
    await desk.end()

asyncio.run(main(*sys.argv[1:3]))
"""
DOOR, DONE = 45, 75
"""Operations of a node until its door is open, and until the act is long saved."""
CONSOLE_DONE = 32
KILLS = 2
SOAK_KILLS = int(os.environ.get("YILAN_SOAK_KILLS", "60"))


async def node_dies(folder: Path, nth: int) -> None:
    """The node dies at its nth operation, if it comes so far; the console stays, and goes to the next one."""
    config, answer = sources(folder / "sources"), None
    dying = ("-c", NODE, str(nth))
    async with child_node(folder, config, program=dying) as first, seat(folder / "console", first.url) as desk:
        if first.url != NOWHERE:
            gone = asyncio.ensure_future(first.process.wait())
            await until(lambda: desk.shows() is AlarmState.UNACKNOWLEDGED or gone.done(), 30)
            if desk.shows() is AlarmState.UNACKNOWLEDGED:
                answer = await desk.acknowledge()
            await first.kill()
            await gone
        async with child_node(folder, config) as second:
            desk.go_to(second.url)
            if answer is None:
                await desk.sees(AlarmState.UNACKNOWLEDGED)
                assert await desk.acknowledge() is IntentState.SAVED
            await desk.sees(AlarmState.ACKNOWLEDGED)
            await until(lambda: desk.desk.waiting == 0, 30)
    assert kinds(folder) == ["alarm.raised", "alarm.acknowledge"]
    assert not verify(folder / "journal" / "journal.db").bad


async def console_dies(folder: Path, nth: int) -> None:
    """The console dies at its nth operation; the officer starts it again, and does it again where it is not seen."""
    config, state = sources(folder / "sources"), folder / "console"
    async with child_node(folder, config) as node:
        state.mkdir()
        console = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CONSOLE, str(state), node.url, str(nth), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            said, _ = await console.communicate()
        assert console.returncode in (0, -signal.SIGKILL)
        async with seat(state, node.url) as again:
            await until(lambda: again.shows() is not None and again.desk.waiting == 0, 30)
            if again.shows() is not AlarmState.ACKNOWLEDGED:
                assert b"saved" not in said
                await again.acknowledge()
            await again.sees(AlarmState.ACKNOWLEDGED)
    assert kinds(folder) == ["alarm.raised", "alarm.acknowledge"]


async def at_many(folder: Path, kills: int) -> None:
    chance = random.Random(9)
    for number in range(kills):
        for name, dies in (("node", node_dies), ("console", console_dies)):
            node_at = chance.randint(DOOR, DONE) if number % 2 == 0 else chance.randint(1, DOOR)
            nth = node_at if name == "node" else chance.randint(1, CONSOLE_DONE)
            place = folder / f"{name}-{number}"
            place.mkdir()
            try:
                await dies(place, nth)
            except BaseException as error:
                error.add_note(f"{name} dies at operation {nth}")
                raise


async def test_killed_at_an_operation_drawn_by_chance(tmp_path: Path) -> None:
    await at_many(tmp_path, KILLS)


@pytest.mark.soak
async def test_killed_at_many_operations(tmp_path: Path) -> None:
    await at_many(tmp_path, SOAK_KILLS)
