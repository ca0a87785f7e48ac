"""The console's end of a session: what it says when, what it takes, what it counts as lost."""

from __future__ import annotations

import pytest

from console.api import LIVE, Access, BadInput, LinkError, RefusedError, Selector
from console.wire.access import AccessFrame, Login
from console.wire.frames import (
    CAPABILITIES,
    Backfill,
    Batch,
    Credential,
    Entities,
    Gap,
    Handles,
    Hello,
    Ping,
    Pong,
    Query,
    Refusal,
    ReplayState,
    Subscribe,
    Subscribed,
    Unknown,
    Unsubscribe,
    Welcome,
)
from console.wire.frames import Down as FromNode
from console.wire.session.acts import Action, Close, Deliver, Down, Missed, Pulse, Send
from console.wire.session.console import (
    BLOCKED_S,
    PING_S,
    SILENCE_S,
    SLEPT_S,
    TABLE,
    ConsoleSession,
    Event,
    State,
)

SECRET = Credential(kind="secret", value="s")
WELCOME = Welcome(version=1, node="n", capabilities=CAPABILITIES, run="r1")
LOBBY = Welcome(version=1, node="n", capabilities=CAPABILITIES, lobby=True)
SOMEBODY = AccessFrame(access=Access(person="p"), run="r1.2")
NOBODY = AccessFrame(access=Access())
REPLAY = "replay:1"


def batch(seq: int, feed: int = 1, *, snapshot: bool = False) -> Batch:
    """A batch without rows."""
    return Batch(feed=feed, seq=seq, kind="scalar", n=0, id=b"", t=b"", v=b"", q=b"", snapshot=snapshot)


def connected(session: ConsoleSession, now_s: float = 0.0) -> Hello:
    """Connect; what it says first."""
    (action,) = session.connected(SECRET, now_s, now_s)
    assert isinstance(action, Send)
    assert isinstance(action.message, Hello)
    return action.message


def up(pulse: Pulse | None = None) -> ConsoleSession:
    """Connected and welcomed at time 0, wanting subscription 1."""
    session = ConsoleSession("test", "desk", pulse or Pulse())
    session.want(1, Selector(), "every", LIVE)
    connected(session)
    session.received(WELCOME)
    return session


def lobby() -> ConsoleSession:
    """Connected at time 0, and nobody is logged in."""
    session = ConsoleSession("test", "desk", Pulse(), "desk 4")
    session.want(1, Selector(), "every", LIVE)
    assert connected(session).place == "desk 4"
    session.received(LOBBY)
    return session


def sent(actions: list[Action]) -> list[object]:
    """Messages that go out."""
    return [action.message for action in actions if isinstance(action, Send)]


def test_every_event_is_decided_in_every_state() -> None:
    assert set(TABLE) == {(state, event) for state in State for event in Event}


def test_nothing_is_said_or_taken_before_there_is_a_connection() -> None:
    session = ConsoleSession("test", "desk", Pulse())
    assert session.want(1, Selector(), "latest", LIVE) == []
    for message in (WELCOME, batch(1), Pong(t_ns=1, node_ns=1)):
        assert session.received(message) == []
    assert session.cut("x") == []
    with pytest.raises(LinkError):
        session.asks(Query(req=1, sensor="x", start_ns=0, end_ns=1))


def test_hello_then_welcome_then_what_is_wanted() -> None:
    session = ConsoleSession("test", "wall", Pulse())
    session.want(1, Selector(), "every", LIVE)
    session.want(2, Selector(), "latest", REPLAY)
    hello = connected(session)
    assert (hello.role, hello.resume, hello.capabilities, hello.credential) == ("wall", {}, CAPABILITIES, SECRET)
    assert session.want(3, Selector(ids=("x",)), "latest", LIVE) == [], "asked for once welcomed"
    actions = session.received(WELCOME)
    assert actions[0] == Deliver(WELCOME)
    assert [m.sub for m in sent(actions) if isinstance(m, Subscribe)] == [1, 3], "of a replay nothing before it is open"


