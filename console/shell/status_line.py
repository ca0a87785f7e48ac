"""The status line: notices, node, streams, disk, mode, layout; painted, knows no panel."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.api import LIVE, LinkStatus, Severity
from console.shell.access.page import Page
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from widgets.kit.shapes import paint_cross
from widgets.kit.targets import Targets
from widgets.kit.text import draw_elided, duration_text, font, text_width, value_text
from widgets.kit.tokens import look

_ONE_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


OFFSET_LEAST_MS: Final = 500.0
"""A smaller difference of two machines' clocks is none that a person need know of."""


def link_facts(link: LinkStatus, language: str) -> list[str]:
    """What the link had to do that a person should know of, in words; nothing where there was nothing."""
    facts = []
    if link.dropped:
        said = QCoreApplication.translate("StatusLine", "lost {count} samples")
        facts.append(said.format(count=value_text(link.dropped, 0)))
    if link.filled:
        said = QCoreApplication.translate("StatusLine", "fetched {count} again")
        facts.append(said.format(count=value_text(link.filled, 0)))
    if link.conflated:
        said = QCoreApplication.translate("StatusLine", "{count} skipped for newer ones")
        facts.append(said.format(count=value_text(link.conflated, 0)))
    if abs(link.offset_ms) >= OFFSET_LEAST_MS:
        span = duration_text(abs(link.offset_ms) / 1000, language)
        ahead = QCoreApplication.translate("StatusLine", "the node's clock is {span} ahead of ours")
        behind = QCoreApplication.translate("StatusLine", "the node's clock is {span} behind ours")
        facts.append((ahead if link.offset_ms > 0 else behind).format(span=span))
    return facts


class StatusLine(QWidget):
    """24 px at the foot; a click on the notices runs "notices.show".

    Args:
        state_folder: the folder whose disk's free space is shown; None shows none.
    """

    def __init__(self, session: Session, style: ScreenStyle, state_folder: Path | None) -> None:
        super().__init__()
        self._session = session
        self._style = style
        self._folder = state_folder
        self._free_gb = -1.0
        self._disk_seen_s = float("-inf")
        self._hits = Targets(style.target_px)
        self.setFixedHeight(style.status_px)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        session.notices.changed.connect(self.update)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Repaint once a second, or when the link changed."""
        if second and time.monotonic() - self._disk_seen_s > 60:
            self._disk_seen_s = time.monotonic()
            self._free_gb = shutil.disk_usage(self._folder).free / 1e9 if self._folder else -1.0
        if second or drained.link_changed:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, s = look.tokens, self._style.scale
        p = QPainter(self)
        p.fillRect(self.rect(), t.tile)
        px = 12 * s
        p.setFont(font(px))
        right = self._paint_right(p, px)
        x = self._paint_notices(p, 12 * s, px, right)
        p.setFont(font(px))
        p.setPen(t.text2)
        for text in self._facts():
            width = text_width(text, px)
            if x + width > right:
                break
            p.drawText(QRectF(x, 0, width + 2, self.height()), _ONE_LINE, text)
            x += width + 16 * s

    def _facts(self) -> list[str]:
        link = self._session.link
        node = link.node_title.of(self._session.language.code) or link.node_name or "—"
        facts = [QCoreApplication.translate("StatusLine", "Node {name}").format(name=node)]
        if link.streams_known and link.streams_whole and not self._session.replaying:
            streams = QCoreApplication.translate("StatusLine", "streams {live} of {known}")
            facts.append(streams.format(live=value_text(link.streams_live, 0), known=value_text(link.streams_known, 0)))
        facts += link_facts(link, self._session.language.code)
        if self._free_gb >= 0:
            disk = QCoreApplication.translate("StatusLine", "disk {free} GB free")
            facts.append(disk.format(free=value_text(self._free_gb, 0)))
        return facts

    def _paint_notices(self, p: QPainter, x: float, px: float, right: float) -> float:
        t, s = look.tokens, self._style.scale
        up = self._session.notices.all()
        text = QCoreApplication.translate("StatusLine", "Notices {count}").format(count=len(up))
        worst = up[0] if up and up[0].severity is not Severity.INFO else None
        start = x
        if worst is not None:
            paint_cross(p, QRectF(x, self.height() / 2 - 7 * s, 14 * s, 14 * s), t.fault)
            x += 18 * s
        if up:  # what only informs is told too: a proposal names its key
            text += f" · {up[0].summary.of(self._session.language.code)}"
        p.setPen(t.fault if worst is not None else t.text if up else t.text2)
        width = min(text_width(text, px) + 2, (right - x) * 0.5)
        draw_elided(p, QRectF(x, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        self._hits.clear()
        self._hits.add(QRectF(start, 0, x + width - start, self.height()), "notices.show")
        return x + width + 16 * s

    def _paint_right(self, p: QPainter, px: float) -> float:
        t, s = look.tokens, self._style.scale
        context = self._session.desk.view.context
        if context == LIVE:
            mode = QCoreApplication.translate("StatusLine", "Live")
        elif context.startswith("drill"):
            mode = QCoreApplication.translate("StatusLine", "DRILL")
        else:
            mode = QCoreApplication.translate("StatusLine", "REPLAY")
        if self._session.link.simulated:
            mode += " · " + QCoreApplication.translate("StatusLine", "SIMULATED")
        layout = QCoreApplication.translate("StatusLine", "Layout {title}").format(title=self._session.layout_title())
        x = self.width() - 12 * s
        p.setPen(t.text2)
        keys = QCoreApplication.translate("StatusLine", "F1 help")
        for text in (layout, mode) if self._session.page is not Page.NONE else (keys, layout, mode):
            width = text_width(text, px)
            x -= width
            p.drawText(QRectF(x, 0, width + 2, self.height()), _ONE_LINE, text)
            x -= 16 * s
        return x

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if act := self.act_at(event.position().x(), event.position().y()):
            self._session.commands.run(act)

    def act_at(self, x: float, y: float) -> str:
        """What a press there does: a command's id, "" nothing."""
        return self._hits.at(QPointF(x, y))
