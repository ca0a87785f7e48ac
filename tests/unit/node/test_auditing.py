"""Audit entries reach the journal in order and whole, whatever the journal does; what is too much is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from console.model.errors import JournalError
from console.node.access.audit import Audited, AuditEntry
from console.node.auditing import BATCH, LOST, MOST, Auditing
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.journal import Journal
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


async def test_a_batch_that_was_saved_after_all_is_there_once(tmp_path: Path) -> None:
    class Doubtful(Intents):
        """The first batch is saved, and nobody hears so."""

        doubts = 1

        async def write(self, work: Callable[[Any], Any]) -> Any:
            written = await super().write(work)
            if self.doubts:
                self.doubts -= 1
                auditing.take(entry(2))
                raise JournalError("unknown", "whether it is saved is not known")
            return written

    journal, tasks = Journal(tmp_path, "n1"), Tasks()

    async def make() -> Journal:
        return journal

    intents = Doubtful(make, on_notice=lambda _notice: None, on_clear=lambda _key: None)
    await intents.run()
    auditing = Auditing(intents, tasks, sleep=lambda _seconds: asyncio.sleep(0))
    for number in range(2):
        auditing.take(entry(number))
    tasks.start("audit", auditing.run())
    await auditing.close()
    found = [saved.act(AuditEntry).t_ns for saved in await journal.entries() if saved.header.cls == "audit"]
    assert found == [0, 1, 2]
    await tasks.close()
    await intents.close()
