"""Whatever a wall sends over its socket that would change something is refused, and the journal holds no act of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from console.api import Text
from tests.flow.guarded import recording, staffed
from tests.flow.test_access_link import raw, say

SOME = {"alarm.acknowledge", "incident.report", "hazard.find", "shift.start", "wall.take", "no.such.act"}
ARGUMENTS: dict[str, Any] = {"title": "t", "value": 2, "reason": "r", "officer": "wall-1", "text": "t", "seat": "s"}
VIEW_ONLY = "a view-only session (a wall) can never command"


async def test_every_command_of_a_wall_is_refused(tmp_path: Path) -> None:
    async with recording(tmp_path) as node:
        acts = (*node.intents._acts, "no.such.act")
        assert set(acts) >= SOME
        await staffed(node)
        token = node.gate.certified("wall-1", "AB01", kind="wall").token
        async with connect(node.url) as wall:
            await say(wall, m="hello", version=1, role="wall", credential={"kind": "token", "value": token})
            await raw(wall, "access")
            for number, name in enumerate(acts):
                for actor in ("", "north"):
                    message = {"id": f"w{number}{actor}", "name": name, "entity": "alarm:gas-n", "actor": actor}
                    await say(wall, m="intent", **message, arguments=ARGUMENTS)
                    answer = await raw(wall, "answer")
                    assert (answer["state"], answer["reason"][1]) == ("refused", VIEW_ONLY), name
            await say(wall, m="replay", req=1, context="replay:w", op="open", at_ns=1)
            assert (await raw(wall, "refusal"))["req"] == 1
            await say(wall, m="break_glass", req=3, reason="a long enough reason")
            assert Text(*(await raw(wall, "access_answer"))["reason"]).zh
            await say(wall, m="administer", req=4, act="person.revoke", arguments={"id": "north", "reason": "x"})
            assert Text(*(await raw(wall, "administered"))["reason"]).zh
    assert not [entry for entry in node.entries() if entry.header.cls not in ("audit", "access", "clock")]