EARLY: list[FromNode] = [
    batch(1),
    Handles(first=0, ids=()),
    Subscribed(sub=1, feed=1),
    Gap(feed=1, from_seq=1, to_seq=2, samples=1),
    Entities(seq=1, cls="x"),
    ReplayState(at_ns=0, node_ns=0),
]


@pytest.mark.parametrize("early", EARLY, ids=lambda m: type(m).__name__)
def test_a_node_that_speaks_before_its_welcome_is_left(early: FromNode) -> None:
    session = ConsoleSession("test", "desk", Pulse())
    connected(session)
    close, down = session.received(early)
    assert isinstance(close, Close)
    assert isinstance(down, Down)
    assert session.state is State.DOWN


def test_a_node_of_another_version_and_one_that_greets_twice_are_left() -> None:
    session = ConsoleSession("test", "desk", Pulse())
    connected(session)
    assert isinstance(session.received(Welcome(version=2, node="n"))[-1], Down)
    for again in (WELCOME, Welcome(version=2, node="n")):
        assert isinstance(up().received(again)[-1], Down)
    twice = up()
    assert isinstance(twice.connected(SECRET, 0.0, 0.0)[-1], Down)
    greeting = ConsoleSession("test", "desk", Pulse())
    connected(greeting)
    assert isinstance(greeting.connected(SECRET, 0.0, 0.0)[-1], Down)


def test_a_refusal_of_the_link_is_told_and_ends_it() -> None:
    refusal = Refusal(code="credential", what="no")
    for session in (up(), ConsoleSession("test", "desk", Pulse())):
        if session.state is State.DOWN:
            connected(session)
        told, close, down = session.received(refusal)
        assert told == Deliver(refusal)
        assert isinstance(close, Close)
        assert isinstance(down, Down)
    session = up()
    one = Refusal(code="unknown", what="sensor", req=5)
    assert session.received(one) == [Deliver(one)], "of one question the link knows nothing"


def test_what_cannot_be_read_is_left_out_unless_all_after_it_hangs_on_it() -> None:
    session = up()
    assert session.garbled("weather") == []
    assert session.garbled("entities") == []
    assert session.received(Unknown("weather")) == [Deliver(Unknown("weather"))]
    assert isinstance(session.garbled("handles")[-1], Down)
    greeting = ConsoleSession("test", "desk", Pulse())
    connected(greeting)
    assert greeting.received(Unknown("weather")) == [Deliver(Unknown("weather"))]
    assert isinstance(greeting.garbled("")[-1], Down)


def test_each_sequence_is_taken_once_and_a_jump_is_a_hole() -> None:
    session = up()
    begun = Subscribed(sub=1, feed=1, key="k", seq=4)
    assert session.received(begun) == [Deliver(begun)]
    assert session.received(batch(4, snapshot=True)) == [Deliver(batch(4, snapshot=True))]
    assert session.follows(batch(5))
    assert not session.follows(batch(5))
    assert not session.follows(batch(9, snapshot=True))
    assert session.received(batch(5)) == [], "it came before"
    assert session.received(batch(6)) == [Deliver(batch(6))]
    assert session.received(batch(9)) == [Missed(1), Deliver(batch(9))]
    assert (session.sequences.untold, session.sequences.doubled) == (2, 1)
    gap = Gap(feed=1, from_seq=10, to_seq=12, samples=5)
    assert session.received(gap) == [Deliver(gap)]
    assert session.received(batch(13)) == [Deliver(batch(13))]
    session.received(Gap(feed=1, from_seq=1, to_seq=2, samples=5))
    session.received(Gap(feed=8, from_seq=1, to_seq=2, samples=5))
    assert session.follows(batch(14)), "an old gap, and one of another feed, move nothing"
    assert session.received(batch(1, feed=9)) == [Deliver(batch(1, feed=9))], "of a feed that has ended"
    assert session.subs_of(1) == [1]
    assert session.subs_of(9) == []


