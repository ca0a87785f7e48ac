"""The top bar: who watches what, the time, the four boards' counts, the link; painted from entities, knows no panel."""

from __future__ import annotations

from collections import Counter
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from console.api import Area, Board, Post, Sensor, Severity, Shift, Text
from console.shell.access.corner import (
    Piece,
    account_menu,
    corner_px,
    glass_px,
    glass_words,
    paint_corner,
    paint_glass,
    pieces,
)
from console.shell.access.page import Page
from console.shell.palette import command_menu
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from widgets.kit.shapes import paint_badge, paint_cross, paint_link_bars, paint_plug
from widgets.kit.text import MISSING, clock_text, date_text, duration_text, font, text_width, value_text
from widgets.kit.tokens import look

_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
TRYING: Final = Text("正在重试", "trying again")
SHOWN_HERE: Final = frozenset({"alarm", "sensor", "shift", "area"})
BOARDS: Final = (Board.LIFELINE, Board.PUBLIC, Board.PRODUCTION, Board.NATURAL)


def board_name(board: Board, short: bool) -> str:
    """A board's name in the present language; `short` for narrow screens."""
    long_names = {
        Board.LIFELINE: QCoreApplication.translate("TopBar", "Lifeline"),
        Board.PUBLIC: QCoreApplication.translate("TopBar", "Public safety"),
        Board.PRODUCTION: QCoreApplication.translate("TopBar", "Production safety"),
        Board.NATURAL: QCoreApplication.translate("TopBar", "Natural hazards"),
    }
    short_names = {
        Board.LIFELINE: QCoreApplication.translate("TopBar", "Lifeline"),
        Board.PUBLIC: QCoreApplication.translate("TopBar", "Public"),
        Board.PRODUCTION: QCoreApplication.translate("TopBar", "Works"),
        Board.NATURAL: QCoreApplication.translate("TopBar", "Natural"),
    }
    return (short_names if short else long_names)[board]


def kept_boards(counts: dict[Board, Counter[int]], wide: dict[Board, float], room: float) -> list[Board]:
    """The boards that fit into `room` px: calm ones go first, then those whose worst alarm is the mildest."""
    kept = list(BOARDS)
    while len(kept) > 1 and sum(wide[board] for board in kept) > room:
        kept.remove(max(reversed(kept), key=lambda board: min(counts[board], default=9)))
    return kept


