"""A node as the program `main.py node` with TLS, and consoles to it that differ by certificate alone."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.api import Text
from console.client.desk import Desk
from console.client.dial import checked
from console.client.media import Media
from console.client.trouble import Trouble
from console.tasks import Tasks
from tests.certificates import Pair, SiteCerts
from tests.flow.nodes import until
from tests.program import Program

PASSWORD = "seven blue herons at dawn"
SOURCES = '[[source]]\nid = "plant"\nkind = "csv"\nfile = "plant.csv"\nvalue = [{ column = "a" }]\n'


class RemoteNode:
    """The program, its site's certificates, and where it is reached; end it with `end`."""

    def __init__(self, folder: Path, certs: SiteCerts, *more: str) -> None:
        self.certs, self.state = certs, folder / "state"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plant.csv").write_text("time,a\n2020-01-01T00:00:00Z,1\n", "utf-8")
        (folder / "sources.toml").write_text(SOURCES, "utf-8")
        tls, sources = str(certs.folder), str(folder / "sources.toml")
        arguments = ("node", "--listen", "127.0.0.1:0", "--tls", tls, "--sources", sources)
        self.program = Program(self.state, os.environ, *arguments, *more)
        try:
            told = self.program.wait(lambda heard: "listening: wss://" in heard.text, 60.0)
        except BaseException:
            self.end()
            raise
        self.url = told.text.removeprefix("listening: ")

    @property
    def log(self) -> str:
        """What the node has written down."""
        return (self.state / "logs" / "node.log").read_text("utf-8", "replace")

    @property
    def code(self) -> str:
        """The first administrator's, from the file that it lies in where nobody sits at a terminal."""
        self.program.wait(lambda heard: "first administrator: nobody" in heard.text, 20.0)
        return (self.state / "first-code").read_text("ascii").strip()

    def end(self) -> None:
        """Leave nothing behind."""
        self.program.__exit__(None, None, None)


class Seat(Desk):
    """A console's desk to one node over a network, with the troubles it was told of."""

    troubles: list[Trouble]

    async def refused(self) -> Trouble:
        """The first refusal."""
        await until(lambda: any(trouble.refused for trouble in self.troubles), 60)
        return next(trouble for trouble in self.troubles if trouble.refused)


@asynccontextmanager
async def seat(certs: SiteCerts, url: str, pair: Pair | None = None, *, wall: bool = False) -> AsyncIterator[Seat]:
    """A console that dials `url`, with a certificate or none."""
    files = {"cert": str(pair[0]), "key": str(pair[1])} if pair else {}
    told = {"url": url, "ca": str(certs.ca), **files}
    tasks = Tasks()
    desk = Seat(tasks, role="wall" if wall else "desk", media=Media(tasks))
    desk.troubles = []
    told_desk = desk.link.on_trouble

    def troubled(trouble: Trouble | None) -> None:
        if trouble is not None:
            desk.troubles.append(trouble)
        if told_desk is not None:
            told_desk(trouble)

    desk.link.on_trouble = troubled
    desk.link.address(url, "", checked(told, wall="" if wall else None))
    tasks.start("link", desk.link.run())
    try:
        yield desk
    finally:
        await tasks.close()
        await desk.close()


async def settle(node: RemoteNode) -> None:
    """Name the first administrator, an officer anna and a wall w1, as a person would."""
    async with seat(node.certs, node.url) as desk:
        await until(lambda: desk.access.first)
        said = await desk.first_administrator(node.code, "East", "boss", Text("管理员", "The boss"), PASSWORD)
        assert said == Text(""), said
        await until(lambda: desk.access.person == "boss")
        for name, roles, wall in (("anna", [["duty_officer", ""]], False), ("w1", [["wall", ""]], True)):
            said = await desk.administer("person.put", id=name, name_zh=name, roles=roles, wall=wall)
            assert said == Text(""), said
        said = await desk.administer("account.add", id="anna", account="anna", password=PASSWORD + " again")
        assert said == Text(""), said


def log_lines(node: RemoteNode, words: str) -> list[str]:
    """Lines of the node's log in which a client was refused for what matches `words`."""
    return [line for line in node.log.splitlines() if "was refused" in line and re.search(words, line)]


async def logged(node: RemoteNode, words: str) -> None:
    """Wait for such a line; the log says one a second."""
    async with asyncio.timeout(60):
        while not log_lines(node, words):
            await asyncio.sleep(0.05)
