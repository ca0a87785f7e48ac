"""A console killed between keystroke and answer: after its restart the act has exactly one effect."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from console.api import AlarmState
from tests.flow.nodes import until
from tests.flow.seats import ROOT, child_node, kinds, seat, sources

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
