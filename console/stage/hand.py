"""What keys do to the tile at hand: go to the next, move, stack, resize, detach, add, close; knows not what is kept.

Part of the composition root, owned by console.stage.tiling. The hand works on the stage, or, while that has a person's
attention, on a board that was lent to it: the preview of a scene.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget

from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.stage.stage import Stage
from console.stage.standing import on_monitor
from layouts import change
from layouts.arrange import Way, dragged
from layouts.edit import Side, at, path_of, resized
from layouts.mosaic import Mosaic
from layouts.tree import Layout, tiles
from layouts.wall import Place

STEP_PX: Final = 48
"""A key makes a tile so much wider or higher, times the screen's text scale."""
WINDOW_PX: Final = (640, 420)


class Stood(Protocol):
    """A layout's screen with its tiles: a window of the stage, or a part of a board."""

    @property
    def place(self) -> Place: ...
    @property
    def style(self) -> ScreenStyle: ...
    @property
    def window(self) -> QWidget: ...
    @property
    def mosaic(self) -> Mosaic: ...


class Board(Protocol):
    """Where a layout stands besides the stage, and what changes it there."""

    @property
    def standing(self) -> Mapping[str, Stood]: ...
    @property
    def scene(self) -> Layout: ...
    def has_attention(self) -> bool:
        """Whether keys are meant for it now."""
        ...

    def at_hand(self) -> tuple[Stood, str] | None:
        """Screen and id of the tile that a key acts on."""
        ...

    def do(self, how: Callable[[Layout], Layout]) -> bool: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def save(self) -> None: ...
    def save_as(self) -> None: ...


