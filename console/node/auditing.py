"""Log-ins, refusals and marked acts into the journal, in batches and in order; knows no gate and no socket."""

from __future__ import annotations

import asyncio
import collections
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

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
        self._batch: list[Draft] = []
        """Under way: it stays the same, under one id, until the journal has it, and so is there once."""
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
            while self._waiting or self.lost or self._batch:
                await self._write()
            self._empty.set()

    async def _write(self) -> None:
        if not self._batch:
            self._batch = self._next()
        try:
            await self._intents.write(partial(_append, self._batch))
        except JournalError as error:  # its notice says why; what is told here stays until it can be written
            log.warning("the audit waits for the journal: %s", error)
            await self._sleep(AGAIN_S)
        else:
            self._batch = []

    def _next(self) -> list[Draft]:
        drafts = [_draft(self._waiting.popleft()) for _ in range(min(BATCH, len(self._waiting)))]
        lost, self.lost = self.lost, 0
        if lost:
            drafts.insert(0, Draft(kind=LOST, cls=AUDIT, entity="audit", act={"count": lost}, seen=()))
        # the id is how the journal tells a batch that it has: they are written together or not at all
        return [msgspec.structs.replace(drafts[0], intent=uuid.uuid4().hex), *drafts[1:]]

    async def kept(self) -> None:
        """Wait until all that was taken so far is in the journal."""
        await self._empty.wait()

    async def close(self) -> None:
        """Wait a moment until all is written."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._empty.wait()
        except TimeoutError:
            waiting = len(self._batch) + len(self._waiting)
            log.error("%d audit entries could not be written before the end", waiting + self.lost)


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
