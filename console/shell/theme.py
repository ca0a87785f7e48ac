"""Puts the tokens onto the application: Fusion, one palette, hardly any style sheet; knows no window."""

from __future__ import annotations

from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from widgets.kit.text import font
from widgets.kit.tokens import Tokens, look, mixed, night

_ROLE = QPalette.ColorRole
_GROUP = QPalette.ColorGroup


def palette(t: Tokens) -> QPalette:
    """The palette that Fusion paints with."""
    made = QPalette()
    roles: dict[QPalette.ColorRole, QColor] = {
        _ROLE.Window: t.tile,
        _ROLE.WindowText: t.text,
        _ROLE.Base: t.raised,
        _ROLE.AlternateBase: t.tile,
        _ROLE.Text: t.text,
        _ROLE.PlaceholderText: t.muted,
        _ROLE.Button: t.raised,
        _ROLE.ButtonText: t.text,
        _ROLE.BrightText: t.focus,
        _ROLE.ToolTipBase: t.raised,
        _ROLE.ToolTipText: t.text,
        _ROLE.Light: t.line,
        _ROLE.Midlight: t.line,
        _ROLE.Mid: t.line,
        _ROLE.Dark: t.canvas,
        _ROLE.Shadow: t.canvas,
        _ROLE.Highlight: t.text2,
        _ROLE.HighlightedText: t.tile,
        _ROLE.Link: t.text,
        _ROLE.LinkVisited: t.text2,
        _ROLE.Accent: t.text2,
    }
    for role, colour in roles.items():
        made.setColor(role, colour)
    for role in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText):
        made.setColor(_GROUP.Disabled, role, mixed(t.muted, t.tile, 0.7))
    made.setColor(_GROUP.Disabled, _ROLE.Highlight, t.line)
    return made


def style_sheet(t: Tokens) -> str:
    """What a palette cannot say: thin scroll bars, flat tabs, menus and buttons with a hairline."""
    line, raised, tile, text2, muted = (c.name() for c in (t.line, t.raised, t.tile, t.text2, t.muted))
    return f"""
    QScrollBar:vertical {{ background: {tile}; width: 8px; margin: 0; }}
    QScrollBar:horizontal {{ background: {tile}; height: 8px; margin: 0; }}
    QScrollBar::handle {{ background: {line}; min-height: 24px; min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: {tile}; }}
    QMenu {{ background: {raised}; border: 1px solid {line}; padding: 4px 0; }}
    QMenu::item {{ padding: 6px 24px; }}
    QMenu::item:selected {{ background: {text2}; color: {tile}; }}
    QToolTip {{ background: {raised}; border: 1px solid {line}; padding: 4px; }}
    QPushButton {{ background: {raised}; border: 1px solid {line}; padding: 6px 16px; min-height: 22px; }}
    QPushButton:default {{ background: {text2}; color: {tile}; }}
    QPushButton:focus {{ border: 2px solid {t.focus.name()}; }}
    QLineEdit {{ background: {raised}; border: 1px solid {line}; padding: 6px 8px; }}
    """


def apply(app: QApplication) -> None:
    """Style, font, palette and sheet from the present tokens; call again after `look.changed`."""
    t = look.tokens
    if app.style().objectName().lower() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font(13))
    app.setPalette(palette(t))
    app.setStyleSheet(style_sheet(t))


def icon() -> QIcon:
    """The first character of the name, 一, on the night tile."""
    made = QPixmap(128, 128)
    t = night()
    made.fill(t.tile)
    p = QPainter(made)
    p.fillRect(22, 56, 84, 16, t.text)
    p.end()
    return QIcon(made)


def install(app: QApplication) -> None:
    """Apply now and after every change of the look."""
    apply(app)
    app.setWindowIcon(icon())
    look.changed.connect(lambda _tokens: apply(app))
