"""One incident's whole life through a journal on disk, and what each act asks before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.api import NS, Board, Incident, IncidentPhase, RefusedError, ReportKind, Text
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import (
    ACTS,
    IncidentStanding,
    ReportedAct,
    ScaleAct,
    SentAct,
    StepAct,
    TellAct,
    Told,
    incident_of,
    report_clocks,
    rule_of,
)
from console.node.journal.folds.incident import INCIDENT_ACTS
from console.node.journal.folds.incident_acts import Scale
from console.node.journal.journal import Journal
from console.rules.elapsed import Mark
from console.rules.incident import IncidentAct
from tests.unit.node.journal.ledgers import START_NS, Wall, exchange, ledger

MIN = 60 * NS
ID = "inc.0612-07"
LEAK = ReportedAct(
    title="天元路燃气疑似泄漏",
    number="0612-07",
    at=Mark(boot="first", boot_ns=100 * MIN, wall_ns=START_NS),
    told=Told(area="fengdong.wangsi", reported_by="群众 热线"),
)
VERIFIED = StepAct(told=Told(place="天元路 8 号", nature="燃气泄漏", verified_by="王寺所 张三"))


def at(minute: int, boot: str = "first") -> Mark:
    """Both clocks so many minutes after the report; the second boot began at minute 40."""
    off = 100 if boot == "first" else -40
    return Mark(boot=boot, boot_ns=(off + minute) * MIN, wall_ns=START_NS + minute * MIN)


def draft(kind: str, act: Any, actor: str = "李卫国", **more: Any) -> Draft:
    return Draft(
        kind=kind, cls=kind.split(".", maxsplit=1)[0], entity=more.pop("entity", ID), act=act, actor=actor, **more
    )


class Room:
    """The journal of one node as an officer's acts reach it: rule first, then saved."""

    def __init__(self, folder: Path, wall: Wall) -> None:
        self.journal = Journal(folder, "centre", now_ns=wall)

    async def __aenter__(self) -> Room:
        await self.journal.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.journal.close()

    async def do(self, kind: str, act: Any, actor: str = "李卫国", **more: Any) -> IncidentStanding:
        one = draft(kind, act, actor, **more)
        await self.journal.append([one], rule=rule_of(ACTS, one))
        standing: IncidentStanding = (await self.journal.view("incident", ID)).state
        return standing

    async def mark(self, mark: Mark) -> None:
        one = draft("clock.mark", mark, entity="centre")
        await self.journal.append([one], rule=rule_of(ACTS, one))

    async def shown(self, now: Mark) -> Incident:
        view = await self.journal.view("incident", ID)
        boots = (await self.journal.view("clock", "centre")).state.boots
        return incident_of(view.state, boots=boots, now=now, conflict=view.conflict, contested=len(view.contested))


