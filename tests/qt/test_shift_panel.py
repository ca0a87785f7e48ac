"""A seat's log and handover as persons at it see and sign it, by keyboard, from a host filled by hand."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from console.api import (
    NS,
    Access,
    ActStanding,
    Alarm,
    Answer,
    HandoverPhase,
    HandoverRecord,
    IntentState,
    LogLine,
    Person,
    Seat,
    Text,
)
from tests.fakes import NOW_NS, FakeHost, Role
from tests.qt.panel_making import Make
from tests.qt.saying import cut_labels, labels, saying
from tests.qt.seen import Seen
from tests.scenes import storm
from widgets.kit.sheet import Paper, Tick
from widgets.shift.panel import ShiftPanel
from widgets.shift.spec import ShiftSettings

HOUR = 3600 * NS
PEOPLE = {"li": ("李卫国", "Li Weiguo"), "wang": ("王芳", "Wang Fang"), "chen": ("陈建军", "Chen Jianjun")}
OPEN = ("incident:i5", "incident:i4")


def sits(host: FakeHost, person: str) -> None:
    host.access = Access(person=person, name=Text(*PEOPLE[person]))


def desk(person: str = "li", *, language: str = "en", role: Role = "desk", **seat: Any) -> FakeHost:
    host = FakeHost(language=language, role=role)
    storm(host)
    host.answer = Answer(id="1", state=IntentState.SAVED)
    for id_, name in PEOPLE.items():
        host.put(Person(id=id_, name=Text(*name), roles=(Text("值班员", "Duty officer"),)))
    told: dict[str, Any] = {"officer": "li", "since_ns": NOW_NS - 7 * HOUR, "end_ns": NOW_NS + 5 * HOUR, "open": OPEN}
    names = {"name": Text("值班一席", "Duty desk 1"), "shift": Text("夜班", "Night")}
    host.put(Seat(id="seat1", **(names | told | seat)))
    sits(host, person)
    return host


def panel_of(make: Make, host: FakeHost, width: int = 600, height: int = 520) -> ShiftPanel:
    return cast("ShiftPanel", make(host, lambda h: ShiftPanel(h, ShiftSettings()), width, height))


def answered(host: FakeHost) -> None:
    """Let what was spawned run to its end."""
    while host.spawned:
        asyncio.run(host.spawned.pop(0)[1])


def changed(host: FakeHost, panel: ShiftPanel, **seat: Any) -> None:
    """The node says that the seat stands so."""
    host.put(msgspec.structs.replace(host.entities(Seat)["seat1"], **seat))
    panel.update_frame(host.frame(after_s=1.0))


def press(widget: QWidget, key: Qt.Key, *, control: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(widget, key, modifier)


def focused(panel: ShiftPanel) -> QWidget:
    widget = panel.window().focusWidget()
    assert widget is not None
    return widget


def words(panel: ShiftPanel) -> list[tuple[str, bool]]:
    """The acts that are offered, and whether this person may do them."""
    return [(b.text(), b.isEnabled()) for b in panel.buttons.buttons]


DRAFT = HandoverRecord(leaving="li", coming="wang", text="Underpass closed to 06:00.", phase=HandoverPhase.DRAFTED)
SIGNED = msgspec.structs.replace(DRAFT, phase=HandoverPhase.SIGNED_OFF, mentioned=OPEN, signed_ns=NOW_NS - 60 * NS)


# ---------------------------------------------------------------- the log


def test_the_log_stands_newest_first_with_who_when_and_what(make: Make) -> None:
    log = (LogLine(by="li", t_ns=NOW_NS - 600 * NS, text="On duty", ref=""),
           LogLine(by="wang", t_ns=NOW_NS - 60 * NS, text="Valve V-31 is shut", ref="incident:i5"))  # fmt: skip
    host = desk(log=log)
    panel = panel_of(make, host)
    assert [(row.when, row.text) for row in panel.list.rows] == [("03:13", "Valve V-31 is shut"), ("03:04", "On duty")]
    assert panel.list.rows[0].second == "Wang Fang · 0718-05 Tongwen underpass"
    assert panel.head.officer == "Li Weiguo"
    assert "until 08:14, 5 h left" in panel.head.span
    panel.list.setFocus()
    press(panel.list, Qt.Key.Key_Home)
    press(panel.list, Qt.Key.Key_Return)
    assert host.selected == ["incident:i5"]


def test_a_line_is_pending_until_the_node_has_it(make: Make) -> None:
    host = desk()
    panel = panel_of(make, host)
    panel.do("shift.log")
    QTest.keyClicks(focused(panel), "Water is back")
    press(panel.input, Qt.Key.Key_Return)
    assert panel.input.text() == ""
    assert [(row.text, row.mark) for row in panel.list.rows] == [("Water is back", IntentState.PENDING)]
    answered(host)
    assert host.intents == [("shift.log", "seat1", {"text": "Water is back"})]
    assert panel.list.rows[0].mark is IntentState.SAVED
    changed(host, panel, log=(LogLine(by="li", t_ns=host.now_ns, text="Water is back"),))
    assert [(row.text, row.mark) for row in panel.list.rows] == [("Water is back", None)]


def test_a_refused_line_is_not_lost(make: Make) -> None:
    host = desk()
    host.answer = Answer(id="1", state=IntentState.REFUSED, reason=Text("规则", "the rule says no"))
    panel = panel_of(make, host)
    panel.input.setText("Water is back")
    press(panel.input, Qt.Key.Key_Return)
    answered(host)
    assert panel.list.rows[0].mark is IntentState.REFUSED
    assert "the rule says no" in panel.list.rows[0].second
    assert panel.input.text() == "Water is back"


def test_a_line_that_waits_for_the_link_and_is_refused_later_says_so(make: Make) -> None:
    host = desk()
    host.answer = Answer(id="1", state=IntentState.PENDING)
    panel = panel_of(make, host)
    panel.input.setText("Water is back")
    press(panel.input, Qt.Key.Key_Return)
    answered(host)
    assert [row.mark for row in panel.list.rows] == [IntentState.PENDING]
    host.acts["seat1"] = ActStanding(
        name="shift.log", entity="seat1", state=IntentState.REFUSED, since_ns=1, reason=Text("无权", "not allowed")
    )
    panel.update_frame(host.frame(after_s=1.0))
    assert panel.list.rows[0].mark is IntentState.REFUSED


def test_a_line_can_be_about_what_is_selected(make: Make) -> None:
    host = desk()
    host.selection = "incident:i5"
    panel = panel_of(make, host)
    panel.do("shift.log")
    QTest.keyClicks(panel.input, "Pumps run")
    press(panel.input, Qt.Key.Key_R, control=True)
    press(panel.input, Qt.Key.Key_Return)
    answered(host)
    assert host.intents[-1][2] == {"text": "Pumps run", "ref": "incident:i5"}


def test_who_may_not_is_told_the_rule(make: Make) -> None:
    host = desk()
    host.forbidden = frozenset({"handover"})
    panel = panel_of(make, host)
    assert not panel.input.isEnabled()
    assert "do not allow" in panel.input.placeholderText()
    assert words(panel) == [("Hand over", False)]
    assert ("Your roles do not allow shift and handover here.", "text2") in panel.head.lines
    panel.do("shift.hand_over")
    assert panel.sheet is None


# ---------------------------------------------------------------- a shift


def test_a_seat_that_nobody_has_is_taken_by_keyboard(make: Make) -> None:
    host = desk("wang", officer="", since_ns=0, end_ns=0)
    panel = panel_of(make, host)
    assert panel.head.officer == "Nobody on duty"
    panel.do("shift.hand_over")
    QTest.keyClicks(focused(panel), "25:00")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    assert "such as 08:00" in labels(panel)
    field = panel.findChildren(QLineEdit)[-1]
    field.setText("08:00")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    name, entity, told = host.intents[-1]
    assert (name, entity) == ("shift.start", "seat1")
    assert (told["end_ns"] - NOW_NS) / HOUR == pytest.approx(4.76, abs=0.01)
    assert panel.sheet is None


def test_a_seat_of_another_is_started_only_with_a_reason(make: Make) -> None:
    host = desk("chen")
    panel = panel_of(make, host)
    assert words(panel) == [("Hand over", False), ("Start without handover", True)]
    panel.do("shift.start")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    assert host.intents == []
    assert "Li Weiguo has the seat" in labels(panel)
    assert panel.sheet is not None
    panel.sheet.findChildren(QLineEdit)[-1].setText("he fell ill")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert host.intents[-1][2]["reason"] == "he fell ill"


# ---------------------------------------------------------------- the handover


def test_a_handover_goes_through_both_signatures_by_keyboard(make: Make) -> None:
    host = desk()
    panel = panel_of(make, host)
    panel.do("shift.hand_over")
    QTest.keyClicks(focused(panel), "wf")
    press(focused(panel), Qt.Key.Key_Return)
    assert isinstance(focused(panel), Paper)
    QTest.keyClicks(focused(panel), "Underpass closed to 06:00.")
    press(focused(panel), Qt.Key.Key_Tab)
    ticks = panel.findChildren(Tick)
    assert [tick.text() for tick in ticks] == ["0718-05 Tongwen underpass", "0718-04 Xianhu Road tree down"]
    for _ in ticks:
        press(focused(panel), Qt.Key.Key_Space)
        press(focused(panel), Qt.Key.Key_Return)
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    told = {"coming": "wang", "text": "Underpass closed to 06:00.", "mentioned": list(OPEN)}
    assert host.intents.pop() == ("shift.draft", "seat1", told)
    changed(host, panel, handover=msgspec.structs.replace(DRAFT, mentioned=OPEN))
    assert words(panel) == [("Sign off", True), ("Rewrite", True)]
    panel.do("shift.hand_over")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert host.intents.pop() == ("shift.sign_off", "seat1", {})
    changed(host, panel, handover=SIGNED)
    assert words(panel) == [("Sign and take over", False), ("Object", False)]
    assert ("Wang Fang signs to take it.", "text2") in panel.head.lines
    sits(host, "wang")
    panel.update_frame(host.frame(after_s=1.0))
    assert words(panel)[:2] == [("Sign and take over", True), ("Object", True)]
    panel.do("shift.hand_over")
    assert "Underpass closed to 06:00." in labels(panel)
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert host.intents.pop() == ("shift.take", "seat1", {})
    taken = msgspec.structs.replace(SIGNED, phase=HandoverPhase.TAKEN, taken_ns=host.now_ns)
    changed(host, panel, officer="wang", handover=None, past=(taken,))
    assert panel.head.officer == "Wang Fang"
    assert panel.list.rows[-1].text == "Li Weiguo to Wang Fang, taken"


def test_an_open_matter_that_is_not_mentioned_asks_for_a_reason(make: Make) -> None:
    host = desk(handover=msgspec.structs.replace(DRAFT, mentioned=OPEN[:1]))
    panel = panel_of(make, host)
    panel.do("shift.hand_over")
    assert "Not mentioned\n0718-04 Xianhu Road tree down" in labels(panel)
    press(focused(panel), Qt.Key.Key_Return, control=True)
    assert host.intents == []
    assert "1 open matters are not mentioned" in labels(panel)
    QTest.keyClicks(focused(panel), "closed by the crew")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert host.intents == [("shift.sign_off", "seat1", {"reason": "closed by the crew"})]


def test_who_comes_objects_with_a_reason_and_it_goes_back(make: Make) -> None:
    host = desk("wang", handover=SIGNED)
    panel = panel_of(make, host)
    panel.begin("shift.object")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    assert host.intents == []
    QTest.keyClicks(focused(panel), "the pumps are missing")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert host.intents == [("shift.object", "seat1", {"reason": "the pumps are missing"})]
    sits(host, "li")
    changed(host, panel, handover=msgspec.structs.replace(DRAFT, objections=(("wang", "the pumps are missing"),)))
    assert ("Handover: Wang Fang objected, Li Weiguo rewrites", "text") in panel.head.lines
    panel.begin("shift.draft")
    assert "Wang Fang objected: the pumps are missing" in labels(panel)


def test_a_signature_that_the_node_refuses_stays_on_its_sheet(make: Make) -> None:
    host = desk("wang", handover=SIGNED)
    host.answer = Answer(id="1", state=IntentState.REFUSED, reason=Text("规则", "handover rule: not now"))
    panel = panel_of(make, host)
    panel.do("shift.hand_over")
    press(focused(panel), Qt.Key.Key_Return, control=True)
    answered(host)
    assert panel.sheet is not None
    assert panel.sheet.line.state is IntentState.REFUSED
    assert "handover rule: not now" in panel.sheet.line.accessibleName()
    press(panel.sheet, Qt.Key.Key_Escape)
    assert panel.sheet is None


def test_a_past_handover_is_read_whole(make: Make) -> None:
    past = msgspec.structs.replace(
        SIGNED, phase=HandoverPhase.TAKEN, mentioned=OPEN[:1], unsaid=OPEN[1:], reason="over", taken_ns=NOW_NS - HOUR
    )
    host = desk("wang", officer="wang", past=(past,))
    panel = panel_of(make, host)
    panel.list.setFocus()
    press(panel.list, Qt.Key.Key_End)
    press(panel.list, Qt.Key.Key_Return)
    said = labels(panel)
    assert "Underpass closed to 06:00." in said
    assert "Not mentioned\n0718-04 Xianhu Road tree down\nReason: over" in said
    assert "Signed 02:14 Wang Fang" in said


def test_shelved_alarms_are_open_matters_in_words(make: Make) -> None:
    host = desk()
    alarm = next(iter(host.entities(Alarm)))
    host.put(msgspec.structs.replace(host.entities(Seat)["seat1"], open=(f"alarm:{alarm}",)))
    panel = panel_of(make, host)
    panel.begin("shift.draft")
    tick = panel.findChildren(Tick)[0]
    assert tick.accessibleName().endswith("shelved alarm")
    assert alarm not in tick.text()


# ---------------------------------------------------------------- everywhere


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["desk", "vehicle"])
@pytest.mark.parametrize("act", ["", "shift.draft", "shift.sign_off", "shift.take", "shift.object", "shift.start"])
def test_no_text_is_cut(make: Make, monkeypatch: pytest.MonkeyPatch, language: str, role: Role, act: str) -> None:
    seen = Seen(monkeypatch)
    person = {"shift.take": "wang", "shift.object": "wang", "shift.start": "chen"}.get(act, "li")
    signed = act in ("shift.take", "shift.object")
    log = (LogLine(by="li", t_ns=NOW_NS - 9 * HOUR, text="马王街道办来电：沣河左岸 K3 处渗水，已派巡查 03。" * 4),)
    with saying(language, "lists_zh", "people_zh"):
        host = desk(person, language=language, role=role, handover=SIGNED if signed else DRAFT, log=log)
        panel = panel_of(make, host, 560, 700)
        if act:
            panel.begin(act)
            assert panel.sheet is not None
        QApplication.processEvents()
        seen.of(panel)
        assert not seen.cut
        assert not cut_labels(panel)


def test_a_wall_has_no_control_and_names_nobody(make: Make) -> None:
    host = desk(role="wall", log=(LogLine(by="li", t_ns=NOW_NS, text="a caller's number"),))
    panel = panel_of(make, host, 1900, 500)
    panel.do("shift.log")
    panel.do("shift.hand_over")
    assert not [w for w in panel.findChildren(QWidget) if w.isVisible()]
    assert panel.evidence() is None
    assert panel.grab().toImage().pixelColor(5, 5).isValid()


def test_a_line_that_was_begun_outlives_a_restart(make: Make) -> None:
    panel = panel_of(make, desk())
    panel.input.setText("half a line")
    other = panel_of(make, desk())
    other.restore(panel.view_state())
    assert other.input.text() == "half a line"
