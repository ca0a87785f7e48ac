"""The test pattern panel: lines, a circle and a scale in mm over all screens of a wall; shows nothing of the city.

Where a line breaks at a bezel, `at_mm` or `pitch_mm` of one of its screens is not what hangs there.
"""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from console.api import Frame, Header, Spanned, Text
from widgets.kit.body import PanelBody
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look
from widgets.pattern.spec import PatternSettings

translate = QCoreApplication.translate
STEPS: Final = (1, 2, 5)
LEAST_STEP_PX: Final = 56
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
FREE_PX: Final = 16
"""Free of words along each edge."""


class PatternPanel(PanelBody[PatternSettings]):
    """See the module."""

    title = Text("校准图", "Test pattern")

    def update_frame(self, frame: Frame) -> None:
        """Nothing of it comes from outside but which part of the whole it is."""
        if frame.seeked:
            part = self.host.spanned
            scope = f"{part.part + 1} / {len(part.parts)}" if part is not None else ""
            self.host.header(Header(scope=scope, data_ns=frame.now_ns, direct=True))
            self.update()

    def evidence(self) -> object:
        """Its name and its part of the whole."""
        part = self.host.spanned
        return {"name": self.settings.name, "at": None if part is None else [part.x, part.y, part.width, part.height]}

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), look.tokens.canvas)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, mm = self._whole()
        step = step_mm(mm)
        self._paint_grid(p, whole, mm, step)
        self._paint_figures(p, whole)
        self._paint_edges(p, whole, mm)
        self._paint_words(p, whole, mm, step)

    def _whole(self) -> tuple[QRectF, float]:
        """The whole picture's place in this panel's px, and px a mm; alone a mm is a pixel."""
        part = self.host.spanned or Spanned(x=0, y=0, width=1, height=1, size_mm=(self.width(), self.height()))
        mm = min(self.width() / part.width / part.size_mm[0], self.height() / part.height / part.size_mm[1])
        wide, high = part.size_mm[0] * mm, part.size_mm[1] * mm
        x = self.width() / 2 - (part.x + part.width / 2) * wide
        return QRectF(x, self.height() / 2 - (part.y + part.height / 2) * high, wide, high), mm

    def _paint_grid(self, p: QPainter, whole: QRectF, mm: float, step: float) -> None:
        """Squares and lines at 45°, all counted from the whole's corner: what breaks at a bezel is seen at once."""
        t = look.tokens
        side = step * mm
        p.setPen(QPen(t.line, 1))
        for n in range(math.ceil(whole.width() / side) + 1):
            p.drawLine(QPointF(whole.x() + n * side, whole.y()), QPointF(whole.x() + n * side, whole.bottom()))
        for n in range(math.ceil(whole.height() / side) + 1):
            p.drawLine(QPointF(whole.x(), whole.y() + n * side), QPointF(whole.right(), whole.y() + n * side))
        p.setPen(QPen(t.muted, 1))
        high = whole.height()
        for n in range(-math.ceil(high / side / 5), math.ceil(whole.width() / side / 5) + 1):
            x = whole.x() + 5 * n * side
            p.drawLine(QPointF(x, whole.y()), QPointF(x + high, whole.y() + high))
            p.drawLine(QPointF(x + high, whole.y()), QPointF(x, whole.y() + high))

    def _paint_figures(self, p: QPainter, whole: QRectF) -> None:
        """Both diagonals, both middles and the largest circle of the whole."""
        thick = max(2.0, self.px(2))
        p.setPen(QPen(look.tokens.text, thick))
        p.drawLine(whole.topLeft(), whole.bottomRight())
        p.drawLine(whole.topRight(), whole.bottomLeft())
        p.setPen(QPen(look.tokens.data, thick))
        middle = whole.center()
        p.drawLine(QPointF(whole.x(), middle.y()), QPointF(whole.right(), middle.y()))
        p.drawLine(QPointF(middle.x(), whole.y()), QPointF(middle.x(), whole.bottom()))
        radius = min(whole.width(), whole.height()) / 2 - thick
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawEllipse(middle, radius, radius)

    def _paint_edges(self, p: QPainter, whole: QRectF, mm: float) -> None:
        """The panel's last pixels, and along its left and upper edge a scale in mm from the whole's corner."""
        t = look.tokens
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        p.setPen(QPen(t.focus, 1))
        p.drawRect(self.rect().adjusted(0, 0, -1, -1))
        fine = step_mm(mm, 7)
        long = self.px(8)
        for n in range(math.ceil(-whole.x() / mm / fine), math.floor((self.width() - whole.x()) / mm / fine) + 1):
            x = round(whole.x() + n * fine * mm)
            p.drawLine(x, 0, x, round(long if n % 5 == 0 else long / 2))
        for n in range(math.ceil(-whole.y() / mm / fine), math.floor((self.height() - whole.y()) / mm / fine) + 1):
            y = round(whole.y() + n * fine * mm)
            p.drawLine(0, y, round(long if n % 5 == 0 else long / 2), y)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_words(self, p: QPainter, whole: QRectF, mm: float, step: float) -> None:
        """What screen this is, where it is believed to hang, and a line of text as large as all others are here."""
        t, em = look.tokens, self.host.text_px
        part = self.host.spanned
        x, y = (round(-corner / mm, 1) + 0.0 for corner in (whole.x(), whole.y()))  # never "-0.0"
        unit = "mm" if part is not None and part.pitch_mm != 1.0 else "px"
        ratio = self.devicePixelRatioF()
        rows = [
            translate("Pattern", "{w} × {h} px").format(w=round(self.width() * ratio), h=round(self.height() * ratio)),
            translate("Pattern", "corner at {x:.1f}, {y:.1f} {unit}").format(x=x, y=y, unit=unit),
            translate("Pattern", "a square is {n:g} {unit}").format(n=step, unit=unit),
            translate("Pattern", "text {n:.1f} {unit} high").format(n=em / mm, unit=unit),
        ]
        name = self.settings.name or translate("Pattern", "Test pattern")
        high = 1.4 * em
        room = self.height() - 2 * FREE_PX - 1.3 * high
        rows = rows[: max(0, int(room / high))]
        wide = min(self.width() - 2 * FREE_PX, 18 * em)
        box = QRectF(0, 0, wide, 1.3 * high + len(rows) * high)
        box.moveCenter(QRectF(self.rect()).center())
        p.fillRect(box.adjusted(-0.4 * em, -0.2 * em, 0.4 * em, 0.3 * em) & QRectF(self.rect()), t.tile)
        p.setPen(t.text)
        p.setFont(font(1.3 * em, bold=True))
        draw_elided(p, QRectF(box.x(), box.y(), wide, 1.3 * high), CENTRE, name)
        p.setFont(font(em))
        p.setPen(t.text2)
        for n, row in enumerate(rows):
            draw_elided(p, QRectF(box.x(), box.y() + 1.3 * high + n * high, wide, high), CENTRE, row)


def step_mm(mm: float, least_px: float = LEAST_STEP_PX) -> float:
    """The least of 1, 2, 5, 10 … mm that is `least_px` px or more, at `mm` px a mm."""
    power = 10.0 ** math.floor(math.log10(least_px / mm))
    return next(n * power for n in (*STEPS, 10) if n * power * mm >= least_px)
