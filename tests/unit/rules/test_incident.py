"""The life of an incident: what follows what, what must be known, and that no scale is derived from another."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import IncidentFacts, IncidentPhase, RefusedError, ReportKind
from console.rules.incident import REASONED, TRANSITIONS, IncidentAct, after, missing

WHOLE = IncidentFacts(
    place="咸阳路 8 号",
    nature="燃气泄漏",
    verified_by="张三",
    grade=3,
    response_level=4,
    casualties=(0, 0, 0),
    cause="管道老化",
    measures="关阀",
    leader="李四",
    reports_sent=(ReportKind.FINAL,),
    lessons="巡检加密",
)


def test_a_whole_life_and_back() -> None:
    phase = IncidentPhase.REPORTED
    acts = (
        "verify",
        "grade",
        "respond",
        "control",
        "worsen",
        "control",
        "close",
        "reopen",
        "control",
        "close",
        "review",
    )
    phases = []
    for act in acts:
        phase = after(phase, IncidentAct(act), WHOLE, "事出有因")
        phases.append(phase.value)
    assert phases == [
        "verified",
        "graded",
        "responding",
        "controlled",
        "responding",
        "controlled",
        "closed",
        "responding",
        "controlled",
        "closed",
        "reviewed",
    ]


@given(st.sampled_from(IncidentPhase), st.sampled_from(IncidentAct))
def test_what_the_table_does_not_have_is_refused_and_says_what_is_possible(
    phase: IncidentPhase, act: IncidentAct
) -> None:
    if (phase, act) in TRANSITIONS:
        assert after(phase, act, WHOLE, "事出有因") is TRANSITIONS[phase, act]
    else:
        with pytest.raises(RefusedError, match=f"{act.value} is not possible while {phase.value}"):
            after(phase, act, WHOLE, "事出有因")


def test_every_phase_is_reached_and_every_act_used() -> None:
    assert set(TRANSITIONS.values()) | {IncidentPhase.REPORTED} == set(IncidentPhase)
    assert {act for _, act in TRANSITIONS} == set(IncidentAct)


@pytest.mark.parametrize("act", sorted(REASONED))
def test_acts_that_turn_back_need_a_reason(act: IncidentAct) -> None:
    phase = next(phase for phase, possible in TRANSITIONS if possible is act)
    with pytest.raises(RefusedError, match="needs a reason"):
        after(phase, act, WHOLE, "  ")


def test_closing_incomplete_is_refused_with_what_is_missing_and_goes_with_a_reason() -> None:
    facts = msgspec.structs.replace(WHOLE, casualties=None, reports_sent=(), open_orders=2)
    assert [text.en for text in missing(IncidentAct.CLOSE, facts)] == [
        "casualties",
        "final report",
        "2 orders not finished",
    ]
    with pytest.raises(RefusedError, match=r"casualties.*final report.*give a reason"):
        after(IncidentPhase.CONTROLLED, IncidentAct.CLOSE, facts)
    assert after(IncidentPhase.CONTROLLED, IncidentAct.CLOSE, facts, "移交省里") is IncidentPhase.CLOSED


def test_a_reason_replaces_facts_only_at_the_close() -> None:
    facts = msgspec.structs.replace(WHOLE, verified_by="")
    with pytest.raises(RefusedError, match="who verified"):
        after(IncidentPhase.REPORTED, IncidentAct.VERIFY, facts, "来不及")


def test_nobody_hurt_is_known_and_nobody_asked_is_not() -> None:
    assert missing(IncidentAct.CLOSE, WHOLE) == ()
    unknown = msgspec.structs.replace(WHOLE, casualties=None)
    assert [text.zh for text in missing(IncidentAct.CLOSE, unknown)] == ["伤亡情况"]


def test_the_response_asks_for_a_level_whatever_the_grade_is() -> None:
    facts = msgspec.structs.replace(WHOLE, grade=1, warning_colour=1, response_level=0)
    with pytest.raises(RefusedError, match="response level"):
        after(IncidentPhase.GRADED, IncidentAct.RESPOND, facts)


@pytest.mark.parametrize("grade", [-1, 5])
def test_a_grade_outside_the_scale_is_refused(grade: int) -> None:
    with pytest.raises(RefusedError, match=f"found grade {grade}"):
        after(IncidentPhase.VERIFIED, IncidentAct.GRADE, msgspec.structs.replace(WHOLE, grade=grade))
