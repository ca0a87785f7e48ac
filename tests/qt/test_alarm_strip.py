"""The alarm strip over a fake desk: what A acts on, what an act says, which alarm is next, what never looks calm."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QWidget

from console.api import NS, ActStanding, AlarmState, IntentState
from console.shell.window import MainWindow
from tests.qt.seat import strip_of
from tests.qt.steps import Clock, alarm
from tests.shell_fakes import NOW_NS, Room


def test_a_acts_only_on_what_has_been_painted_for_half_a_second(room: Room, window: MainWindow, clock: Clock) -> None:
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    room.pacer.tick()
    strip_of(window).repaint()
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert not room.desk.intents
    clock.now_s += 0.55
    alarm(room, "g0", 1, AlarmState.UNACKNOWLEDGED, age_s=0)
    room.pacer.tick()
    strip_of(window).repaint()
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert not room.desk.intents, "another alarm slid under the key"
    clock.now_s += 0.55
    strip_of(window).repaint()
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert room.desk.intents == [("alarm.acknowledge", "alarm-g0")]


def test_an_acknowledgement_that_cannot_be_sent_is_said(room: Room, window: MainWindow, clock: Clock) -> None:
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    room.desk.cut = True
    room.pacer.tick()
    strip_of(window).repaint()
    clock.now_s += 0.55
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert [n.key for n in room.notices.all()] == ["act.alarm-g1"]


def test_what_waits_to_be_sent_makes_room_for_the_next_alarm_and_is_not_given_twice(
    room: Room, window: MainWindow, clock: Clock
) -> None:
    for sensor in ("g1", "g2"):
        alarm(room, sensor, 1 if sensor == "g1" else 2, AlarmState.UNACKNOWLEDGED)
    room.desk.acts["alarm-g1"] = ActStanding(
        name="alarm.acknowledge", entity="alarm-g1", state=IntentState.PENDING, since_ns=NOW_NS
    )
    room.desk.waiting = 1
    room.desk.link(up=False)
    room.pacer.tick()
    strip_of(window).repaint()
    clock.now_s += 0.55
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert room.desk.intents == [("alarm.acknowledge", "alarm-g2")]
    room.desk.acts["alarm-g2"] = msgspec.structs.replace(room.desk.acts["alarm-g1"], entity="alarm-g2")
    strip_of(window).repaint()
    clock.now_s += 0.55
    room.commands.run("alarm.acknowledge")
    room.tasks.run_all()
    assert len(room.desk.intents) == 1


def test_next_goes_round(room: Room, window: MainWindow) -> None:
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    alarm(room, "g2", 2, AlarmState.UNACKNOWLEDGED)
    room.pacer.tick()
    seen = []
    for _ in range(3):
        room.commands.run("alarm.next")
        seen.append(room.session.selection)
    assert seen == ["sensor:g1", "sensor:g2", "sensor:g1"]


def test_next_passes_over_what_is_acknowledged_while_something_waits(room: Room, window: MainWindow) -> None:
    for sensor in ("g1", "g2", "g3"):
        alarm(room, sensor, 1, AlarmState.UNACKNOWLEDGED)
    room.pacer.tick()
    room.session.select("sensor:g2")
    alarm(room, "g2", 1, AlarmState.ACKNOWLEDGED)
    room.pacer.tick()
    first = room.acts.first()
    room.commands.run("alarm.next")
    assert first is not None and room.session.selection == f"sensor:{first.head.sensor}" != "sensor:g2"
    for sensor in ("g1", "g3"):
        alarm(room, sensor, 1, AlarmState.ACKNOWLEDGED)
    room.pacer.tick()
    seen = set()
    for _ in range(3):
        room.commands.run("alarm.next")
        seen.add(room.session.selection)
    assert seen == {"sensor:g1", "sensor:g2", "sensor:g3"}


def colours(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, 24).name() for x in range(0, image.width(), 3)}


def test_a_cut_link_never_looks_calm(room: Room, window: MainWindow) -> None:
    room.pacer.tick()
    calm = colours(strip_of(window))
    room.desk.link(up=False, last_data_ns=NOW_NS - 60 * NS)
    room.pacer.tick()
    cut = colours(strip_of(window))
    assert "#6f2ba6" in cut - calm


def test_nothing_known_is_not_calm(room: Room, window: MainWindow) -> None:
    room.pacer.tick()
    calm = bytes(strip_of(window).grab().toImage().constBits())
    room.desk.link(last_data_ns=0)
    room.pacer.tick()
    assert bytes(strip_of(window).grab().toImage().constBits()) != calm


def test_the_strip_is_grey_when_nothing_is_wrong_and_filled_when_something_is(room: Room, window: MainWindow) -> None:
    room.pacer.tick()
    assert "#b0141c" not in colours(strip_of(window))
    alarm(room, "g1", 1, AlarmState.UNACKNOWLEDGED)
    room.pacer.tick()
    assert "#b0141c" in colours(strip_of(window))
