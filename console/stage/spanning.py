"""Gives tiles that show one picture together their parts of it, and lets them move in step; owned by the stage.

Where a tile really stands is read from its window; who shows what of the whole is layouts.canvas's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint

from console.shell.tile import Tile
from console.stage.standing import Standing, size_px
from layouts.canvas import Share, spanned
from layouts.tree import Layout
from layouts.tree import tiles as parts_of


class Spanning:
    """See the module."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        """Of each tile that spans, by its id, the word of its picture."""
        self._tiles: dict[str, Tile] = {}

    def lay(self, layout: Layout | None, standing: Mapping[str, Standing]) -> None:
        """Tell every tile that is open which part of which picture it is now."""
        screens = layout.screens if layout is not None else ()
        self._words = {p.id: p.span for screen in screens for _, p in parts_of(screen.tree) if p.span}
        self._tiles = {
            id_: tile for one in standing.values() for id_, tile in one.mosaic.by_id.items() if isinstance(tile, Tile)
        }
        if layout is None or not self._words:
            for tile in self._tiles.values():
                tile.span(None)
            return
        seen = {id_: share for one in standing.values() for id_, share in self._seen(one).items()}
        found = spanned(layout, seen)
        for id_, tile in self._tiles.items():
            tile.span(found.get(id_))

    def _seen(self, one: Standing) -> dict[str, Share]:
        """Where tiles that span stand in their window, which is their screen, or stands in for it."""
        width, height = one.window.width(), one.window.height()
        corner = one.mosaic.mapTo(one.window, QPoint(0, 0))
        found: dict[str, Share] = {}
        for place in one.mosaic.stands.tiles:
            tile = self._tiles.get(place.part.id)
            if tile is None or place.box is None or place.part.id not in self._words:
                continue
            at = tile.inner.translated(corner)
            found[place.part.id] = (
                at.x() / width,
                at.y() / height,
                max(1, at.width()) / width,
                max(1, at.height()) / height,
            )
        return found

    def misfits(self, standing: Mapping[str, Standing]) -> list[str]:
        """Screens that were measured as of another size than they are: "name: 3840 × 2160 ≠ 1920 × 1080"."""
        found = []
        for name, one in standing.items():
            (width, height), real = one.place.screen.size_px, size_px(one.window.screen())
            if one.place.screen.at_mm is not None and not one.place.stand_in and real != (width, height):
                found.append(f"{name}: {real[0]} × {real[1]} ≠ {width} × {height}")
        return found

    def follow(self, moved: Tile, view: dict[str, Any]) -> None:
        """A hand moved one part of a picture: the others stand as it does."""
        word = next((self._words.get(id_, "") for id_, tile in self._tiles.items() if tile is moved), "")
        for id_, tile in self._tiles.items():
            if word and tile is not moved and self._words.get(id_) == word:
                tile.follow(view)
