"""The closed loop of a hazard: only over an inspector's word, and a failed re-inspection sends it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import HazardPhase, RefusedError
from console.rules.hazard import REASONED, TRANSITIONS, HazardAct, after


def test_the_loop_with_a_failed_inspection() -> None:
    phase = HazardPhase.FOUND
    for act in ("assess", "assign", "mend", "fail", "mend", "pass", "close"):
        phase = after(phase, HazardAct(act), actor="检查员", mended_by="施工队", reason="仍漏")
    assert phase is HazardPhase.CLOSED


@given(st.lists(st.sampled_from(HazardAct), max_size=30))
def test_no_way_to_closed_leads_around_the_inspection(acts: list[HazardAct]) -> None:
    phase, inspected, dismissed = HazardPhase.FOUND, False, False
    for act in acts:
        try:
            phase = after(phase, act, actor="甲", mended_by="乙", reason="有")
        except RefusedError:
            continue
        inspected = inspected or act is HazardAct.PASS
        dismissed = dismissed or act is HazardAct.DISMISS
    assert phase is not HazardPhase.CLOSED or inspected or dismissed


@pytest.mark.parametrize("act", [HazardAct.PASS, HazardAct.FAIL])
def test_nobody_inspects_his_own_work(act: HazardAct) -> None:
    with pytest.raises(RefusedError, match="another person must inspect"):
        after(HazardPhase.MENDED, act, actor="甲", mended_by="甲", reason="有")


@pytest.mark.parametrize("act", sorted(REASONED))
def test_turning_back_needs_a_reason(act: HazardAct) -> None:
    phase = next(phase for phase, possible in TRANSITIONS if possible is act)
    with pytest.raises(RefusedError, match="needs a reason"):
        after(phase, act, actor="甲", mended_by="乙")


def test_every_phase_is_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) | {HazardPhase.FOUND} == set(HazardPhase)
    assert {phase for phase, _ in TRANSITIONS} == set(HazardPhase)
