"""The shell in a replay: what is live stays live, the tiles show the past, everything has a key and says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.api import (
    NS,
    Alarm,
    AlarmState,
    Area,
    IntentState,
    LinkError,
    RefusedError,
)
from console.shell.focus_frame import FocusFrame
from console.shell.palette import KeyCard
from console.shell.replay_share import ShareSheet
from console.shell.window import MainWindow
from tests.qt.past import PRESSURE, bar_of, desk_window, entered, panels, playing, press, ticks
from tests.qt.steps import Clock, settle
from tests.shell_fakes import NOW_NS, Room


@pytest.fixture
def window(room: Room) -> Iterator[MainWindow]:
    room.desk.put(PRESSURE)
    with desk_window(room) as made:
        yield made


# ---------------------------------------------------------------- what is live, what is past


def test_one_key_in_one_key_out_and_every_panel_paints_anew(room: Room, window: MainWindow) -> None:
    assert bar_of(window).isHidden()
    replay = entered(room)
    assert bar_of(window).isVisible()
    for panel in panels(room):
        assert panel.frames[-1].context == replay.view.context
        assert panel.frames[-1].now_ns == NOW_NS - 600 * NS
        assert any(frame.seeked and frame.context == replay.view.context for frame in panel.frames)
    before = [len(panel.frames) for panel in panels(room)]
    press(room, Qt.Key.Key_L)
    ticks(room)
    assert room.desk.replay is None and bar_of(window).isHidden()
    frame = window.findChild(FocusFrame)
    assert frame is not None and frame.isHidden(), "no tile is given the keys unasked"
    for panel, count in zip(panels(room), before, strict=True):
        assert any(frame.seeked and frame.context == "live" for frame in panel.frames[count:])


def test_esc_leaves_too_and_then_clears_the_selection(room: Room, window: MainWindow) -> None:
    room.session.select("sensor:s1")
    entered(room)
    press(room, Qt.Key.Key_Escape)
    assert room.desk.replay is None and room.session.selection == "sensor:s1"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert room.session.selection == ""


def test_panels_read_the_past_while_the_bars_count_what_is_now(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    replay.view.put(Area(id="then"))
    room.desk.put(Alarm(id="a", sensor="s1", priority=1, state=AlarmState.UNACKNOWLEDGED, raised_ns=NOW_NS))
    ticks(room)
    host = panels(room)[0].host
    assert set(host.entities(Area)) == {"then"}
    assert not host.entities(Alarm)
    assert [group.head.id for group in room.session.groups] == ["a"], "the strip shows the alarm of now"
    assert host.link.last_data_ns == replay.view.status.last_data_ns


def test_personal_data_are_not_asked_for_from_a_replay(room: Room, window: MainWindow) -> None:
    said: list[str] = []
    room.desk.personal = {"reported_by": "王大爷"}

    async def ask() -> None:
        try:
            said.extend((await panels(room)[0].host.reveal("incident:i")).values())
        except RefusedError as error:
            said.extend((error.zh, str(error)))

    room.tasks.start("ask", ask())
    ticks(room)
    assert said == ["王大爷"]
    entered(room)
    room.tasks.start("ask", ask())
    ticks(room)
    assert "回放" in said[1] and "replay" in said[2]
    assert room.desk.revealed == ("incident:i",), "the node is not even asked"


def test_an_act_in_a_tile_is_refused_and_one_in_the_strip_is_live(room: Room, window: MainWindow, clock: Clock) -> None:
    entered(room)
    room.desk.put(Alarm(id="a", sensor="s1", priority=1, state=AlarmState.UNACKNOWLEDGED, raised_ns=NOW_NS))
    answers: list[IntentState] = []

    async def act() -> None:
        answers.append((await panels(room)[0].host.intent("alarm.shelve", "a")).state)

    room.tasks.start("act", act())
    ticks(room)
    assert answers == [IntentState.REFUSED] and not room.desk.intents
    [notice] = room.notices.all()
    assert "过去" in notice.summary.zh and "past" in notice.summary.of("en")
    assert window.strip is not None
    window.strip.repaint()
    clock.now_s += 0.55
    window.strip.repaint()
    press(room, Qt.Key.Key_A)
    ticks(room)
    assert room.desk.intents == [("alarm.acknowledge", "a")]
    press(room, Qt.Key.Key_L)
    assert not room.notices.all(), "the notice goes with the replay"


def test_a_replay_that_cannot_begin_says_so_and_all_stays_live(room: Room, window: MainWindow) -> None:
    room.desk.cut = True
    room.commands.run("replay.open")
    ticks(room)
    assert room.desk.replay is None and bar_of(window).isHidden()
    assert [notice.key for notice in room.notices.all()] == ["replay"]


# ---------------------------------------------------------------- hands


def test_everything_has_a_key(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    at_ns = replay.playback.at_ns
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    for key, chord, moved_s in [
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, -10),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_Left, shift, -60),
        (Qt.Key.Key_Right, shift, 60),
        (Qt.Key.Key_Left, control, -600),
        (Qt.Key.Key_Right, control, 600),
    ]:
        before = replay.view.now_ns
        press(room, key, chord)
        assert replay.view.now_ns - before == moved_s * NS
    assert replay.view.now_ns == at_ns
    press(room, Qt.Key.Key_Space)
    assert playing(replay) is False
    press(room, Qt.Key.Key_Space)
    assert playing(replay) is True
    press(room, Qt.Key.Key_Period)
    press(room, Qt.Key.Key_BracketRight)
    press(room, Qt.Key.Key_BracketLeft)
    press(room, Qt.Key.Key_BracketLeft)
    assert [(op, speed) for op, _, speed in replay.asked[8:]] == [
        ("step", 1.0),
        ("speed", 2.0),
        ("speed", 1.0),
        ("speed", 0.5),
    ]


def test_keys_pressed_faster_than_the_node_answers_add_up(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    before = replay.view.now_ns
    for _ in range(4):
        room.commands.run("replay.back_1min")
        room.commands.run("replay.faster")
    ticks(room)
    assert before - replay.view.now_ns == 240 * NS
    assert replay.playback.speed == 20.0
    assert len(replay.asked) < 8, "of seeks that wait only the newest is sent"


def test_a_tile_that_takes_arrows_keeps_them(room: Room, window: MainWindow) -> None:
    replay = entered(room)

    class Taker(QWidget):
        def keyPressEvent(self, event: object) -> None:
            """Takes every key."""

    taker = Taker(window)
    taker.show()
    taker.setFocus()
    QTest.keyClick(taker, Qt.Key.Key_Left)
    ticks(room)
    assert not replay.asked
    panels(room)[0].setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    panels(room)[0].setFocus()
    press(room, Qt.Key.Key_Left)
    assert [op for op, _, _ in replay.asked] == ["seek"], "a tile that does not leaves them to the replay"


def test_keys_of_a_replay_are_free_where_all_is_live(room: Room, window: MainWindow) -> None:
    got: list[int] = []

    class Taker(QWidget):
        def keyPressEvent(self, event: object) -> None:
            got.append(1)

    taker = Taker(window)
    taker.show()
    taker.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Period, Qt.Key.Key_BracketLeft):
        QTest.keyClick(taker, key)
    assert len(got) == 3
    taker.deleteLater()


@pytest.mark.parametrize(("typed", "back_s"), [("-2h", 7200), ("03:04:27", 600)])
def test_a_time_is_typed(room: Room, window: MainWindow, typed: str, back_s: int) -> None:
    QTest.keyClick(window, Qt.Key.Key_T)
    ticks(room)
    assert room.desk.replay is not None
    field = bar_of(window).field
    assert field.hasFocus()
    QTest.keyClicks(field, "soon")
    press(room, Qt.Key.Key_Return)
    assert [notice.key for notice in room.notices.all()] == ["replay.time"]
    field.selectAll()
    QTest.keyClicks(field, typed)
    assert not room.notices.all(), "typing on takes the complaint away"
    press(room, Qt.Key.Key_Return)
    assert room.desk.replay.view.now_ns == NOW_NS - back_s * NS
    assert not field.hasFocus() and field.text() == ""


def test_a_time_that_is_not_kept_is_not_shown_as_another_in_silence(room: Room, window: MainWindow) -> None:
    entered(room)
    press(room, Qt.Key.Key_T)
    QTest.keyClicks(bar_of(window).field, "2001-01-01 12:00")
    press(room, Qt.Key.Key_Return)
    [notice] = room.notices.all()
    assert "before 2026-07-17 03:14" in notice.summary.en
    press(room, Qt.Key.Key_L)
    assert not room.notices.all(), "back in the present it is no trouble"


def test_letters_go_into_the_field_and_esc_only_leaves_it(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    press(room, Qt.Key.Key_T)
    field = bar_of(window).field
    QTest.keyClicks(field, "l [.")
    assert field.text() == "l [." and not replay.asked and room.desk.replay is replay
    QTest.keyClick(field, Qt.Key.Key_Escape)
    ticks(room)
    assert not field.hasFocus() and room.desk.replay is replay


def test_a_click_on_the_track_goes_there(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    bar = bar_of(window)
    bar.grab()
    track = bar._track
    assert track is not None
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(track.rect.center().x()), 20))
    ticks(room)
    middle_ns = (track.from_ns + track.to_ns) // 2
    assert abs(replay.view.now_ns - middle_ns) < (track.to_ns - track.from_ns) / track.rect.width() * 2
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(track.rect.left()) - 6, 20))
    ticks(room)
    assert replay.view.now_ns == replay.playback.from_ns


def test_nothing_is_sought_that_the_store_does_not_hold(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    room.replay.seek(NOW_NS - 9 * 86_400 * NS)
    ticks(room)
    assert replay.view.now_ns == replay.playback.from_ns
    room.replay.seek(NOW_NS + 3600 * NS)
    ticks(room)
    assert replay.view.now_ns == NOW_NS


def test_a_group_is_shown_and_joined_by_its_short_name(room: Room, window: MainWindow) -> None:
    entered(room)
    press(room, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ShareSheet) and w.isVisible())
    QTest.keyClicks(sheet.field, "ab2c")
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    ticks(room)
    assert room.desk.replay is not None and room.desk.replay.playback.group == "AB2C"


def test_a_refused_act_says_why(room: Room, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    replay = entered(room)

    async def refuse(op: str, at_ns: int = 0, speed: float = 1.0) -> None:
        raise LinkError("no answer within 10 s")

    monkeypatch.setattr(replay, "control", refuse)
    room.commands.run("replay.step")
    ticks(room)
    [notice] = room.notices.all()
    assert (notice.key, notice.detail) == ("replay", "no answer within 10 s")


def test_one_that_was_left_before_it_answered_is_no_trouble(
    room: Room, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = entered(room)

    async def left_meanwhile(op: str, at_ns: int = 0, speed: float = 1.0) -> None:
        room.replay.leave()
        raise LinkError("the replay was closed")

    monkeypatch.setattr(replay, "control", left_meanwhile)
    room.commands.run("replay.step")
    ticks(room)
    assert not room.notices.all() and not room.session.replaying


@pytest.mark.parametrize("query", ["回放", "hf", "huifang", "replay"])
def test_the_palette_finds_it(room: Room, window: MainWindow, query: str) -> None:
    assert room.commands.find(query)[0].spec.id == "replay.open"


def test_the_key_card_names_what_a_chart_takes_itself(room: Room, window: MainWindow) -> None:
    room.commands.run("keys.card")
    settle()
    card = next(w for w in QApplication.topLevelWidgets() if isinstance(w, KeyCard) and w.isVisible())
    said = [label.text() for label in card.findChildren(QLabel)]
    assert "更短、更长（10 秒至一年）" in said and said[said.index("更短、更长（10 秒至一年）") - 1] == "+ −"
    card.close()
