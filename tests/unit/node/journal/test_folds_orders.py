"""States of incidents, hazards, seats and clocks are the same whatever order entries arrive in, and from zero."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import IncidentPhase, RefusedError, ReportKind, Text
from console.node.journal.entry import Draft, Entry
from console.node.journal.exchange import take
from console.node.journal.fold import TakenAct
from console.node.journal.folds import (
    ACTS,
    FOLDS,
    DraftAct,
    FoundAct,
    LogAct,
    LoopAct,
    ReportedAct,
    ScaleAct,
    SceneAct,
    SentAct,
    SignAct,
    StartAct,
    StepAct,
    TellAct,
    Told,
    incident_of,
    next_number,
    rule_of,
)
from console.node.journal.folds.wall import BackAct, ControlAct, RuleAct, RuleOffAct
from console.node.journal.ledger import Ledger
from console.node.journal.marks import TAKEN
from console.rules.elapsed import Mark
from tests.unit.node.journal.ledgers import Wall, exchange, ledger, standing, tell

WHOLE: Final = Told(
    place="天元路",
    nature="燃气",
    verified_by="张三",
    leader="赵队",
    measures="关阀",
    casualties=(0, 0, 0),
    cause="老化",
)
STEP: Final = StepAct(told=WHOLE, reason="事出有因", response_level=3)
SAID: Final[dict[str, Any]] = {
    "incident.report": ReportedAct(title="泄漏"),
    **{f"incident.{name}": STEP for name in ("verify", "respond", "control", "close", "reopen", "worsen", "dismiss")},
    "incident.review": StepAct(told=Told(lessons="巡检")),
    "incident.grade": ScaleAct(value=2),
    "incident.colour": ScaleAct(value=1),
    "incident.level": ScaleAct(value=3, told=Told(fact="警戒 200 m")),
    "incident.send": SentAct(report=ReportKind.FOLLOW_UP, to="新区"),
    "incident.tell": TellAct(text="风向转东"),
    "hazard.find": FoundAct(title="电缆沟积水"),
    "hazard.assess": LoopAct(severity=1),
    "hazard.assign": LoopAct(to="管廊公司", due_ns=5),
    **{f"hazard.{name}": LoopAct(reason="仍漏", by="") for name in ("mend", "pass", "fail", "close", "reopen")},
    "shift.start": None,
    "shift.log": LogAct(text="巡视一遍"),
    "shift.draft": None,
    **{f"shift.{name}": SignAct(reason="见记录") for name in ("sign_off", "take", "object")},
    "clock.mark": None,
    "wall.take": SceneAct(layout='role = "wall"', title=Text("常态", "Normal watch")),
    "wall.back": BackAct(),
    "wall.rule": RuleAct(rule="r1", grade=2, layout='role = "wall"', title=Text("暴雨", "Storm")),
    "wall.rule_off": RuleOffAct(rule="r1"),
    **{f"wall.{name}": ControlAct(to="乙", reason="升级") for name in ("ask", "give", "seize")},
}
"""By kind what a random act says; those of None depend on who does it."""
PERSONS: Final = ("甲", "乙", "丙")
CLASSES: Final = ("incident", "hazard", "shift", "wall", "clock")
ACTS_DONE = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(SAID)), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("tell"), st.integers(0, 2), st.integers(0, 2)),
    ),
    max_size=40,
)
LIVES: Final = [
    "incident.report incident.verify incident.grade incident.respond incident.send incident.control incident.close",
    "hazard.find hazard.assess hazard.assign hazard.mend",
    "shift.start shift.draft shift.sign_off shift.take",
    "wall.take wall.take",
]
NODES: Final = ("n0", "n1", "n2")


def said(kind: str, who: int) -> Any:
    if kind == "shift.start":
        return StartAct(officer=PERSONS[who], reason="换人")
    if kind == "shift.draft":
        return DraftAct(coming=PERSONS[(who + 1) % 3], text="无事")
    if kind == "clock.mark":
        return Mark(boot=PERSONS[who], boot_ns=who, wall_ns=7)
    return SAID[kind]


def do(node: Ledger, kind: str, who: int, act: Any = None, **more: Any) -> bool:
    """Whether the rule let it pass and it is saved."""
    cls = kind.partition(".")[0]
    one = Draft(kind=kind, cls=cls, entity=f"{cls}-1", act=act or said(kind, who), actor=PERSONS[who], **more)
    try:
        node.append([one], rule=rule_of(ACTS, one))
    except RefusedError:
        return False
    node.commit()
    return True


def lives(steps: list[tuple[str, int, int]]) -> list[Ledger]:
    """Three nodes that began with a bit of life and then did, each on what it knew, what `steps` say."""
    nodes = [ledger(name, Wall()) for name in NODES]
    for life in LIVES:
        for count, kind in enumerate(life.split()):
            do(nodes[count % 2], kind, 1 if kind == "shift.take" else 0)
            tell(nodes[count % 2], nodes[(count + 1) % 2])
    for count, (what, one, other) in enumerate(steps):
        if what == "tell":
            if one != other:
                tell(nodes[one], nodes[other], limit=4)
        else:
            do(nodes[one], what, other, intent=f"i{count}")
    exchange(*nodes)
    return nodes


def states(node: Ledger) -> dict[str, Any]:
    return {cls: standing(node, cls) for cls in CLASSES}


def shuffled(entries: list[Entry], seed: int) -> list[Entry]:
    """In any order that keeps each origin's."""
    chance, chains = random.Random(seed), defaultdict[Any, list[Entry]](list)
    for entry in entries:
        chains[entry.origin].append(entry)
    open_ = [entries[::-1] for entries in chains.values()]
    mixed: list[Entry] = []
    while open_:
        chain = chance.choice(open_)
        mixed.append(chain.pop())
        open_ = [chain for chain in open_ if chain]
    return mixed


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS_DONE, st.integers(0, 1 << 30))
def test_every_order_of_arrival_gives_the_same_states_and_so_does_zero(
    steps: list[tuple[str, int, int]], seed: int
) -> None:
    nodes = lives(steps)
    first = states(nodes[0])
    assert all(states(node) == first for node in nodes[1:])
    entries = shuffled([*nodes[0].store.all()], seed)
    late = ledger("late", Wall())
    for entry in entries:
        # one at a time, and looked at each time: what comes late folds its entity anew
        take(late, [entry], "peer")
        late.commit()
        states(late)
    assert states(late) == first
    late.projections.rebuild()
    assert states(late) == first


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS_DONE)
def test_on_one_node_alone_nothing_that_its_rule_let_pass_is_contested(steps: list[tuple[str, int, int]]) -> None:
    node = ledger("n0", Wall())
    for what, _, who in steps:
        if what != "tell":
            do(node, what, who)
    assert [view.contested for cls in CLASSES for view in node.projections.views(cls) if view.contested] == []


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS_DONE)
def test_no_saved_act_vanishes_every_one_is_in_the_life_or_in_the_list(steps: list[tuple[str, int, int]]) -> None:
    node = lives(steps)[0]
    for cls in ("incident", "hazard"):
        for view in node.projections.views(cls):
            kept = {moment.hash for moment in view.state.moments} | {one.hash for one in view.contested}
            assert kept == {entry.hash for entry in node.store.of_entity(cls, view.id)}


