"""Personal data for who asks: who is told, what is written down before, and when nothing is told after all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from console.api import LIVE, Area, Incident, IncidentFacts
from console.model.errors import JournalError
from console.node import revealing
from console.node.access.audit import Audited
from console.node.access.sessions import Session
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.revealing import Revealing
from console.wire.access import Reveal, Revealed
from tests.unit.node.access.site import PARENTS, Site

CALLER = "王大爷 138 0000 0000"


class Journal:
    """As much of the intents as is asked: how an incident stands; `reads` counts."""

    def __init__(self) -> None:
        self.reads = 0
        self.fails: Exception | None = None

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        return work(self)

    @property
    def projections(self) -> Any:
        return self

    def view(self, _cls: str, _id: str) -> Any:
        return self

    @property
    def state(self) -> Any:
        return self

    facts = IncidentFacts(reported_by=CALLER)


class Desk:
    """A site with an incident in the north and one in the south; `hold` keeps the audit from being written."""

    def __init__(self, folder: Path) -> None:
        self.site, self.journal, hub = Site(folder), Journal(), Hub()
        hub.put("s", [Area(id=id_, parent=parent) for id_, parent in PARENTS.items()])
        hub.put("s", [Incident(id="i-n", area="n1"), Incident(id="i-s", area="s1")])
        self.written = asyncio.Event()
        self.written.set()
        self.of = Revealing(self.site.gate, hub, cast(Intents, self.journal), self._kept)

    async def _kept(self) -> None:
        await self.written.wait()

    def session(self, person: str, *, kind: str = "desk") -> Session:
        sessions, now_ns = self.site.gate.sessions, self.site.gate.steady.now_ns()
        return sessions.begin(person, kind=kind, wall=kind == "wall", now_ns=now_ns)[0]

    async def ask(self, session: Session, ref: str = "incident:i-n", context: str = LIVE) -> Revealed:
        return await self.of.answer(Reveal(req=7, ref=ref, context=context), session)

    @property
    def audit(self) -> list[tuple[bool, str, str, str]]:
        return [(e.ok, e.person, e.entity, e.area) for e in self.site.entries if e.what is Audited.VIEW_PERSONAL]


async def test_an_officer_of_the_area_is_told_and_one_line_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    answer = await desk.ask(desk.session("north"))
    assert (answer.req, answer.values, answer.reason.zh) == (7, {"reported_by": CALLER}, "")
    assert desk.audit == [(True, "north", "incident:i-n", "n1")]
    assert CALLER not in repr(answer), "no log shows it"


@pytest.mark.parametrize(
    ("person", "kind", "ref"),
    [
        ("north", "desk", "incident:i-s"),
        ("nobody", "desk", "incident:i-n"),
        ("audit", "desk", "incident:i-n"),
        ("gas", "desk", "incident:i-s"),
        ("wall-1", "wall", "incident:i-n"),
        ("duty", "wall", "incident:i-n"),
        ("north", "desk", "incident:none"),
        ("north", "desk", "sensor:s-n1"),
    ],
)
async def test_who_may_not_is_told_the_rule_and_stands_in_the_audit(
    tmp_path: Path, person: str, kind: str, ref: str
) -> None:
    desk = Desk(tmp_path)
    answer = await desk.ask(desk.session(person, kind=kind), ref)
    assert not answer.values
    assert answer.reason.zh != answer.reason.en
    there = ref in ("incident:i-n", "incident:i-s")
    assert [(ok, who, of) for ok, who, of, _ in desk.audit] == [(False, person, ref if there else "")]
    assert desk.journal.reads == 0


async def test_another_districts_incident_is_refused_as_one_that_is_not_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    north = desk.session("north")
    assert (await desk.ask(north, "incident:i-s")).reason == (await desk.ask(north, "incident:none")).reason
    duty = desk.session("duty")
    for made_up in range(20):
        assert "no record" in (await desk.ask(duty, f"incident:{made_up}")).reason.en
    assert len(desk.audit) == 3, "nobody fills the journal by asking for what is not there"


async def test_a_locked_screen_and_a_replay_are_refused_with_words_and_audited(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    north = desk.session("north")
    past = await desk.ask(north, context="replay:1")
    assert "回放" in past.reason.zh
    assert "replay" in past.reason.en
    desk.site.gate.sessions.lock(north.number)
    locked = await desk.ask(north)
    assert locked.reason.zh
    assert not past.values
    assert not locked.values
    assert [ok for ok, *_ in desk.audit] == [False, False]


async def test_nothing_is_told_before_the_audit_is_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.written.clear()
    asked = asyncio.ensure_future(desk.ask(desk.session("north")))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not asked.done()
    assert desk.journal.reads == 0
    desk.written.set()
    assert (await asked).values
    desk.written.clear()
    monkeypatch.setattr(revealing, "WITHIN_S", 0.01)
    never = await desk.ask(desk.session("duty"))
    assert not never.values
    assert "审计" in never.reason.zh


async def test_a_screen_that_is_locked_meanwhile_is_told_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    north = desk.session("north")
    desk.written.clear()
    asked = asyncio.ensure_future(desk.ask(north))
    await asyncio.sleep(0)
    desk.site.gate.sessions.lock(north.number)
    desk.written.set()
    answer = await asked
    assert not answer.values
    assert answer.reason.zh


async def test_a_journal_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.journal.fails = JournalError("io", "the disk is gone")
    answer = await desk.ask(desk.session("north"))
    assert not answer.values
    assert "the disk is gone" in answer.reason.en
