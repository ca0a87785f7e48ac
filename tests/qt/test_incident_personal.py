"""Who reported an incident: masked, asked for by a person, shown for a minute and masked again."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.api import Incident, IncidentRecord
from tests.fakes import FakeHost
from tests.incident_scene import told
from tests.qt.incident_hands import Watching, answered, detail
from tests.qt.panel_making import Make
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import REVEAL, IncidentsSettings

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
