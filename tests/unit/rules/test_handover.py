"""The handover of a seat: two persons, two signatures, nothing open left unsaid without a reason."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import HandoverPhase, RefusedError
from console.rules.handover import HandoverAct, after, may_draft, may_start

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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"actor": "王", "holder": ""}, "sits down himself; found 王"),
        ({"actor": "张", "holder": "张"}, "has the seat already"),
        ({"actor": "张", "holder": "李", "reason": " "}, "李 has the seat; hand it over"),
    ],
)
def test_who_may_not_sit_down(given: dict[str, Any], said: str) -> None:
    may_start("张", actor="张", holder="")
    may_start("张", actor="张", holder="李", reason="李突发疾病")
    with pytest.raises(RefusedError, match=said):
        may_start("张", **given)


@pytest.mark.parametrize(
    ("phase", "given", "said"),
    [
        (None, {"actor": "李", "holder": "", "coming": "张"}, "nobody has the seat"),
        (None, {"actor": "张", "holder": "李", "coming": "张"}, "李 has the seat and writes"),
        (None, {"actor": "李", "holder": "李", "coming": "李"}, "two persons"),
        (None, {"actor": "李", "holder": "李", "coming": ""}, "two persons"),
        (SIGNED, {"actor": "李", "holder": "李", "coming": "张"}, "it is signed"),
    ],
)
def test_who_may_not_write_a_handover(phase: HandoverPhase | None, given: dict[str, Any], said: str) -> None:
    may_draft(DRAFTED, actor="李", holder="李", coming="张")
    with pytest.raises(RefusedError, match=said):
        may_draft(phase, **given)
