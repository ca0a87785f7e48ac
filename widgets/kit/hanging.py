"""How the screens of a scene hang on their wall, read from its TOML, as fractions of the whole; paints nothing."""

from __future__ import annotations

import math
import tomllib
from typing import Any, Final

from console.api import Text, Value

SIZE_PX: Final = (1920, 1080)
"""What a wall's screen is taken to have where the scene does not say."""
GAP: Final = 0.02
"""Between screens of which nobody says where they hang, of a screen's width."""
SCREENS: Final = 64
NAMES: Final = {
    "upper-left": Text("左上", "upper-left"),
    "upper-right": Text("右上", "upper-right"),
    "lower-left": Text("左下", "lower-left"),
    "lower-right": Text("右下", "lower-right"),
}
"""What the screens of our own wall presets are called; a name that a site gave is said as it is."""


class Hung(Value, frozen=True):
    """One screen: its place and size as fractions of the wall; `machine` "" any."""

    name: str
    machine: str = ""
    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0


class Hanging(Value, frozen=True):
    """All screens of a wall; `aspect`: of the whole, width by height."""

    screens: tuple[Hung, ...] = ()
    aspect: float = SIZE_PX[0] / SIZE_PX[1]


def screen_name(name: str, language: str) -> str:
    """How a screen is called on a screen."""
    known = NAMES.get(name)
    return known.of(language) if known is not None else name


def hanging(toml: str) -> Hanging:
    """How the screens of a scene hang: where `at_mm` says, else side by side, as near to a square as they go.

    A scene that cannot be read has no screens.
    """
    try:
        told = tomllib.loads(toml).get("screens", [])
    except tomllib.TOMLDecodeError:
        return Hanging()
    known = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    screens = [one for one in known if isinstance(one.get("name"), str) and one.get("window") is None][:SCREENS]
    if not screens:
        return Hanging()
    places = [_at(one) for one in screens]
    measured = [place for place in places if place is not None]
    boxes = measured if len(measured) == len(screens) else _side_by_side([_size(one) for one in screens])
    left, top = min(x for x, _, _, _ in boxes), min(y for _, y, _, _ in boxes)
    width = max(x + w for x, _, w, _ in boxes) - left
    height = max(y + h for _, y, _, h in boxes) - top
    hung = tuple(
        Hung(
            name=one["name"],
            machine=str(one.get("machine", "")),
            x=(x - left) / width,
            y=(y - top) / height,
            width=w / width,
            height=h / height,
        )
        for one, (x, y, w, h) in zip(screens, boxes, strict=True)
    )
    return Hanging(screens=hung, aspect=width / height)


def _size(screen: dict[str, Any]) -> tuple[float, float]:
    """In mm where its pitch is known, else in pixels."""
    width, height = _pair(screen.get("size_px")) or SIZE_PX
    pitch = screen.get("pitch_mm")
    pitch = float(pitch) if isinstance(pitch, int | float) and 0 < pitch < math.inf else 1.0
    return max(1.0, width) * pitch, max(1.0, height) * pitch


def _at(screen: dict[str, Any]) -> tuple[float, float, float, float] | None:
    at = _pair(screen.get("at_mm"))
    return (*at, *_size(screen)) if at is not None else None


def _pair(told: object) -> tuple[float, float] | None:
    if isinstance(told, list) and len(told) == 2 and all(isinstance(n, int | float) for n in told):
        x, y = float(told[0]), float(told[1])
        return (x, y) if math.isfinite(x) and math.isfinite(y) else None
    return None


def _side_by_side(sizes: list[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    across = math.ceil(math.sqrt(len(sizes)))
    wide, high = max(w for w, _ in sizes), max(h for _, h in sizes)
    gap = wide * GAP
    return [(i % across * (wide + gap), i // across * (high + gap), w, h) for i, (w, h) in enumerate(sizes)]
