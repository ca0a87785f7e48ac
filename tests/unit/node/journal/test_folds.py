"""The fold of alarms does what the transition table says, and lists what it says means nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import NS, AlarmState
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import BackAct, ClearedAct, RaisedAct, ShelveAct
from console.node.journal.ledger import Ledger
from console.rules.alarm import AlarmEvent, after
from tests.unit.node.journal.ledgers import START_NS, exchange, ledger

RAISED = RaisedAct(sensor="gas-1", priority=1, t_ns=START_NS, limit=2, value=7.5)
HELD = ShelveAct(reason="works until noon", until_ns=START_NS + 3600 * NS)
ACTS = {
    "alarm.raised": (RAISED, AlarmEvent.RAISED),
    "alarm.worsened": (RAISED, AlarmEvent.WORSENED),
    "alarm.cleared": (ClearedAct(t_ns=START_NS + NS), AlarmEvent.CLEARED),
    "alarm.acknowledge": (None, AlarmEvent.ACKNOWLEDGED),
    "alarm.shelve": (HELD, AlarmEvent.SHELVED),
    "alarm.suppress": (HELD, AlarmEvent.SUPPRESSED),
    "alarm.remove": (HELD, AlarmEvent.REMOVED),
    "alarm.unshelve": (BackAct(active=True), AlarmEvent.UNSHELVED_ACTIVE),
    "alarm.shelf_ended": (BackAct(active=True), AlarmEvent.SHELF_ENDED_ACTIVE),
    "alarm.release": (BackAct(active=False), AlarmEvent.RELEASED_NORMAL),
    "alarm.return": (BackAct(active=True), AlarmEvent.RETURNED_ACTIVE),
}

AWAY = (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)


def do(journal: Ledger, kind: str, act: object, actor: str = "duty") -> View:
    journal.append([Draft(kind=kind, cls="alarm", entity="alarm:gas-1", act=act, actor=actor)])
    journal.commit()
    return journal.projections.view("alarm", "alarm:gas-1")


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=12))
def test_states_are_those_of_the_table_and_what_means_nothing_is_listed(kinds: list[str]) -> None:
    journal, state, passed = ledger("one"), AlarmState.NORMAL, 0
    view = journal.projections.view("alarm", "alarm:gas-1")
    for kind in kinds:
        act, event = ACTS[kind]
        view = do(journal, kind, act)
        then = after(state, event)
        passed += then is None
        state = then or state
        assert view.state.alarm.state is state
    assert len(view.contested) == passed
    assert (view.state.hold is not None) == (state in AWAY)


def test_an_acknowledgement_bears_who_and_when_and_a_new_alarm_forgets_them() -> None:
    journal = ledger("one")
    do(journal, "alarm.raised", RAISED)
    alarm = do(journal, "alarm.acknowledge", None, "officer 2").state.alarm
    assert (alarm.state, alarm.acknowledged_by, alarm.value) == (AlarmState.ACKNOWLEDGED, "officer 2", 7.5)
    assert alarm.acknowledged_ns >= START_NS
    do(journal, "alarm.cleared", ClearedAct(t_ns=START_NS + NS))
    again = do(journal, "alarm.raised", RAISED).state.alarm
    assert (again.state, again.acknowledged_by) == (AlarmState.UNACKNOWLEDGED, "")


def test_shelving_needs_an_end_and_shows_who_and_why() -> None:
    journal = ledger("one")
    do(journal, "alarm.raised", RAISED)
    view = do(journal, "alarm.shelve", ShelveAct(reason="works"))
    assert view.state.alarm.state is AlarmState.UNACKNOWLEDGED
    assert "without an end" in view.contested[0].rule
    hold = do(journal, "alarm.shelve", HELD, "officer 2").state.hold
    assert (hold.by, hold.reason, hold.until_ns) == ("officer 2", HELD.reason, HELD.until_ns)


@pytest.mark.parametrize(
    ("kind", "act"), [("alarm.raised", {"sensor": 5}), ("alarm.raised", "no map"), ("alarm.explode", None)]
)
def test_an_act_that_cannot_be_read_is_listed_and_the_rest_goes_on(kind: str, act: object) -> None:
    journal = ledger("one")
    do(journal, kind, act)
    view = do(journal, "alarm.raised", RAISED)
    assert view.state.alarm.state is AlarmState.UNACKNOWLEDGED
    assert len(view.contested) == 1


def test_two_that_acknowledge_at_once_are_one_acknowledgement_and_one_in_the_list() -> None:
    one, other = ledger("one"), ledger("other")
    do(one, "alarm.raised", RAISED)
    exchange(one, other)
    do(one, "alarm.acknowledge", None, "first")
    do(other, "alarm.acknowledge", None, "second")
    exchange(one, other)
    view = one.projections.view("alarm", "alarm:gas-1")
    assert view == other.projections.view("alarm", "alarm:gas-1")
    assert view.state.alarm.state is AlarmState.ACKNOWLEDGED
    assert {view.state.alarm.acknowledged_by, view.contested[0].actor} == {"first", "second"}
    assert view.conflict
