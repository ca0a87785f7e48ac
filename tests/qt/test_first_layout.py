"""The layout that somebody begins with: their role's, the one that they chose last, or what was asked for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from console.stage.first_layout import FirstLayout
from layouts.store import LayoutStore
from tests.qt.bench import LAYOUT, Bench
from tests.qt.steps import settle


@pytest.fixture
def first(bench: Bench) -> FirstLayout:
    """Who logs in gets a layout: this console's, with layouts of two roles in its store."""
    for id_, role in (("for-duty", "duty"), ("for-people", "security")):
        bench.stage.store.save(msgspec.structs.replace(LAYOUT, id=id_, roles=(role,)))
    return FirstLayout(bench.stage, bench.tiling, bench.room.access, bench.folder)


def logs_in(bench: Bench, person: str, *roles: str) -> str:
    """The layout that is open then."""
    bench.room.desk.stand(person=person, role_ids=roles, local=False, locked=False)
    settle()
    return bench.stage.layout_id


def test_who_logs_in_begins_with_the_layout_of_their_role(bench: Bench, first: FirstLayout) -> None:
    assert logs_in(bench, "wang", "security") == "for-people"
    assert logs_in(bench, "li", "somebody", "duty") == "for-duty"
    assert logs_in(bench, "zhao", "somebody") == "for-duty", "nothing is meant for it: what was open stays"


def test_what_a_person_opened_since_stays_whatever_the_node_says_of_them(bench: Bench, first: FirstLayout) -> None:
    logs_in(bench, "wang", "security")
    assert bench.tiling.open("mine")
    bench.room.desk.stand(locked=True)
    assert logs_in(bench, "wang", "security", "duty") == "mine"


def test_the_layout_that_a_person_chose_last_is_theirs_at_the_next_log_in_and_start(
    bench: Bench, first: FirstLayout
) -> None:
    logs_in(bench, "wang", "security")
    assert bench.tiling.open("mine")
    assert logs_in(bench, "li", "duty") == "for-duty"
    assert logs_in(bench, "wang", "security") == "mine"
    assert logs_in(bench, "li", "duty") == "for-duty"
    first.deleteLater()
    QApplication.sendPostedEvents(first, QEvent.Type.DeferredDelete)
    again = FirstLayout(bench.stage, bench.tiling, bench.room.access, bench.folder)
    assert logs_in(bench, "wang", "security") == "mine", "from the state folder"
    again.deleteLater()


def test_a_chosen_layout_that_is_gone_gives_way_to_the_roles(bench: Bench, first: FirstLayout) -> None:
    logs_in(bench, "wang", "security")
    bench.run("arrange.save_as")
    bench.names[0]("mine too")
    assert bench.stage.layout_id == "mine-too"
    logs_in(bench, "li", "duty")
    bench.stage.store.drop("mine-too")
    assert logs_in(bench, "wang", "security") == "for-people"


def test_a_layout_asked_for_at_the_start_is_kept_for_who_logs_in_first(bench: Bench) -> None:
    bench.stage.store.save(msgspec.structs.replace(LAYOUT, id="for-people", roles=("security",)))
    asked = FirstLayout(bench.stage, bench.tiling, bench.room.access, bench.folder, chosen=True)
    assert logs_in(bench, "wang", "security") == "mine"
    logs_in(bench, "li")
    assert logs_in(bench, "wang", "security") == "for-people"
    asked.deleteLater()


def test_nobody_is_given_another_layout_where_there_is_no_log_in(bench: Bench, first: FirstLayout) -> None:
    bench.room.desk.stand(person="local", role_ids=("security",), local=True)
    assert bench.stage.layout_id == "mine"
    bench.room.desk.stand(person="w", role_ids=("security",), local=False, wall=True)
    assert bench.stage.layout_id == "mine"


def test_people_is_the_layout_of_who_administers_them() -> None:
    shipped = LayoutStore(Path("nowhere"))
    assert [id_ for id_ in shipped.ids() if "security_admin" in shipped.load(id_).roles] == ["people"]
