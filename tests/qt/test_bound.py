"""Tiles bound to the incident that is selected: each asks about it, says so, and falls back to the whole city."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from console.api import Alarm, Area, Incident, IncidentFacts, IncidentRecord, Resource, Sensor
from tests.fakes import FakeHost
from tests.incident_scene import told
from tests.qt.panel_making import Make
from tests.qt.saying import saying
from tests.qt.seen import Seen
from tests.scenes import quiet, storm
from widgets.alarms.panel import AlarmsPanel
from widgets.alarms.spec import AlarmsSettings
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.chart.choice import chosen
from widgets.chart.spec import ChartSettings
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import IncidentsSettings
from widgets.kit.subject import subject_of
from widgets.posts.panel import PostsPanel
from widgets.posts.spec import PostsSettings
from widgets.strips.choice import Choice
from widgets.strips.spec import StripsSettings


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    return Seen(monkeypatch)


@pytest.fixture
def chinese() -> Iterator[None]:
    with saying("zh", "lists_zh", "incidents_zh"):
        yield


def _wall() -> FakeHost:
    host = FakeHost(role="wall")
    storm(host)
    return host


def test_alarms_are_those_of_its_town_and_all_again_without_it(make: Make, seen: Seen, chinese: None) -> None:
    host = _wall()
    host.select("incident:i3")
    panel = make(host, lambda h: AlarmsPanel(h, AlarmsSettings(about="subject")), 1912, 1072)
    texts = seen.of(panel)
    assert "沣河 严家渠" in texts
    assert "G-117" not in texts
    assert "沣西 · 报警 · 2 组" in texts
    host.select("")
    panel.update_frame(host.frame())
    assert "G-117" in seen.of(panel)


def test_no_alarm_in_its_town_is_said_in_words(make: Make, seen: Seen, chinese: None) -> None:
    host = _wall()
    host.put(Incident(id="x", area="konggang"))
    host.select("incident:x")
    panel = make(host, lambda h: AlarmsPanel(h, AlarmsSettings(about="subject")), 1912, 1072)
    assert "空港 无待处置报警" in seen.of(panel)


def test_posts_and_teams_stand_by_distance(make: Make, seen: Seen, chinese: None) -> None:
    host = _wall()
    host.put(msgspec.structs.replace(host.entities(Incident)["i3"], lon=108.7, lat=34.3))
    host.sample("pos-r1", (108.7, 34.301, 400.0, 0.0, 0.0))
    host.put(Resource(id="unheard", position="pos-unheard"))
    host.select("incident:i3")
    panel = make(host, lambda h: PostsPanel(h, PostsSettings(about="subject")), 1912, 1072)
    rows = panel.evidence()
    refs = [row["ref"] for row in rows]
    assert refs.index("resource:r0") < refs.index("resource:r1") < refs.index("post:hq")
    known = [row["far_m"] for row in rows if row["far_m"] >= 0]
    assert known == sorted(known)
    assert rows[-1]["ref"] == "resource:unheard"
    assert "直线距离" in seen.of(panel)


def test_the_board_puts_its_area_first_and_back_again(make: Make) -> None:
    host = _wall()
    panel = make(host, lambda h: BoardMatrixPanel(h, BoardMatrixSettings(about="subject")), 1912, 1072)
    assert panel.evidence()[0]["area"] == "fengdong"
    host.select("incident:i3")
    panel.update_frame(host.frame())
    assert panel.evidence()[0]["area"] == "fengxi"
    host.select("")
    panel.update_frame(host.frame())
    assert panel.evidence()[0]["area"] == "fengdong"


def test_worst_streams_are_its_sensors_then_those_of_its_town() -> None:
    host = _wall()
    host.put(msgspec.structs.replace(host.entities(Incident)["i3"], sensors=("WC2",)))
    host.select("incident:i3")
    choice = Choice(host, StripsSettings(count=3, about="subject"))
    choice.watch()
    areas = host.entities(Sensor)
    rows = choice.wanted([])
    assert rows[:2] == ["WC2", "YJQ"]
    assert all(areas[row].area == "fengxi" for row in rows[1:])
    assert choice.selectors()[0].area == "fengxi"
    assert choice.selectors()[1].ids == ("WC2",)


def test_the_curve_is_its_worst_and_none_where_its_town_has_none() -> None:
    host = _wall()
    incidents = host.entities(Incident)
    assert chosen(host, ChartSettings(), "", subject_of(host, incidents["i3"])) == "YJQ"
    own = msgspec.structs.replace(incidents["i3"], sensors=("TW",))
    assert chosen(host, ChartSettings(), "", subject_of(host, own)) == "TW"
    host.put(Area(id="empty", name=msgspec.structs.replace(host.entities(Area)["fengxi"]).name))
    assert chosen(host, ChartSettings(), "G-117", subject_of(host, Incident(id="e", area="empty"))) == ""
    assert chosen(host, ChartSettings(), "") == "G-117"


def test_a_wall_tells_the_incident_in_full(make: Make, seen: Seen, chinese: None) -> None:
    host = FakeHost(role="wall")
    told(host)
    panel = make(host, lambda h: IncidentsPanel(h, IncidentsSettings(about="subject")), 1912, 1072)
    texts = seen.of(panel)
    for said in (
        "沣河超保证水位",
        "沣西 马王街道",
        "橙色预警",
        "尚无报告",
        "余 22 min",
        "超时 3 min",
        "续报 1",
        "终报",
    ):
        assert said in texts, said
    assert "续记 马王街道已转移 412 人" in texts
    record = host.entities(IncidentRecord)["i3"]
    host.put(msgspec.structs.replace(record, facts=IncidentFacts(casualties=(0, 2, 1))))
    panel.update_frame(host.frame())
    assert "尚无报告" not in seen.of(panel)
    assert seen.texts[seen.texts.index("失联") + 1] == "1"


def test_where_room_is_short_the_next_report_outlives_the_timeline(make: Make, seen: Seen, chinese: None) -> None:
    host = FakeHost(role="wall")
    told(host)
    panel = make(host, lambda h: IncidentsPanel(h, IncidentsSettings(about="subject")), 1912, 440)
    texts = seen.of(panel)
    assert "余 22 min" in texts
    assert "续记" not in texts


def test_without_a_subject_a_wall_lists_what_is_open_and_in_a_quiet_night_what_was(
    make: Make, seen: Seen, chinese: None
) -> None:
    host = _wall()
    panel = make(host, lambda h: IncidentsPanel(h, IncidentsSettings(about="subject")), 1912, 1072)
    texts = seen.of(panel)
    assert "沣河超保证水位" in texts
    assert "同文路下穿积水" in texts
    calm = FakeHost(role="wall")
    quiet(calm)
    panel = make(calm, lambda h: IncidentsPanel(h, IncidentsSettings(about="subject", closed=2)), 1912, 420)
    texts = seen.of(panel)
    assert "无进行中事件" in texts
    assert "沣东 电梯困人" in texts


def test_joined_alarms_of_another_town_are_among_them(make: Make, seen: Seen, chinese: None) -> None:
    host = _wall()
    host.put(msgspec.structs.replace(host.entities(Alarm)["a4"], incident="i3"))
    host.select("incident:i3")
    panel = make(host, lambda h: AlarmsPanel(h, AlarmsSettings(about="subject")), 1912, 1072)
    assert "渭城变 2号主变" in seen.of(panel)
