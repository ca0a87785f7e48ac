"""The console's end of a session: hello, what is wanted, resume, heartbeat, loss; knows no socket, replica or clock."""

from __future__ import annotations

import enum
from typing import Any, Final, NamedTuple

import console.wire.frames as wire
from console.api import LIVE, BadInput, LinkError, RefusedError, Selector
from console.wire.access import AccessFrame, ChangePassword, FirstAdministrator, Login, Logout
from console.wire.frames import (
    CAPABILITIES,
    WIRE_VERSION,
    Batch,
    Credential,
    Entities,
    Gap,
    Hello,
    Message,
    Ping,
    Refusal,
    ReplayState,
    Subscribe,
    Subscribed,
    Unknown,
    Unsubscribe,
    Welcome,
)
from console.wire.session.acts import POLICY, PROTOCOL, Action, Close, Deliver, Down, Missed, Pulse, Send, Table, agreed
from console.wire.session.node import NEEDED
from console.wire.session.sequence import Sequences

PING_S: Final = 0.5
SILENCE_S: Final = 2.5
BLOCKED_S: Final = 1.0
"""Between two ticks so long: our own loop stood still, and what came meanwhile is not read yet."""
GRACE_S: Final = 1.0
SLEPT_S: Final = 2.0
"""The machine was suspended for so long: its sockets are dead or about to be."""
ENTERING: Final = (Login, FirstAdministrator, ChangePassword, Logout)
"""All that may be asked while nobody is logged in."""
VITAL: Final = frozenset({"welcome", "access", "handles", "subscribed", "replay_state"})
"""Messages without which those after them would be misunderstood: when one cannot be read, the link starts anew."""


class State(enum.StrEnum):
    """Where the link stands."""

    DOWN = "down"
    GREETING = "greeting"
    LOBBY = "lobby"
    UP = "up"


class Event(enum.StrEnum):
    """What can happen to it."""

    CONNECTED = "connected"
    WELCOME = "`welcome`"
    LOBBY_WELCOME = "`welcome` with `lobby`"
    BAD_WELCOME = "a welcome of another version"
    ENTERED = "`access` of somebody who may go on"
    ACCESS = "`access` of nobody, or with `change_next`"
    REFUSAL = "`refusal` without `req`"
    BATCH = "`batch`"
    SUBSCRIBED = "`subscribed`"
    GAP = "`gap`"
    ENTITIES = "`entities`"
    REPLAY = "`replay_state`"
    OTHER = "any other message"
    UNKNOWN = "an unknown message"
    GARBLED = "what cannot be read"
    VITAL = "what cannot be read of `welcome` `access` `handles` `subscribed` `replay_state`"
    BEAT = "0.5 s since the last ping"
    SILENCE = "2.5 s of silence"
    SLEPT = "the machine was suspended"
    CUT = "the connection is gone"
    WANT = "a subscription is wanted"
    UNWANT = "a subscription is no longer wanted"


