"""What persons do to incidents: every act, what it needs, what screens see then, and who is told of a conflict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from console.api import Alarm, Board, Incident, IncidentPhase, IncidentRecord, Person, ReportKind, Sensor, Text
from console.node.access.actions import Action
from console.rules.incident import TRANSITIONS, IncidentAct
from console.wire.frames import Intent
from tests.flow.nodes import until
from tests.unit.node.acts.room import MIN, START_NS, Room, room

CALL: dict[str, Any] = {
    "title": "燃气泄漏",
    "place": "天元路 8 号",
    "nature": "燃气",
    "reported_by": "群众",
    "area": "town.east",
}
WHOLE = CALL | {"verified_by": "张三", "grade": 3}
NEEDS: dict[IncidentAct, dict[str, Any]] = {
    IncidentAct.VERIFY: {"place": "天元路", "nature": "燃气", "verified_by": "张三"},
    IncidentAct.GRADE: {"value": 3},
    IncidentAct.RESPOND: {"response_level": 3, "leader": "赵队"},
    IncidentAct.CONTROL: {"measures": "关阀"},
    IncidentAct.CLOSE: {"casualties": [0, 1, 0], "cause": "腐蚀", "reason": "终报另报"},
    IncidentAct.DISMISS: {"reason": "误报"},
    IncidentAct.REVIEW: {"lessons": "加装阀门"},
    IncidentAct.REOPEN: {"reason": "复燃"},
    IncidentAct.WORSEN: {"reason": "再次泄漏"},
}
"""What each act asks for."""
WAYS = {
    IncidentPhase.REPORTED: (),
    IncidentPhase.VERIFIED: (IncidentAct.VERIFY,),
    IncidentPhase.GRADED: (IncidentAct.VERIFY, IncidentAct.GRADE),
}
WAYS |= {IncidentPhase.RESPONDING: (*WAYS[IncidentPhase.GRADED], IncidentAct.RESPOND)}
WAYS |= {IncidentPhase.CONTROLLED: (*WAYS[IncidentPhase.RESPONDING], IncidentAct.CONTROL)}
WAYS |= {IncidentPhase.CLOSED: (*WAYS[IncidentPhase.CONTROLLED], IncidentAct.CLOSE)}
WAYS |= {IncidentPhase.REVIEWED: (*WAYS[IncidentPhase.CLOSED], IncidentAct.REVIEW)}


async def led_to(one: Room, id_: str, phase: IncidentPhase) -> None:
    """An incident as it stands after the shortest way to a phase."""
    await one.saved("incident.report", id_, title="燃气泄漏")
    for act in WAYS[phase]:
        await one.saved(f"incident.{act.value}", id_, **NEEDS[act])
    assert one.shown(Incident, id_).phase is phase


async def test_every_act_in_every_phase_is_saved_or_refused_as_the_table_says_and_screens_know_before(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as one:
        for phase in IncidentPhase:
            await led_to(one, f"at-{phase.value}", phase)
            possible = {act.name for act in one.shown(IncidentRecord, f"at-{phase.value}").possible}
            for act in IncidentAct:
                id_, name = f"{phase.value}-{act.value}", f"incident.{act.value}"
                target = TRANSITIONS.get((phase, act))
                assert (name in possible) is (target is not None)
                await led_to(one, id_, phase)
                if target is None:
                    assert "事件规则" in await one.refused(name, id_, **NEEDS[act])
                    target = phase
                else:
                    await one.saved(name, id_, **NEEDS[act])
                assert one.shown(Incident, id_).phase is target


async def test_what_an_act_needs_and_does_not_get_is_named_and_a_possible_act_names_it_before(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        for phase, act, lacks in (
            (IncidentPhase.REPORTED, IncidentAct.VERIFY, "核实人"),
            (IncidentPhase.VERIFIED, IncidentAct.GRADE, "value"),
            (IncidentPhase.GRADED, IncidentAct.RESPOND, "现场负责人"),
            (IncidentPhase.RESPONDING, IncidentAct.CONTROL, "已采取措施"),
            (IncidentPhase.CONTROLLED, IncidentAct.CLOSE, "终报"),
            (IncidentPhase.CLOSED, IncidentAct.REVIEW, "改进事项"),
            (IncidentPhase.REPORTED, IncidentAct.DISMISS, "理由"),
            (IncidentPhase.CONTROLLED, IncidentAct.WORSEN, "理由"),
            (IncidentPhase.REVIEWED, IncidentAct.REOPEN, "理由"),
        ):
            id_ = f"{phase.value}-{act.value}"
            await led_to(one, id_, phase)
            known = {known.name: known for known in one.shown(IncidentRecord, id_).possible}[f"incident.{act.value}"]
            assert known.asks or known.reason or known.lacks
            assert lacks in await one.refused(f"incident.{act.value}", id_)


async def test_one_intent_reports_verifies_and_grades_where_all_is_said(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **CALL)
        assert one.shown(Incident, "a").phase is IncidentPhase.REPORTED
        await one.saved("incident.report", "b", **CALL, verified_by="张三")
        assert one.shown(Incident, "b").phase is IncidentPhase.VERIFIED
        answer = await one.saved("incident.report", "c", **WHOLE, id="once")
        shown = one.shown(Incident, "c")
        assert (shown.phase, shown.grade, shown.area) == (IncidentPhase.GRADED, 3, "town.east")
        assert [e.header.kind for e in await one.entries()][-3:] == [
            "incident.report", "incident.verify", "incident.grade",
        ]  # fmt: skip
        assert {e.header.intent for e in (await one.entries())[-3:]} == {"once"}
        again = await one.saved("incident.report", "c", **WHOLE, id="once")
        assert (again.entry, len(await one.entries())) == (answer.entry, 6)
        # a grade of what nobody verified is not dropped in silence
        assert "核实人" in await one.refused("incident.report", "d", **CALL, grade=2)
        assert "d" not in one.hub.entities[Incident.CLS]


async def test_what_is_published_bears_no_personal_data_and_says_what_there_is_to_be_asked_for(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **CALL | {"reported_by": "王大爷 138 0000 0000"})
        await one.saved("incident.report", "b", title="无人报告")
        assert one.shown(IncidentRecord, "a").personal == ("reported_by",)
        assert one.shown(IncidentRecord, "a").facts.place == CALL["place"], "only what is about a person is left out"
        assert one.shown(IncidentRecord, "b").personal == ()
        all_of_it = b"".join(msgspec.msgpack.encode(e) for of in one.hub.entities.values() for e in of.values())
        assert b"138 0000" not in all_of_it
        view = await one.journal.view(Incident.CLS, "a") if one.journal is not None else None
        assert view is not None
        assert view.state.facts.reported_by == "王大爷 138 0000 0000", "the journal has it"


async def test_numbers_run_by_the_day_of_the_room_and_over_a_restart_and_a_refusal_takes_none(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", title="一")
        await one.refused("incident.report", "b", title=" ")
        await one.saved("incident.report", "c", title="三")
        assert [one.shown(Incident, id_).number for id_ in "ac"] == ["20261123-001", "20261123-002"]
    async with room(tmp_path) as two:
        two.clocks.pass_(23 * 60)
        await two.saved("incident.report", "d", title="四")
        assert two.shown(Incident, "d").number == "20261123-003"
        two.clocks.pass_(2 * 60)  # 01:00 of the next day in Beijing
        await two.saved("incident.report", "e", title="五")
        assert two.shown(Incident, "e").number == "20261124-001"


async def test_wrong_arguments_are_named_with_what_was_found_and_expected(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **WHOLE)
        for arguments, named in (
            ({"title": 7}, "参数 title：得到 7，应为文字 | argument title: found 7, expected a text"),
            ({"grade": "三"}, "整数"),
            ({"board": "fire"}, "lifeline、public、production、natural 之一"),
            ({"lon": 181.0}, "-180 至 180"),
            ({"lat": float("nan")}, "-90 至 90"),
            ({"sensors": "s1"}, "列表"),
            ({"casualties": [0, 0]}, "3 个整数"),
            ({"colour": 1}, "未知参数 colour"),
            ({"area": "town.west"}, "没有区域 town.west"),
            ({"alarm": "alarm:gone"}, "没有报警"),
        ):
            assert named in await one.refused("incident.report", "b", **({"title": "二"} | arguments))
        assert "参数 value" in await one.refused("incident.grade", "a")
        assert "first_phone" in await one.refused("incident.send", "a", report="fax", to="新区")
        assert "附件" in await one.refused("incident.send", "a", report="first_phone", to="新区", sha256="0" * 64)
        assert "编号" in await one.refused("incident.report", "a:b", title="二")
        assert "没有内容" in await one.refused("incident.tell", "a")
        assert "尚无人报告" in await one.refused("incident.tell", "unknown", text="?")
        assert "已报过" in await one.refused("incident.report", "a", title="again")


async def test_scales_move_apart_and_reports_are_owed_until_they_are_sent(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **WHOLE)
        await one.saved("incident.colour", "a", value=2)
        await one.saved("incident.level", "a", value=4)
        shown = one.shown(Incident, "a")
        assert (shown.grade, shown.warning_colour, shown.response_level) == (3, 2, 4)
        owed = one.shown(IncidentRecord, "a").owed
        assert [(due.kind, due.due_ns) for due in owed] == [
            (ReportKind.FIRST_PHONE, START_NS + 30 * MIN),
            (ReportKind.FIRST_WRITTEN, START_NS + 60 * MIN),
        ]
        one.clocks.pass_(10)
        sha256 = one.hub.keep_file(b"the paper")
        await one.saved("incident.send", "a", report="first_phone", to="新区总值班室")
        await one.saved("incident.send", "a", report="first_written", to="新区总值班室", sha256=sha256)
        record = one.shown(IncidentRecord, "a")
        assert [(due.kind, due.number, due.due_ns) for due in record.owed] == [
            (ReportKind.FOLLOW_UP, 1, START_NS + 250 * MIN)
        ]
        assert [(line.kind, line.sha256) for line in record.reports] == [
            (ReportKind.FIRST_PHONE, ""),
            (ReportKind.FIRST_WRITTEN, sha256),
        ]
        assert "已报送" in await one.refused("incident.send", "a", report="first_phone", to="新区")


async def test_an_incident_of_a_source_is_its_sources_until_a_report_adopts_it(tmp_path: Path) -> None:
    told = Incident(id="inc.7", title=Text("电梯困人", "lift"), area="town", board=Board.PUBLIC, number="0612-07")
    async with room(tmp_path) as one:
        one.hub.put("city", [told])
        assert "数据源" in await one.refused("incident.verify", "inc.7", **NEEDS[IncidentAct.VERIFY])
        await one.saved("incident.report", "inc.7", reported_by="物业")
        adopted = one.shown(Incident, "inc.7")
        assert (adopted.number, adopted.title.zh, adopted.area, adopted.board) == (
            "0612-07", "电梯困人", "town", Board.PUBLIC,
        )  # fmt: skip
        assert adopted.phase is IncidentPhase.REPORTED
        assert one.journalled.published.theirs([told, msgspec.structs.replace(told, id="other")])[0].id == "other"
        assert one.journalled.published.droppable(Incident, ["inc.7", "other"]) == ["other"]


async def test_a_report_of_an_alarm_knows_where_and_what_it_measures(tmp_path: Path) -> None:
    sensor = Sensor(id="s1", area="town.east", site=Text("三桥站"), lon=108.9, lat=34.2, board=Board.PRODUCTION)
    async with room(tmp_path) as one:
        one.hub.put("city", [sensor, Alarm(id="alarm:s1", sensor="s1")])
        await one.saved("incident.report", "a", title="压力低", alarm="alarm:s1")
        shown = one.shown(Incident, "a")
        assert (shown.area, shown.place.zh, shown.lon, shown.sensors) == ("town.east", "三桥站", 108.9, ("s1",))
        assert shown.board is Board.PRODUCTION
        assert one.shown(IncidentRecord, "a").alarm == "alarm:s1"
        assert one.belongs == {"alarm:s1": "a"}
        await one.saved("incident.dismiss", "a", reason="误报")
        assert one.belongs == {"alarm:s1": ""}


async def test_a_phase_act_on_what_another_has_moved_is_a_conflict_with_both_versions_and_a_line_never_is(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as one:
        one.hub.put("people", [Person(id="wang", name=Text("王芳", "Wang Fang"))])
        seen = (await one.saved("incident.report", "a", **WHOLE)).heads
        lined = await one.saved("incident.tell", "a", "王芳", text="消防已到", heads=seen)
        # a line in between is no conflict
        await one.saved("incident.grade", "a", "wang", value=2, reason="扩大", heads=seen)
        answer = await one.act("incident.grade", "a", "李卫国", value=4, heads=lined.heads)
        assert answer.state == "conflict"
        assert answer.reason.zh == "您看到之后，王芳 已定级：2 扩大"
        assert answer.reason.en == "since it was looked at, Wang Fang did incident.grade: 2 扩大"
        versions = [msgspec.msgpack.decode(raw, type=Incident) for raw in answer.versions]
        assert [version.grade for version in versions] == [3, 2]
        assert answer.heads[0] == lined.heads[0]
        # a line is saved whatever came in between, and so is what the same person did before
        await one.saved("incident.tell", "a", text="记录", heads=seen)
        last = await one.saved("incident.grade", "a", "wang", value=1, heads=lined.heads)
        await one.saved("incident.respond", "a", "李卫国", **NEEDS[IncidentAct.RESPOND], heads=last.heads)


async def test_what_an_act_asks_to_be_allowed_names_area_and_board_and_all_that_it_does(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **WHOLE, board="public")

        def asked(name: str, entity: str, **arguments: object) -> list[tuple[Action, str, Board | None]]:
            found = one.intents.asked(Intent(id="i", name=name, entity=entity, arguments=arguments))
            assert found is not None
            return [(each.action, each.area, each.board) for each in (found, *found.more)]

        assert asked("incident.close", "a") == [(Action.INCIDENT_CLOSE, "town.east", Board.PUBLIC)]
        assert asked("incident.tell", "a", area="town") == [
            (Action.INCIDENT_REPORT, "town.east", Board.PUBLIC),
            (Action.INCIDENT_REPORT, "town", Board.PUBLIC),
        ]
        assert asked("incident.report", "b", area="town", board="natural", verified_by="x", grade=3) == [
            (Action.INCIDENT_REPORT, "town", Board.NATURAL),
            (Action.INCIDENT_VERIFY, "town", Board.NATURAL),
            (Action.INCIDENT_GRADE, "town", Board.NATURAL),
        ]
        assert asked("incident.report", "b", area=7, board=[1]) == [(Action.INCIDENT_REPORT, "", None)]
        assert one.intents.asked(Intent(id="i", name="pump.stop", entity="p")) is None


async def test_a_restart_publishes_all_of_it_again_before_any_act(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **WHOLE)
        await one.saved("incident.tell", "a", text="消防已到")
        before = one.shown(Incident, "a"), one.shown(IncidentRecord, "a")
    async with room(tmp_path, one.clocks) as two:
        assert (two.shown(Incident, "a"), two.shown(IncidentRecord, "a")) == before


async def test_acts_of_two_nodes_that_had_not_seen_each_other_stand_side_by_side_until_somebody_has_seen_both(
    tmp_path: Path,
) -> None:
    async with room(tmp_path / "one") as one, room(tmp_path / "two", node="n2") as two:
        await one.saved("incident.report", "a", **WHOLE)
        await one.gives(two)
        await until(lambda: two.hub.entities.get(Incident.CLS, {}).get("a") is not None)
        first = await one.saved("incident.grade", "a", "li", value=2)
        second = await two.saved("incident.grade", "a", "wang", value=4)
        await one.gives(two)
        await two.gives(one)
        await until(lambda: one.shown(Incident, "a").conflict and two.shown(Incident, "a").conflict)
        assert one.shown(Incident, "a") == two.shown(Incident, "a")
        assert sorted(one.hub.heads[Incident.CLS]["a"]) == sorted((*first.heads, *second.heads))
        # who saw one of the two ends nothing, who saw both does
        await one.saved("incident.tell", "a", "li", text="只见其一", heads=first.heads)
        assert one.shown(Incident, "a").conflict
        await one.saved("incident.grade", "a", "wang", value=3, heads=one.hub.heads[Incident.CLS]["a"])
        assert not one.shown(Incident, "a").conflict
        assert one.shown(Incident, "a").grade == 3
