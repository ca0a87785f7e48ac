"""Shows on the screens of a wall machine the scene that its wall has in the node; decides nothing and asks for nothing.

Part of the composition root, imported by console.app alone. Each machine of a wall follows by itself: only the scene
travels. The last scene is kept on disk, so that a restart shows it before the node is reached, or where it is not. A
scene of several layouts turns by the node's clock, on every machine in the same moment.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import QCoreApplication, QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGraphicsOpacityEffect, QLabel

from console.api import LIVE, NS, LinkError, Notice, RefusedError, Scene, SettingsError, Severity, Text, Wall
from console.posix import write_whole
from console.shell.access.page import Page
from console.shell.boundary import grabbed
from console.shell.ports import Drained
from console.shell.session import Session
from console.shell.vitals import AFTER_PAINT
from console.shell.window import MainWindow
from console.stage.stage import Stage
from console.walls.cut_mark import CutMark
from console.walls.turn import layout_of, turn_of
from layouts.canvas import on_machine
from layouts.tree import Layout

log = logging.getLogger(__name__)
FADE_MS: Final = 330
LOOK_MS: Final = 10
"""So often it is looked whether all tiles of a new scene are made."""
EARLY_MS: Final = 2
"""A timer may fire so much before its time."""
LONGEST_MS: Final = 60_000
"""The clock of the node is estimated anew meanwhile."""
CUT_S: Final = 3.0
"""A link that is away for less, as at each start, is not worth a word over the tiles."""
FILE: Final = "scene.json"
NOTICE: Final = "wall.scene"
REPLAY: Final = "wall.replay"


class Following(QObject):
    """See the module.

    Args:
        wall: the wall's id in the node.
        machine: which of its machines this is: only the screens that the scene gives it are opened; "" all of them.
        state: the folder in which the last scene outlives this console.
        tell: hears {"scene": {"number", "shown_ns"}} once every tile of a scene is made and painted; Unix time, ns.

    Attributes:
        scene: the scene on screen, None before the first.
        on_shown: called with the same number and time, node time.
        rests: whether tiles may be kept, hidden, from one turn of a scene to its next.
    """

    def __init__(
        self,
        stage: Stage,
        session: Session,
        wall: str,
        machine: str,
        state: Path,
        tell: Callable[[dict[str, Any]], None] = lambda _line: None,
    ) -> None:
        super().__init__()
        self._stage, self._session = stage, session
        self._wall, self._machine = wall, machine
        stage.machine = machine
        self._file = state / FILE
        self.scene: Scene | None = None
        self.on_shown: Callable[[int, int], None] = lambda _number, _shown_ns: None
        self.rests: Callable[[], bool] = lambda: True
        self._asked: tuple[int, int] | None = None
        """Number and time of the scene that was shown last, or could not be."""
        self._toml = ""
        """Which of its layouts is on screen."""
        self._tell = tell
        self._turning = QTimer(self)
        self._turning.setSingleShot(True)
        self._turning.setTimerType(Qt.TimerType.PreciseTimer)
        self._turning.timeout.connect(self._turn)
        self._coming = 0
        """Number of a scene that is being built up, 0 none."""
        self._joining = False
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        session.covered.connect(lambda page: self._looking.start() if self._coming and page is Page.NONE else None)

    def close(self) -> None:
        """Look no longer; part of the written shutdown, before the stage."""
        self._looking.stop()
        self._turning.stop()
        self._session.tasks.cancel(self)

    def begin(self, otherwise: str) -> bool:
        """Open the scene that was shown last, else the layout of that id; False where neither can be opened."""
        try:
            scene = msgspec.json.decode(self._file.read_bytes(), type=Scene)
            toml, until_ns = turn_of(scene, self._session.desk.now_ns)
            layout = self._layout(scene, toml)
        except FileNotFoundError:
            return self._stage.open(otherwise)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError, SettingsError) as error:
            log.warning("the last scene cannot be shown again: %s", error)
            return self._stage.open(otherwise)
        self._show(scene, toml, layout, first=True)
        self._wait(until_ns)
        return True

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: another scene may stand on the wall, or the node's clock be known better."""
        if second and self._turning.isActive():
            self._turn()
        if second or drained.link_changed:
            self._say_cut()
            self._join()
        if Wall.CLS not in drained.entities and not drained.seeked:
            return
        wall = self._session.desk.entities(Wall).get(self._wall)
        if wall is None or wall.scene is None or self._asked == _key(wall.scene):
            return
        if self._go(wall.scene):
            # the disk may be slow, and the scene is painted first
            QTimer.singleShot(0, self, partial(self._keep, wall.scene))

    def _go(self, scene: Scene) -> bool:
        """Show a scene, in its turn of now; what is wrong with it becomes a notice, and False."""
        toml, until_ns = turn_of(scene, self._session.desk.now_ns)
        self._asked = _key(scene)
        self._wait(until_ns)
        try:
            layout = self._layout(scene, toml)
        except SettingsError as error:
            self._complain(scene, error)
            return False
        self._session.notices.clear(NOTICE)
        pictures = [(one, grabbed(one)) for one in self._stage.windows] if scene.fade and self.scene else []
        self._show(scene, toml, layout, first=self._stage.layout is None)
        for window, picture in pictures:
            if window in self._stage.windows and not picture.isNull():
                _Veil(window, picture)
        return True

    def _show(self, scene: Scene, toml: str, layout: Layout, *, first: bool) -> None:
        again = self.scene is not None and _key(self.scene) == _key(scene)
        self._asked, self.scene, self._toml = _key(scene), scene, toml
        if first:
            self._stage.begin(layout)
        else:
            self._stage.show(layout, rest=again and self.rests())
        self._session.select(scene.subject)
        self._join()
        self._built(scene)

    def _wait(self, until_ns: int) -> None:
        """Look again when the next layout's turn comes, by the node's clock."""
        self._turning.stop()
        if until_ns:
            left_ms = math.ceil((until_ns - self._session.desk.now_ns) / 1e6)
            self._turning.start(max(EARLY_MS, min(left_ms, LONGEST_MS)))

    def _turn(self) -> None:
        wall = self._session.desk.entities(Wall).get(self._wall)
        scene = wall.scene if wall is not None and wall.scene is not None else self.scene
        if scene is None:
            return
        toml, until_ns = turn_of(scene, self._session.desk.now_ns)
        if toml != self._toml:
            self._go(scene)
        else:
            self._wait(until_ns)

    def _complain(self, scene: Scene, error: SettingsError) -> None:
        zh, en = (f"（主机 {self._machine}）", f" on machine {self._machine}") if self._machine else ("", "")
        summary = Text(f"场景“{scene.title.zh}”打不开{zh}", f"Scene {scene.title.of('en')} cannot be shown{en}")
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.ERROR, summary=summary, detail=str(error)))

    def _join(self) -> None:
        """Show the time that the scene says: the shared replay it names, else live; asked again until it is so."""
        desk, scene = self._session.desk, self.scene
        if scene is None:
            return
        group = scene.context.partition(":")[2] if scene.context != LIVE else ""
        here = desk.replay.playback.group if desk.replay is not None else ""
        if here == group:
            return
        if not group:
            desk.leave_replay()
            self._session.notices.clear(REPLAY)
        elif not self._joining and self._session.link.up:
            self._joining = True
            self._session.tasks.start("wall.replay", self._joined(group), owner=self)

    async def _joined(self, group: str) -> None:
        try:
            await self._session.desk.open_replay(0, group)
            self._session.notices.clear(REPLAY)
        except (LinkError, RefusedError) as error:
            self._session.desk.leave_replay()  # not the time of the scene before
            summary = Text(f"回放 {group} 未能接入，显示实时", f"Replay {group} cannot be joined: this is live")
            notice = Notice(key=REPLAY, severity=Severity.WARNING, summary=summary, detail=str(error))
            self._session.notices.raise_(notice)
        finally:
            self._joining = False

    def _say_cut(self) -> None:
        """The node is not heard: every screen says since when, not only the one with the top bar."""
        link = self._session.link
        cut_s = -1.0 if link.up else (self._session.desk.now_ns - link.since_ns) / NS
        for one in self._stage.standing.values():
            if one.window.top_bar is None:
                mark = one.window.findChild(CutMark)
                if mark is None and cut_s >= CUT_S:
                    mark = CutMark(one.window, one.style.text_px)
                if mark is not None:
                    mark.say(cut_s if cut_s >= CUT_S else -1.0, self._session.language.code)

    def _built(self, scene: Scene) -> None:
        self._coming = scene.number
        self._looking.start()

    def _look(self) -> None:
        """Its tiles are made one a turn; what they then ask to paint comes before an event of low priority."""
        if self._session.page is not Page.NONE:
            self._looking.stop()  # it is told once nothing covers it
        elif not any(tile.waits_to_be_made for tile in self._stage.tiles):
            self._looking.stop()
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), AFTER_PAINT)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.User and self._coming:
            self._tell({"scene": {"number": self._coming, "shown_ns": time.time_ns()}})
            self.on_shown(self._coming, self._session.desk.now_ns)
            self._coming = 0
            return True
        return super().event(event)

    def _layout(self, scene: Scene, toml: str) -> Layout:
        """The scene's layout, if it has a screen of this machine. Raises SettingsError."""
        layout = layout_of(scene, toml)
        if not on_machine(layout, self._machine).screens:
            names = ", ".join(sorted({one.machine for one in layout.screens}))
            raise SettingsError(
                f"scene '{scene.title.of('en')}'", found=f"screens of {names}", expected=f"some of {self._machine}"
            )
        return layout

    def _keep(self, scene: Scene) -> None:
        try:
            write_whole(self._file, msgspec.json.encode(scene))
        except OSError as error:
            log.warning("the scene cannot be kept for a restart: %s", error)


def _key(scene: Scene) -> tuple[int, int]:
    return scene.number, scene.t_ns


class _Veil(QLabel):
    """The scene before, over a window, until it has faded."""

    def __init__(self, window: MainWindow, picture: QPixmap) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setPixmap(picture)
        self.setGeometry(window.rect())
        effect = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(effect)
        self._fading = QPropertyAnimation(effect, b"opacity", self)
        self._fading.setDuration(FADE_MS)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._fading.finished.connect(self.deleteLater)
        self.show()
        self.raise_()
        self._fading.start()
