"""The node as the program it is, a child process with a sources file, and a console's link and replica to it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from console.api import Selector
from console.client.link import Link
from console.client.replica import Replica
from console.tasks import Tasks
from tests.flow.nodes import until

SECRET = "test-secret"


class RealNode:
    """A node child and what it told its supervisor; the link and the replica of one console."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.replica = Replica()
        self.link = Link(self.replica, self.tasks, lambda: None)
        self.cameras: list[dict[str, Any]] = []
        self.on_camera: Callable[[dict[str, Any]], None] | None = None
        self.ready: dict[str, Any] = {}
        self.failed = ""

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Take the node's lines until it ends."""
        async for raw in stream:
            line = json.loads(raw)
            if "camera" in line:
                self.cameras.append(line["camera"])
                if self.on_camera is not None:
                    self.on_camera(line["camera"])
            self.ready = line.get("ready", self.ready)
            self.failed = line.get("failed", self.failed)

    def value(self, id_: str) -> float:
        """The last value of a scalar, NaN for none."""
        return float(self.replica.latest([id_], time.time_ns()).v[0])


@asynccontextmanager
async def real_node(state: Path, sources: Path, camera_base: str = "", **environment: str) -> AsyncIterator[RealNode]:
    """A node that reads `sources`, with a connected console that subscribed to everything."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.node.serve",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=dict(os.environ) | environment, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    node = RealNode()
    boot = {"secret": SECRET, "state": str(state), "sources": str(sources), "camera_base": camera_base}
    try:
        child.stdin.write(json.dumps(boot).encode() + b"\n")
        listening = node.tasks.start("listen", node.listen(child.stdout))
        await until(lambda: bool(node.ready or node.failed) or listening.done(), 60)
        if node.ready:
            node.link.address(node.ready["url"], SECRET)
            node.tasks.start("link", node.link.run())
            await until(lambda: node.link.status.up)
            node.link.subscribe(Selector(), "latest")
        yield node
    finally:
        await node.tasks.close()
        child.stdin.close()
        async with asyncio.timeout(30):
            await child.wait()


@asynccontextmanager
async def camera_server(folder: Path) -> AsyncIterator[tuple[str, Callable[[dict[str, Any]], None]]]:
    """The camera server as the program it is: its address, and how to give it a line."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.node.cameras.server", "--clips", str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    pipe = child.stdin
    try:
        async with asyncio.timeout(60):
            ready = json.loads(await child.stdout.readline())["ready"]
        yield ready["url"], lambda line: pipe.write(json.dumps(line).encode() + b"\n")
    finally:
        pipe.close()
        async with asyncio.timeout(30):
            await child.wait()
