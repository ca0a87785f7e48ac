"""What a tile shows, its keys and marks, over the tile itself; made from its panel's declaration, knows no panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from console.api import CommandSpec, Text
from console.shell.commands import key_words
from console.shell.session import Session
from console.shell.tile import Tile
from widgets.kit.form import Shaded
from widgets.kit.tokens import look

SCREEN: Final = Text("屏幕", "Screen")
WIDE_PX: Final = 420
"""At a desk; a tile that is narrower has it stand out over its neighbours."""
LEAVING: Final = (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class TileHelp(QFrame):
    """Stands over its tile until a key, a press or another tile takes it away; then the keys go back."""

    def __init__(self, tile: Tile, language: str, scale: float) -> None:
        super().__init__(tile.window())
        self._scale = scale
        self._before: QWidget | None = tile.window().focusWidget()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tile.spec.title.of(language))
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(self._px(16), self._px(12), self._px(16), self._px(12))
        self._grid.setHorizontalSpacing(self._px(14))
        self._grid.setVerticalSpacing(self._px(6))
        self._grid.setColumnStretch(1, 1)
        self._fill(tile, language)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.addWidget(scroll)
        self._stand(tile, inside)

    def _px(self, desk: float) -> int:
        return round(desk * self._scale)

    def _fill(self, tile: Tile, language: str) -> None:
        self._wide(tile.spec.title.of(language), 16, bold=True)
        lines = [line for line in tile.spec.help.of(language).splitlines() if line.strip()]
        for line in lines or [QCoreApplication.translate("Tile", "Nothing is written about this tile yet.")]:
            key, between, meaning = line.partition("\t")
            if between:
                self._row(key, meaning)
            else:
                self._wide(line, 13)
        for spec in tile.spec.commands:
            if spec.keys:
                self._row(key_words(spec.keys), spec.title.of(language))
        self._wide(QCoreApplication.translate("Tile", "Esc closes · Shift+F1 shows all keys"), 12, shade="text2")

    def _wide(self, words: str, px: float, *, bold: bool = False, shade: str = "text") -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(Shaded(words, px * self._scale, shade, bold=bold), row, 0, 1, 2)

    def _row(self, key: str, meaning: str) -> None:
        row = self._grid.rowCount()
        cap = Shaded(key, 13 * self._scale, bold=True)
        cap.setWordWrap(False)
        cap.setMinimumWidth(cap.sizeHint().width())
        self._grid.addWidget(cap, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(Shaded(meaning, 13 * self._scale, "text2"), row, 1)

    def _stand(self, tile: Tile, inside: QWidget) -> None:
        """At the tile's upper left, as high as its words, all of it in the window."""
        window = tile.window()
        at = tile.mapTo(window, QPoint(0, 0))
        wide = min(max(tile.width(), self._px(WIDE_PX)), self._px(1.6 * WIDE_PX), window.width())
        high = min(inside.heightForWidth(wide - 4) + self._px(8), window.height())
        x = max(0, min(at.x(), window.width() - wide))
        y = max(0, min(at.y(), window.height() - high))
        self.setGeometry(x, y, wide, high)

    def leave(self) -> None:
        """Go, and give the keys back."""
        before, self._before = self._before, None
        self.close()
        if before is not None and shiboken6.isValid(before):  # its tile may have been made anew meanwhile
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    # ------------------------------------------------------------------ Qt

    def act_at(self, _x: float, _y: float) -> str:
        """A press anywhere closes it."""
        return "close"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.leave()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._before = None  # the keys are somebody's already
            self.close()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _leaves(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _leaves(event):
            self.leave()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), look.tokens.raised)
        p.setPen(QPen(look.tokens.muted, 1))
        p.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _leaves(event: QKeyEvent) -> bool:
    return Qt.Key(event.key()) in LEAVING and not event.modifiers()


def add_help_command(session: Session, at_hand: Callable[[], Tile | None]) -> None:
    """Register F1: the help of the tile at hand; where there is none, the key card.

    Args:
        at_hand: the tile with the focus or under the pointer, None for none.
    """

    def show() -> None:
        tile = at_hand()
        if tile is None or tile.on_wall:
            session.commands.run("keys.card")
            return
        made = TileHelp(tile, session.language.code, tile.scale)
        made.show()
        made.raise_()
        made.setFocus(Qt.FocusReason.OtherFocusReason)

    title = Text("窗格说明", "Help of this tile")
    session.commands.add(CommandSpec(id="tile.help", title=title, keys="F1", group=SCREEN), show)
