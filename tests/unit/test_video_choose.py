"""Which cameras a grid shows: the selected and the worst first, the rest in turn, nothing jumps."""

from __future__ import annotations

from console.api import Alarm, AlarmState, Camera, Incident, Sensor, Text
from widgets.kit.alarm_groups import alarm_groups
from widgets.kit.subject import Subject
from widgets.video.choose import around, choose, events, grid, nearest, place, targets

CAMERAS = [Camera(id=f"c{i}", lon=108.0 + i * 0.01, lat=34.0, area=f"a{i}") for i in range(8)]
SENSORS = {f"s{i}": Sensor(id=f"s{i}", lon=108.0 + i * 0.01, lat=34.001, name=Text(f"s{i}")) for i in range(8)}
NEAR_M = 500.0


def alarm(i: int, priority: int, state: AlarmState = AlarmState.UNACKNOWLEDGED) -> Alarm:
    return Alarm(id=f"alarm{i}", sensor=f"s{i}", priority=priority, state=state, raised_ns=1)


def test_the_selected_then_the_worst_then_the_rest_in_turn() -> None:
    groups = alarm_groups([alarm(6, 2), alarm(3, 1)], SENSORS)
    wanted = targets("sensor:s5", groups, SENSORS, {})
    assert choose(CAMERAS, wanted, 4, NEAR_M, 0) == ("c5", "c3", "c6", "c0")
    assert choose(CAMERAS, wanted, 4, NEAR_M, 1) == ("c5", "c3", "c6", "c1")
    assert choose(CAMERAS, wanted, 4, NEAR_M, 0, pinned="c7") == ("c7", "c5", "c3", "c6")


def test_quiet_rotates_through_all() -> None:
    seen = {id_ for turn in range(2) for id_ in choose(CAMERAS, [], 4, NEAR_M, turn)}
    assert seen == {c.id for c in CAMERAS}
    assert choose(CAMERAS[:3], [], 4, NEAR_M, 5) == ("c0", "c1", "c2")


def test_far_cameras_only_count_in_the_same_area() -> None:
    far = Sensor(id="far", lon=110.0, lat=34.0, area="a2")
    [target] = targets("sensor:far", [], {"far": far}, {})
    assert nearest(target, CAMERAS, NEAR_M) is CAMERAS[2]
    [elsewhere] = targets("sensor:far", [], {"far": Sensor(id="far", lon=110.0, lat=34.0)}, {})
    assert nearest(elsewhere, CAMERAS, NEAR_M) is None


def test_what_stays_keeps_its_cell() -> None:
    assert place(("c1", "c2", "c3", "c4"), ("c9", "c3", "c1", "c8"), 4) == ("c1", "c9", "c3", "c8")
    assert place((), ("c1",), 4) == ("c1", "", "", "")


def test_a_camera_shows_the_worst_alarm_that_it_is_nearest_to() -> None:
    sensors = {**SENSORS, "near": Sensor(id="near", lon=108.0301, lat=34.0)}
    worst = Alarm(id="worst", sensor="near", priority=1, state=AlarmState.ACKNOWLEDGED, raised_ns=2)
    groups = alarm_groups([alarm(3, 2), worst, alarm(4, 3)], sensors)
    seen = events(["c3", "c1"], {c.id: c for c in CAMERAS}, groups, sensors, NEAR_M)
    assert {id_: a.id for id_, a in seen.items()} == {"c3": "worst"}


def test_as_many_cells_as_can_be_read() -> None:
    assert grid("desk", 518, 322, 13, 0, 0) == (2, 2)
    assert grid("vehicle", 500, 400, 15, 0, 0) == (1, 1)
    assert grid("wall", 1920, 1080, 64, 0, 0) == (2, 2)
    assert grid("wall", 1920, 1080, 32, 0, 0) == (3, 3)
    assert grid("desk", 518, 322, 13, 4, 4) == (4, 4)


def test_about_an_incident_the_nearest_come_first_then_those_of_its_town() -> None:
    far = Camera(id="far", lon=108.3, lat=34.0, area="town")
    placeless = Camera(id="nowhere", area="town")
    incident = Incident(id="i", lon=108.031, lat=34.0)
    subject = Subject(incident=incident, area="town", areas=frozenset({"town"}), lon=108.031, lat=34.0)
    found = around(subject, [*CAMERAS, placeless, far], 1_100)
    assert found == ["c3", "c4", "c2", "far", "nowhere"]
    assert choose(CAMERAS, [], 4, NEAR_M, 0, first=found[:3]) == ("c3", "c4", "c2", "c0")


def test_a_low_wide_tile_of_a_wall_has_one_row_of_pictures() -> None:
    assert grid("wall", 1920, 540, 64, 0, 0) == (1, 2)
    assert grid("wall", 1080, 1920, 64, 0, 0) == (3, 1)
