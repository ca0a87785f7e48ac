"""Turns a layout's tree into widgets: splitters, tabs, tiles. The one seam behind which a docking engine may come.

It is given a maker of tiles and knows no panel and nothing of the shell.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QStackedWidget, QVBoxLayout, QWidget

from console.api import Text
from layouts.tree import Part
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look

GAP_PX = 4
MakeTile = Callable[[Part, str, bool], QWidget]
TitleOf = Callable[[str], Text]


class _Handle(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.canvas)


class Split(QSplitter):
    """Parts with fixed sizes keep them, the rest share by weight, until the operator drags a gap."""

    def __init__(self, part: Part, children: list[QWidget], scale: float) -> None:
        super().__init__(Qt.Orientation.Horizontal if part.split == "h" else Qt.Orientation.Vertical)
        self._parts = part.parts
        self._scale = scale
        self._dragged = False
        self.setHandleWidth(GAP_PX)
        self.setChildrenCollapsible(False)
        for i, child in enumerate(children):
            self.addWidget(child)
            self.setStretchFactor(i, 0 if part.parts[i].px else 1)
        self.splitterMoved.connect(self._drag)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)

    def _drag(self) -> None:
        self._dragged = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._dragged:
            return
        across = self.orientation() is Qt.Orientation.Horizontal
        whole = (self.width() if across else self.height()) - GAP_PX * (len(self._parts) - 1)
        fixed = sum(part.px for part in self._parts) * self._scale
        # a screen too small for the fixed sizes shrinks them, rather than the rest to nothing
        shrink = min(1.0, 0.8 * whole / fixed) if fixed else 1.0
        room = max(0.0, whole - fixed * shrink)
        weights = sum(part.weight for part in self._parts if not part.px) or 1.0
        self.setSizes([round(p.px * self._scale * shrink if p.px else room * p.weight / weights) for p in self._parts])


class TabRow(QWidget):
    """The row of tabs: the open one raised, with a line under it in the focus colour."""

    picked = Signal(object)

    def __init__(self, titles: list[Text], language: Callable[[], str], height_px: int, text_px: float) -> None:
        super().__init__()
        self._titles = titles
        self._language = language
        self._text_px = text_px
        self.current = 0
        self.setFixedHeight(height_px)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _box(self, index: int) -> QRectF:
        width = self.width() / max(1, len(self._titles))
        return QRectF(index * width, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.fillRect(self.rect(), t.tile)
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), t.line)
        for i, title in enumerate(self._titles):
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
        for i in range(len(self._titles)):
            if self._box(i).contains(event.position()):
                self.picked.emit(i)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.picked.emit((self.current + step) % len(self._titles))
        else:
            super().keyPressEvent(event)


class Tabs(QWidget):
    """Parts of which one is seen."""

    def __init__(self, titles: list[Text], pages: list[QWidget], language: Callable[[], str], text_px: float) -> None:
        super().__init__()
        touch = text_px > 13.5
        self.row = TabRow(titles, language, 48 if touch else 32, text_px + (1 if touch else 0))
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.row)
        column.addWidget(self.stack, 1)
        for page in pages:
            self.stack.addWidget(page)
        self.row.picked.connect(self.open)

    def open(self, index: int) -> None:
        """Bring a page to the front."""
        self.row.current = index
        self.stack.setCurrentIndex(index)
        self.row.update()


class Mosaic(QWidget):
    """A screen's tree as widgets.

    Args:
        make: makes the tile of a part, given its path in the tree and whether a tab bears its title.
        title_of: a panel's title, for tabs that have none of their own.
        language: the present language.
        text_px: body text of the screen.
        scale: how much larger than its role's usual size text stands here; fixed sizes grow with it.
    """

    def __init__(
        self,
        tree: Part,
        make: MakeTile,
        title_of: TitleOf,
        language: Callable[[], str],
        text_px: float = 13.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        self._make = make
        self._title_of = title_of
        self._language = language
        self._text_px = text_px
        self._scale = scale
        self._tiles: list[tuple[str, QWidget]] = []
        self._hidden: list[QWidget] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._build(tree, ""))

    @property
    def tiles(self) -> list[QWidget]:
        """All tiles, in the order of the tree."""
        return [tile for _, tile in self._tiles]

    def _build(self, part: Part, path: str, tabbed: bool = False) -> QWidget:
        def below(i: int) -> str:
            return f"{path}.{i}" if path else str(i)

        if part.panel:
            tile = self._make(part, path or "0", tabbed)
            self._tiles.append((part.panel, tile))
            return tile
        if part.split:
            return Split(part, [self._build(child, below(i)) for i, child in enumerate(part.parts)], self._scale)
        titles = [self._tab_title(child) for child in part.tabs]
        pages = [self._build(child, below(i), tabbed=True) for i, child in enumerate(part.tabs)]
        return Tabs(titles, pages, self._language, self._text_px)

    def _tab_title(self, part: Part) -> Text:
        if part.title.zh or not part.panel:
            return part.title
        return self._title_of(part.panel)

    # ------------------------------------------------------------------ acts

    def reveal(self, panel_id: str) -> bool:
        """Bring the first tile of a panel to the front and give it the focus; False when there is none here."""
        for panel, tile in self._tiles:
            if panel == panel_id:
                self._open_tabs(tile)
                tile.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    def _open_tabs(self, tile: QWidget) -> None:
        outer = tile.parentWidget()
        while outer is not None and outer is not self:
            if isinstance(outer, Tabs):
                index = next((i for i in range(outer.stack.count()) if _holds(outer.stack.widget(i), tile)), 0)
                outer.open(index)
            outer = outer.parentWidget()

    @property
    def full(self) -> bool:
        """Whether a tile fills the mosaic now."""
        return bool(self._hidden)

    def toggle_full(self, tile: QWidget | None) -> None:
        """Let a tile fill the mosaic, or, while one does, give all their places back."""
        if self._hidden:
            for widget in self._hidden:
                widget.show()
            self._hidden.clear()
            return
        if tile is None or not self.isAncestorOf(tile):
            return
        inner, outer = tile, tile.parentWidget()
        while outer is not None and inner is not self:
            if isinstance(outer, QSplitter):
                for i in range(outer.count()):
                    sibling = outer.widget(i)
                    if sibling is not None and sibling is not inner and not sibling.isHidden():
                        sibling.hide()
                        self._hidden.append(sibling)
            inner, outer = outer, outer.parentWidget()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.canvas)


def _holds(page: QWidget | None, tile: QWidget) -> bool:
    return page is not None and (page is tile or page.isAncestorOf(tile))
