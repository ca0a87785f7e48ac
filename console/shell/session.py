"""What all windows of one console share: desk, notices, commands, language, selection, silence; paints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from console.api import Alarm, Answer, LinkStatus, Sensor
from console.shell.access.page import Page
from console.shell.commands import Commands
from console.shell.language import Language
from console.shell.notices import Notices
from console.shell.ports import Desk, TaskStarter
from widgets.kit.alarm_groups import AlarmGroup, alarm_groups

MUTE_S: Final = 120.0
STARTING_S: Final = 8.0
"""A console that has just started may wait this long for its node before that looks like trouble."""


class Session(QObject):
    """One console: built once by the composition root, handed to every window and tile.

    Signals (user gestures only):
        selected: the new selection "class:id", "" none.
        mute_changed: no payload.

    And of what the node says of this person:
        covered: the Page that lies over the tiles now, or Page.NONE.
    """

    selected = Signal(object)
    mute_changed = Signal()
    covered = Signal(object)

    def __init__(
        self, desk: Desk, tasks: TaskStarter, notices: Notices, commands: Commands, language: Language
    ) -> None:
        super().__init__()
        self.desk = desk
        self.tasks = tasks
        self.notices = notices
        self.commands = commands
        self.language = language
        self.layout_title: Callable[[], str] = str
        """Gives the present layout's title for the status line; the composition root sets it."""
        self._selection = ""
        self._page = Page.NONE
        self._muted_until = 0.0
        self._groups: list[AlarmGroup] = []
        self._link = self._view_link = desk.status
        self._began_s = time.monotonic()

    @property
    def selection(self) -> str:
        """The one selection of the whole console."""
        return self._selection

    def select(self, ref: str) -> None:
        """Select "class:id"; "" takes the selection away."""
        if ref != self._selection:
            self._selection = ref
            self.selected.emit(ref)

    @property
    def page(self) -> Page:
        """What lies over the tiles of every window, and so over all that a person may do: Page.NONE, nothing."""
        return self._page

    def cover(self, page: Page) -> None:
        """Cover the tiles, or uncover them."""
        if page is not self._page:
            self._page = page
            self.covered.emit(page)

    @property
    def link(self) -> LinkStatus:
        """The link to the node as of the last `look_at_link`: counting the streams for every reader would cost."""
        return self._link

    @property
    def view_link(self) -> LinkStatus:
        """The same for what the tiles show: its streams, and how new its newest sample is."""
        return self._view_link

    @property
    def replaying(self) -> bool:
        """Whether the tiles show the past."""
        return self.desk.replay is not None

    @property
    def unrecorded(self) -> bool:
        """Whether the tiles show a time at which the node was not recording: what is empty then is not calm."""
        replay = self.desk.replay
        return replay is not None and not replay.playback.recorded(self.desk.view.now_ns)

    @property
    def unseen(self) -> bool:
        """Whether who is logged in may look at nothing of the city: then an empty tile says nothing of it either."""
        access = self.desk.access  # its rights as such: `desk.may` denies all while the screen is locked
        return bool(access.person) and not access.local and not access.may.get("view")

    @property
    def starting(self) -> bool:
        """Whether nothing has come yet and that is no trouble yet."""
        young = time.monotonic() - self._began_s < STARTING_S
        return young and not self._link.last_data_ns and not (self._link.refusal.zh or self._link.trouble.en)

    def look_at_link(self) -> None:
        """Ask the desk for the link's state; the pacer does so, some times a second."""
        self._link = self._view_link = self.desk.status
        if self.replaying:
            self._view_link = self.desk.view.status

    @property
    def groups(self) -> list[AlarmGroup]:
        """The shown alarm groups, most urgent first, as of the last `regroup`."""
        return self._groups

    def regroup(self) -> None:
        """Group the alarms anew; the pacer calls it when alarms or sensors changed."""
        self._groups = alarm_groups(self.desk.entities(Alarm).values(), self.desk.entities(Sensor))

    @property
    def waiting(self) -> int:
        """Acts on this machine's disk that no node has answered for good."""
        return self.desk.waiting

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        """An act of the user; see `console.client.acts`. Raises LinkError, ResourceError: then nothing was done."""
        return await self.desk.intent(name, entity, **arguments)

    # ------------------------------------------------------------------ silence

    @property
    def muted_s(self) -> float:
        """How long the sound stays off, in seconds; 0 when it is on."""
        return max(0.0, self._muted_until - time.monotonic())

    def toggle_mute(self) -> None:
        """Sound off for two minutes, or on again."""
        self._muted_until = 0.0 if self.muted_s else time.monotonic() + MUTE_S
        self.mute_changed.emit()
