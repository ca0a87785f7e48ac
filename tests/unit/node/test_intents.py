"""Acts into the journal: what is saved, refused, contested or not saved, and what a full disk leaves behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from console.api import Alarm, AlarmState, ChannelKind, Columns, Limit, Notice, Sensor, Text
from console.model.errors import JournalError
from console.node.acknowledging import Acknowledging
from console.node.act import Act, MovedError, RuleError, heads_of
from console.node.alarms import Alarms
from console.node.hub import Hub
from console.node.intents import CLOSED, Intents
from console.node.journal.entry import Draft, Entry
from console.node.journal.fold import View
from console.node.journal.folds import NoteAct
from console.node.journal.journal import Journal
from console.node.journal.store import Store
from console.node.refusals import ALIKE_MOST, ALIKE_S, Refusals, RefusedAct
from console.tasks import Tasks
from console.wire.frames import Intent
from tests.flow.nodes import until

LIMITS = (Limit(priority=2, value=10.0, hysteresis=1.0), Limit(priority=1, value=20.0, hysteresis=1.0))


class Room:
    """Hub, alarms and journal of one run of a node, without a socket."""

    def __init__(self, folder: Path) -> None:
        self.hub = Hub()
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.tasks = Tasks()
        self.now_s = 0.0
        self.notices: dict[str, Notice] = {}
        self.journal = Journal(folder, "n1", on_notice=self._raised, on_clear=self._cleared)
        self.intents = Intents(
            self._make, on_notice=self._raised, on_clear=self._cleared, refusals=Refusals(lambda: self.now_s)
        )
        self.acknowledging = Acknowledging(self.alarms, self.intents, self.tasks)
        self.hub.put("s", [Sensor(id=f"s{i}", limits=LIMITS) for i in range(2)])
        self.alarms.learn()

    async def _make(self) -> Journal:
        return self.journal

    def _raised(self, notice: Notice) -> None:
        self.notices[notice.key] = notice

    def _cleared(self, key: str) -> None:
        self.notices.pop(key, None)

    def feed(self, value: float, handle: int = 0) -> None:
        columns = Columns(
            t_ns=np.array([time.time_ns()]),
            v=np.array([value]),
            q=np.zeros(1, np.uint8),
            ids=np.array([handle], np.uint32),
        )
        self.hub.samples(ChannelKind.SCALAR, columns)

    def alarm(self, number: int = 0) -> Alarm:
        found = self.alarms.get(f"alarm:s{number}")
        return found if found is not None else Alarm(id="", state=AlarmState.NORMAL)

    def act(self, id_: str = "i1", actor: str = "李", raised_ns: int = 0) -> Intent:
        arguments = {"raised_ns": raised_ns} if raised_ns else {}
        return Intent(id=id_, name="alarm.acknowledge", entity="alarm:s0", actor=actor, arguments=arguments)

    async def entries(self) -> list[Entry]:
        return [entry for entry in await self.journal.entries() if entry.header.cls != "journal"]

    async def kinds(self) -> list[str]:
        return [entry.header.kind for entry in await self.entries()]

    async def heard(self, *kinds: str) -> None:
        """Wait until the journal holds these last."""
        async with asyncio.timeout(30):
            while tuple(await self.kinds())[-len(kinds) :] != kinds:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path, before: Callable[[Room], None] | None = None) -> AsyncIterator[Room]:
    """A run; `before` happens before the journal is open."""
    room = Room(folder)
    if before is not None:
        before(room)
    await room.intents.run()
    try:
        yield room
    finally:
        await room.intents.close()
        await room.tasks.close()


async def test_a_full_disk_leaves_the_alarm_unacknowledged_and_the_same_act_is_saved_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: Store) -> None:
        raise JournalError("full", "the disk is full: nothing was saved; free space, then do it again")

    async with running(tmp_path) as room:
        room.feed(15)
        with monkeypatch.context() as broken:
            broken.setattr(Store, "commit", full)
            with pytest.raises(JournalError, match="full"):
                await room.intents.act(room.act())
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED
        assert "free space" in room.notices["journal"].detail
        answer = await room.intents.act(room.act())
        assert (answer.state, answer.origin) == ("saved", "n1")
        assert room.alarm().state is AlarmState.ACKNOWLEDGED
        assert "journal" not in room.notices
        assert await room.kinds() == ["alarm.raised", "alarm.acknowledge"]


async def test_acts_that_come_before_the_journal_is_open_wait_for_it(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.feed(15)
    early = room.tasks.start("early", room.intents.act(room.act()))
    await asyncio.sleep(0)
    assert not early.done()
    await room.intents.run()
    assert (await early).state == "saved"
    await room.intents.close()


async def test_a_journal_that_cannot_be_opened_refuses_in_words_and_says_so_aloud(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"nothing of ours" * 500)
    async with running(tmp_path) as room:
        room.feed(15)
        with pytest.raises(JournalError, match="damaged"):
            await room.intents.act(room.act())
        assert "damaged" in room.notices[CLOSED].detail
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED


async def test_refusals_are_audit_entries_and_the_same_id_hears_the_same(tmp_path: Path) -> None:
    async with running(tmp_path) as room:
        unknown = Intent(id="u", name="pump.stop", entity="p1", actor="王")
        first = await room.intents.act(unknown)
        assert (first.state, "pump.stop" in first.reason.zh) == ("refused", True)
        assert await room.intents.act(unknown) == first
        none = await room.intents.act(msgspec.structs.replace(room.act("n"), entity="alarm:x"))
        assert none.state == "refused"
        replayed = msgspec.structs.replace(room.act("i1"), context="replay:7K")
        assert (await room.intents.act(replayed)).state == "refused"
        room.feed(15)
        assert (await room.intents.act(room.act("i1"))).state == "saved"
        kinds = ["intent.refused", "intent.refused", "intent.refused", "alarm.raised", "alarm.acknowledge"]
        assert await room.kinds() == kinds
        entries = await room.entries()
        assert [entry.header.actor for entry in entries[:3]] == ["王", "李", "李"]
        assert entries[2].header.context == "replay:7K"


async def test_a_console_that_asks_over_and_over_does_not_fill_the_journal_and_is_counted(tmp_path: Path) -> None:
    async with running(tmp_path) as room:
        asked = Intent(id="", name="pump.stop", entity="p1", actor="王")
        for i in range(ALIKE_MOST + 5):
            answer = await room.intents.act(msgspec.structs.replace(asked, id=f"a{i}", entity=f"p{i}"))
            assert (answer.state, "pump.stop" in answer.reason.zh) == ("refused", True)
        assert len(await room.kinds()) == ALIKE_MOST
        await room.intents.act(msgspec.structs.replace(asked, id="b", actor="李"))
        assert len(await room.kinds()) == ALIKE_MOST + 1, "another actor's is told"
        room.now_s += ALIKE_S
        await room.intents.act(msgspec.structs.replace(asked, id="c"))
        assert (await room.entries())[-1].act(RefusedAct).alike == 5


async def test_the_second_who_acknowledges_is_told_who_was_first(tmp_path: Path) -> None:
    async with running(tmp_path) as room:
        room.feed(15)
        first, second = await asyncio.gather(
            room.intents.act(room.act("a", "李")), room.intents.act(room.act("b", "王"))
        )
        assert (first.state, second.state) == ("saved", "refused")
        assert "李" in second.reason.zh
        assert room.alarm().acknowledged_by == "李"


async def test_an_act_on_what_has_changed_is_a_conflict_with_the_versions(tmp_path: Path) -> None:
    def decide(intent: Intent, facts: object, view: View) -> list[Draft]:
        text = intent.arguments["text"]
        if heads_of(intent) != set(view.heads):
            raise MovedError(Text("已被他人更改", "somebody has changed it"))
        if not text:
            raise RuleError("空", "nothing written")
        act = NoteAct(text=text)
        return [Draft(kind="note.write", cls="note", entity=intent.entity, act=act, intent=intent.id)]

    async with running(tmp_path) as room:
        done: list[str] = []
        act = Act("note", lambda _: None, decide, lambda intent, _: done.append(intent.id))
        room.intents.declare("note.write", act)
        one = await room.intents.act(Intent(id="1", name="note.write", entity="n", arguments={"text": "a"}))
        assert (one.state, one.heads) == ("saved", (one.head,))
        late = Intent(id="2", name="note.write", entity="n", arguments={"text": "b"})
        conflict = await room.intents.act(late)
        assert (conflict.state, conflict.heads) == ("conflict", (one.head,))
        assert b"a" in bytes(conflict.versions[0])
        assert await room.intents.act(late) == conflict
        seen = msgspec.structs.replace(late, id="3", heads=conflict.heads)
        assert (await room.intents.act(seen)).state == "saved"
        assert done == ["1", "3"]


# ------------------------------------------------------------------------------------------- over a restart


async def acknowledged(folder: Path, *after: float) -> Alarm:
    """A run in which the first sensor's alarm was raised and acknowledged; then these values came."""
    async with running(folder) as room:
        room.feed(15)
        assert (await room.intents.act(room.act())).state == "saved"
        alarm = room.alarm()
        for value in after:
            room.feed(value)
        await until(lambda: not room.acknowledging._behind)
    return alarm


