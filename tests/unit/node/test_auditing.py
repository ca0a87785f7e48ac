"""Audit entries reach the journal in order and whole, whatever the journal does; what is too much is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from console.model.errors import JournalError
from console.node.access.audit import Audited, AuditEntry
from console.node.auditing import BATCH, LOST, MOST, Auditing
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.tasks import Tasks
from tests.flow.nodes import until


class Ledger:
    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.batches = 0

    def append(self, drafts: list[Draft]) -> None:
        self.drafts += drafts
        self.batches += 1


class Closed:
    """Acts into a journal that is not open yet."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.open = False
        self.tried = 0

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.tried += 1
        await asyncio.sleep(0)
        if not self.open:
            raise JournalError("busy", "not open yet")
        return work(self.ledger)


def entry(number: int, **more: Any) -> AuditEntry:
    return AuditEntry(t_ns=number, what=Audited.REFUSED, ok=False, person="p", place="desk 1", **more)


async def test_nothing_is_lost_while_the_journal_opens_and_the_order_stays() -> None:
    intents, tasks = Closed(), Tasks()
    auditing = Auditing(cast(Intents, intents), tasks, sleep=lambda seconds: asyncio.sleep(0))
    tasks.start("audit", auditing.run())
    for number in range(BATCH + 50):
        auditing.take(entry(number))
    await until(lambda: intents.tried > 3)
    intents.open = True
    await auditing.close()
    drafts = intents.ledger.drafts
    assert [draft.act.t_ns for draft in drafts] == list(range(BATCH + 50))
    assert intents.ledger.batches == 2, "in batches, not one sync an entry"
    assert {(draft.kind, draft.cls, draft.actor, draft.place) for draft in drafts} == {
        ("access.refused", "audit", "p", "desk 1")
    }
    await tasks.close()


async def test_what_is_too_much_is_counted_and_said() -> None:
    intents, tasks = Closed(), Tasks()
    intents.open = True
    auditing = Auditing(cast(Intents, intents), tasks)
    for number in range(MOST + 7):
        auditing.take(entry(number, session="s1"))
    tasks.start("audit", auditing.run())
    await auditing.close()
    first, *rest = intents.ledger.drafts
    assert (first.kind, first.act) == (LOST, {"count": 7})
    assert len(rest) == MOST
    assert rest[0].act.t_ns == 7
    assert rest[0].entity == "session:s1"
    await tasks.close()
