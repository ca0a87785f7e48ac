"""Shows on the screens of a wall machine the scene that its wall has in the node; decides nothing and asks for nothing.

Part of the composition root, imported by console.app alone. Each machine of a wall follows by itself: only the scene
travels. The last scene is kept on disk, so that a restart shows it before the node is reached, or where it is not.
"""

from __future__ import annotations

import logging
import time
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import QCoreApplication, QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGraphicsOpacityEffect, QLabel

from console.api import Notice, Scene, SettingsError, Severity, Text, Wall
from console.posix import write_whole
from console.shell.access.page import Page
from console.shell.ports import Drained
from console.shell.session import Session
from console.shell.vitals import AFTER_PAINT
from console.shell.window import MainWindow
from console.stage.stage import Stage
from layouts.store import parse
from layouts.tree import Layout, by_content

log = logging.getLogger(__name__)
FADE_MS: Final = 330
LOOK_MS: Final = 10
"""So often it is looked whether all tiles of a new scene are made."""
FILE: Final = "scene.json"
NOTICE: Final = "wall.scene"


class Following(QObject):
    """See the module.

    Args:
        wall: the wall's id in the node.
        machine: which of its machines this is: only the screens that the scene gives it are opened; "" all of them.
        state: the folder in which the last scene outlives this console.
        tell: hears {"scene": {"number", "shown_ns"}} once every tile of a scene is made and painted; Unix time, ns.
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
        self._file = state / FILE
        self._shown: tuple[int, int] | None = None
        """Number and time of the scene on screen."""
        self._tell = tell
        self._coming = 0
        """Number of a scene that is being built up, 0 none."""
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        session.covered.connect(lambda page: self._looking.start() if self._coming and page is Page.NONE else None)

    def close(self) -> None:
        """Look no longer; part of the written shutdown, before the stage."""
        self._looking.stop()

    def begin(self, otherwise: str) -> bool:
        """Open the scene that was shown last, else the layout of that id; False where neither can be opened."""
        try:
            scene = msgspec.json.decode(self._file.read_bytes(), type=Scene)
            layout = self._layout(scene)
        except FileNotFoundError:
            return self._stage.open(otherwise)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError, SettingsError) as error:
            log.warning("the last scene cannot be shown again: %s", error)
            return self._stage.open(otherwise)
        self._shown = (scene.number, scene.t_ns)
        self._stage.begin(layout)
        self._session.select(scene.subject)
        self._built(scene)
        return True

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: another scene may stand on the wall."""
        if Wall.CLS not in drained.entities and not drained.seeked:
            return
        wall = self._session.desk.entities(Wall).get(self._wall)
        if wall is None or wall.scene is None or self._shown == (wall.scene.number, wall.scene.t_ns):
            return
        scene = wall.scene
        try:
            layout = self._layout(scene)
        except SettingsError as error:
            self._shown = (scene.number, scene.t_ns)
            summary = Text(f"场景“{scene.title.zh}”打不开", f"Scene {scene.title.of('en')} cannot be shown")
            self._session.notices.raise_(
                Notice(key=NOTICE, severity=Severity.ERROR, summary=summary, detail=str(error))
            )
            return
        self._session.notices.clear(NOTICE)
        pictures = [(one, one.grab()) for one in self._stage.windows] if scene.fade and self._shown else []
        first = self._shown is None and self._stage.layout is None
        self._shown = (scene.number, scene.t_ns)
        (self._stage.begin if first else self._stage.show)(layout)
        self._session.select(scene.subject)
        for window, picture in pictures:
            if window in self._stage.windows:
                _Veil(window, picture)
        self._built(scene)
        QTimer.singleShot(0, self, partial(self._keep, scene))  # the disk may be slow, and the scene is painted first

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
            self._coming = 0
            return True
        return super().event(event)

    def _layout(self, scene: Scene) -> Layout:
        """The scene's layout, of this machine's screens; its tiles are named by what they show, so that one that is in
        the next scene too stays. Raises SettingsError."""
        try:
            raw = tomllib.loads(scene.layout)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"scene '{scene.title.of('en')}'", found=str(error), expected="TOML") from error
        layout = parse(raw, f"scene '{scene.title.of('en')}'")
        mine = tuple(one for one in layout.screens if not self._machine or one.machine in ("", self._machine))
        if not mine:
            names = ", ".join(sorted({one.machine for one in layout.screens}))
            raise SettingsError(
                f"scene '{scene.title.of('en')}'", found=f"screens of {names}", expected=f"some of {self._machine}"
            )
        return by_content(msgspec.structs.replace(layout, screens=mine))

    def _keep(self, scene: Scene) -> None:
        try:
            write_whole(self._file, msgspec.json.encode(scene))
        except OSError as error:
            log.warning("the scene cannot be kept for a restart: %s", error)


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
