"""The alarm list as a person sees it, from a host filled by hand."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from console.api import NS, ActStanding, Alarm, AlarmState, Freshness, IntentState, Limit, Sensor, Shift, Text
from tests.fakes import NOW_NS, FakeHost
from tests.qt.panel_making import Make
from tests.qt.seen import Seen
from tests.scenes import quiet, storm
from widgets.alarms.panel import AlarmsPanel
from widgets.alarms.rows import runs, trend_of
from widgets.alarms.spec import AlarmsSettings
from widgets.kit.tokens import look


@pytest.fixture
def host() -> FakeHost:
    made = FakeHost(language="en")
    storm(made)
    return made


@pytest.fixture
def seen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Seen:
    return Seen(monkeypatch)


def shown(make: Make, host: FakeHost, area: str = "") -> AlarmsPanel:
    panel = make(host, lambda host: AlarmsPanel(host, AlarmsSettings(area=area)), 500, 800)
    assert isinstance(panel, AlarmsPanel)
    return panel


def rows(panel: AlarmsPanel) -> QAbstractScrollArea:
    proxy = panel.focusProxy()
    assert isinstance(proxy, QAbstractScrollArea)
    return proxy


def badge_colour(panel: AlarmsPanel, row: int) -> QColor:
    """A pixel of the row's badge beside its number."""
    return panel.grab().toImage().pixelColor(14, 88 * row + 26)


def change(host: FakeHost, panel: AlarmsPanel, alarm: str, **fields: object) -> None:
    host.put(msgspec.structs.replace(host.entities(Alarm)[alarm], **fields))
    panel.update_frame(host.frame())


def test_most_urgent_first_and_one_row_a_cause(make: Make, host: FakeHost, seen: Seen) -> None:
    panel = shown(make, host)
    assert [row["alarm"] for row in panel.evidence()] == ["a1", "a2", "a3", "a4", "a5", "a6"]
    texts = seen.of(panel)
    assert "limit 0.20　5 of one cause: G-115…G-119" in texts
    assert "Leak suspected　first: close valve V-31" in texts
    assert "42 s not acked" in texts
    assert "李卫国 acknowledged 02:36　incident 0718-03" in texts
    assert host.headers[-1].scope == "6 groups of 10, 3 not acked"


