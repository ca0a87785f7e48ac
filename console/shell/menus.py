"""Menus as large as their window's text and fingers want them; they know no command."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QMenu, QWidget

from console.shell.dialogs import scale_of
from widgets.kit.targets import least_of
from widgets.kit.text import font


def plain(words: str) -> str:
    """Words as an action's text: an & in them is one, and not the mark of a key."""
    return words.replace("&", "&&")


def fitted(menu: QMenu, widget: QWidget) -> QMenu:
    """The menu, written as the window of `widget` is, every row high enough for a finger where one touches it."""
    scale = scale_of(widget)
    face = font(13 * scale)
    menu.setFont(face)
    pad = max(6 * scale, (least_of(widget) - QFontMetricsF(face).height()) / 2 + 1)
    menu.setStyleSheet(menu.styleSheet() + f"QMenu::item {{ padding: {round(pad)}px {round(24 * scale)}px; }}")
    return menu
