"""Fonts, numbers, durations and times as the whole console writes them; knows no panel."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QPainter

from console.api import NS, Quality

FAMILY: Final = "Noto Sans SC"
BEIJING: Final = timezone(timedelta(hours=8), "UTC+8")
MISSING: Final = "—"
GROUP: Final = "\u2009"  # thin space between thousands
MINUS: Final = "−"


def load_fonts(folder: Path) -> None:
    """Make the bundled faces known to Qt; a folder without them changes nothing (the system's fonts then serve)."""
    for file in sorted(folder.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))
    _font.cache_clear()


@cache
def _font(quarter_px: int, bold: bool) -> QFont:
    made = QFont(FAMILY)
    made.setPixelSize(max(1, round(quarter_px / 4)))
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    made.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    _tabular(made)
    return made


def _tabular(made: QFont) -> None:
    # QFont.setFeature came with Qt 6.7; every figure of Noto Sans SC is tabular by default, the tag makes sure
    tag = getattr(QFont, "Tag", None)
    if tag is not None:
        made.setFeature(tag("tnum"), 1)


def font(px: float, bold: bool = False) -> QFont:
    """Noto Sans SC at `px` logical pixels with tabular figures; a fresh copy that the caller may change."""
    return QFont(_font(round(px * 4), bold))


def text_width(text: str, px: float, bold: bool = False) -> float:
    """Advance width of `text` in logical px."""
    return float(_metrics(round(px * 4), bold).horizontalAdvance(text))


@cache
def _metrics(quarter_px: int, bold: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(quarter_px, bold))


def value_text(v: float, digits: int) -> str:
    """A number with at most `digits` decimals, thousands set apart by a thin space; "—" where there is none.

    Never "−0.00": what rounds to zero has no sign.
    """
    if not math.isfinite(v):
        return MISSING
    text = f"{v:.{max(0, digits)}f}"
    sign = text.startswith("-")
    whole, _, rest = text.removeprefix("-").partition(".")
    if len(whole) >= 4:
        head = len(whole) % 3
        groups = ([whole[:head]] if head else []) + [whole[i : i + 3] for i in range(head, len(whole), 3)]
        whole = GROUP.join(groups)
    if sign and not (set(text) & set("123456789")):
        sign = False  # never "−0.00"
    return (MINUS if sign else "") + whole + (f".{rest}" if rest else "")


_UNITS: Final = {"zh": ("s", "min", "h", "天"), "en": ("s", "min", "h", "d")}


def duration_text(seconds: float, language: str) -> str:
    """A span in words: "42 s", "3 min 20 s", "38 min", "2 h 10 min", "3 d 4 h"; never 00:42.

    Below ten seconds one decimal only where it is under one second ("0.4 s"); from ten minutes on no seconds.
    """
    if not math.isfinite(seconds):
        return MISSING
    s_, min_, h_, d_ = _UNITS.get(language, _UNITS["en"])
    if 0.05 <= seconds < 0.95:
        return f"{seconds:.1f} {s_}"
    total = max(0, int(seconds + (0.5 if seconds < 60 else 0)))
    if total < 60:
        return f"{total} {s_}"
    if total < 600:
        return f"{total // 60} {min_}" + (f" {total % 60} {s_}" if total % 60 else "")
    if total < 3600:
        return f"{total // 60} {min_}"
    if total < 86_400:
        rest = total % 3600 // 60
        return f"{total // 3600} {h_}" + (f" {rest} {min_}" if rest else "")
    rest = total % 86_400 // 3600
    return f"{total // 86_400} {d_}" + (f" {rest} {h_}" if rest else "")


def age_text(seconds: float, language: str) -> str:
    """How old something is, in one unit: "2 s", "6 min", "3 h"; for headers and badges."""
    if not math.isfinite(seconds):
        return MISSING
    s_, min_, h_, d_ = _UNITS.get(language, _UNITS["en"])
    total = max(0.0, seconds)
    if total < 60:
        return f"{int(total)} {s_}"
    if total < 3600:
        return f"{int(total // 60)} {min_}"
    if total < 86_400:
        return f"{int(total // 3600)} {h_}"
    return f"{int(total // 86_400)} {d_}"


def clock_off_s(t_ns: int, q: int, now_ns: int) -> float:
    """How far the clock of a sensor is off whose newest sample bears `t_ns` and `q`; 0 where it is right or none came.

    To the minute, so that the words stand still.
    """
    return round((t_ns - now_ns) / NS / 60) * 60.0 if t_ns and q & Quality.CLOCK else 0.0


def clock_off_text(seconds: float, language: str) -> str:
    """How far a sensor's own clock is off, e.g. "时钟 +1 h 2 min"; a minus where it is behind."""
    word = "clock" if language == "en" else "时钟"
    return f"{word} {'+' if seconds >= 0 else MINUS}{duration_text(abs(seconds), language)}"


def beijing(t_ns: int) -> datetime:
    """UTC ns as a datetime in Beijing time (UTC+8, no summer time)."""
    return datetime.fromtimestamp(t_ns / 1e9, UTC).astimezone(BEIJING)


def tick_text(t_ns: int, form: str) -> str:
    """The words at a time axis' tick in Beijing time; midnight among hours is the day that begins."""
    at = beijing(t_ns)
    return at.strftime("%m-%d" if form == "%H:%M" and at.hour == at.minute == 0 else form)


def clock_text(t_ns: int, *, seconds: bool = True) -> str:
    """ "03:14:27" or "03:14" in Beijing time; "—" for 0 (not yet)."""
    if not t_ns:
        return MISSING
    return beijing(t_ns).strftime("%H:%M:%S" if seconds else "%H:%M")


def when_text(t_ns: int, now_ns: int) -> str:
    """ "03:14" of today, "07-17 03:14" of any other day, in Beijing time; "—" for 0."""
    clock = clock_text(t_ns, seconds=False)
    return clock if not t_ns or beijing(t_ns).date() == beijing(now_ns).date() else f"{beijing(t_ns):%m-%d} {clock}"


_WEEK: Final = "一二三四五六日"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_text(t_ns: int, language: str) -> str:
    """ "7月18日 周六" or "Sat 18 Jul" in Beijing time; "—" for 0."""
    if not t_ns:
        return MISSING
    day = beijing(t_ns)
    if language == "en":
        return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return f"{day.month}月{day.day}日 周{_WEEK[day.weekday()]}"


def draw_elided(p: QPainter, rect: QRectF, flags: Qt.AlignmentFlag | int, text: str) -> None:
    """Draw one line of `text` in the painter's font and pen, cut with … where it does not fit."""
    if rect.width() <= 0 or not text:
        return
    metrics = QFontMetricsF(p.font())
    if metrics.horizontalAdvance(text) > rect.width() + 0.5:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    bits = flags.value if isinstance(flags, Qt.AlignmentFlag) else flags
    p.drawText(rect, bits | Qt.TextFlag.TextSingleLine.value, text)
