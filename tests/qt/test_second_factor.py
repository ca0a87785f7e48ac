"""A second factor of one's own, by keyboard over a fake desk: turned on, refused, locked in between, turned off."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Text
from console.shell.access.corner import account_menu
from console.shell.access.factor import FactorForm
from console.shell.access.forms import LoginForm
from console.shell.access.page import Page
from console.shell.window import MainWindow
from tests.qt.saying import cut_labels, saying
from tests.qt.seat import (
    GOOD,
    NOBODY,
    OFFICER,
    Open,
    a_second,
    enter,
    form_of,
    key,
    page,
    sit,
    typed,
)
from tests.qt.steps import settle
from tests.shell_fakes import Room

CHINESE = range(0x4E00, 0xA000)


def two_factors(room: Room) -> bool:
    return room.desk.access.two_factors


def begun(room: Room, window: MainWindow) -> FactorForm:
    """By its key, with the password given."""
    QTest.keyClick(
        window.windowHandle(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    settle()
    typed(GOOD)
    enter(room)
    form = form_of(window, FactorForm)
    assert room.access.enrolment is not None
    return form


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_turned_on_and_off_by_keyboard(room: Room, opened: Open, language: Literal["zh", "en"]) -> None:
    with saying(language, "access_zh"):
        room.language.set(language)
        window = opened()
        sit(room, OFFICER)
        form = begun(room, window)
        labels = (form.head, form.lead, form.once, form.code.label, form.uri.label)
        for text in [label.text() for label in labels] + [button.text() for button in form.buttons]:
            assert any(ord(letter) in CHINESE for letter in text) is (language == "zh"), text
        assert not cut_labels(form)
    assert form.key.text() == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert "西咸" in form.whose.text() and "liweiguo" in form.whose.text()
    assert form.uri.field.text() == room.desk.enrolment.uri
    assert QApplication.focusWidget() is form.code.field
    typed("111111")
    enter(room)
    assert form.refusal.text() and page(room) is Page.FACTOR and not two_factors(room)
    assert form.key.text().startswith("GEZD"), "a wrong code ends nothing"
    typed(room.desk.code)
    enter(room)
    assert two_factors(room) and page(room) is Page.NONE
    assert [notice.key for notice in room.notices.all()] == ["access.factor"]
    assert room.access.enrolment is None

    room.commands.run("access.factor")
    settle()
    typed(GOOD)
    key(Qt.Key.Key_Return)
    typed(room.desk.code)
    enter(room)
    assert not two_factors(room) and page(room) is Page.NONE
    assert room.desk.asked[-1] == ("factor off", room.desk.code)


def test_the_widest_secret_leaves_every_field_its_room(room: Room, opened: Open) -> None:
    room.desk.enrolment = msgspec.structs.replace(room.desk.enrolment, secret="M" * 32)
    window = opened()
    sit(room, OFFICER)
    form = begun(room, window)
    settle()
    for labelled in (form.uri, form.code):
        assert labelled.field.geometry().bottom() < labelled.height() >= labelled.heightForWidth(labelled.width())
    assert not cut_labels(form)


def test_a_wrong_password_shows_no_secret(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.commands.run("access.factor")
    settle()
    typed("not the one")
    enter(room)
    form = form_of(window, FactorForm)
    assert form.refusal.text() and form.key.isHidden() and form.uri.isHidden()
    key(Qt.Key.Key_Escape)
    assert page(room) is Page.NONE


def test_the_secret_is_gone_with_its_page(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    form = begun(room, window)
    form.buttons[1].click()
    assert QGuiApplication.clipboard().text() == room.desk.enrolment.uri
    room.access.lock()
    settle()
    assert page(room) is Page.LOCKED and room.access.enrolment is None
    assert room.desk.enrolment.secret not in QGuiApplication.clipboard().text()
    typed(GOOD)
    enter(room)
    form = form_of(window, FactorForm)
    assert form.key.isHidden(), "it is begun anew"
    assert QApplication.focusWidget() is form.password.field


def test_an_answer_that_comes_while_the_screen_is_locked_is_not_kept(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.commands.run("access.factor")
    settle()
    typed(GOOD)
    key(Qt.Key.Key_Return)
    room.access.lock()
    room.tasks.run_all()
    settle()
    assert window.cover is not None and room.access.enrolment is None


def test_pictures_and_notices_hold_no_secret(
    room: Room, opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = opened()
    sit(room, OFFICER)
    monkeypatch.setattr(FactorForm, "masked", True)
    pictures: list[QImage] = []
    for secret in ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"):
        room.desk.enrolment = msgspec.structs.replace(
            room.desk.enrolment, secret=secret, uri=f"otpauth://totp/x?secret={secret}"
        )
        form = begun(room, window)
        assert secret not in form.key.text() + form.uri.field.text()
        form.head.setFocus()
        pictures.append(form.grab().toImage())
        room.access.leave_page()
        settle()
        said = caplog.text + repr(room.notices.all()) + repr(room.desk.asked) + repr(room.access.said)
        assert secret not in said
    assert pictures[0] == pictures[1]


def test_it_stands_in_the_account_menu_of_who_has_an_account(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    menu = account_menu(window, room.session)
    assert any("二次验证" in action.text() for action in menu.actions())
    menu.close()
    sit(room, msgspec.structs.replace(OFFICER, local=True))
    room.commands.run("access.factor")
    assert page(room) is Page.NONE


def test_the_log_in_page_counts_down_until_another_try_is_of_use(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, NOBODY)
    room.desk.refusal = Text("失败次数过多，请 2 分钟后再试", "too many failures: try again in 2 min")
    typed("liweiguo")
    key(Qt.Key.Key_Return)
    typed("not the one")
    room.desk.retry_s = 95.0
    enter(room)
    form = form_of(window, LoginForm)
    said = []
    for left in (95.0, 61.0, 3.0):
        room.desk.retry_s = left
        a_second(room)
        said.append(form.refusal.text())
    assert len(set(said)) == 3 and all(text.startswith(room.desk.refusal.zh) for text in said)
    typed("x")
    assert form.refusal.text() == said[-1], "what is still so is not taken off by typing"
    room.desk.retry_s = 0.0
    a_second(room)
    assert "再试" in form.refusal.text() and room.desk.refusal.zh not in form.refusal.text()
