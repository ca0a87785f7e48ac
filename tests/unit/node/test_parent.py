"""What a node says to a parent that it is asked to have, and to a node that comes to its door."""

from __future__ import annotations

import msgpack
import pytest
from websockets.asyncio.client import connect

from console.api import SettingsError
from console.node.parent import refuse_parent
from tests.flow.nodes import SECRET, SmallNode


def test_a_node_without_a_parent_is_left_in_peace() -> None:
    refuse_parent("", simulated=True)
    refuse_parent("", simulated=False)


def test_a_demo_node_names_the_parent_it_refuses_and_how_to_join_a_real_one() -> None:
    with pytest.raises(SettingsError) as refused:
        refuse_parent("ws://parent:9", simulated=True)
    said = str(refused.value)
    assert "ws://parent:9" in said and "expected none" in said and "simulated" in said and "--sources" in said


def test_a_real_node_says_that_it_cannot_exchange_yet() -> None:
    with pytest.raises(SettingsError) as refused:
        refuse_parent("ws://parent:9", simulated=False)
    said = str(refused.value)
    assert "ws://parent:9" in said and "not part of this version" in said and "simulated" not in said


@pytest.mark.parametrize(("simulated", "code"), [(True, "rule"), (False, "unavailable")])
async def test_a_node_at_the_door_is_refused_by_name(simulated: bool, code: str) -> None:
    node = SmallNode()
    node.gateway._simulated = lambda: simulated
    await node.open()
    try:
        async with connect(node.url, compression=None) as connection:
            credential = {"kind": "secret", "value": SECRET}
            await connection.send(msgpack.packb({"m": "hello", "version": 1, "role": "node", "credential": credential}))
            answer = msgpack.unpackb(await connection.recv())
            assert (answer["m"], answer["code"]) == ("refusal", code)
            assert "Test node" in answer["what"]
            await connection.wait_closed()
            assert connection.close_code == 1008
    finally:
        await node.close()
