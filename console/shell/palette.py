"""The palette (Ctrl+K), the menu and the key card (Shift+F1), all made from the registry; they know no command by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from console.api import CommandSpec
from console.shell.commands import Command, Commands
from console.shell.dialogs import Sheet
from console.shell.menus import fitted, plain
from widgets.kit.lists import PaintedList
from widgets.kit.targets import least_of
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look

ROW_PX = 36


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
        draw_elided(p, inner, right, command.spec.keys)

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
    group = ""
    for command in commands.all():
        name = command.spec.group.of(language)
        if name != group:
            menu.addSection(name)
            group = name
        action = menu.addAction(plain(command.spec.title.of(language)))
        action.setEnabled(commands.able(command))
        # shown only: the keys themselves are bound once, by the registry
        action.setShortcut(QKeySequence(command.spec.keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(partial(commands.run, command.spec.id))
    return fitted(menu, parent)


class KeyCard(Sheet):
    """All keys by group, as a card; `tiles`: keys that a tile takes itself."""

    def __init__(self, parent: QWidget, commands: Commands, language: str, tiles: Sequence[CommandSpec] = ()) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(QCoreApplication.translate("Palette", "Keys"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(24)
        groups: dict[str, list[CommandSpec]] = {}
        for spec in (*(command.spec for command in commands.all()), *tiles):
            if spec.keys:
                groups.setdefault(spec.group.of(language), []).append(spec)
        half = sum(len(members) + 1 for members in groups.values()) / 2
        rows = [0, 0]
        for name, members in groups.items():
            side = 0 if rows[0] + len(members) / 2 <= half else 1
            self._add_group(grid, rows, side, name, members, language, self.scale)

    @staticmethod
    def _add_group(
        grid: QGridLayout,
        rows: list[int],
        side: int,
        name: str,
        members: list[CommandSpec],
        language: str,
        scale: float,
    ) -> None:
        head = QLabel(name)
        head.setFont(font(12 * scale))
        head.setForegroundRole(head.palette().ColorRole.PlaceholderText)
        grid.addWidget(head, rows[side], 2 * side, 1, 2)
        for row, spec in enumerate(members, rows[side] + 1):
            keys = QLabel(spec.keys)
            keys.setFont(font(14 * scale, bold=True))
            grid.addWidget(keys, row, 2 * side)
            grid.addWidget(QLabel(spec.title.of(language)), row, 2 * side + 1)
        rows[side] += len(members) + 1