def test_after_a_cut_it_names_what_it_had_and_goes_on_without_a_hole() -> None:
    session = up()
    session.received(Subscribed(sub=1, feed=1, key="k", seq=4))
    session.received(batch(5))
    assert session.cut("radio") == [Down("radio")]
    assert session.cut("again") == []
    hello = connected(session)
    assert (hello.resume, hello.run) == ({"k": 5}, "r1")
    (asked,) = sent(session.received(WELCOME))
    assert isinstance(asked, Subscribe)
    assert asked.key == "k"
    begun = Subscribed(sub=1, feed=7, key="k", seq=5, resumed=True)
    assert session.received(begun) == [Deliver(begun)]
    assert session.follows(batch(6, feed=7))
    session.want(2, Selector(), "every", LIVE)
    also = Subscribed(sub=2, feed=7, key="k", seq=6)
    assert session.received(also) == [Deliver(also)], "a new subscription has missed nothing"
    session.unwant(1)
    session.unwant(2)
    session.cut("radio")
    assert connected(session).resume == {}, "what nobody wants is not resumed"


def test_a_subscription_that_shares_a_feed_goes_on_with_it() -> None:
    session = up()
    session.want(2, Selector(), "every", LIVE)
    for sub in (1, 2):
        session.received(Subscribed(sub=sub, feed=1, key="k", seq=4))
    session.cut("radio")
    connected(session)
    session.received(WELCOME)
    session.received(Subscribed(sub=1, feed=2, key="k", seq=4, resumed=True))
    session.received(batch(5, feed=2))
    second = Subscribed(sub=2, feed=2, key="k", seq=6, resumed=True)
    assert session.received(second) == [Deliver(second)]
    assert session.received(batch(6, feed=2)) == [], "it lies before what the second was told"


def test_what_is_not_resumed_or_of_another_run_has_a_hole() -> None:
    session = up()
    session.received(Subscribed(sub=1, feed=1, key="k", seq=4))
    session.cut("radio")
    connected(session)
    session.received(WELCOME)
    anew = Subscribed(sub=1, feed=1, key="k2", seq=1)
    assert session.received(anew) == [Deliver(anew), Missed(1)]
    session.cut("restart")
    assert connected(session).resume == {"k2": 1}
    session.received(Welcome(version=1, node="n", run="r2"))
    lies = Subscribed(sub=1, feed=1, key="k2", seq=1, resumed=True)
    assert session.received(lies) == [Deliver(lies), Missed(1)], "of another run nothing can be gone on with"


def test_strangers_without_keys_are_understood() -> None:
    session = up()
    session.received(Subscribed(sub=1, feed=1))
    session.received(batch(1))
    session.cut("radio")
    assert connected(session).resume == {}


def test_classes_are_resumed_once_their_change_is_whole() -> None:
    session = up()
    session.received(Entities(seq=3, cls="area", full=True))
    session.received(Entities(seq=8, cls="sensor", full=True))
    session.received(Entities(seq=9, cls="sensor", more=True))
    session.received(Entities(seq=4, cls="area", full=True, more=True))
    assert session.sequences.resume(set()) == {"entities:sensor": 8}
    session.received(Entities(seq=9, cls="sensor"))
    assert session.sequences.resume(set()) == {"entities:sensor": 9}
    session.received(Entities(seq=77, cls="sensor", context=REPLAY))
    assert session.sequences.resume(set()) == {"entities:sensor": 9}
    session.garbled("entities")
    assert session.sequences.resume(set()) == {}


def test_a_replay_s_subscriptions_are_asked_for_while_it_is_open() -> None:
    session = up()
    session.want(2, Selector(), "latest", REPLAY)
    state = ReplayState(at_ns=0, node_ns=0, context=REPLAY)
    told, asked = session.received(state)
    assert told == Deliver(state)
    assert sent([asked]) == [Subscribe(sub=2, selector=Selector(), context=REPLAY)]
    assert session.received(state) == [Deliver(state)]
    assert sent(session.want(3, Selector(), "every", REPLAY)) != []
    assert sent(session.unwant(3)) == [Unsubscribe(sub=3, context=REPLAY)]
    closed = ReplayState(at_ns=0, node_ns=0, context=REPLAY, closed=True)
    assert session.received(closed) == [Deliver(closed)]
    assert session.want(4, Selector(), "every", REPLAY) == []
    assert session.unwant(4) == [], "the node knows nothing of it"
    assert session.unwant(4) == []
    session.received(state)
    session.left(REPLAY)
    assert session.want(5, Selector(), "every", REPLAY) == []


