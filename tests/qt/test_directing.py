"""The duty desk directs the walls: scenes in preview, one key to take them, control asked for and handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.api import Access, Answer, IntentState, PanelSpec, Person, Scene, Text, Wall
from console.resolve import declared
from console.shell.alarm_strip import AlarmStrip
from console.shell.standard import add_standard_commands
from console.stage.stage import Stage
from console.walls.directing import Directing
from console.walls.preview import Preview
from layouts.mosaic import Mosaic
from layouts.store import written
from layouts.wall import TEXT_PX, text_px
from tests.qt.saying import labels, saying
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room, small_city

ROOT = Path(__file__).parents[2]
SCENE = Scene(number=1, layout="", title=Text("常态", "Normal watch"), by="p.li", t_ns=NOW_NS)


class Desk:
    """A desk with one layout open, what it asked, and what it sent."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room = room
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.asked: list[Callable[[str], None]] = []
        self.directing = Directing(self.stage, room.session, lambda _title, _text, told: self.asked.append(told))
        self.directing.add_commands()
        room.pacer.add_chrome(self.directing)
        self.stage.open("duty")
        ticks(room, 12)

    def run(self, command: str) -> None:
        self.room.commands.run(command)
        settle()
        ticks(self.room, 10)

    def hall(self, **changes: object) -> None:
        wall = Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=SCENE, controller="p.li")
        self.room.desk.put(msgspec.structs.replace(wall, **changes))
        ticks(self.room, 3)


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    room = Room(tmp_path)
    small_city(room.desk)
    room.desk.put(Person(id="p.li", name=Text("李卫国", "Li Weiguo")), Person(id="p.wang", name=Text("王", "Wang")))
    made = Desk(room, tmp_path)
    yield made
    made.directing.close()
    made.stage.close()
    settle()
    room.close()


def test_a_scene_stands_in_preview_live_and_nothing_is_sent(desk: Desk) -> None:
    tiles = len(desk.room.pacer.tiles)
    desk.run("wall.preview_scene-storm")
    preview = desk.directing.preview
    assert preview is not None
    shown = [tile for mosaic in preview.findChildren(Mosaic) for tile in mosaic.tiles]
    assert len(desk.room.pacer.tiles) == tiles + len(shown)
    assert all(tile.isVisible() for tile in shown)
    assert len(preview.findChildren(Mosaic)) == 4
    room = preview.screen().availableSize()
    assert preview.width() <= room.width() and preview.height() <= room.height(), "its buttons are on the screen too"
    assert not desk.room.desk.intents
    preview.close()
    settle()
    assert len(desk.room.pacer.tiles) == tiles


def test_the_preview_leaves_the_alarms_in_sight(desk: Desk) -> None:
    window = desk.stage.windows[0]
    window.resize(window.screen().availableSize())
    strip = window.findChild(AlarmStrip)
    assert strip is not None
    desk.run("wall.preview_scene-storm")
    preview = desk.directing.preview
    assert preview is not None
    low = preview.screen().availableGeometry().bottom() + 1 - preview.height()
    assert preview.y() >= min(low, strip.mapToGlobal(strip.rect().bottomLeft()).y())
    assert preview.y() > window.y(), "on a low screen too it goes no higher than it must"


def test_one_key_takes_it_and_the_incident_at_hand_goes_along(desk: Desk) -> None:
    desk.hall()
    desk.room.session.select("incident:i1")
    desk.run("wall.preview_scene-storm")
    desk.run("wall.take")
    desk.room.tasks.run_all()
    assert desk.room.desk.intents == [("wall.take", "hall")]
    arguments = desk.room.desk.arguments[-1]
    assert arguments["subject"] == "incident:i1"
    assert 'role = "wall"' in arguments["layout"]
    assert arguments["title_zh"] == desk.stage.store.load("scene-storm").title.zh
    assert desk.directing.preview is None, "what was taken is on the wall now"


def test_a_sensor_that_is_clicked_takes_the_incident_away_from_no_scene(desk: Desk) -> None:
    text = written(desk.stage.store.load("scene-storm"))
    desk.hall(scene=msgspec.structs.replace(SCENE, layout=text, subject="incident:i1"))
    desk.room.session.select("alarm:a1")
    desk.run("wall.preview_now")
    assert desk.room.session.selection == "incident:i1", "it stays about what it is about"
    desk.room.session.select("alarm:a1")
    desk.run("wall.take")
    desk.room.tasks.run_all()
    assert desk.room.desk.arguments[-1]["subject"] == "incident:i1"
    desk.run("wall.preview_now")
    desk.room.session.select("")
    desk.run("wall.take")
    desk.room.tasks.run_all()
    assert desk.room.desk.arguments[-1]["subject"] == ""


def test_a_refused_take_is_said_and_the_preview_stays(desk: Desk) -> None:
    desk.hall(controller="p.wang")
    desk.room.desk.answer = Answer(id="1", state=IntentState.REFUSED, reason=Text("由 p.wang 控制", "p.wang has it"))
    desk.run("wall.preview_scene-storm")
    desk.run("wall.fade")
    desk.room.tasks.run_all()
    assert desk.directing.preview is not None
    told = next(notice for notice in desk.room.notices.all() if notice.key == "wall.act")
    assert told.summary.zh == "由 p.wang 控制"


def test_the_first_take_asks_which_wall(desk: Desk) -> None:
    desk.run("wall.preview_scene-storm")
    desk.run("wall.take")
    assert not desk.room.desk.intents
    desk.asked[0]("hall-2")
    desk.room.tasks.run_all()
    assert desk.room.desk.intents == [("wall.take", "hall-2")]


