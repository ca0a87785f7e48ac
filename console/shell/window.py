"""One window of the console: bars around a mosaic, one screen each; knows no panel and no layout file.

How the composition root (console.app with console.stage.stage) builds it::

    session = Session(desk, tasks, notices, commands, language)
    pacer, acts = Pacer(session), AlarmActs(session)
    window = MainWindow(session, pacer, acts, ScreenStyle(), replay=ReplayActs(session), access=AccessActs(session))
    window.set_mosaic(widget)          # whoever makes the tiles adds them to the pacer
    add_standard_commands(session, acts, …)
    commands.bind(window)
    window.show()
    pacer.start()
"""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.api import LIVE, NS
from console.shell.access.acts import AccessActs
from console.shell.access.corner import account_menu, glass_words
from console.shell.access.cover import Cover
from console.shell.access.page import Page
from console.shell.alarm_acts import AlarmActs
from console.shell.alarm_strip import AlarmStrip
from console.shell.dialogs import TEXT_SCALE
from console.shell.focus_frame import FocusFrame
from console.shell.mode_mark import ModeMark
from console.shell.pacer import Chrome, Pacer
from console.shell.ports import Drained
from console.shell.replay_acts import ReplayActs
from console.shell.replay_bar import ReplayBar
from console.shell.replay_paint import wall_mark
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.status_line import StatusLine
from console.shell.tile import Tile
from console.shell.topbar import TopBar
from widgets.kit.shapes import paint_hatch
from widgets.kit.targets import LEAST
from widgets.kit.tokens import look

GAP_PX = 4
GLASS_PX = 3
MINUTE_NS = 60 * NS


