"""The top bar: who watches what, the time, the four boards' counts, the link; painted from entities, knows no panel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from console.api import Area, Post, Severity, Shift, Text
from console.shell.access.corner import Piece, account_menu, corner_px, paint_corner, pieces
from console.shell.access.page import Page
from console.shell.bar_signs import paint_bars, paint_broken_glass, paint_simulated, paint_text, rtt_text
from console.shell.board_counts import BoardCounts
from console.shell.menus import fitted, plain
from console.shell.palette import command_menu
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from widgets.kit.shapes import paint_cross, paint_plug
from widgets.kit.targets import Hold, Targets
from widgets.kit.text import clock_text, date_text, duration_text, font, text_width, value_text
from widgets.kit.tokens import look

_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
TRYING: Final = Text("正在重试", "trying again")
NOTICES: Final = "notices"
SHOWN_HERE: Final = frozenset({"alarm", "sensor", "shift", "area"})


class TopBar(QWidget):
    """One painted row; drawn again when the clock's second, the alarms, the shift or the link changed."""

    def __init__(self, session: Session, style: ScreenStyle) -> None:
        super().__init__()
        self._session = session
        self._style = style
        self._boards = BoardCounts(session, style)
        self._hits = Targets(style.target_px)
        self._account_left = 0.0
        Hold(self, lambda: bool(style.target_px))
        session.notices.changed.connect(self.update)
        session.covered.connect(self._turned)
        self.setFixedHeight(style.top_bar_px)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def _turned(self, _page: Page) -> None:
        self.update()

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Repaint when something that stands here changed."""
        if second or drained.link_changed or drained.entities & SHOWN_HERE:
            self.update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), t.tile)
        self._hits.clear()
        right = self._paint_right(p)
        if self._style.role != "wall":  # which says it over its tiles
            right = paint_broken_glass(p, self._session, right, self.height(), self._style.scale)
        right = self._paint_account(p, right)
        # what matters least goes first where there is little room: hours, date, then who watches
        need = self._boards.least_px
        level = next((n for n in range(3) if self._paint_left(None, n) + need <= right), 3)
        self._boards.paint(p, self._paint_left(p, level), right, self.height())

    @property
    def _covered(self) -> bool:
        return self._session.page is not Page.NONE

    def _paint_account(self, p: QPainter, right: float) -> float:
        """Who is logged in, as much of it as leaves the boards their room."""
        s = self._style.scale
        if self._style.role == "wall" or (self._session.starting and not self._session.link.up):
            return right
        need = self._paint_left(None, 1) + self._boards.least_px
        made = next(
            (m for m in map(self._pieces, range(3)) if right - corner_px(m, s) - 20 * s >= need), self._pieces(2)
        )
        if not made:
            return right
        left = paint_corner(p, made, right, self.height(), s)
        self._hits.add(QRectF(left - 8 * s, 0, right - left + 16 * s, self.height()), "access.menu")
        self._account_left = left - 8 * s
        self._rule(p, left - 16 * s)
        return left - 24 * s

    def _pieces(self, level: int) -> list[Piece]:
        desk = self._session.desk
        return pieces(desk.access, desk.now_ns, self._session.language.code, level)

    def _paint_left(self, p: QPainter | None, level: int) -> float:
        """Paint all that stands left of the boards, or only measure it; returns where it ends."""
        s = self._style.scale
        if self._style.role == "wall":
            return self._paint_clock(p, 8 * s, level)
        x = self._text(p, 12 * s, QCoreApplication.translate("TopBar", "Yilan"), 20 * s, bold=True) + 18 * s
        x = self._rule(p, x)
        if level < 3:
            x = self._rule(p, self._paint_watch(p, x, level))
        return self._paint_clock(p, x, level)

    def _text(
        self, p: QPainter | None, x: float, text: str, px: float, *, bold: bool = False, shade: str = "text"
    ) -> float:
        return paint_text(p, x, self.height(), text, px, bold=bold, shade=shade)

    def _rule(self, p: QPainter | None, x: float) -> float:
        s = self._style.scale
        if p is not None:
            p.fillRect(QRectF(x, self.height() / 2 - 9 * s, 1, 18 * s), look.tokens.line)
        return x + 16 * s

    def _paint_watch(self, p: QPainter | None, x: float, level: int) -> float:
        language, s = self._session.language.code, self._style.scale
        desk = self._session.desk
        shift = next(iter(desk.entities(Shift).values()), None)
        if shift is None:
            post = next((e for e in desk.entities(Post).values() if not e.mobile), None)
            link = self._session.link
            name = post.name.of(language) if post else link.node_title.of(language) or link.node_name
            return self._text(p, x, name or "—", 13 * s, bold=True) + 16 * s
        area = desk.entities(Area).get(shift.area)
        who = " · ".join(part for part in (area.name.of(language) if area else "", shift.seat.of(language)) if part)
        x = self._text(p, x, who, 13 * s, bold=self._style.role == "vehicle") + 12 * s
        x = self._text(p, x, shift.officer.of(language), 13 * s, shade="text2") + 12 * s
        if self._style.role == "desk" and level < 1:
            hours = f"{clock_text(shift.start_ns, seconds=False)}–{clock_text(shift.end_ns, seconds=False)}"
            x = self._text(p, x, f"{shift.name.of(language)} {hours}".strip(), 12 * s, shade="muted") + 12 * s
        return x + 4 * s

    def _paint_clock(self, p: QPainter | None, x: float, level: int) -> float:
        s = self._style.scale
        now_ns = self._session.desk.now_ns
        px = {"desk": 26 * s, "vehicle": 24 * s, "wall": 20.8 * s}[self._style.role]
        x = self._text(p, x, clock_text(now_ns, seconds=self._style.seconds), px, bold=True) + 12 * s
        if self._style.role == "desk" and level < 2:
            newest = clock_text(self._session.link.last_data_ns)
            data = QCoreApplication.translate("TopBar", "data {time}").format(time=newest)
            if self._session.replaying:
                # samples flow for the tiles only; this bar and the strip beneath are of now all the same
                data = QCoreApplication.translate("TopBar", "live")
            lines = (date_text(now_ns, self._session.language.code), data)
            if p is not None:
                p.setFont(font(12 * s))
                p.setPen(look.tokens.text2)
                for i, line in enumerate(lines):
                    p.drawText(QPointF(x, self.height() / 2 + (i * 15 - 3) * s), line)
            x += max(text_width(line, 12 * s) for line in lines) + 18 * s
            x = self._rule(p, x)
        return x + (12 * s if self._style.role == "wall" else 0)

    def _paint_right(self, p: QPainter) -> float:
        """Link, what waits to be sent, modes and the palette's button, from the right edge leftwards."""
        s, link = self._style.scale, self._session.link
        x = self.width() - 12 * s
        if not link.up and self._session.starting:
            word = QCoreApplication.translate("TopBar", "Connecting")
            x -= text_width(word, 13 * s)
            self._text(p, x, word, 13 * s, shade="text2")
            x -= 20 * s
        elif not link.up:
            x = self._paint_cut(p)
            if self._session.waiting and self._style.role != "wall":
                x = self._paint_waiting(p, x) - 18 * s
        elif self._style.role == "desk":
            if not self._covered:
                x = self._paint_palette_button(p, x)
            x = self._paint_link(p, x)
        elif self._style.role == "vehicle":
            x = self._paint_link(p, x)
        if link.simulated and self._style.role != "wall":
            x = paint_simulated(p, x, self.height(), s)
        return self._paint_notices(p, x) if self._style.role == "vehicle" else x

    def _paint_notices(self, p: QPainter, right: float) -> float:
        """How many notices ask for something, where no status line tells them; a touch shows them."""
        s, t = self._style.scale, look.tokens
        asking = [notice for notice in self._session.notices.all() if notice.severity is not Severity.INFO]
        if not asking:
            return right
        word = QCoreApplication.translate("TopBar", "Notices {count}").format(count=len(asking))
        width = text_width(word, 13 * s, True)
        x = right - width - 24 * s
        paint_cross(p, QRectF(x, self.height() / 2 - 8 * s, 16 * s, 16 * s), t.fault)
        p.setFont(font(13 * s, bold=True))
        p.setPen(t.fault)
        p.drawText(QRectF(x + 22 * s, 0, width + 4, self.height()), _MIDDLE.value, word)
        self._hits.add(QRectF(x - 12 * s, 0, right - x + 16 * s, self.height()), NOTICES)
        return x - 16 * s

    def _paint_palette_button(self, p: QPainter, right: float) -> float:
        s, t = self._style.scale, look.tokens
        word = QCoreApplication.translate("TopBar", "Commands Ctrl+K")
        width = text_width(word, 12 * s) + 16 * s
        box = QRectF(right - width, self.height() / 2 - 11 * s, width, 22 * s)
        p.setPen(QPen(t.line, 1))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(box)
        self._text(p, box.left() + 8 * s, word, 12 * s, shade="text2")
        self._hits.add(box, "palette.open")
        return box.left() - 18 * s

    def _paint_link(self, p: QPainter, right: float) -> float:
        s, link = self._style.scale, self._session.link
        word, rtt = QCoreApplication.translate("TopBar", "Link"), rtt_text(link) or "—"
        x = self._paint_waiting(p, right)
        x -= text_width(rtt, 13 * s) + 18 * s
        self._text(p, x, rtt, 13 * s)
        x -= 30 * s
        paint_bars(p, QRectF(x, self.height() / 2 - 7 * s, 22 * s, 14 * s), link)
        x -= text_width(word, 13 * s) + 8 * s
        self._text(p, x, word, 13 * s, shade="text2")
        return x - 20 * s

    def _paint_waiting(self, p: QPainter, right: float) -> float:
        """How many acts lie on this machine's disk that no node has answered for good."""
        s = self._style.scale
        queue, number = QCoreApplication.translate("TopBar", "To send"), value_text(self._session.waiting, 0)
        x = right - text_width(number, 13 * s, True)
        self._text(p, x, number, 13 * s, bold=True)
        x -= text_width(queue, 13 * s) + 6 * s
        self._text(p, x, queue, 13 * s, shade="text2")
        return x

    def _paint_cut(self, p: QPainter) -> float:
        s, t = self._style.scale, look.tokens
        link = self._session.link
        spent = max(0.0, (self._session.desk.now_ns - link.since_ns) / 1e9) if link.since_ns else 0.0
        if link.trouble.en:
            code = self._session.language.code
            word = f"{link.trouble.of(code)} · {TRYING.of(code)}"
        elif reason := link.refusal.of(self._session.language.code):
            word = QCoreApplication.translate("TopBar", "Refused: {reason}").format(reason=reason)
        elif not link.last_data_ns:
            word = QCoreApplication.translate("TopBar", "Connecting")
        else:
            span = duration_text(spent, self._session.language.code)
            word = QCoreApplication.translate("TopBar", "Link cut {span}").format(span=span)
        px = 15 * s if self._style.role == "vehicle" else 13 * s
        width = text_width(word, px, True) + 56 * s
        box = QRectF(self.width() - width, 0, width, self.height())
        p.fillRect(box, t.fault_fill)
        paint_plug(p, QRectF(box.left() + 16 * s, box.center().y() - 10 * s, 20 * s, 20 * s), t.fault_fill_text)
        p.setFont(font(px, bold=True))
        p.setPen(t.fault_fill_text)
        p.drawText(box.adjusted(44 * s, 0, 0, 0), _MIDDLE.value | Qt.TextFlag.TextSingleLine.value, word)
        return box.left() - 16 * s

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._style.role != "wall" and not self._covered:
            menu = command_menu(self, self._session.commands, self._session.language.code)
            menu.popup(event.globalPos())

    def open_account(self) -> None:
        """The account's menu, under its corner."""
        menu = account_menu(self, self._session)
        x = max(0, min(round(self._account_left), self.width() - menu.sizeHint().width()))
        menu.popup(self.mapToGlobal(QPoint(x, self.height())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        act = self.act_at(event.position().x(), event.position().y())
        if act == NOTICES:
            self._notices_menu().popup(event.globalPosition().toPoint())
        elif act:
            self._session.commands.run(act)

    def act_at(self, x: float, y: float) -> str:
        """What a press there does: a command's id, "" nothing."""
        return "" if self._covered else self._hits.at(QPointF(x, y))

    def _notices_menu(self) -> QMenu:
        """What the notices say and what to do, where no tile lists them."""
        language = self._session.language.code
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for notice in self._session.notices.all():
            said = [notice.summary.of(language), notice.tip.of(language)]
            menu.addAction(plain(" · ".join(part for part in said if part)))
        return fitted(menu, self)
