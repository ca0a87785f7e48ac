"""Acts on an incident as a duty officer does them, by keyboard alone: in the detail and from the list."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.api import ActStanding, Answer, Incident, IncidentRecord, IntentState, PossibleAct, Text
from tests.fakes import FakeHost
from tests.incident_scene import told
from tests.qt.incident_hands import CONTROL, ENTER, ESC, Hands, answered, detail, lacking_words, saved
from tests.qt.panel_making import Make
from widgets.incidents.choice import ChoiceField
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import COMMANDS, NEW, SHOW, IncidentsSettings


def test_closing_without_a_reason_is_refused_and_names_what_is_missing(make: Make) -> None:
    host = FakeHost(language="en")
    told(host, controlled=True)
    saved(host)
    hands = Hands(detail(make, host))
    hands.command("incident.close")
    hands.press(ENTER, CONTROL)
    assert not host.spawned
    assert "casualties, cause, final report" in lacking_words(hands.form)
    assert hands.field.accessibleName() == "Casualties"
    hands.type("0 2 0")
    hands.press(ENTER)
    hands.type("rain upstream")
    hands.press(ENTER, CONTROL)
    assert not host.spawned, "the final report is still missing"
    assert "final report" in lacking_words(hands.form)
    assert "casualties" not in lacking_words(hands.form)
    assert hands.field.accessibleName() == "Reason"
    hands.type("report follows in writing")
    hands.press(ENTER, CONTROL)
    answered(host)
    ((name, entity, arguments),) = host.intents
    assert (name, entity) == ("incident.close", "i3")
    assert arguments == {"casualties": [0, 2, 0], "cause": "rain upstream", "reason": "report follows in writing"}


def test_casualties_that_are_no_three_numbers_are_not_taken(make: Make) -> None:
    host = FakeHost(language="en")
    told(host, controlled=True)
    hands = Hands(detail(make, host))
    hands.command("incident.close")
    hands.type("two hurt")
    hands.form.fields["reason"].setFocus()
    hands.type("because")
    hands.press(ENTER, CONTROL)
    assert not host.spawned
    assert "0 2 0" in hands.form.line.accessibleName()


def test_a_conflict_shows_both_versions_and_can_be_done_again(make: Make) -> None:
    host = FakeHost(language="en")
    incident = told(host)
    now = msgspec.structs.replace(incident, grade=1)
    reason = Text("您看到之后，陈建军 已定级：1", "since it was looked at, chen did incident.grade: 1")
    host.answer = Answer(id="1", state=IntentState.CONFLICT, reason=reason, versions=(incident, now))
    hands = Hands(detail(make, host))
    hands.command("incident.grade")
    hands.press(Qt.Key.Key_4)
    hands.press(ENTER, CONTROL)
    answered(host)
    labels = [label.text() for label in hands.form._versions.findChildren(type(hands.form._lacks))]
    assert {"Major II", "Extreme I"} <= set(labels)
    assert "chen" in hands.form.line.accessibleName()
    saved(host)
    hands.press(ENTER, CONTROL)
    answered(host)
    assert [arguments["value"] for _, _, arguments in host.intents] == [4, 4]
    assert hands.panel.acting.form is None


def test_only_acts_that_the_rules_and_the_person_s_rights_allow_have_buttons(make: Make) -> None:
    host = FakeHost(language="en")
    told(host)
    host.forbidden = frozenset({"incident.control"})
    panel = detail(make, host)
    names = [button.property("act") for button in panel.view.bar.buttons]
    assert "incident.control" not in names
    assert "incident.close" not in names, "not while it is responding"
    assert {"incident.grade", "incident.send", "incident.tell"} <= set(names)
    assert all(button.accessibleName().split()[-1].startswith(("F", "Shift+F")) for button in panel.view.bar.buttons)
    panel.do("incident.control")
    assert panel.acting.form is None
    assert "may not" in panel.view.line.accessibleName()


def test_every_key_is_shown_by_the_palette() -> None:
    keys = {spec.keys for spec in COMMANDS if spec.keys}
    assert {"I", "F3", "F4", "F9", "Shift+F9"} <= keys
    assert not {"F1", "F2", "F10", "F11"} & keys, "the key card's, the map's, menus', a tile's"
    assert len(keys) == len([spec for spec in COMMANDS if spec.keys]), "no key twice"


def test_sending_a_report_begins_with_the_one_that_presses_most(make: Make) -> None:
    host = FakeHost()
    told(host)
    saved(host)
    hands = Hands(detail(make, host))
    hands.command("incident.send")
    assert hands.form.values() == {"report": "3", "to": "市应急局值班室"}
    hands.press(ENTER, CONTROL)
    answered(host)
    assert host.intents == [("incident.send", "i3", {"report": "follow_up", "to": "市应急局值班室"})]


def test_another_kind_of_report_is_chosen_from_any_field_and_by_going_back(make: Make) -> None:
    host = FakeHost()
    told(host)
    saved(host)
    hands = Hands(detail(make, host))
    hands.command("incident.send")
    hands.press(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert hands.form.values()["report"] == "4"
    assert hands.field is hands.form.fields["text"]
    hands.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    hands.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert hands.field is hands.form.fields["report"]
    hands.press(Qt.Key.Key_2)
    assert hands.form.values()["report"] == "2"


def test_a_wall_has_no_controls(make: Make) -> None:
    host = FakeHost(role="wall", text_px=40)
    told(host)
    panel = detail(make, host, 1900, 1000)
    assert not panel.view.bar.buttons
    panel.do(NEW)
    panel.do("incident.grade")
    assert panel.acting.form is None


def test_in_a_vehicle_every_button_and_field_is_wide_enough_for_a_finger(make: Make) -> None:
    host = FakeHost(role="vehicle")
    told(host)
    hands = Hands(detail(make, host, 570, 540))
    assert all(button.height() >= 44 for button in hands.panel.view.bar.buttons)
    hands.command(NEW)
    assert all(field.minimumHeight() >= 44 for field in hands.form.fields.values())


# ---------------------------------------------------------------- from the list


def test_enter_in_the_list_asks_for_the_detail_and_escape_goes_back(make: Make) -> None:
    host = FakeHost()
    told(host)
    panel: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 520, 400)
    panel.activateWindow()
    QTest.keyClick(panel._list, ENTER)
    assert host.commands == [SHOW]
    panel.do(SHOW)  # as the console does where the layout has no tile for it
    assert panel.detail == "i3"
    panel.grab()
    QTest.keyClick(panel._view.sheet, ESC)
    assert panel.detail == ""


def test_an_act_that_is_not_possible_is_said_where_it_would_be_done(make: Make) -> None:
    host = FakeHost(language="en")
    told(host)
    host.put(
        msgspec.structs.replace(host.entities(IncidentRecord)["i3"], possible=(PossibleAct(name="incident.tell"),))
    )
    panel = detail(make, host)
    panel.do("incident.close")
    assert "not possible now" in panel.view.line.accessibleName()
    assert panel.view.line.state is IntentState.REFUSED


def test_an_act_that_is_not_possible_is_said_from_the_list_too_and_of_that_incident_alone(make: Make) -> None:
    host = FakeHost(language="en")
    told(host)
    host.put(msgspec.structs.replace(host.entities(Incident)["i3"], id="i9"))
    host.acts["i3"] = ActStanding(name="incident.tell", entity="i3", state=IntentState.SAVED, since_ns=1)
    panel: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 520, 600)
    panel.do("incident.close")
    assert panel.detail == "i3"
    assert "Close: not possible now" in panel._view.line.accessibleName(), "newer than what was saved"
    host.acts["i3"] = msgspec.structs.replace(host.acts["i3"], since_ns=2**62)
    panel.update_frame(host.frame(after_s=1.0))
    assert panel._view.line.state is IntentState.SAVED, "as newer than the refusal"
    panel.do("incident.close")
    del host.acts["i3"]
    host.select("incident:i9")
    panel.update_frame(host.frame(after_s=2.0))
    assert "Close" not in panel._view.line.accessibleName()


def test_a_digit_chooses_and_goes_on(make: Make) -> None:
    host = FakeHost()
    told(host)
    hands = Hands(detail(make, host))
    hands.command("incident.colour")
    field = hands.field
    assert isinstance(field, ChoiceField)
    hands.press(Qt.Key.Key_1)
    assert field.value() == "1"
    assert field.accessibleDescription() == "红色"
    assert hands.field is not field


def test_the_key_of_an_act_without_an_incident_says_what_to_do(make: Make) -> None:
    host = FakeHost()
    told(host)
    host.selection = ""
    made: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 480, 500)
    made.do("incident.grade")
    said = host.raised["incident.choose"]
    assert (said.summary.zh, said.summary.of("en")) == ("没有选中的事件", "No incident is selected")
    host.select("incident:i3")
    made.update_frame(host.frame())
    made.do("incident.grade")
    assert "incident.choose" not in host.raised


def test_a_detail_of_nothing_says_so_too(make: Make) -> None:
    host = FakeHost()
    made = detail(make, host)
    made.do("incident.grade")
    assert "incident.choose" in host.raised
