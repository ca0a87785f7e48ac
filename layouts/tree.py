"""What a layout is: screens, each a tree of splits, tabs and tiles; frozen values, no Qt and no file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from console.api import SettingsError, Text, Value

VERSION = 3
Role = Literal["desk", "wall", "vehicle"]


class Part(Value, frozen=True):
    """One node of a tree; exactly one of `split`, `tabs` and `panel` is given.

    Attributes:
        split: "h" (side by side) or "v" (one above the other) of `parts`.
        tabs: parts of which one is seen; each wants a `title`, or takes its panel's.
        panel: a panel id with its `settings`.
        weight: share of what the fixed sizes leave; px: a fixed size in logical px along the split, 0 for none.
        id: of a tile, unique in its layout and the same wherever the tile is moved; "" before `numbered`.
        current: which of `tabs` is seen.
        span: tiles of one panel with the same word here show one picture together (`layouts.canvas`), "" by itself.
    """

    split: Literal["h", "v", ""] = ""
    parts: tuple[Part, ...] = ()
    tabs: tuple[Part, ...] = ()
    panel: str = ""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    title: Text = Text("")
    weight: float = 1.0
    px: int = 0
    id: str = ""
    current: int = 0
    span: str = ""


class Screen(Value, frozen=True):
    """One screen of a layout.

    Attributes:
        name: what the operator calls it; also the QScreen name that it is matched by, unless `match` says another.
        match: a QScreen's name (its connector), or its number from 0 as text.
        serial: the monitor's serial number: it is found by it whatever it is plugged into.
        top_bar: whether the top bar stands here (walls: only on one).
        pitch_mm, distance_m: of a wall's screen: the em is the distance / 200. 0: not a wall's.
        text_px: body text; 0: from the role, or from pitch and distance.
        machine: which machine of a wall has it, "" any.
        at_mm: where the upper left corner of its picture is on the wall, in mm right and down of any one point; the
            gaps between screens are their bezels. None: screens stand side by side without bezels. Without `pitch_mm`
            a pixel counts as one mm.
        size_px: its size in device pixels as it hangs, so that each machine knows the whole wall.
        touch: hands touch this screen, whatever the machine says of itself.
        window: x, y, width, height in logical px on its screen: a window of its own, of tiles that were detached. None:
            it fills its screen.
    """

    name: str
    tree: Part
    match: str = ""
    top_bar: bool = True
    pitch_mm: float = 0.0
    distance_m: float = 0.0
    text_px: float = 0.0
    serial: str = ""
    machine: str = ""
    window: tuple[int, int, int, int] | None = None
    at_mm: tuple[float, float] | None = None
    size_px: tuple[int, int] = (1920, 1080)
    touch: bool = False


class Layout(Value, frozen=True):
    """An arrangement of tiles over one screen or several.

    Attributes:
        roles: ids of the roles of persons for whom it is the one to begin with.
        grade: it is proposed when an incident of this grade or a graver one is open; 0: never.
        natures: and only of one with one of these words in its nature or title; none: of any.
        locked: tiles stay where they are until it is unlocked.
    """

    version: int
    id: str
    title: Text
    role: Role = "desk"
    screens: tuple[Screen, ...] = ()
    roles: tuple[str, ...] = ()
    grade: int = 0
    natures: tuple[str, ...] = ()
    locked: bool = False


def tiles(part: Part, path: str = "") -> Iterator[tuple[str, Part]]:
    """All tiles of a tree with their paths ("0.1.2"), depth first."""
    if part.panel:
        yield path or "0", part
    for i, child in enumerate(part.parts or part.tabs):
        yield from tiles(child, f"{path}.{i}" if path else str(i))


def numbered(layout: Layout) -> Layout:
    """The layout with an id for each tile: "screen/0.1.2" after its place, another where that is taken."""
    taken = {part.id for screen in layout.screens for _, part in tiles(screen.tree) if part.id}

    def of(part: Part, path: str, screen: str) -> Part:
        if part.panel:
            if part.id:
                return part
            made = name = f"{screen}/{path or '0'}"
            again = 1
            while made in taken:
                again += 1
                made = f"{name}~{again}"
            taken.add(made)
            return msgspec.structs.replace(part, id=made)
        kids = tuple(
            of(kid, f"{path}.{i}" if path else str(i), screen) for i, kid in enumerate(part.parts or part.tabs)
        )
        return msgspec.structs.replace(part, **{"parts" if part.split else "tabs": kids})

    screens = tuple(msgspec.structs.replace(screen, tree=of(screen.tree, "", screen.name)) for screen in layout.screens)
    return msgspec.structs.replace(layout, screens=screens)


def by_content(layout: Layout) -> Layout:
    """The layout with its tiles named by what they show, so that scenes with the same tile have it in common."""
    met: dict[str, int] = {}

    def of(part: Part) -> Part:
        if not part.panel:
            return msgspec.structs.replace(part, **{key: tuple(map(of, kids)) for key, kids in _kids(part)})
        text = f"{part.panel} {json.dumps(part.settings, sort_keys=True, ensure_ascii=False)}"
        met[text] = met.get(text, 0) + 1
        return msgspec.structs.replace(part, id=text if met[text] == 1 else f"{text} ~{met[text]}")

    screens = tuple(msgspec.structs.replace(screen, tree=of(screen.tree)) for screen in layout.screens)
    return msgspec.structs.replace(layout, screens=screens)


def _kids(part: Part) -> tuple[tuple[str, tuple[Part, ...]], ...]:
    return (("parts", part.parts),) if part.split else (("tabs", part.tabs),)


def check(layout: Layout, where: str) -> Layout:
    """The layout itself when it makes sense. Raises SettingsError naming file and key."""
    if not layout.screens:
        raise SettingsError(f"{where}: key 'screens'", found="none", expected="at least one [[screens]]")
    if all(screen.window is not None for screen in layout.screens):
        raise SettingsError(f"{where}: key 'window'", found="one at every screen", expected="a screen without it")
    names = [screen.name for screen in layout.screens]
    if len(set(names)) != len(names):
        raise SettingsError(f"{where}: key 'screens.name'", found="a name twice", expected="a name of its own each")
    ids = [part.id for screen in layout.screens for _, part in tiles(screen.tree) if part.id]
    if len(set(ids)) != len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise SettingsError(f"{where}: key 'id'", found=f"'{twice}' twice", expected="an id of its own for each tile")
    for screen in layout.screens:
        if screen.window is not None and min(screen.window[2:]) <= 0:
            raise SettingsError(
                f"{where}: screen '{screen.name}', key 'window'",
                found=str(list(screen.window)),
                expected="x, y, width, height, the last two positive",
            )
        sizes = (screen.text_px, screen.pitch_mm, screen.distance_m)
        if not all(0 <= size < math.inf for size in sizes):
            raise SettingsError(
                f"{where}: screen '{screen.name}', keys 'text_px', 'pitch_mm', 'distance_m'",
                found=", ".join(map(str, sizes)),
                expected="0 or a finite size",
            )
        _check_part(screen.tree, f"{where}: screen '{screen.name}', tree")
        if layout.role == "wall" and not screen.text_px and not (screen.pitch_mm and screen.distance_m):
            raise SettingsError(
                f"{where}: screen '{screen.name}'",
                found="no text size",
                expected="text_px, or pitch_mm and distance_m",
            )
    return layout


def _check_part(part: Part, where: str) -> None:
    given = [name for name, value in (("split", part.split), ("tabs", part.tabs), ("panel", part.panel)) if value]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise SettingsError(where, found=found, expected="exactly one of split, tabs, panel")
    if part.split and len(part.parts) < 2:
        raise SettingsError(f"{where}, key 'parts'", found=str(len(part.parts)), expected="two or more")
    if part.parts and not part.split:
        raise SettingsError(f"{where}, key 'parts'", found="parts", expected='split = "h" or "v" beside it')
    if part.span and not part.panel:
        raise SettingsError(f"{where}, key 'span'", found=repr(part.span), expected="it at tiles, beside 'panel'")
    if part.tabs and not 0 <= part.current < len(part.tabs):
        raise SettingsError(f"{where}, key 'current'", found=str(part.current), expected=f"0 to {len(part.tabs) - 1}")
    if not 0 < part.weight < math.inf or part.px < 0:
        raise SettingsError(f"{where}, keys 'weight' and 'px'", found=f"{part.weight}, {part.px}", expected="positive")
    for i, child in enumerate(part.parts or part.tabs):
        _check_part(child, f"{where}.{'parts' if part.parts else 'tabs'}[{i}]")
