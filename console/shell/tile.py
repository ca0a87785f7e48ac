"""One tile: header, body and the boundary that turns what a panel raises into a card while the others go on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QMoveEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.api import Freshness, Header, Notice, Panel, PanelSpec, Severity, Spanned, Text, Value
from console.resolve import resolve
from console.shell.panel_host import Due, PanelHost
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile_cards import ErrorCard, Veil
from console.shell.tile_header import TileHeader, standing
from widgets.kit.covers import bar_over
from widgets.kit.grip import Grip
from widgets.kit.tokens import look

log = logging.getLogger(__name__)
LOW_PX = 150
"""Below this height an error card says it in one row."""


class Tile(QWidget):
    """A panel's place on a screen. The panel is made when the pacer finds the tile visible for the first time.

    Args:
        name: where it stands, unique in the console ("duty/0.1.2"): key of its notices.
        settings: of the type that `spec.settings` names.
        view: the view state that the panel had when it was last here.
        titled_elsewhere: a tab bears the title already: the header comes up only when something is wrong.
        spanned: which part of a picture over several tiles it shows.
        about: what its panel is to take for the selection; None: the console's.

    Signals:
        enlarge: this tile wants to fill its window, or to go back to its place.
        moved: a hand moved its part of a picture over several tiles: (itself, the view).
    """

    enlarge = Signal(object)
    moved = Signal(object, object)

    def __init__(
        self,
        session: Session,
        spec: PanelSpec,
        settings: Value,
        style: ScreenStyle,
        name: str,
        *,
        titled_elsewhere: bool = False,
        view: dict[str, Any] | None = None,
        spanned: Spanned | None = None,
        about: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self._session = session
        self._spanned, self._about = spanned, about
        self._style = style
        self._panel: Panel | None = None
        self._widget: QWidget | None = None
        self._host: PanelHost | None = None
        self._card: ErrorCard | None = None
        self._header_said = Header()
        self._second, self._modes = -1, (False, False, False)
        self.spec = spec
        self.name = name
        self.settings = settings
        self.titled_elsewhere = titled_elsewhere
        self._view = view or {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._head: TileHeader | None = None
        if style.header_px and spec.body_header:
            self._head = TileHeader(spec.title, style, live=spec.live)
            self._column.addWidget(self._head)
            self._head.enlarge.connect(self._ask_to_enlarge)
            self._head.restart.connect(self.restart)
            self._head.setVisible(not titled_elsewhere)
        self._body = QWidget()
        self._body_column = QVBoxLayout(self._body)
        self._body_column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._body, 1)
        self._veil = Veil(self, style)
        self.setMinimumSize(48, 32)

    # ------------------------------------------------------------------ for the pacer

    @property
    def panel(self) -> Panel | None:
        """The panel, None before it is made and after it has failed."""
        return self._panel

    @property
    def on_wall(self) -> bool:
        """Whether it is written for a wall, also in a preview of one."""
        return self._style.role == "wall"

    @property
    def scale(self) -> float:
        """How much larger than on a desk it is written."""
        return self._style.scale

    @property
    def grip(self) -> Grip | None:
        """By what it is dragged: its header, where it has one."""
        return self._head.grip if self._head is not None else None

    def title_elsewhere(self, titled: bool) -> None:
        """From now on a tab bears its title, or no more."""
        self.titled_elsewhere = titled
        if self._head is not None:
            self._head.setVisible(not titled)
        self._place_veil()

    @property
    def data_ns(self) -> int:
        """When the oldest data was made that the panel says it shows; 0 for none."""
        return self._header_said.data_ns

    @property
    def failed(self) -> bool:
        """Whether an error card stands in the panel's place."""
        return self._card is not None

    @property
    def waits_to_be_made(self) -> bool:
        """Visible, neither made nor failed."""
        return self._panel is None and self._card is None and self.seen

    @property
    def seen(self) -> bool:
        """Whether the operator can see it: shown and its window not minimised."""
        return self.isVisible() and not self.window().isMinimized()

    def gather(self, drained: Drained) -> None:
        """Note what of a drain concerns the panel."""
        if self._host is not None:
            self._host.gather(drained)

    def due(self, now_s: float) -> Due:
        """Say in the header what is true now, and how much the panel wants a frame."""
        self._refresh_header()
        return Due.NOT if self._host is None or self._panel is None else self._host.due(now_s)

    @property
    def framed_s(self) -> float:
        """When the panel got its last frame, monotonic seconds; 0 before the first."""
        return self._host.framed_s if self._host is not None else 0.0

    def give_frame(self, now_s: float) -> None:
        """Give the panel a frame of all that changed since its last."""
        if self._host is not None and self._panel is not None:
            self.guarded(self._panel.update_frame, self._host.frame(now_s))

    # ------------------------------------------------------------------ life

    def make(self) -> None:
        """Make the panel (its module is imported here for the first time); what it raises becomes the card."""
        self._drop_card()
        host = PanelHost(
            self._session,
            self._style,
            on_header=self._take_header,
            on_error=self.fail,
            is_visible=lambda: self.seen,
            on_focus=self._ask_to_enlarge,
            live=self.spec.live,
            spanned=self._spanned,
            on_moved=lambda view: self.moved.emit(self, view),
            about=self._about,
        )
        self._host = host
        self.guarded(self._make, host)

    def _make(self, host: PanelHost) -> None:
        panel = resolve(self.spec.factory)(host, self.settings)
        if not isinstance(panel, QWidget) or not isinstance(panel, Panel):
            raise TypeError(f"{self.spec.factory} makes {type(panel).__name__}, not a panel widget")
        self._panel = self._widget = panel
        self._body_column.addWidget(panel)
        self.setFocusProxy(panel)
        self._veil.raise_()
        self._session.notices.clear(self._notice_key)
        if self._view:
            panel.restore(self._view)

    def _ask_to_enlarge(self) -> None:
        self.enlarge.emit(self)

    def view(self) -> dict[str, Any]:
        """The panel's view state, or the last one known; {} when the panel cannot say it."""
        if self._panel is not None:
            try:
                self._view = self._panel.view_state()
            except Exception:
                log.exception("panel %s raised while telling its view", self.name)
                self._view = {}
        return self._view

    @property
    def inner(self) -> QRect:
        """Where its panel stands, in the coordinates of what the tile stands in, px."""
        at = self.geometry()
        top = self._style.header_px if self._head is not None and not self._head.isHidden() else 0
        return at.adjusted(0, min(top, at.height()), 0, 0)

    def span(self, spanned: Spanned | None) -> None:
        """From now on it shows this part of a picture over several tiles; None: a whole by itself."""
        if spanned != self._spanned:
            self._spanned = spanned
            self.keep_clear()
            if self._host is not None:
                self._host.span(spanned)

    def follow(self, view: dict[str, Any]) -> None:
        """Stand as a hand left another part of the same picture."""
        self._view = view
        if self._panel is not None:
            self.guarded(self._panel.restore, view)

    def retranslate(self) -> None:
        """The language changed: configure the panel again and let it paint everything anew."""
        if self._head is not None:
            self._head.language = self._session.language.code
            self._head.update()
        if self._panel is not None and self._host is not None:
            self._host.forget()
            self.guarded(self._panel.configure, self.settings)
        self._veil.update()

    def restyle(self) -> None:
        """Night became day or back: let the panel paint everything anew."""
        if self._host is not None:
            self._host.forget()
        self.update()

    def restart(self) -> None:
        """Take what is there away and make the panel anew."""
        self._end_panel()
        self._view = {}
        self.make()

    def renew(self) -> None:
        """Make the panel anew as it stood, when it is seen next: what was typed into it was another person's."""
        if self._panel is not None:
            self.view()
            self._end_panel()

    def close_tile(self) -> None:
        """End the panel and all that it subscribed, opened and started."""
        self._end_panel()
        self._drop_card()
        self._session.notices.clear(self._notice_key)

    def _end_panel(self) -> None:
        panel, self._panel = self._panel, None
        host, self._host = self._host, None
        widget, self._widget = self._widget, None
        if panel is not None:
            try:
                panel.close_panel()
            except Exception:
                log.exception("panel %s raised while closing", self.name)
        if host is not None:
            host.close()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()

    # ------------------------------------------------------------------ the boundary

    def guarded(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Call into the panel; an exception ends this panel alone."""
        try:
            act(*arguments)
        except Exception as error:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Put the error card in the panel's place; safe to call while the panel is painting."""
        if self._card is not None:
            return
        log.error("panel %s failed", self.name, exc_info=error)
        details = "".join(traceback.format_exception(error))
        summary = f"{type(error).__name__}: {error}"
        low = self.height() < LOW_PX * self._style.scale
        card = ErrorCard(summary, f"{self.spec.id} · {self.name}\n{details}", self._style, low=low)
        card.restart.connect(self.restart)
        self._card = card
        title = self.spec.title
        self._session.notices.raise_(
            Notice(
                key=self._notice_key,
                severity=Severity.ERROR,
                summary=Text(f"窗格故障：{title.zh}", f"Tile failed: {title.of('en')}"),
                detail=summary,
                tip=Text("点“重启”重开此窗格", "Press Restart on the tile"),
            )
        )
        QTimer.singleShot(0, self, self._show_card)

    def _show_card(self) -> None:
        # deferred: a widget must not be taken away in the middle of its own paint event
        self._end_panel()
        if self._card is not None:
            self._veil.show_state(Freshness.LIVE, "")
            self._body_column.addWidget(self._card)

    def _drop_card(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            card.hide()
            card.setParent(None)
            card.deleteLater()

    @property
    def _notice_key(self) -> str:
        return f"tile.{self.name}"

    # ------------------------------------------------------------------ header and veil

    def _take_header(self, header: Header) -> None:
        if header != self._header_said:
            self._header_said = header
            self._second = -1
            self._refresh_header()

    def _refresh_header(self) -> None:
        desk, live = self._session.desk, self.spec.live
        now_ns = desk.now_ns if live else desk.view.now_ns
        link = self._session.link if live else self._session.view_link
        second = (now_ns - self._header_said.data_ns) // 1_000_000_000
        state = standing(self._header_said, link)
        # a panel without a header of ours says itself how it stands
        unrecorded = self._session.unrecorded and not live
        unseen = self._session.unseen and not live and self.spec.body_header
        if self._card is None and self.spec.body_header:
            missing = unrecorded and state is Freshness.LIVE  # "no alarms" is not what is known of then
            self._veil.show_state(Freshness.STALE if missing else state, self._header_said.source, unseen=unseen)
        if self._head is None:
            return
        if self.titled_elsewhere:
            self._head.setVisible(state in (Freshness.STALE, Freshness.DISCONNECTED))
            self._place_veil()
        modes = (self._session.replaying, unrecorded, unseen)
        if second != self._second or link.up != self._head.link.up or modes != self._modes:
            self._second, self._modes = second, modes
            self._head.replaying, self._head.unrecorded = modes[:2]
            self._head.language = self._session.language.code
            # what one may not look at is not counted either: "0 open" would be untrue
            said = Header(title=self._header_said.title) if unseen else self._header_said
            self._head.header, self._head.link, self._head.now_ns = said, link, now_ns
            self._head.update()

    # ------------------------------------------------------------------ Qt

    def _place_veil(self) -> None:
        top = self._style.header_px if self._head is not None and not self._head.isHidden() else 0
        self._veil.setGeometry(0, top, self.width(), self.height() - top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.keep_clear()
        self._place_veil()
        super().resizeEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        self.keep_clear()
        super().moveEvent(event)

    def keep_clear(self) -> None:
        """On a wall the top bar lies over the tiles: all begin beneath it but parts of a picture over several screens,
        which are of one height on all of them."""
        if self.on_wall:
            self._column.setContentsMargins(0, 0 if self._spanned is not None else bar_over(self), 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)
