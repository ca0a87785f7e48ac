"""The screens of a wall's scene, small and live, side by side; where a place on them lies in its tile. Sends nothing.

Part of the composition root, owned by console.walls.on_air.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QGridLayout, QWidget

from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile import Tile
from console.stage.stage import Stage
from console.walls.overlay import panel_of, pointable_of
from console.walls.pad import Pad
from console.walls.presenter import Spot
from console.walls.small import GAP_PX, Small, across_of, small_of, width_of
from layouts.canvas import spanned
from layouts.mosaic import Mosaic
from layouts.tree import Layout, Part, Screen, tiles
from layouts.wall import TEXT_PX

LEAST_EM: Final = 9.0
"""Marks are no smaller here than a hand can aim at."""


class LiveScreens(QWidget):
    """See the module.

    Args:
        room: width and height that it may take, logical px.
        about: what its tiles are about: the scene's subject, whatever is selected here.

    Signals:
        made: a sheet for the hand was laid over a screen: (Mosaic, Pad).
    """

    made = Signal(object, object)

    def __init__(self, stage: Stage, session: Session, room: tuple[int, int], about: Callable[[], str]) -> None:
        super().__init__()
        self._stage, self._session, self._room, self._about = stage, session, room, about
        self._screens: dict[str, tuple[Mosaic, Small, Pad]] = {}
        self.touched: set[str] = set()
        """Ids of the tiles that a hand has moved here."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP_PX)

    # ------------------------------------------------------------------ what is shown

    @property
    def mosaics(self) -> tuple[Mosaic, ...]:
        """Its screens, in the order of the scene."""
        return tuple(mosaic for mosaic, _, _ in self._screens.values())

    @property
    def pads(self) -> tuple[Pad, ...]:
        """The sheets for the hand, one a screen."""
        return tuple(pad for _, _, pad in self._screens.values())

    @property
    def tiles(self) -> dict[str, Tile]:
        """All tiles by id."""
        found = {id_: tile for mosaic in self.mosaics for id_, tile in mosaic.by_id.items()}
        return {id_: tile for id_, tile in found.items() if isinstance(tile, Tile)}

    def sized(self) -> list[tuple[Mosaic, float]]:
        """Its screens with how large marks are on them."""
        return [(mosaic, max(LEAST_EM, small.style.text_px)) for mosaic, small, _ in self._screens.values()]

    def show_scene(self, layout: Layout) -> None:
        """Show this scene; tiles that were in the one before, on a screen alike, stay what they are."""
        names = {screen.name for screen in layout.screens}
        for name in [name for name in self._screens if name not in names]:
            self._drop(name)
        across, wide = across_of(len(layout.screens)), width_of(self._room, len(layout.screens))
        for i, screen in enumerate(layout.screens):
            self._show_screen(layout, screen, wide)
            self._grid.addWidget(self._screens[screen.name][0], i // across, i % across)
        self.touched &= set(self.tiles)
        wholes = spanned(layout)
        for id_, tile in self.tiles.items():
            tile.span(wholes.get(id_))
        for pad in self.pads:
            pad.fit()

    def _show_screen(self, layout: Layout, screen: Screen, wide: int) -> None:
        had, small = self._screens.get(screen.name), small_of(layout, screen, wide)
        if had is not None and had[1] == small:
            for tile in had[0].show_tree(screen.tree).values():
                self._stage.end_tile(tile)
            return
        if had is not None:
            self._drop(screen.name)
        style, width, height = small
        mosaic = Mosaic(
            screen.tree,
            partial(self._tile, style),
            self._stage.panel_title,
            lambda: self._session.language.code,
            style.text_px,
            style.text_px / TEXT_PX["wall"],
            movable=lambda: False,
        )
        mosaic.setFixedSize(width, height)
        pad = Pad(mosaic)
        self._screens[screen.name] = (mosaic, small, pad)
        self.made.emit(mosaic, pad)

    def _tile(self, style: ScreenStyle, part: Part, tabbed: bool) -> QWidget:
        tile = self._stage.tile(part, style, f"on-air/{part.id}", tabbed=tabbed, about=self._about)
        if isinstance(tile, Tile):
            tile.moved.connect(partial(self._along, part))
        return tile

    def _along(self, part: Part, moved: Tile, view: dict[str, Any]) -> None:
        """A hand moved a tile: the other parts of a picture over several tiles stand as it does."""
        self.touched.add(part.id)
        shown = (one for mosaic in self.mosaics for _, one in tiles(mosaic.tree))
        alike = {one.id for one in shown if part.span and one.span == part.span}
        for id_, tile in self.tiles.items():
            if id_ in alike and tile is not moved:
                tile.follow(view)

    def _drop(self, name: str) -> None:
        mosaic, _, _ = self._screens.pop(name)
        for tile in mosaic.by_id.values():
            self._stage.end_tile(tile)
        mosaic.hide()
        mosaic.setParent(None)
        mosaic.deleteLater()

    def close_screens(self) -> None:
        """End all tiles."""
        for name in list(self._screens):
            self._drop(name)

    # ------------------------------------------------------------------ what is under the hand

    def spot(self, mosaic: Mosaic, at: QPoint, tile: str = "", of: str = "") -> Spot | None:
        """A place of a screen, in the tile there, or in the tile and of the thing asked for; None: no tile is there."""
        place = mosaic.stands.at(at.x(), at.y())
        id_ = tile or (place.part.id if place is not None else "")
        panel = panel_of(mosaic.by_id.get(id_))
        if panel is None:
            return None
        local = panel.mapFrom(mosaic, at)
        pointable = pointable_of(panel)
        pointed = pointable.content_at(local.x(), local.y(), of) if pointable is not None else None
        share = (local.x() / max(1, panel.width()), local.y() / max(1, panel.height()))
        return Spot(tile=id_, px=(at.x(), at.y()), pointed=pointed, share=share)

    def under(self) -> tuple[Mosaic, Part] | None:
        """The tile under the pointer, None where there is none."""
        for mosaic in self.mosaics:
            at = mosaic.mapFromGlobal(QCursor.pos())
            place = mosaic.stands.at(at.x(), at.y()) if mosaic.rect().contains(at) else None
            if place is not None:
                return mosaic, place.part
        return None