def test_an_alarm_of_higher_priority_goes_on_top(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    sensor = Sensor(id="new", site=Text("新", "new"), limits=(Limit(priority=1, value=1.0),))
    host.put(sensor, Alarm(id="new", sensor="new", priority=1, state=AlarmState.UNACKNOWLEDGED, raised_ns=NOW_NS))
    panel.update_frame(host.frame(after_s=1.0))
    assert next(iter(panel.evidence()))["alarm"] == "new"


def test_acknowledged_is_an_outline_and_says_by_whom(make: Make, host: FakeHost, seen: Seen) -> None:
    panel = shown(make, host)
    assert badge_colour(panel, 0) == look.tokens.priority[1].fill
    for group_member in ("a1", "m115", "m116", "m118", "m119"):
        change(host, panel, group_member, state=AlarmState.ACKNOWLEDGED, acknowledged_by="王芳", acknowledged_ns=NOW_NS)
    assert badge_colour(panel, 0) == look.tokens.tile
    assert "王芳 acknowledged 03:14" in seen.of(panel)
    host.put(Shift(id="now", officer=Text("王芳", "Wang Fang")))
    change(host, panel, "a1", acknowledged_ns=NOW_NS + 60 * NS)
    assert "Wang Fang acknowledged 03:15" in seen.of(panel)


def test_returned_without_acknowledgement_stays_and_says_so(make: Make, host: FakeHost, seen: Seen) -> None:
    panel = shown(make, host)
    change(host, panel, "a3", state=AlarmState.RETURNED, ended_ns=NOW_NS)
    assert "6 min returned" in seen.of(panel)


def test_ended_and_shelved_ones_leave_and_are_counted(make: Make, host: FakeHost, seen: Seen) -> None:
    panel = shown(make, host)
    change(host, panel, "a5", state=AlarmState.NORMAL, ended_ns=NOW_NS)
    change(host, panel, "a6", state=AlarmState.SHELVED)
    assert [row["alarm"] for row in panel.evidence()] == ["a1", "a2", "a3", "a4"]
    assert "III and lower 0   shelved 1   merged 4" in seen.of(panel)


def test_an_empty_list_says_what_would_be_in_it_and_the_last_ones(make: Make, seen: Seen) -> None:
    calm = FakeHost(language="en")
    quiet(calm)
    texts = seen.of(shown(make, calm))
    assert "No open alarms" in texts
    assert "Closed last: 4" in texts
    assert "lasted 22 min" in texts
    assert "0 in 10 min" in texts


def test_keys_and_clicks_move_the_one_selection(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    port = rows(panel).viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(200, 130))
    assert host.selection == "sensor:YJQ"
    QTest.keyClick(rows(panel), Qt.Key.Key_Down)
    assert host.selection == "sensor:TW"
    QTest.keyClick(rows(panel), Qt.Key.Key_Up)
    QTest.keyClick(rows(panel), Qt.Key.Key_Up)
    assert host.selection == "sensor:G-117"
    QTest.keyClick(rows(panel), Qt.Key.Key_Return)
    assert host.commands == ["chart.show"]


def test_a_selection_made_elsewhere_is_outlined(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    edge = QPoint(1, 88 + 40)
    assert panel.grab().toImage().pixelColor(edge) == look.tokens.tile
    host.select("sensor:YJQ")
    panel.update_frame(host.frame())
    assert panel.grab().toImage().pixelColor(edge) == look.tokens.focus


def test_a_late_value_keeps_standing_and_bears_its_age(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    calm = panel.grab().toImage()
    host.sample("G-117", 0.08, age_s=360.0)
    panel.update_frame(host.frame(after_s=1.0))
    late = panel.grab().toImage()
    chip = [late.pixelColor(x, 69) for x in range(400, 498)]
    assert look.tokens.fault_fill in chip
    assert look.tokens.fault_fill not in [calm.pixelColor(x, 69) for x in range(400, 498)]
    assert next(iter(panel.evidence()))["value"] == "0.08"


def test_an_alarm_of_a_sensor_that_is_not_known_shows_its_own_value(make: Make, host: FakeHost, seen: Seen) -> None:
    host.put(
        Alarm(id="x", sensor="ghost", priority=1, state=AlarmState.UNACKNOWLEDGED, value=7.5, raised_ns=NOW_NS + NS)
    )
    panel = shown(make, host)
    first = next(iter(panel.evidence()))
    assert (first["title"], first["value"]) == ("ghost", "7.50")
    assert "sensor not known here" in seen.of(panel)


def test_only_the_settings_area(make: Make, host: FakeHost) -> None:
    assert [row["alarm"] for row in shown(make, host, area="fengxi").evidence()] == ["a2", "a3"]
    assert len(list(shown(make, host, area="xixian").evidence())) == 6


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["G-117", "G-115", "G-116"], ["G-115…G-117"]),
        (["G-117", "G-115", "G-119"], ["G-115", "G-117", "G-119"]),
        (["G-117", "井 3"], ["G-117", "井 3"]),
        (["a", "a"], ["a"]),
        ([], []),
    ],
)
def test_runs_leave_no_gap(names: list[str], told: list[str]) -> None:
    assert runs(names) == told


@pytest.mark.parametrize(
    ("rate_per_s", "digits", "sign"),
    [(0.05, 0, 1), (-0.05 / 60, 2, -1), (0.001, 0, 0), (float("nan"), 2, 0), (float("inf"), 2, 0), (0.0, 3, 0)],
)
def test_a_trend_is_what_the_last_digit_shows(rate_per_s: float, digits: int, sign: int) -> None:
    assert trend_of(rate_per_s, digits) == sign


def test_in_a_flood_only_rows_in_sight_are_worded(make: Make, host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(500):
        host.put(Alarm(id=f"f{i}", sensor=f"water-{i}", priority=3, state=AlarmState.UNACKNOWLEDGED, raised_ns=NOW_NS))
    asked: list[str] = []
    freshness = host.freshness

    def noted(sensor: str) -> Freshness:
        asked.append(sensor)
        return freshness(sensor)

    monkeypatch.setattr(host, "freshness", noted)
    shown(make, host).grab()
    assert 5 < len(asked) < 30


def test_to_send_saved_and_refused_look_different_in_the_row_where_it_was_done(make: Make, host: FakeHost) -> None:
    panel = shown(make, host)
    seen = [panel.grab().toImage()]
    for state in (IntentState.PENDING, IntentState.SAVED, IntentState.REFUSED):
        host.acts["m116"] = ActStanding(name="alarm.acknowledge", entity="m116", state=state, since_ns=NOW_NS)
        change(host, panel, "m116")
        seen.append(panel.grab().toImage())
    assert all(one != other for n, one in enumerate(seen) for other in seen[:n])
    host.acts.clear()
    change(host, panel, "m116")
    assert panel.grab().toImage() == seen[0]
