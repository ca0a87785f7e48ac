"""A command for each wall that the node knows: with it that wall is directed from here; knows no screen.

Part of the composition root, imported by console.app alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from console.api import CommandSpec, Text, Wall
from console.shell.ports import Drained
from console.shell.session import Session

GROUP: Final = Text("大屏", "Walls")
WALLS: Final = 64
"""For so many there are commands; the palette is no place for more."""


class Choosing:
    """A chrome of the pacer. `choose` takes a wall's id; `may`: whether this person may direct walls at all."""

    def __init__(self, session: Session, choose: Callable[[str], None], may: Callable[[], bool]) -> None:
        self._session, self._choose, self._may = session, choose, may
        self._known: dict[str, Text] = {}

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: there may be another wall, or one has another name."""
        if Wall.CLS not in drained.entities and not drained.seeked:
            return
        for wall in self._session.desk.entities(Wall).values():
            name = wall.name if wall.name.zh else Text(wall.id)
            if self._known.get(wall.id) != name and (wall.id in self._known or len(self._known) < WALLS):
                self._known[wall.id] = name
                title = Text(f"选择大屏 {name.zh}", f"Choose wall {name.of('en')}")
                spec = CommandSpec(id=f"wall.choose_{wall.id}", title=title, group=GROUP)
                self._session.commands.add(spec, partial(self._choose, wall.id), self._may)
