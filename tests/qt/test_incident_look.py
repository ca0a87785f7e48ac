"""What an incident's detail and its form look like and say, in both languages, and that nothing of it is cut."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.api import NS, ActStanding, IncidentPhase, IntentState, Text, TimelineLine
from tests.fakes import NOW_NS, FakeHost
from tests.incident_scene import record, told
from tests.qt.incident_hands import CONTROL, ENTER, Hands, Watching, answered, detail, saved
from tests.qt.panel_making import Make
from tests.scenes import storm
from widgets.incidents.spec import NEW


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


def test_progress_is_counted_as_in_the_list(make: Make, watching: Watching) -> None:
    host = FakeHost(language="zh")
    incident = told(host)
    host.put(msgspec.structs.replace(incident, fact=Text("转移", "moved"), fact_done=412.0, fact_of=620.0))
    assert "转移 412 / 620" in watching.of(detail(make, host))


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