def test_an_answer_to_what_was_ended_meanwhile_is_left_out() -> None:
    session = up()
    session.unwant(1)
    assert session.received(Subscribed(sub=1, feed=1, key="k")) == []
    session.want(9, Selector(), "latest", REPLAY)
    assert session.context_of(9) == REPLAY
    with pytest.raises(BadInput, match="subscription"):
        session.context_of(1)


def test_what_still_comes_of_a_feed_that_nothing_wants_is_no_loss() -> None:
    session = up()
    session.received(Subscribed(sub=1, feed=1, key="k", seq=3))
    session.unwant(1)
    session.want(2, Selector(), "every", LIVE)
    session.unwant(2)  # before it was fed: the feed went on meanwhile, for somebody else
    session.received(Subscribed(sub=2, feed=1, key="k", seq=8))
    session.received(batch(9))
    assert session.sequences.untold == 0
    session.want(3, Selector(), "every", LIVE)
    session.received(Subscribed(sub=3, feed=1, key="k", seq=9))
    assert Missed(3) in session.received(batch(11))
    assert session.sequences.untold == 1


def test_what_a_node_cannot_do_is_not_asked_of_it() -> None:
    session = ConsoleSession("test", "desk", Pulse())
    connected(session)
    session.received(Welcome(version=1, node="old"))
    query = Query(req=1, sensor="x", start_ns=0, end_ns=1)
    assert session.asks(query) == [Send(query)]
    with pytest.raises(RefusedError, match="backfill"):
        session.asks(Backfill(req=1, sub=1, start_ns=0, end_ns=1))
    fill = Backfill(req=1, sub=1, start_ns=0, end_ns=1)
    assert up().asks(fill) == [Send(fill)]


def test_it_pings_and_after_silence_the_link_is_lost() -> None:
    session = up()
    assert session.tick(0.1, 0.1, 5) == []
    assert session.tick(PING_S, PING_S, 7) == [Send(Ping(t_ns=7))]
    session.heard(1.0)
    now_s = 1.0
    while now_s < 1.0 + SILENCE_S - 0.5:
        now_s += 0.5
        assert not any(isinstance(a, Down) for a in session.tick(now_s, now_s, 9))
    close, down = session.tick(1.0 + SILENCE_S, 1.0 + SILENCE_S, 9)
    assert isinstance(close, Close)
    assert close.abort
    assert isinstance(down, Down)


def test_no_ping_speaks_for_a_loop_that_shows_nothing_any_more() -> None:
    pulse = Pulse(1.0)
    session = up(pulse)
    pulse.beat(0.0)
    assert sent(session.tick(0.9, 0.9, 1)) != []
    for tenth in range(20, 100):
        assert session.tick(tenth / 10, tenth / 10, 1) == [], "nor is silence judged that nobody listened in"
    pulse.beat(10.0)
    assert sent(session.tick(10.0, 10.0, 1)) != []


def test_a_loop_that_stood_still_reads_first_before_it_calls_the_link_lost() -> None:
    session = up()
    assert not any(isinstance(a, Down) for a in session.tick(60.0, 60.0, 1))
    session.heard(60.1)
    assert not any(isinstance(a, Down) for a in session.tick(60.2, 60.2, 1))
    assert not any(isinstance(a, Down) for a in session.tick(60.2 + BLOCKED_S, 60.2 + BLOCKED_S, 1))


