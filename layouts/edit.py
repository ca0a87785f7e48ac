"""Changes of a tree of tiles as pure functions: put in, take out, move, resize; knows no Qt and no file.

A path is the way from the root to a part, as indices. Every function gives a new tree in its plainest form: a split or
a row of tabs with one part left is that part, and a split in a split of the same direction is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from console.api import Text
from layouts.tree import Part, tiles

Path = tuple[int, ...]
Side = Literal["left", "right", "above", "below", "tab"]
AXIS: Final[dict[str, Literal["h", "v"]]] = {"left": "h", "right": "h", "above": "v", "below": "v"}
BEFORE: Final = frozenset({"left", "above"})
replace = msgspec.structs.replace


def children(part: Part) -> tuple[Part, ...]:
    """The parts of a split, or of a row of tabs; none of a tile."""
    return part.parts or part.tabs


def plain(part: Part) -> Part:
    """The same in its plainest form."""
    if not children(part):
        return part
    made = _plain(part, tuple(map(plain, children(part))), 0)
    assert made is not None
    return made


def at(tree: Part, path: Path) -> Part:
    """The part at a path. Raises IndexError where there is none."""
    for index in path:
        tree = children(tree)[index]
    return tree


def path_of(tree: Part, tile: str) -> Path | None:
    """The way to the tile of an id; None where the tree has none."""
    for text, part in tiles(tree):
        if part.id == tile:
            return tuple(map(int, text.split("."))) if children(tree) else ()
    return None


def removed(tree: Part, path: Path) -> Part | None:
    """The tree without a part; None where nothing is left."""
    return _with(tree, path, ())


def replaced(tree: Part, path: Path, part: Part) -> Part:
    """The tree with another part in that place."""
    made = _with(tree, path, (part,))
    assert made is not None
    return made


def inserted(tree: Part, path: Path, part: Part, side: Side) -> Part:
    """The tree with `part` beside what stands at the path, which gives it half of its place, or on a tab over it.

    Beside all of it (path ()) it gets a quarter.
    """
    target = at(tree, path)
    if not path and side != "tab":
        return _at_edge(tree, part, side)
    outer = at(tree, path[:-1]) if path else None
    if side == "tab":
        if target.tabs:
            tabs = (*target.tabs, _free(part))
            return replaced(tree, path, replace(target, tabs=tabs, current=len(tabs) - 1))
        if outer is not None and outer.tabs:
            index = path[-1] + 1
            tabs = (*outer.tabs[:index], _free(part), *outer.tabs[index:])
            return replaced(tree, path[:-1], replace(outer, tabs=tabs, current=index))
        row = Part(tabs=(_free(target), _free(part)), current=1, weight=target.weight, px=target.px)
        return replaced(tree, path, row)
    first, second = (part, target) if side in BEFORE else (target, part)
    if outer is not None and outer.split == AXIS[side]:
        halves = tuple(replace(one, weight=target.weight / 2, px=target.px // 2) for one in (first, second))
        return _or_same(_with(tree, path, halves), tree)
    title = target.title if outer is not None and outer.tabs else Text("")
    halves = tuple(one for part in (first, second) for one in _merged(_free(part), AXIS[side]))
    split = Part(split=AXIS[side], parts=halves, weight=target.weight, px=target.px, title=title)
    return replaced(tree, path, split)


def _at_edge(tree: Part, part: Part, side: Side) -> Part:
    kids = tree.parts if tree.split == AXIS[side] else (replace(tree, weight=3.0, px=0),)
    whole = sum(kid.weight for kid in kids if not kid.px) or 3.0
    new = replace(part, weight=whole / 3, px=0)
    news = _merged(new, AXIS[side])
    parts = (*news, *kids) if side in BEFORE else (*kids, *news)
    return Part(split=AXIS[side], parts=parts, title=tree.title)


def moved(tree: Part, tile: str, target: str, side: Side) -> Part:
    """The tree with one of its tiles beside, or on a tab over, another one. Raises KeyError for an unknown id."""
    path = _path(tree, tile)
    if tile == target:
        return tree
    left = removed(tree, path)
    assert left is not None
    return inserted(left, _path(left, target), at(tree, path), side)


def swapped(tree: Part, one: str, other: str) -> Part:
    """The tree with two tiles in each other's place, each taking the other's size. Raises KeyError for unknown ids."""
    here, there = _path(tree, one), _path(tree, other)
    first, second = at(tree, here), at(tree, there)
    tree = replaced(tree, here, replace(second, weight=first.weight, px=first.px))
    return replaced(tree, there, replace(first, weight=second.weight, px=second.px))


def resized(tree: Part, path: Path, sizes: Sequence[float]) -> Part:
    """The tree with the sizes (logical px, unscaled) of the parts of one split; a fixed one stays fixed, at its new."""
    split = at(tree, path)
    parts = tuple(
        replace(part, px=max(1, round(size))) if part.px else replace(part, weight=max(size, 1.0))
        for part, size in zip(split.parts, sizes, strict=True)
    )
    return replaced(tree, path, replace(split, parts=parts))


def alike(tree: Part, path: Path) -> Part:
    """The tree with the parts of one split of the same size, none of them fixed."""
    split = at(tree, path)
    return replaced(tree, path, replace(split, parts=tuple(map(_free, split.parts))))


def opened(tree: Part, path: Path, index: int) -> Part:
    """The tree with another tab seen."""
    return replaced(tree, path, replace(at(tree, path), current=index))


def _path(tree: Part, tile: str) -> Path:
    path = path_of(tree, tile)
    if path is None:
        raise KeyError(tile)
    return path


def _free(part: Part) -> Part:
    """A part that shares its new place alike."""
    return replace(part, weight=1.0, px=0)


def _with(tree: Part, path: Path, new: tuple[Part, ...]) -> Part | None:
    """The tree with `new` parts where one stood, plain again from there up to the root."""
    if not path:
        return new[0] if new else None
    index, rest = path[0], path[1:]
    kids = children(tree)
    inner = (_with(kids[index], rest, new),) if rest else new
    return _plain(tree, (*kids[:index], *(one for one in inner if one is not None), *kids[index + 1 :]), index)


def _plain(part: Part, kids: tuple[Part, ...], changed: int) -> Part | None:
    if not kids:
        return None
    if len(kids) == 1:
        return replace(kids[0], weight=part.weight, px=part.px, title=kids[0].title if kids[0].panel else part.title)
    if part.split:
        return replace(part, parts=tuple(one for kid in kids for one in _merged(kid, part.split)))
    gone_before = len(kids) < len(part.tabs) and part.current > changed
    current = part.current - 1 if gone_before else part.current
    return replace(part, tabs=kids, current=min(current, len(kids) - 1))


def _merged(kid: Part, axis: str) -> tuple[Part, ...]:
    """A split of the same direction gives its parts to the one around it, their shares of its share."""
    if kid.split != axis or kid.px or any(one.px for one in kid.parts):
        return (kid,)
    whole = sum(one.weight for one in kid.parts)
    return tuple(replace(one, weight=kid.weight * one.weight / whole) for one in kid.parts)


def _or_same(made: Part | None, tree: Part) -> Part:
    return tree if made is None else made
