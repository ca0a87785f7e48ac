"""A tile dragged by hand: where it would go is marked, where it is let go it goes; knows not how layouts are kept.

Part of the composition root, owned by console.stage.tiling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, QPoint, SignalInstance

from console.stage.hand import Stood
from layouts import change
from layouts.mosaic import Mosaic, Zone
from layouts.tree import Layout
from widgets.kit.grip import Grip

HELD_PX = (40, 12)
"""Where in a window of its own the pointer holds a tile that was dropped outside."""


class Standings(Protocol):
    """Where tiles stand that are dragged: the stage, or the preview of a scene."""

    @property
    def standing(self) -> Mapping[str, Stood]: ...


class Dragging(QObject):
    """See the module.

    Args:
        torn: a signal: a tile is dragged by hand: (its id, the Grip that it hangs on).
        movable: whether tiles may be moved now.
        do: changes the layout; False: it was refused.
        detach: gives a tile of that window a window of its own, its corner at that place of the desktop.
    """

    def __init__(
        self,
        stage: Standings,
        torn: SignalInstance,
        movable: Callable[[], bool],
        do: Callable[[Callable[[Layout], Layout]], bool],
        detach: Callable[[str, Stood, QPoint], None],
    ) -> None:
        super().__init__()
        self._stage, self._movable, self._do, self._detach = stage, movable, do, detach
        self._held: tuple[str, Grip] | None = None
        self._zone: tuple[str, Mosaic, Zone] | None = None
        torn.connect(self._torn)

    def break_off(self) -> bool:
        """Give a drag up; False where there is none."""
        held = self._held
        self.let_go()
        if held is None or not shiboken6.isValid(held[1]):
            return False
        held[1].give_up()
        return True

    def let_go(self) -> None:
        """Follow the grip no longer, and mark nothing."""
        held, self._held = self._held, None
        zone, self._zone = self._zone, None
        if zone is not None and shiboken6.isValid(zone[1]):
            zone[1].show_zone(None)
        if held is not None and shiboken6.isValid(held[1]):
            for signal, slot in self._follows(held[1]):
                signal.disconnect(slot)

    def _torn(self, tile: str, grip: Grip) -> None:
        # a grip that went with its tile is let go by nobody else
        if self._movable() and (self._held is None or not shiboken6.isValid(self._held[1])):
            self.let_go()
            self._held = (tile, grip)
            for signal, slot in self._follows(grip):
                signal.connect(slot)

    def _follows(self, grip: Grip) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        return ((grip.moved, self._dragged), (grip.ended, self._dropped), (grip.given_up, self.let_go))

    def _dragged(self, place: QPoint) -> None:
        if self._held is None:
            return
        found = self._under(place)
        before, self._zone = self._zone, None
        if found is not None:
            name, mosaic = found
            inside = mosaic.mapFromGlobal(place)
            zone = mosaic.zone_at(inside.x(), inside.y(), self._held[0])
            mosaic.show_zone(zone)
            self._zone = (name, mosaic, zone) if zone is not None else None
        if before is not None and (found is None or before[1] is not found[1]):
            before[1].show_zone(None)

    def _dropped(self, place: QPoint) -> None:
        held, zone, found = self._held, self._zone, self._under(place)
        self.let_go()
        if held is None:
            return
        tile = held[0]
        if zone is not None:
            name, mosaic, where = zone
            if self._do(lambda layout: change.moved_to(layout, tile, name, where.target, where.side)):
                mosaic.bring(tile)
        elif found is None:
            home = next((one for one in self._stage.standing.values() if tile in one.mosaic.by_id), None)
            if home is not None:
                self._detach(tile, home, place - QPoint(*HELD_PX))

    def _under(self, place: QPoint) -> tuple[str, Mosaic] | None:
        """The mosaic at a place of the desktop; windows of detached tiles lie over the others."""
        open_ = sorted(self._stage.standing.items(), key=lambda item: item[1].place.screen.window is None)
        for name, one in open_:
            if one.window.isVisible() and one.mosaic.rect().contains(one.mosaic.mapFromGlobal(place)):
                return name, one.mosaic
        return None
