"""A report as a duty officer takes it, by keyboard alone: from a phone, from an alarm, cut off, refused, sent again."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from console.api import ActStanding, Answer, Incident, IntentState, LinkError, Text
from tests.fakes import NOW_NS, FakeHost
from tests.incident_scene import told
from tests.qt.incident_hands import CONTROL, ENTER, ESC, CutHost, Hands, answered, detail, lacking_words, saved
from tests.qt.panel_making import Make
from tests.scenes import storm
from widgets.incidents.brief import running
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import NEW, IncidentsSettings


def reporting(make: Make) -> tuple[FakeHost, Hands]:
    """A person before the empty form of a new incident."""
    host = FakeHost()
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    return host, hands


def test_a_phone_report_becomes_a_graded_incident_in_eight_actions_every_key_counted(make: Make) -> None:
    host = FakeHost()
    storm(host)
    saved(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    hands.type("沣东 能源路管道漏气")
    hands.press(ENTER)
    hands.type("能源路与红光路口")
    hands.press(ENTER)
    hands.type("王大爷 138 0000 0000")
    hands.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    hands.press(ENTER, CONTROL)
    answered(host)
    assert hands.actions == 8
    ((name, entity, arguments),) = host.intents
    assert name == "incident.report"
    assert len(entity) == 32
    assert arguments["title"] == "沣东 能源路管道漏气"
    assert arguments["place"] == "能源路与红光路口"
    assert arguments["reported_by"] == "王大爷 138 0000 0000"
    assert arguments["nature"] == "燃气泄漏", "what is said speaks for its nature"
    assert arguments["area"] == "fengdong", "and for its area"
    assert arguments["verified_by"] == "本机", "who grades has verified, where nobody else is named"
    assert arguments["grade"] == 3
    assert hands.panel.acting.form is None
    assert host.selection == f"incident:{entity}"


def test_every_field_in_order_by_enter_alone(make: Make) -> None:
    host = FakeHost(language="en")
    storm(host)
    told(host)
    saved(host)
    hands = Hands(detail(make, host))
    host.selection = ""
    hands.command(NEW)
    names = []
    for text in ("smoke", "xian Road 7", "a neighbour", "Wang"):
        names.append(hands.field.accessibleName())
        hands.type(text)
        hands.press(ENTER)
    assert [*names, hands.field.accessibleName()] == ["What", "Place", "Reported by", "Verified by", "Grade"]
    assert hands.form.values()["nature"] == "fire", "filled in by what was said, so Enter goes past it"


def test_from_a_selected_alarm_only_who_verified_and_the_grade_are_left(make: Make) -> None:
    host = FakeHost()
    storm(host)
    saved(host)
    host.selection = "sensor:G-117"
    hands = Hands(detail(make, host))
    hands.command(NEW)
    assert hands.field.accessibleName() == "核实人"
    hands.type("抢修 07 队长")
    hands.press(ENTER)
    hands.press(Qt.Key.Key_2)
    hands.press(ENTER, CONTROL)
    answered(host)
    assert hands.actions == 5
    ((_, _, arguments),) = host.intents
    assert arguments["alarm"] == "a1"
    assert arguments["sensors"] == ["G-117"]
    assert arguments["title"] == "沣东 燃气 G-117 压力低"
    assert arguments["area"] == "fengdong"
    assert (arguments["nature"], arguments["verified_by"], arguments["grade"]) == ("燃气泄漏", "抢修 07 队长", 2)


def test_a_grade_is_not_saved_while_something_of_the_verification_is_missing(make: Make) -> None:
    host, hands = reporting(make)
    hands.type("异响")
    hands.press(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    hands.press(ENTER, CONTROL)
    assert not host.spawned
    assert "地点" in lacking_words(hands.form)
    assert "性质" in lacking_words(hands.form)
    assert hands.field.accessibleName() == "地点"


def test_areas_are_found_by_pinyin_initials(make: Make) -> None:
    _, hands = reporting(make)
    area = hands.form.fields["area"]
    area.setFocus()
    assert isinstance(area, QLineEdit)
    area.selectAll()
    hands.type("jhxc")
    hands.press(ENTER)
    assert hands.form.values()["area"] == "jinghe"
    assert area.text() == "泾河新城"


def test_escape_keeps_what_was_typed_until_it_is_discarded(make: Make) -> None:
    host, hands = reporting(make)
    hands.type("电梯困人 3 人")
    hands.press(ESC)
    assert hands.panel.acting.form is None
    state = hands.panel.view_state()
    other = detail(make, host)
    other.restore(state)
    again = Hands(other)
    again.command(NEW)
    assert again.form.values()["title"] == "电梯困人 3 人"
    again.press(ESC, Qt.KeyboardModifier.ShiftModifier)
    again.command(NEW)
    assert "title" not in again.form.values()


def test_drafts_are_their_person_s_alone(make: Make) -> None:
    host, hands = reporting(make)
    hands.type("不给别人看")
    state = hands.panel.view_state()
    host.access = msgspec.structs.replace(host.access, person="wang")
    other = detail(make, host)
    other.restore(state)
    again = Hands(other)
    again.command(NEW)
    assert "title" not in again.form.values()


def test_a_report_refused_stays_in_the_form_with_the_rule(make: Make) -> None:
    host = FakeHost(language="en")
    storm(host)
    host.answer = Answer(id="1", state=IntentState.REFUSED, reason=Text("事件规则：标题为空", "incident rule: empty"))
    hands = Hands(detail(make, host))
    hands.command(NEW)
    hands.type("noise")
    hands.press(ENTER, CONTROL)
    answered(host)
    assert hands.form.values()["title"] == "noise"
    assert "incident rule: empty" in hands.form.line.accessibleName()
    assert hands.form.line.state is IntentState.REFUSED


def test_a_report_that_no_disk_takes_is_not_lost(make: Make) -> None:
    host = FakeHost(language="en")
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    hands.type("noise")
    host.cut = True
    hands.press(ENTER, CONTROL)
    answered(host)
    assert hands.form.line.state is IntentState.REFUSED
    assert str(LinkError("cut")) in hands.form.line.accessibleName()


def test_a_report_that_waits_stands_in_the_list_and_gives_way_to_its_incident(make: Make) -> None:
    host = CutHost(language="en")
    storm(host)
    panel: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 520, 600)
    panel.activateWindow()
    hands = Hands(panel)
    hands.command(NEW)
    hands.type("pole down")
    hands.press(ENTER, CONTROL)
    answered(host)
    ((_, id_, _),) = host.intents
    panel.update_frame(host.frame(after_s=1.0))
    assert panel._list.keys[0] == id_
    assert panel.standing(id_).state is IntentState.PENDING
    waiting = next(i for i in panel._list.incidents if i.id == id_)
    assert running(waiting, panel.now_ns, "en") == "", "nobody has said yet since when"
    panel.grab()
    again: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 520, 600)
    again.restore(panel.view_state())
    again.update_frame(host.frame(after_s=1.0))
    assert again._list.keys[0] == id_, "also after a restart"
    host.put(Incident(id=id_, title=Text("pole down"), grade=0, started_ns=NOW_NS))
    panel.update_frame(host.frame(after_s=1.0))
    assert panel._list.keys.count(id_) == 1
    assert not panel.acting.unsent


def test_a_waiting_report_that_is_refused_can_be_mended_and_sent_again(make: Make) -> None:
    host = CutHost(language="en")
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    hands.type("pole down")
    hands.press(ENTER, CONTROL)
    answered(host)
    ((_, id_, _),) = host.intents
    rule = Text("事件规则：没有区域", "no such area is known here")
    host.acts[id_] = ActStanding(
        name="incident.report", entity=id_, state=IntentState.REFUSED, since_ns=NOW_NS, reason=rule
    )
    hands.panel.update_frame(host.frame(after_s=1.0))
    host.waits = False
    del host.acts[id_]  # it is shown for a minute only; what was typed stays
    hands.panel.update_frame(host.frame(after_s=61.0))
    saved(host)
    hands.command("incident.verify")
    assert hands.form.values()["title"] == "pole down"
    assert "no such area" in hands.form.line.accessibleName()
    hands.press(ENTER, CONTROL)
    answered(host)
    assert host.intents[-1][1] == id_, "the same incident, not a second one"
