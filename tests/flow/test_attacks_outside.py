"""What strangers, and persons who are on their way out, try to get or to break by raw messages."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from console.api import Sensor
from console.node import gateway
from console.node.access.accounts import Login
from console.node.attaching import Attaching
from console.node.files import Files
from tests.flow.guarded import ADMIN
from tests.flow.nodes import SECRET, until
from tests.flow.raw import Raw, attacked, inside

UP: tuple[dict[str, Any], ...] = (
    {"m": "subscribe", "sub": 1, "selector": {}},
    {"m": "unsubscribe", "sub": 1},
    {"m": "query", "req": 1, "sensor": "gas-n", "start_ns": 0, "end_ns": 9},
    {"m": "backfill", "req": 1, "sub": 1, "start_ns": 0, "end_ns": 9},
    {"m": "replay", "req": 1, "op": "open", "context": "replay:x"},
    {"m": "file", "req": 1, "sha256": "0" * 64},
    {"m": "file_put", "req": 1, "sha256": "0" * 64, "size": 20 << 30, "offset": 0, "data": b"x"},
    {"m": "ticket", "req": 1, "camera": "cam-n", "stream": "main"},
    {"m": "intent", "id": "i", "name": "alarm.acknowledge", "entity": "alarm:gas-n"},
    {"m": "unlock", "req": 1, "password": ADMIN},
    {"m": "change_password", "req": 1, "old": ADMIN, "new": "thirteen calm rivers"},
    {"m": "break_glass", "req": 1, "reason": "a long enough reason"},
    {"m": "mend_glass"},
    {"m": "lock"},
    {"m": "acted"},
    {"m": "roster", "req": 1},
    {"m": "administer", "req": 1, "act": "person.revoke", "arguments": {"id": "north", "reason": "x"}},
    {
        "m": "first_administrator",
        "req": 1,
        "code": "ABCD-EFGH",
        "site": "s",
        "name": "n",
        "person_name": ["n", ""],
        "password": ADMIN,
    },
    {"m": "no such message", "req": 1},
)
TOLD = {"refusal", "access_answer", "pong", "access", "welcome"}


async def test_a_stranger_gets_nothing_by_any_message(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        node.feed(time.time_ns(), gas_n=20.0)
        for kind, value in (("none", ""), ("secret", SECRET), ("password", "wrong")):
            async with connect(node.url) as connection:
                stranger = Raw(connection)
                credential = {"kind": kind, "value": value, "name": "chief"}
                resume = {"entities:sensor": 0, "live|latest|x|y": 0}
                can = ["resume", "backfill", "late", "replay", "files.up", "reveal"]
                await stranger.say(m="hello", version=1, credential=credential, resume=resume, capabilities=can)
                for message in UP:
                    await stranger.say(**message)
                node.feed(time.time_ns(), gas_n=21.0)
                await stranger.settled()
                assert {message["m"] for message in stranger.all} <= TOLD
                for hidden in (b"gas-n", b"north", b"cam-n"):
                    assert hidden not in stranger.said
                assert not any(m["m"] == "access" and m["access"].get("person") for m in stranger.all)
        assert {person.id for person in node.gate.rights.people} >= {"north", "chief"}
        assert node.gate.rights.knows("north").may


async def test_a_message_before_hello_and_a_second_hello_end_the_connection(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        for message in UP:
            async with connect(node.url) as connection:
                stranger = Raw(connection)
                await stranger.say(**message)
                with pytest.raises(ConnectionClosed):
                    await stranger.hear("nothing")
                assert {message["m"] for message in stranger.all} == {"refusal"}
        city = node.gate.certified("city", "C1").token
        async with inside(node, "north") as north:
            await north.say(m="hello", version=1, credential={"kind": "token", "value": city})
            with pytest.raises(ConnectionClosed):
                await north.hear("nothing")
            assert b"gas-s" not in north.said


async def test_a_token_is_good_no_more_once_its_session_is_over(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        out, changed, revoked = (node.gate.certified(who, "A1") for who in ("north", "twin", "south"))
        assert out.session is not None
        node.gate.logout(out.session)
        node.gate.sessions.end_person("twin", "replaced")
        async with inside(node, "chief") as chief:
            arguments = {"id": "south", "reason": "left"}
            answer = await chief.ask(m="administer", act="person.revoke", arguments=arguments)
            assert not answer["reason"][0]
        for token in (out.token, changed.token, revoked.token, "", "x" * 43, out.token[:-1]):
            async with connect(node.url) as connection:
                thief = Raw(connection)
                await thief.say(m="hello", version=1, credential={"kind": "token", "value": token})
                assert (await thief.next())["code"] == "login"


async def test_who_is_revoked_while_the_node_checks_a_password_is_out_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        await north.say(m="subscribe", sub=1, selector={})
        await north.hear("subscribed")
        checking = threading.Event()
        monkeypatch.setattr(node.gate.accounts, "unlock", lambda *_: checking.wait(60) and Login())
        await north.say(m="unlock", req=1, password="x")
        await until(lambda: any(visit.talking for visit in node.gateway._visits))
        node.gate.sessions.end_person("north", "revoked")
        before = len(north.all)
        try:
            node.feed(time.time_ns(), gas_n=77.0)
            with pytest.raises(ConnectionClosed):
                await north.hear("nothing")
        finally:
            checking.set()
        assert [message["m"] for message in north.all[before:]] == ["access", "refusal"]


async def test_while_the_first_administrator_is_made_nobody_is_answered(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north:
        (visit,) = node.gateway._visits
        visit.founding = True
        node.gate.sessions.end_person("north", "revoked")
        for message in ({"m": "query", "sensor": "gas-n", "start_ns": 0, "end_ns": 9}, {"m": "roster"}, UP[7]):
            answer = await north.ask(**{key: value for key, value in message.items() if key != "req"})
            assert answer["m"] == "refusal", answer


async def test_persons_who_are_logged_in_are_not_counted_as_strangers(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        await node.gate.apart(lambda: node.gate.accounts.add("city", "city", ADMIN, change_next=False))
        open_: list[Any] = []
        for _ in range(12):
            connection = await connect(node.url)
            open_.append(connection)
            one = Raw(connection)
            await one.say(m="hello", version=1, credential={"kind": "password", "name": "city", "value": ADMIN})
            first = await one.next()
            assert first["m"] == "welcome", first
            await one.hear("access_answer")
        for connection in open_:
            await connection.close()


async def test_a_flood_of_guesses_is_counted_in_the_audit_not_written_each(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        written: list[Any] = []
        node.gate.recorder._sink = written.append
        for _ in range(60):
            node.gate.resume("a guess", origin="10.0.0.9")
            node.gate.certified("stranger", "FF", origin="10.0.0.9")
            await node.gate.login("city", "a wrong password", origin="10.0.0.9")
        async with connect(node.url) as connection:
            stranger = Raw(connection)
            await stranger.say(m="hello", version=1, credential={"kind": "none"})
            await stranger.hear("access")
            first = UP[-2]
            for _ in range(60):
                await stranger.ask(**{key: value for key, value in first.items() if key != "req"})
        async with inside(node, "wall-1") as wall:
            for _ in range(60):
                await wall.ask(m="break_glass", reason="a long enough reason")
                await wall.say(m="mend_glass")
        assert len(written) < 40, len(written)
        seen = len(written)
        node.clocks.go(61)
        node.gate.recorder.flush()
        assert sum(entry.count for entry in written[seen:]) > 250, "what came again is counted"


async def test_a_stranger_who_fails_does_not_keep_the_node_s_own_console_out(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        await node.gate.apart(lambda: node.gate.accounts.add("city", "city", ADMIN, change_next=False))
        async with connect(node.url) as connection:
            stranger = Raw(connection)
            await stranger.say(m="hello", version=1, credential={"kind": "none"})
            for _ in range(6):
                await stranger.ask(m="login", name="city", password="a wrong password")
            assert (await stranger.ask(m="login", name="city", password=ADMIN))["retry_s"] > 0
        async with connect(node.url) as connection:
            own = Raw(connection)
            await own.say(m="hello", version=1, credential={"kind": "secret", "value": SECRET})
            answer = await own.ask(m="login", name="city", password=ADMIN)
            assert not answer["reason"][0], answer


async def test_asking_for_a_big_file_a_thousand_times_reads_it_once_at_a_time(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        files = Slow(tmp_path / "files")
        node.gateway._questions._attaching = Attaching(files)
        async with inside(node, "wall-1") as wall:
            for number in range(50):
                await wall.say(m="file", req=number, sha256="0" * 64)
            await until(lambda: files.reading > 0)
            await wall.settled()
            assert files.most <= 2
            files.let.set()
            async with asyncio.timeout(30):
                for _ in range(50):
                    await wall.hear("refusal", "file_part")


class Slow(Files):
    """Files of a slow disk; `most`: so many were read at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.let, self.reading, self.most = threading.Event(), 0, 0

    def read(self, sha256: str) -> bytes | None:
        self.reading += 1
        self.most = max(self.most, self.reading)
        self.let.wait(60)
        self.reading -= 1
        return None