def test_a_machine_that_slept_trusts_no_socket() -> None:
    session = up()
    session.tick(0.2, 0.2, 1)
    close, down = session.tick(0.4, 0.5 + SLEPT_S, 1)
    assert isinstance(close, Close)
    assert close.abort
    assert isinstance(down, Down)
    assert "suspended" in down.why
    greeting = ConsoleSession("test", "desk", Pulse())
    connected(greeting)
    assert isinstance(greeting.tick(0.1, 9.9, 1)[-1], Down)


def stands(session: ConsoleSession) -> State:
    """Where it stands now."""
    return session.state


def test_nothing_is_asked_for_until_somebody_is_logged_in() -> None:
    session = lobby()
    assert stands(session) is State.LOBBY
    assert session.want(2, Selector(), "latest", LIVE) == []
    with pytest.raises(RefusedError, match="log in first"):
        session.asks(Query(req=1, sensor="x", start_ns=0, end_ns=1))
    login = Login(req=1, name="n", password="p")
    assert session.asks(login) == [Send(login)]
    assert session.received(NOBODY) == [Deliver(NOBODY)]
    waits = AccessFrame(access=Access(person="p", change_next=True))
    assert session.received(waits) == [Deliver(waits)]
    assert stands(session) is State.LOBBY, "the password has to be changed first"
    actions = session.received(SOMEBODY)
    assert actions[0] == Deliver(SOMEBODY)
    assert [m.sub for m in sent(actions) if isinstance(m, Subscribe)] == [1, 2]
    assert stands(session) is State.UP


def test_what_came_by_other_rights_is_not_gone_on_with() -> None:
    session = up()
    session.received(Subscribed(sub=1, feed=1, key="k"))
    session.received(Entities(seq=3, cls="alarm", full=True))
    assert session.received(SOMEBODY) == [Deliver(SOMEBODY)]
    session.received(Entities(seq=1, cls="alarm", full=True))
    session.received(Subscribed(sub=1, feed=2, key="other", seq=4))
    session.cut("gone")
    hello = connected(session)
    assert (hello.run, hello.resume) == ("r1.2", {"other": 4, "entities:alarm": 1})


def test_every_event_in_every_state_does_what_the_table_says() -> None:
    said: dict[Event, FromNode | Unknown] = {
        Event.WELCOME: WELCOME,
        Event.LOBBY_WELCOME: LOBBY,
        Event.BAD_WELCOME: Welcome(version=2, node="n"),
        Event.ENTERED: SOMEBODY,
        Event.ACCESS: NOBODY,
        Event.REFUSAL: Refusal(code="session", what="over"),
        Event.BATCH: batch(1),
        Event.SUBSCRIBED: Subscribed(sub=1, feed=1, key="k"),
        Event.GAP: Gap(feed=1, from_seq=1, to_seq=2, samples=1),
        Event.ENTITIES: Entities(seq=1, cls="x"),
        Event.REPLAY: ReplayState(at_ns=0, node_ns=0, context=REPLAY),
        Event.OTHER: Pong(t_ns=1, node_ns=1),
        Event.UNKNOWN: Unknown("weather"),
    }
    for (of, to), (after, _) in TABLE.items():
        state, event = State(of), Event(to)
        session = {State.UP: up, State.LOBBY: lobby}.get(state, lambda: ConsoleSession("test", "desk", Pulse()))()
        session.want(5, Selector(), "latest", LIVE)
        if state is State.GREETING:
            connected(session)
        match event:
            case Event.CONNECTED:
                session.connected(SECRET, 0.0, 0.0)
            case Event.GARBLED | Event.VITAL:
                session.garbled("access" if event is Event.VITAL else "entities")
            case Event.BEAT | Event.SILENCE:
                session.heard(-SILENCE_S if event is Event.SILENCE else 0.6)
                session.tick(0.6, 0.6, 1)
            case Event.SLEPT:
                session.tick(0.1, 99.0, 1)
            case Event.CUT:
                session.cut("gone")
            case Event.WANT:
                session.want(6, Selector(), "latest", LIVE)
            case Event.UNWANT:
                session.unwant(5)
            case _:
                session.received(said[event])
        assert session.state is after, (state, event)
