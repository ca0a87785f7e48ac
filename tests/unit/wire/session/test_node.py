"""The node's end of a session: who is let in, what is refused by which code, what is fed, when it falls silent."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import LIVE, Selector, WireError
from console.wire.access import Acted, BreakGlass, ChangePassword, Lock, Login, Logout, RosterRequest
from console.wire.frames import (
    CAPABILITIES,
    Backfill,
    Credential,
    FileRequest,
    Hello,
    Intent,
    Ping,
    Query,
    Refusal,
    Replay,
    Subscribe,
    TicketRequest,
    Unknown,
    Unsubscribe,
    Up,
    Welcome,
)
from console.wire.session.acts import POLICY, Action, Close, Deliver, Ended, Pulse, Send
from console.wire.session.node import ASKED, HELLO_S, SILENCE_S, SUBSCRIPTIONS, TABLE, Event, NodeSession, State, door

WELCOME = Welcome(version=1, node="n", capabilities=CAPABILITIES, run="r1")
LOBBY = Welcome(version=1, node="n", capabilities=CAPABILITIES, lobby=True)
GOOD = Credential(kind="secret", value="good")


def trusts(hello: Hello) -> Refusal | None:
    """One secret."""
    return None if hello.credential == GOOD else Refusal(code="credential", what="no")


def hello(**changes: Any) -> Hello:
    """A console's hello."""
    return Hello(**{"version": 1, "credential": GOOD, "capabilities": CAPABILITIES, **changes})


def waiting(pulse: Pulse | None = None) -> NodeSession:
    """A connection that has said nothing yet, at time 0."""
    return NodeSession(WELCOME, trusts, pulse or Pulse(), 0.0)


def opened(**changes: Any) -> NodeSession:
    """One that was let in."""
    session = waiting()
    session.received(hello(**changes), 0.0)
    return session


def lobby() -> NodeSession:
    """One that was let through the door, and nobody is logged in."""
    session = waiting()
    session.welcome = LOBBY
    session.received(hello(), 0.0)
    return session


def code(actions: list[Action]) -> tuple[str, int | None]:
    """(code, req) of the one refusal among the actions."""
    (refusal,) = [a.message for a in actions if isinstance(a, Send) and isinstance(a.message, Refusal)]
    return refusal.code, refusal.req


def test_every_event_is_decided_in_every_state() -> None:
    assert set(TABLE) == {(state, event) for state in State for event in Event}


def test_who_says_a_good_hello_is_welcomed_and_joined() -> None:
    session = waiting()
    good = hello()
    assert session.received(good, 0.0) == [Send(WELCOME), Deliver(good)]
    assert session.state is State.OPEN


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (hello(version=0), "version"),
        (hello(version=9, min_version=2), "version"),
        (hello(credential=Credential(kind="secret", value="bad")), "credential"),
        (Ping(t_ns=1), "malformed"),
        (Unsubscribe(sub=1), "malformed"),
        (Query(req=1, sensor="x", start_ns=0, end_ns=1), "malformed"),
        (Intent(id="i", name="n", entity="e"), "malformed"),
        (Unknown("weather"), "malformed"),
    ],
)
def test_anything_else_first_is_refused_and_closed(first: Up | Unknown, expected: str) -> None:
    session = waiting()
    actions = session.received(first, 0.0)
    assert code(actions) == (expected, None)
    assert actions[-1] == Close(POLICY, expected)
    assert session.state is State.CLOSED
    assert session.received(Ping(t_ns=1), 0.0) == []


def test_a_second_hello_and_what_cannot_be_read_close_the_connection() -> None:
    for again in (hello(), hello(version=0)):
        assert code(opened().received(again, 0.0)) == ("malformed", None)
    for session in (waiting(), opened()):
        assert code(session.garbled(WireError("message", found="x", expected="y"), 0.0)) == ("malformed", None)
        assert session.state is State.CLOSED


def test_a_web_page_is_refused_at_the_door() -> None:
    refusal = door("http://evil.example")
    assert refusal is not None
    assert (refusal.code, refusal.found) == ("origin", "http://evil.example")
    assert door(None) is None


def test_only_what_both_ends_can_do_is_done() -> None:
    session = opened(capabilities=("backfill", "levitation"))
    assert "levitation" not in session.can
    fill, replay = Backfill(req=1, sub=1, start_ns=0, end_ns=1), Replay(req=2, op="open", context="replay:1")
    assert session.received(fill, 0.0) == [Deliver(fill)]
    assert code(session.received(replay, 0.0)) == ("unavailable", 2)
    query = Query(req=3, sensor="x", start_ns=0, end_ns=1)
    assert session.received(query, 0.0) == [Deliver(query)], "version 1 always could"


