"""Which layout a person begins with: the one that they chose last at this machine, else that of their role.

Part of the composition root, imported by console.app alone; opens layouts through Tiling, and only when another person
than before has logged in: what somebody opened since stays.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject

from console.api import YilanError
from console.posix import write_whole
from console.shell.access.acts import AccessActs
from console.stage.stage import Stage
from console.stage.tiling import Tiling

log = logging.getLogger(__name__)
FILE: Final = "layout-of-person.json"
PERSONS_MOST: Final = 500
"""So many are remembered, those who chose last."""


class FirstLayout(QObject):
    """See the module.

    Args:
        chosen: the layout that is open was asked for at this start: whoever logs in first gets that one.
    """

    def __init__(self, stage: Stage, tiling: Tiling, access: AccessActs, state: Path, *, chosen: bool = False) -> None:
        super().__init__()
        self._stage, self._tiling, self._access, self._chosen = stage, tiling, access, chosen
        self._file = state / FILE
        self._last = _read(self._file)
        self._person = ""
        self._ours = False
        """A layout is being opened by us: nobody chose it."""
        access.changed.connect(self._follow)
        tiling.opened.connect(self._remember)

    def _follow(self) -> None:
        now = self._access.access
        if not now.person or now.wall or now.local or now.person == self._person:
            return
        self._person = now.person
        chosen, self._chosen = self._chosen, False
        wanted = "" if chosen else self._wanted(now.person, now.role_ids)
        if wanted and wanted != self._stage.layout_id:
            self._ours = True
            try:
                self._tiling.open(wanted)
            finally:
                self._ours = False

    def _wanted(self, person: str, roles: tuple[str, ...]) -> str:
        ids = self._stage.store.ids()
        if (last := self._last.get(person, "")) in ids:
            return last
        return next((id_ for id_ in ids if self._is_for(id_, roles)), "")

    def _is_for(self, layout_id: str, roles: tuple[str, ...]) -> bool:
        try:
            return not set(roles).isdisjoint(self._stage.store.load(layout_id).roles)
        except YilanError:  # it is said where somebody opens it
            return False

    def _remember(self, layout_id: str) -> None:
        if self._ours or not self._person:
            return
        self._last.pop(self._person, None)
        self._last[self._person] = layout_id
        self._last = dict(list(self._last.items())[-PERSONS_MOST:])
        try:
            write_whole(self._file, msgspec.json.encode(self._last))
        except OSError:  # the next start begins with the role's
            log.exception("the last layout of a person cannot be kept")


def _read(file: Path) -> dict[str, str]:
    """By person; a file that cannot be read is as none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}
