"""Every row of both tables, by what the outside can do: the machine goes where the row says, and none is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.api import LIVE, Access, LinkError, RefusedError, Selector, WireError
from console.wire.access import AccessFrame, Lock, Login, Unlock
from console.wire.frames import (
    Entities,
    Gap,
    Intent,
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
from console.wire.session import console, node
from console.wire.session.acts import Deliver, Pulse, Send
from tests.unit.wire.session.test_console import SECRET, WELCOME, batch
from tests.unit.wire.session.test_node import code, hello, trusts

LOBBY = Welcome(version=1, node="n", capabilities=WELCOME.capabilities, run="r1", lobby=True)
ENTERED = AccessFrame(access=Access(person="chen"), run="r2")
NOBODY = AccessFrame(access=Access())
QUERY = Query(req=1, sensor="x", start_ns=0, end_ns=1)
CE, NE = console.Event, node.Event


def ticks(session: console.ConsoleSession) -> None:
    """Nothing is heard for as long as a console waits."""
    for quarter in range(1, 11):
        session.tick(quarter / 4, quarter / 4, 0)


BY_CONSOLE: dict[console.Event, Callable[[console.ConsoleSession], object]] = {
    CE.CONNECTED: lambda s: s.connected(SECRET, 0.0, 0.0),
    CE.WELCOME: lambda s: s.received(WELCOME),
    CE.LOBBY_WELCOME: lambda s: s.received(LOBBY),
    CE.BAD_WELCOME: lambda s: s.received(Welcome(version=2, node="n")),
    CE.ENTERED: lambda s: s.received(ENTERED),
    CE.ACCESS: lambda s: s.received(NOBODY),
    CE.REFUSAL: lambda s: s.received(Refusal(code="credential", what="no")),
    CE.BATCH: lambda s: s.received(batch(1)),
    CE.SUBSCRIBED: lambda s: s.received(Subscribed(sub=1, feed=1)),
    CE.GAP: lambda s: s.received(Gap(feed=1, from_seq=1, to_seq=2, samples=1)),
    CE.ENTITIES: lambda s: s.received(Entities(seq=1, cls="x")),
    CE.REPLAY: lambda s: s.received(ReplayState(at_ns=0, node_ns=0)),
    CE.OTHER: lambda s: s.received(Pong(t_ns=1, node_ns=1)),
    CE.UNKNOWN: lambda s: s.received(Unknown("weather")),
    CE.GARBLED: lambda s: s.garbled("batch"),
    CE.VITAL: lambda s: s.garbled("welcome"),
    CE.BEAT: lambda s: s.tick(console.PING_S, console.PING_S, 0),
    CE.SILENCE: ticks,
    CE.SLEPT: lambda s: s.tick(0.0, console.SLEPT_S + 1, 0),
    CE.CUT: lambda s: s.cut("gone"),
    CE.WANT: lambda s: s.want(2, Selector(), "latest", LIVE),
    CE.UNWANT: lambda s: s.unwant(1),
}
BY_NODE: dict[node.Event, Callable[[node.NodeSession], object]] = {
    NE.HELLO: lambda s: s.received(hello(), 0.0),
    NE.GUEST: lambda s: s.received(hello(), 0.0),  # to a node where somebody has to log in
    NE.BAD_HELLO: lambda s: s.received(hello(version=0), 0.0),
    NE.PING: lambda s: s.received(Ping(t_ns=1), 0.0),
    NE.SUBSCRIBE: lambda s: s.received(Subscribe(sub=1, selector=Selector(), strategy="every"), 0.0),
    NE.UNSUBSCRIBE: lambda s: s.received(Unsubscribe(sub=1), 0.0),
    NE.QUESTION: lambda s: s.received(QUERY, 0.0),
    NE.OTHER: lambda s: s.received(Intent(id="i", name="n", entity="e"), 0.0),
    NE.ENTER: lambda s: s.received(Login(req=1, name="chen", password="x"), 0.0),
    NE.PRESENCE: lambda s: s.received(Lock(), 0.0),
    NE.ADMITTED: lambda s: s.admitted(),
    NE.UNKNOWN: lambda s: s.received(Unknown("weather"), 0.0),
    NE.GARBLED: lambda s: s.garbled(WireError("message", found="x", expected="y"), 0.0),
    NE.SILENCE: lambda s: s.tick(node.SILENCE_S + 1),
    NE.GONE: lambda s: s.gone(0.0),
}


def console_in(state: console.State) -> console.ConsoleSession:
    """A console's end in a state, wanting subscription 1."""
    session = console.ConsoleSession("test", "desk", Pulse())
    session.want(1, Selector(), "every", LIVE)
    if state is not console.State.DOWN:
        session.connected(SECRET, 0.0, 0.0)
    if state in (console.State.LOBBY, console.State.UP):
        session.received(LOBBY if state is console.State.LOBBY else WELCOME)
    assert session.state is state
    return session


def node_in(state: node.State, *, guest: bool = False) -> node.NodeSession:
    """A node's end in a state."""
    guest |= state is node.State.LOBBY
    session = node.NodeSession(LOBBY if guest else WELCOME, trusts, Pulse(), 0.0)
    if state is node.State.CLOSED:
        session.gone(0.0)
    elif state is not node.State.WAITING:
        session.received(hello(), 0.0)
    assert session.state is state
    return session


@pytest.mark.parametrize("state", console.State)
def test_each_row_of_the_console_s_end(state: console.State) -> None:
    assert set(BY_CONSOLE) == set(CE)
    for event, happen in BY_CONSOLE.items():
        session = console_in(state)
        happen(session)
        assert session.state is console.TABLE[state, event][0], event


@pytest.mark.parametrize("state", node.State)
def test_each_row_of_the_node_s_end(state: node.State) -> None:
    assert set(BY_NODE) == set(NE)
    for event, happen in BY_NODE.items():
        session = node_in(state, guest=event is NE.GUEST and state is node.State.WAITING)
        happen(session)
        assert session.state is node.TABLE[state, event][0], event


def test_who_logs_in_is_fed_and_nobody_before() -> None:
    session = console_in(console.State.LOBBY)
    with pytest.raises(RefusedError):
        session.asks(QUERY)
    with pytest.raises(LinkError):
        console_in(console.State.DOWN).asks(QUERY)
    assert session.asks(Login(req=1, name="chen", password="x")) != []
    assert session.received(NOBODY) == [Deliver(NOBODY)]
    told, *asked = session.received(ENTERED)
    assert told == Deliver(ENTERED)
    assert [
        action.message.sub for action in asked if isinstance(action, Send) and isinstance(action.message, Subscribe)
    ] == [1]
    assert session.asks(QUERY) == [Send(QUERY)]


def test_who_is_not_logged_in_is_turned_away_where_an_answer_is_waited_for() -> None:
    session = node_in(node.State.LOBBY)
    assert code(session.received(QUERY, 0.0)) == ("login", 1)
    assert code(session.received(Subscribe(sub=7, selector=Selector(), strategy="every"), 0.0)) == ("login", 7)
    assert code(session.received(Unlock(req=3, password="x"), 0.0)) == ("login", 3)
    assert session.received(Intent(id="i", name="n", entity="e"), 0.0) == []
    session.admitted()
    assert session.received(QUERY, 0.0) == [Deliver(QUERY)]
