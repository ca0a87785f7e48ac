"""The board matrix as a person sees it, from a host filled by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import NS, Alarm, AlarmState, Area, Domain, Quality, Sensor, Text
from tests.fakes import NOW_NS, FakeHost
from tests.qt.panel_making import Make, PaintedRegions
from tests.qt.seen import Seen
from tests.qt.steps import until
from tests.scenes import quiet, storm
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.kit.tokens import look


@pytest.fixture
def host() -> FakeHost:
    made = FakeHost(language="en")
    storm(made)
    return made


def shown(make: Make, host: FakeHost) -> BoardMatrixPanel:
    panel = make(host, lambda host: BoardMatrixPanel(host, BoardMatrixSettings()), 500, 376)
    assert isinstance(panel, BoardMatrixPanel)
    return panel


def cell(panel: BoardMatrixPanel, domain: str, area: str) -> dict[str, Any]:
    return next((c for c in panel.evidence() if (c["domain"], c["area"]) == (domain, area)), {})


def test_cells_count_alarms_and_show_the_worst(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    assert cell(panel, "gas", "fengdong") == {
        "domain": "gas",
        "area": "fengdong",
        "priority": 1,
        "alarms": 5,
        "stopped": 0,
    }
    assert cell(panel, "drain", "fengxi")["priority"] == 2
    assert cell(panel, "water", "fengdong") == {}
    assert cell(panel, "build", "konggang")["stopped"] == 3


def test_rows_are_trades_by_board_with_their_streams(
    make: Make, host: FakeHost, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen(monkeypatch)
    texts = seen.of(shown(make, host)).splitlines()
    assert texts.index("Gas") < texts.index("Fire") < texts.index("Chemicals") < texts.index("Flood")
    assert texts[texts.index("Gas") + 1] == "373"
    assert {"Fengdong", "Jinghe", "Streams"} <= set(texts)
    assert not seen.cut


@pytest.mark.parametrize("width", [349, 404, 430])
def test_every_heading_is_whole_on_a_narrow_screen(
    make: Make, host: FakeHost, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    panel = make(host, lambda host: BoardMatrixPanel(host, BoardMatrixSettings()), width, 404)
    seen = Seen(monkeypatch)
    texts = seen.of(panel).splitlines()
    assert {"Fengdong", "Fengxi", "Qinhan", "Konggang", "Jinghe"} <= set(texts)
    assert not seen.cut


def test_an_acknowledged_cell_is_an_outline(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    before = panel.grab().toImage()
    host.put(msgspec.structs.replace(host.entities(Alarm)["a3"], state=AlarmState.ACKNOWLEDGED))
    panel.update_frame(host.frame())
    after = panel.grab().toImage()
    changed = {
        (x // 64, y // 24)
        for y in range(0, 376, 4)
        for x in range(0, 500, 4)
        if before.pixel(x, y) != after.pixel(x, y)
    }
    assert changed
    assert len(changed) <= 4, "one cell changed, not the whole"


def test_nothing_measured_there_is_no_cell_and_nothing_heard_is_no_bar(make: Make) -> None:
    host = FakeHost()
    host.put(
        Area(id="root"), Area(id="a", parent="root", name=Text("甲")), Area(id="b", parent="root", name=Text("乙"))
    )
    host.put(Domain(id="gas", name=Text("燃气")), Sensor(id="s", domain="gas", area="a", normal=0.0))
    panel = shown(make, host)
    assert cell(panel, "gas", "a")["stopped"] == 1
    assert cell(panel, "gas", "b") == {}


def test_a_bad_value_is_a_fault_and_no_bar(make: Make) -> None:
    host = FakeHost()
    quiet(host)
    panel = shown(make, host)
    assert cell(panel, "water", "fengdong") == {}
    host.sample("water-0", 99.0, q=Quality.BAD)
    panel.update_frame(host.frame(after_s=1.0))
    assert cell(panel, "water", "fengdong")["stopped"] == 1
    host.sample("water-0", 0.2)
    panel.update_frame(host.frame(after_s=1.0))
    assert cell(panel, "water", "fengdong") == {}


def test_a_lost_link_turns_cells_into_faults_after_their_time(make: Make) -> None:
    host = FakeHost()
    quiet(host)
    panel = shown(make, host)
    assert panel.evidence() == []
    panel.update_frame(host.frame(after_s=30.0))
    assert cell(panel, "gas", "fengdong")["stopped"] > 60


def test_keys_walk_and_enter_selects_the_worst_alarm(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(150, 36))
    assert host.selection == "sensor:G-117"
    QTest.keyClick(panel, Qt.Key.Key_Down)
    QTest.keyClick(panel, Qt.Key.Key_Down)
    QTest.keyClick(panel, Qt.Key.Key_Right)
    QTest.keyClick(panel, Qt.Key.Key_Return)
    assert host.selection == "sensor:TW"


def test_a_calm_cell_selects_the_stream_nearest_to_its_limit(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    host.sample("water-5", 0.97)
    panel.update_frame(host.frame(after_s=1.0))
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(150, 60))
    assert host.selection == "sensor:water-5"


def test_only_cells_that_changed_are_painted(make: Make, host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "motion", False)  # no blinking between
    panel = shown(make, host)
    QTest.qWait(30)
    regions = PaintedRegions()
    panel.installEventFilter(regions)
    panel.update_frame(host.frame(after_s=1.0))
    QTest.qWait(30)
    assert not [r for r in regions.rects if r.width() > 80 or r.height() > 40]
    regions.rects.clear()
    host.sample("water-5", 0.97)
    panel.update_frame(host.frame(after_s=1.0))
    until(lambda: regions.rects)
    QTest.qWait(30)  # what else is painted
    assert all(r.width() < 80 and r.height() < 40 for r in regions.rects)
    panel.removeEventFilter(regions)


def test_ages_follow_the_frame_and_not_the_machine(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    panel.update_frame(host.frame(after_s=2.0))
    assert host.headers[-1].data_ns == NOW_NS - NS


def test_too_low_for_every_trade_shows_whole_boards(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    panel.resize(500, 160)
    assert cell(panel, "lifeline", "fengdong")["alarms"] == 5
    assert cell(panel, "natural", "fengxi")["priority"] == 1
    panel.resize(500, 376)
    assert cell(panel, "gas", "fengdong")["alarms"] == 5
