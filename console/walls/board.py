"""The next scene of a wall, live and small, as a board that is changed by mouse and keys, with undo.

Part of the composition root, owned by console.walls.preview. What keys do is console.stage.hand's, which it is lent to;
a tile of a wall has no header to be dragged by, so here each has a handle over it. Sends nothing and takes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from console.api import Notice, RefusedError, Severity, Text, YilanError
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile import Tile
from console.stage.dragging import Dragging
from console.stage.hand import Stood
from console.stage.stage import Stage
from console.stage.tiles import title_elsewhere
from console.walls.small import GAP_PX, across_of, small_of, width_of
from layouts import change
from layouts.canvas import spanned
from layouts.mosaic import Mosaic
from layouts.store import LayoutStore, id_of
from layouts.tree import Layout, Part, Screen, numbered
from layouts.wall import TEXT_PX, Place
from widgets.kit.grip import Grip
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

UNDO_MOST: Final = 100
NOTICE: Final = "wall.edit"
Ask = Callable[[Text, str, Callable[[str], None]], None]


class Shown(NamedTuple):
    """A screen of the scene on the board; its window is its mosaic itself."""

    place: Place
    style: ScreenStyle
    window: QWidget
    mosaic: Mosaic


class _Screen(Mosaic):
    """A mosaic that tells which tile was brought to the front: `brought`, its id."""

    brought = Signal(object)

    def bring(self, tile: str) -> None:
        super().bring(tile)
        self.brought.emit(tile)


class _Handle(QWidget):
    """Lies over a tile: it is picked and dragged by it, named under the pointer, framed while keys act on it.

    Signals:
        picked: it was pressed.
    """

    picked = Signal()

    def __init__(self, over: Mosaic, title: Callable[[], str]) -> None:
        super().__init__(over)
        self.chosen = False
        self._title, self._over = title, False
        self.grip = Grip(self)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setAccessibleName(title())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self.chosen or self._over):
            return
        p, t = QPainter(self), look.tokens
        if self.chosen:
            p.setPen(QPen(t.focus, 2))
            p.drawRect(self.rect().adjusted(1, 1, -1, -1))
        face, title = font(12, bold=True), self._title()
        p.setFont(face)
        wide = min(text_width(title, 12, bold=True) + 16, float(self.width()))
        box = QRectF(0, 0, wide, 22)
        p.fillRect(box, t.raised)
        p.setPen(t.text)
        draw_elided(p, box, Qt.AlignmentFlag.AlignCenter, title)


class SceneBoard(QWidget):
    """See the module.

    Args:
        room: width and height that it may take, logical px.
        store: where own scenes are saved.
        ask: asks a person for a name.

    Signals:
        changed: another form of the scene is shown.
        saved: it is a scene of one's own now: its id.
    """

    changed = Signal()
    saved = Signal(object)
    torn = Signal(object, object)

    def __init__(
        self, stage: Stage, session: Session, layout: Layout, room: tuple[int, int], store: LayoutStore, ask: Ask
    ) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stage, self._session, self._store, self._ask = stage, session, store, ask
        self._scene = layout = numbered(layout)
        self._past: list[Layout] = []
        self._future: list[Layout] = []
        self._chosen, self._attended = "", False
        self._handles: dict[str, _Handle] = {}
        self._shown: dict[str, Shown] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_PX)
        across, wide = across_of(len(layout.screens)), width_of(room, len(layout.screens))
        for i, screen in enumerate(layout.screens):
            grid.addWidget(self._screen(layout, screen, i, wide), i // across, i % across)
        self._dragging = Dragging(self, self.torn, lambda: True, self.do, _stays)
        self._choose(next(iter(self._tile_ids()), ""))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focused)

    def _screen(self, layout: Layout, screen: Screen, index: int, wide: int) -> Mosaic:
        style, width, height = small_of(layout, screen, wide)
        mosaic = _Screen(
            screen.tree,
            partial(self._tile, style),
            self._stage.panel_title,
            lambda: self._session.language.code,
            style.text_px,
            style.text_px / TEXT_PX["wall"],
            on_tabbed=title_elsewhere,
        )
        mosaic.setFixedSize(width, height)
        mosaic.edited.connect(partial(self._edited, screen.name))
        mosaic.torn.connect(self.torn)
        mosaic.brought.connect(self._choose)
        mosaic.laid.connect(self._lay_handles)
        place = Place(screen=screen, index=index)
        self._shown[screen.name] = Shown(place, style, mosaic, mosaic)
        return mosaic

    def _tile(self, style: ScreenStyle, part: Part, tabbed: bool) -> QWidget:
        whole = spanned(self._scene).get(part.id)
        return self._stage.tile(part, style, f"preview/{part.id}", tabbed=tabbed, spanned=whole)

    # ------------------------------------------------------------------ as a board that the hand works on

    @property
    def standing(self) -> Mapping[str, Shown]:
        """Its screens by name, in the order of the scene."""
        return self._shown

    @property
    def scene(self) -> Layout:
        """The scene as it is now."""
        return self._scene

    @property
    def touched(self) -> bool:
        """Whether it was changed here."""
        return bool(self._past)

    def has_attention(self) -> bool:
        """Whether keys are meant for it: its window has them, or had them last, before a sheet over it."""
        window = QApplication.activeWindow()
        if window is not None:
            self._attended = self._is_over(window)
        return self._attended

    def _is_over(self, window: QWidget | None) -> bool:
        """Whether it is the board's own window, or a sheet over that."""
        while window is not None and window is not self.window():
            parent = window.parentWidget()
            window = parent.window() if parent is not None else None
        return window is not None

    def _focused(self, _old: object, _now: object) -> None:
        self.has_attention()  # remembered: while a sheet goes, no window has the keys

    def at_hand(self) -> tuple[Shown, str] | None:
        """Screen and id of the tile that was picked last."""
        for one in self._shown.values():
            if self._chosen in one.mosaic.by_id:
                return one, self._chosen
        return None

    def do(self, how: Callable[[Layout], Layout]) -> bool:
        """Change the scene; a refusal becomes a notice, and False."""
        try:
            changed = how(self._scene)
        except RefusedError as error:
            self._say(Text("一块屏上最后的窗格留在原处", "The last tile of a screen stays"), str(error), Severity.INFO)
            return False
        if any(screen.window is not None for screen in changed.screens):
            self._say(Text("大屏的窗格不能独立成窗", "A tile of a wall has no window of its own"), "", Severity.INFO)
            return False
        if changed == self._scene:
            return False
        self._session.notices.clear(NOTICE)
        self._remember()
        self._show(changed)
        return True

    def undo(self) -> None:
        """The scene before the last change."""
        self._back(self._past, self._future)

    def redo(self) -> None:
        """The scene after the change that was undone."""
        self._back(self._future, self._past)

    def save(self) -> None:
        """Under its name where it is one of one's own, else under a new one: shipped scenes stay as they are."""
        if self._scene.id in self._store.own():
            self._save(self._scene)
        else:
            self.save_as()

    def save_as(self) -> None:
        """As a scene of one's own; its name is asked for."""
        self._ask(Text("场景名称", "Name of the scene"), self._scene.title.of(self._session.language.code), self._named)

    # ------------------------------------------------------------------ change

    def _remember(self) -> None:
        self._past = [*self._past, self._scene][-UNDO_MOST:]
        self._future.clear()

    def _back(self, taken: list[Layout], given: list[Layout]) -> None:
        if taken:
            given.append(self._scene)
            self._show(taken.pop())

    def _edited(self, screen: str, tree: object) -> None:
        """A gap was dragged, or a tab opened, by hand."""
        if isinstance(tree, Part):
            self._remember()
            self._show(change.with_tree(self._scene, screen, tree))

    def _show(self, scene: Layout) -> None:
        self._scene = numbered(scene)
        hand = self.at_hand()
        for screen in self._scene.screens:
            mosaic = self._shown[screen.name].mosaic
            for tile in mosaic.show_tree(screen.tree).values():
                self._stage.end_tile(tile)
        wholes = spanned(self._scene)
        for one in self._shown.values():
            for id_, tile in one.mosaic.by_id.items():
                if isinstance(tile, Tile):
                    tile.span(wholes.get(id_))
        if self._chosen not in self._tile_ids():
            near = hand[0].mosaic.by_id if hand is not None else {}
            self._choose(next(iter((*near, *self._tile_ids())), ""))
        self.changed.emit()

    def _named(self, name: str) -> None:
        id_ = id_of(name)
        again = id_ == self._scene.id and id_ in self._store.own()
        if not id_ or (id_ in self._store.ids() and not again):
            self._say(Text(f"名称“{name}”不可用，请换一个", f"{name} cannot be its name"), id_, Severity.WARNING)
            return
        self._save(change.titled(self._scene, id_, Text(name.strip())))

    def _save(self, scene: Layout) -> None:
        try:
            self._store.save(bare(scene))
        except (OSError, YilanError) as error:
            self._say(Text("场景未保存", "The scene is not saved"), str(error), Severity.ERROR)
            return
        self._session.notices.clear(NOTICE)
        self._scene = scene
        self.changed.emit()
        self.saved.emit(scene.id)

    def _say(self, summary: Text, detail: str, severity: Severity) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=severity, summary=summary, detail=detail))

    # ------------------------------------------------------------------ handles

    def _tile_ids(self) -> list[str]:
        return [id_ for one in self._shown.values() for id_ in one.mosaic.by_id]

    def _choose(self, tile: str) -> None:
        self._chosen = tile
        for id_, handle in self._handles.items():
            handle.chosen = id_ == tile
            handle.update()

    def _lay_handles(self) -> None:
        """Every tile that is seen has its handle over it."""
        places = {p.part.id: (one.mosaic, p) for one in self._shown.values() for p in one.mosaic.stands.tiles}
        for id_ in [id_ for id_, handle in self._handles.items() if places.get(id_, (None,))[0] is not handle.parent()]:
            handle = self._handles.pop(id_)
            handle.hide()
            handle.deleteLater()
        for id_, (mosaic, place) in places.items():
            handle = self._handles.get(id_) or self._handle(mosaic, place.part)
            handle.setVisible(place.box is not None)
            if place.box is not None:
                handle.setGeometry(place.box.x, place.box.y, place.box.width, place.box.height)
                handle.raise_()
            handle.chosen = id_ == self._chosen

    def _handle(self, mosaic: Mosaic, part: Part) -> _Handle:
        title = partial(self._title, part)
        handle = self._handles[part.id] = _Handle(mosaic, title)
        handle.picked.connect(partial(mosaic.bring, part.id))
        handle.grip.begun.connect(lambda _at, id_=part.id, grip=handle.grip: self.torn.emit(id_, grip))
        return handle

    def _title(self, part: Part) -> str:
        title = part.title if part.title.zh else self._stage.panel_title(part.panel)
        return title.of(self._session.language.code)

    def close_board(self) -> None:
        """End its tiles for good."""
        self._dragging.let_go()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.disconnect(self._focused)
        for one in self._shown.values():
            for tile in one.mosaic.by_id.values():
                self._stage.end_tile(tile)
        self._shown.clear()
        self._handles.clear()


def bare(scene: Layout) -> Layout:
    """A scene for any machine: bound to no monitor of this one."""
    screens = tuple(msgspec.structs.replace(screen, serial="", window=None) for screen in scene.screens)
    return msgspec.structs.replace(scene, screens=screens)


def _stays(_tile: str, _one: Stood, _corner: QPoint) -> None:
    """A tile that is let go outside stays where it was."""