_D, _G, _L, _U = State.DOWN, State.GREETING, State.LOBBY, State.UP
_FED: Final = (Event.BATCH, Event.SUBSCRIBED, Event.GAP, Event.ENTITIES, Event.REPLAY)
_EARLY: Final = (Event.ENTERED, Event.ACCESS, *_FED, Event.OTHER)
TABLE: Final[Table] = {
    **{(_D, event): (_D, "nothing") for event in Event},
    (_D, Event.CONNECTED): (_G, "greet"),
    (_G, Event.CONNECTED): (_D, "leave"),
    (_G, Event.WELCOME): (_U, "begin"),
    (_G, Event.LOBBY_WELCOME): (_L, "begin"),
    (_G, Event.BAD_WELCOME): (_D, "leave"),
    (_G, Event.REFUSAL): (_D, "refused"),
    **{(_G, event): (_D, "leave") for event in _EARLY},
    (_G, Event.UNKNOWN): (_G, "deliver"),
    (_G, Event.GARBLED): (_D, "leave"),
    (_G, Event.VITAL): (_D, "leave"),
    (_G, Event.BEAT): (_G, "nothing"),
    (_G, Event.SILENCE): (_D, "abort"),
    (_G, Event.SLEPT): (_D, "abort"),
    (_G, Event.CUT): (_D, "lost"),
    (_G, Event.WANT): (_G, "nothing"),
    (_G, Event.UNWANT): (_G, "nothing"),
    (_L, Event.CONNECTED): (_D, "leave"),
    (_L, Event.WELCOME): (_D, "leave"),
    (_L, Event.LOBBY_WELCOME): (_D, "leave"),
    (_L, Event.BAD_WELCOME): (_D, "leave"),
    (_L, Event.ENTERED): (_U, "enter"),
    (_L, Event.ACCESS): (_L, "access"),
    (_L, Event.REFUSAL): (_D, "refused"),
    **{(_L, event): (_D, "leave") for event in _FED},
    (_L, Event.OTHER): (_L, "deliver"),
    (_L, Event.UNKNOWN): (_L, "deliver"),
    (_L, Event.GARBLED): (_L, "skip"),
    (_L, Event.VITAL): (_D, "leave"),
    (_L, Event.BEAT): (_L, "ping"),
    (_L, Event.SILENCE): (_D, "abort"),
    (_L, Event.SLEPT): (_D, "abort"),
    (_L, Event.CUT): (_D, "lost"),
    (_L, Event.WANT): (_L, "nothing"),
    (_L, Event.UNWANT): (_L, "nothing"),
    (_U, Event.CONNECTED): (_D, "leave"),
    (_U, Event.WELCOME): (_D, "leave"),
    (_U, Event.LOBBY_WELCOME): (_D, "leave"),
    (_U, Event.BAD_WELCOME): (_D, "leave"),
    (_U, Event.ENTERED): (_U, "access"),
    (_U, Event.ACCESS): (_U, "access"),
    (_U, Event.REFUSAL): (_D, "refused"),
    (_U, Event.BATCH): (_U, "batch"),
    (_U, Event.SUBSCRIBED): (_U, "fed"),
    (_U, Event.GAP): (_U, "gap"),
    (_U, Event.ENTITIES): (_U, "entities"),
    (_U, Event.REPLAY): (_U, "replay"),
    (_U, Event.OTHER): (_U, "deliver"),
    (_U, Event.UNKNOWN): (_U, "deliver"),
    (_U, Event.GARBLED): (_U, "skip"),
    (_U, Event.VITAL): (_D, "leave"),
    (_U, Event.BEAT): (_U, "ping"),
    (_U, Event.SILENCE): (_D, "abort"),
    (_U, Event.SLEPT): (_D, "abort"),
    (_U, Event.CUT): (_D, "lost"),
    (_U, Event.WANT): (_U, "subscribe"),
    (_U, Event.UNWANT): (_U, "unsubscribe"),
}
_EVENTS: Final[dict[type, Event]] = {
    Batch: Event.BATCH,
    Subscribed: Event.SUBSCRIBED,
    Gap: Event.GAP,
    Entities: Event.ENTITIES,
    ReplayState: Event.REPLAY,
    Unknown: Event.UNKNOWN,
}


class Wanted(NamedTuple):
    """One subscription, kept over reconnects."""

    selector: Selector
    strategy: str
    context: str = LIVE


