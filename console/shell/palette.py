"""The palette (Ctrl+K), the menu and the key card (Shift+F1), made from the registry; they know no command by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QMenu, QScrollArea, QVBoxLayout, QWidget

from console.api import CommandSpec
from console.shell.commands import Command, Commands, key_words
from console.shell.dialogs import Sheet
from console.shell.menus import fitted, plain
from widgets.kit.lists import PaintedList
from widgets.kit.targets import least_of
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look

ROW_PX: Final = 36
LINE_PX: Final = 25.0
"""A line of the key card, at a desk."""
MENU_MOST: Final = 30
"""A menu of more commands has one of its own for each group."""


class _Found(PaintedList):
    def __init__(self, language: str, scale: float) -> None:
        super().__init__()
        self.language, self._scale = language, scale
        self.commands: dict[str, Command] = {}
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_commands(self, found: list[Command]) -> None:
        self.commands = {c.spec.id: c for c in found}
        self.set_rows(list(self.commands), ROW_PX * self._scale)
        self.select(next(iter(self.commands), ""), reveal=True)

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        t, s = look.tokens, self._scale
        command = self.commands[self.keys[index]]
        able = command.enabled()
        inner = rect.adjusted(12 * s, 0, -12 * s, 0)
        p.setFont(font(14 * s))
        p.setPen(t.text if able else t.muted)
        middle = Qt.AlignmentFlag.AlignVCenter
        draw_elided(p, inner.adjusted(0, 0, -180 * s, 0), middle, command.spec.title.of(self.language))
        p.setFont(font(12 * s))
        p.setPen(t.muted)
        right = middle | Qt.AlignmentFlag.AlignRight
        draw_elided(p, inner.adjusted(0, 0, -72 * s, 0), right, command.spec.group.of(self.language))
        p.setPen(t.text2)
        draw_elided(p, inner, right, key_words(command.spec.keys))

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        p.setFont(font(13 * self._scale))
        p.setPen(look.tokens.muted)
        text = QCoreApplication.translate("Palette", "No such command")
        draw_elided(p, rect.adjusted(12, 10, -12, 0), Qt.AlignmentFlag.AlignTop, text)


class Palette(Sheet):
    """A field and what it finds; Enter runs, Esc closes. Chinese, English, pinyin and its initials are understood."""

    def __init__(self, parent: QWidget, commands: Commands, language: str) -> None:
        super().__init__(parent, Qt.WindowType.FramelessWindowHint | Qt.WindowType.Dialog)
        self._commands = commands
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self.field = QLineEdit()
        self.field.setFont(font(16 * self.scale))
        self.field.setPlaceholderText(QCoreApplication.translate("Palette", "Command: name, pinyin or its initials"))
        self.found = _Found(language, self.scale)
        column.addWidget(self.field)
        column.addWidget(self.found, 1)
        self.field.textChanged.connect(self._search)
        self.found.chosen.connect(lambda _key: self._run())
        window = parent.window()
        row = max(ROW_PX * self.scale, least_of(parent))
        high = min(44 * self.scale + 10 * row, window.height() - 96)
        self.resize(min(round(560 * self.scale), window.width()), round(high))
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 96)))
        self._search("")

    def _search(self, text: str) -> None:
        self.found.show_commands([c for c in self._commands.find(text) if self._commands.able(c)])

    def _run(self) -> None:
        chosen = self.found.selected
        self.accept()
        if chosen:
            self._commands.run(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.found.keys:
            keys = self.found.keys
            here = keys.index(self.found.selected) if self.found.selected in keys else 0
            step = 1 if key == Qt.Key.Key_Down else -1
            self.found.select(keys[(here + step) % len(keys)], reveal=True)
        else:
            super().keyPressEvent(event)


def command_menu(parent: QWidget, commands: Commands, language: str) -> QMenu:
    """All commands by group as a menu; it deletes itself when it closes. Show it with `popup`."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    groups: dict[str, QMenu] = {}
    deep = len(commands.all()) > MENU_MOST
    for command in commands.all():
        name = command.spec.group.of(language)
        if name not in groups:
            if not deep:
                menu.addSection(name)
            groups[name] = fitted(menu.addMenu(plain(name)), parent) if deep else menu
        action = groups[name].addAction(plain(command.spec.title.of(language)))
        action.setEnabled(commands.able(command))
        # shown only: the keys themselves are bound once, by the registry
        action.setShortcut(QKeySequence(command.spec.keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(partial(commands.run, command.spec.id))
    return fitted(menu, parent)


class KeyCard(Sheet):
    """All keys by group, as a card in as many columns as its window has room for; `tiles`: keys that a tile takes."""

    def __init__(self, parent: QWidget, commands: Commands, language: str, tiles: Sequence[CommandSpec] = ()) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(QCoreApplication.translate("Palette", "Keys"))
        groups: dict[str, list[CommandSpec]] = {}
        for spec in (*(command.spec for command in commands.all()), *tiles):
            if spec.keys:
                groups.setdefault(spec.group.of(language), []).append(spec)
        lines: list[str | CommandSpec] = []
        for name, members in groups.items():
            lines += [name, *members]
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(*(round(side * self.scale) for side in (20, 14, 20, 14)))
        grid.setHorizontalSpacing(round(16 * self.scale))
        grid.setVerticalSpacing(round(2 * self.scale))
        room = parent.window().size()
        rows = max(1, int((room.height() - 90 * self.scale) / (LINE_PX * self.scale)))
        place = 0
        for line in lines:
            place += isinstance(line, str) and place % rows == rows - 1  # no heading alone at a column's foot
            self._add(grid, place % rows, place // rows, line, language)
            place += 1
        self._show_in(inside, room)

    def _add(self, grid: QGridLayout, row: int, column: int, line: str | CommandSpec, language: str) -> None:
        if isinstance(line, str):
            head = QLabel(line)
            head.setFont(font(12 * self.scale))
            head.setForegroundRole(head.palette().ColorRole.PlaceholderText)
            grid.addWidget(head, row, 2 * column, 1, 2)
            return
        keys = QLabel(key_words(line.keys))
        keys.setFont(font(13 * self.scale, bold=True))
        grid.addWidget(keys, row, 2 * column)
        grid.addWidget(QLabel(line.title.of(language)), row, 2 * column + 1)

    def _show_in(self, inside: QWidget, room: QSize) -> None:
        """No larger than the window that it lies over: what has no room is scrolled to."""
        inside.ensurePolished()
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inside)
        inside.adjustSize()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(scroll)
        wanted = inside.size() + QSize(12, 12)
        self.resize(wanted.boundedTo(room - QSize(24, 24)))
