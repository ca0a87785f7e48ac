"""Paints the parts of the alarm strip from plain values; knows no session and no entity."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from console.api import IntentState, Value
from console.shell.screens import ScreenStyle
from widgets.kit.acts import act_mark_px, paint_act_mark
from widgets.kit.blink import blink
from widgets.kit.shapes import fault_chip_rect, paint_badge, paint_fault_chip, paint_trend
from widgets.kit.targets import Targets
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import Priority, look, mixed

_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_ONE_LINE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


class StripItem(Value, frozen=True):
    """One alarm group as the strip says it: `sign` of its rate, `fault` the age of a value that no longer comes.

    `mark`: what became of the acknowledgement done here, None where none was done lately.
    """

    sensor: str
    priority: int
    what: str
    place: str
    value: str
    unit: str
    sign: int = 0
    age: str = ""
    act: str = ""
    fault: str = ""
    waiting: bool = True
    returned: bool = False
    mark: IntentState | None = None


class Button(Value, frozen=True):
    """An act of the head: its key, its word, its command."""

    key: str
    word: str
    command: str


class HeadPainter:
    """The filled block of the first alarm with its acts."""

    def __init__(self, style: ScreenStyle, height: float) -> None:
        self._s = style.scale
        self._touch = style.role == "vehicle"
        self._least = style.target_px
        self._height = height

    def paint(
        self, p: QPainter, left: float, right: float, item: StripItem, buttons: list[Button], hits: Targets
    ) -> float:
        """Paint between `left` and `right`, add what can be clicked to `hits`; returns where it ends."""
        s = self._s
        colours = look.tokens.priority[item.priority]
        room = (right - left) * (0.6 if self._touch else 0.62)
        fixed = self._fixed_px(item) + (0.0 if self._touch else self._buttons_px(buttons))
        title_px = text_width(item.what, 20 * s, True) + 2
        extras = self._extras(item, room - fixed - title_px)
        extras_px = sum(self._extra_px(text, px) for text, px, _ in extras)
        width = min(fixed + title_px + extras_px, max(room, fixed + 60 * s), right - left)
        title_px = min(title_px, width - fixed - extras_px)
        block = QRectF(left, 0, width, self._height)
        p.fillRect(block, colours.fill)
        hits.add(block, f"select sensor:{item.sensor}")
        ink = colours.fill_text
        x = self._badge(p, left + 14 * s, item, colours)
        p.setPen(ink)
        p.setFont(font(20 * s, bold=True))
        draw_elided(p, QRectF(x, 0, title_px, self._height), _MIDDLE, item.what)
        x = self._value(p, x + title_px + 14 * s, item, ink)
        for text, px, ruled in extras:
            if ruled:
                p.fillRect(QRectF(x, self._height / 2 - 9 * s, 1, 18 * s), mixed(ink, colours.fill, 0.45))
            p.setPen(ink)
            p.setFont(font(px))
            p.drawText(QRectF(x + 13 * s, 0, text_width(text, px) + 4, self._height), _ONE_LINE, text)
            x += self._extra_px(text, px)
        if self._touch:
            t = look.tokens
            return self._paint_buttons(p, block.right() + 10 * s, buttons, (t.raised, t.text, t.line), hits)
        ground = mixed(ink, colours.fill, 0.16)
        self._paint_buttons(p, block.right() - self._buttons_px(buttons), buttons, (ground, ink, ground), hits)
        return block.right()

    def _extras(self, item: StripItem, room: float) -> list[tuple[str, float, bool]]:
        """(text, px, whether a rule stands before it): what still fits, the age first."""
        kept: list[tuple[str, float, bool]] = []
        for text, px, ruled in ((item.age, 13 * self._s, False), (item.act, 14 * self._s, True)):
            if text and self._extra_px(text, px) <= room:
                kept.append((text, px, ruled))
                room -= self._extra_px(text, px)
        return kept

    def _extra_px(self, text: str, px: float) -> float:
        return text_width(text, px) + 26 * self._s

    def _fixed_px(self, item: StripItem) -> float:
        s = self._s
        arrow = 25 * s if item.sign else 0.0
        figures = text_width(item.value, 24 * s, True) + text_width(item.unit, 14 * s)
        return (14 + 28 + 12 + 14 + 12) * s + figures + arrow + self._fault_px(item) + _mark_px(item, 13 * s)

    def _badge(self, p: QPainter, x: float, item: StripItem, colours: Priority) -> float:
        size = 28 * self._s
        box = QRectF(x, (self._height - size) / 2, size, size)
        # on its own fill the badge is the reverse: the fill's text colour, with the number in the fill
        ink = colours.fill_text
        turned = Priority(line=ink, fill=ink, fill_text=colours.fill, rim=ink)
        tokens = msgspec.structs.replace(look.tokens, priority=(turned,) * 5)
        paint_badge(p, box, item.priority, filled=blink.on, check=item.returned, tokens=tokens)
        return box.right() + 12 * self._s

    def _value(self, p: QPainter, x: float, item: StripItem, ink: QColor) -> float:
        s = self._s
        p.setPen(ink)
        p.setFont(font(24 * s, bold=True))
        width = text_width(item.value, 24 * s, True)
        p.drawText(QRectF(x, 0, width + 4, self._height), _ONE_LINE, item.value)
        x += width + 5 * s
        p.setFont(font(14 * s))
        width = text_width(item.unit, 14 * s)
        p.drawText(QRectF(x, 3 * s, width + 4, self._height), _ONE_LINE, item.unit)
        x += width + 7 * s
        if item.sign:
            paint_trend(p, QRectF(x, self._height / 2 - 9 * s, 18 * s, 18 * s), item.sign, ink)
            x += 25 * s
        if item.fault:
            chip = paint_fault_chip(p, QPointF(x, self._height / 2), item.fault, font(13 * s))
            x += chip.width() + 6 * s
        if item.mark is not None:
            paint_act_mark(p, QPointF(x + 4 * s, self._height / 2), item.mark, font(13 * s, bold=True), ink)
        return x + _mark_px(item, 13 * s)

    def _fault_px(self, item: StripItem) -> float:
        if not item.fault:
            return 0.0
        return fault_chip_rect(QPointF(0, 0), item.fault, font(13 * self._s)).width() + 6 * self._s

    def _button_px(self, button: Button) -> float:
        return max(text_width(button.word, 14 * self._s) + (34 if self._touch else 46) * self._s, self._least)

    def _buttons_px(self, buttons: list[Button]) -> float:
        return sum(self._button_px(button) + 10 * self._s for button in buttons) + 14 * self._s

    def _paint_buttons(
        self, p: QPainter, x: float, buttons: list[Button], shades: tuple[QColor, QColor, QColor], hits: Targets
    ) -> float:
        """`shades`: ground, ink, edge."""
        s = self._s
        ground, ink, edge = shades
        height = (38 if self._touch else 36) * s
        for button in buttons:
            box = QRectF(x, (self._height - height) / 2, self._button_px(button), height)
            p.setPen(QPen(edge, 1))
            p.setBrush(ground)
            p.drawRect(box)
            p.setPen(ink)
            inner = box
            if not self._touch:
                cap = QRectF(box.left() + 9 * s, box.center().y() - 9 * s, 18 * s, 18 * s)
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRect(cap)
                p.setFont(font(11 * s))
                p.drawText(cap, Qt.AlignmentFlag.AlignCenter.value, button.key)
                inner = box.adjusted(26 * s, 0, 0, 0)
            p.setFont(font(14 * s))
            p.drawText(inner, Qt.AlignmentFlag.AlignCenter.value, button.word)
            hits.add(box, f"run {button.command}")
            x = box.right() + 10 * s
        return x


def _mark_px(item: StripItem, px: float) -> float:
    return act_mark_px(item.mark, font(px, bold=True)) + 0.8 * px if item.mark is not None else 0.0


def chip_px(item: StripItem, s: float) -> float:
    """Width of a chip, its hairline included."""
    return (14 + 24 + 10 + 15) * s + max(_name_px(item, s), _reading_px(item, s))


def _name_px(item: StripItem, s: float) -> float:
    return min(text_width(item.place, 13 * s) + 2, 150 * s)


def _reading_px(item: StripItem, s: float) -> float:
    fault = fault_chip_rect(QPointF(0, 0), item.fault, font(12 * s)).width() + 8 * s if item.fault else 0.0
    return text_width(_reading(item), 14 * s, True) + (20 * s if item.sign else 0.0) + fault + _mark_px(item, 12 * s)


def _reading(item: StripItem) -> str:
    return f"{item.value} {item.unit}".strip()


def paint_chip(p: QPainter, box: QRectF, item: StripItem, s: float) -> None:
    """Shape, place, value; filled while it waits for an acknowledgement (blinking), else an outline."""
    t = look.tokens
    size = 24 * s
    badge = QRectF(box.left() + 14 * s, box.center().y() - size / 2, size, size)
    filled = item.waiting and not item.returned and blink.on
    paint_badge(p, badge, item.priority, filled=filled, check=item.returned)
    x, middle = badge.right() + 10 * s, box.center().y()
    p.setFont(font(13 * s))
    p.setPen(t.text2)
    draw_elided(p, QRectF(x, middle - 19 * s, _name_px(item, s), 18 * s), _MIDDLE, item.place)
    line = t.priority[item.priority].line
    p.setFont(font(14 * s, bold=True))
    p.setPen(line)
    reading = _reading(item)
    p.drawText(QRectF(x, middle + s, box.right() - x, 18 * s), _ONE_LINE, reading)
    x += text_width(reading, 14 * s, True) + 6 * s
    if item.sign:
        paint_trend(p, QRectF(x, middle + 4 * s, 12 * s, 12 * s), item.sign, line)
        x += 16 * s
    if item.fault:
        x += paint_fault_chip(p, QPointF(x, middle + 10 * s), item.fault, font(12 * s)).width() + 6 * s
    if item.mark is not None:
        paint_act_mark(p, QPointF(x, middle + 10 * s), item.mark, font(12 * s, bold=True), t.text)
    p.fillRect(QRectF(box.right() - 1, 8 * s, 1, box.height() - 16 * s), t.line)