def test_who_controls_is_told_who_asks_and_hands_over(desk: Desk) -> None:
    desk.room.desk.access = Access(person="p.li", name=Text("李卫国"))
    desk.hall(asked=("p.wang",))
    told = next(notice for notice in desk.room.notices.all() if notice.key == "wall.asked")
    assert "王 申请控制大屏 指挥大厅" in told.summary.zh
    desk.run("wall.give")
    desk.room.tasks.run_all()
    assert desk.room.desk.arguments[-1] == {"to": "p.wang"}
    desk.hall()
    assert "wall.asked" not in [notice.key for notice in desk.room.notices.all()]


def test_a_wall_is_taken_over_with_a_reason(desk: Desk) -> None:
    desk.hall(controller="p.wang")
    desk.run("wall.seize")
    desk.asked[0]("事件升级")
    desk.room.tasks.run_all()
    assert desk.room.desk.intents == [("wall.seize", "hall")]
    assert desk.room.desk.arguments[-1] == {"reason": "事件升级"}


def test_who_may_not_direct_walls_is_not_offered_it(desk: Desk) -> None:
    desk.room.desk.forbidden = frozenset({"wall.take"})
    offered = [c.spec.id for c in desk.room.commands.all() if c.enabled()]
    assert not [id_ for id_ in offered if id_.startswith("wall.")]


def test_what_stands_on_the_wall_is_said_in_both_languages(desk: Desk) -> None:
    with saying("zh", "shell_zh"):
        desk.hall()
        desk.run("wall.preview_scene-storm")
        preview = desk.directing.preview
        assert preview is not None
        assert "现在：常态" in preview.said
        assert "由 李卫国 上屏" in preview.said
    desk.room.language.toggle()
    assert "Now: Normal watch, taken by Li Weiguo" in preview.said


def in_preview(desk: Desk) -> Preview:
    desk.run("wall.preview_scene-storm")
    preview = desk.directing.preview
    assert preview is not None
    preview.activateWindow()
    settle()
    return preview


def test_the_key_takes_what_is_in_preview(desk: Desk) -> None:
    desk.hall()
    QTest.keyClick(in_preview(desk).windowHandle(), Qt.Key.Key_W)
    desk.room.tasks.run_all()
    assert desk.room.desk.intents == [("wall.take", "hall")]


def test_who_types_in_another_window_puts_nothing_on_the_wall(desk: Desk) -> None:
    desk.hall()
    in_preview(desk)
    field = QLineEdit(desk.stage.windows[0])
    field.show()
    desk.stage.windows[0].activateWindow()
    field.setFocus()
    settle()
    QTest.keyClick(desk.stage.windows[0].windowHandle(), Qt.Key.Key_W)
    desk.room.tasks.run_all()
    assert field.text() == "w"
    assert not desk.room.desk.intents


def test_esc_closes_the_preview_and_leaves_what_is_selected(desk: Desk) -> None:
    room, stage = desk.room, desk.stage
    doers = (stage.active_window, stage.reveal, stage.toggle_full_screen, stage.leave_full_screen)
    add_standard_commands(room.session, room.acts, room.replay, *doers)
    room.session.select("incident:i1")
    QTest.keyClick(in_preview(desk).windowHandle(), Qt.Key.Key_Escape)
    settle()
    assert desk.directing.preview is None
    assert room.session.selection == "incident:i1"


def test_a_locked_desk_shows_no_preview_and_another_person_finds_none(desk: Desk) -> None:
    desk.room.desk.access = Access(person="p.li", name=Text("李卫国"), locks_s=600.0)
    desk.room.access.follow()
    tiles = len(desk.room.pacer.tiles)
    preview = in_preview(desk)
    desk.room.access.lock()
    settle()
    assert not preview.isVisible()
    desk.room.access.unlock(desk.room.desk.secret)
    desk.room.tasks.run_all()
    settle()
    assert preview.isVisible()
    desk.room.desk.logout()
    desk.room.access.follow()
    desk.room.desk.access = Access(person="p.wang", name=Text("王"))
    desk.room.access.follow()
    settle()
    assert desk.directing.preview is None
    assert len(desk.room.pacer.tiles) == tiles


def test_a_wall_that_was_chosen_is_not_taken_for_another(desk: Desk) -> None:
    desk.hall(asked=("p.wang",))
    desk.run("wall.choose")
    desk.asked[0]("annex")
    assert "annex" in labels(in_preview(desk))
    assert "Normal watch" not in labels(in_preview(desk))
    desk.run("wall.give")
    desk.run("wall.take")
    desk.room.tasks.run_all()
    assert desk.room.desk.intents == [("wall.take", "annex")]


def test_a_preview_has_the_proportions_of_the_wall(desk: Desk) -> None:
    mosaics = in_preview(desk).findChildren(Mosaic)
    layout = desk.stage.store.load("scene-storm")
    for mosaic, screen in zip(mosaics, layout.screens, strict=True):
        here = text_px(screen, layout) * mosaic.width() / 1920
        assert mosaic.scale == pytest.approx(here / TEXT_PX["wall"])


def test_a_scene_of_ones_own_is_offered_without_a_restart(desk: Desk) -> None:
    own = msgspec.structs.replace(desk.stage.store.load("scene-storm"), id="own", title=Text("台风", "Typhoon"))
    desk.stage.store.save(own)
    desk.directing.add_scenes()
    titles = {c.spec.id: c.spec.title for c in desk.room.commands.all()}
    assert titles["wall.preview_own"] == Text("预演台风", "Preview Typhoon")
    assert titles["wall.preview_scene-storm"].zh.startswith("预演场景：暴雨")
