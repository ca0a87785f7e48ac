"""Personal data of the incident that a tile shows: masked, asked for by a person, shown for a minute; no painter."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from console.api import Host, IncidentRecord, Text, YilanError
from widgets.incidents.spec import REVEAL, REVEAL_KEYS
from widgets.incidents.words import translate
from widgets.kit.acts import failure_words
from widgets.kit.body import PanelBody

SHOWN_S: Final = 60.0
MASK: Final = "···"


class Personal(QObject):
    """See the module. What was told is kept for the shown incident, this tile and who asked alone, and on no disk.

    Args:
        clock: seconds, never going back.

    Signals:
        changed: nothing; something is shown, or not any more.
    """

    changed = Signal()

    def __init__(self, panel: PanelBody[Any], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(panel)
        self._panel, self.clock = panel, clock
        self._shown = ""
        self._told: dict[str, str] = {}
        self._said = Text("")
        self._until_s = 0.0
        self._here: tuple[Any, ...] = ()

    @property
    def _host(self) -> Host:
        return self._panel.host

    def _who(self) -> tuple[Any, ...]:
        """Whom it was told, and where: another person, a lock, a replay end it."""
        host = self._host
        return host.access.person, host.access.locked, host.context

    def ask(self, incident: str) -> None:
        """The person wants to see it; the node decides, and writes it down."""
        if self._host.role != "wall":
            self._host.spawn(REVEAL, self._ask(incident, self._who()))

    async def _ask(self, incident: str, who: tuple[Any, ...]) -> None:
        told, said = dict[str, str](), Text("")
        try:
            told = await self._host.reveal(f"incident:{incident}")
        except YilanError as error:
            said = failure_words(error)
        if incident == self._shown and who == self._who():
            self._told, self._said, self._here = told, said, who
            self._until_s = self.clock() + SHOWN_S
            self.changed.emit()

    def show(self, incident: str) -> None:
        """This one is shown now: nothing is left of another, nor of what was shown long enough."""
        if incident != self._shown or self.clock() >= self._until_s or self._here != self._who():
            self._shown, self._told, self._said = incident, {}, Text("")

    def mask(self) -> None:
        """Nobody looks any more."""
        had = bool(self._told)
        self._shown, self._told, self._said = "", {}, Text("")
        if had:
            self.changed.emit()

    def texts(self, record: IncidentRecord | None) -> dict[str, tuple[str, bool]]:
        """(what stands in a field's place, whether it may be asked for there) by field, of all that is personal."""
        host = self._host
        made: dict[str, tuple[str, bool]] = {}
        for name in record.personal if record is not None else ():
            if name in self._told:
                made[name] = (self._told[name], False)
                continue
            offer = self._said.of(host.language)
            if not offer and record is not None and host.may("view_personal", record.area):
                offer = translate("Incident", "show ({key})").format(key=REVEAL_KEYS)
            made[name] = (f"{MASK}　{offer}".rstrip(), True)
        return made
