"""Walls without rights, broken glass, the account and what an empty screen says, over a fake desk: by what is seen."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from console.api import NS, Access, Text
from console.shell.access.corner import account_menu, facts, pieces
from console.shell.access.glass import GlassSheet
from console.shell.access.new_password import FirstForm
from console.shell.access.page import POLICY, Page
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.tile_header import TileHeader
from tests.qt.recorder import SPEC, Nothing
from tests.qt.seat import (
    HOUR_NS,
    OFFICER,
    WALL,
    Open,
    enter,
    form_of,
    key,
    page,
    sit,
    typed,
)
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room


def test_a_wall_without_rights_says_so_in_words(room: Room, opened: Open) -> None:
    window = opened("city", role="wall", text_px=40.0)
    sit(room, WALL)
    assert window.mosaic is not None and window.mosaic.isVisible()
    sit(room, msgspec.structs.replace(WALL, person="", reason=Text("证书已吊销", "the certificate was revoked")))
    assert window.cover is not None and window.cover.form is not None and not window.mosaic.isVisible()
    assert "证书已吊销" in window.cover.form.lead.text()
    assert not window.cover.form.findChildren(QLineEdit)
    sit(room, WALL)
    assert window.mosaic.isVisible()


def test_a_broken_glass_is_seen_on_every_window(room: Room, opened: Open) -> None:
    windows = [
        opened(),
        opened(top_bar=False),
        opened(top_bar=False, detached=True),
        opened(role="wall", text_px=40.0, top_bar=False),
    ]
    sit(room, OFFICER)
    whole = [window.grab().toImage() for window in windows]
    room.desk.stand(glass_until_ns=NOW_NS + 1800 * NS)
    ticks(room, 2)
    broken = [window.grab().toImage() for window in windows]
    assert all(a != b for a, b in zip(whole, broken, strict=True))
    room.desk.now_ns += 600 * NS
    for window in windows:
        window.refresh(room.desk.drained(), second=True)
    later = [window.grab().toImage() for window in windows]
    assert all(a != b for a, b in zip(broken, later, strict=True)), "the time that is left stands still"


def test_the_glass_is_broken_for_a_reason_in_words_and_mended(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.commands.run("access.break_glass")
    settle()
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, GlassSheet) and w.isVisible())
    typed("急  ")
    enter(room)
    assert sheet.isVisible() and sheet.refusal.text() and not room.desk.asked
    room.desk.forbidden = frozenset({"office"})
    typed("燃气泄漏无人值守")
    enter(room)
    assert sheet.refusal.text() == "管理员不能破窗"
    room.desk.forbidden = frozenset()
    enter(room)
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, GlassSheet) and w.isVisible()]
    assert room.desk.access.glass_until_ns
    assert room.desk.asked[-1] == ("glass", "急  燃气泄漏无人值守")
    room.commands.run("access.mend_glass")
    assert not room.desk.access.glass_until_ns
    assert window.isVisible()


def test_who_may_not_break_the_glass_has_no_such_command(room: Room, opened: Open) -> None:
    opened()
    room.desk.forbidden = frozenset({"break_glass"})
    sit(room, OFFICER)
    able = {c.spec.id for c in room.commands.all() if room.commands.able(c)}
    assert "access.lock" in able and not {"access.break_glass", "access.mend_glass"} & able


def texts(access: Access, level: int = 0) -> str:
    return " ".join(piece.text for piece in pieces(access, NOW_NS, "en", level))


def test_the_corner_says_who_and_how_old_the_policy_is() -> None:
    assert "Li Weiguo" in texts(OFFICER) and "Duty officer" in texts(OFFICER) and "12" in texts(OFFICER)
    for level in range(3):
        past = msgspec.structs.replace(OFFICER, policy_expires_ns=NOW_NS - 1)
        assert any(piece.fault for piece in pieces(past, NOW_NS, "en", level))
        ending = msgspec.structs.replace(OFFICER, ends_ns=NOW_NS + 540 * NS)
        assert "9 min" in texts(ending, level)
    assert "12" not in texts(msgspec.structs.replace(OFFICER, local=True))


def test_a_policy_near_its_end_and_a_session_near_its_end_are_notices(room: Room) -> None:
    sit(room, OFFICER)
    assert not room.notices.all()
    issued_ns, ends_ns = NOW_NS - 60 * HOUR_NS, NOW_NS + 599 * NS
    near = msgspec.structs.replace(OFFICER, policy_issued_ns=issued_ns, policy_expires_ns=NOW_NS + 12 * HOUR_NS)
    sit(room, msgspec.structs.replace(near, ends_ns=ends_ns))
    assert {n.key for n in room.notices.all()} == {POLICY, "access.ending"}
    sit(room, msgspec.structs.replace(OFFICER, policy_expires_ns=NOW_NS - HOUR_NS))
    notice = next(n for n in room.notices.all() if n.key == POLICY)
    assert "emergency acts in the own area only" in notice.summary.of("en") and "acknowledge" in notice.tip.of("en")
    sit(room, OFFICER)
    assert not room.notices.all()


def test_the_account_menu_has_its_facts_and_acts(room: Room, opened: Open) -> None:
    window = opened()
    sit(room, OFFICER)
    room.language.set("en")
    assert len(facts(OFFICER, NOW_NS, "en")) == 4
    menu = account_menu(window, room.session)
    shown = " ".join(action.text() for action in menu.actions())
    for words in ("Li Weiguo", "Lock the screen", "Switch person", "Change password", "Break the glass", "Log out"):
        assert words in shown
    next(action for action in menu.actions() if action.text().startswith("Lock")).trigger()
    assert page(room) is Page.LOCKED
    menu.close()


def test_an_empty_screen_of_who_may_not_look_is_not_calm(room: Room, opened: Open) -> None:
    window = opened()
    tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), "a/3")
    window.set_mosaic(tile)
    room.pacer.add_tile(tile)
    sit(room, OFFICER)
    head = tile.findChild(TileHeader)
    assert window.strip is not None and head is not None
    ticks(room, 4)
    assert head.header.scope and head.header.data_ns
    calm = window.strip.grab().toImage(), tile.grab().toImage()
    sit(room, msgspec.structs.replace(OFFICER, person="wangfang", name=OFFICER.name, may={}))
    ticks(room, 4)
    told = window.strip.grab().toImage(), tile.grab().toImage()
    assert calm[0] != told[0] and calm[1] != told[1]
    assert not head.header.scope and not head.header.data_ns, "what may not be looked at is not counted either"
    room.pacer.remove_tile(tile)
    tile.close_tile()


def test_what_waits_to_be_sent_is_asked_for_before_one_leaves(room: Room, opened: Open) -> None:
    opened()
    sit(room, OFFICER)
    room.desk.waiting = 2
    room.commands.run("access.logout")
    assert room.desk.access.person and room.tasks.waiting
    room.tasks.close()
    room.desk.waiting = 0
    room.commands.run("access.logout")
    assert page(room) is Page.LOGIN


def test_nobody_is_asked_on_a_machine_without_people(room: Room, opened: Open) -> None:
    window = opened()
    room.access.follow()
    assert window.cover is None and page(room) is Page.NONE
    assert not [c for c in room.commands.all() if c.spec.id.startswith("access.") and room.commands.able(c)]
    sit(room, msgspec.structs.replace(room.desk.access, first=True))
    room.commands.run("access.first")
    settle()
    form_of(window, FirstForm).code.field.setFocus()
    key(Qt.Key.Key_Escape)
    assert page(room) is Page.NONE
