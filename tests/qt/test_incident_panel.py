"""An incident's detail and the form that takes a report, as a duty officer works with them: by keyboard alone."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QRectF, Qt, QTranslator
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.api import (
    NS,
    ActStanding,
    Answer,
    Incident,
    IncidentPhase,
    IncidentRecord,
    IntentState,
    LinkError,
    PossibleAct,
    Text,
    TimelineLine,
)
from tests.fakes import NOW_NS, FakeHost
from tests.incident_scene import record, told
from tests.qt.panel_making import Make
from tests.scenes import storm
from widgets.incidents.choice import ChoiceField
from widgets.incidents.detail import IncidentPanel
from widgets.incidents.form import Form
from widgets.incidents.paint import Painter
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import COMMANDS, NEW, REVEAL, SHOW, IncidentSettings, IncidentsSettings
from widgets.kit.text import draw_elided

TRANSLATIONS = Path(__file__).parents[2] / "resources" / "translations"
CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


class Hands:
    """A person at the keyboard; every key, and the text typed into one field, is one action."""

    def __init__(self, panel: Any) -> None:
        self.panel, self.actions = panel, 0

    @property
    def form(self) -> Form:
        form: Form | None = self.panel.acting.form
        assert form is not None, "a form is open"
        return form

    @property
    def field(self) -> Any:
        """What has the focus of the form."""
        window = self.panel.window()
        field = window.focusWidget()
        assert field is not None
        return field

    def command(self, command_id: str) -> None:
        """The command's key, as the registry runs it."""
        self.actions += 1
        self.panel.do(command_id)

    def type(self, text: str) -> None:
        self.actions += 1
        field = self.field
        assert isinstance(field, QLineEdit), f"typing into {field.accessibleName()}"
        field.insert(text)  # as an input method commits it
        field.textEdited.emit(field.text())

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.actions += 1
        QTest.keyClick(self.field, key, modifiers)


def answered(host: FakeHost) -> None:
    """Let what was sent come to its end."""
    work = [w for _, w in host.spawned]
    host.spawned.clear()
    for one in work:
        with pytest.raises(StopIteration):
            one.send(None)


def detail(make: Make, host: FakeHost, width: int = 640, height: int = 760) -> Any:
    panel = make(host, lambda h: IncidentPanel(h, IncidentSettings()), width, height)
    panel.activateWindow()
    return panel


