"""Changes of a whole layout as pure functions: tiles over screens and windows of their own; knows no Qt and no file."""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import RefusedError, Text
from layouts.edit import Path, Side, at, inserted, moved, path_of, removed, replaced, swapped
from layouts.tree import Layout, Part, Screen, tiles

replace = msgspec.structs.replace
LAST: Final = "the last tile of a screen stays where it is"
WINDOW: Final = "window"
"""Windows of detached tiles are named so, with a number."""


def screen_of(layout: Layout, tile: str) -> Screen:
    """The screen that a tile stands on. Raises KeyError."""
    for screen in layout.screens:
        if path_of(screen.tree, tile) is not None:
            return screen
    raise KeyError(tile)


def with_tree(layout: Layout, screen: str, tree: Part | None) -> Layout:
    """The layout with another tree on a screen; None: a window of detached tiles goes.

    Raises RefusedError where the last tile of a whole screen would go.
    """
    made: list[Screen] = []
    for one in layout.screens:
        if one.name != screen:
            made.append(one)
        elif tree is not None:
            made.append(replace(one, tree=tree))
        elif one.window is None:
            raise RefusedError(LAST)
    return replace(layout, screens=tuple(made))


def closed(layout: Layout, tile: str) -> Layout:
    """The layout without a tile. Raises KeyError, RefusedError for a screen's last one."""
    screen = screen_of(layout, tile)
    path = path_of(screen.tree, tile)
    assert path is not None
    return with_tree(layout, screen.name, removed(screen.tree, path))


def added(layout: Layout, beside: str, panel: str, side: Side) -> tuple[Layout, str]:
    """The layout with a new tile of a panel beside, or on a tab over, another; and its id. Raises KeyError."""
    taken = {part.id for screen in layout.screens for _, part in tiles(screen.tree)}
    id_ = next(name for n in range(1, len(taken) + 2) if (name := f"{panel}~{n}") not in taken)
    screen = screen_of(layout, beside)
    path = path_of(screen.tree, beside)
    assert path is not None
    tree = inserted(screen.tree, path, Part(panel=panel, id=id_), side)
    return with_tree(layout, screen.name, tree), id_


def taken_in(layout: Layout, beside: str, part: Part, side: Side) -> tuple[Layout, str]:
    """The layout with a tile like one of another layout beside, or on a tab over, one of its own; and its id.

    It shows a whole, also where it was a part of a picture over several. Raises KeyError.
    """
    layout, id_ = added(layout, beside, part.panel, side)
    return put_in(layout, id_, replace(part, id=id_)), id_


def put_in(layout: Layout, tile: str, part: Part) -> Layout:
    """The layout with a tile in place of the tile of that id; it takes its room. Raises KeyError."""
    screen = screen_of(layout, tile)
    path = path_of(screen.tree, tile)
    assert path is not None
    was = at(screen.tree, path)
    made = replace(part, weight=was.weight, px=was.px, span="", title=Text(""))
    return with_tree(layout, screen.name, replaced(screen.tree, path, made))


def moved_to(layout: Layout, tile: str, screen: str, target: str, side: Side) -> Layout:
    """The layout with a tile beside or over the tile `target` of a screen; "" beside everything on it.

    Raises KeyError, RefusedError where a screen would lose its last tile.
    """
    home = screen_of(layout, tile)
    if home.name == screen and target:
        return with_tree(layout, screen, moved(home.tree, tile, target, side))
    path = path_of(home.tree, tile)
    assert path is not None
    part = at(home.tree, path)
    if home.name == screen:
        left = removed(home.tree, path)
        return layout if left is None else with_tree(layout, screen, inserted(left, (), part, side))
    layout = with_tree(layout, home.name, removed(home.tree, path))
    there = next(one for one in layout.screens if one.name == screen)
    beside = path_of(there.tree, target) if target else ()
    if beside is None:
        raise KeyError(target)
    return with_tree(layout, screen, inserted(there.tree, beside, part, side))


def swapped_with(layout: Layout, tile: str, other: str) -> Layout:
    """The layout with two tiles of one screen in each other's place. Raises KeyError."""
    screen = screen_of(layout, tile)
    return with_tree(layout, screen.name, swapped(screen.tree, tile, other))


def out_of_tabs(layout: Layout, screen: str, row: Path, tile: str) -> Layout:
    """The layout with a tile beside the row of tabs that it stands in, to its right. Raises KeyError."""
    tree = next(one.tree for one in layout.screens if one.name == screen)
    path = path_of(tree, tile)
    if path is None:
        raise KeyError(tile)
    left = removed(tree, path)
    return layout if left is None else with_tree(layout, screen, inserted(left, row, at(tree, path), "right"))


def detached(layout: Layout, tile: str, window: tuple[int, int, int, int], connector: str, serial: str) -> Layout:
    """The layout with a tile in a window of its own: x, y, width, height on the screen of that connector.

    Raises KeyError, RefusedError where a screen would lose its last tile.
    """
    home = screen_of(layout, tile)
    path = path_of(home.tree, tile)
    assert path is not None
    part = replace(at(home.tree, path), weight=1.0, px=0)
    names = {screen.name for screen in layout.screens}
    name = next(one for n in range(1, len(names) + 2) if (one := f"{WINDOW} {n}") not in names)
    left = with_tree(layout, home.name, removed(home.tree, path))
    new = Screen(name=name, tree=part, match=connector, serial=serial, top_bar=False, window=window)
    return replace(left, screens=(*left.screens, new))


def docked(layout: Layout, window: str) -> Layout:
    """The layout with all tiles of a window of detached ones at the right of the first whole screen."""
    one = next(screen for screen in layout.screens if screen.name == window)
    home = next(screen for screen in layout.screens if screen.window is None)
    layout = with_tree(layout, window, None)
    return with_tree(layout, home.name, inserted(home.tree, (), one.tree, "right"))


def titled(layout: Layout, id_: str, title: Text) -> Layout:
    """The layout under another id and title."""
    return replace(layout, id=id_, title=title)
