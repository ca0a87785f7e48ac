"""Words for eyes eight metres away: what does not fit is left out by whole words, never shrunk; knows no panel."""

from __future__ import annotations

import re
from typing import Final

from widgets.kit.text import text_width

_ENDS: Final = re.compile(r"(?<=[,;:、，。；：])|\s+|(?=[（(·])")
"""Where a text may end: at a space, after a mark of punctuation, before a bracket."""
_LOOSE: Final = " ,;:、，；：·（("


def whole_words(text: str, px: float, width: float, *, bold: bool = False) -> str:
    """The text, or as many of its first words as fit into `width` px; "" where not even one does."""
    if text_width(text, px, bold) <= width:
        return text
    for end in sorted({found.start() for found in _ENDS.finditer(text)}, reverse=True):
        part = text[:end].rstrip(_LOOSE)
        if part and text_width(part, px, bold) <= width:
            return part
    return ""


def lines_of(text: str, px: float, width: float, most: int) -> list[str]:
    """The text in at most `most` lines of whole words, Chinese broken between any two signs; what is over is left
    out with "…"."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < most:
        line = _line(rest, px, width)
        rest = rest[len(line) :].lstrip()
        if rest and len(lines) == most - 1:
            line = _line(line, px, width - text_width("…", px)).rstrip(_LOOSE) + "…"
        lines.append(line.rstrip())
    return lines


def _line(text: str, px: float, width: float) -> str:
    """As much of the beginning as fits; it does not end within an English word, a number or its unit."""
    if text_width(text, px) <= width:
        return text
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_width(text[:middle], px) <= width else (low, middle - 1)
    end = low
    while end > 1 and _inside(text, end):
        end -= 1
    return text[: end if end > 1 else low]


def _inside(text: str, at: int) -> bool:
    """Whether a break before sign `at` would part a word, or begin a line with punctuation."""
    before, after = text[at - 1], text[at] if at < len(text) else " "
    return (before.isascii() and after.isascii() and not before.isspace() and not after.isspace()) or after in _LOOSE[
        1:
    ]
