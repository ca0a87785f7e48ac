"""What a presenter shows on a wall, on the screens of this console: marks, views that follow, tiles that stand still.

Part of the composition root. `Audience` hears what the node passes on and keeps how each wall's presentation stands;
`Presented` puts one on a set of screens: a wall machine's windows, or the small ones of a desk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPixmap

from console.api import NS, Person, RefusedError, Wall
from console.shell.boundary import grabbed
from console.shell.pacer import Pacer
from console.shell.session import Session
from console.walls.overlay import Overlay, Still
from console.wire.presentation import Presentation, harmless
from console.wire.walls import Present, Presenting, PresentRefused
from layouts.mosaic import Mosaic
from layouts.tree import Layout, tiles

log = logging.getLogger(__name__)
LOOK_MS: Final = 50
"""So often it is looked whether what marks lie on has moved, while there are any."""
FIRST_MS: Final = 1_500
"""A tile that is just made has nothing to show before: who comes late lets it stand still after that."""
CUT_S: Final = 30.0
"""So long after the link was cut marks stay: the presenter may have ended since."""
Said = Present | Presenting | PresentRefused
Screens = Callable[[], Iterable[tuple[Mosaic, float]]]
"""The screens to show it on now: mosaics with their body text in px."""


class Walls(Protocol):
    """What of console.client.walls is asked here."""

    on_present: Callable[[Said], None] | None

    def watch(self, wall: str, owner: Hashable, *, pictures: bool = False) -> None: ...
    def release(self, owner: Hashable) -> None: ...
    def present(self, message: Present) -> None: ...


class Audience:
    """How the presentation on each wall that is watched stands; told to who listens."""

    def __init__(self, walls: Walls) -> None:
        self.walls = walls
        self._marks: dict[str, Presentation] = {}
        self._listeners: dict[Hashable, tuple[str, Callable[[Said], None]]] = {}
        walls.on_present = self.heard

    def listen(self, wall: str, owner: Hashable, told: Callable[[Said], None]) -> Presentation:
        """Tell `told` of all that happens on a wall; how it stands now."""
        self._listeners[owner] = (wall, told)
        self.walls.watch(wall, owner)
        return self.marks(wall)

    def leave(self, owner: Hashable) -> None:
        """Tell no more."""
        wall, _ = self._listeners.pop(owner, ("", None))
        self.walls.release(owner)
        if all(other != wall for other, _ in self._listeners.values()):
            self._marks.pop(wall, None)

    def marks(self, wall: str) -> Presentation:
        """How it stands; `by` "" where nobody presents."""
        return self._marks.setdefault(wall, Presentation(wall))

    def heard(self, message: Said) -> None:
        """One message of the node."""
        if not any(wall == message.wall for wall, _ in self._listeners.values()):
            return
        try:
            self._take(message)
        except RefusedError as error:  # the node has the same bounds: it must be another version
            log.warning("a presenter's mark is left out: %s", error)
            return
        self.tell(message)

    def tell(self, message: Said) -> None:
        """Have all who listen look at what was changed."""
        for wall, told in list(self._listeners.values()):
            if wall == message.wall:
                told(message)

    def _take(self, message: Said) -> None:
        match message:
            case Presenting():
                marks = Presentation(message.wall, message.by, message.since_ns, message.scene)
                marks.redo(message.done)
                self._marks[message.wall] = marks
            case Present():
                marks = self.marks(message.wall)
                if marks.by and message.by == marks.by:
                    marks.take(message)
            case PresentRefused():
                pass


class Presented(QObject):
    """See the module.

    Args:
        screens: where it is shown.
        follows: False on the presenter's own screens, where views are what the presenter does.
        painted: told of each pointer that was put on a screen.
        layout: the scene on the screens of all machines: a stroke goes on where a picture over several tiles does.
    """

    def __init__(
        self,
        wall: str,
        audience: Audience,
        session: Session,
        pacer: Pacer,
        screens: Screens,
        *,
        follows: Callable[[], bool] = lambda: True,
        painted: Callable[[Present], None] = lambda _message: None,
        layout: Callable[[], Layout | None] = lambda: None,
    ) -> None:
        super().__init__()
        self.wall, self._audience, self._session, self._pacer = wall, audience, session, pacer
        self._screens, self._follows, self._painted = screens, follows, painted
        self._layout = layout
        self._overlays: dict[Mosaic, Overlay] = {}
        self._views_due: dict[str, Mapping[str, Any]] = {}
        self._before: dict[str, dict[str, Any]] = {}
        """How tiles that follow looked before: they do so again once nobody presents, and on the next scene."""
        self._standing: set[str] = set()
        """Tiles that stand still here."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        audience.listen(wall, self, self.heard)
        self._show(first=True)

    @property
    def marks(self) -> Presentation:
        """How the presentation stands."""
        return self._audience.marks(self.wall)

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """The sheets over the screens."""
        return tuple(self._overlays.values())

    def close(self) -> None:
        """Show it no longer; part of the written shutdown, before the stage."""
        self._timer.stop()
        self._audience.leave(self)
        self._thaw_all()
        for overlay in self._overlays.values():
            overlay.hide()
            overlay.setParent(None)
            overlay.deleteLater()
        self._overlays.clear()

    # ------------------------------------------------------------------ what comes

    def heard(self, message: Said) -> None:
        """Something was done by the presenter, here or elsewhere."""
        self._take_screens()
        match message:
            case Presenting():
                self._show(first=True)
            case Present(op="pointer"):
                for overlay in self._overlays.values():
                    overlay.pointer_moved()
                self._painted(message)
            case Present(op="stroke"):
                for overlay in self._overlays.values():
                    if message.stroke in self.marks.strokes:
                        overlay.stroke_grew(message.stroke)
            case Present(op="undo" | "clear"):
                for overlay in self._overlays.values():
                    overlay.strokes_went()
            case Present(op="view"):
                self._views_due[message.tile] = message.state
                self._follow()
            case Present(op="freeze"):
                self._freeze(message.tile, on=message.on)
            case _:
                pass

    def scene_is(self, number: int) -> None:
        """The wall shows this scene: what was drawn on an older one goes at once."""
        if number > self.marks.scene and self.marks.by:
            self.marks.next_scene(number)
            self._show()

    def _show(self, *, first: bool = False) -> None:
        """All of it anew, on the screens that are there now."""
        marks = self.marks
        self._take_screens()
        for tile in self._standing - set(marks.frozen):
            self._freeze(tile, on=False)
        for overlay in self._overlays.values():
            overlay.show_all(marks, self._name(marks.by))
        for tile in [tile for tile in self._before if tile not in marks.views]:
            self._look_as(tile, self._before.pop(tile))
        self._views_due = {tile: message.state for tile, message in marks.views.items()} if first else {}
        self._follow()
        for tile in set(marks.frozen) - self._standing:
            self._standing.add(tile)
            QTimer.singleShot(FIRST_MS, self, partial(self._still, tile))
        if marks.by and not self._timer.isActive():
            self._timer.start()
        elif not marks.by:
            self._timer.stop()
            self._thaw_all()

    def _name(self, by: str) -> str:
        person = self._session.desk.entities(Person).get(by)
        return person.name.of(self._session.language.code) if person is not None else by

    def _take_screens(self) -> None:
        """One sheet over each screen that is there; those over screens that are gone went with them."""
        there = dict(self._screens())
        self._overlays = {mosaic: sheet for mosaic, sheet in self._overlays.items() if mosaic in there}
        for mosaic, em in there.items():
            if mosaic not in self._overlays:
                overlay = self._overlays[mosaic] = Overlay(mosaic, em, self._kin)
                overlay.show_all(self.marks, self._name(self.marks.by))

    def _kin(self, tile: str) -> frozenset[str]:
        """The tiles that show one picture together with a tile; none where it shows a whole."""
        layout = self._layout()
        parts = [part for screen in layout.screens for _, part in tiles(screen.tree)] if layout is not None else []
        word = next((part.span for part in parts if part.id == tile), "")
        return frozenset(part.id for part in parts if word and part.span == word)

    def _look(self) -> None:
        """While somebody presents: windows, tiles and what they show may have moved."""
        wall = self._session.desk.entities(Wall).get(self.wall)
        if wall is not None and wall.scene is not None:
            self.scene_is(wall.scene.number)
        link = self._session.link
        if not link.up and self._session.desk.now_ns - link.since_ns > CUT_S * NS:
            self._audience.heard(Presenting(wall=self.wall))
            return
        self._take_screens()
        self._follow()
        for overlay in self._overlays.values():
            overlay.look()

    # ------------------------------------------------------------------ views and stills

    def _follow(self) -> None:
        """Bring tiles to the presenter's views as soon as they are there."""
        if not self._follows():
            self._views_due.clear()
            return
        for id_, state in list(self._views_due.items()):
            for overlay in self._overlays.values():
                tile = overlay.tile(id_)
                if tile is None or tile.panel is None:
                    continue
                del self._views_due[id_]
                if harmless(state):
                    # nobody's hand is on a wall: what it shows by itself is its home
                    self._before.setdefault(id_, {**tile.view(), "home": True})
                    self._look_as(id_, dict(state))
                break

    def _look_as(self, id_: str, state: dict[str, Any]) -> None:
        for overlay in self._overlays.values():
            tile = overlay.tile(id_)
            if tile is not None and tile.panel is not None:
                _restore(tile.panel, state)
                overlay.look()

    def _freeze(self, tile: str, *, on: bool) -> None:
        if on:
            self._standing.add(tile)
            self._still(tile)
            return
        self._standing.discard(tile)
        for overlay in self._overlays.values():
            overlay.stand_still(tile, None)
            found = overlay.tile(tile)
            if found is not None and found not in self._pacer.tiles:
                self._pacer.add_tile(found)
                found.restyle()  # forget what it has: much may have changed since

    def _still(self, id_: str) -> None:
        """Take a tile's picture and feed it no more, so that marks on it stay where they are."""
        if id_ not in self._standing:
            return
        for overlay in self._overlays.values():
            tile = overlay.tile(id_)
            picture = grabbed(tile) if tile is not None else QPixmap()
            if tile is not None and not picture.isNull():
                overlay.stand_still(id_, Still(picture=picture, t_ns=self._session.desk.now_ns))
                self._pacer.remove_tile(tile)

    def _thaw_all(self) -> None:
        for tile in list(self._standing):
            self._freeze(tile, on=False)


def _restore(panel: Any, state: dict[str, Any]) -> None:
    try:
        panel.restore(state)
    except Exception:  # the presenter's console may be of another version: the tile stays as it is
        log.exception("a panel cannot look as the presenter's does")