class Hand(QObject):
    """See the module.

    Args:
        do: changes the layout; False: it was refused.
    """

    def __init__(self, stage: Stage, do: Callable[[Callable[[Layout], Layout]], bool]) -> None:
        super().__init__()
        self._stage, self._on_stage = stage, do
        self._lent: Board | None = None
        self._at_hand: Tile | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focused)

    def close(self) -> None:
        """Follow the focus no longer; part of the written shutdown."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.disconnect(self._focused)

    def lend(self, board: Board | None) -> None:
        """While it has a person's attention, work on this board; None: on the stage alone again."""
        self._lent = board

    @property
    def lent(self) -> Board | None:
        """The board that is worked on now, None: it is the stage."""
        return self._lent if self._lent is not None and self._lent.has_attention() else None

    @property
    def _standing(self) -> Mapping[str, Stood]:
        lent = self.lent
        return lent.standing if lent is not None else self._stage.standing

    @property
    def _layout(self) -> Layout | None:
        lent = self.lent
        return lent.scene if lent is not None else self._stage.layout

    def _do(self, how: Callable[[Layout], Layout]) -> bool:
        lent = self.lent
        return lent.do(how) if lent is not None else self._on_stage(how)

    def _focused(self, _old: object, now: QWidget | None) -> None:
        while now is not None and not isinstance(now, Tile):
            now = now.parentWidget()
        if isinstance(now, Tile):
            self._at_hand = now

    def _hand(self) -> tuple[Stood, str] | None:
        """Window and id of the tile that a key acts on: with the focus, under the pointer, or that had the focus."""
        if (lent := self.lent) is not None:
            return lent.at_hand()
        for tile in (self._stage.tile_at_hand(), self._at_hand):
            for one in self._stage.standing.values():
                if id_ := one.mosaic.id_of(tile):
                    return one, id_
        return None

    def focus(self, way: Way) -> None:
        """The tile in that direction gets the keys."""
        if (hand := self._hand()) is not None:
            beside = hand[0].mosaic.stands.neighbour(hand[1], way)
            if beside is not None:
                hand[0].mosaic.bring(beside.part.id)

    def move(self, way: Way, side: Side) -> None:
        """The tile changes places with the one in that direction; at the edge it goes beside everything."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        beside = one.mosaic.stands.neighbour(tile, way)
        if beside is not None:
            self._do(lambda layout: change.swapped_with(layout, tile, beside.part.id))
        else:
            self._do(lambda layout: change.moved_to(layout, tile, one.place.screen.name, "", side))
        one.mosaic.bring(tile)

    def stack(self, way: Way) -> None:
        """The tile goes on a tab over the one in that direction."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        beside = one.mosaic.stands.neighbour(tile, way)
        if beside is not None:
            screen = one.place.screen.name
            self._do(lambda layout: change.moved_to(layout, tile, screen, beside.part.id, "tab"))
            one.mosaic.bring(tile)

    def unstack(self) -> None:
        """The tile leaves its tabs, to their right."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        place = one.mosaic.stands.of(tile)
        if place is not None and place.path and at(one.mosaic.tree, place.path[:-1]).tabs:
            screen, row = one.place.screen.name, place.path[:-1]
            self._do(lambda layout: change.out_of_tabs(layout, screen, row, tile))
            one.mosaic.bring(tile)

    def next_tab(self, step: int) -> None:
        """The next tab of the row that the tile stands in."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        path = path_of(one.mosaic.tree, tile) or ()
        for depth in range(len(path) - 1, -1, -1):
            row = at(one.mosaic.tree, path[:depth])
            if row.tabs:
                _, page = next(tiles(row.tabs[(row.current + step) % len(row.tabs)]))
                one.mosaic.bring(page.id)
                return

    def grow(self, *, across: bool, by: int) -> None:
        """The tile gets wider or higher by so many steps, or less so."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        place = one.mosaic.stands.of(tile)
        if place is None:
            return
        gaps = [g for g in one.mosaic.stands.gaps if g.across == across and place.path[: len(g.path)] == g.path]
        for depth in range(len(place.path) - 1, -1, -1):
            index = place.path[depth]
            # the gap after it, or for the last one the gap before it
            gap = next((g for g in gaps if len(g.path) == depth and g.index in (index, index - 1)), None)
            after = next((g for g in gaps if len(g.path) == depth and g.index == index), gap)
            if after is None:
                continue
            px = round(by * STEP_PX * one.style.scale) * (1 if after.index == index else -1)
            split, scale = at(one.mosaic.tree, after.path), one.mosaic.scale
            sizes = dragged(split, after.whole, scale, after.index, px, round(2 * STEP_PX * one.style.scale))
            tree = resized(one.mosaic.tree, after.path, sizes)
            self._do(partial(change.with_tree, screen=one.place.screen.name, tree=tree))
            return

    def add(self, panel: str) -> None:
        """A new tile of a panel, beside the one at hand along its longer side."""
        layout = self._layout
        hand = self._hand() or self._first()
        if layout is None or hand is None:
            return
        one, beside = hand
        place = one.mosaic.stands.of(beside)
        wide = place is not None and place.box is not None and place.box.width >= place.box.height
        made = ""

        def how(before: Layout) -> Layout:
            nonlocal made
            after, made = change.added(before, beside, panel, "right" if wide else "below")
            return after

        if self._do(how):
            one.mosaic.bring(made)

    def _first(self) -> tuple[Stood, str] | None:
        for one in self._standing.values():
            return one, one.mosaic.stands.tiles[0].part.id
        return None

    def close_tile(self) -> None:
        """The tile goes; undo brings it back."""
        if (hand := self._hand()) is not None:
            self._do(lambda layout: change.closed(layout, hand[1]))

    def detach(self) -> None:
        """The tile gets a window of its own; of a window of its own, its tiles go back."""
        if (hand := self._hand()) is None:
            return
        one, tile = hand
        if one.place.screen.window is not None:
            self._do(lambda layout: change.docked(layout, one.place.screen.name))
        else:
            centre = one.window.geometry().center() - QPoint(WINDOW_PX[0] // 2, WINDOW_PX[1] // 2)
            self.detach_at(tile, one, centre)

    def detach_at(self, tile: str, one: Stood, corner: QPoint) -> None:
        """That tile gets a window of its own, its corner at a place of the desktop."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        monitor = app.screenAt(corner) or one.window.screen()
        window = on_monitor(monitor, QRect(corner, QSize(*WINDOW_PX)))
        self._do(lambda layout: change.detached(layout, tile, window, monitor.name(), monitor.serialNumber()))
