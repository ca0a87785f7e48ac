"""Windows and tiles of one console, made from a layout; part of the composition root, imported by console.app alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from console.api import Doing, Notice, PanelSpec, Severity, Spanned, Text, YilanError
from console.shell import boundary
from console.shell.access.acts import AccessActs
from console.shell.access.aside import Aside
from console.shell.access.page import Page
from console.shell.alarm_acts import AlarmActs
from console.shell.pacer import Pacer
from console.shell.replay_acts import ReplayActs
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile import Tile
from console.shell.window import MainWindow
from console.stage.spanning import Spanning
from console.stage.standing import Standing, bound, elsewhere, show_window, style_of
from console.stage.tiles import Tiles, title_elsewhere
from console.stage.views import Views
from layouts.canvas import on_machine
from layouts.mosaic import Mosaic
from layouts.store import LayoutStore
from layouts.tree import Layout, Part, numbered
from layouts.tree import tiles as parts_of
from layouts.wall import TEXT_PX, Monitor, Place, places
from widgets.kit.hanging import screen_name
from widgets.kit.tokens import look

log = logging.getLogger(__name__)


_NO_TIP = Text("")


class Stage(QObject):
    """Opens layouts and their changes: one window a screen, one tile a part, each tile fed by the pacer.

    Args:
        specs: panel specs by id.
        state: the state folder; own layouts lie in its "layouts".

    Signals:
        closing: the operator closed a window; the console is to end.
        docking: the operator closed a window of detached tiles: its screen's name.
        edited: a gap was dragged or a tab opened: (screen's name, tree).
        torn: a tile is dragged by hand: (its id, the Grip that it hangs on).
    """

    closing = Signal()
    docking = Signal(object)
    edited = Signal(object, object)
    torn = Signal(object, object)

    def __init__(
        self,
        session: Session,
        pacer: Pacer,
        acts: AlarmActs,
        replay: ReplayActs,
        access: AccessActs,
        specs: Mapping[str, PanelSpec],
        state: Path,
    ) -> None:
        super().__init__()
        self._session = session
        self._pacer = pacer
        self._acts = acts
        self._replay = replay
        self._access = access
        self._aside = Aside()
        access.replaced.connect(self._renew)
        session.covered.connect(self._covered)
        self.specs = specs
        self._state = state
        self.store = LayoutStore(state / "layouts")
        self._layout: Layout | None = None
        self._open_screens: dict[str, Standing] = {}
        self._spanning = Spanning()
        self.machine = ""
        """Which of a wall's machines this is: only its screens of a layout are opened; "" all of them."""
        self.movable: Callable[[], bool] = lambda: True
        """Whether gaps and tiles may be dragged now; who changes layouts sets it."""
        self.fitted: Callable[[ScreenStyle, Place, QScreen], ScreenStyle] = lambda style, _place, _screen: style
        """A window's style as the person and the monitor want it; the composition root sets it."""
        session.layout_title = self._title
        self._views = Views(state / "views.json")
        self._made = Tiles(session, pacer, specs, self._views)
        self._screens_timer = QTimer(self)
        self._screens_timer.setSingleShot(True)
        self._screens_timer.setInterval(200)
        self._screens_timer.timeout.connect(self._replace)
        boundary.install(session.notices)
        look.changed.connect(self._restyle)
        self._app().screenRemoved.connect(self._screens_changed)
        self._app().screenAdded.connect(self._screens_changed)

    @staticmethod
    def _app() -> QGuiApplication:
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        return app

    @property
    def standing(self) -> Mapping[str, Standing]:
        """The open windows by the names of their screens, in the order of the layout."""
        return self._open_screens

    @property
    def windows(self) -> tuple[MainWindow, ...]:
        """The open windows, in the order of the layout's screens."""
        return tuple(one.window for one in self._open_screens.values())

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All tiles of all windows."""
        return tuple(t for one in self._open_screens.values() for t in one.mosaic.tiles if isinstance(t, Tile))

    @property
    def layout(self) -> Layout | None:
        """The open layout as it is now, with the screens of other machines too."""
        return self._layout

    @property
    def layout_id(self) -> str:
        """Id of the open layout, "" for none."""
        return self._layout.id if self._layout is not None else ""

    def _title(self) -> str:
        return self._layout.title.of(self._session.language.code) if self._layout is not None else "—"

    # ------------------------------------------------------------------ open and close

    def open(self, layout_id: str) -> bool:
        """Open a layout in place of the present one; what is wrong with it becomes a notice, and False."""
        try:
            layout = self.store.load(layout_id)
        except YilanError as error:
            self._complain(
                "layout", Text(f"布局 {layout_id} 打不开", f"Layout {layout_id} cannot be opened"), str(error)
            )
            return False
        self._session.notices.clear("layout")
        self.begin(layout)
        return True

    def begin(self, layout: Layout) -> None:
        """Open this layout in place of the present one."""
        before, self._open_screens = self._open_screens, {}
        self._views.keep(_tiles_of(before.values()))
        self.show(layout)
        # without a window manager nobody else gives the new windows the keys
        self.windows[0].activateWindow()
        for one in before.values():
            self._end(one)

    def show(self, layout: Layout, *, rest: bool = False) -> None:
        """Show a changed form of the open layout: the tiles that are still in it stay what they are.

        `rest`: those that are not are soon wanted again: in windows that stay they are kept, hidden, as far as
        `Tiles.to_keep` says, until a layout is shown without it.
        """
        self._layout = numbered(layout)
        here = on_machine(self._layout, self.machine)
        layout = here if here.screens else self._layout
        screens = self._app().screens()
        placed = places(layout, [Monitor(name=s.name(), serial=s.serialNumber()) for s in screens])
        styles = {
            p.screen.name: self.fitted(style_of(layout, p, screens[p.index]), p, screens[p.index]) for p in placed
        }
        first = next(iter(self.windows), None)
        before, self._open_screens = self._open_screens, {}
        pool = self._taken(layout, before, styles)
        wanted = {part.id for screen in layout.screens for _, part in parts_of(screen.tree)}
        out = {id_: tile for one in before.values() for id_, tile in _all_of(one).items() if id_ not in wanted}
        resting = self._made.to_keep(out) if rest else frozenset[str]()
        for place in placed:
            name, style = place.screen.name, styles[place.screen.name]
            had = before.get(name)
            if had is not None and had.style == style:
                del before[name]
                monitor = screens[place.index]
                self._open_screens[name] = had._replace(place=place, monitor=monitor.name())
                for gone in had.mosaic.show_tree(place.screen.tree, pool, resting).values():
                    self.end_tile(gone)
                if elsewhere(had, self._open_screens[name]):
                    show_window(had.window, monitor, layout, place)
            else:
                self._open_screen(layout, place, screens[place.index], style, pool)
        if self.windows[0] is not first:
            self._session.commands.bind(self.windows[0])  # keys go with the window that has them
        for one in before.values():
            self._end(one)
        self._tell_missing([place for place in placed if place.stand_in])
        self._span()
        self._tell_misfits()
        self._pacer.hurry()

    def _taken(
        self, layout: Layout, before: Mapping[str, Standing], styles: Mapping[str, ScreenStyle]
    ) -> dict[str, QWidget]:
        """The tiles that go to another window alike, taken out of theirs; those that are to be made anew are ended."""
        pool: dict[str, QWidget] = {}
        home = {part.id: (screen.name, part) for screen in layout.screens for _, part in parts_of(screen.tree)}
        for name, had in before.items():
            for id_, tile in _all_of(had).items():
                to, part = home.get(id_, ("", None))
                if part is None or (to == name and styles[to] == had.style and self._made.same(tile, part)):
                    continue
                taken = had.mosaic.give(id_)
                if styles[to] == had.style and self._made.same(tile, part):
                    pool[id_] = taken
                else:
                    self.end_tile(taken)
        return pool

    def _open_screen(
        self, layout: Layout, place: Place, screen: QScreen, style: ScreenStyle, pool: dict[str, QWidget]
    ) -> None:
        window = MainWindow(
            self._session,
            self._pacer,
            self._acts,
            style,
            replay=self._replay,
            access=self._access,
            state_folder=self._state,
        )
        name = place.screen.name
        if place.screen.window is None:
            window.closing.connect(self.closing)
        else:
            window.closing.connect(partial(self.docking.emit, name))
        mosaic = Mosaic(
            place.screen.tree,
            lambda part, tabbed: self.tile(part, style, f"{layout.id}/{part.id}", tabbed=tabbed),
            self.panel_title,
            lambda: self._session.language.code,
            style.text_px,
            style.text_px / TEXT_PX[layout.role],
            on_tabbed=title_elsewhere,
            movable=lambda: self.movable() and layout.role != "wall",
            target_px=style.target_px,
            adopted=pool,
        )
        mosaic.edited.connect(partial(self.edited.emit, name))
        mosaic.torn.connect(self.torn)
        mosaic.laid.connect(self._span)
        window.set_mosaic(mosaic)
        self._open_screens[name] = Standing(place, screen.name(), style, window, mosaic)
        show_window(window, screen, layout, place)

    def _span(self) -> None:
        """Tiles that show one picture together know which part is theirs."""
        self._spanning.lay(self._layout, self._open_screens)

    def panel_title(self, panel_id: str) -> Text:
        """How a panel is called."""
        spec = self.specs.get(panel_id)
        return spec.title if spec is not None else Text(panel_id)

    def tile(
        self,
        part: Part,
        style: ScreenStyle,
        name: str,
        *,
        tabbed: bool = False,
        spanned: Spanned | None = None,
        about: Callable[[], str] | None = None,
    ) -> QWidget:
        """A new tile of a part, fed by the pacer until `end_tile`; what cannot be one says why in its place.

        `about`: what its panel is to take for the selection; None: the console's.
        """
        tile = self._made.made(part, style, name, tabbed=tabbed, spanned=spanned, about=about)
        if not isinstance(tile, Tile):
            return tile
        tile.enlarge.connect(self._enlarge)
        tile.moved.connect(self._spanning.follow)
        if tile.grip is not None:
            tile.grip.begun.connect(lambda _pressed, id_=part.id, grip=tile.grip: self.torn.emit(id_, grip))
        return tile

    def _end(self, one: Standing) -> None:
        """End a window with the tiles that are left in it."""
        for tile in _all_of(one).values():
            self.end_tile(tile)
        one.window.close_window()

    def end_tile(self, tile: QWidget) -> None:
        """End a tile for good."""
        self._made.end(tile)

    def close(self) -> None:
        """End all panels and windows; part of the written shutdown."""
        self._app().screenRemoved.disconnect(self._screens_changed)
        self._app().screenAdded.disconnect(self._screens_changed)
        self._screens_timer.stop()
        self.keep_views()
        for one in self._open_screens.values():
            self._end(one)
        self._open_screens, self._layout = {}, None
        boundary.remove()

    def keep_views(self) -> None:
        """Remember how every panel stands, for the next start."""
        self._views.keep(self.tiles)
        self._views.save()

    # ------------------------------------------------------------------ acts of the commands

    def active_window(self) -> QWidget:
        """The window that has the operator's attention, else the first."""
        active = QApplication.activeWindow()
        return next((window for window in self.windows if window is active), self.windows[0])

    def open_account(self) -> None:
        """The account's menu in the window that has the operator's attention."""
        window = self.active_window()
        if isinstance(window, MainWindow):
            window.open_account()

    def reveal(self, panel_id: str) -> None:
        """Bring the first tile of a panel to the front."""
        any(one.mosaic.reveal(panel_id) for one in self._open_screens.values())
        self._pacer.hurry()

    def doer(self, command_id: str) -> Tile | None:
        """The tile whose panel carries out a command that panels declare; None where this layout has none."""
        able = [s.id for s in self.specs.values() if any(c.id == command_id for c in s.commands)]
        tiles = [tile for tile in self.tiles if tile.spec.id in able]
        return min(tiles, key=lambda tile: able.index(tile.spec.id), default=None)

    def can_do(self, command_id: str) -> bool:
        """Whether this layout has a panel for it, and hands before it."""
        return self._layout is not None and self._layout.role != "wall" and self.doer(command_id) is not None

    def do(self, command_id: str) -> None:
        """Bring the panel that carries out a command to the front and have it do so."""
        tile = self.doer(command_id)
        if tile is None:
            return
        self.reveal(tile.spec.id)
        if tile.waits_to_be_made:
            tile.make()  # in a tab that nobody had looked at
        panel: object = tile.panel
        if isinstance(panel, Doing):
            tile.guarded(panel.do, command_id)

    def tile_at_hand(self) -> Tile | None:
        """The tile with the focus, else the one under the pointer."""
        return _tile_above(QApplication.focusWidget()) or _tile_above(QApplication.widgetAt(QCursor.pos()))

    def toggle_full_screen(self) -> None:
        """Let the tile at hand (else the first map) fill its window, or give it back its place."""
        self._enlarge(self.tile_at_hand() or next((t for t in self.tiles if t.spec.id == "map"), None))

    def _enlarge(self, tile: Tile | None) -> None:
        for one in self._open_screens.values():
            one.mosaic.toggle_full(tile)
        self._pacer.hurry()

    def leave_full_screen(self) -> bool:
        """Give a tile that fills its window its place back; False when none does."""
        full = [one.mosaic for one in self._open_screens.values() if one.mosaic.full]
        for mosaic in full:
            mosaic.toggle_full(None)
        return bool(full)

    def bound(self) -> Layout | None:
        """The layout as it is now, its screens bound to the monitors that they are on, windows as large as they are."""
        if self._layout is None:
            return None
        screens = tuple(bound(screen, self._open_screens.get(screen.name)) for screen in self._layout.screens)
        return msgspec.structs.replace(self._layout, screens=screens)

    # ------------------------------------------------------------------ what changes underneath

    def _restyle(self, _tokens: object) -> None:
        self._pacer.restyle()

    def _covered(self, page: Page) -> None:
        """What a person has open besides the windows goes aside while these are covered."""
        if page is Page.NONE:
            self._aside.back()
        else:
            self._aside.put()

    def _renew(self) -> None:
        """Another person sits here: nothing of the last one's is left in dialogs and tiles."""
        self._aside.drop()
        for one in self._open_screens.values():
            for tile in _all_of(one).values():
                if isinstance(tile, Tile):
                    tile.renew()
        self._pacer.hurry()

    def _screens_changed(self, _screen: object) -> None:
        # after Qt has moved the windows of the screen that went
        self._screens_timer.start()

    def _replace(self) -> None:
        """Every window to its screen: what stood in for a missing one goes home when it is back."""
        if self._layout is not None and self._app().screens():
            self.show(self._layout)

    def _tell_missing(self, missing: list[Place]) -> None:
        if not missing:
            self._session.notices.clear("screens")
            return
        names = [place.screen.name for place in missing]
        zh, en = "、".join(screen_name(one, "zh") for one in names), ", ".join(names)
        summary = Text(f"缺 {len(missing)} 块屏：{zh}", f"Missing screens: {en}")
        tip = Text("其窗口暂在最后一块屏上", "Their windows stand on the last screen")
        self._complain("screens", summary, "", Severity.WARNING, tip)

    def _tell_misfits(self) -> None:
        """What hangs on the wall is not what was measured: pictures over several screens would not meet."""
        found = self._spanning.misfits(self._open_screens)
        self._session.notices.clear("screens.size")
        if found:
            names = "; ".join(found)
            summary = Text(f"屏幕大小与布局不符：{names}", f"Screens of another size than measured: {names}")
            tip = Text("改布局文件的 size_px 与 pitch_mm", "Correct size_px and pitch_mm in the layout's file")
            self._complain("screens.size", summary, "", Severity.WARNING, tip)

    def _complain(
        self, key: str, summary: Text, detail: str, severity: Severity = Severity.ERROR, tip: Text = _NO_TIP
    ) -> None:
        self._session.notices.raise_(Notice(key=key, severity=severity, summary=summary, detail=detail, tip=tip))


def _tile_above(widget: QWidget | None) -> Tile | None:
    while widget is not None and not isinstance(widget, Tile):
        widget = widget.parentWidget()
    return widget if isinstance(widget, Tile) else None


def _all_of(one: Standing) -> dict[str, QWidget]:
    """The tiles of a window by id, those that rest first."""
    return {**one.mosaic.resting, **one.mosaic.by_id}


def _tiles_of(open_: Iterable[Standing]) -> list[Tile]:
    return [tile for one in open_ for tile in one.mosaic.tiles if isinstance(tile, Tile)]
