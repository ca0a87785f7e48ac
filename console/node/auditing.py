"""Log-ins, refusals and marked acts into the journal, in batches and in order; knows no gate and no socket."""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from console.model.errors import JournalError
from console.node.access.audit import Audited, AuditEntry
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.refusals import AUDIT
from console.tasks import Tasks

if TYPE_CHECKING:
    from console.node.journal.ledger import Ledger

log = logging.getLogger(__name__)
MOST: Final = 10_000
"""Entries that may wait for the journal; past it the oldest are left out, and an entry says how many."""
BATCH: Final = 200
AGAIN_S: Final = 2.0
CLOSE_S: Final = 3.0
LOST: Final = "access.lost"


class Auditing:
    """Takes entries at once, whatever the journal does; `run` writes them once it is open.

    Attributes:
        lost: entries that were left out, and of which the journal does not know yet.
    """

    def __init__(
        self, intents: Intents, tasks: Tasks, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._intents, self._tasks, self._sleep = intents, tasks, sleep
        self._waiting: collections.deque[AuditEntry] = collections.deque()
        self._filled, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self.lost = 0

    def take(self, entry: AuditEntry) -> None:
        """One entry; returns at once."""
        if len(self._waiting) >= MOST:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(entry)
        self._filled.set()
        self._empty.clear()

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting or self.lost:
                await self._write()
            self._empty.set()

    async def _write(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        lost, self.lost = self.lost, 0
        drafts = [_draft(entry) for entry in batch]
        if lost:
            drafts.insert(0, Draft(kind=LOST, cls=AUDIT, entity="audit", act={"count": lost}, seen=()))
        try:
            await self._intents.write(partial(_append, drafts))
        except JournalError as error:  # its notice says why; what is told here stays until it can be written
            log.warning("the audit waits for the journal: %s", error)
            self._back(batch, lost)
            await self._sleep(AGAIN_S)
        except asyncio.CancelledError:
            self._back(batch, lost)
            raise

    def _back(self, batch: list[AuditEntry], lost: int) -> None:
        self._waiting.extendleft(reversed(batch))
        self.lost += lost

    async def kept(self) -> None:
        """Wait until all that was taken so far is in the journal."""
        await self._empty.wait()

    async def close(self) -> None:
        """Wait a moment until all is written."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._empty.wait()
        except TimeoutError:
            log.error("%d audit entries could not be written before the end", len(self._waiting) + self.lost)


def kind_of(what: Audited) -> str:
    """The entry's kind in the journal."""
    return f"access.{what.value}"


def _append(drafts: list[Draft], ledger: Ledger) -> None:
    ledger.append(drafts)


def _draft(entry: AuditEntry) -> Draft:
    entity = entry.entity or (f"session:{entry.session}" if entry.session else "access")
    return Draft(
        kind=kind_of(entry.what), cls=AUDIT, entity=entity, act=entry, seen=(), actor=entry.person, place=entry.place
    )
