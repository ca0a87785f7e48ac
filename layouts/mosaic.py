"""A tree of tiles as widgets in their places: gaps to be dragged, rows of tabs, zones for what is dropped (ADR 0014).

It is given a maker of tiles and knows no panel and nothing of the shell. Tiles are laid, never put into one another:
whatever is moved about, a tile stays the widget that it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from functools import partial
from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.api import Text, Value
from layouts.arrange import Arrangement, Box, GapPlace, TabsPlace, arrange, dragged
from layouts.edit import Path, Side, alike, at, opened, path_of, resized
from layouts.handles import Handles
from layouts.tree import Part, tiles
from widgets.kit.grip import Grip
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look

LEAST_PX: Final = 96
"""No gap is dragged so far that a part gets smaller than this."""
EDGE_PX: Final = 20
"""So near to the edge of the whole what is dropped goes beside everything."""
BORDER: Final = 0.28
"""Share of a tile at each side that means: beside it; its middle means: on a tab over it."""
MakeTile = Callable[[Part, bool], QWidget]
TitleOf = Callable[[str], Text]


class Zone(Value, frozen=True):
    """Where a dropped tile would go: beside or over the tile `target` ("": beside everything), and the room it gets."""

    target: str
    side: Side
    box: Box


class TabRow(QWidget):
    """The row of tabs: the open one raised, with a line under it.

    Signals:
        picked: the index of the tab that is to be seen.
    """

    picked = Signal(object)

    def __init__(self, path: Path, titles: list[Text], language: Callable[[], str], text_px: float) -> None:
        super().__init__()
        self.path, self.titles = path, titles
        self._language = language
        self._text_px = text_px
        self.current = 0
        self.grip = Grip(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _box(self, index: int) -> QRectF:
        width = self.width() / max(1, len(self.titles))
        return QRectF(index * width, 0, width, self.height())

    def index_at(self, x: float) -> int:
        """The tab at a place of the row."""
        return max(0, min(len(self.titles) - 1, int(x * len(self.titles) / max(1, self.width()))))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.fillRect(self.rect(), t.tile)
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), t.line)
        for i, title in enumerate(self.titles):
            box = self._box(i)
            chosen = i == self.current
            if chosen:
                p.fillRect(box, t.raised)
                thick = 4 if self.hasFocus() else 2
                p.fillRect(QRectF(box.left(), box.bottom() - thick, box.width(), thick), t.text)
            p.setFont(font(self._text_px, bold=chosen))
            p.setPen(t.text if chosen else t.text2)
            inner = box.adjusted(6, 0, -6, 0)
            draw_elided(p, inner, Qt.AlignmentFlag.AlignCenter, title.of(self._language()))

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit(self.index_at(event.position().x()))

    def act_at(self, x: float, y: float) -> str:
        """The number of the tab there."""
        return str(self.index_at(x))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.picked.emit((self.current + step) % len(self.titles))
        else:
            super().keyPressEvent(event)


class _ZoneMark(QWidget):
    """Where a dropped tile would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.setOpacity(0.35)
        p.fillRect(self.rect(), t.raised)
        p.setOpacity(1.0)
        p.setPen(QPen(t.focus, 2))
        p.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Mosaic(QWidget):
    """A screen's tree as widgets.

    Args:
        make: makes the tile of a part; told whether a tab bears its title.
        title_of: a panel's title, for tabs that have none of their own.
        language: the present language.
        text_px: body text of the screen.
        scale: how much larger than its role's usual size text stands here; fixed sizes grow with it.
        on_tabbed: told, of a tile that is there, whether a tab bears its title from now on.
        movable: whether gaps and tiles may be dragged now.
        target_px: the least side of what a finger is to hit here, 0 where none does.
        adopted: tiles by id that come from elsewhere, for the first tree alone.

    Signals:
        edited: the tree (Part) after a gap was dragged or a tab was opened by hand.
        torn: a tab is dragged: (tile id, its row's Grip); who moves tiles follows that grip.
        laid: every tile has its place.
    """

    edited = Signal(object)
    torn = Signal(object, object)
    laid = Signal()

    def __init__(
        self,
        tree: Part,
        make: MakeTile,
        title_of: TitleOf,
        language: Callable[[], str],
        text_px: float = 13.0,
        scale: float = 1.0,
        *,
        on_tabbed: Callable[[QWidget, bool], None] = lambda tile, tabbed: None,
        movable: Callable[[], bool] = lambda: True,
        target_px: float = 0.0,
        adopted: dict[str, QWidget] | None = None,
    ) -> None:
        super().__init__()
        self._make, self._title_of, self._language = make, title_of, language
        self._text_px, self._scale = text_px, scale
        self._on_tabbed, self._movable = on_tabbed, movable
        self._tab_px = max(48 if text_px > 13.5 else 32, ceil(target_px))
        self._tree = tree
        self._tiles: dict[str, QWidget] = {}
        self._tabbed: dict[str, bool] = {}
        self._resting: dict[str, QWidget] = {}
        """Tiles of trees before that stay, hidden."""
        self._rows: list[TabRow] = []
        self._full = ""
        self._gap: tuple[GapPlace, int, Part] | None = None
        """The gap that is being dragged, where it was taken, and the tree then."""
        self._stands = Arrangement(tiles=())
        self._mark = _ZoneMark(self)
        self._handles = Handles(self, self, target_px)
        self.setMouseTracking(True)
        self.show_tree(tree, adopted)

    @property
    def tree(self) -> Part:
        """What stands here."""
        return self._tree

    @property
    def scale(self) -> float:
        """By what fixed sizes are multiplied here."""
        return self._scale

    @property
    def stands(self) -> Arrangement:
        """Where everything stands now."""
        return self._stands

    @property
    def tiles(self) -> list[QWidget]:
        """All tiles that stand here, in the order of the tree."""
        return [self._tiles[part.id] for _, part in tiles(self._tree) if part.id in self._tiles]

    def id_of(self, tile: QWidget | None) -> str:
        """The id of a tile, "" of what is none of ours."""
        return next((id_ for id_, one in self._tiles.items() if one is tile), "")

    def show_tree(
        self, tree: Part, adopted: dict[str, QWidget] | None = None, resting: Collection[str] = ()
    ) -> dict[str, QWidget]:
        """Show another tree: its tiles that are here stay, `adopted` come from elsewhere, all others are made.

        Of the tiles that are not in it, `resting` stay here too, hidden, until a tree has them again.
        Returns the tiles that are here no longer, by id; they are the caller's from now on.
        """
        self._tree = tree
        wanted = {part.id: part for _, part in tiles(tree)}
        for id_ in [id_ for id_ in self._tiles if id_ not in wanted]:
            self._rest(id_)
        ended = [id_ for id_ in self._resting if id_ not in wanted and id_ not in resting]
        gone = {id_: self._resting.pop(id_) for id_ in ended}
        for tile in gone.values():
            tile.setParent(None)
        if self._full not in wanted:
            self._full = ""
        tabbed = {place.part.id: place.tabbed for place in arrange(tree, Box(0, 0, 1, 1)).tiles}
        for id_, part in wanted.items():
            if id_ not in self._tiles:
                known = self._resting.pop(id_, None) or (adopted or {}).get(id_)
                tile = known or self._make(part, tabbed[id_])
                tile.setParent(self)
                self._tiles[id_] = tile
                self._tabbed[id_] = tabbed[id_]
                if known is not None:
                    self._on_tabbed(tile, tabbed[id_])
        self._order_keys()
        self._lay()
        return gone

    def _rest(self, tile: str) -> None:
        self._resting[tile] = self._tiles.pop(tile)
        del self._tabbed[tile]
        self._resting[tile].hide()

    def give(self, tile: str) -> QWidget:
        """A tile, also one that rests, to be shown elsewhere; `show_tree` of a tree without it must follow. Raises
        KeyError."""
        if tile not in self._resting:
            self._rest(tile)
        given = self._resting.pop(tile)
        given.setParent(None)
        return given

    @property
    def by_id(self) -> dict[str, QWidget]:
        """All tiles by id, without those that rest."""
        return dict(self._tiles)

    @property
    def resting(self) -> dict[str, QWidget]:
        """The tiles that are kept here, hidden, by id."""
        return dict(self._resting)

    def _order_keys(self) -> None:
        """The Tab key goes through the tiles as they stand in the tree."""
        row = self.tiles
        for one, after in itertools.pairwise(row):
            QWidget.setTabOrder(one, after)

    # ------------------------------------------------------------------ places

    def _lay(self) -> None:
        box = Box(0, 0, self.width(), self.height())
        self._stands = arrange(self._tree, box, tab_px=self._tab_px, scale=self._scale, full=self._full)
        for place in self._stands.tiles:
            tile = self._tiles[place.part.id]
            if place.tabbed != self._tabbed[place.part.id]:
                self._tabbed[place.part.id] = place.tabbed
                self._on_tabbed(tile, place.tabbed)
            if place.box is None:
                tile.hide()
            else:
                tile.setGeometry(place.box.x, place.box.y, place.box.width, place.box.height)
                tile.show()
        self._lay_rows()
        self._handles.follow(self._stands.gaps if self._movable() else ())
        self.update()
        self.laid.emit()

    def _lay_rows(self) -> None:
        had, self._rows = self._rows, []
        for place in self._stands.tabs:
            titles = [self._tab_title(kid) for kid in place.part.tabs]
            kept = next((row for row in had if row.path == place.path and row.titles == titles), None)
            row = kept or self._row(titles, place)
            if kept is not None:
                had.remove(kept)
            row.current = place.part.current
            row.setGeometry(place.box.x, place.box.y, place.box.width, place.box.height)
            row.show()
            row.update()
            self._rows.append(row)
        for row in had:
            row.hide()
            row.deleteLater()

    def _row(self, titles: list[Text], place: TabsPlace) -> TabRow:
        row = TabRow(place.path, titles, self._language, self._text_px + (1 if self._tab_px > 32 else 0))
        row.setParent(self)
        row.picked.connect(partial(self._pick, place.path))
        row.grip.begun.connect(partial(self._tear, row, place.path))
        return row

    def _tab_title(self, part: Part) -> Text:
        if part.title.zh:
            return part.title
        return self._title_of(next(tile.panel for _, tile in tiles(part)))

    def _pick(self, path: Path, index: int) -> None:
        if at(self._tree, path).current != index:
            self._tree = opened(self._tree, path, index)
            self._lay()
            self.edited.emit(self._tree)

    def _tear(self, row: TabRow, path: Path, pressed: QPoint) -> None:
        page = at(self._tree, path).tabs[row.index_at(pressed.x())]
        if page.panel and self._movable():
            self.torn.emit(page.id, row.grip)

    # ------------------------------------------------------------------ acts

    def reveal(self, panel_id: str) -> bool:
        """Bring the first tile of a panel to the front and give it the focus; False when there is none here."""
        found = next((part.id for _, part in tiles(self._tree) if part.panel == panel_id), None)
        if found is not None:
            self.bring(found)
        return found is not None

    def bring(self, tile: str) -> None:
        """Open the tabs over a tile and give it the focus."""
        path = path_of(self._tree, tile)
        if path is None:
            return
        if self._full and self._full != tile:
            self._full = ""
        tree = self._tree
        for depth in range(len(path)):
            if at(tree, path[:depth]).tabs:
                tree = opened(tree, path[:depth], path[depth])
        changed = tree != self._tree
        self._tree = tree
        self._lay()
        self._tiles[tile].setFocus(Qt.FocusReason.ShortcutFocusReason)
        if changed:
            self.edited.emit(tree)

    @property
    def full(self) -> bool:
        """Whether a tile fills the mosaic now."""
        return bool(self._full)

    def toggle_full(self, tile: QWidget | None) -> None:
        """Let a tile fill the mosaic, or, while one does, give all their places back."""
        wanted = "" if self._full else self.id_of(tile)
        if wanted != self._full:
            self._full = wanted
            self._lay()

    # ------------------------------------------------------------------ what is dropped here

    def zone_at(self, x: float, y: float, tile: str) -> Zone | None:
        """Where the tile of that id would go if it were dropped here; None where it would change nothing."""
        whole = Box(0, 0, self.width(), self.height())
        if not whole.holds(x, y):
            return None
        near = {"left": x, "right": whole.width - x, "above": y, "below": whole.height - y}
        edge = min(near, key=lambda side: near[side])
        if near[edge] < EDGE_PX and len(list(tiles(self._tree))) > 1:
            return Zone(target="", side=_side(edge), box=_part_of(whole, edge, 0.25))
        place = self._stands.at(x, y)
        if place is None or place.box is None or place.part.id == tile:
            return None
        box = place.box
        shares = {
            "left": (x - box.x) / box.width,
            "right": 1 - (x - box.x) / box.width,
            "above": (y - box.y) / box.height,
            "below": 1 - (y - box.y) / box.height,
        }
        side = min(shares, key=lambda one: shares[one])
        if shares[side] >= BORDER:
            return Zone(target=place.part.id, side="tab", box=box)
        return Zone(target=place.part.id, side=_side(side), box=_part_of(box, side, 0.5))

    def show_zone(self, zone: Zone | None) -> None:
        """Mark where a dropped tile would go; None marks nothing."""
        self._mark.setVisible(zone is not None)
        if zone is not None:
            self._mark.setGeometry(zone.box.x, zone.box.y, zone.box.width, zone.box.height)
            self._mark.raise_()

    # ------------------------------------------------------------------ gaps

    def _gap_at(self, point: QPoint) -> GapPlace | None:
        if not self._movable():
            return None
        return next((gap for gap in self._stands.gaps if gap.box.holds(point.x(), point.y())), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        gap = self._gap_at(event.position().toPoint())
        if gap is not None and event.button() is Qt.MouseButton.LeftButton:
            point = event.position().toPoint()
            self._gap = (gap, point.x() if gap.across else point.y(), self._tree)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._gap is None:
            gap = self._gap_at(point)
            shapes = (Qt.CursorShape.SplitVCursor, Qt.CursorShape.SplitHCursor)
            self.setCursor(shapes[gap.across]) if gap is not None else self.unsetCursor()
            return
        gap, start, before = self._gap
        self.drag_gap(before, gap, (point.x() if gap.across else point.y()) - start)

    def drag_gap(self, before: Part, gap: GapPlace, by_px: int) -> None:
        """Show the tree as it is when a gap of `before` is moved by so many px."""
        split = at(before, gap.path)
        sizes = dragged(split, gap.whole, self._scale, gap.index, by_px, LEAST_PX)
        self._tree = resized(before, gap.path, sizes)
        self._lay()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._gap = self._gap, None
        if held is not None:
            self.gap_dragged(held[2])

    def gap_dragged(self, before: Part) -> None:
        """A gap of `before` was let go of."""
        if before != self._tree:
            self.edited.emit(self._tree)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on a gap makes the parts of its split alike."""
        gap = self._gap_at(event.position().toPoint())
        if gap is not None:
            self._tree = alike(self._tree, gap.path)
            self._lay()
            self.edited.emit(self._tree)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.canvas)


_SIDES: Final[dict[str, Side]] = {"left": "left", "right": "right", "above": "above", "below": "below"}


def _side(name: str) -> Side:
    return _SIDES[name]


def _part_of(box: Box, side: str, share: float) -> Box:
    wide, high = round(box.width * share), round(box.height * share)
    match side:
        case "left":
            return Box(box.x, box.y, wide, box.height)
        case "right":
            return Box(box.x + box.width - wide, box.y, wide, box.height)
        case "above":
            return Box(box.x, box.y, box.width, high)
        case _:
            return Box(box.x, box.y + box.height - high, box.width, high)
