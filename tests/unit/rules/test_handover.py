"""The handover of a seat: two persons, two signatures, nothing open left unsaid without a reason."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import HandoverPhase, RefusedError
from console.rules.handover import HandoverAct, after

DRAFTED, SIGNED, TAKEN = HandoverPhase.DRAFTED, HandoverPhase.SIGNED_OFF, HandoverPhase.TAKEN


def test_two_signatures_in_order() -> None:
    signed = after(DRAFTED, HandoverAct.SIGN_OFF, actor="早班", leaving="早班", coming="晚班")
    assert signed is SIGNED
    assert after(signed, HandoverAct.TAKE, actor="晚班", leaving="早班", coming="晚班") is TAKEN


def test_an_objection_sends_the_draft_back() -> None:
    back = after(SIGNED, HandoverAct.OBJECT, actor="晚班", leaving="早班", coming="晚班", reason="漏了一件")
    assert back is DRAFTED


@pytest.mark.parametrize(
    ("phase", "act", "change", "said"),
    [
        (DRAFTED, HandoverAct.TAKE, {"actor": "晚班"}, "not possible while drafted"),
        (TAKEN, HandoverAct.TAKE, {"actor": "晚班"}, "not possible while taken"),
        (DRAFTED, HandoverAct.SIGN_OFF, {"actor": "晚班"}, "早班's to sign; found 晚班"),
        (SIGNED, HandoverAct.TAKE, {"actor": "早班"}, "晚班's to sign; found 早班"),
        (DRAFTED, HandoverAct.SIGN_OFF, {"actor": "早班", "coming": "早班"}, "two persons"),
        (DRAFTED, HandoverAct.SIGN_OFF, {"actor": "早班", "unsaid": 2}, "2 open matters"),
        (SIGNED, HandoverAct.OBJECT, {"actor": "晚班"}, "needs a reason"),
    ],
)
def test_refused(phase: HandoverPhase, act: HandoverAct, change: dict[str, Any], said: str) -> None:
    given = {"leaving": "早班", "coming": "晚班", **change}
    with pytest.raises(RefusedError, match=said):
        after(phase, act, **given)
