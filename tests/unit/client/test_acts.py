"""A person's acts between keystroke and final answer, with a link that the test holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from console.api import Answer, IntentState, LinkError, LinkStatus, Notice, Text
from console.client import acts as module
from console.client.acts import OTHERS, UNUSABLE, Acts
from console.wire.frames import Intent, IntentAnswer


class Room:
    """Acts of one console over a link that sends, or does not."""

    def __init__(self, folder: Path, node: str = "n1", actor: str = "李") -> None:
        self.status = LinkStatus(up=True, since_ns=0, node=node)
        self.sent: list[Intent] = []
        self.changed: list[str] = []
        self.notices: dict[str, Notice] = {}
        self.acts = Acts(
            self._send,
            lambda: self.status,
            folder,
            on_change=self.changed.append,
            on_notice=self._raised,
            on_clear=self._cleared,
        )
        self.acts.as_(actor)

    def _raised(self, notice: Notice) -> None:
        self.notices[notice.key] = notice

    def _cleared(self, key: str) -> None:
        self.notices.pop(key, None)

    def _send(self, intent: Intent) -> None:
        if not self.status.up:
            raise LinkError("cut")
        self.sent.append(intent)

    def cut(self) -> None:
        self.status = msgspec.structs.replace(self.status, up=False)
        self.acts.down()

    def back(self, node: str = "n1") -> None:
        self.status = msgspec.structs.replace(self.status, up=True, node=node)
        self.acts.up()

    async def do(self, entity: str = "alarm:1") -> Answer:
        return await self.acts.do("alarm.acknowledge", entity, {"raised_ns": 7})

    def answer(self, state: str, reason: str = "") -> None:
        last = self.sent[-1]
        self.acts.answered(
            IntentAnswer(
                id=last.id,
                state=state,
                reason=Text(reason),
                origin="n1",
                epoch="e",
                entry=len(self.sent),
                head="ab" * 32,
            )
        )

    def stands(self, entity: str = "alarm:1") -> IntentState | None:
        found = self.acts.of(entity)
        return found.state if found is not None else None


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.acts.close()


async def test_saved_settles_it_and_is_the_witness(room: Room, tmp_path: Path) -> None:
    doing = asyncio.ensure_future(room.do())
    await asyncio.sleep(0)
    assert (room.stands(), room.acts.waiting) == (IntentState.PENDING, 1)
    room.answer("saved")
    assert (await doing).state is IntentState.SAVED
    assert (room.stands(), room.acts.waiting) == (IntentState.SAVED, 0)
    assert (tmp_path / "witnesses.txt").read_text("utf-8") == f"n1 e 1 {'ab' * 32}\n"
    assert "alarm" in room.changed


async def test_while_cut_it_is_pending_and_goes_in_order_with_its_own_id_once_the_link_is_back(room: Room) -> None:
    room.cut()
    for entity in ("alarm:1", "alarm:2"):
        assert (await room.do(entity)).state is IntentState.PENDING
    assert room.sent == []
    room.back()
    assert [intent.entity for intent in room.sent] == ["alarm:1", "alarm:2"]
    room.cut()
    room.back()
    assert room.sent[:2] == room.sent[2:]
    room.answer("applied")
    assert room.acts.waiting == 1


async def test_refused_after_the_link_came_back_is_a_notice_that_names_act_and_rule(room: Room) -> None:
    room.cut()
    await room.do()
    room.back()
    room.answer("refused", "ISA-18.2：已重新发生")
    notice = room.notices["act.alarm:1"]
    assert "确认报警" in notice.summary.zh
    assert "ISA-18.2" in notice.summary.zh
    assert room.stands() is IntentState.REFUSED


async def test_never_sent_to_another_node_or_for_another_person(room: Room) -> None:
    room.cut()
    await room.do()
    room.back("n2")
    assert room.sent == []
    assert OTHERS in room.notices
    room.back("n1")
    room.acts.as_("王")
    assert [intent.actor for intent in room.sent] == ["李"]
    room.acts.as_("李")
    assert len(room.sent) == 2
    assert OTHERS not in room.notices


async def test_a_word_that_is_not_known_leaves_it_pending_and_it_is_sent_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing = asyncio.ensure_future(room.do())
    await asyncio.sleep(0)
    room.answer("forwarded")
    assert room.stands() is IntentState.PENDING
    monkeypatch.setattr(module, "AGAIN_S", -1.0)
    room.acts.tick()
    assert len(room.sent) == 2
    room.answer("saved")
    assert (await doing).state is IntentState.SAVED


async def test_a_mark_goes_after_a_while_but_never_a_pending_one(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.cut()
    await room.do("alarm:1")
    room.back()
    doing = asyncio.ensure_future(room.do("alarm:2"))
    await asyncio.sleep(0)
    room.answer("saved")
    await doing
    monkeypatch.setattr(module, "SHOWN_S", dict.fromkeys(module.SHOWN_S, -1.0))
    room.acts.tick()
    assert (room.stands("alarm:1"), room.stands("alarm:2")) == (IntentState.PENDING, None)


async def test_where_the_disk_does_not_take_it_nothing_is_sent_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "acts.db").write_bytes(b"no database of ours" * 100)
    room = Room(tmp_path)
    assert UNUSABLE in room.notices
    with pytest.raises(Exception, match="cannot be used"):
        await room.do()
    assert room.sent == []
