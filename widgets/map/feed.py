"""The bytes the page fetches at each update: sections of numbers, and of words only when they changed; Qt-free.

A blob is "YLV1", u32 count, then per section: 4-byte tag, u32 revision, u32 length in bytes, u32 0, the payload padded
to 8 bytes. Sections: DOTS f64 x, y pairs of quiet sensors; DOTQ u8 state of each dot; MARK f64 × 6 a symbol (x, y,
heading_deg, value, age_s, bits); WORD JSON, one row a symbol.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import numpy as np

from console.api import F64, U8, Value

MAGIC: Final = b"YLV1"
NAN: Final = float("nan")

ALARM, CAMERA, POST, UNIT, PLACE, SENSOR = range(6)
"""Kinds of symbols."""

FILLED, RETURNED, SELECTED, STALE, MINOR, MOBILE, PLATE, BUSY = (1 << n for n in range(8))
"""Bits of a symbol; bits 8–11 hold the priority, bits 12–13 the trend (1 up, 2 down)."""

DOT_LIVE, DOT_FAULT, DOT_NEVER = range(3)


class Mark(Value, frozen=True):
    """One symbol. `x`, `y` in the unit square of mercator.world; NaN for what does not hold; `ref` "class:id"."""

    kind: int
    ref: str
    name: str
    x: float
    y: float
    heading_deg: float = NAN
    value: float = NAN
    age_s: float = NAN
    bits: int = 0
    priority: int = 0
    trend: int = 0
    unit: str = ""
    digits: int = 0
    note: str = ""
    """A short text behind the name, e.g. "1 240/3 000"."""


def mark_rows(marks: Sequence[Mark]) -> F64:
    """The numbers of the symbols, f64 (n, 6)."""
    rows = [(m.x, m.y, m.heading_deg, m.value, m.age_s, float(m.bits | m.priority << 8 | m.trend << 12)) for m in marks]
    return np.array(rows, np.float64).reshape(-1, 6)


def mark_words(marks: Sequence[Mark]) -> bytes:
    """The words of the symbols as JSON rows [kind, ref, name, unit, digits, note], in the same order."""
    rows: list[list[Any]] = [[m.kind, m.ref, m.name, m.unit, m.digits, m.note] for m in marks]
    return msgspec.json.encode(rows)


class Feed:
    """Keeps the newest content of each section and hands a page what it lacks; one page, one feed, UI thread."""

    def __init__(self) -> None:
        self._sections: dict[str, tuple[int, bytes]] = {}
        self.painted = 0
        """How many updates pages have told to have painted."""
        self._told_painted = 0

    def put_dots(self, xy: F64) -> bool:
        """Places of quiet sensors, f64 (n, 2); True when they changed."""
        return self._put("DOTS", np.ascontiguousarray(xy, np.float64).tobytes())

    def put_states(self, states: U8) -> bool:
        """State of each dot, u8 (n,); True when they changed."""
        return self._put("DOTQ", states.tobytes())

    def put_marks(self, marks: Sequence[Mark]) -> bool:
        """All symbols; True when numbers or words changed."""
        words = self._put("WORD", mark_words(marks))
        return self._put("MARK", mark_rows(marks).tobytes()) or words

    def _put(self, tag: str, payload: bytes) -> bool:
        revision, before = self._sections.get(tag, (0, None))
        if payload == before:
            return False
        self._sections[tag] = (revision + 1, payload)
        return True

    def blob(self, have: dict[str, int]) -> bytes:
        """All sections of which the page has another revision."""
        out: list[bytes] = []
        for tag, (revision, payload) in self._sections.items():
            if have.get(tag) != revision:
                head = struct.pack("<4sIII", tag.encode(), revision, len(payload), 0)
                out.append(head + payload + b"\0" * (-len(payload) % 8))
        return MAGIC + struct.pack("<I", len(out)) + b"".join(out)

    def answer(self, query: str) -> tuple[bytes, str]:
        """The provider of app://…/live: the query names the revisions that the page has, e.g. DOTS=3&WORD=7.

        PAINTED says how many updates the page has painted; a page that was loaded anew counts from 0 again.
        """
        have = {k: int(v[0]) for k, v in parse_qs(query).items() if v[0].isdigit()}
        told = have.pop("PAINTED", 0)
        self.painted += max(0, told - self._told_painted)
        self._told_painted = told
        return self.blob(have), "application/octet-stream"