async def test_what_holds_still_after_a_restart_is_still_acknowledged(tmp_path: Path) -> None:
    before = await acknowledged(tmp_path)
    async with running(tmp_path) as room:
        assert room.alarm() == before
        room.feed(15)
        assert room.alarm() == before
        again = await room.intents.act(room.act())
        assert again.state == "saved"
        room.feed(5)
        assert room.alarm().state is AlarmState.NORMAL
        await room.heard("alarm.cleared")
        room.feed(15)
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED


async def test_samples_that_come_before_the_journal_is_open_change_nothing_of_that(tmp_path: Path) -> None:
    before = await acknowledged(tmp_path)
    async with running(tmp_path, lambda room: room.feed(16)) as room:
        assert room.alarm().state is AlarmState.ACKNOWLEDGED
        assert room.alarm().raised_ns == before.raised_ns
        room.feed(25)
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED
        await room.heard("alarm.worsened")


async def test_what_was_seen_within_its_limits_after_a_restart_is_raised_anew(tmp_path: Path) -> None:
    def back_and_again(room: Room) -> None:
        room.feed(5)
        room.feed(15)

    await acknowledged(tmp_path)
    async with running(tmp_path, back_and_again) as room:
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED
        await room.heard("alarm.cleared", "alarm.raised")


async def test_what_ended_before_the_restart_is_not_acknowledged_after_it(tmp_path: Path) -> None:
    await acknowledged(tmp_path, 5.0)
    async with running(tmp_path) as room:
        assert room.alarm().id == ""
        room.feed(15)
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED


async def test_an_act_kept_over_a_restart_of_the_node_counts_for_what_has_held_on(tmp_path: Path) -> None:
    async with running(tmp_path / "1") as room:
        room.feed(15)
        seen_ns = room.alarm().raised_ns
    async with running(tmp_path / "1") as room:
        room.feed(15)
        assert (await room.intents.act(room.act(raised_ns=seen_ns))).state == "saved"
        room.feed(5)
        room.feed(15)
        late = await room.intents.act(room.act("late", raised_ns=seen_ns))
        assert (late.state, "重新发生" in late.reason.zh) == ("refused", True)
        assert room.alarm().state is AlarmState.UNACKNOWLEDGED
