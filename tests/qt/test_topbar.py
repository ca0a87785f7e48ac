"""The top bar: its boards where there is little room; on a vehicle, where no tile tells what the system lacks."""

from __future__ import annotations

from collections import Counter

import msgspec
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from console.api import Board, Notice, Severity, Text
from console.shell.board_counts import BOARDS, kept_boards
from console.shell.screens import ScreenStyle
from console.shell.topbar import TopBar
from tests.shell_fakes import Room
from widgets.kit.tokens import look

FULL = Notice(
    key="store",
    severity=Severity.ERROR,
    summary=Text("历史数据写不下去", "History cannot be kept"),
    tip=Text("清出磁盘空间", "Free some disk space"),
)


def fault_pixels(bar: TopBar) -> list[int]:
    """Columns in which the colour of a fault is painted."""
    image = bar.grab().toImage()
    wanted = look.tokens.fault.rgb()
    return [x for x in range(image.width()) if any(image.pixel(x, y) == wanted for y in range(image.height()))]


def test_a_vehicle_tells_of_a_notice_and_a_touch_shows_what_to_do(room: Room) -> None:
    bar = TopBar(room.session, ScreenStyle(role="vehicle", text_px=15.0))
    bar.resize(1366, bar.height())
    bar.show()
    assert fault_pixels(bar) == []
    room.notices.raise_(FULL)
    columns = fault_pixels(bar)
    assert columns, "a notice that asks for something must be seen"
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(columns[len(columns) // 2], bar.height() // 2))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["历史数据写不下去 · 清出磁盘空间"]
    menu.close()
    room.notices.raise_(msgspec.structs.replace(FULL, tip=Text("看 M&S 存储", "look at M&S")))
    with_and = bar._notices_menu()
    assert [action.text() for action in with_and.actions()] == ["历史数据写不下去 · 看 M&&S 存储"], (
        "a & is one on screen"
    )
    with_and.deleteLater()
    room.notices.clear("store")
    assert fault_pixels(bar) == []
    bar.close()


def test_what_only_informs_stays_quiet(room: Room) -> None:
    bar = TopBar(room.session, ScreenStyle(role="vehicle", text_px=15.0))
    bar.resize(1366, bar.height())
    room.notices.raise_(Notice(key="x", severity=Severity.INFO, summary=Text("好", "fine")))
    assert fault_pixels(bar) == []
    bar.close()


def test_a_narrow_bar_drops_the_calm_boards_first() -> None:
    counts = {board: Counter[int]() for board in BOARDS}
    counts[Board.LIFELINE][1], counts[Board.PRODUCTION][2], counts[Board.NATURAL][1] = 1, 1, 1
    wide = dict.fromkeys(BOARDS, 100.0)
    assert kept_boards(counts, wide, 400) == list(BOARDS)
    assert kept_boards(counts, wide, 300) == [Board.LIFELINE, Board.PRODUCTION, Board.NATURAL]
    assert kept_boards(counts, wide, 200) == [Board.LIFELINE, Board.NATURAL]