def test_subscriptions_are_delivered_replaced_and_ended_once() -> None:
    session = opened()
    first = Subscribe(sub=1, selector=Selector())
    assert session.received(first, 0.0) == [Deliver(first)]
    assert session.received(first, 0.0) == [Ended(1), Deliver(first)]
    assert session.received(Unsubscribe(sub=1), 0.0) == [Ended(1)]
    assert session.received(Unsubscribe(sub=1), 0.0) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Subscribe(sub=7, selector=Selector(), context="replay:1"), "unknown"),
        (Subscribe(sub=7, selector=Selector(), strategy="sometimes"), "unavailable"),
    ],
)
def test_a_subscription_that_cannot_be_had_is_refused_by_number(message: Subscribe, expected: str) -> None:
    session = opened()
    assert code(session.received(message, 0.0)) == (expected, 7)
    assert session.state is State.OPEN
    assert not session.subs


def test_there_are_bounds_of_subscriptions_and_open_questions() -> None:
    session = opened()
    for sub in range(SUBSCRIPTIONS):
        session.received(Subscribe(sub=sub, selector=Selector()), 0.0)
    assert code(session.received(Subscribe(sub=-1, selector=Selector()), 0.0)) == ("too_big", -1)
    for req in range(ASKED):
        assert isinstance(session.received(FileRequest(req=req, sha256=""), 0.0)[0], Deliver)
    assert code(session.received(FileRequest(req=-2, sha256=""), 0.0)) == ("too_big", -2)
    session.answered()
    assert isinstance(session.received(FileRequest(req=1, sha256=""), 0.0)[0], Deliver)


def test_a_replay_s_subscriptions_live_as_long_as_it_is_open() -> None:
    session = opened()
    session.entered("replay:1")
    there = Subscribe(sub=1, selector=Selector(), context="replay:1")
    assert session.received(there, 0.0) == [Deliver(there)]
    session.received(Subscribe(sub=2, selector=Selector()), 0.0)
    assert session.left("replay:1") == [Ended(1)]
    assert session.subs == {2: LIVE}
    assert code(session.received(there, 0.0)) == ("unknown", 1)


def test_acts_and_tickets_and_unknown_messages_are_passed_on() -> None:
    session = opened()
    for message in (Intent(id="i", name="n", entity="e"), TicketRequest(req=1, camera="c"), Unknown("weather")):
        assert session.received(message, 0.0) == [Deliver(message)]


def test_pings_are_answered_while_the_loop_turns_that_sends_samples() -> None:
    pulse = Pulse(1.0)
    session = waiting(pulse)
    session.received(hello(), 0.0)
    ping = Ping(t_ns=5)
    assert session.received(ping, 0.0) == [Deliver(ping)], "no loop has announced itself"
    pulse.beat(10.0)
    assert session.received(ping, 11.0) == [Deliver(ping)]
    assert session.received(ping, 11.1) == []
    pulse.beat(11.2)
    assert session.received(ping, 11.3) == [Deliver(ping)]


def test_silence_closes_sooner_before_hello_than_after() -> None:
    session = waiting()
    assert session.tick(HELLO_S) == []
    assert isinstance(session.tick(HELLO_S + 0.1)[0], Close)
    session = opened()
    session.received(Ping(t_ns=1), 3.0)
    assert session.tick(3.0 + SILENCE_S) == []
    assert isinstance(session.tick(3.1 + SILENCE_S)[0], Close)
    assert session.tick(99.0) == [], "closed once"


def test_a_connection_that_is_gone_ends_nothing_it_may_come_back_to() -> None:
    session = opened()
    session.received(Subscribe(sub=1, selector=Selector()), 0.0)
    assert session.gone(0.0) == []
    assert session.state is State.CLOSED
    assert not session.subs


def test_what_was_missed_is_gone_on_with_once_and_only_in_the_same_run() -> None:
    session = opened(resume={"k": 5}, run="r1")
    first, second = (Subscribe(sub=sub, selector=Selector(), key="k") for sub in (1, 2))
    answer = session.fed(first, 3, "k", 9, missed=True)
    assert (answer.resumed, answer.seq, answer.key, answer.feed) == (True, 5, "k", 3)
    again = session.fed(second, 3, "k", 9, missed=False)
    assert (again.resumed, again.seq) == (True, 9), "its batches came by the first"
    other = session.fed(first, 4, "another", 2, missed=True)
    assert (other.resumed, other.seq) == (False, 2), "another feed counts otherwise"
    assert not session.fed(second, 3, "fresh", 1, missed=False).resumed
    assert opened(resume={"k": 5}, run="r0").resume == {}
    assert opened(resume={"k": 5}, run="r1", capabilities=()).resume == {}, "it could not read what resumed means"


