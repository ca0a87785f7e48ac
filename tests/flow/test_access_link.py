"""Access from desk to node over a real socket: who logs in sees and does what the policy says, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.api import AlarmState, Area, Camera, IntentState, Person, RefusedError, Sensor, Text
from console.client.desk import Desk
from console.node.access.accounts import wrong
from tests.flow.guarded import ADMIN, OFFICER, OWN, administrated, console, guarded, staffed
from tests.flow.nodes import SECRET, until

DONE = Text("")


def locked(desk: Desk) -> bool:
    return desk.access.locked


def is_local(desk: Desk) -> bool:
    return desk.access.local


async def raw(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    async with asyncio.timeout(30):
        while True:
            message: dict[str, Any] = msgpack.unpackb(await connection.recv())
            if message["m"] == kind:
                return message


async def say(connection: ClientConnection, **message: Any) -> None:
    await connection.send(msgpack.packb(message))


async def test_from_the_printed_code_to_an_officer_who_sees_and_does_one_district(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        async with console(node) as first:
            await until(lambda: first.desk.access.first)
            assert first.desk.access.person == ""
            assert not first.desk.entities(Area), "nothing is told before somebody has logged in"
            wrong = await first.desk.first_administrator("ABCD-ABCD", "test", "chief", Text("x"), ADMIN)
            assert "代码" in wrong.zh
            await administrated(node, first)
            assert first.desk.access.person == "chief"
            assert not first.desk.access.first
            assert first.desk.may("people.edit")
            assert first.desk.access.role_ids == ("security_admin",)
            weak = await first.desk.administer("account.add", id="north", account="other", password="short")
            assert weak.zh.startswith("新密码只有 5 个字符")
            assert "at least 12" in weak.of("en")
            assert not first.desk.may("acknowledge")
            roster = await first.desk.roster()
            assert {person.id: person.account for person in roster.people} == {
                "chief": "chief",
                "north": "north",
                "wall-1": "",
            }
            assert roster.signs
        async with console(node) as officer:
            desk = officer.desk
            assert await desk.login("north", OFFICER) == DONE
            assert desk.access.change_next
            with pytest.raises(RefusedError, match="log in first"):
                await desk.link.query("gas-n", 0, 1, 10)
            assert not desk.entities(Area), "a given password opens nothing but its change"
            assert await desk.change_password(OFFICER, OWN) == DONE
            await until(lambda: bool(desk.entities(Area)))
            now_ns = time.time_ns()
            node.feed(now_ns, gas_n=20.0, gas_s=30.0)
            await officer.watch("gas-n")
            await until(lambda: officer.alarm("gas-n") is AlarmState.UNACKNOWLEDGED)
            assert set(desk.entities(Sensor)) == {"gas-n", "calm-n"}
            assert set(desk.entities(Camera)) == {"cam-n"}
            assert set(desk.entities(Area)) == {"city", "north", "south"}
            assert desk.entities(Person)["chief"].name == Text("主管", "Chief")
            assert desk.may("acknowledge", "north")
            assert not desk.may("acknowledge", "south")
            inside = await desk.intent("alarm.acknowledge", "alarm:gas-n", raised_ns=now_ns)
            assert inside.state is IntentState.SAVED
            outside = await desk.intent("alarm.acknowledge", "alarm:gas-s", raised_ns=now_ns)
            assert outside.state is IntentState.REFUSED
            assert outside.reason == Text("没有角色授予此权限", "no role grants this")
            with pytest.raises(RefusedError, match="no role grants this"):
                await desk.link.query("gas-s", 0, now_ns, 10)
            with pytest.raises(RefusedError, match="no role grants this"):
                await desk.link.ticket("cam-s", "main")
            assert (await desk.link.query("gas-n", 0, now_ns, 10)).v[0] == 2.0
            assert await desk.link.ticket("cam-n", "main") == "rtsp://x/cam-n"
            for hidden in (b"gas-s", b"cam-s"):
                assert hidden not in officer.said, "not even the name of what may not be seen is sent"
            with pytest.raises(RefusedError) as refused:
                await desk.roster()
            assert "没有角色" in refused.value.zh
            assert "没有角色" in (await desk.administer("person.revoke", id="chief", reason="mine now")).zh
    entries = node.entries()
    (saved,) = [entry for entry in entries if entry.header.kind == "alarm.acknowledge"]
    assert saved.header.actor == "north"
    kinds = [entry.header.kind for entry in entries if entry.header.cls == "audit"]
    assert {"access.login", "access.refused", "access.account", "access.policy", "access.administration"} <= set(kinds)


async def test_what_an_act_says_of_its_actor_and_place_is_not_believed(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        node.feed(time.time_ns(), gas_n=20.0)
        async with connect(node.url) as officer:
            secret = {"kind": "password", "name": "north", "value": OWN}
            await say(officer, m="hello", version=1, credential=secret, place="desk 4")
            assert (await raw(officer, "welcome"))["lobby"]
            while not (await raw(officer, "access"))["access"].get("person"):
                pass
            await say(officer, m="intent", id="i1", name="alarm.acknowledge", entity="alarm:gas-n", actor="chief")
            assert (await raw(officer, "answer"))["state"] == "saved"
    (saved,) = [entry.header for entry in node.entries() if entry.header.kind == "alarm.acknowledge"]
    assert (saved.actor, saved.place) == ("north", "desk 4")


async def test_a_wall_may_look_and_nothing_else(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        node.feed(time.time_ns(), gas_n=20.0, gas_s=30.0)
        token = node.gate.certified("wall-1", "AB01", kind="wall").token
        async with connect(node.url) as wall:
            await say(wall, m="hello", version=1, role="wall", credential={"kind": "token", "value": token})
            assert not (await raw(wall, "welcome")).get("lobby")
            assert (await raw(wall, "access"))["access"]["may"] == {"view": [""]}
            await say(wall, m="subscribe", sub=1, selector={})
            assert (await raw(wall, "batch"))["n"] == 2
            for number, name in enumerate(("alarm.acknowledge", "incident.report", "shift.start", "no.such.act")):
                await say(wall, m="intent", id=f"w{number}", name=name, entity="alarm:gas-n")
                answer = await raw(wall, "answer")
                assert (answer["state"], answer["reason"][1]) == (
                    "refused",
                    "a view-only session (a wall) can never command",
                )
            await say(wall, m="break_glass", req=9, reason="a long enough reason")
            assert (await raw(wall, "access_answer"))["reason"][0]
            await say(wall, m="administer", req=10, act="person.revoke", arguments={"id": "north", "reason": "x"})
            assert (await raw(wall, "administered"))["reason"][0]
    assert not [entry for entry in node.entries() if entry.header.kind == "alarm.acknowledge"]


async def test_who_is_revoked_is_out_at_once_and_told_why(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer, console(node) as chief:
            assert await officer.desk.login("north", OWN) == DONE
            assert await chief.desk.login("chief", ADMIN) == DONE
            await until(lambda: bool(officer.desk.entities(Sensor)))
            assert await chief.desk.administer("person.revoke", id="north", reason="left the service") == DONE
            await until(lambda: officer.desk.access.person == "")
            assert officer.desk.access.reason.en == "this person's access has been revoked"
            assert not officer.desk.entities(Sensor), "what was shown is forgotten"
            await until(lambda: officer.desk.link.status.up)
            assert (await officer.desk.login("north", OWN)).zh == wrong("").zh
            (one,) = [p for p in (await chief.desk.roster()).people if p.id == "north"]
            assert one.revoked_reason == "left the service"


async def test_an_idle_screen_locks_and_alarms_go_on_while_samples_rest(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer:
            desk = officer.desk
            assert await desk.login("north", OWN) == DONE
            node.feed(time.time_ns(), gas_n=1.0, calm_n=1.0)
            await officer.watch("gas-n", "calm-n")
            (session,) = node.gate.sessions.all()
            node.go(590)
            desk.acted()
            await until(lambda: node.gate.sessions._live[session.number].acted_ns == node.gate.steady.now_ns())
            node.go(20)
            assert not node.house.guard.locked(session), "a touch put it off"
            node.go(601)
            await until(lambda: desk.access.locked)
            assert not desk.may("acknowledge", "north")
            node.feed(time.time_ns(), gas_n=20.0, calm_n=7.0)
            await until(lambda: officer.alarm("gas-n") is AlarmState.UNACKNOWLEDGED)
            assert officer.value("calm-n") == 1.0, "no sample since"
            with pytest.raises(RefusedError, match="locked"):
                await desk.link.query("gas-n", 0, 1, 10)
            assert (await desk.unlock(OFFICER)).zh == wrong("").zh
            assert locked(desk)
            assert await desk.unlock(OWN) == DONE
            assert not locked(desk)
            await until(lambda: officer.value("calm-n") == 7.0)
            node.feed(time.time_ns(), calm_n=8.0)
            await until(lambda: officer.value("calm-n") == 8.0)
            desk.lock()
            await until(lambda: desk.access.locked)


async def test_an_act_of_a_locked_screen_waits_for_the_person(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        node.feed(time.time_ns(), gas_n=20.0)
        async with console(node) as officer:
            desk = officer.desk
            assert await desk.login("north", OWN) == DONE
            await until(lambda: officer.alarm("gas-n") is AlarmState.UNACKNOWLEDGED)
            node.go(700)
            await until(lambda: desk.access.locked)
            doing = asyncio.ensure_future(desk.intent("alarm.acknowledge", "alarm:gas-n"))
            said = len(officer.said)
            await until(lambda: desk.waiting == 1 and b"\xa7pending" in officer.said[said:])
            assert await desk.unlock(OWN) == DONE
            desk.acts.up()
            await until(lambda: (act := desk.act("alarm:gas-n")) is not None and act.state is IntentState.SAVED)
            await doing


async def test_after_a_cut_the_session_goes_on_without_a_password(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer:
            desk = officer.desk
            assert await desk.login("north", OWN) == DONE
            await until(lambda: bool(desk.entities(Sensor)))
            before = node.gate.sessions.all()
            changes: list[str] = []
            desk.on_access = lambda: changes.append(desk.access.person)
            for connection in list(node.gateway._visits.values()):
                connection.transport.abort()
            await until(lambda: not desk.link.status.up)
            await until(lambda: desk.link.status.up)
            node.feed(time.time_ns(), gas_n=5.0)
            await officer.watch("gas-n")
            assert node.gate.sessions.all() == before
            assert desk.access.person == "north"
            assert "" not in changes, "nobody was asked to log in"
            desk.logout()
            await until(lambda: desk.access.person == "")
            await until(lambda: desk.link.status.up)
            assert node.gate.sessions.all() == []


async def test_a_token_that_opens_nothing_any_more_leads_to_the_log_in(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer:
            assert await officer.desk.login("north", OWN) == DONE
            officer.desk.link._token = "not a token of this node"
            for connection in list(node.gateway._visits.values()):
                connection.transport.abort()
            await until(lambda: officer.desk.access.person == "")
            await until(lambda: officer.desk.link.status.up)
            assert await officer.desk.login("north", OWN) == DONE


async def test_names_that_do_not_exist_are_told_the_same_as_wrong_passwords(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with connect(node.url) as stranger:
            await say(stranger, m="hello", version=1, credential={"kind": "none"})
            answers = []
            for req, name in enumerate(("north", "nobody-of-that-name")):
                await say(stranger, m="login", req=req, name=name, password="wrong password here")
                answer = await raw(stranger, "access_answer")
                answers.append({key: value for key, value in answer.items() if key != "req"})
            assert answers[0] == answers[1]
            await say(stranger, m="query", req=7, sensor="gas-n", start_ns=0, end_ns=1)
            assert (await raw(stranger, "refusal"))["code"] == "login"
            await say(stranger, m="roster", req=8)
            assert (await raw(stranger, "refusal"))["code"] == "login"


async def test_strangers_are_bounded_in_bytes_and_number(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with connect(node.url) as stranger:
            await say(stranger, m="hello", version=1, credential={"kind": "none"})
            await raw(stranger, "access")
            with pytest.raises(ConnectionClosed):
                for _ in range(70):
                    await say(stranger, m="ping", t_ns=1, padding="x" * 5000)
                await raw(stranger, "nothing")
        many = [await connect(node.url) for _ in range(9)]
        codes = []
        for connection in many:
            await say(connection, m="hello", version=1, credential={"kind": "none"})
            message = msgpack.unpackb(await connection.recv())
            codes.append(message.get("code", message["m"]))
        assert codes == ["welcome"] * 8 + ["too_big"]
        for connection in many:
            await connection.close()


async def test_the_secret_alone_opens_no_session_once_there_are_people(tmp_path: Path) -> None:
    async with guarded(tmp_path, local=True) as node:
        async with console(node) as mine, console(node) as other:
            await until(lambda: bool(mine.desk.entities(Sensor)) and bool(other.desk.entities(Sensor)))
            assert is_local(mine.desk)
            assert mine.desk.access.person == "local"
            assert len(mine.desk.entities(Sensor)) == 3
            await administrated(node, mine)
            assert mine.desk.access.person == "chief"
            assert not is_local(mine.desk)
            await until(lambda: not mine.desk.entities(Sensor))
            await until(lambda: other.desk.access.person == "")
            assert not other.desk.entities(Sensor)
        async with connect(node.url) as bare:
            await say(bare, m="hello", version=1, credential={"kind": "secret", "value": SECRET})
            assert (await raw(bare, "welcome"))["lobby"]


async def test_more_rights_show_more_and_fewer_show_less_while_the_link_stays(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer, console(node) as chief:
            desk = officer.desk
            assert await desk.login("north", OWN) == DONE
            assert await chief.desk.login("chief", ADMIN) == DONE
            node.feed(time.time_ns(), gas_n=1.0, gas_s=2.0)
            await officer.watch("gas-n")
            since = desk.link.status.since_ns
            put: dict[str, Any] = {"id": "north", "name_zh": "值班员"}
            assert await chief.desk.administer("person.put", **put, roles=[["duty_officer", ""]]) == DONE
            await until(lambda: officer.value("gas-s") == 2.0)
            node.feed(time.time_ns(), gas_n=3.0, gas_s=4.0)
            await until(lambda: (officer.value("gas-n"), officer.value("gas-s")) == (3.0, 4.0))
            assert await chief.desk.administer("person.put", **put, roles=[["duty_officer", "south"]]) == DONE
            await until(lambda: set(desk.entities(Sensor)) == {"gas-s"})
            node.feed(time.time_ns(), gas_n=5.0, gas_s=6.0)
            await until(lambda: officer.value("gas-s") == 6.0)
            assert officer.value("gas-n") != 5.0
            assert desk.link.status.since_ns == since


async def test_equal_rights_share_one_encoding(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as one, console(node) as two:
            for at in (one, two):
                assert await at.desk.login("north", OWN) == DONE
            node.feed(time.time_ns(), gas_n=1.0)
            await one.watch("gas-n")
            await two.watch("gas-n")
            (feed,) = node.hub.feeds
            assert len(feed.readers) == 2


async def test_a_broken_glass_is_asked_for_with_a_reason_and_ends(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        await staffed(node)
        async with console(node) as officer:
            desk = officer.desk
            assert await desk.login("north", OWN) == DONE
            assert "理由" in (await desk.break_glass("")).zh
            assert not desk.may("warning.issue", "north")
            assert await desk.break_glass("the commander cannot be reached") == DONE
            await until(lambda: desk.may("warning.issue", "north"))
            assert desk.access.glass_until_ns > 0
            assert not desk.may("warning.issue", "south")
            desk.mend_glass()
            await until(lambda: not desk.may("warning.issue", "north"))


async def test_passwords_codes_and_tokens_are_in_no_log_and_in_no_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="console")
    async with guarded(tmp_path) as node:
        code = node.code
        await staffed(node)
        async with console(node) as officer:
            await officer.desk.login("north", "a wrong password that is long")
            assert await officer.desk.login("north", OWN) == DONE
            token = officer.desk.link._token
            assert token
    kept = b"".join(path.read_bytes() for path in (tmp_path / "journal").iterdir() if path.is_file())
    files = b"".join(path.read_bytes() for path in (tmp_path / "access").iterdir() if path.is_file())
    for secret in (code, ADMIN, OFFICER, OWN, token, "a wrong password that is long"):
        assert secret not in caplog.text
        assert secret.encode() not in kept
        assert secret.encode() not in files
