"""Panels, and consoles over a fake desk, made for a test and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QWidget

from console.shell.screens import ScreenStyle
from console.shell.standard import add_standard_commands
from console.shell.window import MainWindow
from tests.fakes import FakeHost
from tests.qt.bench import Bench
from tests.qt.incident_hands import Watching
from tests.qt.panel_making import Factory, Make
from tests.qt.saying import saying
from tests.qt.seat import Open, Painted, standard
from tests.qt.steps import Clock, settle
from tests.shell_fakes import Room, small_city
from widgets.kit.body import PanelBody


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    """Panels over a fake host, shown with their first frame, closed after the test."""
    panels: list[PanelBody[Any]] = []

    def made(host: FakeHost, factory: Factory, width: int, height: int) -> PanelBody[Any]:
        panel = factory(host)
        panels.append(panel)
        panel.resize(width, height)
        panel.show()
        panel.update_frame(host.frame(seeked=True))
        return panel

    yield made
    for panel in panels:
        panel.close_panel()
        panel.close()
        panel.deleteLater()
    QApplication.sendPostedEvents()


@pytest.fixture
def room(qapp: QApplication, tmp_path: Path) -> Iterator[Room]:
    """A console's parts over a fake desk of a small city."""
    made = Room(tmp_path)
    small_city(made.desk)
    yield made
    made.close()


@pytest.fixture
def opened(room: Room) -> Iterator[Open]:
    """Windows over painted tiles, all commands bound to the first."""
    made: list[MainWindow] = []

    def window(text: str = "tiles", **style: object) -> MainWindow:
        shown = MainWindow(
            room.session,
            room.pacer,
            room.acts,
            msgspec.convert(style, ScreenStyle),
            replay=room.replay,
            access=room.access,
        )
        shown.set_mosaic(Painted(text))
        shown.resize(1280, 800)
        shown.show()
        if not made:
            standard(room, shown)
            room.commands.bind(shown)
        made.append(shown)
        shown.activateWindow()
        settle()
        return shown

    yield window
    for shown in made:
        shown.close_window()
    settle()


@pytest.fixture
def window(room: Room) -> Iterator[MainWindow]:
    """A desk's window without tiles, all commands bound."""
    made = MainWindow(room.session, room.pacer, room.acts, ScreenStyle(), replay=room.replay, access=room.access)
    made.set_mosaic(QWidget())
    made.resize(1600, 400)
    made.show()
    add_standard_commands(room.session, room.acts, room.replay, lambda: made, lambda _panel: None, lambda: None)
    room.commands.bind(made)
    settle()  # what is not exposed yet cannot be repainted
    yield made
    made.close_window()
    settle()


@pytest.fixture
def bench(room: Room, tmp_path: Path) -> Iterator[Bench]:
    """A stage over the fake desk, with one layout to change."""
    made = Bench(room, tmp_path)
    yield made
    assert "shell.unexpected" not in [notice.key for notice in room.notices.all()]
    made.tiling.close()
    made.stage.close()
    settle()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the acts on alarms and account: how long something has been painted, or nobody was there."""
    made = Clock()
    for module in ("access.acts", "access.hands", "alarm_acts"):
        monkeypatch.setattr(f"console.shell.{module}.time", made)
    return made


@pytest.fixture
def watching(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Watching:
    """Every text that an incident's detail paints from now on, and which are cut."""
    return Watching(monkeypatch)


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """An incident's texts in both languages, from what is in the repository."""
    with saying(request.param, "lists_zh", "incidents_zh"):
        yield request.param