class TopBar(QWidget):
    """One painted row; drawn again when the clock's second, the alarms, the shift or the link changed."""

    def __init__(self, session: Session, style: ScreenStyle) -> None:
        super().__init__()
        self._session = session
        self._style = style
        self._palette_hit = QRectF()
        self._notices_hit = QRectF()
        self._account_hit = QRectF()
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
        right = self._paint_account(p, self._paint_glass(p, self._paint_right(p)))
        # what matters least goes first where there is little room: hours, date, then who watches
        need = sum(self._boards(short=True)[1])
        level = next((n for n in range(3) if self._paint_left(None, n) + need <= right), 3)
        self._paint_boards(p, self._paint_left(p, level), right)

    @property
    def _covered(self) -> bool:
        return self._session.page is not Page.NONE

    def _paint_glass(self, p: QPainter, right: float) -> float:
        """A broken glass is seen as long as it lasts; a wall says it over its tiles."""
        s, desk = self._style.scale, self._session.desk
        words = glass_words(desk.access, desk.now_ns, self._session.language.code)
        if not words or self._style.role == "wall":
            return right
        wide = glass_px(words, 13 * s)
        paint_glass(p, QRectF(right - wide, self.height() / 2 - 12 * s, wide, 24 * s), words, 13 * s)
        return right - wide - 16 * s

    def _paint_account(self, p: QPainter, right: float) -> float:
        """Who is logged in, as much of it as leaves the boards their room."""
        s = self._style.scale
        self._account_hit = QRectF()
        if self._style.role == "wall" or (self._session.starting and not self._session.link.up):
            return right
        need = self._paint_left(None, 1) + sum(self._boards(short=True)[1])
        made = next(
            (m for m in map(self._pieces, range(3)) if right - corner_px(m, s) - 20 * s >= need), self._pieces(2)
        )
        if not made:
            return right
        left = paint_corner(p, made, right, self.height(), s)
        self._account_hit = QRectF(left - 8 * s, 0, right - left + 16 * s, self.height())
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
        if p is None:
            return x + text_width(text, px, bold)
        p.setFont(font(px, bold=bold))
        p.setPen({"text": look.tokens.text, "text2": look.tokens.text2, "muted": look.tokens.muted}[shade])
        width = text_width(text, px, bold)
        flags = _MIDDLE.value | Qt.TextFlag.TextSingleLine.value
        p.drawText(QRectF(x, 0, width + 4, self.height()), flags, text)
        return x + width

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

    def _boards(self, short: bool) -> tuple[dict[Board, Counter[int]], list[float]]:
        """Counts of alarm groups by board and priority, and how wide each board stands."""
        sensors = self._session.desk.entities(Sensor)
        counts: dict[Board, Counter[int]] = {board: Counter() for board in BOARDS}
        for group in self._session.groups:
            sensor = sensors.get(group.head.sensor)
            if sensor is not None:
                counts[sensor.board][group.head.priority] += 1
        return counts, [self._board_px(board_name(board, short), counts[board]) for board in BOARDS]

    def _paint_boards(self, p: QPainter, x: float, right: float) -> None:
        counts, widths = self._boards(short=False)
        short = self._style.role != "desk" or x + sum(widths) > right
        if short:
            counts, widths = self._boards(short=True)
        wide = dict(zip(BOARDS, widths, strict=True))
        kept = kept_boards(counts, wide, right + 20 * self._gap - x)
        if self._style.role == "wall":
            x = max(x, right - sum(wide[board] for board in kept))
        for board in kept:
            self._paint_board(p, x, board_name(board, short), counts[board])
            x += wide[board]

    @property
    def _none(self) -> str:
        """No alarms where streams are known; nothing known is not nothing."""
        return "0" if self._session.desk.entities(Sensor) else MISSING

    @property
    def _gap(self) -> float:
        return self._style.scale * (0.36 if self._style.role == "wall" else 1.0)

    @property
    def _sign_px(self) -> float:
        return (13 if self._style.role == "wall" else 14) * self._style.scale

    @property
    def _count_px(self) -> float:
        return (13 if self._style.role == "wall" else 15) * self._style.scale

    def _board_px(self, name: str, counts: Counter[int]) -> float:
        s, gap = self._style.scale, self._gap
        width = text_width(name, 13 * s) + 20 * gap
        if not counts:
            return width + text_width(self._none, 13 * s) + 8 * gap
        return width + sum(self._sign_px + 13 * gap + text_width(str(n), self._count_px, True) for n in counts.values())

    def _paint_board(self, p: QPainter, x: float, name: str, counts: Counter[int]) -> None:
        s, gap = self._style.scale, self._gap
        x = self._text(p, x, name, 13 * s, shade="text2") + 8 * gap
        if not counts:
            self._text(p, x, self._none, 13 * s, shade="muted")
        for priority in sorted(counts):
            size = self._sign_px
            paint_badge(p, QRectF(x, (self.height() - size) / 2, size, size), priority, filled=True, number=False)
            x = self._text(p, x + size + 5 * gap, str(counts[priority]), self._count_px, bold=True) + 8 * gap

    def _paint_right(self, p: QPainter) -> float:
        """Link, what waits to be sent, modes and the palette's button, from the right edge leftwards."""
        s, t = self._style.scale, look.tokens
        link = self._session.link
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
            word = QCoreApplication.translate("TopBar", "SIMULATED")
            width = text_width(word, 12 * s) + 16 * s
            box = QRectF(x - width, self.height() / 2 - 11 * s, width, 22 * s)
            p.setPen(QPen(t.text2, 1.5, Qt.PenStyle.DotLine))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(box)
            self._text(p, box.left() + 8 * s, word, 12 * s)
            x = box.left() - 16 * s
        return self._paint_notices(p, x) if self._style.role == "vehicle" else x

    def _paint_notices(self, p: QPainter, right: float) -> float:
        """How many notices ask for something, where no status line tells them; a touch shows them."""
        s, t = self._style.scale, look.tokens
        asking = [notice for notice in self._session.notices.all() if notice.severity is not Severity.INFO]
        self._notices_hit = QRectF()
        if not asking:
            return right
        word = QCoreApplication.translate("TopBar", "Notices {count}").format(count=len(asking))
        width = text_width(word, 13 * s, True)
        x = right - width - 24 * s
        paint_cross(p, QRectF(x, self.height() / 2 - 8 * s, 16 * s, 16 * s), t.fault)
        p.setFont(font(13 * s, bold=True))
        p.setPen(t.fault)
        p.drawText(QRectF(x + 22 * s, 0, width + 4, self.height()), _MIDDLE.value, word)
        self._notices_hit = QRectF(x - 12 * s, 0, right - x + 16 * s, self.height())
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
        self._palette_hit = box
        return box.left() - 18 * s

    def _paint_link(self, p: QPainter, right: float) -> float:
        s, t = self._style.scale, look.tokens
        link = self._session.link
        word = QCoreApplication.translate("TopBar", "Link")
        rtt = "—" if link.rtt_ms != link.rtt_ms else f"{value_text(link.rtt_ms, 0 if link.rtt_ms >= 1 else 1)} ms"
        x = self._paint_waiting(p, right)
        x -= text_width(rtt, 13 * s) + 18 * s
        self._text(p, x, rtt, 13 * s)
        x -= 30 * s
        bars = 4 if not link.rtt_ms > 60 else 3 if link.rtt_ms < 200 else 2 if link.rtt_ms < 800 else 1
        paint_link_bars(p, QRectF(x, self.height() / 2 - 7 * s, 22 * s, 14 * s), bars, t.data, t.line)
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
        elif link.refusal:
            word = QCoreApplication.translate("TopBar", "Refused: {reason}").format(reason=link.refusal)
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
        corner = self._account_hit
        menu = account_menu(self, self._session)
        x = max(0, min(round(corner.left()), self.width() - menu.sizeHint().width()))
        menu.popup(self.mapToGlobal(QPoint(x, self.height())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._covered:
            return
        if self._account_hit.contains(event.position()):
            self._session.commands.run("access.menu")
        elif self._palette_hit.contains(event.position()):
            self._session.commands.run("palette.open")
        elif self._notices_hit.contains(event.position()):
            self._notices_menu().popup(event.globalPosition().toPoint())

    def _notices_menu(self) -> QMenu:
        """What the notices say and what to do, where no tile lists them."""
        language = self._session.language.code
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for notice in self._session.notices.all():
            said = [notice.summary.of(language), notice.tip.of(language)]
            menu.addAction(" · ".join(part for part in said if part))
        return menu
