"""The foot of the vehicle's screen: whether it works on, what is saved here, what waits to be sent, Retry.

It says only what posts and link know: there is no uplink yet, so the queue is that of the mobile posts as reported.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from console.api import NS, Frame, Header, Host, Post, Text
from widgets.kit.body import PanelBody
from widgets.kit.shapes import paint_plug
from widgets.kit.text import clock_text, draw_elided, duration_text, font
from widgets.kit.tokens import look
from widgets.queue.spec import QueueSettings

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CLASSES: Final = (
    Text("指令", "orders"),
    Text("报警", "alarms"),
    Text("位置", "positions"),
    Text("文字", "text"),
    Text("图片", "pictures"),
    Text("视频", "video"),
)
"""In the order in which they are sent."""


class QueuePanel(PanelBody[QueueSettings]):
    """See the module."""

    title = Text("待发队列", "To send")

    def __init__(self, host: Host, settings: QueueSettings) -> None:
        super().__init__(host, settings)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._second = -1
        self._waiting = 0

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        if second != self._second or frame.seeked or frame.entities:
            self._second = second
            self._waiting = sum(post.queued for post in self.host.entities(Post).values() if not post.link_up)
            self.update()
        self.host.header(Header(data_ns=self.host.link.last_data_ns))

    # ------------------------------------------------------------------ painting

    def _button(self) -> QRectF:
        wide = self.px(120)
        return QRectF(self.width() - wide - self.px(14), self.height() / 2 - self.px(20), wide, self.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, px = QPainter(self), look.tokens, self.px
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(event.rect(), t.tile)
        link = self.host.link
        third = self.width() * 0.24
        self._two_lines(p, px(14), third, *self._state_words())
        self._paint_queue(p, QRectF(px(14) + third, 0, self.width() * 0.44, self.height()))
        left = px(14) + third + self.width() * 0.44 + px(12)
        rtt = f"{link.rtt_ms:.0f} ms" if link.up and link.rtt_ms == link.rtt_ms else "—"
        first = translate("Queue", "Round trip {rtt}").format(rtt=rtt)
        second = translate("Queue", "Dropped {count}").format(count=link.dropped)
        self._two_lines(p, left, self._button().left() - left - px(10), first, second, quiet=True)
        self._paint_button(p)

    def _state_words(self) -> tuple[str, str]:
        link, language = self.host.link, self.host.language
        if link.up:
            data = translate("Queue", "Data to {clock}").format(clock=clock_text(link.last_data_ns))
            return translate("Queue", "Linked to {node}").format(node=link.node_name), data
        since = duration_text((self.now_ns - link.since_ns) / NS, language)
        stays = translate("Queue", "The last picture stays and ages; it comes back by itself")
        return translate("Queue", "Node not reached for {span}").format(span=since), stays

    def _two_lines(self, p: QPainter, x: float, width: float, first: str, second: str, quiet: bool = False) -> None:
        px, t, mid = self.px, look.tokens, self.height() / 2
        p.setFont(font(px(13), bold=not quiet))
        p.setPen(t.text2 if quiet else t.text)
        draw_elided(p, QRectF(x, mid - px(22), width, px(22)), LEFT, first)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(x, mid, width, px(20)), LEFT, second)

    def _paint_queue(self, p: QPainter, rect: QRectF) -> None:
        px, t = self.px, look.tokens
        bar = QRectF(rect.left(), rect.center().y() - px(17), rect.width() - px(20), px(8))
        p.fillRect(bar, t.line)
        if self._waiting:
            p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * min(1.0, self._waiting / 200), bar.height()), t.data)
        p.setFont(font(px(12), bold=True))
        p.setPen(t.text)
        words = translate("Queue", "To send {count}").format(count=self._waiting)
        draw_elided(p, QRectF(bar.left(), rect.center().y(), px(90), px(20)), LEFT, words)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        order = " › ".join(name.of(self.host.language) for name in CLASSES)
        draw_elided(p, QRectF(bar.left() + px(96), rect.center().y(), bar.width() - px(96), px(20)), LEFT, order)

    def _paint_button(self, p: QPainter) -> None:
        px, t, rect = self.px, look.tokens, self._button()
        p.setPen(QPen(t.focus if self.hasFocus() else t.line, 2 if self.hasFocus() else 1))
        p.setBrush(t.raised)
        p.drawRect(rect)
        p.setFont(font(px(13)))
        p.setPen(t.text)
        p.drawText(rect, Qt.AlignmentFlag.AlignCenter, translate("Queue", "Retry now"))
        if not self.host.link.up:
            side = px(16)
            plug = QRectF(rect.left() - side - px(8), rect.center().y() - side / 2, side, side)
            paint_plug(p, plug, t.fault)

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._button().contains(event.position()):
            self.host.command("link.retry")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.host.command("link.retry")
        else:
            super().keyPressEvent(event)

    def evidence(self) -> Any:
        """What waits."""
        return {"waiting": self._waiting, "link_up": self.host.link.up}
