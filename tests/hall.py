"""A node as the program it is, a desk that takes scenes, and the two machines of one wall behind a wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from console.api import LIVE, IntentState
from console.client.desk import Desk
from tests.certificates import SiteCerts
from tests.fault.wire import Wire
from tests.flow.nodes import until
from tests.flow.remote import RemoteNode, seat, settle
from tests.program import Heard, Program
from tests.screens import offscreen

WITHIN_S = 60.0
MACHINES = ("a", "b")
SLOW = 0.5
ACTS = ("wall.take", "wall.back", "wall.ask", "wall.give", "wall.seize")
SCREEN = """
[[screens]]
name = "{0}"
machine = "{0}"
text_px = 40.0
tree = {{ split = "v", parts = [{{ panel = "{1}" }}, {{ panel = "{2}" }}] }}
"""
SCENES = (("posts", "strips"), ("incidents", "posts"), ("alarms", "strips"))


def scene(number: int) -> str:
    """The n-th scene: one screen on each machine, with tiles that the scene before had and others."""
    top, low = SCENES[number % len(SCENES)]
    head = f'version = 2\nid = "scene-{number}"\ntitle = ["第{number}", "Scene {number}"]\nrole = "wall"\n'
    return head + SCREEN.format("a", top, low) + SCREEN.format("b", low, top)


class Hall:
    """A node with people, a desk that takes scenes, and the two machines of wall w1 behind a wire."""

    def __init__(self, desk: Desk, node: RemoteNode, wire: Wire, machines: dict[str, Program]) -> None:
        self.desk, self.node, self.wire, self.machines = desk, node, wire, machines
        self.taken = 0
        self.asked_ns = 0
        self.late_s: list[float] = []
        """From the act at the desk to the last machine that shows it; `skew_s`: from the first machine to the last."""
        self.skew_s: list[float] = []

    async def take(self, context: str = LIVE) -> None:
        """The desk takes the next scene, in the time that `context` names, and the node has it."""
        self.taken += 1
        self.asked_ns = time.time_ns()
        more = {"title_zh": f"第{self.taken}", "title_en": f"Scene {self.taken}", "context": context}
        fade = self.taken % 2 == 0
        answer = await self.desk.intent("wall.take", "w1", layout=scene(self.taken), fade=fade, **more)
        assert answer.state not in (IntentState.REFUSED, IntentState.CONFLICT), answer

    def marks(self) -> dict[str, int]:
        """Where what each machine says from now on begins."""
        return {name: machine.mark() for name, machine in self.machines.items()}

    async def shown(self, name: str, since: int) -> int:
        """Wait until a machine shows what was taken last; when, Unix ns."""

        def is_it(heard: Heard) -> bool:
            return bool(heard.line.get("scene", {}).get("number") == self.taken)

        heard = await asyncio.to_thread(self.machines[name].wait, is_it, WITHIN_S, since)
        return int(heard.line["scene"]["shown_ns"])

    async def both(self, marks: dict[str, int]) -> list[int]:
        """Wait until both do."""
        return list(await asyncio.gather(*(self.shown(name, since) for name, since in marks.items())))

    async def step(self) -> None:
        """The next scene is taken and both show it; the times count."""
        marks = self.marks()
        await self.take()
        at_ns = await self.both(marks)
        self.late_s.append((max(at_ns) - self.asked_ns) / 1e9)
        self.skew_s.append((max(at_ns) - min(at_ns)) / 1e9)

    async def replayed(self, at_ns: int, seconds: int) -> list[float]:
        """Both show a replay from `at_ns` on; how far apart they are in it, s, once a second while it plays."""
        await self.desk.open_replay(at_ns)
        assert self.desk.replay is not None
        await self.desk.replay.control("speed", speed=SLOW)  # so that what was just recorded lasts
        await self.desk.replay.control("play")
        await self.take(self.desk.replay.context)
        apart: list[float] = []
        while len(apart) < seconds:
            one, two = await asyncio.gather(*(self._clock(name) for name in self.machines))
            if not one["speed"] == two["speed"] == SLOW:
                break
            passed_ns = (one["told_ns"] - two["told_ns"]) * SLOW
            apart.append(abs(one["at_ns"] - two["at_ns"] - passed_ns) / 1e9)
        self.desk.leave_replay()
        await self.take()
        return apart

    async def _clock(self, name: str) -> dict[str, float]:
        """The next that a machine tells of the replay that it shows."""

        def told(heard: Heard) -> bool:
            return bool(heard.line.get("stats", {}).get("replay"))

        heard = await asyncio.to_thread(self.machines[name].wait, told, WITHIN_S, self.machines[name].mark())
        return dict(heard.line["stats"]["replay"])

    async def kill(self, name: str) -> None:
        """kill -9 of a machine's console; it comes back with the scene that it had."""
        machine = self.machines[name]
        since = machine.mark()
        machine.kill("console")
        await asyncio.to_thread(machine.event, "died", "console", within_s=WITHIN_S, since=since)
        await self.shown(name, since)

    async def linked(self, up: bool) -> None:
        """Wait until both consoles say that their link is, or is not."""
        for machine in self.machines.values():
            await asyncio.to_thread(machine.wait, partial(_linked, up), WITHIN_S, machine.mark())

    async def refused(self) -> None:
        """Every act at the wall by a session of its own certificate is refused."""
        certs = self.node.certs
        async with seat(certs, self.node.url, certs.pair("wall-w1"), wall=True) as wall:
            await until(lambda: wall.access.person == "w1", 20.0)
            for act in ACTS:
                answer = await wall.intent(act, "w1")
                assert answer.state is IntentState.REFUSED, (act, answer)

    def said(self, what: str) -> None:
        """Print the figures."""
        late, skew = sorted(self.late_s), sorted(self.skew_s)
        print(
            f"\n{what}, {len(late)} scenes: from the act to the last machine {late[len(late) // 2]:.2f} s (median), "
            f"{late[-1]:.2f} s (most); from machine to machine {skew[len(skew) // 2]:.3f} s, {skew[-1]:.3f} s"
        )


def _linked(up: bool, heard: Heard) -> bool:
    return bool(heard.line.get("stats", {}).get("link_up") is up)


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    """Everything up, the first scene on both machines."""
    certs = SiteCerts(folder / "certs")
    pem, key = certs.wall("w1")
    node = await asyncio.to_thread(RemoteNode, folder / "node", certs)
    machines: dict[str, Program] = {}
    try:
        async with Wire(int(node.url.rpartition(":")[2])) as wire:
            for name in MACHINES:
                (folder / name).mkdir()
                arguments = (
                    "wall", "--name", "w1", "--machine", name, "--connect", f"wss://127.0.0.1:{wire.port}",
                    "--ca", str(certs.ca), "--cert", str(pem), "--key", str(key),
                )  # fmt: skip
                machines[name] = Program(folder / name, offscreen(folder / name), *arguments)
            await settle(node)
            async with seat(certs, node.url, certs.user("anna")) as desk:
                await until(lambda: desk.access.person == "anna", 20.0)
                one = Hall(desk, node, wire, machines)
                marks = dict.fromkeys(MACHINES, 0)
                await one.take()
                await one.both(marks)
                yield one
    finally:
        for machine in machines.values():
            machine.__exit__(None, None, None)
        node.end()
