"""Access of one node, put together: gate, office, guard, audit, and the tasks that keep them going; knows no source."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from console.api import YilanError
from console.node.access.gate import AccessSettings, Gate
from console.node.access.office import SecurityOffice
from console.node.access.sessions import Session
from console.node.access.steady import Steady
from console.node.access.trust import read_trust, trusted_key
from console.node.attendance import Attendance
from console.node.auditing import Auditing
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.revealing import Revealing
from console.tasks import Tasks

log = logging.getLogger(__name__)
RENEW_S: Final = 60.0


class House:
    """See the module. Raises ResourceError where a file of access is damaged, or others may read it.

    Args:
        folder: where the files of access lie.
        steady: the clock of locks and ages; by default this machine's.
        trust: the site's trust file, of a node that does not hold the policy's key; read again when it changes.
    """

    def __init__(
        self,
        folder: Path,
        settings: AccessSettings,
        hub: Hub,
        intents: Intents,
        tasks: Tasks,
        *,
        steady: Steady | None = None,
        trust: Path | None = None,
    ) -> None:
        self._tasks = tasks
        self._trust, self._trust_ns = trust, 0
        self._attendance: Attendance | None = None
        self._code_said: Callable[[str], None] | None = None
        """Told the code, and "" once it opens nothing any more."""
        self.auditing = Auditing(intents, tasks)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = SecurityOffice.key_at(folder)
        self.gate = Gate(
            folder,
            settings,
            self.auditing.take,
            trusted=trusted_key(folder, key, read_trust(trust) if trust is not None else None),
            on_ended=self._ended,
            on_changed=self._changed,
            steady=steady,
        )
        self.office = SecurityOffice(folder, self.gate, key)
        self.guard = Guard(self.gate, self.office, hub, intents.asked)
        self.revealing = Revealing(self.gate, hub, intents, self.auditing.kept)

    def open(self, attendance: Attendance | None) -> None:
        """Take up what is kept, before the door opens; `attendance` of the gateway that has our guard."""
        self._attendance = attendance
        self.gate.open()
        self._take_trust()
        self.guard.publish()
        self._tasks.start("access.audit", self.auditing.run(), owner=self)
        self._tasks.start("access.renew", self._renew(), owner=self)

    def say_code(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Where nobody was ever named: tell the code of the first administrator, once and in no log; "" once used."""
        if self.office.first_start:
            self._code_said = lambda code: tell({"first_code": code})
            self._code_said(self.office.first_code())

    async def _renew(self) -> None:
        while True:
            try:
                self.office.renew()
                self._take_trust()
            except YilanError as error:  # the old one holds for days yet, and it is tried again
                log.error("the policy could not be renewed: %s", error)
            await asyncio.sleep(RENEW_S)

    def _take_trust(self) -> None:
        """The policy of the trust file, where that is new."""
        try:
            changed_ns = self._trust.stat().st_mtime_ns if self._trust is not None else 0
        except FileNotFoundError:
            return  # it is being replaced
        if self._trust is not None and changed_ns != self._trust_ns:
            self._trust_ns = changed_ns
            self.gate.offer(read_trust(self._trust).document)

    @property
    def nobody(self) -> bool:
        """Whether nobody can log in, and nobody ever could: no policy, and none that could begin here."""
        return self.gate.policy_age().version == 0 and not self.office.first_start

    def _ended(self, session: Session, why: str) -> None:
        if self._attendance is not None:
            self._attendance.session_ended(session, why)

    def _changed(self) -> None:
        if self._attendance is None:
            return
        self.guard.publish()
        self._attendance.changed()
        if self._code_said is not None and not self.office.first_start:
            self._code_said("")
            self._code_said = None

    async def close(self) -> None:
        """Once the door is closed, and before the journal is: keep clock and sessions, write the last of the audit."""
        self._attendance = None
        self.gate.close()
        await self.auditing.close()
        self._tasks.cancel(self)
