"""A person's act all the way: keystroke, disk, real node, journal, answer; over cuts, kills and restarts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgpack
from websockets.asyncio.client import connect

from console.api import Alarm, AlarmState, IntentState
from console.node.journal.store import Store
from console.node.journal.verify import verify
from tests.flow.nodes import until
from tests.flow.seats import ALARM, ROOT, SECRET, child_node, kinds, seat, sources


async def test_saved_outlives_a_killed_node_and_the_journal_verifies(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as first, seat(tmp_path / "console", first.url) as desk:
        await desk.sees(AlarmState.UNACKNOWLEDGED)
        raised_ns = desk.alarm.raised_ns
        assert await desk.acknowledge() is IntentState.SAVED
        await desk.sees(AlarmState.ACKNOWLEDGED)
        acknowledged = desk.alarm
        await first.kill()
        async with child_node(tmp_path, config) as second:
            desk.go_to(second.url)
            await until(lambda: desk.desk.link.status.up and desk.desk.link.status.node_name != "")
            await desk.sees(AlarmState.ACKNOWLEDGED)
            assert (desk.alarm.acknowledged_by, desk.alarm.acknowledged_ns) == ("李卫国", acknowledged.acknowledged_ns)
            assert desk.alarm.raised_ns == raised_ns
    assert kinds(tmp_path) == ["alarm.raised", "alarm.acknowledge"]
    report = verify(tmp_path / "journal" / "journal.db")
    assert report.bad == ""


async def test_an_act_waits_while_the_link_is_cut_and_over_a_restart_of_the_console(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as child:
        async with seat(tmp_path / "console", child.url) as desk:
            await desk.sees(AlarmState.UNACKNOWLEDGED)
            desk.go_to("ws://127.0.0.1:1")
            connection = desk.desk.link._connection
            assert connection is not None
            connection.transport.abort()
            await until(lambda: not desk.desk.link.status.up)
            assert await desk.acknowledge() is IntentState.PENDING
            standing = desk.desk.act(ALARM)
            assert standing is not None
            assert standing.state is IntentState.PENDING
            assert desk.desk.waiting == 1
        async with seat(tmp_path / "console", child.url, "王芳") as other:
            await other.sees(AlarmState.UNACKNOWLEDGED)
            await until(lambda: "acts.others" in other.notices)
            assert other.desk.waiting == 1
        async with seat(tmp_path / "console", child.url) as again:
            await again.sees(AlarmState.ACKNOWLEDGED)
            await until(lambda: again.desk.waiting == 0)
            assert again.alarm.acknowledged_by == "李卫国"
            witness = (tmp_path / "console" / "witnesses.txt").read_text("utf-8").split()
            assert int(witness[2]) > 0
    assert kinds(tmp_path) == ["alarm.raised", "alarm.acknowledge"]


async def test_one_id_a_thousand_times_and_after_a_restart_is_one_entry_and_one_answer(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    act = {"m": "intent", "id": "a" * 32, "name": "alarm.acknowledge", "entity": ALARM, "actor": "李"}
    answers = []
    for _run in range(2):
        async with child_node(tmp_path, config) as child, seat(tmp_path / "console", child.url) as desk:
            await until(lambda: bool(desk.desk.drain()) and ALARM in desk.desk.entities(Alarm), 30)
            answers += await _answers(child.url, act, 500)
            await child.kill()
    assert len(answers) == 1000
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "saved"
    assert kinds(tmp_path) == ["alarm.raised", "alarm.acknowledge"]


async def _answers(url: str, act: dict[str, str], times: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    async with connect(url, compression=None) as connection:
        hello = {"m": "hello", "version": 1, "credential": {"kind": "secret", "value": SECRET}}
        await connection.send(msgpack.packb(hello))
        for _ in range(times):
            await connection.send(msgpack.packb(act))
        async with asyncio.timeout(30):
            while len(found) < times:
                message = msgpack.unpackb(await connection.recv(), strict_map_key=False)
                if message["m"] == "answer":
                    found.append(message)
    return found


async def test_of_two_who_acknowledge_at_once_the_first_stands_and_the_other_hears_who(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with (
        child_node(tmp_path, config) as child,
        seat(tmp_path / "one", child.url, "李卫国") as one,
        seat(tmp_path / "two", child.url, "王芳") as two,
    ):
        for desk in (one, two):
            await desk.sees(AlarmState.UNACKNOWLEDGED)
        states = await asyncio.gather(one.acknowledge(), two.acknowledge())
        assert sorted(states) == [IntentState.REFUSED, IntentState.SAVED]
        first, second = (one, two) if states[0] is IntentState.SAVED else (two, one)
        await second.sees(AlarmState.ACKNOWLEDGED)
        assert second.alarm.acknowledged_by == first.desk.actor
        standing = second.desk.act(ALARM)
        assert standing is not None
        assert first.desk.actor in standing.reason.zh
    assert kinds(tmp_path) == ["alarm.raised", "alarm.acknowledge", "intent.refused"]


async def test_a_damaged_journal_refuses_acts_and_live_data_goes_on(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "journal.db").write_bytes(b"no journal" * 1000)
    async with child_node(tmp_path, config) as child, seat(tmp_path / "console", child.url) as desk:
        await desk.sees(AlarmState.UNACKNOWLEDGED)
        assert await desk.acknowledge() is IntentState.REFUSED
        standing = desk.desk.act(ALARM)
        assert standing is not None
        assert "未保存" in standing.reason.zh
        await until(lambda: any(notice.key == "journal.closed" for notice in desk.desk.notices()))
        assert desk.alarm.state is AlarmState.UNACKNOWLEDGED


async def test_tampering_is_found_by_the_command(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as child, seat(tmp_path / "console", child.url) as desk:
        await desk.sees(AlarmState.UNACKNOWLEDGED)
        assert await desk.acknowledge() is IntentState.SAVED
        code, said = await audit("export", tmp_path / "out.zip", "--state", tmp_path)
        assert code == 0, said
    code, said = await audit("verify", tmp_path / "out.zip", "--witness", tmp_path / "console" / "witnesses.txt")
    assert (code, "nothing is wrong" in said) == (0, True), said
    code, said = await audit("list", "--state", tmp_path, "--person", "李卫国")
    assert (code, "alarm.acknowledge alarm:alarm:plant.gas" in said) == (0, True), said
    witness = tmp_path / "console" / "witnesses.txt"
    code, said = await audit("verify", "--state", tmp_path, "--witness", witness)
    assert (code, "nothing is wrong" in said) == (0, True), said
    store = Store(tmp_path / "journal" / "journal.db")
    store.open()
    store.connection.execute("UPDATE entry SET received_ns = received_ns + 1 WHERE position = 2")
    store.checkpoint()
    store.close()
    code, said = await audit("verify", tmp_path / "journal" / "journal.db")
    assert code == 1
    assert "entry 2" in said


async def audit(*arguments: str | Path) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "main.py", "audit", *map(str, arguments), cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(child.communicate(), 60)
    return child.returncode or 0, said.decode()
