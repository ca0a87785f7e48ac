"""What is on the air: the on-air window of a desk with its commands, tiles from the wall and to it; and on the screens
of a wall itself what its presenter does. Part of the composition root, imported by console.app alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

from console.api import CommandSpec, Notice, Severity, Text
from console.shell.pacer import Pacer
from console.shell.ports import Drained
from console.shell.session import Session
from console.shell.vitals import AFTER_PAINT
from console.stage.stage import Stage
from console.walls.directing import WALLS, Directing
from console.walls.on_air import NOTICE, OnAir
from console.walls.presenting import Audience, Presented, Walls
from console.walls.preview import stand_under_strip
from console.wire.walls import Present
from layouts import change
from layouts.mosaic import Mosaic
from layouts.tree import Layout, Part, tiles

Tell = Callable[[dict[str, Any]], None]


class _Painted(QEvent):
    """A pointer of that stamp is on the screen by the time this arrives."""

    def __init__(self, t_ns: int) -> None:
        super().__init__(QEvent.Type.User)
        self.t_ns = t_ns


class Airing(QObject):
    """See the module.

    Args:
        me: under which name this desk acts.
        take_in: puts a tile of a wall into this desk's layout; False: it was refused.
        tell: hears {"pointer": {"t_ns", "shown_ns"}} of each pointer that the screens of a wall have painted, the
            node's stamp and Unix time, ns; None: nobody counts.
    """

    def __init__(
        self,
        stage: Stage,
        session: Session,
        pacer: Pacer,
        walls: Walls,
        directing: Directing,
        me: Callable[[], str],
        take_in: Callable[[Part], bool],
        tell: Tell | None = None,
    ) -> None:
        super().__init__()
        self._stage, self._session, self._pacer, self._directing = stage, session, pacer, directing
        self._audience, self._me, self._take_in, self._tell = Audience(walls), me, take_in, tell
        self.window: OnAir | None = None
        self.presented: Presented | None = None
        """Of a wall machine: what a presenter does on its wall."""
        self._at_hand: Part | None = None
        self._sent = ("", 0)
        """The tile that was sent last, and how many places were tried."""

    def close(self) -> None:
        """Part of the written shutdown, before the stage."""
        if self.window is not None:
            self.window.reject()
        if self.presented is not None:
            self.presented.close()
            self.presented = None

    # ------------------------------------------------------------------ a wall machine

    def follow(self, wall: str) -> None:
        """Show on these screens what a presenter does on this wall."""
        self.presented = Presented(
            wall,
            self._audience,
            self._session,
            self._pacer,
            self._own_screens,
            painted=self._painted,
            layout=lambda: self._stage.layout,
        )

    @property
    def presents(self) -> bool:
        """Whether somebody presents on these screens: tiles may then stand still, or as the presenter's do."""
        return self.presented is not None and bool(self.presented.marks.by)

    def _own_screens(self) -> list[tuple[Mosaic, float]]:
        return [(one.mosaic, one.style.text_px) for one in self._stage.standing.values()]

    def _painted(self, message: Present) -> None:
        if self._tell is not None:
            QCoreApplication.postEvent(self, _Painted(message.t_ns), AFTER_PAINT)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, _Painted) and self._tell is not None:
            self._tell({"pointer": {"t_ns": event.t_ns, "shown_ns": time.time_ns()}})
            return True
        return super().event(event)

    # ------------------------------------------------------------------ a desk

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer."""
        if self.window is not None:
            self.window.refresh(drained, second=second)

    def open(self) -> OnAir | None:
        """The on-air window of the wall that is directed from here, made or brought to the front."""
        wall = self._directing.wall
        if wall is None:
            return None
        if self.window is not None and self.window.shows != wall.id:
            self.window.reject()
        if self.window is None:
            self.window = OnAir(wall.id, self._stage, self._session, self._pacer, self._audience, self._me)
            self.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.window.pulled.connect(self._pull)
            self.window.finished.connect(self._closed)
            stand_under_strip(self.window, self._stage.active_window())
            self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def _closed(self, _result: int) -> None:
        self.window = None
        self._session.commands.follow()

    def present(self) -> None:
        """Begin to present on the wall, or end it."""
        window = self.open()
        if window is not None:
            window.toggle()

    def _pull(self, part: Part) -> None:
        title = self._stage.panel_title(part.panel)
        if self._take_in(part):
            said = Text(
                f"“{title.zh}”已取到席位，Ctrl+Z 撤销", f"{title.of('en')} is at the desk too; Ctrl+Z takes it away"
            )
            self._say(said)

    # ------------------------------------------------------------------ to the wall

    def send(self) -> None:
        """The tile at hand goes into the preview of the wall's present scene, in place of one of its tiles.

        Sent again, it takes the next one's place. Nothing reaches the wall before it is taken.
        """
        part, scene = self._part_at_hand(), self._directing.scene_now()
        if part is None or scene is None:
            return
        places = _places_for(part, scene)
        tried = self._sent[1] + 1 if self._sent[0] == part.id and self._directing.preview is not None else 0
        self._sent = (part.id, tried)
        self._directing.keep_subject()
        place = places[tried % len(places)]
        self._directing.show_scene(change.put_in(scene, place.id, Part(panel=part.panel, settings=part.settings)))
        title = self._stage.panel_title(place.panel)
        again = Text(f"换下“{title.zh}”；再按换下一块", f"In place of {title.of('en')}; press again for the next one")
        self._say(again)

    def _part_at_hand(self) -> Part | None:
        tile = self._stage.tile_at_hand()
        for one in self._stage.standing.values():
            id_ = one.mosaic.id_of(tile)
            found = next((part for _, part in tiles(one.mosaic.tree) if part.id == id_), None)
            if id_ and found is not None:
                self._at_hand = found
                return found
        # the preview has the keys since it was sent: it is meant again
        return self._at_hand if self._directing.preview is not None else None

    def _say(self, summary: Text) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.INFO, summary=summary))

    # ------------------------------------------------------------------ commands

    def add_commands(self) -> None:
        """Register them."""

        def seen() -> bool:
            wall = self._directing.wall
            return wall is not None and wall.scene is not None

        def may() -> bool:
            return seen() and self._session.desk.may("wall.take")

        def add(id_: str, title: Text, keys: str, run: Callable[[], Any], able: Callable[[], bool]) -> None:
            self._session.commands.add(CommandSpec(id=f"wall.{id_}", title=title, keys=keys, group=WALLS), run, able)

        add("on_air", Text("大屏实况", "Wall on air"), "Ctrl+Alt+W", self.open, seen)
        add("present", Text("在大屏上演示", "Present on the wall"), "Ctrl+Alt+P", self.present, may)
        add("send_tile", Text("此窗格送大屏预演", "Send this tile to the wall"), "Ctrl+Shift+W", self.send, may)


def _places_for(part: Part, scene: Layout) -> list[Part]:
    """The tiles of a scene in whose place one could stand: those of its own kind first."""
    found = [tile for screen in scene.screens for _, tile in tiles(screen.tree) if not tile.span]
    found = found or [tile for screen in scene.screens for _, tile in tiles(screen.tree)]
    return sorted(found, key=lambda tile: tile.panel != part.panel)
