"""What a console tells of itself: milestones once, notices when they change, counts once a second."""

from __future__ import annotations

from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.api import NS, Header, Notice, PanelSpec, Severity, Text
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.vitals import Vitals, foreign_modules
from tests.qt.recorder import Nothing, Recorder
from tests.qt.steps import until
from tests.shell_fakes import NOW_NS, FakeDrained, Room


class CountingRecorder(Recorder):
    """A panel that counts what it painted."""

    painted = 0


SPEC = PanelSpec(
    id="count", title=Text("数", "Count"), factory="tests.qt.test_vitals:CountingRecorder", settings=Nothing
)


def vitals(room: Room, *, full: bool) -> tuple[Vitals, list[dict[str, Any]]]:
    """Vitals over a room and what they told."""
    told: list[dict[str, Any]] = []
    return Vitals(room.session, room.pacer, lambda: 42, told.append, full=full), told


def test_the_first_paint_is_told_once(room: Room) -> None:
    made, told = vitals(room, full=True)
    window = QWidget()
    made.watch(window)
    window.resize(60, 40)
    window.show()
    until(lambda: bool(told))
    window.repaint()
    QTest.qWait(20)
    window.close()
    window.deleteLater()
    assert [line["painted"] for line in told] == [True]
    assert "PySide6.QtWidgets" in told[0]["modules"]


def test_milestones_of_tiles(room: Room) -> None:
    made, told = vitals(room, full=False)
    window = QWidget()
    QVBoxLayout(window)
    tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), "t/0")
    layout = window.layout()
    assert layout is not None
    layout.addWidget(tile)
    room.pacer.add_tile(tile)
    window.resize(300, 200)
    window.show()
    until(window.isVisible)
    room.pacer.tick()
    made.refresh(FakeDrained(), second=True)
    assert told == []
    assert isinstance(tile.panel, CountingRecorder)
    tile.panel.host.header(Header(data_ns=NOW_NS - NS))
    made.refresh(FakeDrained(), second=False)
    assert told == [], "a sample from before the start is no first value"
    tile.panel.host.header(Header(data_ns=NOW_NS + NS))
    tile.panel.painted = 3
    for _ in range(2):
        made.refresh(FakeDrained(), second=False)
    until(lambda: len(told) == 2)
    assert told == [{"shown": "count"}, {"first_value": True}]
    room.pacer.remove_tile(tile)
    tile.close_tile()
    window.close()
    window.deleteLater()


def test_notices_and_counts_only_when_asked(room: Room) -> None:
    quiet, quiet_told = vitals(room, full=False)
    made, told = vitals(room, full=True)
    room.session.notices.raise_(Notice(key="k", severity=Severity.WARNING, summary=Text("停了", "Stopped")))
    for each in (quiet, made):
        each.refresh(FakeDrained(), second=True)
    assert quiet_told == []
    assert told[0]["notices"][0] == {"key": "k", "severity": "warning", "text": "停了"}
    assert told[1]["stats"]["values"] == 42
    assert told[1]["stats"]["link_up"] is True


def test_foreign_modules_are_neither_ours_nor_pythons() -> None:
    found = foreign_modules()
    assert "msgspec" in found
    assert not any(name.startswith(("console", "widgets", "json", "asyncio")) for name in found)
