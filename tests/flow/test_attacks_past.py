"""What a person with some rights tries to get of the past: replays, back-fills, sequences and feeds of others."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from console.api import Area, ChannelKind, Columns, Sensor
from tests.flow.guarded import AREAS, SENSORS, GuardedNode
from tests.flow.nodes import until
from tests.flow.raw import attacked, inside
from tests.flow.test_contexts import REPLAY, THEN_NS, Past, Store


def remembering(node: GuardedNode) -> tuple[Past, Store]:
    """The node has a store, and a replay in which south was not yet apart from the city."""
    past, store = Past(), Store()
    past.it.put("past", [*AREAS, *SENSORS])
    gateway = node.gateway
    questions = gateway._questions
    questions._contexts, questions.answers._backfill = past, store.read
    gateway._lacks -= {"replay", "backfill", "late"}
    return past, store


async def test_a_replay_that_somebody_else_has_open_shows_and_tells_no_more_than_ones_own_rights(
    tmp_path: Path,
) -> None:
    async with attacked(tmp_path) as node:
        past, _ = remembering(node)
        async with inside(node, "city") as city, inside(node, "north") as north:
            assert (await city.ask(m="replay", op="open", context=REPLAY))["m"] == "replay_state"
            await city.say(m="subscribe", sub=1, selector={}, context=REPLAY)
            await city.hear("subscribed")
            question: dict[str, Any] = {"m": "query", "context": REPLAY, "start_ns": 0, "end_ns": THEN_NS}
            assert (await north.ask(**question, sensor="gas-s"))["m"] == "refusal"
            await north.say(m="subscribe", sub=1, selector={}, context=REPLAY)
            assert (await north.hear("refusal"))["what"] == "context"
            assert (await north.ask(m="replay", op="open", context=REPLAY))["m"] == "replay_state"
            await north.say(m="subscribe", sub=2, selector={}, context=REPLAY)
            await north.hear("subscribed")
            assert (await north.ask(**question, sensor="gas-s"))["what"] == "no role grants this"
            assert (await north.ask(**question, sensor="then"))["what"] == "no role grants this"
            assert (await north.ask(**question, sensor="gas-n"))["m"] == "history"
            handles = {sensor.id: past.it.handles[sensor.id] for sensor in SENSORS}
            from_all = columns(handles, gas_s=31.0, gas_n=4.0)
            past.it.samples(ChannelKind.SCALAR, from_all)
            past.it.flush()
            assert (await north.hear("batch"))["n"] == 1
            assert (await city.hear("batch"))["n"] == 2
            assert b"gas-s" not in north.said
            assert b"gas-s" in city.said
        for who in ("nobody", "system", "chief", "wall-1"):
            async with inside(node, who) as one:
                answer = await one.ask(m="replay", op="open", context=REPLAY)
                assert (answer["m"], answer["code"]) == ("refusal", "rule"), who


def columns(handles: dict[str, int], **values: float) -> Columns:
    ids = np.array([handles[name.replace("_", "-")] for name in values], np.uint32)
    n = len(values)
    return Columns(t_ns=np.full(n, THEN_NS), v=np.array(list(values.values())), q=np.zeros(n, np.uint8), ids=ids)


async def test_a_back_fill_ends_when_the_screen_is_locked_or_rights_are_taken(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        _, store = remembering(node)
        async with inside(node, "north") as north:
            await north.say(m="subscribe", sub=1, selector={}, strategy="every")
            await north.hear("subscribed")
            store.let.clear()
            await north.say(m="backfill", req=7, sub=1, start_ns=THEN_NS, end_ns=THEN_NS + 3600 * 10**9)
            await until(lambda: bool(store.reads))
            await north.say(m="lock")
            await north.hear("access")
            store.let.set()
            while (answer := await north.hear("past", "refusal")).get("more"):
                raise AssertionError("samples came to a locked screen")
            assert (answer["m"], answer["req"]) == ("refusal", 7)


async def test_sequences_and_keys_of_other_rights_bring_nothing(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        async with inside(node, "city") as city:
            await city.say(m="subscribe", sub=1, selector={}, strategy="every")
            key = (await city.hear("subscribed"))["key"]
            run = city.all[0]["run"]
            for value in range(5):
                node.feed(time.time_ns(), gas_s=float(value), gas_n=1.0)
            await city.settled()
        resume = {key: 0, "entities:sensor": 0, "entities:camera": 0}
        for claimed in (run, node.hub.run, ""):
            async with inside(node, "north", resume=resume, run=claimed) as north:
                await north.say(m="subscribe", sub=1, selector={}, strategy="every", key=key)
                subscribed = await north.hear("subscribed")
                assert not subscribed.get("resumed")
                assert subscribed["key"] != key
                await north.settled()
                assert b"gas-s" not in north.said
                assert b"cam-s" not in north.said
                rows = [message for message in north.all if message["m"] == "batch"]
                assert sum(message["n"] for message in rows) == 1


async def test_a_broken_glass_opens_ones_own_areas_only_and_past_its_validity_a_policy_shows_the_own_area_alone(
    tmp_path: Path,
) -> None:
    async with attacked(tmp_path) as node:
        node.feed(time.time_ns(), gas_n=20.0, gas_s=30.0)
        async with inside(node, "north") as north:
            answer = await north.ask(m="break_glass", reason="the commander cannot be reached")
            assert not answer["reason"][0]
            await north.settled()
            assert b"gas-s" not in north.said
            assert (await north.act("alarm.acknowledge", "alarm:gas-s"))["state"] == "refused"
            assert (await north.ask(m="ticket", camera="cam-s", stream="main"))["m"] == "refusal"
            assert (await north.ask(m="roster"))["m"] == "refusal"
        async with inside(node, "system") as system:
            assert (await system.ask(m="break_glass", reason="let me have a look"))["reason"][0]
        node.gate._settings = type(node.gate._settings)(own_area="north")
        node.gate._recompile()
        async with inside(node, "wall-1") as wall:
            await wall.say(m="subscribe", sub=1, selector={})
            assert (await wall.hear("batch"))["n"] == 2
            node.clocks.go(73 * 3600.0)
            node.gateway.tick()
            await wall.settled()
            told = len(wall.all)
            node.feed(time.time_ns(), gas_s=32.0)
            node.feed(time.time_ns(), gas_n=21.0)
            await wall.settled()
            assert [m["n"] for m in wall.all[told:] if m["m"] == "batch"] == [1]


async def test_more_acts_at_once_than_a_person_does_are_refused_and_the_node_goes_on(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north, inside(node, "twin") as twin:
        let, begun = asyncio.Event(), 0
        act = node.intents.act

        async def slow(intent: Any) -> Any:
            nonlocal begun
            begun += 1
            await let.wait()
            return await act(intent)

        assert (await north.act("incident.report", "i", title="x", area="north"))["state"] == "saved"
        node.gateway._questions.answers._act = slow
        for number in range(600):
            arguments = {"text": "x" * 1000}
            await north.say(m="intent", id=f"n{number}", name="incident.tell", entity="i", arguments=arguments)
            await north.say(m="intent", id=f"u{number}", name="no.such.act", entity="i", arguments=arguments)
        answer = await north.hear("answer")
        assert answer["state"] == "pending"
        assert begun <= 1000
        let.set()
        for _ in range(1199):
            await north.hear("answer")
        assert (await twin.act("incident.report", "i1", title="x", area="north"))["state"] == "saved"


async def test_a_hundred_thousand_bytes_of_garbage_end_one_connection_and_no_other(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north, inside(node, "twin") as twin:
        await north.connection.send(b"\xc1" * 100_000)
        with pytest.raises(ConnectionClosed):
            await north.hear("nothing")
        await twin.settled()
        assert {area.id for area in AREAS} <= set(node.hub.entities[Area.CLS])
        assert Sensor.CLS in node.hub.entities
