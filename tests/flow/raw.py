"""A program at a node's door that follows no rule but its own: raw messages, of persons with rights of every sort."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from console.api import Text
from console.node.access.policy import Assignment, Person
from tests.flow.guarded import ADMIN, GuardedNode, recording
from tests.flow.nodes import until

PEOPLE = {
    "north": (("duty_officer", "north"),),
    "twin": (("duty_officer", "north"),),
    "south": (("duty_officer", "south"),),
    "other": (("duty_officer", "south"),),
    "city": (("duty_officer", ""),),
    "analyst": (("analyst", ""),),
    "system": (("system_admin", ""),),
    "nobody": (),
    "wall-1": (("wall", ""),),
}
"""Roles by person, beside the security administrator "chief"."""


class Raw:
    """One connection; `all` is every message that came, `said` their bytes."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.all: list[dict[str, Any]] = []
        self.said = bytearray()
        self.number = 100

    async def say(self, **message: Any) -> None:
        await self.connection.send(msgpack.packb(message))

    async def next(self) -> dict[str, Any]:
        data = await self.connection.recv()
        assert isinstance(data, bytes)
        self.said += data
        message: dict[str, Any] = msgpack.unpackb(data)
        self.all.append(message)
        return message

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these kinds."""
        async with asyncio.timeout(30):
            while (message := await self.next())["m"] not in kinds:
                pass
        return message

    async def ask(self, **message: Any) -> dict[str, Any]:
        """What is answered to a question."""
        self.number += 1
        await self.say(req=self.number, **message)
        async with asyncio.timeout(30):
            while (answer := await self.next()).get("req") != self.number:
                pass
        return answer

    async def act(
        self, name: str, entity: str, *, id: str = "", heads: Sequence[str] = (), **arguments: Any
    ) -> dict[str, Any]:
        """What becomes of an act."""
        self.number += 1
        id_ = id or f"act-{uuid.uuid4().hex}"
        await self.say(m="intent", id=id_, name=name, entity=entity, heads=list(heads), arguments=arguments)
        async with asyncio.timeout(30):
            while (answer := await self.hear("answer"))["id"] != id_:
                pass
        return answer

    async def settled(self) -> None:
        """All that the node had to say until now has come."""
        self.number += 1
        await self.say(m="ping", t_ns=self.number)
        async with asyncio.timeout(30):
            while (await self.hear("pong"))["t_ns"] != self.number:
                pass


@asynccontextmanager
async def attacked(folder: Path) -> AsyncIterator[GuardedNode]:
    """A node with people, incidents, seats and walls; nobody is logged in."""
    async with recording(folder) as node:
        office = node.house.office
        chief = (await office.first_administrator(node.code, "test", "chief", Text("主管"), ADMIN)).session
        assert chief is not None
        policy = node.gate.shelf.policy
        assert policy is not None
        office.sign(chief, msgspec.structs.replace(policy, people=(*policy.people, *_people())))
        node.gate.logout(chief)
        await node.intents.tried(10)
        yield node


def _people() -> list[Person]:
    return [
        Person(
            id=name,
            name=Text(name),
            roles=tuple(Assignment(role=role, area=area) for role, area in roles),
            wall=name.startswith("wall"),
        )
        for name, roles in PEOPLE.items()
    ]


@asynccontextmanager
async def inside(node: GuardedNode, person: str, **hello: Any) -> AsyncIterator[Raw]:
    """Who is logged in, at a program of their own; all that they are told at first has come."""
    admission = node.gate.certified(person, "A1")
    can = ["resume", "backfill", "late", "replay", "files.up", "reveal"]
    async with connect(node.url) as connection:
        one = Raw(connection)
        credential = {"kind": "token", "value": admission.token}
        await one.say(**{"m": "hello", "version": 1, "credential": credential, "capabilities": can, **hello})
        await one.hear("welcome")
        await one.settled()
        yield one


async def flushed(node: GuardedNode) -> None:
    """What has changed is told."""
    node.hub.flush()
    await asyncio.sleep(0)


__all__ = ["PEOPLE", "Raw", "attacked", "flushed", "inside", "until"]
