"""The next scene of a wall in a window, live and small, to be changed, beside what stands there now; sends nothing.

Part of the composition root, owned by console.walls.directing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.api import LIVE, Person, Wall
from console.shell.alarm_strip import AlarmStrip
from console.shell.session import Session
from console.stage.stage import Stage
from console.walls.board import Ask, SceneBoard
from console.walls.now_shown import NowShown
from layouts.tree import Layout
from widgets.kit.buttons import ActButton
from widgets.kit.text import clock_text, font
from widgets.kit.tokens import look

BOARD_PX: Final = (1280, 720)
AROUND_PX: Final = (40, 300)
"""What frame, words and buttons want of a small screen."""


class Preview(QDialog):
    """See the module. A dialog, so that it goes aside with all others while the screens are locked.

    Args:
        ask: asks a person for a line of text.

    Signals:
        take: it goes on the wall: True to fade.
        next_wall: another wall is meant.
        turning: it is to take turns with what stands there, or no more.
    """

    take = Signal(object)
    next_wall = Signal()
    turning = Signal()

    def __init__(self, stage: Stage, session: Session, layout: Layout, ask: Ask) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._session = session
        self.installEventFilter(self)
        self.every_s = 0
        """So long each scene is seen where it is to take turns with what stands on the wall; 0: it takes its place."""
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        self._next, self._now = QLabel(), QLabel()
        self._next.setFont(font(16, bold=True))
        self._now.setFont(font(13))
        self._now.setWordWrap(True)
        self._shown = NowShown(session)
        words = QVBoxLayout()
        words.addWidget(self._next)
        words.addWidget(self._now)
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._shown)
        head.addLayout(words, 1)
        column.addLayout(head)
        size = self.screen().availableSize()
        room = (min(BOARD_PX[0], size.width() - AROUND_PX[0]), min(BOARD_PX[1], size.height() - AROUND_PX[1]))
        self.board = SceneBoard(stage, session, layout, room, stage.store, ask)
        column.addWidget(self.board, 0, Qt.AlignmentFlag.AlignCenter)
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+Z", self.board.undo),
            ("Ctrl+Shift+S", self.board.save_as),
            ("Shift+T", self.turning.emit),
            ("Shift+G", self.next_wall.emit),
            ("W", partial(self.take.emit, False)),
            ("Shift+W", partial(self.take.emit, True)),
            ("Esc", self.reject),
        )
        self._buttons = {keys: self._button(keys, act) for keys, act in acts}
        self.board.setFocus()  # Enter is to press no button that nobody has gone to
        column.addLayout(self._row(("Ctrl+Z", "Ctrl+Shift+S", "Shift+T", "Shift+G"), ("W", "Shift+W", "Esc")))

    def _button(self, keys: str, act: Callable[[], object]) -> ActButton:
        button = ActButton("", keys, float, 32, primary=keys == "W")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    def _row(self, left: Sequence[str], right: Sequence[str]) -> QHBoxLayout:
        row = QHBoxLayout()
        for keys in left:
            row.addWidget(self._buttons[keys])
        row.addStretch(1)
        for keys in right:
            row.addWidget(self._buttons[keys])
        return row

    @property
    def layout_shown(self) -> Layout:
        """The scene as it is now."""
        return self.board.scene

    def say(self, wall: Wall | None, id_: str, *, several: bool = False) -> None:
        """What stands on the wall of that id ("" none yet) now, and what would; `several`: there are other walls."""
        translate = QCoreApplication.translate
        code = self._session.language.code
        title = self.layout_shown.title.of(code) + "*" * self.board.touched
        name = (wall.name.of(code) if wall is not None else "") or id_ or translate("Walls", "the wall")
        self.setWindowTitle(translate("Walls", "Preview: {title}").format(title=title))
        said = translate("Walls", "Next: {title} → {wall}").format(title=title, wall=name)
        if self.every_s and wall is not None and wall.scene is not None:
            count = 2 + len(wall.scene.turns)
            turns = translate("Walls", "in turn with what stands there: {count} scenes, {seconds} s each")
            said += " · " + turns.format(count=count, seconds=self.every_s)
        if self._session.replaying:  # the board shows what this desk's tiles do
            said += " · " + translate("Walls", "here in replay, live on the wall")
        self._next.setText(said)
        self._now.setText(words_of(wall, self._session))
        self._shown.show_wall(wall)
        words = {
            "Ctrl+Z": translate("Walls", "Undo"),
            "Ctrl+Shift+S": translate("Walls", "Save as own scene"),
            "Shift+T": translate("Walls", "Take turns"),
            "Shift+G": translate("Walls", "Another wall"),
            "W": translate("Walls", "Take"),
            "Shift+W": translate("Walls", "Fade in"),
            "Esc": translate("Walls", "Close"),
        }
        for keys, word in words.items():
            self._buttons[keys].show_word(word)
        self._buttons["Ctrl+Z"].setEnabled(self.board.touched)
        self._buttons["Shift+T"].setVisible(wall is not None and wall.scene is not None)
        self._buttons["Shift+G"].setVisible(several)

    @property
    def said(self) -> str:
        """What it says of the wall."""
        return self._now.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # not `event`: what a tile raises while it is painted would come through it, and end the program
        override = watched is self and event.type() is QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and override and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it closes this window; elsewhere it is a command's, which would come first
            return True
        return False

    def done(self, result: int) -> None:
        self._shown.close_feeds()
        self.board.close_board()
        super().done(result)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)


def stand_under_strip(window: QWidget, desk: QWidget) -> None:
    """Put a window that comes up in the middle of the desk's, under its alarm strip: alarms and acts stay in sight.

    Where the screen is too low it goes up as far as it must.
    """
    strip = desk.findChild(AlarmStrip)
    if strip is None:
        return
    window.adjustSize()
    space, under = desk.screen().availableGeometry(), strip.mapToGlobal(QPoint(0, strip.height()))
    left = under.x() + (desk.width() - window.width()) // 2
    top = min(under.y(), space.bottom() + 1 - window.height())
    window.move(max(space.left(), left), max(space.top(), top))


def words_of(wall: Wall | None, session: Session) -> str:
    """What stands on a wall, since when and by whom or by which rule, and who controls it."""
    translate = QCoreApplication.translate
    if wall is None or wall.scene is None:
        return translate("Walls", "Now: no scene yet")
    people, code = session.desk.entities(Person), session.language.code

    def who(id_: str) -> str:
        known = people.get(id_)
        return known.name.of(code) if known is not None else id_

    scene, since = wall.scene, clock_text(wall.scene.t_ns, seconds=False)
    holder = who(wall.controller) if wall.controller else translate("Walls", "nobody")
    person = who(scene.by)
    if scene.rule:
        person = translate("Walls", "the rule of {person}").format(person=person)
    said = translate("Walls", "Now: {title}, taken by {person} at {time} · controlled by {holder}")
    said = said.format(title=scene.title.of(code), person=person, time=since, holder=holder)
    if scene.turns:
        turns = translate("Walls", "{count} scenes in turn, {seconds} s each")
        said += " · " + turns.format(count=1 + len(scene.turns), seconds=scene.every_s)
    if scene.context != LIVE:
        said += " · " + translate("Walls", "REPLAY {group}").format(group=scene.context.partition(":")[2])
    if wall.asked:
        said += " · " + translate("Walls", "asked for by {people}").format(people=", ".join(map(who, wall.asked)))
    return said
