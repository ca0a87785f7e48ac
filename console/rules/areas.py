"""Which areas lie in an area, for the node that feeds and the console that asks; knows no sensor and no rights."""

from __future__ import annotations

from collections.abc import Iterable

from console.api import Area, Entity


def subtree(root: str, areas: Iterable[Entity]) -> frozenset[str]:
    """Ids of an area and of all below it; areas that name each other as parent end the search, not the program."""
    children: dict[str, list[str]] = {}
    for area in areas:
        if isinstance(area, Area):
            children.setdefault(area.parent, []).append(area.id)
    found, todo = {root}, [root]
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return frozenset(found)