class MainWindow(QWidget):
    """Top bar, alarm strip, mosaic, status line, as the screen's style says.

    Signals:
        closing: the operator closes the window; the composition root then ends the console.
    """

    closing = Signal()

    def __init__(
        self,
        session: Session,
        pacer: Pacer,
        acts: AlarmActs,
        style: ScreenStyle,
        *,
        replay: ReplayActs,
        access: AccessActs,
        state_folder: Path | None = None,
        title: str = "一览 Yilan",
    ) -> None:
        super().__init__()
        self.cover: Cover | None = None
        self._session = session
        self._pacer = pacer
        self._style = style
        self._access = access
        self._mode: tuple[str, bool, int, str] = ("", False, 0, "")
        self._glass = ""
        self._had_keys: QWidget | None = None
        self.setWindowTitle(title)
        self.setProperty(LEAST, style.target_px)
        self.setProperty(TEXT_SCALE, style.scale if style.role != "wall" else 1.0)
        if style.role == "wall":
            self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
            self.setCursor(Qt.CursorShape.BlankCursor)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._middle = QVBoxLayout()
        self._middle.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        self._mosaic: QWidget | None = None
        self.top_bar = TopBar(session, style) if style.top_bar else None
        self.strip = AlarmStrip(session, acts, style) if style.strip_px else None
        self.replay_bar = ReplayBar(session, replay, style) if style.replay_px else None
        self.status_line = StatusLine(session, style, state_folder) if style.status_px else None
        self._mark: ModeMark | None = None
        # a wall has no hands on it
        self._focus_frame = FocusFrame(self, self._tile_of) if style.role != "wall" else None
        if style.role == "wall":
            # the bar lies over the mosaic: a map that spans several screens must be of one height on all of them
            if self.top_bar is not None:
                self.top_bar.setParent(self)
            self._mark = ModeMark(self, style)
        elif self.top_bar is None and self.strip is None:
            self._mark = ModeMark(self, style, modes=False)
        elif self.top_bar is not None:
            self._column.addWidget(self.top_bar)
            self._column.addSpacing(2)
        if self.strip is not None:
            self._column.addWidget(self.strip)
        if self.replay_bar is not None:
            # under the strip, which is live and keeps its place; over the tiles, which show what the bar says
            self._column.addWidget(self.replay_bar)
        self._column.addLayout(self._middle, 1)
        if self.status_line is not None:
            self._column.addWidget(self.status_line)
        for chrome in self._chrome:
            pacer.add_chrome(chrome)
        look.changed.connect(self._restyled)
        session.language.changed.connect(self._restyled)
        session.covered.connect(self._covered)
        access.changed.connect(self._account_changed)
        if session.page is not Page.NONE:
            self._covered(session.page)

    @property
    def _chrome(self) -> tuple[Chrome, ...]:
        bars = (self.top_bar, self.strip, self.replay_bar, self.status_line, self)
        return tuple(chrome for chrome in bars if chrome is not None)

    # ------------------------------------------------------------------ for the composition root

    @property
    def mosaic(self) -> QWidget | None:
        """What stands in the middle."""
        return self._mosaic

    def set_mosaic(self, widget: QWidget) -> None:
        """Put a mosaic in the middle; the one before is taken out and belongs to the caller."""
        if self._mosaic is not None:
            self._middle.removeWidget(self._mosaic)
            self._mosaic.setParent(None)
        self._mosaic = widget
        self._middle.addWidget(widget)
        widget.setVisible(self._session.page is Page.NONE)
        self._place_over()

    def _covered(self, page: Page) -> None:
        """Hide the tiles behind a page, or show them again; the keys go along."""
        if page is not Page.NONE:
            self._hide_tiles()
        if self.cover is not None:
            self.cover.turn(page)
        if page is Page.NONE:
            self._show_tiles()
        elif self.isActiveWindow() and self.cover is not None:
            self.cover.take_keys()
        self._place_over()
        self._restyled(None)

    def _hide_tiles(self) -> None:
        if self.cover is None:
            self.cover = Cover(self._session, self._access, self._style)
            self._middle.addWidget(self.cover)
        focus = QApplication.focusWidget()
        if focus is not None and self._mosaic is not None and self._mosaic.isAncestorOf(focus):
            self._had_keys = focus
        if self._mosaic is not None:
            self._mosaic.hide()

    def _show_tiles(self) -> None:
        if self._mosaic is not None:
            self._mosaic.show()
        keys, self._had_keys = self._had_keys, None
        if keys is not None and shiboken6.isValid(keys) and keys.window() is self:
            keys.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pacer.hurry()

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Repaint the frame when the mode (live, simulated, replay, drill, broken glass) changed."""
        self._follow_mode()
        if self.cover is not None and second:
            self.cover.follow()
        if self._focus_frame is not None:
            self._focus_frame.follow()

    def _account_changed(self) -> None:
        """Who is here or what they may is another: bars and marks say so at once."""
        self._follow_mode()
        for bar in (self.top_bar, self.strip, self.status_line):
            if bar is not None:
                bar.update()

    def _follow_mode(self) -> None:
        desk, language = self._session.desk, self._session.language.code
        minute_ns = desk.view.now_ns // MINUTE_NS * MINUTE_NS if desk.replay is not None else 0
        mode = (desk.view.context, self._session.link.simulated, minute_ns, language)
        if mode[:2] != self._mode[:2]:
            self.update()
        glass = glass_words(desk.access, desk.now_ns, language)
        if mode != self._mode or glass != self._glass:
            if bool(glass) is not bool(self._glass):
                self.update()
            self._mode, self._glass = mode, glass
            if self._mark is not None:
                mark = wall_mark(minute_ns, desk.now_ns, language) if minute_ns else None
                self._mark.show_mode(*mode[:2], mark, glass)
                self._place_over()

    def open_account(self) -> None:
        """The account's menu: under its corner, or where there is no bar at the upper left."""
        if self.top_bar is not None:
            self.top_bar.open_account()
        else:
            account_menu(self, self._session).popup(self.mapToGlobal(self.rect().topLeft()))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes on; where it arrives is outlined until the pointer takes over."""
        moved = super().focusNextPrevChild(forward)
        if moved and self._focus_frame is not None:
            self._focus_frame.show_at(self._tile_of(QApplication.focusWidget()))
        return moved

    def _tile_of(self, widget: QWidget | None) -> QWidget | None:
        while widget is not None and not isinstance(widget, Tile):
            widget = widget.parentWidget()
        return widget

    def close_window(self) -> None:
        """Leave the pacer and end the strip's subscription; part of the written shutdown."""
        for chrome in self._chrome:
            self._pacer.remove_chrome(chrome)
        if self.strip is not None:
            self.strip.close_strip()
        self.hide()
        self.deleteLater()

    def _place_over(self) -> None:
        if self._mark is None:
            return
        top = 0
        if self.top_bar is not None:
            top = self.top_bar.height()
            self.top_bar.setGeometry(0, 0, self.width(), top)
            self.top_bar.raise_()
            for tile in self.findChildren(Tile):
                tile.keep_clear()
        if self._mark is not None:
            self._mark.move(self.width() - self._mark.width() - 16, top + 16)
            self._mark.raise_()

    def _restyled(self, _what: object) -> None:
        for child in (self, *self.findChildren(QWidget)):
            child.update()

    # ------------------------------------------------------------------ Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that no tile wanted: in a replay the arrows seek."""
        if not self._session.commands.run_local(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_over()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(event.rect(), look.tokens.canvas)
        self._paint_mode(p)

    def _paint_mode(self, p: QPainter) -> None:
        """Dotted round a simulated city, double in a replay, hatched in a drill: in the gap round the mosaic."""
        t = look.tokens
        context, simulated = self._mode[:2]
        if self._glass:
            for band in _bands(QRectF(self._middle.geometry()), GLASS_PX):
                p.fillRect(band, t.text)
            return
        frame = QRectF(self._middle.geometry()).adjusted(1, 1, -1, -1)
        if context.startswith("drill"):
            for band in _bands(frame, GAP_PX - 1):
                paint_hatch(p, band, t.text2)
        elif context and context != LIVE:
            p.setPen(QPen(t.text2, 1))
            p.drawRect(frame)
            p.drawRect(frame.adjusted(2, 2, -2, -2))
        elif simulated:
            p.setPen(QPen(t.muted, 1, Qt.PenStyle.DotLine))
            p.drawRect(frame)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._access.hands.watch(self.windowHandle())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        cover = self.cover
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and cover is not None:
            focus = QApplication.focusWidget()
            if cover.isVisible() and (focus is None or not cover.isAncestorOf(focus)):
                cover.take_keys()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._session.page is Page.LOCKED:
            event.ignore()  # the alarms go on here, whoever stands before it
            return
        # tiles of a window of their own are docked first, which ends it; where they may not move, it stays
        event.setAccepted(not self._style.detached)
        self.closing.emit()


def _bands(frame: QRectF, width: float) -> list[QRectF]:
    return [
        QRectF(frame.left(), frame.top(), frame.width(), width),
        QRectF(frame.left(), frame.bottom() - width, frame.width(), width),
        QRectF(frame.left(), frame.top(), width, frame.height()),
        QRectF(frame.right() - width, frame.top(), width, frame.height()),
    ]
