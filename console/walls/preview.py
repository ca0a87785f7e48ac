"""The next scene of a wall in a window, live and small, with the words of what stands there now; sends nothing.

Part of the composition root, owned by console.walls.directing.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.api import Person, Wall
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.stage.stage import Stage
from layouts.mosaic import Mosaic
from layouts.tree import Layout, Part
from layouts.wall import TEXT_PX, text_px
from widgets.kit.buttons import ActButton
from widgets.kit.text import clock_text, font
from widgets.kit.tokens import look

WALL_PX: Final = (1920, 1080)
"""What a wall's screen is taken to have where the layout does not say: pictures are scaled from it."""
BOARD_PX: Final = (1280, 720)
AROUND_PX: Final = (40, 180)
GAP_PX: Final = 6


class Preview(QDialog):
    """See the module. A dialog, so that it goes aside with all others while the screens are locked.

    Signals:
        take: it goes on the wall: True to fade.
    """

    take = Signal(object)

    def __init__(self, stage: Stage, session: Session, layout: Layout) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._stage, self._session = stage, session
        self.layout_shown = layout
        self._mosaics: list[Mosaic] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        self._next, self._now = QLabel(), QLabel()
        self._next.setFont(font(16, bold=True))
        self._now.setFont(font(13))
        column.addWidget(self._next)
        column.addWidget(self._now)
        column.addWidget(self._board(layout))
        row = QHBoxLayout()
        row.addStretch(1)
        self._buttons = [ActButton("", keys, float, 32, primary=keys == "W") for keys in ("W", "Shift+W", "Esc")]
        acts = (partial(self.take.emit, False), partial(self.take.emit, True), self.reject)
        for button, act in zip(self._buttons, acts, strict=True):
            button.clicked.connect(act)
            row.addWidget(button)
        column.addLayout(row)

    def _board(self, layout: Layout) -> QWidget:
        """All screens side by side, as near to a square as they go."""
        board = QWidget()
        grid = QGridLayout(board)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_PX)
        across = math.ceil(math.sqrt(len(layout.screens)))
        room = self.screen().availableSize()
        down = math.ceil(len(layout.screens) / across)
        # window frame, words and buttons want their part of a small screen too
        high = min(BOARD_PX[1], room.height() - AROUND_PX[1]) / down * WALL_PX[0] / WALL_PX[1]
        wide = round(min((min(BOARD_PX[0], room.width() - AROUND_PX[0]) - GAP_PX * (across - 1)) / across, high))
        scale = wide / WALL_PX[0]
        for i, screen in enumerate(layout.screens):
            style = ScreenStyle(
                role="wall", text_px=text_px(screen, layout) * scale, top_bar=False, seconds=False, detached=True
            )
            mosaic = Mosaic(
                screen.tree,
                partial(self._tile, style),
                self._stage.panel_title,
                lambda: self._session.language.code,
                style.text_px,
                style.text_px / TEXT_PX["wall"],
                movable=lambda: False,
            )
            mosaic.setFixedSize(wide, round(WALL_PX[1] * scale))
            self._mosaics.append(mosaic)
            grid.addWidget(mosaic, i // across, i % across)
        return board

    def _tile(self, style: ScreenStyle, part: Part, tabbed: bool) -> QWidget:
        return self._stage.tile(part, style, f"preview/{part.id}", tabbed=tabbed)

    def say(self, wall: Wall | None, id_: str) -> None:
        """What stands on the wall of that id ("" none yet) now, and what would."""
        translate = QCoreApplication.translate
        code = self._session.language.code
        title = self.layout_shown.title.of(code)
        name = (wall.name.of(code) if wall is not None else "") or id_ or translate("Walls", "the wall")
        self.setWindowTitle(translate("Walls", "Preview: {title}").format(title=title))
        self._next.setText(translate("Walls", "Next: {title} → {wall}").format(title=title, wall=name))
        self._now.setText(words_of(wall, self._session))
        words = (translate("Walls", "Take"), translate("Walls", "Fade in"), translate("Walls", "Close"))
        for button, word in zip(self._buttons, words, strict=True):
            button.show_word(word)

    @property
    def said(self) -> str:
        """What it says of the wall."""
        return self._now.text()

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and override and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it closes this window; elsewhere it is a command's, which would come first
            return True
        return super().event(event)

    def done(self, result: int) -> None:
        for mosaic in self._mosaics:
            for tile in mosaic.by_id.values():
                self._stage.end_tile(tile)
        self._mosaics.clear()
        super().done(result)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)


def words_of(wall: Wall | None, session: Session) -> str:
    """What stands on a wall, since when and by whom, and who controls it."""
    translate = QCoreApplication.translate
    if wall is None or wall.scene is None:
        return translate("Walls", "Now: no scene yet")
    people = session.desk.entities(Person)

    def who(id_: str) -> str:
        known = people.get(id_)
        return known.name.of(session.language.code) if known is not None else id_

    scene, since = wall.scene, clock_text(wall.scene.t_ns, seconds=False)
    title = scene.title.of(session.language.code)
    holder = who(wall.controller) if wall.controller else translate("Walls", "nobody")
    said = translate("Walls", "Now: {title}, taken by {person} at {time} · controlled by {holder}")
    return said.format(title=title, person=who(scene.by), time=since, holder=holder)
