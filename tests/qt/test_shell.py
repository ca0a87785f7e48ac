"""The shell over a fake desk: error boundary, pacing, keys, language, strip, tiles."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.api import (
    NS,
    Answer,
    CommandSpec,
    Freshness,
    Header,
    IntentState,
    Sensor,
    SettingsError,
    Severity,
    Text,
)
from console.shell import boundary
from console.shell.commands import takes_text
from console.shell.focus_frame import FocusFrame
from console.shell.palette import Palette
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.tile_cards import Veil
from console.shell.tile_header import TileHeader, standing
from console.shell.window import MainWindow
from tests.qt.recorder import SPEC, Nothing, Recorder
from tests.qt.seat import strip_of
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room


@pytest.fixture
def shown(room: Room) -> Iterator[QWidget]:
    window = QWidget()
    QVBoxLayout(window)
    window.resize(600, 400)
    window.show()
    yield window
    for tile in room.pacer.tiles:
        room.pacer.remove_tile(tile)
        tile.close_tile()
    window.close()
    window.deleteLater()
    settle()


def tile_in(room: Room, window: QWidget, fail: str = "") -> Tile:
    tile = Tile(room.session, SPEC, Nothing(fail=fail), ScreenStyle(), f"t/{len(room.pacer.tiles)}")
    layout = window.layout()
    assert layout is not None
    layout.addWidget(tile)
    room.pacer.add_tile(tile)
    return tile


def panel_of(tile: Tile) -> Recorder:
    assert isinstance(tile.panel, Recorder)
    return tile.panel


# ---------------------------------------------------------------- boundary


@pytest.mark.parametrize("where", ["init", "frame", "paint"])
def test_a_panel_that_raises_becomes_a_card_and_the_others_go_on(room: Room, shown: QWidget, where: str) -> None:
    boundary.install()
    bad, good = tile_in(room, shown, fail=where), tile_in(room, shown)
    ticks(room)
    boundary.remove()
    assert bad.failed
    assert bad.panel is None
    assert not good.failed
    before = len(panel_of(good).frames)
    room.desk.sample("s1", 1.0)
    room.pacer.tick()
    time_passes(0.25)
    room.pacer.tick()
    assert len(panel_of(good).frames) > before
    raised = [n for n in room.notices.all() if n.severity is Severity.ERROR]
    assert len(raised) == 1
    assert "failed on purpose" in raised[0].detail


def time_passes(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QTest.qWait(10)


def test_restart_makes_the_panel_anew_and_clears_the_notice(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    first = panel_of(tile)
    tile.fail(RuntimeError("once"))
    settle()
    assert tile.failed
    assert first.closed
    tile.restart()
    ticks(room, 1)
    assert panel_of(tile) is not first
    assert not room.notices.all()


def test_closing_a_tile_ends_its_subscription(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown, fail="close")
    ticks(room)
    assert room.desk.interests
    room.pacer.remove_tile(tile)
    tile.close_tile()
    assert not room.desk.interests


# ---------------------------------------------------------------- pacing


def test_a_hidden_tile_gets_no_frame_and_later_all_that_it_missed(room: Room, shown: QWidget) -> None:
    room.desk.put(Sensor(id="s1"), Sensor(id="s2"))
    tile = tile_in(room, shown)
    ticks(room)
    panel = panel_of(tile)
    assert panel.frames[0].seeked
    tile.hide()
    count = len(panel.frames)
    room.desk.sample("s1", 1.0)
    room.desk.sample("s2", 1.0)
    ticks(room)
    assert len(panel.frames) == count
    tile.show()
    time_passes(0.22)
    ticks(room, 1)
    assert panel.frames[-1].sensors == {"s1"}


def test_samples_are_coalesced_and_entities_come_at_once(
    room: Room, shown: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    now_s = time.monotonic()  # what follows is one moment, however busy the machine is
    monkeypatch.setattr("console.shell.pacer.time.monotonic", lambda: now_s)
    panel = panel_of(tile)
    panel.frames.clear()
    for _ in range(5):
        room.desk.sample("s1", 2.0)
        room.pacer.tick()
    assert len(panel.frames) <= 1
    room.desk.put(Sensor(id="s9"))
    room.pacer.tick()
    assert "sensor" in panel.frames[-1].entities


def test_the_selection_reaches_every_panel(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    room.session.select("sensor:s1")
    room.pacer.tick()
    panel = panel_of(tile)
    assert panel.frames[-1].selection_changed
    assert panel.host.selection == "sensor:s1"


# ---------------------------------------------------------------- language


def test_a_language_switch_configures_and_repaints(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    room.language.set("en")
    room.pacer.tick()
    panel = panel_of(tile)
    assert panel.configured == 1
    assert panel.host.language == "en"
    assert panel.frames[-1].seeked


# ---------------------------------------------------------------- commands


def test_letters_do_nothing_while_text_is_typed(room: Room, shown: QWidget) -> None:
    done: list[str] = []
    room.commands.add(CommandSpec(id="x", title=Text("甲", "X"), keys="A"), lambda: done.append("x"))
    room.commands.bind(shown)
    field = QLineEdit()
    layout = shown.layout()
    assert layout is not None
    layout.addWidget(field)
    shown.activateWindow()
    field.setFocus()
    settle()
    QTest.keyClick(field, Qt.Key.Key_A)
    assert field.text() == "a"
    assert not done
    assert takes_text(field)
    field.clearFocus()
    settle()
    QTest.keyClick(shown, Qt.Key.Key_A)
    assert done == ["x"]


def test_commands_are_found_in_every_way(room: Room) -> None:
    room.commands.add(CommandSpec(id="alarm.acknowledge", title=Text("确认首条报警", "Acknowledge"), keys="A"), bool)
    room.commands.add(CommandSpec(id="map.show", title=Text("在图上看", "Show on map"), keys="M"), bool)
    for query in ("确认", "qr", "queren", "ackn", "QRST"):
        assert [c.spec.id for c in room.commands.find(query)] == ["alarm.acknowledge"], query
    room.commands.add(CommandSpec(id="wall.preview_storm", title=Text("预演场景：暴雨内涝", "Preview storm")), bool)
    for query in ("yycjby", "changjingbaoyu", "场景：暴雨"):
        assert [c.spec.id for c in room.commands.find(query)] == ["wall.preview_storm"], query
    assert len(room.commands.find("")) == 3
    assert not room.commands.find("zzz")


def test_a_key_belongs_to_one_command(room: Room) -> None:
    room.commands.add(CommandSpec(id="a", title=Text("甲"), keys="Q"), bool)
    with pytest.raises(SettingsError, match="key Q"):
        room.commands.add(CommandSpec(id="b", title=Text("乙"), keys="Q"), bool)


@pytest.mark.parametrize("state", [IntentState.REFUSED, IntentState.CONFLICT])
def test_an_act_that_had_no_effect_is_said_where_no_tile_says_it(
    room: Room, shown: QWidget, state: IntentState
) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    host = panel_of(tile).host
    room.desk.answer = Answer(id="1", state=state, reason=Text("没有角色授予此权限", "no role grants this"))
    room.tasks.start("seen", host.intent("incident.grade", "i1"))
    room.tasks.run_all()
    assert not room.notices.all(), "the tile itself says it"
    tile.hide()
    room.tasks.start("unseen", host.intent("incident.grade", "i1"))
    room.tasks.run_all()
    (notice,) = room.notices.all()
    assert "没有角色授予此权限" in notice.summary.zh and "no role grants this" in notice.summary.of("en")


# ---------------------------------------------------------------- tile states and bars


def test_the_states_of_a_tile_look_different(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    panel = panel_of(tile)
    pictures = []
    for freshness in (Freshness.LIVE, Freshness.STALE, Freshness.NEVER):
        panel.host.header(Header(scope="here", data_ns=NOW_NS - NS, freshness=freshness))
        pictures.append(bytes(tile.grab().toImage().constBits()))
    panel.host.header(Header(scope="here", data_ns=NOW_NS - NS))
    room.desk.link(up=False)
    room.pacer.tick()
    pictures.append(bytes(tile.grab().toImage().constBits()))
    tile.fail(RuntimeError("x"))
    settle()
    pictures.append(bytes(tile.grab().toImage().constBits()))
    assert len(set(pictures)) == 5


def test_a_header_says_count_age_and_source(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    head = tile.findChild(TileHeader)
    assert head is not None
    panel_of(tile).host.header(Header(right="5 today"))
    counted = head.grab().toImage()
    panel_of(tile).host.header(Header(right="5 today", data_ns=NOW_NS - 7 * NS, source="gauge-1"))
    assert head.grab().toImage() != counted, "the count took the age's place"
    assert "gauge-1" in head.origin() and "UTC+8" in head.origin()
    panel_of(tile).host.header(Header(data_ns=NOW_NS))
    assert head.origin().splitlines()[0] != ""


def test_a_cut_link_leaves_direct_pictures_live(room: Room, shown: QWidget) -> None:
    tile = tile_in(room, shown)
    ticks(room)
    head = tile.findChild(TileHeader)
    assert head is not None
    room.desk.link(up=False)
    states = []
    for direct in (False, True):
        panel_of(tile).host.header(Header(scope=str(direct), data_ns=NOW_NS - NS, direct=direct))
        ticks(room, 1)
        states.append(standing(head.header, head.link))
    assert states == [Freshness.DISCONNECTED, Freshness.LIVE]


def test_tab_outlines_the_tile_it_comes_to(room: Room, window: MainWindow) -> None:
    inside = QWidget()
    row = QHBoxLayout(inside)
    for n in range(2):
        tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), f"f/{n}")
        row.addWidget(tile)
        room.pacer.add_tile(tile)
    window.set_mosaic(inside)
    ticks(room)
    tiles = window.findChildren(Tile)
    for tile in tiles:
        panel_of(tile).setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.activateWindow()
    settle()
    panel_of(tiles[0]).setFocus()
    frame = window.findChild(FocusFrame)
    assert frame is not None and frame.isHidden(), "no outline before Tab"
    QTest.keyClick(panel_of(tiles[0]), Qt.Key.Key_Tab)
    assert frame.isVisible() and frame.geometry().center() == tiles[1].geometry().center() + inside.pos()
    panel_of(tiles[0]).setFocus()
    ticks(room, 1)
    assert frame.isHidden(), "the outline stays where the focus is not"
    for tile in tiles:
        room.pacer.remove_tile(tile)
        tile.close_tile()


def test_a_window_without_a_top_bar_says_simulated(room: Room) -> None:
    bare = MainWindow(
        room.session, room.pacer, room.acts, ScreenStyle(top_bar=False), replay=room.replay, access=room.access
    )
    bare.resize(900, 300)
    strip = strip_of(bare)
    room.desk.link(simulated=False)
    ticks(room, 1)
    before = strip.grab().toImage()
    room.desk.link(simulated=True)
    ticks(room, 1)
    assert strip.grab().toImage() != before
    bare.close_window()
    settle()


def test_the_palette_takes_the_keys_and_gives_them_back(room: Room, window: MainWindow) -> None:
    window.activateWindow()
    room.commands.run("palette.open")
    settle()
    palette = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Palette) and w.isVisible())
    assert QApplication.activeWindow() is palette
    QTest.keyClicks(palette.field, "qr")
    assert palette.found.commands and "alarm.acknowledge" in palette.found.commands
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    settle()
    assert QApplication.activeWindow() is window


def test_what_a_waiting_tile_of_a_wall_says_stands_clear_of_its_top_bar(qapp: QApplication) -> None:
    window = QWidget()
    window.resize(640, 400)
    tile, bar = QWidget(window), QWidget(window)
    tile.setGeometry(0, 0, 640, 400)
    bar.setGeometry(0, 0, 640, 60)
    veil = Veil(tile, ScreenStyle(role="wall", text_px=24, top_bar=True, seconds=False))
    veil.setGeometry(tile.rect())
    window.show()
    veil.show_state(Freshness.NEVER, "")
    painted = veil.grab().toImage()
    ground = painted.pixel(0, 0)
    written = [y for y in range(400) if any(painted.pixel(x, y) != ground for x in range(0, 640, 3))]
    assert written and min(written) >= 60
    window.close()
