"""Log-in, first administrator, lock, broken glass and account over a fake desk: by keyboard, by what can be seen."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import NS, Access, Alarm, AlarmState, Text
from console.shell.access.aside import Aside
from console.shell.access.forms import LockedForm, LoginForm
from console.shell.access.new_password import ChangeForm, FirstForm
from console.shell.access.page import Page, page_of
from console.shell.dialogs import Sheet
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.window import MainWindow
from tests.qt.recorder import SPEC, Nothing, Recorder
from tests.qt.seat import (
    GOOD,
    NOBODY,
    OFFICER,
    WALL,
    Open,
    a_second,
    below_the_strip,
    enter,
    form_of,
    key,
    page,
    sit,
    typed,
)
from tests.qt.steps import Clock, alarm, settle, ticks
from tests.shell_fakes import Room

# ---------------------------------------------------------------- log-in


def test_a_person_logs_in_by_keyboard_alone(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    assert window.mosaic is not None and not window.mosaic.isVisible()
    typed("liweiguo")
    key(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is form_of(window, LoginForm).password.field
    typed(GOOD)
    enter(room)
    assert room.desk.asked == (("login", "liweiguo", ""),)
    assert page(room) is Page.NONE and window.mosaic.isVisible()
    assert window.cover is not None and window.cover.form is None, "what was typed is kept somewhere"


def test_a_refusal_is_said_and_only_the_password_is_typed_again(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    typed("liweiguo")
    key(Qt.Key.Key_Return)
    typed("not the one")
    enter(room)
    form = form_of(window, LoginForm)
    assert form.refusal.text() == room.desk.refusal.zh
    assert form.name.field.text() == "liweiguo" and form.password.field.text() == ""
    assert QApplication.focusWidget() is form.password.field
    typed("x")
    assert form.refusal.text() == "", "what was said is of another attempt"


def test_the_code_of_a_second_factor_goes_along(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    for text in ("liweiguo", GOOD, "123456"):
        typed(text)
        key(Qt.Key.Key_Tab)
    form_of(window, LoginForm).password.field.setFocus()
    enter(room)
    assert room.desk.asked == (("login", "liweiguo", "123456"),)


def test_a_password_is_in_no_picture_notice_or_log(room: Room, opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    window = opened()
    sit(room, NOBODY)
    form = form_of(window, LoginForm)
    pictures = []
    for secret in ("pa55word-one", "secret-other"):
        form.password.field.setText(secret)
        pictures.append(window.grab().toImage())
    assert pictures[0] == pictures[1]
    form.name.field.setText("liweiguo")
    form.password.field.setFocus()
    room.desk.refusal = Text("不对", "no")
    enter(room)
    said = caplog.text + repr(room.notices.all()) + repr(room.desk.asked) + room.access.said.zh
    assert "secret-other" not in said


def test_a_name_is_typed_with_an_input_method(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    field = form_of(window, LoginForm).name.field
    QApplication.sendEvent(field, QInputMethodEvent("li wei", []))
    commit = QInputMethodEvent()
    commit.setCommitString("李卫国")
    QApplication.sendEvent(field, commit)
    assert field.text() == "李卫国"


def test_caps_lock_is_told_from_what_is_typed(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    form = form_of(window, LoginForm)
    field = form.password.field
    field.setFocus()

    def press(key: Qt.Key, text: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> str:
        QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, key, modifier, text))
        return form.caps.text()

    assert press(Qt.Key.Key_A, "A", Qt.KeyboardModifier.ShiftModifier) == press(Qt.Key.Key_A, "a") == ""
    assert press(Qt.Key.Key_A, "A") != ""
    assert press(Qt.Key.Key_CapsLock, "") == ""
    assert press(Qt.Key.Key_A, "a", Qt.KeyboardModifier.ShiftModifier) != ""


def test_the_language_changes_by_key_and_what_was_typed_stays(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    typed("liwei")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert room.language.code == "en"
    assert form_of(window, LoginForm).name.field.text() == "liwei"


def test_why_nobody_is_logged_in_is_said(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, msgspec.structs.replace(NOBODY, reason=Text("此人的权限已撤销", "access was revoked")))
    assert "撤销" in form_of(window, LoginForm).lead.text()


def test_nobody_logged_in_never_looks_calm(room: Room, opened: Open) -> None:
    window = opened()
    room.pacer.tick()
    assert window.strip is not None
    calm = window.strip.grab().toImage()
    sit(room, NOBODY)
    assert window.strip.grab().toImage() != calm


# ---------------------------------------------------------------- first administrator, another password


def test_the_first_administrator_is_made_by_keyboard(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, msgspec.structs.replace(NOBODY, first=True))
    form = form_of(window, FirstForm)
    for text in ("ABCD-EFGH-JKMN-PQRX", "西咸", "王芳", "wangfang", "four words in a row"):
        typed(text)
        key(Qt.Key.Key_Return)
    typed("four words in a ro")
    enter(room)
    assert not room.desk.asked, "two that differ are not sent"
    typed("w")
    enter(room)
    assert room.desk.asked == (("first", "ABCD-EFGH-JKMN-PQRX", "西咸", "wangfang", "王芳"),)
    assert form.refusal.text() == "代码不对"
    assert form.site.field.text() == "西咸" and form.new.first.field.text() == ""
    form.code.field.setText("ABCD-EFGH-JKMN-PQRS")
    for text in ("four words in a row",) * 2:
        typed(text)
        key(Qt.Key.Key_Return)
    room.tasks.run_all()
    assert room.desk.access.person == "wangfang" and page(room) is Page.NONE


def test_the_rule_is_told_while_a_password_is_typed(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, msgspec.structs.replace(NOBODY, first=True))
    new = form_of(window, FirstForm).new
    said = [new.rule.text()]
    for field, text in ((new.first, "short"), (new.first, " and long now"), (new.again, "x"), (new.again, "")):
        field.field.setFocus()
        typed(text)
        said.append(new.rule.text())
    assert "7" in said[1], "how many are missing"
    assert len(set(said[:4])) == 4 and not new.ready


def test_a_given_password_is_changed_before_anything_else(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, msgspec.structs.replace(OFFICER, change_next=True))
    form = form_of(window, ChangeForm)
    key(Qt.Key.Key_Escape)
    room.commands.run("palette.open")
    room.commands.run("access.lock")
    assert page(room) is Page.CHANGE
    for field, text in ((form.old, GOOD), (form.new.first, "another long one"), (form.new.again, "another long one")):
        field.field.setFocus()
        typed(text)
    enter(room)
    assert room.desk.secret == "another long one" and page(room) is Page.NONE


def test_a_password_is_changed_when_one_wants_to_and_esc_goes_back(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.commands.run("access.password")
    settle()
    form_of(window, ChangeForm).old.field.setFocus()
    key(Qt.Key.Key_Escape)
    assert page(room) is Page.NONE
    room.commands.run("access.password")
    settle()
    form_of(window, ChangeForm).buttons[0].setFocus()
    key(Qt.Key.Key_Escape)
    assert page(room) is Page.NONE, "the page says Esc, whatever has the focus"


# ---------------------------------------------------------------- lock


def test_nothing_of_the_tiles_is_seen_while_the_screen_is_locked(room: Room, opened: Open) -> None:
    windows = [opened("the secret plan"), opened("nothing at all")]
    sit(room, OFFICER)
    shown = [below_the_strip(window) for window in windows]
    assert shown[0] != shown[1]
    room.commands.run("access.lock")
    for window in windows:
        window.setFocus()  # no caret in either
    settle()
    hidden = [below_the_strip(window) for window in windows]
    assert hidden[0] == hidden[1]
    assert all(window.mosaic is not None and not window.mosaic.isVisible() for window in windows)


def test_strip_sound_and_clock_go_on_while_locked(room: Room, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr("console.shell.alarm_strip.QApplication", SimpleNamespace(beep=lambda: rung.append(1)))
    window = opened()
    sit(room, OFFICER)
    room.access.lock()
    ticks(room, 2)
    assert window.strip is not None and window.top_bar is not None
    strip, bar = window.strip.grab().toImage(), window.top_bar.grab().toImage()
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    room.desk.now_ns += 61 * NS
    room.pacer.tick()
    assert rung and window.strip.grab().toImage() != strip and window.top_bar.grab().toImage() != bar


def test_a_locked_strip_shows_no_figure_that_may_be_another_by_now(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    alarm(room, "g1", 1, AlarmState.ACKNOWLEDGED)
    room.access.lock()
    ticks(room, 2)
    assert window.strip is not None
    grabbed = []
    for raised_with in (0.19, 17.5):
        told = room.desk.entities(Alarm)["alarm-g1"]
        room.desk.put(msgspec.structs.replace(told, value=raised_with))
        ticks(room, 2)
        grabbed.append(window.strip.grab().toImage())
    assert grabbed[0] == grabbed[1]


def test_a_locked_screen_of_who_sees_no_alarm_does_not_say_that_the_strip_goes_on(room: Room, opened: Open) -> None:
    window = opened()
    leads, strips = [], []
    for access in (OFFICER, msgspec.structs.replace(OFFICER, person="wangfang", may={"people.edit": ("",)})):
        sit(room, access)
        room.access.lock()
        ticks(room, 2)
        assert window.strip is not None
        leads.append(form_of(window, LockedForm).lead.text())
        strips.append(window.strip.grab().toImage())
    assert "Strip, sound and clock go on" in leads[0] and "no alarm is shown" in leads[1]
    assert strips[0] != strips[1], "the strip tells why it is empty"


def test_who_stands_before_a_locked_screen_can_do_nothing(room: Room, opened: Open, clock: Clock) -> None:
    window = opened()
    sit(room, OFFICER)
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    ticks(room, 2)
    room.access.lock()
    settle()
    assert window.strip is not None and window.top_bar is not None
    for _ in range(2):
        window.strip.repaint()
        clock.now_s += 0.6
        for command in room.commands.all():
            if command.spec.id not in ("language.toggle", "look.toggle", "access.switch"):
                room.commands.run(command.spec.id)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        for bar in (window.strip, window.top_bar):
            for x in range(0, bar.width(), 40):
                QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, bar.height() // 2))
    room.tasks.run_all()
    assert not room.desk.intents and room.session.selection == "" and not room.session.muted_s
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible() and not isinstance(w, MainWindow)]
    ended: list[int] = []
    window.closing.connect(lambda: ended.append(1))
    assert not window.close() and not ended, "the alarms end with the window"


def test_a_screen_is_unlocked_in_place(room: Room, opened: Open) -> None:
    window = opened()
    tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), "a/1")
    window.set_mosaic(tile)
    room.pacer.add_tile(tile)
    sit(room, OFFICER)
    panel = tile.panel
    assert panel is not None
    QTest.keyClick(
        window.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    settle()
    assert page(room) is Page.LOCKED
    typed("wrong one")
    enter(room)
    assert form_of(window, LockedForm).refusal.text() and page(room) is Page.LOCKED
    typed(GOOD)
    enter(room)
    assert page(room) is Page.NONE and tile.panel is panel and tile.isVisible()
    room.pacer.remove_tile(tile)
    tile.close_tile()


def test_another_person_finds_nothing_of_the_last_one(room: Room, opened: Open) -> None:
    window = opened()
    tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), "a/2")
    room.access.replaced.connect(tile.renew)
    window.set_mosaic(tile)
    room.pacer.add_tile(tile)
    sit(room, OFFICER)
    panel = tile.panel
    assert isinstance(panel, Recorder)
    room.session.select("sensor:g1")
    room.access.lock()
    settle()
    form_of(window, LockedForm).buttons[1].setFocus()
    enter(room)
    assert page(room) is Page.LOGIN
    sit(room, msgspec.structs.replace(OFFICER, person="wangfang", name=Text("王芳", "Wang Fang")))
    assert room.session.selection == "" and panel.closed and tile.panel is not panel
    room.pacer.remove_tile(tile)
    tile.close_tile()


def test_dialogs_go_aside_and_come_back_for_whom_they_are(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    aside = Aside()
    room.session.covered.connect(lambda page: aside.put() if page is not Page.NONE else aside.back())
    room.access.replaced.connect(aside.drop)
    sheet = Sheet(window)
    sheet.open()
    room.access.lock()
    assert not sheet.isVisible()
    room.desk.stand(locked=False)
    room.access.unlock(GOOD)
    room.tasks.run_all()
    assert sheet.isVisible()
    room.access.lock()
    room.access.logout()
    sit(room, msgspec.structs.replace(OFFICER, person="wangfang"))
    assert not sheet.isVisible() and sheet.result() == 0
    sheet.deleteLater()


def test_an_idle_screen_locks_and_a_hand_keeps_it_open(room: Room, opened: Open, clock: Clock) -> None:
    window = opened()
    sit(room, OFFICER)
    clock.now_s += 599
    a_second(room)
    assert page(room) is Page.NONE
    seen = room.desk.acts_seen
    QTest.mouseMove(window.windowHandle(), QPoint(40, 300))
    settle()
    assert room.desk.acts_seen == seen + 1
    clock.now_s += 599
    a_second(room)
    assert page(room) is Page.NONE
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    clock.now_s += 599
    a_second(room)
    assert page(room) is Page.NONE
    clock.now_s += 1
    a_second(room)
    assert page(room) is Page.LOCKED and ("lock",) in room.desk.asked
    clock.now_s += 5
    seen = room.desk.acts_seen
    QTest.mouseMove(window.windowHandle(), QPoint(60, 300))
    settle()
    assert room.desk.acts_seen == seen, "a locked screen is not in use"


@pytest.mark.parametrize("access", [WALL, Access(person="local", local=True, locks_s=600.0)])
def test_a_wall_and_a_machine_without_people_never_lock(room: Room, opened: Open, clock: Clock, access: Access) -> None:
    opened(role="wall", text_px=40.0)
    sit(room, msgspec.structs.replace(access, locks_s=600.0))
    clock.now_s += 10_000
    a_second(room)
    room.commands.run("access.lock")
    assert page(room) is Page.NONE and not room.desk.asked


def test_a_screen_that_is_cut_off_locks_and_tells_the_node_later(
    room: Room, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    sit(room, OFFICER)
    said: list[int] = []
    monkeypatch.setattr(room.desk, "lock", lambda: said.append(1))  # the link swallows it
    room.desk.link(up=False)
    room.pacer.tick()
    room.access.lock()
    assert page(room) is Page.LOCKED and len(said) == 1
    a_second(room)
    assert len(said) == 1
    room.desk.link(up=True)
    room.pacer.tick()
    a_second(room)
    assert len(said) == 2 and page(room) is Page.LOCKED


def test_nobody_leaves_a_console_that_is_cut_off_unnoticed(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.desk.link(up=False)
    room.commands.run("access.logout")
    assert not room.desk.asked and [n.key for n in room.notices.all()] == ["access.leaving"]
    room.access.lock()
    settle()
    assert not room.notices.all()
    form_of(window, LockedForm).buttons[1].click()
    assert form_of(window, LockedForm).refusal.text() and page(room) is Page.LOCKED


@pytest.mark.parametrize(
    ("access", "page"),
    [
        (NOBODY, Page.LOGIN),
        (Access(first=True), Page.FIRST),
        (Access(wall=True), Page.LOST),
        (Access(wall=True, person="w", locked=True), Page.NONE),
        (Access(person="a", locked=True, change_next=True), Page.LOCKED),
        (Access(person="a", change_next=True), Page.CHANGE),
        (Access(person="local", local=True, first=True), Page.NONE),
    ],
)
def test_each_standing_has_its_page(access: Access, page: Page) -> None:
    assert page_of(access) is page
