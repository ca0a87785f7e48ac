"""An incident's grade proposes its scene: one notice with a key, a preview, and nothing on a wall before W."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.api import WallMachine
from console.stage.proposing import NOTICE
from tests.qt.duty import Duty

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def duty(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Duty]:
    made = Duty(tmp_path, monkeypatch)
    yield made
    made.close()


def propose(duty: Duty) -> None:
    """The notice's key, wherever the keys are."""
    duty.stage.windows[0].activateWindow()
    duty.key(Qt.Key.Key_P, SHIFT)


def test_a_grade_proposes_the_scene_with_a_key_and_only_w_puts_it_on_the_wall(duty: Duty) -> None:
    duty.hall()
    duty.incident("i1", 4)
    assert not duty.said(NOTICE)
    front = QApplication.activeWindow()
    duty.incident("i1", 2)
    assert "暴雨内涝" in duty.said(NOTICE) and "重大事件" in duty.said(NOTICE) and "Shift+P" in duty.said(NOTICE)
    assert duty.directing.preview is None and QApplication.activeWindow() is front, "it takes no keys away"
    propose(duty)
    assert duty.preview().layout_shown.id == "scene-storm"
    assert duty.room.session.selection == "incident:i1"
    assert not duty.said(NOTICE)
    assert not duty.room.desk.intents
    duty.key(Qt.Key.Key_W)
    assert duty.room.desk.intents == [("wall.take", "hall")]
    assert duty.room.desk.arguments[-1]["subject"] == "incident:i1"


def test_a_wall_that_is_heard_and_shows_no_scene_yet_is_proposed_its_first(duty: Duty) -> None:
    duty.incident("i1", 2)
    assert not duty.said(NOTICE), "no wall is there"
    duty.room.desk.put(WallMachine(id="hall/a", wall="hall", machine="a"))
    duty.tick()
    propose(duty)
    duty.key(Qt.Key.Key_W)
    assert duty.room.desk.intents == [("wall.take", "hall")] and not duty.asked, "nobody has to know its id by heart"


def test_a_rising_grade_proposes_anew(duty: Duty) -> None:
    duty.hall()
    duty.incident("i1", 3)
    propose(duty)
    duty.key(Qt.Key.Key_Escape)
    duty.incident("i1", 3)
    assert not duty.said(NOTICE), "it was looked at"
    duty.incident("i1", 1)
    assert "特别重大事件" in duty.said(NOTICE)
    duty.incident("i1", 1, closed_ns=1)
    assert not duty.said(NOTICE)


def test_of_several_incidents_the_gravest_comes_first_and_then_the_next(duty: Duty) -> None:
    duty.hall(shown="scene-lifeline")
    duty.incident("i1", 3)
    duty.incident("i2", 1, "燃气泄漏")
    assert "燃气泄漏" in duty.said(NOTICE)
    assert len([n for n in duty.room.notices.all() if n.key == NOTICE]) == 1
    propose(duty)
    assert duty.preview().layout_shown.id == "scene-hazmat"
    duty.key(Qt.Key.Key_Escape)
    assert "暴雨内涝" in duty.said(NOTICE)


def test_a_wall_of_the_incidents_area_is_meant(duty: Duty) -> None:
    duty.hall("fengxi", area="fengxi")
    duty.hall("xixian", area="xixian")
    duty.incident("i1", 2, area="fengdong")
    propose(duty)
    duty.key(Qt.Key.Key_W)
    assert duty.room.desk.intents == [("wall.take", "xixian")]


def test_what_stands_on_the_wall_already_is_not_proposed(duty: Duty) -> None:
    wall = duty.hall(shown="scene-storm")
    assert wall.scene is not None
    duty.incident("i1", 2)
    assert duty.said(NOTICE)
    duty.hall(shown="scene-storm", scene=msgspec.structs.replace(wall.scene, subject="incident:i1"))
    assert not duty.said(NOTICE)


def test_without_a_wall_or_the_right_nothing_is_proposed(duty: Duty) -> None:
    duty.incident("i1", 1)
    assert not duty.said(NOTICE)
    duty.room.desk.forbidden = frozenset({"wall.take"})
    duty.hall()
    assert not duty.said(NOTICE)
    propose(duty)
    assert duty.directing.preview is None


def test_an_incident_that_no_scene_is_meant_for_proposes_none_until_its_nature_is_known(duty: Duty) -> None:
    duty.hall()
    duty.incident("i1", 1, "不明情况")
    assert not duty.said(NOTICE)
    duty.incident("i1", 1, "不明情况：燃气泄漏")
    assert "火灾危化" in duty.said(NOTICE)