def test_the_same_intent_on_two_nodes_is_one_report() -> None:
    one, other = ledger("n0", Wall()), ledger("n1", Wall())
    do(one, "incident.report", 0)
    exchange(one, other)
    call = SentAct(report=ReportKind.FIRST_PHONE, to="新区")
    for node in (one, other):
        assert do(node, "incident.send", 0, call, intent="console-7:15")
    exchange(one, other)
    view = one.projections.view("incident", "incident-1")
    assert view == other.projections.view("incident", "incident-1")
    assert (len(view.state.reports), view.doubled) == (1, 1)
    one.projections.rebuild()
    assert one.projections.view("incident", "incident-1") == view


def test_two_follow_ups_of_one_number_are_followed_by_the_number_that_the_rule_takes() -> None:
    one, other = ledger("n0", Wall()), ledger("n1", Wall())
    do(one, "incident.report", 0)
    for first in (ReportKind.FIRST_PHONE, ReportKind.FIRST_WRITTEN):
        do(one, "incident.send", 0, SentAct(report=first, to="新区"))
    exchange(one, other)
    for node in (one, other):
        do(node, "incident.send", 0, SentAct(report=ReportKind.FOLLOW_UP, to="新区", number=1))
    exchange(one, other)
    standing = one.projections.view("incident", "incident-1").state
    assert [report.number for report in standing.reports] == [0, 0, 1, 1]
    assert (incident_of(standing).report_kind.zh, next_number(standing)) == ("续报二", 2)


def test_acts_of_a_lower_term_are_refused_where_it_is_known_and_listed_where_it_was_not() -> None:
    centre, front = ledger("n0", Wall()), ledger("n1", Wall())
    do(centre, "incident.report", 0)
    take_over = Draft(kind=TAKEN, cls="incident", entity="incident-1", act=TakenAct(authority="n0", term=1))
    centre.append([take_over], rule=rule_of(ACTS, take_over))
    centre.commit()
    with pytest.raises(RefusedError, match="n0 has term 1; take a higher one"):
        centre.append([take_over], rule=rule_of(ACTS, take_over))
    assert do(centre, "incident.verify", 0, authority="n0", term=1)
    exchange(centre, front)
    # the centre takes the next term while the front is cut off and goes on under the first
    again = Draft(kind=TAKEN, cls="incident", entity="incident-1", act=TakenAct(authority="n0", term=2))
    centre.append([again], rule=rule_of(ACTS, again))
    assert do(centre, "incident.grade", 0, ScaleAct(value=3), authority="n0", term=2)
    assert do(front, "incident.grade", 1, ScaleAct(value=1), authority="n0", term=1)
    exchange(centre, front)
    view = centre.projections.view("incident", "incident-1")
    assert view == front.projections.view("incident", "incident-1")
    assert (view.state.phase, view.state.facts.grade, view.term) == (IncidentPhase.GRADED, 3, 2)
    assert [one.rule for one in view.contested] == ["done in term 1, after n0 had taken term 2"]
    assert not do(front, "incident.respond", 1, authority="n0", term=1)
    assert do(front, "incident.respond", 1, authority="n0", term=2)


def test_every_kind_that_can_be_saved_is_among_the_random_ones() -> None:
    assert {kind for acts in ACTS.values() for kind in acts} == set(SAID) | {"hazard.tell", "hazard.dismiss"}
    assert {fold.cls for fold in FOLDS} >= set(CLASSES)