async def test_revocation_closes_a_live_connection(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with attacked(tmp_path) as node, inside(node, "north") as north, inside(node, "chief") as chief:
        began_s = time.monotonic()
        await chief.say(m="administer", req=1, act="person.revoke", arguments={"id": "north", "reason": "left"})
        with pytest.raises(ConnectionClosed):
            await north.hear("nothing")
        record_property("revoked_s", time.monotonic() - began_s)
        assert north.all[-1]["code"] == "session"


async def test_twenty_sessions_of_two_districts_cost_two_encodings(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        many = [Sensor(id=f"s{number}", area=("north", "south")[number % 2]) for number in range(2000)]
        node.hub.put("s", many)
        node.hub.flush()
        async with asyncio.timeout(30), AsyncExitStack() as stack:
            people = [("north", "south", "twin", "other")[number % 4] for number in range(20)]
            ones = [await stack.enter_async_context(inside(node, person)) for person in people]
            for one in ones:
                await one.say(m="subscribe", sub=1, selector={})
            for one in ones:
                await one.hear("subscribed")
            before = sum(feed.encodes for feed in node.hub.feeds)
            values = {f"s{number}": float(number) for number in range(2000)}
            node.feed(time.time_ns(), **values)
            for one in ones:
                count = 0
                while count < 1000:
                    batch = await one.hear("batch")
                    count += 0 if batch.get("snapshot") else batch["n"]
            assert len(node.hub.feeds) == 2
            assert sum(feed.encodes for feed in node.hub.feeds) - before == 2


async def test_who_says_nothing_at_one_address_does_not_keep_another_out(tmp_path: Path) -> None:
    async with attacked(tmp_path) as node:
        silent = [await connect(node.url) for _ in range(gateway.WAITING_OF_ONE)]
        await until(lambda: len(node.gateway._visits) == gateway.WAITING_OF_ONE)
        with pytest.raises((ConnectionClosed, OSError, InvalidMessage)):
            await (await connect(node.url)).recv()
        elsewhere = connect(node.url, local_addr=("127.0.0.2", 0))
        async with elsewhere as connection:
            other = Raw(connection)
            await other.say(m="hello", version=1, credential={"kind": "none"})
            assert (await other.next())["m"] == "welcome"
        for connection in silent:
            await connection.close()
