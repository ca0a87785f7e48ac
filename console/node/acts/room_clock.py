"""The node's two clocks and the boots of its machine, kept in the journal so that limits run on over a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from console.api import NS
from console.model.errors import JournalError
from console.node.access.steady import machine_mark
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.rules.elapsed import Boot, Mark

if TYPE_CHECKING:
    from console.node.journal.journal import Journal
    from console.node.journal.ledger import Ledger

log = logging.getLogger(__name__)
CLS: Final = "clock"
KIND: Final = "clock.mark"
EVERY_S: Final = 300.0
"""While a limit runs a mark is written so often: what a crash leaves to the wall clock alone is no more than that."""


class RoomClock:
    """See the module. `read` gives both clocks now; `node` names the entity."""

    def __init__(self, node: str, intents: Intents, *, read: Callable[[], Mark] = machine_mark) -> None:
        self._node, self._intents, self.read = node, intents, read
        self.boots: Sequence[Boot] = ()
        """This machine's boots as the journal has them, oldest first."""
        self._marked: Mark | None = None
        """The last mark of this run; None while the journal is not open."""
        intents.when_open(self._opened)

    async def _opened(self, journal: Journal) -> None:
        mark = self.read()
        self._marked = mark
        try:
            self.boots = await journal.call(partial(_write, self._node, mark))
        except JournalError as error:  # a full disk must not keep what is known from being shown
            log.warning("the clocks could not be marked: %s", error)
            self.boots = (await journal.view(CLS, self._node)).state.boots

    async def tick(self, *, running: bool) -> None:
        """Time passed; `running`: a limit does."""
        now = self.read()
        if running and self._marked is not None and now.boot_ns - self._marked.boot_ns >= EVERY_S * NS:
            await self.mark()

    async def mark(self) -> None:
        """Write how both clocks stand; a journal that cannot save has said so itself, the next time is soon."""
        if self._marked is None:
            return
        mark = self.read()
        try:
            self.boots = await self._intents.write(partial(_write, self._node, mark))
        except JournalError:
            return
        self._marked = mark


def _write(node: str, mark: Mark, ledger: Ledger) -> Sequence[Boot]:
    ledger.append([Draft(kind=KIND, cls=CLS, entity=node, act=mark)])
    boots: Sequence[Boot] = ledger.projections.view(CLS, node).state.boots
    return boots