def test_a_feed_left_and_wanted_again_is_not_gone_on_with_for_nobody_was_sent_what_came_meanwhile() -> None:
    session = opened(resume={"k": 5}, run="r1")
    first, second, third = (Subscribe(sub=sub, selector=Selector(), key="k") for sub in (1, 2, 3))
    for wanted, missed in ((first, True), (second, False)):
        session.received(wanted, 0.0)
        assert session.fed(wanted, 3, "k", 9, missed=missed).resumed
    session.received(Unsubscribe(sub=1), 0.0)
    session.received(third, 0.0)
    assert session.fed(third, 3, "k", 11, missed=False).resumed, "the second brings them still"
    for sub in (2, 3):
        session.received(Unsubscribe(sub=sub), 0.0)
    session.received(first, 0.0)
    assert not session.fed(first, 3, "k", 14, missed=False).resumed


def stands(session: NodeSession) -> State:
    """Where it stands now."""
    return session.state


def test_where_nobody_is_logged_in_only_that_is_taken() -> None:
    session = lobby()
    assert stands(session) is State.LOBBY
    for message in (Login(req=1, name="n", password="p"), ChangePassword(req=2, old="o", new="n"), Ping(t_ns=1)):
        assert session.received(message, 0.0) == [Deliver(message)]
    for asking, req in (
        (Subscribe(sub=3, selector=Selector()), 3),
        (Query(req=4, sensor="x", start_ns=0, end_ns=1), 4),
        (RosterRequest(req=5), 5),
        (TicketRequest(req=6, camera="c"), 6),
        (BreakGlass(req=7, reason="r"), 7),
    ):
        assert code(session.received(asking, 0.0)) == ("login", req)
    for quiet in (Intent(id="i", name="n", entity="e"), Lock(), Unsubscribe(sub=1)):
        assert session.received(quiet, 0.0) == [], "it is sent again, or means nothing"
    assert session.asked == 0
    assert not session.subs
    session.admitted()
    assert stands(session) is State.OPEN
    wanted = Subscribe(sub=3, selector=Selector())
    assert session.received(wanted, 0.0) == [Deliver(wanted)]


def test_a_second_hello_is_not_judged() -> None:
    judged: list[Hello] = []
    session = NodeSession(WELCOME, lambda said: judged.append(said), Pulse(), 0.0)
    for _ in range(2):
        session.received(hello(), 0.0)
    assert len(judged) == 1


def test_every_event_in_every_state_does_what_the_table_says() -> None:
    said: dict[Event, Up | Unknown] = {
        Event.PING: Ping(t_ns=1),
        Event.SUBSCRIBE: Subscribe(sub=1, selector=Selector()),
        Event.UNSUBSCRIBE: Unsubscribe(sub=1),
        Event.QUESTION: FileRequest(req=1, sha256=""),
        Event.OTHER: TicketRequest(req=1, camera="c"),
        Event.ENTER: Logout(),
        Event.PRESENCE: Acted(),
        Event.UNKNOWN: Unknown("weather"),
        Event.HELLO: hello(),
        Event.GUEST: hello(),
        Event.BAD_HELLO: hello(version=0),
    }
    for (of, to), (after, act) in TABLE.items():
        state, event = State(of), Event(to)
        session = {State.WAITING: waiting, State.LOBBY: lobby, State.OPEN: opened, State.CLOSED: opened}[state]()
        if state is State.CLOSED:
            session.gone(0.0)
        if event in (Event.HELLO, Event.GUEST):
            session.welcome = LOBBY if event is Event.GUEST else WELCOME
        if event is Event.GARBLED:
            actions = session.garbled(WireError("message", found="x", expected="y"), 0.0)
        elif event is Event.SILENCE:
            actions = session.tick(99.0)
        elif event is Event.GONE:
            actions = session.gone(0.0)
        elif event is Event.ADMITTED:
            session.admitted()
            actions = []
        else:
            actions = session.received(said[event], 0.0)
        assert session.state is after, (state, event)
        assert bool(actions) is (act not in ("nothing", "free", "end")) or act == "turn away", (state, event)
