"""A node killed in the middle of a replay: live comes back by itself, and what it had recorded can be replayed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.api import LIVE, NS, Area, RefusedError, Resource, Selector, Sensor
from console.client.link import Link
from console.client.replay import Replay
from console.client.replica import Replica
from console.tasks import Tasks
from console.wire.frames import ReplayState
from tests.flow.nodes import SECRET, until


class Program:
    """The node as a child process with the demo city."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child, self.port = child, 0

    async def begin(self, state: Path, port: int) -> None:
        """Boot it and wait until it is ready."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        boot = {"secret": SECRET, "state": str(state), "port": port, "camera_base": "rtsp://127.0.0.1:1"}
        self.child.stdin.write(json.dumps(boot).encode() + b"\n")
        while not self.port:
            line = json.loads(await self.child.stdout.readline())
            self.port = line.get("ready", {}).get("port", 0)

    async def drain(self) -> None:
        """Its lines are of no interest any more, but must not fill the pipe."""
        assert self.child.stdout is not None
        async for _ in self.child.stdout:
            pass


@asynccontextmanager
async def program(state: Path, port: int = 0) -> AsyncIterator[Program]:
    """A running node, ended at the end if it still is."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.node.serve",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    node, tasks = Program(child), Tasks()
    try:
        async with asyncio.timeout(30):
            await node.begin(state, port)
        tasks.start("drain", node.drain())
        yield node
    finally:
        await tasks.close()
        assert child.stdin is not None
        child.stdin.close()
        async with asyncio.timeout(20):
            await child.wait()


class Desk:
    """A console with its live replica and one replay."""

    def __init__(self, port: int) -> None:
        self.tasks, self.live = Tasks(), Replica()
        self.link = Link(self.live, self.tasks, lambda: None)
        self.link.on_replay = self._told
        self.replay = Replay(self.link, "", time.time_ns)
        self.link.address(f"ws://127.0.0.1:{port}", SECRET)
        self.tasks.start("link", self.link.run())

    def _told(self, state: ReplayState) -> None:
        self.replay.take(state)

    async def begin(self, at_ns: int) -> None:
        """Open the replay as soon as the node has a store."""
        async with asyncio.timeout(30):
            while not self.replay.playback.to_ns:
                with contextlib.suppress(RefusedError):  # the store is not open yet, or holds nothing yet
                    await self.replay.open(at_ns)
                await asyncio.sleep(0.05)
        self.link.subscribe(Selector(), "latest", self.replay.context)

    def shown(self, replica: Replica, id_: str) -> list[int]:
        """Times of a sensor's samples."""
        times: list[int] = replica.window(id_, 0, 1 << 62).t_ns.tolist()
        return times


@asynccontextmanager
async def desk_at(port: int) -> AsyncIterator[Desk]:
    """A console that is connected, with all its live samples."""
    desk = Desk(port)
    try:
        await until(lambda: desk.link.status.up)
        desk.link.subscribe(Selector(), "latest", LIVE)
        yield desk
    finally:
        await desk.tasks.close()


async def test_a_node_killed_in_a_replay_plays_what_it_had_recorded_when_it_is_back(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with program(tmp_path) as first:
            desk = await stack.enter_async_context(desk_at(first.port))
            await until(lambda: bool(desk.live.all(Sensor)), 30)
            some = next(iter(desk.live.all(Sensor)))
            await until(lambda: len(desk.shown(desk.live, some)) > 5, 30)
            began_ns = desk.shown(desk.live, some)[-1]
            await until(lambda: desk.shown(desk.live, some)[-1] > began_ns + 2 * NS, 30)
            await desk.begin(began_ns)
            past = desk.replay.view.replica
            await until(lambda: bool(desk.shown(past, some)), 30)
            assert set(past.all(Sensor)) == set(desk.live.all(Sensor))
            assert set(past.all(Area)) == set(desk.live.all(Area))
            await asyncio.sleep(1.0)  # what is a second old when a node dies is kept
            first.child.send_signal(signal.SIGKILL)
            await first.child.wait()
            await until(lambda: not desk.link.status.up)
            lived = desk.shown(desk.live, some)
            desk.replay.close()
        await stack.enter_async_context(program(tmp_path, first.port))
        await until(lambda: desk.link.status.up, 30)
        await until(lambda: desk.shown(desk.live, some)[-1] > lived[-1], 30)
        desk.replay = Replay(desk.link, "again", time.time_ns)
        await desk.begin(began_ns + NS // 10)
        past = desk.replay.view.replica
        assert desk.replay.playback.from_ns <= began_ns
        await until(lambda: bool(desk.shown(past, some)), 30)
        assert desk.shown(past, some)[0] == began_ns
        assert set(past.all(Sensor)) == set(desk.live.all(Sensor))
        await until(lambda: bool(past.all(Resource)))  # logged from when the store was open
