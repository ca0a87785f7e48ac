"""The foot of the vehicle's screen: whether it works on, what is saved here, what waits to be sent, Retry.

It says only what link and own post know: counts by class come with the uplink, until then nothing can wait here.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from console.api import NS, Frame, Header, Host, Post, Text
from widgets.kit.body import PanelBody
from widgets.kit.shapes import paint_plug
from widgets.kit.targets import grown
from widgets.kit.text import clock_text, draw_elided, duration_text, font, text_width
from widgets.kit.tokens import look, mixed
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
SHADES: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
"""How much of the text's colour each class's square has: the first to go is the brightest."""


class QueuePanel(PanelBody[QueueSettings]):
    """See the module."""

    title = Text("待发队列", "To send")

    def __init__(self, host: Host, settings: QueueSettings) -> None:
        super().__init__(host, settings)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._second = -1
        self._own: Post | None = None

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        if second != self._second or frame.seeked or Post.CLS in frame.entities:
            self._second = second
            self._own = self.host.entities(Post).get(self.settings.post)
            self.update()
            self.host.header(Header(data_ns=self.host.link.last_data_ns))

    @property
    def waiting(self) -> int:
        """How much waits to be sent up: nothing can while no uplink is known."""
        return self._own.queued if self._own is not None else 0

    # ------------------------------------------------------------------ painting

    def _button(self) -> QRectF:
        wide, high = self.px(114), self.px(40)
        return QRectF(self.width() - wide - self.px(12), (self.height() - high) / 2, wide, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, px = QPainter(self), self.px
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(event.rect(), look.tokens.tile)
        first, second = self._state_words()
        left, queue_left = px(14), self.width() * 0.25
        self._two_lines(p, left, queue_left - left - px(12), first, second)
        link_first, link_second = self._link_words()
        room = max(text_width(link_first, px(12)), text_width(link_second, px(12))) + px(4)
        link_left = self._button().left() - px(24) - room
        self._two_lines(p, link_left, room, link_first, link_second, quiet=True)
        self._paint_queue(p, QRectF(queue_left, 0, link_left - queue_left - px(24), self.height()))
        self._paint_button(p)

    def _state_words(self) -> tuple[str, str]:
        """Whether it works on, and how old what it shows is."""
        link, language = self.host.link, self.host.language
        if not link.up:
            span = duration_text((self.now_ns - link.since_ns) / NS, language)
            stays = translate("Queue", "Shown as of {clock}; it comes back by itself")
            return (
                translate("Queue", "Node not reached for {span}").format(span=span),
                stays.format(clock=clock_text(link.last_data_ns)),
            )
        data = translate("Queue", "Live data to {clock}").format(clock=clock_text(link.last_data_ns))
        if self._own is not None and not self._own.link_up:
            return translate("Queue", "Cut from above, working on here"), data
        return translate("Queue", "Linked to {node}").format(node=link.node_title.of(language) or link.node_name), data

    def _link_words(self) -> tuple[str, str]:
        """The uplink, and the way to the node."""
        link, own, language = self.host.link, self._own, self.host.language
        if own is None:
            above = translate("Queue", "Uplink not set up")
        elif own.link_up:
            above = translate("Queue", "Uplink {name}").format(name=own.link_name.of(language))
        else:
            span = duration_text((self.now_ns - own.link_since_ns) / NS, language)
            above = translate("Queue", "Uplink cut {span}").format(span=span)
        rtt = f"{link.rtt_ms:.0f} ms" if link.up and link.rtt_ms == link.rtt_ms else "—"
        words = translate("Queue", "To node {rtt}   dropped {count}")
        return above, words.format(rtt=rtt, count=link.dropped)

    def _two_lines(self, p: QPainter, x: float, width: float, first: str, second: str, quiet: bool = False) -> None:
        px, t, mid = self.px, look.tokens, self.height() / 2
        p.setFont(font(px(12 if quiet else 14), bold=not quiet))
        p.setPen(t.text2 if quiet else t.text)
        draw_elided(p, QRectF(x, mid - px(22), width, px(22)), LEFT, first)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(x, mid, width, px(20)), LEFT, second)

    def _paint_queue(self, p: QPainter, rect: QRectF) -> None:
        """One bar in sending order over its legend; a queue whose classes are not known is one plain bar."""
        px, t = self.px, look.tokens
        waiting = self.waiting
        bar = QRectF(rect.left(), rect.center().y() - px(16), rect.width(), px(8))
        p.fillRect(bar, t.data if waiting else t.line)
        words = translate("Queue", "To send {count}").format(count=waiting)
        line = QRectF(bar.left(), rect.center().y(), bar.width(), px(20))
        p.setFont(font(px(12), bold=True))
        p.setPen(t.text)
        draw_elided(p, line, LEFT, words)
        x = line.left() + text_width(words, px(12), bold=True) + px(14)
        for name, shade in zip(CLASSES, SHADES, strict=True):
            text = name.of(self.host.language) if waiting else f"{name.of(self.host.language)} 0"
            wide = px(13) + text_width(text, px(12))
            if x + wide > line.right():
                break
            square = QRectF(x, line.center().y() - px(4), px(8), px(8))
            p.fillRect(square, mixed(QColor(t.text), t.tile, shade))
            p.setFont(font(px(12)))
            p.setPen(t.text2)
            draw_elided(p, QRectF(x + px(13), line.top(), wide, line.height()), LEFT, text)
            x += wide + px(12)

    def _paint_button(self, p: QPainter) -> None:
        px, t, rect = self.px, look.tokens, self._button()
        wanted = not self.host.link.up
        p.setPen(QPen(t.focus if self.hasFocus() else t.line, 2 if self.hasFocus() else 1))
        p.setBrush(t.text2 if wanted else t.raised)
        p.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        p.setFont(font(px(13)))
        p.setPen(t.tile if wanted else t.text)
        p.drawText(rect, Qt.AlignmentFlag.AlignCenter, translate("Queue", "Retry now"))
        if wanted:
            side = px(16)
            plug = QRectF(rect.left() - side - px(4), rect.center().y() - side / 2, side, side)
            paint_plug(p, plug, t.fault)

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if act := self.act_at(event.position().x(), event.position().y()):
            self.host.command(act)

    def act_at(self, x: float, y: float) -> str:
        """The command of the button there, "" none."""
        return "link.retry" if grown(self._button(), self.host.target_px).contains(QPointF(x, y)) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.host.command("link.retry")
        else:
            super().keyPressEvent(event)

    def evidence(self) -> Any:
        """What waits."""
        return {"waiting": self.waiting, "link_up": self.host.link.up}