async def test_from_a_phone_call_to_the_review_with_a_restart_in_the_middle(tmp_path: Path) -> None:
    wall = Wall()
    async with Room(tmp_path, wall) as room:
        await room.mark(at(-30))
        # somebody calls: nothing is known but what he says, so the shortest limits run
        await room.do("incident.report", LEAK)
        shown = await room.shown(at(5))
        assert (shown.number, shown.title, shown.grade, shown.step) == ("0612-07", Text("天元路燃气疑似泄漏"), 0, 0)
        assert (shown.report_kind.zh, shown.report_due_ns) == ("电话初报", START_NS + 15 * MIN)
        # nobody is sure yet, so it cannot be graded, and what lacks is said
        with pytest.raises(RefusedError, match="grade is not possible while reported"):
            await room.do("incident.grade", ScaleAct(value=3))
        with pytest.raises(RefusedError, match="核实人"):
            await room.do("incident.verify", StepAct(told=Told(place="天元路", nature="燃气")))
        await room.do("incident.verify", VERIFIED)
        await room.do("incident.grade", ScaleAct(value=3, reason="疏散 60 人"))
        await room.do("incident.send", SentAct(report=ReportKind.FIRST_PHONE, to="新区总值班室", at=at(12)))
        await room.do("incident.colour", ScaleAct(value=2))
        standing = await room.do(
            "incident.respond", StepAct(response_level=4, told=Told(leader="赵队", measures="关阀 V-31"))
        )
        assert (standing.facts.grade, standing.facts.warning_colour, standing.facts.response_level) == (3, 2, 4)
        shown = await room.shown(at(20))
        assert (shown.phase, shown.step) == (IncidentPhase.RESPONDING, 3)
        assert shown.response == Text("IV 级响应 · 赵队", "response level IV · 赵队")
        assert shown.place == Text("天元路 8 号")
        assert shown.fact == Text("关阀 V-31")
        assert (shown.report_kind.zh, shown.report_due_ns) == ("书面初报", START_NS + 60 * MIN)
        await room.mark(at(30))

    # the machine is switched off and on: the same incident, and the limit goes on, its uncertainty said
    async with Room(tmp_path, wall) as room:
        await room.mark(at(42, "second"))
        assert (await room.journal.view("incident", ID)).state == standing
        shown = await room.shown(at(50, "second"))
        assert shown.report_due_ns == START_NS + 60 * MIN
        boots = (await room.journal.view("clock", "centre")).state.boots
        clock = report_clocks(standing, boots, at(50, "second"))[0]
        assert (clock.left_s, clock.warning, clock.uncertain_s) == (600.0, 0.8, 600.0)

        await room.do("incident.send", SentAct(report=ReportKind.FIRST_WRITTEN, to="新区", at=at(55, "second")))
        await room.do("incident.send", SentAct(report=ReportKind.FOLLOW_UP, to="新区", at=at(200, "second")))
        shown = await room.shown(at(210, "second"))
        assert (shown.report_kind.zh, shown.report_due_ns) == ("续报二", START_NS + 440 * MIN)
        # it grew: the grade rises, and neither the colour nor the level moves with it
        standing = await room.do("incident.grade", ScaleAct(value=2, reason="二次泄漏"))
        assert (standing.phase, standing.facts.grade) == (IncidentPhase.RESPONDING, 2)
        assert (standing.facts.warning_colour, standing.facts.response_level) == (2, 4)
        await room.do("incident.send", SentAct(report=ReportKind.FOLLOW_UP, to="新区", at=at(220, "second")))
        with pytest.raises(RefusedError, match="final report comes when"):
            await room.do("incident.send", SentAct(report=ReportKind.FINAL, to="新区", at=at(221, "second")))
        await room.do("incident.control", StepAct(at=at(230, "second")))
        shown = await room.shown(at(231, "second"))
        assert (shown.step, shown.report_kind.zh) == (4, "终报")

        # closing with something missing is refused, and with a reason it is on record what was missing
        with pytest.raises(RefusedError, match="终报"):
            await room.do("incident.close", StepAct())
        standing = await room.do("incident.close", StepAct(reason="移交公安", at=at(240, "second")))
        assert [text.zh for text in standing.moments[-1].lacking] == ["伤亡情况", "原因", "终报"]
        assert standing.closed_ns == START_NS + 240 * MIN
        with pytest.raises(RefusedError, match="reopen needs a reason"):
            await room.do("incident.reopen", StepAct())
        await room.do("incident.reopen", StepAct(reason="复燃"))
        shown = await room.shown(at(250, "second"))
        assert (shown.phase, shown.closed_ns) == (IncidentPhase.RESPONDING, 0)
        assert shown.report_kind.zh == "续报三", "numbers go on over a reopening"
        await room.do("incident.tell", TellAct(told=Told(casualties=(0, 2, 0)), text="两人轻伤送医"))
        assert (await room.shown(at(251, "second"))).fact == Text("死 0 伤 2 失联 0", "0 dead, 2 hurt, 0 missing")
        await room.do("incident.control", StepAct(at=at(300, "second")))
        await room.do("incident.send", SentAct(report=ReportKind.FINAL, to="新区", at=at(310, "second")))
        await room.do("incident.close", StepAct(told=Told(cause="管道老化"), at=at(320, "second")))
        standing = await room.do("incident.review", StepAct(told=Told(lessons="巡检加密")))
        assert [move.value for move in standing.scales if move.scale is Scale.GRADE] == [3, 2]
        assert [move.before for move in standing.scales if move.scale is Scale.GRADE] == [0, 3]
        assert [report.number for report in standing.reports if report.kind is ReportKind.FOLLOW_UP] == [1, 2]
        words = [moment.kind.partition(".")[2] for moment in standing.moments]
        assert words[:6] == ["report", "verify", "grade", "send", "colour", "respond"]
        assert words[-3:] == ["send", "close", "review"]
        assert standing.moments[-2].lacking == ()
        shown = await room.shown(at(330, "second"))
        assert (shown.step, shown.steps, shown.report_due_ns, shown.contested) == (5, 5, 0, 0)
        await room.journal.rebuild()
        assert (await room.journal.view("incident", ID)).state == standing


async def test_a_false_report_is_closed_with_a_reason_and_owes_a_report_only_where_one_went_out(tmp_path: Path) -> None:
    async with Room(tmp_path, Wall()) as room:
        await room.do("incident.report", LEAK)
        with pytest.raises(RefusedError, match="dismiss needs a reason"):
            await room.do("incident.dismiss", StepAct())
        await room.do("incident.dismiss", StepAct(reason="闻到的是油漆味", at=at(10)))
        shown = await room.shown(at(11))
        assert (shown.phase, shown.response.zh, shown.report_due_ns) == (IncidentPhase.CLOSED, "误报", 0)
        assert shown.closed_ns == START_NS + 10 * MIN


