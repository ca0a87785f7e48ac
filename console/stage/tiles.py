"""Tiles made of a layout's parts and ended; what cannot be one says why in its place. Knows no window and no layout.

Part of the composition root, owned by console.stage.stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from console.api import Notice, PanelSpec, SettingsError, Severity, Spanned, Text, Value, settings_from
from console.shell.pacer import Pacer
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile import Tile
from console.stage.views import Views
from layouts.tree import Part
from widgets.kit.text import font

MOST_ALIKE: Final = 4
"""So many tiles of one panel are kept hidden: a map's page alone has some hundred MB."""


class Unopened(QLabel):
    """In the place of a tile that could not be made: why. `notice`: the key of the notice that says so too."""

    def __init__(self, why: str, text_px: float, notice: str) -> None:
        super().__init__(why)
        self.notice = notice
        self.setFont(font(text_px))
        self.setWordWrap(True)
        self.setMargin(16)
        self.setAutoFillBackground(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


class Tiles:
    """See the module.

    Args:
        specs: panel specs by id.
        views: how tiles stood when they were last here.
    """

    def __init__(self, session: Session, pacer: Pacer, specs: Mapping[str, PanelSpec], views: Views) -> None:
        self._session, self._pacer, self._specs, self._views = session, pacer, specs, views
        self._unopened: dict[str, Unopened] = {}
        """By its notice the one that was made last: a layout opened again makes its own before the old one's go."""

    def made(
        self,
        part: Part,
        style: ScreenStyle,
        name: str,
        *,
        tabbed: bool,
        spanned: Spanned | None,
        about: Callable[[], str] | None,
    ) -> QWidget:
        """A new tile, fed by the pacer until `end`, else an Unopened. Arguments as of `Stage.tile`."""
        try:
            spec, settings = self._checked(part, name)
        except SettingsError as error:
            summary = Text(f"窗格 {name} 打不开", f"Tile {name} cannot be opened")
            key = f"tile.{name}"
            self._session.notices.raise_(Notice(key=key, severity=Severity.ERROR, summary=summary, detail=str(error)))
            self._unopened[key] = Unopened(str(error), style.text_px, key)
            return self._unopened[key]
        # a wall shows what its layout says
        view = self._views.of(name) if style.role != "wall" else {}
        given = (self._session, spec, settings, style, name)
        tile = Tile(*given, titled_elsewhere=tabbed, view=view, spanned=spanned, about=about)
        self._pacer.add_tile(tile)
        return tile

    def _checked(self, part: Part, name: str) -> tuple[PanelSpec, Value]:
        """The spec and the settings of a part. Raises SettingsError."""
        spec = self._specs.get(part.panel)
        if spec is None:
            raise SettingsError(f"{name}: panel '{part.panel}'", expected=f"one of {', '.join(sorted(self._specs))}")
        settings = settings_from(spec.settings, part.settings, name)
        if part.span and not spec.spans:
            able = ", ".join(sorted(one.id for one in self._specs.values() if one.spans))
            raise SettingsError(f"{name}: key 'span'", found=f"panel '{part.panel}'", expected=f"one of {able}")
        return spec, settings

    def same(self, tile: QWidget, part: Part) -> bool:
        """Whether a tile shows what a part says."""
        if not isinstance(tile, Tile) or tile.spec.id != part.panel:
            return False
        try:
            return settings_from(tile.spec.settings, part.settings, part.id) == tile.settings
        except SettingsError:
            return False

    def to_keep(self, gone: Mapping[str, QWidget]) -> frozenset[str]:
        """Which of these tiles, by id, may stay hidden until they are wanted again: the sound ones, few of a panel."""
        fed, alike, kept = set(self._pacer.tiles), Counter[str](), set[str]()
        for id_, tile in gone.items():
            if isinstance(tile, Tile) and tile in fed and not tile.failed and alike[tile.spec.id] < MOST_ALIKE:
                alike[tile.spec.id] += 1
                kept.add(id_)
        return frozenset(kept)

    def end(self, tile: QWidget) -> None:
        """End a tile for good."""
        if isinstance(tile, Tile):
            self._views.keep((tile,))
            self._pacer.remove_tile(tile)
            tile.close_tile()
        elif isinstance(tile, Unopened) and self._unopened.get(tile.notice) is tile:
            del self._unopened[tile.notice]
            self._session.notices.clear(tile.notice)
        tile.hide()
        tile.deleteLater()


def title_elsewhere(tile: QWidget, tabbed: bool) -> None:
    """Tell a tile whether a tab bears its title from now on."""
    if isinstance(tile, Tile):
        tile.title_elsewhere(tabbed)
