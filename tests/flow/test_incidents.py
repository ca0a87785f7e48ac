"""Incidents through the node as the program it is: from a phone call to a graded incident, restarts and quarrels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.api import Incident, IncidentPhase, IncidentRecord, IntentState, RefusedError
from tests.flow.nodes import until
from tests.flow.seats import Seat, child_node, kinds, seat, sources

ID = "3f2a" * 8
CALL = {
    "title": "天元路燃气疑似泄漏",
    "place": "天元路 8 号",
    "nature": "燃气泄漏",
    "reported_by": "群众 热线",
    "verified_by": "王寺所 张三",
    "grade": 3,
}


def incident(desk: Seat) -> Incident:
    desk.desk.drain()
    return desk.desk.entities(Incident).get(ID, Incident(id=""))


def record(desk: Seat) -> IncidentRecord:
    desk.desk.drain()
    return desk.desk.entities(IncidentRecord).get(ID, IncidentRecord(id=""))


async def do(desk: Seat, act: str, **arguments: Any) -> IntentState:
    answer = await desk.desk.intent(f"incident.{act}", ID, **arguments)
    return answer.state


async def test_a_phone_report_is_a_graded_incident_in_one_act_and_a_killed_node_brings_all_of_it_back(
    tmp_path: Path,
) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as first, seat(tmp_path / "console", first.url) as desk:
        await until(lambda: desk.desk.link.status.up)
        assert await do(desk, "report", **CALL) is IntentState.SAVED
        await until(lambda: incident(desk).phase is IncidentPhase.GRADED and bool(record(desk).id))
        shown = incident(desk)
        assert (shown.grade, shown.title.zh, shown.place.zh) == (3, CALL["title"], CALL["place"])
        assert shown.number.endswith("-001")
        assert [line.kind for line in record(desk).timeline] == ["incident.report", "incident.verify", "incident.grade"]
        assert {line.by for line in record(desk).timeline} == {"李卫国"}
        assert [due.kind.value for due in record(desk).owed] == ["first_phone", "first_written"]
        assert "incident.respond" in [act.name for act in record(desk).possible]
        before = record(desk)
        await first.kill()
        async with child_node(tmp_path, config) as second, seat(tmp_path / "other", second.url) as other:
            await until(lambda: incident(other).phase is IncidentPhase.GRADED and bool(record(other).id))
            assert incident(other).number == shown.number
            assert record(other).timeline == before.timeline
            assert [due.kind for due in record(other).owed] == [due.kind for due in before.owed]


async def test_of_two_desks_that_grade_at_once_the_second_hears_who_was_first_and_sees_both_versions(
    tmp_path: Path,
) -> None:
    config = sources(tmp_path / "sources")
    async with (
        child_node(tmp_path, config) as child,
        seat(tmp_path / "one", child.url, "李卫国") as one,
        seat(tmp_path / "two", child.url, "王芳") as two,
    ):
        await until(lambda: one.desk.link.status.up and two.desk.link.status.up)
        assert await do(one, "report", **CALL) is IntentState.SAVED
        await until(lambda: incident(two).grade == 3 and bool(heads(two)))
        seen = heads(two)
        assert await do(one, "grade", value=2, reason="疏散 600 人") is IntentState.SAVED
        # what she decides is about what she saw when she decided it
        answer = await two.desk.acts.do("incident.grade", ID, {"value": 4}, seen)
        assert answer.state is IntentState.CONFLICT
        assert "李卫国 已定级" in answer.reason.zh
        assert "疏散 600 人" in answer.reason.en
        assert [version.grade for version in answer.versions if isinstance(version, Incident)] == [3, 2]
        # a line of hers is saved all the same, and once she has looked she may decide
        assert (await two.desk.acts.do("incident.tell", ID, {"text": "消防到场"}, seen)).state is IntentState.SAVED
        await until(lambda: incident(two).grade == 2 and heads(two) != seen)
        assert await do(two, "grade", value=4) is IntentState.SAVED
        await until(lambda: incident(one).grade == 4)
        assert record(one).contested == ()
        assert not incident(one).conflict


async def test_a_refusal_names_the_rule_in_both_languages_and_is_on_record(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as child, seat(tmp_path / "console", child.url) as desk:
        await until(lambda: desk.desk.link.status.up)
        assert await do(desk, "report", title="电梯困人") is IntentState.SAVED
        answer = await desk.desk.intent("incident.grade", ID, value=3)
        assert answer.state is IntentState.REFUSED
        assert "接报时不能定级" in answer.reason.zh
        assert "grade is not possible while reported" in answer.reason.en
        answer = await desk.desk.intent("incident.verify", ID, place="某楼")
        assert "性质、核实人" in answer.reason.zh
    assert [kind for kind in kinds(tmp_path) if kind.startswith(("incident", "intent"))] == [
        "incident.report", "intent.refused", "intent.refused",
    ]  # fmt: skip


def heads(desk: Seat) -> tuple[str, ...]:
    desk.desk.drain()
    return desk.desk.replica.heads("incident", ID)


async def test_a_photo_is_on_the_nodes_disk_before_an_act_names_it_and_any_console_can_read_it_after_a_kill(
    tmp_path: Path,
) -> None:
    config = sources(tmp_path / "sources")
    photo = bytes(range(256)) * 3000
    async with child_node(tmp_path, config) as first, seat(tmp_path / "console", first.url) as desk:
        await until(lambda: desk.desk.link.status.up)
        assert await do(desk, "report", **CALL) is IntentState.SAVED
        unknown = await desk.desk.intent("incident.send", ID, report="first_written", to="新区", sha256="1" * 64)
        assert unknown.state is IntentState.REFUSED
        assert "先上传" in unknown.reason.zh
        sha256 = await desk.desk.attach(photo)
        assert await desk.desk.attach(photo) == sha256
        assert await do(desk, "send", report="first_written", to="新区", sha256=sha256) is IntentState.SAVED
        await first.kill()
        async with child_node(tmp_path, config) as second, seat(tmp_path / "other", second.url) as other:
            await until(lambda: bool(record(other).reports))
            assert await other.desk.fetch(record(other).reports[0].sha256) == photo
            with pytest.raises(RefusedError, match="1 to"):
                await other.desk.attach(b"")