class CutHost(FakeHost):
    """A host whose acts wait to be sent, as the console's own do."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.answer = Answer(id="1", state=IntentState.PENDING)
        self.waits = True

    def act(self, entity: str) -> ActStanding | None:
        done = next((name for name, of, _ in self.intents if of == entity), "")
        if done and self.waits and entity not in self.acts:
            return ActStanding(name=done, entity=entity, state=IntentState.PENDING, since_ns=NOW_NS)
        return self.acts.get(entity)


def saved(host: FakeHost) -> None:
    host.answer = Answer(id="1", state=IntentState.SAVED)


# ---------------------------------------------------------------- a phone report


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
    host = FakeHost()
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    hands.type("异响")
    hands.press(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    hands.press(ENTER, CONTROL)
    assert not host.spawned
    assert "地点" in lacking_words(hands.form)
    assert "性质" in lacking_words(hands.form)
    assert hands.field.accessibleName() == "地点"


def lacking_words(form: Form) -> str:
    label = form._lacks
    return label.text() if not label.isHidden() else ""


def test_areas_are_found_by_pinyin_initials(make: Make) -> None:
    host = FakeHost()
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
    area = hands.form.fields["area"]
    area.setFocus()
    assert isinstance(area, QLineEdit)
    area.selectAll()
    hands.type("jhxc")
    hands.press(ENTER)
    assert hands.form.values()["area"] == "jinghe"
    assert area.text() == "泾河新城"


def test_escape_keeps_what_was_typed_until_it_is_discarded(make: Make) -> None:
    host = FakeHost()
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
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
    host = FakeHost()
    storm(host)
    hands = Hands(detail(make, host))
    hands.command(NEW)
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
    assert panel.running(waiting) == "", "nobody has said yet since when"
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


# ---------------------------------------------------------------- acts on what is there


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


# ---------------------------------------------------------------- what it looks like


def look_of(panel: Any) -> bytes:
    return bytes(panel.view.line.grab().toImage().constBits())


def test_pending_saved_refused_and_conflict_look_and_read_differently(make: Make) -> None:
    looks: dict[IntentState, tuple[bytes, str]] = {}
    for state in (IntentState.PENDING, IntentState.SAVED, IntentState.REFUSED, IntentState.CONFLICT):
        host = FakeHost(language="en")
        told(host)
        host.acts["i3"] = ActStanding(name="incident.grade", entity="i3", state=state, since_ns=NOW_NS)
        panel = detail(make, host)
        looks[state] = (look_of(panel), panel.view.line.accessibleName())
    assert len({picture for picture, _ in looks.values()}) == 4
    assert len({words for _, words in looks.values()}) == 4


class Watching:
    """Every text that the detail paints, and which of them are cut."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.cut: list[str] = []
        for name, module in list(sys.modules.items()):
            if name.startswith("widgets.") and hasattr(module, "draw_elided") and name != "widgets.kit.text":
                patch.setattr(module, "draw_elided", self._draw)
        wrapped = Painter._wrapped

        def written(painter: Painter, p: QPainter, rect: QRectF, text: str, *more: Any) -> None:
            self.texts.append(text)
            wrapped(painter, p, rect, text, *more)

        patch.setattr(Painter, "_wrapped", written)

    def _draw(self, p: QPainter, rect: QRectF, flags: Any, text: str) -> None:
        if text:
            self.texts.append(text)
            if QFontMetricsF(p.font()).horizontalAdvance(text) > rect.width() + 0.5:
                self.cut.append(text)
        draw_elided(p, rect, flags, text)

    def of(self, panel: Any) -> str:
        self.texts.clear()
        self.cut.clear()
        panel.grab()
        return "\n".join(self.texts)


