"""The node's end of a session: hello, subscriptions, limits, heartbeat, refusals; knows no socket, hub or clock."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Final

from console.api import LIVE, WireError
from console.wire.access import (
    Acted,
    Administer,
    BreakGlass,
    ChangePassword,
    FirstAdministrator,
    Lock,
    Login,
    Logout,
    MendGlass,
    Reveal,
    RosterRequest,
    SecondFactor,
    Unlock,
)
from console.wire.frames import (
    WIRE_VERSION,
    Backfill,
    FilePut,
    FileRequest,
    Hello,
    Message,
    Ping,
    Query,
    Refusal,
    Replay,
    Subscribe,
    Subscribed,
    Unknown,
    Unsubscribe,
    Up,
    Welcome,
)
from console.wire.session.acts import NORMAL, POLICY, Action, Close, Deliver, Ended, Pulse, Send, Table, agreed
from console.wire.walls import Present, WallPicture, WallSeen, WallWatch

HELLO_S: Final = 5.0
SILENCE_S: Final = 10.0
"""A console that sends nothing, not even a ping, for so long is taken for dead."""
SUBSCRIPTIONS: Final = 1000
"""Most subscriptions of one connection."""
ASKED: Final = 1000
"""Most questions that one connection may have open."""
STRATEGIES: Final = ("latest", "every")
NEEDED: Final[dict[type, str]] = {
    Backfill: "backfill",
    Replay: "replay",
    FilePut: "files.up",
    Reveal: "reveal",
    **dict.fromkeys((WallWatch, WallSeen, WallPicture, Present), "walls"),
}
"""Capability that both must have before a message may be sent."""


class State(enum.StrEnum):
    """Where a connection stands."""

    WAITING = "waiting"
    LOBBY = "lobby"
    OPEN = "open"
    CLOSED = "closed"


class Event(enum.StrEnum):
    """What can happen to it."""

    HELLO = "a hello that fits"
    GUEST = "a hello that fits, and nobody is logged in"
    BAD_HELLO = "a hello that does not"
    PING = "`ping`"
    SUBSCRIBE = "`subscribe`"
    UNSUBSCRIBE = "`unsubscribe`"
    QUESTION = "`query` `backfill` `replay` `file` `file_put` `roster` `administer` `reveal`"
    OTHER = "`ticket` `intent` `wall_watch` `wall_seen` `wall_picture` `present`"
    ENTER = "`login` `first_administrator` `change_password` `logout`"
    PRESENCE = "`unlock` `lock` `acted` `second_factor` `break_glass` `mend_glass`"
    ADMITTED = "somebody is logged in"
    UNKNOWN = "an unknown message"
    GARBLED = "what cannot be read"
    SILENCE = "silence: 5 s before hello, 10 s after"
    GONE = "the connection is gone"


_W, _L, _O, _C = State.WAITING, State.LOBBY, State.OPEN, State.CLOSED
TABLE: Final[Table] = {
    (_W, Event.HELLO): (_O, "welcome"),
    (_W, Event.GUEST): (_L, "welcome"),
    (_W, Event.BAD_HELLO): (_C, "refuse"),
    (_W, Event.PING): (_C, "refuse"),
    (_W, Event.SUBSCRIBE): (_C, "refuse"),
    (_W, Event.UNSUBSCRIBE): (_C, "refuse"),
    (_W, Event.QUESTION): (_C, "refuse"),
    (_W, Event.OTHER): (_C, "refuse"),
    (_W, Event.ENTER): (_C, "refuse"),
    (_W, Event.PRESENCE): (_C, "refuse"),
    (_W, Event.ADMITTED): (_W, "nothing"),
    (_W, Event.UNKNOWN): (_C, "refuse"),
    (_W, Event.GARBLED): (_C, "refuse"),
    (_W, Event.SILENCE): (_C, "close"),
    (_W, Event.GONE): (_C, "free"),
    (_L, Event.HELLO): (_C, "refuse"),
    (_L, Event.GUEST): (_C, "refuse"),
    (_L, Event.BAD_HELLO): (_C, "refuse"),
    (_L, Event.PING): (_L, "pong"),
    (_L, Event.SUBSCRIBE): (_L, "turn away"),
    (_L, Event.UNSUBSCRIBE): (_L, "nothing"),
    (_L, Event.QUESTION): (_L, "turn away"),
    (_L, Event.OTHER): (_L, "turn away"),
    (_L, Event.ENTER): (_L, "deliver"),
    (_L, Event.PRESENCE): (_L, "turn away"),
    (_L, Event.ADMITTED): (_O, "nothing"),
    (_L, Event.UNKNOWN): (_L, "deliver"),
    (_L, Event.GARBLED): (_C, "refuse"),
    (_L, Event.SILENCE): (_C, "close"),
    (_L, Event.GONE): (_C, "free"),
    (_O, Event.HELLO): (_C, "refuse"),
    (_O, Event.GUEST): (_C, "refuse"),
    (_O, Event.BAD_HELLO): (_C, "refuse"),
    (_O, Event.PING): (_O, "pong"),
    (_O, Event.SUBSCRIBE): (_O, "feed"),
    (_O, Event.UNSUBSCRIBE): (_O, "end"),
    (_O, Event.QUESTION): (_O, "ask"),
    (_O, Event.OTHER): (_O, "deliver"),
    (_O, Event.ENTER): (_O, "deliver"),
    (_O, Event.PRESENCE): (_O, "deliver"),
    (_O, Event.ADMITTED): (_O, "nothing"),
    (_O, Event.UNKNOWN): (_O, "deliver"),
    (_O, Event.GARBLED): (_C, "refuse"),
    (_O, Event.SILENCE): (_C, "close"),
    (_O, Event.GONE): (_C, "free"),
    **{(_C, event): (_C, "nothing") for event in Event},
    (_C, Event.GONE): (_C, "free"),
}
_EVENTS: Final[dict[type, Event]] = {
    Ping: Event.PING,
    Subscribe: Event.SUBSCRIBE,
    Unsubscribe: Event.UNSUBSCRIBE,
    Query: Event.QUESTION,
    Backfill: Event.QUESTION,
    Replay: Event.QUESTION,
    FileRequest: Event.QUESTION,
    FilePut: Event.QUESTION,
    RosterRequest: Event.QUESTION,
    Administer: Event.QUESTION,
    Reveal: Event.QUESTION,
    Login: Event.ENTER,
    FirstAdministrator: Event.ENTER,
    ChangePassword: Event.ENTER,
    Logout: Event.ENTER,
    Unlock: Event.PRESENCE,
    Lock: Event.PRESENCE,
    Acted: Event.PRESENCE,
    SecondFactor: Event.PRESENCE,
    BreakGlass: Event.PRESENCE,
    MendGlass: Event.PRESENCE,
    Unknown: Event.UNKNOWN,
}


class NodeSession:
    """One connection, seen by the node. Every call returns what to do, in order.

    Args:
        welcome: what a console that is let in is told; its `capabilities` are what this node can do.
        trusts: why a console is not let in, None where its credential is good. Whether somebody is logged in by it says
            `welcome` afterwards: the caller may replace it meanwhile.
        pulse: of the loop that sends samples; without it no ping is answered.
        now_s: any clock that never goes back, the same in every call.

    Attributes:
        can: capabilities that both ends have.
        contexts: those that the connection may subscribe in.
        subs: context of each subscription, by its number.
        asked: questions that are open; the caller lowers it by `answered`.
    """

    def __init__(self, welcome: Welcome, trusts: Callable[[Hello], Refusal | None], pulse: Pulse, now_s: float) -> None:
        self.welcome, self._trusts, self._pulse = welcome, trusts, pulse
        self._heard_s = now_s
        self.state = State.WAITING
        self.can: frozenset[str] = frozenset()
        self.contexts = {LIVE}
        self.subs: dict[int, str] = {}
        self.resume: dict[str, int] = {}
        """Last sequences that the console has of this run, by feed key and "entities:CLS"; empty: told all anew."""
        self._gone_on: dict[int, str] = {}
        """Key of the feed that each resumed subscription goes on with."""
        self.asked = 0

    # ------------------------------------------------------------------ events

    def received(self, message: Up | Unknown, now_s: float) -> list[Action]:
        """A message came."""
        self._heard_s = now_s
        if isinstance(message, Hello):
            return self._hello(message, now_s)
        return self._go(_EVENTS.get(type(message), Event.OTHER), message, None, now_s)

    def _hello(self, hello: Hello, now_s: float) -> list[Action]:
        refusal = self._strange(hello)
        if refusal is None and self.state is State.WAITING:  # a second one is refused whoever it is of
            refusal = self._trusts(hello)
        fits = Event.GUEST if self.welcome.lobby else Event.HELLO
        return self._go(fits if refusal is None else Event.BAD_HELLO, hello, refusal, now_s)

    def admitted(self) -> None:
        """Somebody is logged in on this connection now."""
        self._go(Event.ADMITTED, None, None, self._heard_s)

    def garbled(self, error: WireError, now_s: float) -> list[Action]:
        """What came cannot be read."""
        refusal = Refusal(code="malformed", what=error.what, found=error.found, expected=error.expected)
        return self._go(Event.GARBLED, None, refusal, now_s)

    def tick(self, now_s: float) -> list[Action]:
        """Time passed; call it about once a second."""
        within_s = HELLO_S if self.state is State.WAITING else SILENCE_S
        return self._go(Event.SILENCE, None, None, now_s) if now_s - self._heard_s > within_s else []

    def gone(self, now_s: float) -> list[Action]:
        """The connection ended. What it was fed is not `Ended`: its console may come back and go on."""
        return self._go(Event.GONE, None, None, now_s)

    def _go(self, event: Event, message: Any, refusal: Refusal | None, now_s: float) -> list[Action]:
        before = self.state
        after, act = TABLE[before, event]
        self.state = State(after)
        match act:
            case "welcome":
                return self._welcome(message)
            case "refuse":
                return self._refuse(before, message, refusal)
            case "pong":
                return [Deliver(message)] if self._pulse.alive(now_s) else []
            case "feed":
                return self._feed(message)
            case "end":
                return self._end(message.sub)
            case "ask":
                return self._ask(message)
            case "deliver":
                return [Deliver(message)]
            case "turn away":
                return self._turn_away(message)
            case "close":
                return [Close(NORMAL, "silence")]
            case "free":
                self.subs.clear()
                return []
            case _:
                return []

    # ------------------------------------------------------------------ acts

    def _strange(self, hello: Hello) -> Refusal | None:
        if hello.min_version <= WIRE_VERSION <= hello.version:
            return None
        found = f"{hello.min_version} to {hello.version}"
        return Refusal(code="version", what="wire version", zh="协议版本", found=found, expected=str(WIRE_VERSION))

    def _welcome(self, hello: Hello) -> list[Action]:
        self.can = agreed(self.welcome.capabilities, hello.capabilities)
        if "resume" in self.can and hello.run == self.welcome.run:
            self.resume = dict(hello.resume)
        return [Send(self.welcome), Deliver(hello)]

    def _refuse(self, before: State, message: Any, refusal: Refusal | None) -> list[Action]:
        if before is not State.WAITING and isinstance(message, Hello):
            refusal = Refusal(code="malformed", what="message", found="a second hello", expected="one a connection")
        elif refusal is None:
            found = message.m if isinstance(message, Unknown) else str(type(message).__struct_config__.tag)
            refusal = Refusal(code="malformed", what="first message", found=found, expected="hello")
        return [Send(refusal), Close(POLICY, refusal.code)]

    def _turn_away(self, message: Message) -> list[Action]:
        """Only who asked for an answer hears that somebody has to log in; an act is sent again when they have."""
        req = message.sub if isinstance(message, Subscribe) else getattr(message, "req", None)
        if req is None:
            return []
        return [Send(Refusal(code="login", what="nobody is logged in", req=req, context=message.context))]

    def _feed(self, message: Subscribe) -> list[Action]:
        ended = self._end(message.sub)
        refusal = self._unfit(message)
        if refusal is not None:
            return [*ended, Send(refusal)]
        self.subs[message.sub] = message.context
        return [*ended, Deliver(message)]

    def _unfit(self, message: Subscribe) -> Refusal | None:
        if message.context not in self.contexts:
            expected = f"{LIVE!r} or a replay that this connection has opened"
            return Refusal(code="unknown", what="context", found=message.context, expected=expected, req=message.sub)
        if message.strategy not in STRATEGIES:
            found, expected = message.strategy, " or ".join(STRATEGIES)
            return Refusal(code="unavailable", what="strategy", found=found, expected=expected, req=message.sub)
        if len(self.subs) >= SUBSCRIPTIONS:
            expected = f"at most {SUBSCRIPTIONS} at a time"
            return Refusal(code="too_big", what="subscriptions", expected=expected, req=message.sub)
        return None

    def _end(self, sub: int) -> list[Action]:
        self._gone_on.pop(sub, None)
        return [Ended(sub)] if self.subs.pop(sub, None) is not None else []

    def _ask(
        self, message: Query | Backfill | Replay | FileRequest | FilePut | RosterRequest | Administer | Reveal
    ) -> list[Action]:
        name = str(type(message).__struct_config__.tag)
        needed = NEEDED.get(type(message), "query")
        if needed not in self.can:
            what = f"{needed}: not agreed on at hello"
            return [Send(Refusal(code="unavailable", what=what, req=message.req, context=message.context))]
        if self.asked >= ASKED:
            what = f"{name}: {ASKED} questions are open already"
            return [Send(Refusal(code="too_big", what=what, req=message.req, context=message.context))]
        self.asked += 1
        return [Deliver(message)]

    # ------------------------------------------------------------------ from the caller

    def fed(self, message: Subscribe, feed: int, key: str, seq: int, *, missed: bool) -> Subscribed:
        """What to tell of a subscription that was delivered and is fed by now.

        `missed`: all batches of the feed after `resume[message.key]` are at hand; the caller sends them afterwards.
        """
        went_on = missed and key == message.key and key in self.resume
        if went_on:
            seq = self.resume.pop(key)
        # A second subscription that the same feed brings: all was sent to the first already.
        resumed = went_on or (key == message.key and key in self._gone_on.values())
        if resumed:
            self._gone_on[message.sub] = key
        return Subscribed(sub=message.sub, feed=feed, key=key, seq=seq, resumed=resumed, context=message.context)

    def answered(self) -> None:
        """A question was answered."""
        self.asked -= 1

    def entered(self, context: str) -> None:
        """A replay is open for this connection."""
        self.contexts.add(context)

    def left(self, context: str) -> list[Action]:
        """A replay is closed for this connection, and with it what it fed."""
        self.contexts.discard(context)
        return [action for sub, of in list(self.subs.items()) if of == context for action in self._end(sub)]


def door(origin: str | None) -> Refusal | None:
    """Whom the door itself refuses: a browser always sends Origin, and no page may read a node, on loopback too."""
    if origin is None:
        return None
    return Refusal(code="origin", what="origin", found=origin[:200], expected="none: no web page may read a node")
