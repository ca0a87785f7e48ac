"""The system's own notices, worst first: what happened, details, what to do, since when."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout

from console.api import NS, Frame, Header, Host, Notice, Severity, Text
from widgets.kit.body import PanelBody
from widgets.kit.lists import PaintedList
from widgets.kit.shapes import paint_fault
from widgets.kit.text import age_text, draw_elided, font, text_width
from widgets.kit.tokens import look
from widgets.notices.spec import NoticesSettings

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW_PX: Final = 60
ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class NoticeList(PaintedList):
    """The rows."""

    def __init__(self, owner: NoticesPanel) -> None:
        super().__init__()
        self._owner = owner
        self.notices: tuple[Notice, ...] = ()

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        notice, px, t, language = self.notices[index], self._owner.px, look.tokens, self._owner.host.language
        left, right = rect.left() + px(40), rect.right() - px(12)
        if notice.severity is not Severity.INFO:
            mark = QRectF(rect.left() + px(12), rect.top() + px(9), px(18), px(18))
            paint_fault(p, mark, filled=notice.severity is Severity.ERROR)
        age = age_text((self._owner.now_ns - notice.since_ns) / NS, language) if notice.since_ns else ""
        wide = text_width(age, px(12)) + px(10)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(right - wide, rect.top() + px(6), wide, px(22)), RIGHT, age)
        p.setFont(font(px(13), bold=notice.severity is Severity.ERROR))
        p.setPen(t.text)
        draw_elided(p, QRectF(left, rect.top() + px(6), right - left - wide, px(22)), LEFT, notice.summary.of(language))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        second = "　".join(part for part in (notice.tip.of(language), notice.detail) if part)
        draw_elided(p, QRectF(left, rect.top() + px(31), right - left, px(20)), LEFT, second)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        px, t = self._owner.px, look.tokens
        x, width = rect.left() + px(16), rect.width() - px(32)
        p.setFont(font(px(20)))
        p.setPen(t.text)
        draw_elided(p, QRectF(x, px(16), width, px(28)), LEFT, translate("Notices", "No notices"))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Notices", "Troubles of the system itself appear here: links, sources, disks, tiles.")
        draw_elided(p, QRectF(x, px(46), width, px(20)), LEFT, hint)


class NoticesPanel(PanelBody[NoticesSettings]):
    """See the module."""

    title = Text("通知", "Notices")

    def __init__(self, host: Host, settings: NoticesSettings) -> None:
        super().__init__(host, settings)
        self._list = NoticeList(self)
        self._list.whole_rows_only = host.role == "wall"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list)
        self.setFocusProxy(self._list)
        self._second = -1
        self._read: tuple[Notice, ...] = ()

    def update_frame(self, frame: Frame) -> None:
        """Notices are not entities: they are read at every frame, which comes at least once a second."""
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        if second == self._second and tuple(self.host.notices()) == self._read and not frame.seeked:
            return
        self._second, self._read = second, tuple(self.host.notices())
        worst_first = sorted(self._read, key=lambda notice: (ORDER[notice.severity], -notice.since_ns))
        self._list.notices = tuple(worst_first)
        self._list.set_rows([notice.key for notice in self._list.notices], self.px(ROW_PX))
        worst = sum(notice.severity is Severity.ERROR for notice in self._list.notices)
        scope = translate("Notices", "{count} errors").format(count=worst) if worst else ""
        count = translate("Notices", "{count} in all").format(count=len(self._list.notices))
        self.host.header(Header(scope=scope, right=count))

    def evidence(self) -> Any:
        """Keys and summaries."""
        return [{"key": notice.key, "summary": notice.summary.zh} for notice in self._list.notices]
