"""What stands of a presentation, message after message: both ends keep it alike; knows no rights, clock or socket.

The node keeps one for each wall on which somebody presents and tells it whole to who comes late; a console keeps one
for each wall that it shows. Everything in it is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from console.api import RefusedError
from console.wire.walls import Points, Present

COLOURS: Final = 4
STROKES: Final = 200
POINTS: Final = 512
"""Most points of one message."""
STROKE_BYTES: Final = 256 << 10
"""Of all strokes of a wall together, as they travel."""
POINT_BYTES: Final = 19
TILES: Final = 64
"""Most tiles whose views and freezes are kept."""
STATE_BYTES: Final = 8 << 10
"""Of one tile's view as it travels; its times and names are small."""
STATE_DEEP: Final = 3
STATE_MOST: Final = 1 << 62
"""A view's values are no larger, and lie in each other no deeper."""
TILE_CHARS: Final = 4_000
"""A tile is named by what it shows: its settings are in its name."""
NAME_CHARS: Final = 200
OPS: Final = frozenset({"begin", "end", "pointer", "stroke", "undo", "clear", "view", "freeze"})


def check(message: Present) -> None:
    """Ask before anything is done with a message of a stranger. Raises RefusedError naming found and expected."""
    if message.op not in OPS:
        raise _wrong("op", message.op, ", ".join(sorted(OPS)))
    if message.op == "pointer" and len(message.points) > 1:
        raise _wrong("points of a pointer", len(message.points), "one, or none")
    if len(message.points) > POINTS:
        raise _wrong("points", len(message.points), f"at most {POINTS}")
    if not all(math.isfinite(a) and math.isfinite(b) for a, b in message.points):
        raise _wrong("a place", "not a finite number", "two finite numbers")
    if not 0 <= message.colour < COLOURS:
        raise _wrong("colour", message.colour, f"0 to {COLOURS - 1}")
    if len(message.tile) > TILE_CHARS or max(len(message.stroke), len(message.of), len(message.by)) > NAME_CHARS:
        raise _wrong("a name", "a longer one", f"at most {NAME_CHARS} characters, of a tile {TILE_CHARS}")
    if message.op in ("stroke", "undo") and not message.stroke:
        raise _wrong("stroke", "no name", "the stroke's")
    if not harmless(message.state):
        raise _wrong("state", "what no panel's view is made of", f"plain finite values, {STATE_DEEP} deep at most")
    if message.state and len(msgspec.msgpack.encode(message.state)) > STATE_BYTES:
        raise _wrong("state", "a larger one", f"at most {STATE_BYTES} bytes")


def harmless(value: Any, depth: int = 0) -> bool:
    """Whether a view that came over the wire is made of plain finite values, however it was made."""
    if isinstance(value, bool | str) or value is None:
        return True
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) < STATE_MOST
    if depth >= STATE_DEEP:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and harmless(one, depth + 1) for key, one in value.items())
    return isinstance(value, list | tuple) and all(harmless(one, depth + 1) for one in value)


def plain(message: Present) -> Present:
    """The message with what its op is about and no more: else all that stands could be longer than one frame."""
    points = message.points if message.op in ("pointer", "stroke") else ()
    return msgspec.structs.replace(message, points=points, state=message.state if message.op == "view" else {})


def _wrong(what: str, found: object, expected: str) -> RefusedError:
    text = str(found)[:NAME_CHARS]
    return RefusedError(
        f"presenting: {what}: found {text}, expected {expected}", zh=f"演示：{what}：为 {text}，应为 {expected}"
    )


class Presentation:
    """Strokes, pointer, views and freezes of one presenter on one wall.

    Attributes:
        by: who presents, "" nobody; since_ns: since when; scene: number of the scene that it is about.
    """

    def __init__(self, wall: str, by: str = "", since_ns: int = 0, scene: int = 0) -> None:
        self.wall, self.by, self.since_ns, self.scene = wall, by, since_ns, scene
        self.pointer: Present | None = None
        self._strokes: dict[str, Present] = {}
        self._views: dict[str, Present] = {}
        self._frozen: dict[str, Present] = {}
        self._bytes = 0

    @property
    def strokes(self) -> Mapping[str, Present]:
        """Whole strokes by name, the oldest first."""
        return self._strokes

    @property
    def views(self) -> Mapping[str, Present]:
        """The last view of each tile that one was told of."""
        return self._views

    @property
    def frozen(self) -> Mapping[str, Present]:
        """Tiles that stand still, by id."""
        return self._frozen

    def take(self, message: Present) -> None:
        """One message that `check` has let pass. Raises RefusedError where there is no room for it."""
        match message.op:
            case "pointer":
                self.pointer = message if message.points else None
            case "stroke":
                self._stroke(message)
            case "undo":
                self._drop(message.stroke)
            case "clear":
                self._strokes.clear()
                self._bytes = 0
            case "view":
                self._keep(self._views, message)
            case "freeze" if message.on:
                self._keep(self._frozen, message)
            case "freeze":
                self._frozen.pop(message.tile, None)
            case _:
                pass  # begin and end are of the whole

    def _stroke(self, message: Present) -> None:
        had = self._strokes.get(message.stroke)
        if had is None and len(self._strokes) >= STROKES:
            raise _full(f"{STROKES} 笔", f"{STROKES} strokes")
        size = POINT_BYTES * len(message.points) + (0 if had is not None else _head_bytes(message))
        if self._bytes + size > STROKE_BYTES:
            raise _full("笔画太长", f"{STROKE_BYTES >> 10} kB of strokes")
        self._bytes += size
        points: Points = message.points if had is None else had.points + message.points
        self._strokes[message.stroke] = msgspec.structs.replace(had or message, points=points)

    def _drop(self, stroke: str) -> None:
        had = self._strokes.pop(stroke, None)
        if had is not None:
            self._bytes -= POINT_BYTES * len(had.points) + _head_bytes(had)

    @staticmethod
    def _keep(kept: dict[str, Present], message: Present) -> None:
        if message.tile not in kept and len(kept) >= TILES:
            raise _full(f"{TILES} 个窗格", f"{TILES} tiles")
        kept[message.tile] = message

    def next_scene(self, number: int) -> bool:
        """Another scene stands on the wall: what was drawn and frozen on the old one goes, the pointer stays.

        False where it is the same.
        """
        if number == self.scene:
            return False
        self.scene = number
        self._strokes.clear()
        self._views.clear()
        self._frozen.clear()
        self._bytes = 0
        return True

    def done(self) -> tuple[Present, ...]:
        """All of it as messages, for who comes late."""
        pointer = (self.pointer,) if self.pointer is not None else ()
        return (*self._strokes.values(), *self._views.values(), *self._frozen.values(), *pointer)

    def redo(self, done: Iterable[Present]) -> None:
        """Take what `done` gave at the other end."""
        for message in done:
            self.take(message)


def _head_bytes(stroke: Present) -> int:
    return 100 + len(stroke.tile.encode()) + len(stroke.of.encode()) + len(stroke.stroke.encode())


def _full(zh: str, en: str) -> RefusedError:
    return RefusedError(f"presenting: there is room for {en}; clear first", zh=f"演示：已满（{zh}），请先清除")


def view_changed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Whether a panel's view is another; numbers that differ by less than a millionth are the same."""
    if before is None or before.keys() != after.keys():
        return True
    return any(_differs(before[key], after[key]) for key in after)


def _differs(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return any(_differs(a, b) for a, b in zip(one, other, strict=True))
    return bool(one != other)
