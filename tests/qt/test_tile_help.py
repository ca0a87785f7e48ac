"""F1 on a tile: what it shows, its keys and its marks, in place, from its panel's declaration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QScrollArea

from console.api import CommandSpec, PanelSpec, Text
from console.resolve import declared
from console.shell.palette import MENU_MOST, KeyCard, command_menu
from console.shell.tile_help import TileHelp, add_help_command
from console.stage.stage import Stage
from tests.qt.fingers import standard
from tests.qt.recorder import Recorder
from tests.qt.steps import settle, ticks
from tests.shell_fakes import Room
from widgets.kit.form import Shaded

ROOT = Path(__file__).parents[2]
SPECS: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")


@pytest.fixture
def stage(room: Room, tmp_path: Path) -> Iterator[Stage]:
    specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in SPECS}
    made = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, tmp_path)
    standard(room, made)
    add_help_command(room.session, made.tile_at_hand)
    made.open("duty")
    room.commands.bind(made.windows[0])
    made.windows[0].activateWindow()
    ticks(room, len(made.tiles) + 2)
    yield made
    made.close()
    settle()


def helps(stage: Stage) -> list[TileHelp]:
    return [one for one in stage.windows[0].findChildren(TileHelp) if one.isVisible()]


def words(stage: Stage) -> list[str]:
    (one,) = helps(stage)
    return [label.text() for label in one.findChildren(Shaded)]


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.id)
def test_every_panel_says_what_it_shows_in_both_languages(spec: PanelSpec) -> None:
    assert spec.help.zh.strip() and spec.help.en.strip()
    zh, en = (text.splitlines() for text in (spec.help.zh, spec.help.en))
    assert [("\t" in line) for line in zh] == [("\t" in line) for line in en]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_f1_tells_of_the_tile_with_the_focus_and_goes_again(
    room: Room, stage: Stage, language: Literal["zh", "en"]
) -> None:
    room.language.set(language)
    chart = next(tile for tile in stage.tiles if tile.spec.id == "chart")
    chart.setFocus()
    settle()
    QTest.keyClick(stage.windows[0], Qt.Key.Key_F1)
    settle()
    said = words(stage)
    assert said[0] == chart.spec.title.of(language)
    assert {"+ −", "← →", "Home"} <= set(said)
    QTest.keyClick(helps(stage)[0], Qt.Key.Key_F1)
    settle()
    assert not helps(stage)
    assert chart.isAncestorOf(stage.windows[0].focusWidget()) or chart.hasFocus()


def test_commands_of_the_panel_are_in_its_help_and_esc_only_closes_it(room: Room, stage: Stage) -> None:
    room.session.select("incident:i1")
    tile = next(tile for tile in stage.tiles if tile.spec.id == "incidents" and tile.seen)
    tile.setFocus()
    settle()
    room.commands.run("tile.help")
    assert "F3" in words(stage)
    QTest.keyClick(helps(stage)[0], Qt.Key.Key_Escape)
    settle()
    assert not helps(stage)
    assert room.session.selection == "incident:i1"


def test_help_of_a_tile_that_is_made_anew_meanwhile_goes_too(room: Room, stage: Stage) -> None:
    tile = next(tile for tile in stage.tiles if tile.seen)
    assert isinstance(tile.panel, Recorder)
    tile.panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    tile.panel.setFocus()
    settle()
    room.commands.run("tile.help")
    tile.restart()
    settle()
    QTest.keyClick(helps(stage)[0], Qt.Key.Key_Escape)
    settle()
    assert not helps(stage)


def test_it_stands_in_its_window_and_a_press_closes_it(room: Room, stage: Stage) -> None:
    window = stage.windows[0]
    window.resize(700, 300)
    settle()
    for tile in stage.tiles:
        if tile.seen:
            tile.setFocus()
            room.commands.run("tile.help")
            (one,) = helps(stage)
            assert window.rect().contains(one.geometry())
            QTest.mouseClick(one, Qt.MouseButton.LeftButton)
            settle()
            assert not helps(stage)


def test_where_no_tile_is_at_hand_the_key_card_comes(room: Room, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    add_help_command(room.session, lambda: None)
    room.commands.run("tile.help")
    (card,) = stage.windows[0].findChildren(KeyCard)
    card.reject()
    settle()


def test_a_panel_that_tells_nothing_says_so(room: Room, stage: Stage) -> None:
    tile = next(tile for tile in stage.tiles if tile.seen)
    tile.spec = msgspec.structs.replace(tile.spec, help=Text(""))
    tile.setFocus()
    room.commands.run("tile.help")
    assert "Nothing is written about this tile yet." in words(stage)
    helps(stage)[0].leave()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (3840, 2160)])
def test_the_key_card_is_whole_in_its_window(room: Room, stage: Stage, width: int, height: int) -> None:
    for n in range(34):
        spec = CommandSpec(
            id=f"many.{n}", title=Text(f"第 {n} 个命令", f"Command {n}"), keys=f"Ctrl+Alt+Shift+F{n + 1}"
        )
        room.commands.add(spec, lambda: None)
    window = stage.windows[0]
    window.resize(width, height)
    settle()
    room.commands.run("keys.card")
    (card,) = window.findChildren(KeyCard)
    settle()
    assert card.width() <= width and card.height() <= height
    (scroll,) = card.findChildren(QScrollArea)
    assert scroll.verticalScrollBar().maximum() == 0
    card.reject()
    settle()


def test_a_menu_of_many_commands_has_one_for_each_group(room: Room, stage: Stage) -> None:
    few = command_menu(stage.windows[0], room.commands, "zh")
    many = len(room.commands.all()) > MENU_MOST
    assert all((action.menu() is not None) is many for action in few.actions() if not action.isSeparator())
    told = [a for top in few.actions() for a in (cast("QMenu", top.menu()).actions() if many else [top])]
    assert len([a for a in told if not a.isSeparator()]) == len(room.commands.all())
    few.deleteLater()
