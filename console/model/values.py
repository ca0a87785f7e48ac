"""Small values shared by every entity: bilingual text, time, quality, context; knows no entity."""

from __future__ import annotations

import enum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

NS: Final = 1_000_000_000
"""Nanoseconds in a second; every time on the wire and in a store is UTC integer ns since 1970."""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Root of all values: frozen, slotted, keyword-only; field names are the wire's keys.

    Values hold values and never what holds them, so the cyclic collector need not look at their thousands.
    """


class Text(Value, frozen=True, kw_only=False, array_like=True):
    """One text in both languages; on the wire the array [zh, en]. `en` empty means the same as `zh`."""

    zh: str
    en: str = ""

    def of(self, language: str) -> str:
        """The text in `language` ("zh" or "en")."""
        return self.en if language == "en" and self.en else self.zh


class Board(enum.StrEnum):
    """板块: the four boards of city safety."""

    LIFELINE = "lifeline"
    PUBLIC = "public"
    PRODUCTION = "production"
    NATURAL = "natural"


class Level(enum.StrEnum):
    """The four levels of the command chain, widest first."""

    NEW_AREA = "new_area"
    NEW_TOWN = "new_town"
    SUBDISTRICT = "subdistrict"
    FRONT_END = "front_end"


class Quality(enum.IntFlag):
    """Quality of a sample, u8 on the wire; 0 is good. BAD: do not use the value (it may be NaN)."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    LATE = 4
    """Arrived out of order or long after its time: never raises a new alarm."""
    CLOCK = 8
    """The sensor's clock disagrees with the node's by more than its stale limit."""
    SIMULATED = 16


class ChannelKind(enum.StrEnum):
    """How a sensor's samples are laid out on the wire (see docs/wire-protocol.md)."""

    SCALAR = "scalar"
    """id u32, t i64, v f64 (or f32 where the sensor says so), q u8."""
    STATE = "state"
    """id u32, t i64, v i32 (a code; Sensor.states names the codes), q u8."""
    POSITION = "position"
    """id u32, t i64, v f64 ×5: lon, lat (degrees WGS 84), alt (m), heading (degrees from north), speed (m/s), q u8."""
    EVENT = "event"
    """id u32, t i64, q u8, and `body`: a list of maps, one a row."""


LIVE: Final = "live"
"""The context of the present; others are "replay:<id>" and "drill:<id>"."""


class Columns(Value, frozen=True, kw_only=True, eq=False):
    """Samples of ONE sensor or of many, as columns of equal length n, in the order they were appended.

    Attributes:
        t_ns: i64 (n,), UTC ns.
        v: f64 (n,) for scalar and state, f64 (n, 5) for position; NaN where there is no value.
        q: u8 (n,), `Quality` bits.
        ids: u32 (n,), handles of the sensors; empty when all rows are of one sensor.
    """

    t_ns: I64
    v: F64
    q: U8
    ids: U32 = msgspec.field(default_factory=lambda: np.empty(0, np.uint32))

    def __len__(self) -> int:
        return len(self.t_ns)


class Selector(Value, frozen=True, kw_only=True):
    """选择器: which sensors or entities are meant; an empty field does not restrict; fields combine by AND.

    `area` means the whole subtree below it; `kinds` are `Sensor.kind`s, `channels` are `ChannelKind`s.
    """

    boards: tuple[Board, ...] = ()
    area: str = ""
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    channels: tuple[ChannelKind, ...] = ()


class Severity(enum.StrEnum):
    """How much a notice asks of the operator."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notice(Value, frozen=True, kw_only=True):
    """通知: a condition of the SYSTEM (never of the city), raised and cleared by key.

    `about`: entities that it names, as "class:id"; who is not shown all of them is not told.
    """

    key: str
    severity: Severity
    summary: Text
    detail: str = ""
    tip: Text = Text("")
    since_ns: int = 0
    about: tuple[str, ...] = ()