@pytest.mark.parametrize(
    ("kind", "act", "said"),
    [
        ("incident.verify", VERIFIED, "nobody has reported it"),
        ("incident.send", SentAct(report=ReportKind.FIRST_PHONE, to="x"), "nobody has reported it"),
        ("incident.report", ReportedAct(title=" "), "title is empty"),
        ("incident.explode", StepAct(), "knows no act 'incident.explode'"),
        ("incident.report", StepAct(), "found StepAct, expected ReportedAct"),
        ("incident.report", ReportedAct(title="长" * 10_000), "the rest as a file"),
    ],
)
async def test_what_means_nothing_is_refused_and_nothing_is_written(
    tmp_path: Path, kind: str, act: Any, said: str
) -> None:
    async with Room(tmp_path, Wall()) as room:
        before = len(await room.journal.entries())
        with pytest.raises(RefusedError, match=said):
            await room.do(kind, act)
        assert len(await room.journal.entries()) == before


@pytest.mark.parametrize(
    ("kind", "act", "said"),
    [
        ("incident.report", LEAK, "reported before"),
        ("incident.tell", TellAct(), "nothing is told"),
        ("incident.tell", TellAct(told=Told(casualties=(0, -1, 0))), "none below 0"),
        ("incident.colour", ScaleAct(value=5), "expected 0 to 4"),
        ("incident.grade", ScaleAct(value=0), "expected 1 to 4"),
        ("incident.send", SentAct(report=ReportKind.FOLLOW_UP, to="x"), "needs a first report"),
    ],
)
async def test_what_a_reported_incident_refuses(tmp_path: Path, kind: str, act: Any, said: str) -> None:
    async with Room(tmp_path, Wall()) as room:
        standing = await room.do("incident.report", LEAK)
        with pytest.raises(RefusedError, match=said):
            await room.do(kind, act)
        assert (await room.journal.view("incident", ID)).state == standing


def test_several_acts_of_one_intent_are_each_asked_on_what_the_ones_before_leave() -> None:
    journal = ledger("centre")
    acts = [draft("incident.report", LEAK), draft("incident.verify", VERIFIED)]
    journal.append([*acts, draft("incident.grade", ScaleAct(value=3))], rule=rule_of(ACTS, *acts))
    assert journal.projections.view("incident", ID).state.phase is IncidentPhase.GRADED
    wrong = [
        draft("incident.respond", StepAct(response_level=3, told=Told(leader="赵队"))),
        draft("incident.close", StepAct()),
    ]
    with pytest.raises(RefusedError, match="close is not possible while responding"):
        journal.append(wrong, rule=rule_of(ACTS, *wrong))


def test_two_nodes_that_grade_at_once_keep_both_and_say_so() -> None:
    one, other = ledger("one", Wall()), ledger("other", Wall())
    for act in (draft("incident.report", LEAK), draft("incident.verify", VERIFIED)):
        one.append([act])
    one.commit()
    exchange(one, other)
    for node, value, who in ((one, 3, "甲"), (other, 2, "乙")):
        act = draft("incident.grade", ScaleAct(value=value), who)
        node.append([act], rule=rule_of(ACTS, act))
        node.commit()
    exchange(one, other)
    view: View = one.projections.view("incident", ID)
    assert view == other.projections.view("incident", ID)
    assert {(move.by, move.value) for move in view.state.scales} == {("甲", 3), ("乙", 2)}
    left = {state.facts.grade for state in one.projections.versions(view).values()}
    assert left == {2, 3}, "each head's own state can be shown side by side"
    assert incident_of(view.state, conflict=view.conflict).conflict
    # a person who has seen both decides; then they are one again
    act = draft("incident.grade", ScaleAct(value=2, reason="就高"))
    one.append([act], strict=True, rule=rule_of(ACTS, act))
    view = one.projections.view("incident", ID)
    assert (view.conflict, view.state.facts.grade) == (False, 2)


def test_what_was_accepted_elsewhere_is_listed_and_not_lost() -> None:
    one, other = ledger("one", Wall()), ledger("other", Wall())
    one.append([draft("incident.report", LEAK), draft("incident.verify", VERIFIED)])
    one.commit()
    exchange(one, other)
    for node in (one, other):
        for act in (
            draft("incident.send", SentAct(report=ReportKind.FIRST_PHONE, to=node.node), node.node),
            draft("incident.dismiss", StepAct(reason=f"误报 {node.node}"), node.node),
        ):
            node.append([act], rule=rule_of(ACTS, act))
            node.commit()
    exchange(one, other)
    view = one.projections.view("incident", ID)
    assert view == other.projections.view("incident", ID)
    assert view.state.phase is IncidentPhase.CLOSED
    assert [report.to for report in view.state.reports] == ["one", "other"], "both calls were made"
    assert [view.state.reports[0].against, "sent before" in view.state.reports[1].against] == ["", True]
    (contested,) = view.contested
    assert (contested.kind, contested.actor) == ("incident.dismiss", "other")
    assert "dismiss is not possible while closed" in contested.rule


def test_every_act_of_the_rule_has_its_kind() -> None:
    assert {f"incident.{act.value}" for act in IncidentAct} <= set(INCIDENT_ACTS)


def test_without_clocks_the_limit_stands_on_the_wall_clock() -> None:
    journal = ledger("centre")
    journal.append([draft("incident.report", LEAK)])
    shown = incident_of(journal.projections.view("incident", ID).state)
    assert shown.report_due_ns == START_NS + 15 * MIN
    assert shown.board is Board.LIFELINE
