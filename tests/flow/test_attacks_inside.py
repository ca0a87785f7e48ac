"""What a person with some rights tries to get beyond them, by messages that no console of ours would send."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from console.api import Alarm, Area, Incident, Notice, Seat, Sensor, Severity, Text, Wall
from tests.flow.guarded import GuardedNode
from tests.flow.raw import Raw, attacked, flushed, inside

LAYOUT = 'version = 2\nid = "storm"\nrole = "wall"\n'


def sensors(messages: list[dict[str, Any]]) -> set[str]:
    """Ids of sensors that were put, in order less those dropped."""
    shown: set[str] = set()
    for message in messages:
        if message["m"] == "entities" and message["cls"] == "sensor":
            shown = set() if message.get("full") and not message.get("more") else shown
            shown |= {one["id"] for one in message.get("put", ())}
            shown -= set(message.get("drop", ()))
    return shown


async def test_a_report_in_ones_own_district_takes_no_alarm_of_another(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        node.feed(time.time_ns(), gas_s=30.0)
        answer = await north.act("incident.report", "mine", title="x", area="north", alarm="alarm:gas-s")
        assert answer["state"] == "refused", answer
        await north.settled()
        assert b"gas-s" not in north.said
        assert not node.hub.entities.get(Incident.CLS)


async def test_a_seat_of_the_whole_site_is_no_districts_by_saying_so(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        async with inside(node, "city") as city:
            assert (await city.act("shift.start", "duty-1", name_zh="白班"))["state"] == "saved"
        answer = await north.act("shift.start", "duty-1", area="north", reason="I take it now")
        assert answer["state"] == "refused"
        seat = node.hub.entities[Seat.CLS]["duty-1"]
        assert isinstance(seat, Seat)
        assert (seat.officer, seat.area) == ("city", "")


async def test_a_wall_of_the_whole_site_is_no_districts_by_saying_so(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        async with inside(node, "city") as city:
            answer = await city.act("wall.take", "big", layout=LAYOUT, title_zh="全市")
            assert answer["state"] == "saved", answer
        answer = await north.act("wall.take", "big", layout=LAYOUT, title_zh="北区", area="north")
        assert answer["state"] == "refused"
        wall = node.hub.entities[Wall.CLS]["big"]
        assert isinstance(wall, Wall)
        assert (wall.area, wall.controller) == ("", "city")


async def test_the_id_of_anothers_act_tells_nothing_of_it(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        async with inside(node, "city") as city:
            saved = await city.act("incident.report", "secret", id="act-1", title="anonymous tip", area="south")
            assert saved["state"] == "saved"
            assert (await city.act("incident.report", "secret", id="act-1"))["entry"] == saved["entry"]
        for who, name, entity in (
            ("nobody", "incident.report", "secret"),
            ("north", "incident.report", "other"),
            ("north", "no.such.act", "secret"),
        ):
            async with inside(node, who) as thief:
                answer = await thief.act(name, entity, id="act-1", area="north")
                assert answer["state"] == "refused", (who, name)
                assert not answer.get("entry")
                node.gateway._questions.answers._acts.clear()  # and of an earlier run of the node
                answer = await thief.act(name, entity, id="act-1", area="north")
                assert answer["state"] == "refused", (who, name)
                assert not answer.get("entry")


async def test_who_may_look_at_a_district_no_longer_does_when_an_area_moves_out_of_it(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        node.hub.put("s", [Area(id="quay", parent="north"), Sensor(id="q", kind="gas", area="quay")])
        node.hub.flush()
        node.gateway.tick()
        async with inside(node, "north") as north:
            await north.say(m="subscribe", sub=1, selector={})
            await north.hear("subscribed")
            assert "q" in sensors(north.all)
            node.hub.put("s", [Area(id="quay", parent="south")])
            node.hub.flush()
            node.gateway.tick()
            await flushed(node)
            await north.settled()
            assert "q" not in sensors(north.all)
            before = len(north.all)
            node.feed(time.time_ns(), q=4.0)
            await north.settled()
            assert not [m for m in north.all[before:] if m["m"] == "batch"]
            answer = await north.ask(m="query", sensor="q", start_ns=0, end_ns=1)
            assert answer["m"] == "refusal"
            node.hub.put("s", [Area(id="quay", parent="north")])
            node.hub.flush()
            node.gateway.tick()
            await flushed(node)
            await north.settled()
            assert "q" in sensors(north.all)
            node.feed(time.time_ns(), q=5.0)
            await north.hear("batch")


async def test_what_one_district_owes_is_no_notice_in_another(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north, inside(node, "city") as city:
        told = await city.act("incident.report", "secret", title="hostage", area="south")
        assert told["state"] == "saved"
        key = "report:secret:initial:1"
        about = ("incident:secret",)
        owed = Notice(key=key, severity=Severity.WARNING, summary=Text("hostage"), about=about)
        node.hub.notice(owed)
        node.hub.notice(Notice(key="disk", severity=Severity.WARNING, summary=Text("disk full")))
        await city.settled()
        await north.settled()
        assert b"hostage" in city.said
        assert b"hostage" not in north.said
        assert b"secret" not in north.said
        assert b"disk full" in north.said
        async with inside(node, "north") as later:
            assert b"hostage" not in later.said
            assert b"disk full" in later.said
        node.hub.clear_notice(key)
        await city.settled()
        await north.settled()
        assert b"secret" not in north.said


async def test_who_sees_an_incident_is_told_what_they_have_seen_of_it(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        assert (await north.act("incident.report", "i1", title="x", area="north"))["state"] == "saved"
        await flushed(node)
        await north.settled()
        heads = [m["heads"] for m in north.all if m["m"] == "entities" and m["cls"] == "incident" and m.get("heads")]
        assert heads, "without them every later act would be a conflict"
        assert set(heads[-1]) == {"i1"}


async def test_a_person_at_a_console_that_calls_itself_a_wall_is_not_in_for_ever(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        session = node.gate.certified("north", "A1", kind="wall").session
        assert session is not None
        assert session.wall
        assert not session.lasting
        wall = node.gate.certified("wall-1", "A2", kind="wall").session
        assert wall is not None
        assert wall.lasting


async def test_nothing_is_told_of_what_is_outside_by_any_question(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        node.feed(time.time_ns(), gas_n=20.0, gas_s=30.0)
        async with inside(node, "city") as city:
            assert (await city.act("incident.report", "i-s", title="hidden", area="south"))["state"] == "saved"
        for who in ("north", "system", "nobody", "chief"):
            async with inside(node, who) as one:
                await pry(node, one)
                for hidden in (b"gas-s", b"cam-s", b"hidden"):
                    assert hidden not in one.said, (who, hidden)
                if who != "north":
                    assert b"gas-n" not in one.said, who


async def pry(node: GuardedNode, one: Raw) -> None:
    selectors = [{}, {"ids": ["gas-s"]}, {"boards": ["lifeline"]}, {"area": "city"}, {"area": "south"}]
    selectors += [{"kinds": ["gas"]}, {"channels": ["scalar"]}]
    for number, selector in enumerate(selectors):
        for strategy in ("latest", "every"):
            sub = number * 2 + (strategy == "every")
            await one.say(m="subscribe", sub=sub, selector=selector, strategy=strategy)
    node.feed(time.time_ns(), gas_s=31.0)
    for cls, id_ in (("sensor", "gas-s"), ("sensor", "none")):
        answer = await one.ask(m="query", sensor=id_, start_ns=0, end_ns=9)
        assert (answer["m"], answer["what"]) == ("refusal", "no role grants this"), cls
    for camera in ("cam-s", "none"):
        answer = await one.ask(m="ticket", camera=camera, stream="main")
        assert (answer["m"], answer["what"]) == ("refusal", "no role grants this")
    refused = [
        await one.act("alarm.acknowledge", "alarm:gas-s"),
        await one.act("incident.tell", "i-s", text="x"),
        await one.act("incident.tell", "i-s", area="north", text="x"),
        await one.act("incident.report", "i-s", title="mine", area="north"),
        await one.act("incident.tell", "none", text="x"),
    ]
    assert {answer["state"] for answer in refused} == {"refused"}
    assert {answer["reason"][1] for answer in refused} == {"no role grants this"}
    await one.settled()


@pytest.mark.parametrize("who", ["north"])
async def test_alarms_of_another_district_are_not_told_on_a_locked_screen(tmp_path: Path, who: str) -> None:
    async with attacked(tmp_path) as node, inside(node, who) as one:
        await one.say(m="lock")
        await one.hear("access")
        node.feed(time.time_ns(), gas_n=20.0, gas_s=30.0)
        await one.settled()
        assert b"alarm:gas-n" in one.said
        assert b"gas-s" not in one.said
        assert Alarm.CLS in node.hub.entities
