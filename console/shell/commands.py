"""The command registry: one declaration each, from which keys, menu, palette and key card are made; knows no panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from console.api import CommandSpec, SettingsError, Value

_ARROWS: Final = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}
_TYPED: Final = re.compile(r"(Shift\+)?(.|Space)")
_MARKS: Final = re.compile(r"[^\w\s]+")
"""Keys that type something."""


class Command(Value, frozen=True):
    """A declaration with what it does; `enabled` says whether it can act now.

    `local`: its key acts only where nobody nearer wants it (arrows), so a window asks for it with `run_local`.
    """

    spec: CommandSpec
    run: Callable[[], None]
    enabled: Callable[[], bool]
    local: bool = False


def takes_text(widget: QObject | None) -> bool:
    """Whether typing goes into this widget as text (or into an input method's composition for it)."""
    if not isinstance(widget, QWidget):
        return False
    if not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
        return False
    return bool(widget.inputMethodQuery(Qt.InputMethodQuery.ImEnabled))


def key_words(keys: str) -> str:
    """A key as persons of either language read it: arrows are signs."""
    return "+".join(_ARROWS.get(part, part) for part in keys.split("+"))


@cache
def pinyin_of(text: str) -> tuple[str, str]:
    """(initials, full pinyin) of a text in lower case, without punctuation: 确认 → ("qr", "queren")."""
    from pypinyin import Style, lazy_pinyin

    text = _MARKS.sub(" ", text)  # nobody types the colon of 预演场景：暴雨内涝 among initials
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()
    return initials.replace(" ", ""), "".join(lazy_pinyin(text)).lower().replace(" ", "")


class Commands(QObject):
    """Commands by id in the order they were added; `changed` has no payload, `ran` carries the id."""

    changed = Signal()
    ran = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._commands: dict[str, Command] = {}
        self._shortcuts: list[tuple[QShortcut, Command]] = []
        self._window: QWidget | None = None
        self._only: frozenset[str] | None = None

    def only(self, ids: frozenset[str] | None) -> None:
        """From now on none but these commands can act; None: all can again. For a screen that is covered."""
        if ids != self._only:
            self._only = ids
            self.follow()

    def able(self, command: Command) -> bool:
        """Whether a command can act now."""
        return (self._only is None or command.spec.id in self._only) and command.enabled()

    def add(
        self,
        spec: CommandSpec,
        run: Callable[[], Any],
        enabled: Callable[[], bool] = lambda: True,
        *,
        local: bool = False,
    ) -> None:
        """Add a command, or replace the one with its id. Raises SettingsError when its key is another's."""
        taken = {c.spec.keys: c.spec.id for c in self._commands.values() if c.spec.keys and c.spec.id != spec.id}
        if spec.keys in taken:
            raise SettingsError(
                f"command {spec.id}", found=f"key {spec.keys}", expected=f"not that of {taken[spec.keys]}"
            )
        self._commands[spec.id] = Command(spec=spec, run=run, enabled=enabled, local=local)
        self._rebind()
        self.changed.emit()

    def all(self) -> tuple[Command, ...]:
        """All commands, in the order they were added."""
        return tuple(self._commands.values())

    def run(self, command_id: str) -> None:
        """Run a command if it can act now. An unknown id raises SettingsError."""
        command = self._commands.get(command_id)
        if command is None:
            raise SettingsError(f"command '{command_id}'", found="nothing of that name")
        if self.able(command):
            command.run()
            self.ran.emit(command_id)

    def find(self, query: str) -> list[Command]:
        """Commands whose title or id holds `query`: Chinese, English, pinyin or pinyin initials; best first."""
        wanted = query.strip().lower().replace(" ", "")
        ranked = [(rank, i, c) for i, c in enumerate(self.all()) if (rank := _rank(c.spec, wanted)) is not None]
        return [c for _, _, c in sorted(ranked, key=lambda row: row[:2])]

    # ------------------------------------------------------------------ keys

    def bind(self, window: QWidget) -> None:
        """Listen for all keys while any window of the application is active; `window` owns the shortcuts."""
        self._window = window
        self._rebind()

    def unbind(self) -> None:
        """Let go of all keys; part of the written shutdown."""
        self._window = None
        self._rebind()

    def follow(self) -> None:
        """What can act may be another now: a key whose command cannot is free for whoever has the focus."""
        for shortcut, command in self._shortcuts:
            if shiboken6.isValid(shortcut):
                shortcut.setEnabled(self.able(command))

    def run_local(self, event: QKeyEvent) -> bool:
        """Run the local command of this key, if there is one that can act now."""
        keys = QKeySequence(event.keyCombination().toCombined() & ~Qt.KeyboardModifier.KeypadModifier.value)
        for command in self._commands.values():
            if command.local and QKeySequence(command.spec.keys) == keys and self.able(command):
                self.run(command.spec.id)
                return True
        return False

    def _rebind(self) -> None:
        for shortcut, _command in self._shortcuts:
            # those of a window that has gone went with it
            if shiboken6.isValid(shortcut):
                shortcut.setEnabled(False)
                shortcut.deleteLater()
        self._shortcuts.clear()
        if self._window is None:
            return
        for command in self._commands.values():
            if command.spec.keys and not command.local:
                self._shortcuts.append((self._shortcut(command.spec, self._window), command))
        self.follow()

    def _shortcut(self, spec: CommandSpec, window: QWidget) -> QShortcut:
        shortcut = QShortcut(QKeySequence(spec.keys), window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda: self._key(spec))
        return shortcut

    def _key(self, spec: CommandSpec) -> None:
        # a character belongs to whoever is being typed into; Qt mostly sees to that, a web view does not
        if _TYPED.fullmatch(spec.keys) and takes_text(QApplication.focusWidget()):
            return
        self.run(spec.id)


def _rank(spec: CommandSpec, wanted: str) -> int | None:
    if not wanted:
        return 0
    zh, en = spec.title.zh.lower().replace(" ", ""), spec.title.of("en").lower().replace(" ", "")
    initials, full = pinyin_of(spec.title.zh)
    texts = (zh, en, initials, full, spec.id)
    if any(text.startswith(wanted) for text in texts):
        return 0
    if any(wanted in text for text in texts):
        return 1
    return None
