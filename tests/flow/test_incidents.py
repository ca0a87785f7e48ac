"""Incidents through the node as the program it is: from a phone call to a graded incident, over restarts and quarrels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.api import Incident, IncidentPhase, IncidentRecord, IntentState
from tests.flow.nodes import until
from tests.flow.seats import Seat, child_node, seat, sources

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