@pytest.fixture
def watching(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Watching:
    return Watching(monkeypatch)


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The detail's texts in both languages, from what is in the repository."""
    made: list[QTranslator] = []
    if request.param == "zh":
        tool = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
        for name in ("lists_zh", "incidents_zh"):
            out = tmp_path / f"{name}.qm"
            subprocess.run([tool, "-silent", TRANSLATIONS / f"{name}.ts", "-qm", out], check=True)
            translator = QTranslator()
            assert translator.load(str(out))
            QCoreApplication.installTranslator(translator)
            made.append(translator)
    yield request.param
    for translator in made:
        QCoreApplication.removeTranslator(translator)


@pytest.mark.parametrize("size", [(440, 900), (800, 420), (1228, 390)])
@pytest.mark.parametrize("controlled", [False, True])
def test_nothing_is_cut_in_either_language(
    make: Make, watching: Watching, language: str, size: tuple[int, int], controlled: bool
) -> None:
    host = FakeHost(language=language)
    incident = told(host, controlled=controlled)
    host.put(msgspec.structs.replace(incident, conflict=True))
    panel = detail(make, host, *size)
    texts = watching.of(panel)
    assert not watching.cut
    assert ("Feng River over danger level" if language == "en" else "沣河超保证水位") in texts


def test_the_form_is_cut_in_neither_language(make: Make, watching: Watching, language: str) -> None:
    for role in ("desk", "vehicle"):
        host = FakeHost(role=role, language=language)
        told(host)
        panel = detail(make, host, 1366, 768)
        panel.do(NEW)
        watching.of(panel)
        assert not watching.cut
        form = panel.acting.form
        assert all(field.visibleRegion().boundingRect().height() == field.height() for field in form.fields.values())
        panel.acting.form.left.emit({})


def test_scales_phase_reports_and_timeline_are_told(make: Make, watching: Watching) -> None:
    host = FakeHost(language="en")
    told(host)
    texts = watching.of(detail(make, host, 760, 1000)).splitlines()
    assert {"Major II", "Orange", "Level II"} <= set(texts), "three scales, each by its word"
    assert {"Responding", "Controlled"} <= set(texts)
    assert "80%　22 min left" in texts
    assert "overdue 3 min" in texts
    assert {"Wang Fang", "Chen Jianjun"} <= set(texts), "persons by name"
    assert texts.index("Add note") < texts.index("Respond"), "newest first"


def test_two_hundred_lines_scroll_and_older_ones_are_counted(make: Make, watching: Watching) -> None:
    host = FakeHost(language="en")
    told(host)
    lines = tuple(
        TimelineLine(
            kind="incident.tell", by="li", t_ns=NOW_NS - i * NS, phase=IncidentPhase.RESPONDING, text=f"line {i}"
        )
        for i in range(200, 0, -1)
    )
    host.put(msgspec.structs.replace(record(()), timeline=lines, forgotten=40))
    panel = detail(make, host, 800, 420)
    assert len(panel.view.side.rows) == 202
    first = watching.of(panel)
    assert "240 lines" in first
    panel.view.side.setFocus()
    QTest.keyClick(panel.view.side, Qt.Key.Key_End)
    assert "40 older lines stand in the journal" in watching.of(panel)


def test_an_incident_of_a_source_says_so_and_is_taken_on(make: Make, watching: Watching) -> None:
    host = FakeHost(language="en")
    storm(host)
    host.selection = "incident:i5"
    saved(host)
    hands = Hands(detail(make, host))
    assert "Kept by its source; there is no record here" in watching.of(hands.panel)
    hands.command("incident.verify")
    assert hands.form.values()["title"] == "Tongwen underpass"
    hands.type("Tongwen Road")
    hands.press(ENTER)
    hands.form.fields["verified_by"].setFocus()
    hands.type("Wang")
    hands.press(ENTER, CONTROL)
    answered(host)
    assert host.intents[0][:2] == ("incident.report", "i5"), "under its own id"


def test_conflict_and_contested_acts_are_there_to_be_looked_at(make: Make, watching: Watching) -> None:
    host = FakeHost(language="en")
    incident = told(host)
    line = TimelineLine(kind="incident.close", by="wang", t_ns=0, phase=IncidentPhase.RESPONDING, text="not possible")
    host.put(msgspec.structs.replace(incident, contested=1), msgspec.structs.replace(record(()), contested=(line,)))
    texts = watching.of(detail(make, host, 600, 1200))
    assert "Contested: 1 acts are listed and not applied" in texts
    assert "not applied　Close" in texts


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


# ---------------------------------------------------------------- who phoned

CALLER = "严家渠水文站 029-3333 0011"


def with_caller(language: str = "zh", role: Any = "desk") -> FakeHost:
    host = FakeHost(language=language, role=role)
    told(host)
    host.personal = {"reported_by": CALLER}
    return host


def test_who_phoned_is_masked_shown_at_a_key_for_a_minute_and_masked_again(
    make: Make, watching: Watching, language: str
) -> None:
    host = with_caller(language)
    panel = detail(make, host)
    now_s = [1000.0]
    panel.acting.personal.clock = lambda: now_s[0]
    offer = {"zh": "查看（Shift+F8）", "en": "show (Shift+F8)"}[language]
    assert f"···　{offer}" in watching.of(panel)
    assert not host.revealed, "nobody has asked yet"
    panel.do(REVEAL)
    answered(host)
    assert host.revealed == ("incident:i3",)
    assert CALLER in watching.of(panel)
    assert CALLER not in str(panel.freeze().data)
    assert CALLER not in str(panel.view_state())
    now_s[0] += 59.0
    panel.update_frame(host.frame(after_s=59.0))
    assert CALLER in watching.of(panel)
    now_s[0] += 1.0
    panel.update_frame(host.frame(after_s=1.0))
    texts = watching.of(panel)
    assert CALLER not in texts
    assert offer in texts
    assert not watching.cut


def test_who_phoned_is_masked_with_another_incident_a_lock_another_person_and_a_tile_that_is_hidden(
    make: Make, watching: Watching
) -> None:
    host = with_caller()
    other = msgspec.structs.replace(host.entities(Incident)["i3"], id="i9")
    host.put(other, msgspec.structs.replace(host.entities(IncidentRecord)["i3"], id="i9"))
    panel = detail(make, host)

    def asked() -> None:
        panel.do(REVEAL)
        answered(host)
        assert CALLER in watching.of(panel)

    asked()
    host.select("incident:i9")
    panel.update_frame(host.frame())
    assert CALLER not in watching.of(panel)
    asked()
    assert host.revealed[-1] == "incident:i9"
    host.stand(locked=True)
    panel.update_frame(host.frame(after_s=1.0))
    assert CALLER not in watching.of(panel)
    host.stand(locked=False)
    asked()
    host.context = "replay:1"
    panel.update_frame(host.frame(seeked=True))
    assert CALLER not in watching.of(panel)
    host.context = "live"
    asked()
    host.stand(person="wang")
    panel.update_frame(host.frame(after_s=1.0))
    assert CALLER not in watching.of(panel)
    asked()
    panel.hide()
    panel.show()
    assert CALLER not in watching.of(panel)
    panel.do(REVEAL)
    panel.hide()
    panel.show()
    host.select("incident:i3")
    panel.update_frame(host.frame())
    answered(host)
    assert CALLER not in watching.of(panel), "what was asked of another is not shown of this one"


def test_who_may_not_see_who_phoned_is_told_the_rule(make: Make, watching: Watching, language: str) -> None:
    host = with_caller(language)
    host.forbidden = frozenset({"view_personal"})
    panel = detail(make, host)
    texts = watching.of(panel)
    assert "···" in texts
    assert "Shift+F8" not in texts, "no key is offered that does nothing"
    panel.do(REVEAL)
    answered(host)
    texts = watching.of(panel)
    assert ("没有角色允许此操作" if language == "zh" else "no role grants this") in texts
    assert CALLER not in texts
    assert not watching.cut


def test_a_click_on_the_mask_asks_too_and_one_on_what_is_shown_does_not(make: Make) -> None:
    host = with_caller()
    panel = detail(make, host)
    sheet = panel.view.sheet
    index = next(i for i, row in enumerate(sheet.rows) if row.kind == "masked")
    middle = sheet.row_rect(index).center().toPoint()
    QTest.mouseClick(sheet.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    answered(host)
    QTest.mouseClick(sheet.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert host.revealed == ("incident:i3",)
    assert host.spawned == []


def test_a_wall_never_asks_who_phoned(make: Make, watching: Watching) -> None:
    host = with_caller(role="wall")
    panel = detail(make, host, 1920, 1080)
    panel.do(REVEAL)
    assert host.spawned == []
    assert "···" not in watching.of(panel)


def test_the_key_in_the_list_opens_the_detail_with_who_phoned(make: Make, watching: Watching) -> None:
    host = with_caller()
    panel: Any = make(host, lambda h: IncidentsPanel(h, IncidentsSettings()), 640, 760)
    panel.do(REVEAL)
    assert panel.detail == "i3"
    answered(host)
    assert CALLER in watching.of(panel)
    panel.hide()
    panel.show()
    assert CALLER not in watching.of(panel)


def test_where_nobody_is_known_to_have_phoned_nothing_is_masked(make: Make, watching: Watching) -> None:
    host = with_caller()
    host.put(msgspec.structs.replace(host.entities(IncidentRecord)["i3"], personal=()))
    texts = watching.of(detail(make, host))
    assert "···" not in texts
    assert "Reported by" in texts or "报告人" in texts
