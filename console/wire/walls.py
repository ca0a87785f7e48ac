"""Wire v1, messages about walls: how they are seen, and what a presenter shows on them; knows neither bytes nor rights.

None of it is kept: what stands on a wall is its `wall` entity, and every take is in the journal.
"""

from __future__ import annotations

from typing import Any

import msgspec

from console.wire.message import Message

Points = tuple[tuple[float, float], ...]


class WallScreen(msgspec.Struct, frozen=True, kw_only=True):
    """One screen of a wall machine: the `name` that its scene gives it; `missing`: its monitor is gone and its tiles
    stand on another."""

    name: str
    missing: bool = False


# ------------------------------------------------------------------------------------------- console to node


class WallWatch(Message, frozen=True, kw_only=True, tag="wall_watch"):
    """Tell me of this wall what a presenter does on it and, with `pictures`, how its screens look; `on` False: no more.

    A wall machine says it of its own wall.
    """

    wall: str
    on: bool = True
    pictures: bool = False


class WallSeen(Message, frozen=True, kw_only=True, tag="wall_seen"):
    """From a wall machine at each change and every 10 s: which scene its screens show, painted since when (Unix ns)."""

    wall: str
    machine: str = ""
    number: int = 0
    shown_ns: int = 0
    screens: tuple[WallScreen, ...] = ()


# ------------------------------------------------------------------------------------------- both ways


class WallPicture(Message, frozen=True, kw_only=True, tag="wall_picture"):
    """How a wall's screen looked at `t_ns` (node time): a JPEG, at most 256 kB, from its machine; to who watches."""

    wall: str
    screen: str
    machine: str = ""
    t_ns: int
    jpeg: bytes


class Present(Message, frozen=True, kw_only=True, tag="present"):
    """One thing that the presenter of a wall does; the node passes it on with `by` and `t_ns` set by itself.

    `op` (of a presenter who controls the wall):
        "begin" | "end": presents from now on, or no more.
        "pointer": `points` its one place, none: it is taken away.
        "stroke": adds `points` to the stroke `stroke` (begun with its first points), in `colour` 0…3.
        "undo": takes the stroke `stroke` away; "clear": all strokes.
        "view": the tile is to look like `state`, as its panel's `view_state` gives it.
        "freeze": the tile stands still, marked, until `on` is False.
    `tile`: the tile's id in the scene, named by what it shows. Points are in the panel's own coordinates where
    `content`, of the thing `of` (see `console.api.Pointed`), else fractions of the tile's body from its upper left.
    """

    wall: str
    op: str
    tile: str = ""
    points: Points = ()
    content: bool = False
    of: str = ""
    stroke: str = ""
    colour: int = 0
    state: dict[str, Any] = msgspec.field(default_factory=dict)
    on: bool = True
    by: str = ""
    t_ns: int = 0


# ------------------------------------------------------------------------------------------- node to console


class WallWatched(Message, frozen=True, kw_only=True, tag="wall_watched"):
    """To a wall machine: somebody looks at its screens (or nobody any more): send `wall_picture`s, one a second."""

    wall: str
    pictures: bool = False


class Presenting(Message, frozen=True, kw_only=True, tag="presenting"):
    """To who begins to watch, and whenever a presenter begins or ends: all that stands; `by` "": nobody presents.

    `done`: the `present` messages that make it up: strokes whole, last views and freezes, the pointer. `scene`: number
    of the wall's scene that they were made on; they are of no other.
    """

    wall: str
    by: str = ""
    since_ns: int = 0
    scene: int = 0
    done: tuple[Present, ...] = ()


class PresentRefused(Message, frozen=True, kw_only=True, tag="present_refused"):
    """A `present` of this console was not passed on: the rule in both languages."""

    wall: str
    op: str
    zh: str
    en: str


WallUp = WallWatch | WallSeen | WallPicture | Present
WallDown = WallWatched | WallPicture | Present | Presenting | PresentRefused
