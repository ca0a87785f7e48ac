"""The capture tile: one device's pictures, how old they are, and what is said where there are none.

A frozen picture never looks live: it is dimmed, hatched and bears its age. Pictures come from a feed; the device is
opened by a worker process of the client.
"""

from __future__ import annotations

import time
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent

from console.api import Feed, Frame, Freshness, Header, Host, Picture, PictureState, Text
from widgets.capture import words
from widgets.capture.spec import CaptureSettings
from widgets.kit.body import PanelBody
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip
from widgets.kit.standing import Card, paint_veil
from widgets.kit.text import clock_text, duration_text, font
from widgets.kit.tokens import night

LIST_S: Final = 2.0


class CapturePanel(PanelBody[CaptureSettings]):
    """See the module."""

    title = Text("采集", "Capture")

    def __init__(self, host: Host, settings: CaptureSettings) -> None:
        super().__init__(host, settings)
        self._feed: Feed | None = None
        self._opened = CaptureSettings()
        self._picture: Picture | None = None
        self._asked = (0, 0)
        self._pictures = 0
        self._listed_s = 0.0
        self._header: Header | None = None
        self._card = Card(self, host)
        self._why: tuple[Text, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._follow()
        self._say()
        self._tell_header()

    # ------------------------------------------------------------ console.api.Panel

    @property
    def painted(self) -> int:
        """2 and more once there is a picture, or a card that says why there is none."""
        waits = self._feed is not None and self._feed.state is PictureState.CONNECTING
        return 1 if waits else 2 + self._pictures

    @property
    def feed(self) -> Feed | None:
        """What the pictures come from, while the tile is seen."""
        return self._feed

    @property
    def card(self) -> Card:
        """The words in the picture's place."""
        return self._card

    def update_frame(self, frame: Frame) -> None:
        """Ages; and every two seconds whether list or devices are others."""
        self.now_ns = frame.now_ns
        if frame.seeked or time.monotonic() - self._listed_s > LIST_S:
            self._follow()
        self._say()
        self._tell_header()
        if self._state() is not PictureState.LIVE:
            self.update()

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same after a change of language."""
        super().configure(settings)
        self._follow()
        self._say()
        self._tell_header()

    def evidence(self) -> Any:
        """Which device, how its picture stands and when it was taken (UTC ns)."""
        feed = self._feed
        return {
            "device": self.settings.device,
            "state": self._state().value,
            "t_ns": feed.last_t_ns if feed is not None else 0,
            "why": words.reason(feed.detail).of("en") if feed is not None and feed.detail else "",
        }

    def close_panel(self) -> None:
        """Let go of the device."""
        self._drop()
        super().close_panel()

    # ------------------------------------------------------------ the device

    def _follow(self) -> None:
        """Open what is set, allowed and seen; let go of anything else."""
        self._listed_s = time.monotonic()
        settings, allowed = self.settings, self.host.outside.allowed()
        if not settings.device:
            self._drop()
            self._why = words.unset(self.host.outside.devices())
        elif settings.device not in allowed.captures:
            self._drop()
            self._why = words.refused(settings.device, allowed, self.host.outside.devices())
        elif not self.isVisible():
            self._drop()
            self._why = ()
        elif self._feed is None or self._opened != settings:
            self._drop()
            self._open(settings)

    def _open(self, settings: CaptureSettings) -> None:
        rate = f"{settings.rate:g}" if settings.rate else ""
        stream = " ".join(word for word in (settings.size, rate, settings.format) if word)
        self._opened, self._asked, self._why = settings, (0, 0), ()
        self._feed = self.host.feed(f"capture:{settings.device}", stream)
        self._feed.on_picture(self._arrived)
        self._ask_size()

    def _drop(self) -> None:
        if self._feed is not None:
            self._feed.close()
        self._feed = self._picture = None

    def _state(self) -> PictureState:
        return self._feed.state if self._feed is not None else PictureState.LOST

    def _arrived(self) -> None:
        self._say()
        self._tell_header()
        self.update()

    def _ask_size(self) -> None:
        ratio = self.devicePixelRatioF()
        asked = (max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio)))
        if self._feed is not None and asked != self._asked:
            self._asked = asked
            self._feed.resize(*asked)

    # ------------------------------------------------------------ what is said

    def _say(self) -> None:
        """The card, where there is no picture to be shown."""
        feed = self._feed
        if feed is not None and (feed.state is PictureState.STALE or feed.state is PictureState.LIVE):
            self._card.hide()
            return
        why, fault = self._why, False
        if feed is not None and feed.state is PictureState.CONNECTING:
            why = (Text("正在打开采集设备", "Opening the device"), Text(self.settings.device))
        elif feed is not None:
            why, fault = words.lost(self.settings.device, feed.detail, self.host.outside.devices()), True
            since = clock_text(feed.last_t_ns)
            why += (Text(f"最后画面 {since}", f"Last picture {since}"),) if feed.last_t_ns else ()
        if why:
            self._card.cover(why, sign="plug" if fault else "camera", fault=fault)

    def _tell_header(self) -> None:
        feed = self._feed
        last = feed.last_t_ns if feed is not None else 0
        size = self._picture_size()
        header = Header(
            scope=self.settings.device,
            marks=(f"{size[0]}×{size[1]}",) if size and self._state() is PictureState.LIVE else (),
            data_ns=last,
            source=self.settings.device,
            freshness=self._freshness(),
            direct=True,
        )
        if header != self._header:
            self._header = header
            self.host.header(header)

    def _picture_size(self) -> tuple[int, int] | None:
        return (self._picture.bgra.shape[1], self._picture.bgra.shape[0]) if self._picture is not None else None

    def _freshness(self) -> Freshness:
        feed = self._feed
        if feed is None or not feed.last_t_ns:
            return Freshness.LIVE  # never seen, and our card says why: of NEVER the host would lay its own over it
        known = {PictureState.LIVE: Freshness.LIVE, PictureState.STALE: Freshness.STALE}
        return known.get(feed.state, Freshness.DISCONNECTED)

    # ------------------------------------------------------------ Qt's hooks

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: the device is read only while it is seen."""
        super().showEvent(event)
        self._follow()
        self._say()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook."""
        super().hideEvent(event)
        self._drop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        self._card.setGeometry(self.rect())
        self._ask_size()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the whole picture, dimmed and hatched where it is not of now."""
        p, t, area = QPainter(self), night(), QRectF(self.rect())
        p.fillRect(area, t.canvas)
        picture = self._feed.picture() if self._feed is not None else None
        if picture is None or self._feed is None:
            p.end()
            return
        if self._picture is None or self._picture.serial != picture.serial:
            self._pictures += 1
        self._picture = picture
        height, width = picture.bgra.shape[:2]
        image = QImage(picture.bgra.data, width, height, width * 4, QImage.Format.Format_RGB32)
        scale = min(area.width() / width, area.height() / height)
        target = QRectF(0, 0, width * scale, height * scale)
        target.moveCenter(area.center())
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, abs(scale - 1) > 0.01)
        p.drawImage(target, image, QRectF(0, 0, width, height))
        if self._feed.state is not PictureState.LIVE:
            paint_veil(p, area)
            self._paint_age(p, area)
        p.end()

    def _paint_age(self, p: QPainter, area: QRectF) -> None:
        em = self.host.text_px
        last = self._feed.last_t_ns if self._feed is not None else 0
        said = duration_text(max(0, self.host.now_ns - last) / 1e9, self.host.language)
        face = font(0.92 * em)
        wide = fault_chip_rect(QPointF(0, 0), said, face).width()
        paint_fault_chip(p, QPointF(area.right() - wide - 0.5 * em, area.top() + 1.2 * em), said, face, tokens=night())
