"""The hazard's closed loop, the seat's handover by two signatures and the marks of clocks, each through a journal."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import NS, HandoverPhase, HazardPhase, RefusedError, Text
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import (
    ACTS,
    ClockStanding,
    DraftAct,
    FoundAct,
    HazardStanding,
    LogAct,
    LoopAct,
    ShiftStanding,
    SignAct,
    StartAct,
    rule_of,
    shift_of,
)
from console.node.journal.folds.clock import MOST_BOOTS
from console.node.journal.folds.shift import MOST_LINES
from console.node.journal.ledger import Ledger
from console.rules.elapsed import Mark, since
from tests.unit.node.journal.ledgers import START_NS, Wall, exchange, ledger

MIN = 60 * NS


def do(node: Ledger, kind: str, act: Any, actor: str) -> Any:
    cls = kind.partition(".")[0]
    one = Draft(kind=kind, cls=cls, entity=f"{cls}-1", act=act, actor=actor)
    node.append([one], rule=rule_of(ACTS, one))
    node.commit()
    return node.projections.view(cls, f"{cls}-1").state


def hazard_mended(node: Ledger) -> HazardStanding:
    do(node, "hazard.find", FoundAct(title="电缆沟积水", place="沣河路", sha256s=("ab",)), "巡检员")
    do(node, "hazard.assess", LoopAct(severity=1), "李卫国")
    do(node, "hazard.assign", LoopAct(to="管廊公司", due_ns=START_NS + 3 * 86_400 * NS), "李卫国")
    mended: HazardStanding = do(node, "hazard.mend", LoopAct(by="管廊公司", text="已抽排"), "李卫国")
    return mended


def test_a_failed_inspection_sends_the_hazard_back_and_only_a_passed_one_closes_it() -> None:
    node = ledger("centre")
    mended = hazard_mended(node)
    assert (mended.phase, mended.mended_by, mended.severity) == (HazardPhase.MENDED, "管廊公司", 1)
    with pytest.raises(RefusedError, match="close is not possible while mended"):
        do(node, "hazard.close", LoopAct(), "李卫国")
    with pytest.raises(RefusedError, match="管廊公司 mended it, another person must inspect"):
        do(node, "hazard.pass", LoopAct(by="管廊公司"), "李卫国")
    back = do(node, "hazard.fail", LoopAct(reason="仍渗水", due_ns=START_NS + 5 * 86_400 * NS), "质监 王")
    assert (back.phase, back.turn, back.assigned_to) == (HazardPhase.ASSIGNED, 1, "管廊公司")
    assert back.due_ns == START_NS + 5 * 86_400 * NS
    do(node, "hazard.mend", LoopAct(by="管廊公司"), "李卫国")
    do(node, "hazard.pass", LoopAct(sha256s=("cd",)), "质监 王")
    closed = do(node, "hazard.close", LoopAct(), "李卫国")
    assert [(one.by, one.passed, one.reason) for one in closed.inspections] == [
        ("质监 王", False, "仍渗水"),
        ("质监 王", True, ""),
    ]
    again = do(node, "hazard.reopen", LoopAct(reason="雨后复发"), "李卫国")
    assert (again.phase, again.turn, len(again.inspections)) == (HazardPhase.ASSIGNED, 2, 2)
    assert closed.phase is HazardPhase.CLOSED


@pytest.mark.parametrize(
    ("kind", "act", "said"),
    [
        ("hazard.assess", LoopAct(severity=3), "expected 1"),
        ("hazard.find", FoundAct(title="又一处"), "on the register already"),
        ("hazard.dismiss", LoopAct(), "needs a reason"),
        ("hazard.tell", LoopAct(), "nothing is told"),
    ],
)
def test_what_a_found_hazard_refuses(kind: str, act: Any, said: str) -> None:
    node = ledger("centre")
    with pytest.raises(RefusedError, match="nobody has found it"):
        do(node, "hazard.tell", LoopAct(text="x"), "甲")
    do(node, "hazard.find", FoundAct(title="电缆沟积水"), "甲")
    with pytest.raises(RefusedError, match=said):
        do(node, kind, act, "甲")


def test_nobody_is_assigned_without_a_name() -> None:
    node = ledger("centre")
    do(node, "hazard.find", FoundAct(title="电缆沟积水"), "甲")
    do(node, "hazard.assess", LoopAct(severity=2), "甲")
    with pytest.raises(RefusedError, match="asks for who is to mend"):
        do(node, "hazard.assign", LoopAct(due_ns=1), "甲")


def seat(node: Ledger) -> ShiftStanding:
    act = StartAct(officer="早班 李", seat=Text("值班一席", "Desk 1"), area="xixian", name=Text("白班", "Day"))
    began: ShiftStanding = do(node, "shift.start", act, "早班 李")
    return began


def test_a_seat_changes_hands_over_two_signatures_and_nothing_open_is_left_unsaid() -> None:
    node = ledger("centre")
    began = seat(node)
    assert (shift_of(began).officer, shift_of(began).seat.en) == (Text("早班 李"), "Desk 1")
    do(node, "shift.log", LogAct(text="沣河水位回落", ref="incident:inc.3"), "早班 李")
    draft = DraftAct(coming="晚班 张", text="沣河在降", mentioned=("incident:inc.3",))
    with pytest.raises(RefusedError, match="早班 李 has the seat and writes"):
        do(node, "shift.draft", draft, "晚班 张")
    do(node, "shift.draft", draft, "早班 李")
    with pytest.raises(RefusedError, match="take is not possible while drafted"):
        do(node, "shift.take", SignAct(), "晚班 张")
    open_ = ("incident:inc.3", "alarm:gas-1")
    with pytest.raises(RefusedError, match="1 open matters are not mentioned"):
        do(node, "shift.sign_off", SignAct(open=open_), "早班 李")
    signed = do(node, "shift.sign_off", SignAct(open=open_, reason="搁置到明天"), "早班 李")
    assert signed.handover.unsaid == ("alarm:gas-1",)
    assert signed.officer == "早班 李", "one signature changes nothing"
    with pytest.raises(RefusedError, match="晚班 张's to sign"):
        do(node, "shift.take", SignAct(), "早班 李")
    back = do(node, "shift.object", SignAct(reason="漏写燃气报警"), "晚班 张")
    assert (back.handover.phase, back.handover.unsaid) == (HandoverPhase.DRAFTED, ())
    do(node, "shift.draft", DraftAct(coming="晚班 张", text="沣河在降；燃气搁置", mentioned=open_), "早班 李")
    do(node, "shift.sign_off", SignAct(open=open_), "早班 李")
    taken = do(node, "shift.take", SignAct(name=Text("夜班", "Night")), "晚班 张")
    assert (taken.officer, taken.name.zh, taken.handover, taken.log) == ("晚班 张", "夜班", None, ())
    (past,) = taken.past
    assert (past.leaving, past.coming, past.phase) == ("早班 李", "晚班 张", HandoverPhase.TAKEN)
    assert past.objections == (("晚班 张", "漏写燃气报警"),)
    hashes = {entry.hash: entry.header.actor for entry in node.store.of_entity("shift", "shift-1")}
    assert (hashes[past.signed_hash], hashes[past.taken_hash]) == ("早班 李", "晚班 张"), "each signature is an entry"
    assert 0 < past.signed_ns < past.taken_ns == taken.since_ns


def test_a_held_seat_is_taken_without_a_handover_only_with_a_reason() -> None:
    node = ledger("centre")
    seat(node)
    with pytest.raises(RefusedError, match="hand it over, or give a reason"):
        do(node, "shift.start", StartAct(officer="张"), "张")
    with pytest.raises(RefusedError, match="sits down himself"):
        do(node, "shift.start", StartAct(officer="张", reason="有"), "王")
    taken = do(node, "shift.start", StartAct(officer="张", reason="李突发疾病"), "张")
    assert (taken.officer, taken.seat.zh, taken.log[0].text) == ("张", "值班一席", "李突发疾病")


def test_two_that_take_one_seat_on_two_nodes_are_one_holder_and_one_in_the_list() -> None:
    one, other = ledger("one", Wall()), ledger("other", Wall())
    seat(one)
    do(one, "shift.draft", DraftAct(coming="张", text="无事"), "早班 李")
    do(one, "shift.sign_off", SignAct(), "早班 李")
    exchange(one, other)
    do(one, "shift.take", SignAct(), "张")
    do(other, "shift.take", SignAct(), "张")
    exchange(one, other)
    view: View = one.projections.view("shift", "shift-1")
    assert view == other.projections.view("shift", "shift-1")
    assert (view.state.officer, len(view.state.past), view.conflict) == ("张", 1, True)
    assert [each.kind for each in view.contested] == ["shift.take"]


def test_the_log_in_memory_is_bounded_and_counts_what_it_left_to_the_journal() -> None:
    node = ledger("centre")
    seat(node)
    drafts = [
        Draft(kind="shift.log", cls="shift", entity="shift-1", act=LogAct(text=str(n)), actor="李")
        for n in range(MOST_LINES + 5)
    ]
    node.append(drafts, rule=rule_of(ACTS, *drafts))
    state = node.projections.view("shift", "shift-1").state
    assert (len(state.log), state.log[0].text, state.forgotten) == (MOST_LINES, "5", 5)


def test_marks_keep_the_first_and_last_of_each_boot_whatever_order_they_come_in() -> None:
    node, clocks = ledger("centre"), ClockStanding(id="")
    for boot, minute in (("a", 5), ("a", 9), ("a", 7), ("b", 1), ("b", 4), ("a", 3)):
        off = 0 if boot == "a" else 20
        clocks = do(node, "clock.mark", Mark(boot=boot, boot_ns=minute * MIN, wall_ns=(off + minute) * MIN), "")
    assert [(b.first.boot_ns // MIN, b.last.boot_ns // MIN) for b in clocks.boots] == [(3, 9), (1, 4)]
    told = Mark(boot="a", boot_ns=6 * MIN, wall_ns=6 * MIN)
    passed = since(told, clocks.boots, Mark(boot="b", boot_ns=10 * MIN, wall_ns=30 * MIN))
    # 3 min to the last mark of the first boot, 12 on the wall of which 1 of the second boot's own, 9 in it
    assert (passed.likely_ns, passed.at_least_ns) == (24 * MIN, 13 * MIN)


def test_forgotten_boots_are_counted_and_what_began_in_them_runs_by_the_wall_clock() -> None:
    node = ledger("centre")
    told = Mark(boot="0", boot_ns=0, wall_ns=0)
    clocks = ClockStanding(id="")
    for number in range(MOST_BOOTS + 2):
        clocks = do(node, "clock.mark", Mark(boot=str(number), boot_ns=0, wall_ns=number * MIN), "")
    assert (len(clocks.boots), clocks.forgotten) == (MOST_BOOTS, 2)
    passed = since(told, clocks.boots, Mark(boot="now", boot_ns=5 * MIN, wall_ns=100 * MIN))
    assert (passed.likely_ns, passed.at_least_ns) == (100 * MIN, 0)