class ConsoleSession:
    """One console's link to its node, over all its connections. Every call returns what to do, in order.

    Times are those of clocks that the caller reads: `now_s` any that never goes back and stands still in a suspend,
    `awake_s` one that runs on in it, `wall_ns` UTC ns.

    Args:
        client: name of the program, and its role.
        pulse: of the loop that shows what comes; without it no ping is sent, and silence is not judged.

    Attributes:
        can: capabilities that both ends have, of this connection.
        wanted: subscriptions by number.
    """

    def __init__(self, client: str, role: str, pulse: Pulse, place: str = "") -> None:
        self._client, self._role, self._pulse, self._place = client, role, pulse, place
        self.state = State.DOWN
        self.can: frozenset[str] = frozenset()
        self.wanted: dict[int, Wanted] = {}
        self.sequences = Sequences()
        self._keys: dict[int, str] = {}
        """Key of the feed that last fed each subscription."""
        self._entered: set[str] = set()
        """Contexts that the node feeds on this connection."""
        self._heard_s = self._pinged_s = self._ticked_s = self._awake_s = 0.0

    # ------------------------------------------------------------------ events

    def connected(self, credential: Credential, now_s: float, awake_s: float) -> list[Action]:
        """A connection is open."""
        self._heard_s = self._ticked_s = self._pinged_s = now_s
        self._awake_s = awake_s
        return self._go(Event.CONNECTED, credential)

    def follows(self, batch: Batch) -> bool:
        """The short way for most batches: True where this one is just the next, and is to be taken.

        False says nothing: then `received` tells what to do.
        """
        last = self.sequences.last
        if self.state is not State.UP or batch.snapshot or last.get(batch.feed, -1) + 1 != batch.seq:
            return False
        last[batch.feed] = batch.seq
        return True

    def heard(self, now_s: float) -> None:
        """Bytes came, whatever they say."""
        self._heard_s = now_s

    def received(self, message: wire.Down | Unknown) -> list[Action]:
        """A message came."""
        if isinstance(message, Welcome):
            return self._go(_welcome_event(message), message)
        if isinstance(message, AccessFrame):
            may_go_on = message.access.person and not message.access.change_next
            return self._go(Event.ENTERED if may_go_on else Event.ACCESS, message)
        if isinstance(message, Refusal) and message.req is None:
            return self._go(Event.REFUSAL, message)
        return self._go(_EVENTS.get(type(message), Event.OTHER), message)

    def garbled(self, name: str) -> list[Action]:
        """A message that calls itself `name` cannot be read, or is not to be believed."""
        return self._go(Event.VITAL if name in VITAL else Event.GARBLED, name)

    def tick(self, now_s: float, awake_s: float, wall_ns: int) -> list[Action]:
        """Time passed; call it at least every 0.5 s."""
        passed_s, slept_s = now_s - self._ticked_s, (awake_s - self._awake_s) - (now_s - self._ticked_s)
        self._ticked_s, self._awake_s = now_s, awake_s
        if slept_s > SLEPT_S:
            return self._go(Event.SLEPT, Event.SLEPT.value)
        if not self._pulse.alive(now_s):
            self._heard_s = now_s
            return []
        if passed_s > BLOCKED_S:
            self._heard_s = max(self._heard_s, now_s - SILENCE_S + GRACE_S)
        if now_s - self._heard_s >= SILENCE_S:
            return self._go(Event.SILENCE, f"{SILENCE_S:.1f} s of silence")
        if now_s - self._pinged_s >= PING_S:
            self._pinged_s = now_s
            return self._go(Event.BEAT, wall_ns)
        return []

    def cut(self, why: str) -> list[Action]:
        """The connection is gone."""
        return self._go(Event.CUT, why)

    def want(self, sub: int, selector: Selector, strategy: str, context: str) -> list[Action]:
        """Feed me; `sub` is a number never used before."""
        self.wanted[sub] = Wanted(selector, strategy, context)
        return self._go(Event.WANT, sub)

    def unwant(self, sub: int) -> list[Action]:
        """Feed me that no longer."""
        wanted, key = self.wanted.pop(sub, None), self._keys.pop(sub, None)
        if key is not None and key not in self._keys.values():
            self.sequences.ended(key)
        return self._go(Event.UNWANT, (sub, wanted)) if wanted is not None else []

    def left(self, context: str) -> None:
        """A context is closed: its subscriptions wait until it is opened again."""
        self._entered.discard(context)

    def asks(self, message: Message) -> list[Action]:
        """Ask the node; raises LinkError when the link is down, RefusedError when this node cannot answer that."""
        if self.state is State.LOBBY and not isinstance(message, ENTERING):
            raise RefusedError("nobody is logged in: log in first", code="login")
        if self.state not in (State.UP, State.LOBBY):
            raise LinkError("the node cannot be reached now")
        needed = NEEDED.get(type(message))
        if needed is not None and needed not in self.can:
            raise RefusedError(f"this node cannot do that: it lacks {needed!r}")
        return [Send(message)]

    def subs_of(self, feed: int) -> list[int]:
        """The subscriptions that a feed of this connection brings."""
        key = self.sequences.key_of(feed)
        return [sub for sub, fed_by in self._keys.items() if fed_by == key] if feed in self.sequences.last else []

    def context_of(self, sub: int) -> str:
        """The context of a subscription. Raises BadInput where it has ended."""
        if sub not in self.wanted:
            raise BadInput("subscription", found=str(sub), expected="one that has not ended")
        return self.wanted[sub].context

    def _go(self, event: Event, what: Any) -> list[Action]:
        before = self.state
        after, act = TABLE[before, event]
        self.state = State(after)
        match act:
            case "batch":
                return self._batch(what)
            case "deliver":
                return [Deliver(what)]
            case "entities":
                if what.context == LIVE:  # a replay is told anew each time it is opened
                    self.sequences.entities(what)
                return [Deliver(what)]
            case "ping":
                return [Send(Ping(t_ns=what))]
            case "gap":
                self.sequences.gap(what)
                return [Deliver(what)]
            case "fed":
                return self._fed(what)
            case "replay":
                return self._replayed(what)
            case "subscribe":
                return self._ask_for([what])
            case "unsubscribe":
                sub, wanted = what
                return [Send(Unsubscribe(sub=sub, context=wanted.context))] if wanted.context in self._entered else []
            case "skip":
                if what in ("entities", ""):
                    self.sequences.distrust()
                return []
            case "greet":
                return self._greet(what)
            case "begin":
                return self._begin(what)
            case "enter" | "access":
                return self._access(what, entered=act == "enter")
            case "refused":
                return [Deliver(what), *self._end(POLICY, "refused by the node")]
            case "leave":
                return self._end(PROTOCOL, f"{event.value} while {before.value}")
            case "abort":
                return self._end(PROTOCOL, what, abort=True)
            case "lost":
                return self._end(None, what)
            case _:
                return []

    # ------------------------------------------------------------------ acts

    def _greet(self, credential: Credential) -> list[Action]:
        hello = Hello(
            version=WIRE_VERSION,
            client=self._client,
            role=self._role,
            capabilities=CAPABILITIES,
            credential=credential,
            resume=self.sequences.resume(set(self._keys.values())),
            run=self.sequences.run,
            place=self._place,
        )
        return [Send(hello)]

    def _begin(self, welcome: Welcome) -> list[Action]:
        self.can = agreed(CAPABILITIES, welcome.capabilities)
        self.sequences.begin(welcome.run)
        if welcome.lobby:
            return [Deliver(welcome)]
        self._entered = {LIVE}
        return [Deliver(welcome), *self._ask_for(self.wanted)]

    def _access(self, frame: AccessFrame, *, entered: bool) -> list[Action]:
        """Other rights: what was received by the old ones is no beginning to go on from."""
        if frame.run:
            self.sequences.begin(frame.run)
        if not entered:
            return [Deliver(frame)]
        self._entered = {LIVE}
        return [Deliver(frame), *self._ask_for(self.wanted)]

    def _ask_for(self, subs: Any) -> list[Action]:
        """Subscribe, in the contexts that are open."""
        asked: list[Action] = []
        for sub in subs:
            selector, strategy, context = self.wanted[sub]
            if context in self._entered:
                key = self._keys.get(sub, "")
                asked.append(Send(Subscribe(sub=sub, selector=selector, strategy=strategy, key=key, context=context)))
        return asked

    def _batch(self, batch: Batch) -> list[Action]:
        jump = 0 if batch.snapshot else self.sequences.jump(batch.feed, batch.seq)
        if jump < 0:
            return []
        missed: list[Action] = [Missed(sub) for sub in self.subs_of(batch.feed)] if jump else []
        return [*missed, Deliver(batch)]

    def _fed(self, subscribed: Subscribed) -> list[Action]:
        sub = subscribed.sub
        if sub not in self.wanted:  # it was ended before the answer came
            return []
        before = self._keys.get(sub)
        self._keys[sub] = subscribed.key
        whole = self.sequences.fed(subscribed)
        hole: list[Action] = [Missed(sub)] if before is not None and not whole else []
        return [Deliver(subscribed), *hole]

    def _replayed(self, state: ReplayState) -> list[Action]:
        if state.closed:
            self._entered.discard(state.context)
            return [Deliver(state)]
        if state.context in self._entered:
            return [Deliver(state)]
        self._entered.add(state.context)
        return [Deliver(state), *self._ask_for([s for s, w in self.wanted.items() if w.context == state.context])]

    def _end(self, code: int | None, why: str, *, abort: bool = False) -> list[Action]:
        self.sequences.cut()
        self._entered = set()
        self.can = frozenset()
        close: list[Action] = [] if code is None else [Close(code, why, abort)]
        return [*close, Down(why)]


def _welcome_event(welcome: Welcome) -> Event:
    if welcome.version != WIRE_VERSION:
        return Event.BAD_WELCOME
    return Event.LOBBY_WELCOME if welcome.lobby else Event.WELCOME
