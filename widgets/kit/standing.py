"""What stands over a tile whose content is not there or not fresh: a card with words and keys, a hatched veil.

A card never covers half of what it says: lines that do not fit are left out from the end. Knows no content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from console.api import Host, Text, Value
from widgets.kit.buttons import ActButton, control_px
from widgets.kit.shapes import fault_chip_rect, paint_camera, paint_fault_chip, paint_hatch, paint_plug
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look, night

Sign = Literal["none", "plug", "camera"]
Offer = tuple[Text, str, Callable[[], None]]
"""A button: its word, its key, what it does."""
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_LEADING: Final = 1.5
_WIDEST_EM: Final = 44.0


class Said(Value, frozen=True, kw_only=True):
    """What a card says: `head` in one line, `lines` under it, wrapped; `fault`: it is the system's own trouble."""

    head: str
    lines: tuple[str, ...] = ()
    sign: Sign = "none"
    fault: bool = False


def wrapped(text: str, px: float, width: float) -> list[str]:
    """Lines no wider than `width`, broken at blanks, else anywhere (addresses have none)."""
    layout = QTextLayout(text, font(px))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines


class Card(QWidget):
    """Opaque words in the tile's colour; `buttons` stand under them where there is room."""

    def __init__(self, parent: QWidget, host: Host) -> None:
        super().__init__(parent)
        self._host = host
        self.said = Said(head="")
        self._why: tuple[Text, ...] = ()
        self._sign: Sign = "none"
        self._fault = False
        self._offers: tuple[Offer, ...] = ()
        self._buttons: list[ActButton] = []
        self.painted: Callable[[], None] | None = None
        """Called after each painting."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def cover(
        self, why: Sequence[Text], *, sign: Sign = "none", fault: bool = False, offers: Sequence[Offer] = ()
    ) -> None:
        """Show these words above everything, the first of them as headline, with these buttons."""
        self._why, self._sign, self._fault, self._offers = tuple(why), sign, fault, tuple(offers)
        self._speak()

    def again(self) -> None:
        """Where it stands, say it in the language of now."""
        if self._why and not self.isHidden():
            self._speak()

    def _speak(self) -> None:
        self._put_buttons()
        head, *lines = (text.of(self._host.language) for text in self._why)
        said = Said(head=head, lines=tuple(line for line in lines if line), sign=self._sign, fault=self._fault)
        if said != self.said or self.isHidden():
            self.said = said
            self._place()
            self.show()
            self.raise_()
            self.update()

    def _put_buttons(self) -> None:
        if not self._buttons and not self._offers:
            return
        for old in self._buttons:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self._buttons = []
        high = control_px(self._px, least=self._host.target_px)
        for word, keys, act in self._offers:
            button = ActButton(word.of(self._host.language), keys, self._px, high, primary=False)
            button.clicked.connect(lambda _checked=False, act=act: act())
            button.setParent(self)
            button.show()
            self._buttons.append(button)
        self._place()

    @property
    def buttons(self) -> Sequence[ActButton]:
        """What can be pressed."""
        return self._buttons

    def _px(self, desk: float) -> float:
        return desk * self._host.text_px / 13.0

    # ------------------------------------------------------------------ measure

    def _rows(self) -> list[tuple[str, float, bool]]:
        """(words, size, headline) of all rows that fit, from the top."""
        em = self._host.text_px
        wide = min(self.width() - 2 * em, _WIDEST_EM * em)
        room = self.height() - 2 * em - self._foot()
        rows: list[tuple[str, float, bool]] = []
        for i, text in enumerate((self.said.head, *self.said.lines)):
            px = em * 1.25 if i == 0 else em
            # the headline may be cut in the middle of the night, a sentence under it never
            lines = wrapped(text, px, wide)[: 2 if i == 0 else None]
            tall = len(lines) * px * _LEADING
            if rows and tall > room:
                break
            room -= tall
            rows += [(line, px, i == 0) for line in lines]
        return rows

    def _foot(self) -> float:
        return self._buttons[0].height() + self._host.text_px if self._buttons else 0.0

    def _sign_px(self, rows: Sequence[tuple[str, float, bool]]) -> float:
        side = 2.2 * self._host.text_px
        taken = sum(px * _LEADING for _, px, _ in rows) + self._foot()
        return side if self.said.sign != "none" and taken + side * 1.4 < self.height() else 0.0

    def _top(self, rows: Sequence[tuple[str, float, bool]]) -> float:
        taken = sum(px * _LEADING for _, px, _ in rows) + self._foot() + self._sign_px(rows) * 1.2
        return max(self._host.text_px * 0.5, (self.height() - taken) / 2)

    def _left(self) -> float:
        em = self._host.text_px
        return max(em, (self.width() - min(self.width() - 2 * em, _WIDEST_EM * em)) / 2)

    def _place(self) -> None:
        rows = self._rows()
        y = self._top(rows) + self._sign_px(rows) * 1.2 + sum(px * _LEADING for _, px, _ in rows)
        y += self._host.text_px * 0.5
        x = self._left()
        for button in self._buttons:
            wide = button.sizeHint().width()
            button.setVisible(x + wide <= self.width() and y + button.height() <= self.height())
            button.setGeometry(round(x), round(y), wide, button.height())
            x += wide + self._px(6)

    # ------------------------------------------------------------------ Qt's hooks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        self._place()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook."""
        p = QPainter(self)
        t = look.tokens
        p.fillRect(event.rect(), t.tile)
        rows = self._rows()
        x, y = self._left(), self._top(rows)
        side = self._sign_px(rows)
        if side:
            sign = paint_camera if self.said.sign == "camera" else paint_plug
            sign(p, QRectF(x, y, side, side), t.fault if self.said.fault else t.muted)
            y += side * 1.2
        for text, px, headline in rows:
            p.setFont(font(px, bold=headline))
            p.setPen(t.text if headline else t.text2)
            draw_elided(p, QRectF(x, y, self.width() - x - self._host.text_px, px * _LEADING), LEFT, text)
            y += px * _LEADING
        p.end()
        if self.painted is not None:
            self.painted()


class Veil(QWidget):
    """Over what no longer comes: dimmed and hatched, its age on the fault's fill; the pointer goes through."""

    def __init__(self, parent: QWidget, text_px: Callable[[], float]) -> None:
        super().__init__(parent)
        self._text_px = text_px
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while it is away."""
        return self._words

    def say(self, words: str) -> None:
        """Stand over the tile with these words; "" goes away."""
        if words != self._words:
            self._words = words
            self.setVisible(bool(words))
            self.raise_()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook."""
        p = QPainter(self)
        paint_veil(p, QRectF(self.rect()))
        em = self._text_px()
        face = font(0.92 * em)
        chip = fault_chip_rect(QPointF(0, 0), self._words, face)
        paint_fault_chip(
            p, QPointF(self.width() - chip.width() - 0.5 * em, 1.2 * em), self._words, face, tokens=night()
        )
        p.end()


def paint_veil(p: QPainter, area: QRectF) -> None:
    """Dim and hatch what was painted: it is not of now. Night colours, by day too, as over every picture."""
    t = night()
    veil = QColor(t.canvas)
    veil.setAlphaF(0.45)
    p.fillRect(area, veil)
    hatch = QColor(t.text2)
    hatch.setAlphaF(0.55)
    paint_hatch(p, area, hatch)


def paint_dark(p: QPainter, area: QRectF) -> None:
    """Dim what was painted so far that it counts no more: it is lost."""
    veil = QColor(night().canvas)
    veil.setAlphaF(0.82)
    p.fillRect(area, veil)
