"""The colours of the console, read once from resources/tokens.toml; knows no widget and no panel."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from console.api import SettingsError, Value

Mode = Literal["night", "day"]
TOKENS_FILE: Final = Path(__file__).resolve().parents[2] / "resources" / "tokens.toml"


class Priority(Value, frozen=True, eq=False):
    """Colours of one priority: `line` as text and line on tile, `fill` with `fill_text` on it, `rim` round the fill."""

    line: QColor
    fill: QColor
    fill_text: QColor
    rim: QColor


class Tokens(Value, frozen=True, eq=False):
    """All colours of one mode; `priority` has five places, 1 to 4 in use, 0 the same as 4."""

    mode: Mode
    canvas: QColor
    tile: QColor
    raised: QColor
    line: QColor
    text: QColor
    text2: QColor
    muted: QColor
    data: QColor
    focus: QColor
    fault: QColor
    fault_fill: QColor
    fault_fill_text: QColor
    priority: tuple[Priority, Priority, Priority, Priority, Priority]
    land: QColor
    built: QColor
    water: QColor
    shore: QColor
    street: QColor
    main_street: QColor
    motorway: QColor
    border: QColor


_PLAIN: Final = (
    "canvas", "tile", "raised", "line", "text", "text2", "muted", "data", "focus",
    "fault", "fault_fill", "fault_fill_text",
)  # fmt: skip
_MAP: Final = ("land", "built", "water", "shore", "street", "main_street", "motorway", "border")


def _colour(table: dict[str, Any], key: str, where: str) -> QColor:
    raw = table.get(key)
    colour = QColor(raw) if isinstance(raw, str) else QColor()
    if not colour.isValid():
        raise SettingsError(f"tokens.toml, {where}.{key}", found=repr(raw), expected="a colour such as #1A1E21")
    return colour


def _tokens(raw: dict[str, Any], mode: Mode) -> Tokens:
    table = raw[mode]
    steps = {
        n: Priority(**{k: _colour(table["priority"][str(n)], k, f"{mode}.priority.{n}")
                       for k in ("line", "fill", "fill_text", "rim")})
        for n in (1, 2, 3, 4)
    }  # fmt: skip
    plain = {k: _colour(table, k, mode) for k in _PLAIN}
    ground = {k: _colour(table["map"], k, f"{mode}.map") for k in _MAP}
    return Tokens(mode=mode, priority=(steps[4], steps[1], steps[2], steps[3], steps[4]), **plain, **ground)


@cache
def read_tokens(mode: Mode, path: Path = TOKENS_FILE) -> Tokens:
    """The tokens of a mode. Raises SettingsError naming the key that is no colour."""
    return _tokens(tomllib.loads(path.read_text(encoding="utf-8")), mode)


def night() -> Tokens:
    """Night tokens whatever the mode: for what is written over pictures, by day too."""
    return read_tokens("night")


@cache
def inks(path: Path = TOKENS_FILE) -> tuple[QColor, ...]:
    """What a presenter draws in: four inks, by night and by day. Raises SettingsError as `read_tokens`."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))["ink"]
    return tuple(_colour(table, str(n), "ink") for n in (1, 2, 3, 4))


class Look(QObject):
    """The one look of the console; `changed` carries the new Tokens. `motion` False: nothing blinks."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._tokens = read_tokens("night")
        self.motion = True

    @property
    def tokens(self) -> Tokens:
        """The colours of now; ask at every paint, never keep them."""
        return self._tokens

    def set_mode(self, mode: Mode) -> None:
        """Switch between night and day; every painter asks again at its next paint."""
        if mode != self._tokens.mode:
            self._tokens = read_tokens(mode)
            self.changed.emit(self._tokens)


look: Final = Look()


def contrast(a: QColor, b: QColor) -> float:
    """Contrast ratio 1…21 of two opaque colours (WCAG 2.2, relative luminance)."""

    def luminance(c: QColor) -> float:
        def channel(x: float) -> float:
            return x / 12.92 if x <= 0.04045 else float(((x + 0.055) / 1.055) ** 2.4)

        return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF())

    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def mixed(a: QColor, b: QColor, share_of_a: float) -> QColor:
    """The colour `share_of_a` of the way from b to a, opaque: for dimming on a known ground."""
    s = share_of_a
    return QColor.fromRgbF(
        a.redF() * s + b.redF() * (1 - s),
        a.greenF() * s + b.greenF() * (1 - s),
        a.blueF() * s + b.blueF() * (1 - s),
    )
