"""Windows and tiles of one console, made from a layout; part of the composition root, imported by console.app alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.api import Notice, PanelSpec, SettingsError, Severity, Text, YilanError, settings_from
from console.shell import boundary
from console.shell.alarm_acts import AlarmActs
from console.shell.pacer import Pacer
from console.shell.replay_acts import ReplayActs
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.tile import Tile
from console.shell.window import MainWindow
from layouts.mosaic import Mosaic
from layouts.store import LayoutStore
from layouts.tree import Layout, Part
from layouts.wall import TEXT_PX, Place, places, text_px
from widgets.kit.text import font
from widgets.kit.tokens import look

log = logging.getLogger(__name__)


class Views:
    """View states of tiles by name, kept over layouts and starts; a file that cannot be read is as none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._views: dict[str, dict[str, Any]] = msgspec.json.decode(
                file.read_bytes(), type=dict[str, dict[str, Any]]
            )
        except (OSError, msgspec.DecodeError):
            self._views = {}

    def of(self, name: str) -> dict[str, Any]:
        """The view that a tile had, {} for none."""
        return self._views.get(name, {})

    def keep(self, tiles: Iterable[Tile]) -> None:
        """Take the tiles' views before they go."""
        self._views.update({tile.name: tile.view() for tile in tiles})

    def save(self) -> None:
        """Write them; a full disk loses them and nothing else."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_bytes(msgspec.json.encode(self._views))
        except (OSError, TypeError):
            log.exception("views could not be saved")


class Stage(QObject):
    """Opens layouts: one window a screen, one tile a part, each tile fed by the pacer.

    Args:
        specs: panel specs by id.
        state: the state folder; own layouts lie in its "layouts".

    Signals:
        closing: the operator closed a window; the console is to end.
    """

    closing = Signal()

    def __init__(
        self,
        session: Session,
        pacer: Pacer,
        acts: AlarmActs,
        replay: ReplayActs,
        specs: Mapping[str, PanelSpec],
        state: Path,
    ) -> None:
        super().__init__()
        self._session = session
        self._pacer = pacer
        self._acts = acts
        self._replay = replay
        self._specs = specs
        self._state = state
        self.store = LayoutStore(state / "layouts")
        self._layout: Layout | None = None
        self._windows: list[MainWindow] = []
        self._mosaics: list[Mosaic] = []
        self._tiles: list[Tile] = []
        session.layout_title = self._title
        self._views = Views(state / "views.json")
        self._screens_timer = QTimer(self)
        self._screens_timer.setSingleShot(True)
        self._screens_timer.setInterval(200)
        self._screens_timer.timeout.connect(self._reopen)
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
    def windows(self) -> tuple[MainWindow, ...]:
        """The open windows, in the order of the layout's screens."""
        return tuple(self._windows)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All tiles of all windows."""
        return tuple(self._tiles)

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
        self._open(layout)
        return True

    def _open(self, layout: Layout) -> None:
        before, tiles_before = self._windows, self._tiles
        self._views.keep(tiles_before)
        self._windows, self._mosaics, self._tiles, self._layout = [], [], [], layout
        screens = self._app().screens()
        placed = places(layout, [screen.name() for screen in screens])
        for place in placed:
            self._open_screen(layout, place, screens[place.index])
        self._tell_missing([place for place in placed if place.stand_in])
        self._session.commands.bind(self._windows[0])
        # without a window manager nobody else gives the new windows the keys
        self._windows[0].activateWindow()
        _end(self._pacer, before, tiles_before)
        self._pacer.hurry()

    def _open_screen(self, layout: Layout, place: Place, screen: QScreen) -> None:
        style = ScreenStyle(
            role=layout.role,
            text_px=text_px(place.screen, layout, screen.devicePixelRatio()),
            top_bar=place.screen.top_bar,
            seconds=layout.role != "wall",
        )
        window = MainWindow(
            self._session, self._pacer, self._acts, style, replay=self._replay, state_folder=self._state
        )
        window.closing.connect(self.closing)
        where = f"{layout.id}/{place.screen.name}"
        mosaic = Mosaic(
            place.screen.tree,
            lambda part, path, tabbed: self._tile(part, f"{where}/{path}", style, tabbed),
            self._panel_title,
            lambda: self._session.language.code,
            style.text_px,
            style.text_px / TEXT_PX[layout.role],
        )
        window.set_mosaic(mosaic)
        self._windows.append(window)
        self._mosaics.append(mosaic)
        _show(window, screen, layout, place)

    def _panel_title(self, panel_id: str) -> Text:
        spec = self._specs.get(panel_id)
        return spec.title if spec is not None else Text(panel_id)

    def _tile(self, part: Part, name: str, style: ScreenStyle, tabbed: bool) -> QWidget:
        try:
            spec = self._specs.get(part.panel)
            if spec is None:
                raise SettingsError(
                    f"{name}: panel '{part.panel}'", expected=f"one of {', '.join(sorted(self._specs))}"
                )
            settings = settings_from(spec.settings, part.settings, name)
        except SettingsError as error:
            self._complain(f"tile.{name}", Text(f"窗格 {name} 打不开", f"Tile {name} cannot be opened"), str(error))
            return _placeholder(str(error), style.text_px)
        # a wall shows what its layout says, the halves of a map fit each other
        view = self._views.of(name) if style.role != "wall" else {}
        tile = Tile(self._session, spec, settings, style, name, titled_elsewhere=tabbed, view=view)
        tile.enlarge.connect(self._enlarge)
        self._tiles.append(tile)
        self._pacer.add_tile(tile)
        return tile

    def close(self) -> None:
        """End all panels and windows; part of the written shutdown."""
        self._app().screenRemoved.disconnect(self._screens_changed)
        self._app().screenAdded.disconnect(self._screens_changed)
        self._screens_timer.stop()
        self.keep_views()
        _end(self._pacer, self._windows, self._tiles)
        self._windows, self._mosaics, self._tiles, self._layout = [], [], [], None
        boundary.remove()

    def keep_views(self) -> None:
        """Remember how every panel stands, for the next start."""
        self._views.keep(self._tiles)
        self._views.save()

    # ------------------------------------------------------------------ acts of the commands

    def active_window(self) -> QWidget:
        """The window that has the operator's attention, else the first."""
        active = QApplication.activeWindow()
        return next((window for window in self._windows if window is active), self._windows[0])

    def reveal(self, panel_id: str) -> None:
        """Bring the first tile of a panel to the front."""
        any(mosaic.reveal(panel_id) for mosaic in self._mosaics)
        self._pacer.hurry()

    def toggle_full_screen(self) -> None:
        """Let the tile with the focus (else the one under the pointer, else the first map) fill its window, or not."""
        tile = _tile_above(QApplication.focusWidget()) or _tile_above(QApplication.widgetAt(QCursor.pos()))
        if tile is None:
            tile = next((t for t in self._tiles if t.spec.id == "map"), None)
        self._enlarge(tile)

    def _enlarge(self, tile: Tile | None) -> None:
        for mosaic in self._mosaics:
            mosaic.toggle_full(tile)
        self._pacer.hurry()

    def leave_full_screen(self) -> bool:
        """Give a tile that fills its window its place back; False when none does."""
        full = [mosaic for mosaic in self._mosaics if mosaic.full]
        for mosaic in full:
            mosaic.toggle_full(None)
        return bool(full)

    # ------------------------------------------------------------------ what changes underneath

    def _restyle(self, _tokens: object) -> None:
        self._pacer.restyle()

    def _screens_changed(self, _screen: object) -> None:
        # after Qt has moved the windows of the screen that went
        self._screens_timer.start()

    def _reopen(self) -> None:
        if self._layout is not None and self._app().screens():
            self._open(self._layout)

    def _tell_missing(self, missing: list[Place]) -> None:
        if not missing:
            self._session.notices.clear("screens")
            return
        names = ", ".join(place.screen.name for place in missing)
        summary = Text(f"缺 {len(missing)} 块屏：{names}", f"Missing screens: {names}")
        self._complain("screens", summary, "their windows stand on the last screen", Severity.WARNING)

    def _complain(self, key: str, summary: Text, detail: str, severity: Severity = Severity.ERROR) -> None:
        self._session.notices.raise_(Notice(key=key, severity=severity, summary=summary, detail=detail))


def _tile_above(widget: QWidget | None) -> Tile | None:
    while widget is not None and not isinstance(widget, Tile):
        widget = widget.parentWidget()
    return widget if isinstance(widget, Tile) else None


def _placeholder(text: str, text_px: float) -> QWidget:
    label = QLabel(text)
    label.setFont(font(text_px))
    label.setWordWrap(True)
    label.setMargin(16)
    label.setAutoFillBackground(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return label


def _show(window: MainWindow, screen: QScreen, layout: Layout, place: Place) -> None:
    available = screen.availableGeometry()
    window.setScreen(screen)
    if place.stand_in:
        window.setGeometry(available.adjusted(64, 64, -64, -64))
        window.show()
    elif layout.role == "wall":
        window.setGeometry(screen.geometry())
        window.showFullScreen()
    else:
        window.setGeometry(available)
        window.showMaximized()


def _end(pacer: Pacer, windows: list[MainWindow], tiles: list[Tile]) -> None:
    for tile in tiles:
        pacer.remove_tile(tile)
        tile.close_tile()
    for window in windows:
        window.close_window()
