"""Incidents, posts, notices and the vehicle's queue as a person sees them, from a host filled by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from console.api import NS, Alarm, Area, Incident, Notice, Post, Sensor, Severity, Text
from tests.fakes import NOW_NS, FakeHost
from tests.qt.panel_making import PaintedRegions
from tests.qt.saying import saying
from tests.qt.seen import Seen
from tests.qt.steps import until
from tests.scenes import quiet, storm
from widgets.alarms.panel import AlarmsPanel
from widgets.alarms.spec import AlarmsSettings
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import IncidentsSettings
from widgets.kit.body import PanelBody
from widgets.kit.tokens import look
from widgets.notices.panel import NoticesPanel
from widgets.notices.spec import NoticesSettings
from widgets.posts.panel import PostsPanel
from widgets.posts.spec import PostsSettings
from widgets.queue.panel import QueuePanel
from widgets.queue.spec import QueueSettings

DESK: dict[str, tuple[Callable[[FakeHost], PanelBody[Any]], int, int]] = {
    "alarms": (lambda host: AlarmsPanel(host, AlarmsSettings()), 500, 524),
    "board_matrix": (lambda host: BoardMatrixPanel(host, BoardMatrixSettings()), 500, 376),
    "incidents": (lambda host: IncidentsPanel(host, IncidentsSettings()), 520, 300),
    "posts": (lambda host: PostsPanel(host, PostsSettings()), 520, 240),
    "notices": (lambda host: NoticesPanel(host, NoticesSettings()), 500, 200),
    "queue": (lambda host: QueuePanel(host, QueueSettings()), 1366, 84),
}
"""How each is made, and its size in the standard presets."""


@pytest.fixture
def seen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Seen:
    return Seen(monkeypatch)


@pytest.fixture
def made(qapp: QApplication) -> Iterator[Callable[[str, FakeHost], PanelBody[Any]]]:
    panels: list[PanelBody[Any]] = []

    def make(name: str, host: FakeHost) -> PanelBody[Any]:
        factory, width, height = DESK[name]
        panel = factory(host)
        panel.resize(width, height)
        panel.show()
        panel.update_frame(host.frame(seeked=True))
        panels.append(panel)
        return panel

    yield make
    look.set_mode("night")
    for panel in panels:
        panel.close_panel()
        panel.close()
        panel.deleteLater()
    QApplication.sendPostedEvents()


Make = Callable[[str, FakeHost], PanelBody[Any]]


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", DESK)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scene", [quiet, storm])
def test_no_text_is_cut_in_the_standard_size(
    made: Make, seen: Seen, name: str, language: str, scene: Callable[[FakeHost], None]
) -> None:
    host = FakeHost(role="vehicle" if name == "queue" else "desk", language=language)
    scene(host)
    with saying(language, "lists_zh"):
        assert seen.of(made(name, host))
        assert not seen.cut


@pytest.mark.parametrize("name", DESK)
def test_a_change_of_language_changes_every_text(made: Make, seen: Seen, name: str) -> None:
    host = FakeHost(language="en")
    storm(host)
    panel = made(name, host)
    before = seen.of(panel)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in before.replace("李卫国", "").replace("西咸中心", ""))
    host.language = "zh"
    with saying("zh", "lists_zh"):
        panel.configure(panel.settings)
        panel.update_frame(host.frame(seeked=True))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in seen.of(panel).replace("李卫国", ""))


@pytest.mark.parametrize("name", DESK)
def test_day_paints_on_a_light_ground(made: Make, name: str) -> None:
    host = FakeHost()
    quiet(host)
    panel = made(name, host)
    QTest.qWait(20)
    regions = PaintedRegions()
    inner = panel.focusProxy()
    (inner.viewport() if isinstance(inner, QAbstractScrollArea) else panel).installEventFilter(regions)
    look.set_mode("day")
    until(lambda: regions.rects)  # it is painted anew by itself
    assert panel.grab().toImage().pixelColor(3, panel.height() - 3).lightness() > 150


@pytest.mark.parametrize("name", DESK)
@pytest.mark.parametrize("role", ["desk", "vehicle", "wall"])
def test_nothing_known_and_odd_things_are_survived(made: Make, name: str, role: Any) -> None:
    host = FakeHost(role=role)
    panel = made(name, host)
    panel.grab()
    host.put(
        Sensor(id="odd", domain="no such", area="no such", stale_after_s=0.0),
        Alarm(id="of nothing", sensor="never heard of", priority=1, value=float("nan"), raised_ns=NOW_NS),
        Alarm(id="of odd", sensor="odd", priority=4, limit=99, raised_ns=NOW_NS + NS),
        Incident(id="odd", grade=9, steps=0, step=7, fact_done=float("nan"), fact_of=3.0, area="no such"),
        Post(id="odd", position="never heard of", link_up=False),
    )
    host.notice(Notice(key="odd", severity=Severity.INFO, summary=Text("")))
    host.sample("odd", float("nan"))
    panel.update_frame(host.frame(after_s=1.0))
    panel.grab()
    assert panel.freeze().png


# ---------------------------------------------------------------- incidents


def test_incidents_stand_by_grade_with_running_time_and_report(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    storm(host)
    panel = made("incidents", host)
    texts = seen.of(panel).splitlines()
    order = [texts.index(t) for t in texts if t.startswith("0718-")]
    assert [texts[i] for i in order] == [
        "0718-03 Feng River over danger level",
        "0718-05 Tongwen underpass",
        "0718-04 Xianhu Road tree down",
    ]
    assert {"38 min", "report in 22 min", "moved 412 / 620", "to be closed"} <= set(texts)
    assert host.headers[-1].scope == "3 open"
    panel.update_frame(host.frame(after_s=1500.0))
    assert "report overdue 3 min" in seen.of(panel)


def test_incidents_are_those_of_the_area_and_those_of_nobody_knows_where(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    storm(host)
    host.put(Area(id="mawang", parent="fengdong"))
    host.put(msgspec.structs.replace(host.entities(Incident)["i5"], area="mawang"))
    host.put(msgspec.structs.replace(host.entities(Incident)["i4"], area=""))
    panel = made("incidents", host)
    panel.configure(IncidentsSettings(area="fengdong"))
    texts = seen.of(panel)
    assert host.headers[-1].scope == "2 open"
    assert "0718-05" in texts
    assert "0718-04" in texts, "nobody has said where it is"
    assert "0718-03" not in texts


def test_a_picked_incident_is_the_selection_of_the_console(made: Make) -> None:
    host = FakeHost()
    storm(host)
    panel = made("incidents", host)
    rows = panel.focusProxy()
    assert isinstance(rows, QAbstractScrollArea)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 120))
    assert host.selection == "incident:i5"


def test_no_incident_says_what_would_be_here_and_the_last_ones(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    quiet(host)
    texts = seen.of(made("incidents", host))
    assert "No open incidents" in texts
    assert "Fri 21:14" in texts
    assert "0717-11 Lift stuck" in texts


def test_a_wall_shows_the_gravest_incident_alone(made: Make, seen: Seen) -> None:
    host = FakeHost(role="wall", language="en", text_px=64)
    storm(host)
    panel = made("incidents", host)
    panel.resize(1900, 330)
    panel.update_frame(host.frame(seeked=True))
    texts = seen.of(panel)
    assert "Feng River over danger level" in texts
    assert "Xianhu" not in texts


# ---------------------------------------------------------------- posts


def test_a_post_that_is_cut_off_says_since_when_and_what_waits(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    storm(host)
    panel = made("posts", host)
    texts = seen.of(panel).splitlines()
    assert "waits 14" in texts
    assert host.headers[-1].scope == "1 cut off"
    assert host.headers[-1].right == "7 in all"
    cut = {row["ref"]: row["cut_s"] for row in panel.evidence()}
    assert cut["post:m2"] == 372
    assert cut["post:m1"] == -1
    host.put(msgspec.structs.replace(host.entities(Post)["m2"], link_up=True, queued=0))
    panel.update_frame(host.frame(after_s=1.0))
    assert host.headers[-1].scope == "all on line"


def test_ages_of_positions_grow_with_the_node_clock(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    quiet(host)
    panel = made("posts", host)
    assert "9 s" in seen.of(panel).splitlines()
    panel.update_frame(host.frame(after_s=5.0))
    assert "14 s" in seen.of(panel).splitlines()


# ---------------------------------------------------------------- notices and queue


def test_notices_stand_worst_first_and_go_when_cleared(made: Make, seen: Seen) -> None:
    host = FakeHost(language="en")
    storm(host)
    panel = made("notices", host)
    texts = seen.of(panel)
    assert texts.index("Disk nearly full") < texts.index("Camera C-07: no picture")
    assert "check power and network" in texts
    host.clear_notice("disk")
    host.clear_notice("camera")
    panel.update_frame(host.frame())
    assert "No notices" in seen.of(panel)


def test_the_queue_names_no_number_that_nobody_knows(made: Make, seen: Seen) -> None:
    host = FakeHost(role="vehicle", language="en")
    storm(host)
    texts = seen.of(made("queue", host))
    assert "Uplink not set up" in texts
    assert "To send 0" in texts
    assert "14" not in texts.replace("03:14:26", "")


def test_the_queue_of_the_own_post(made: Make, seen: Seen) -> None:
    host = FakeHost(role="vehicle", language="en")
    storm(host)
    panel = made("queue", host)
    panel.configure(QueueSettings(post="m2"))
    panel.update_frame(host.frame(seeked=True))
    texts = seen.of(panel)
    assert "Cut from above, working on here" in texts
    assert "Uplink cut 6 min 12 s" in texts
    assert "To send 14" in texts


def test_a_lost_node_is_said_and_retry_is_a_command(made: Make, seen: Seen) -> None:
    host = FakeHost(role="vehicle", language="en")
    host.link = msgspec.structs.replace(host.link, up=False, since_ns=NOW_NS - 60 * NS)
    panel = made("queue", host)
    assert "Node not reached for 1 min" in seen.of(panel)
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(1300, 42))
    QTest.keyClick(panel, Qt.Key.Key_Return)
    assert host.commands == ["link.retry", "link.retry"]
