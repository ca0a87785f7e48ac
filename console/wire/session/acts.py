"""What the two machines of a session ask of whoever moves their bytes, and how their tables read; knows no machine."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, TypeAlias

from console.api import Value
from console.wire.frames import Message, Unknown

BASE: Final = frozenset({"batch.columns", "entities", "query", "files", "media.ticket", "intent"})
"""What version 1 always could: a peer need not name it."""
NORMAL, PROTOCOL, POLICY = 1000, 1002, 1008
"""WebSocket close codes (RFC 6455, section 7.4.1)."""


class Send(Value, frozen=True):
    """Send this message."""

    message: Message


class Close(Value, frozen=True):
    """End the connection. `abort`: at once, for the peer does not answer; else what is queued goes out before."""

    code: int
    why: str
    abort: bool = False


class Deliver(Value, frozen=True):
    """This message is for the application: it is in order, and the peer may send it now."""

    message: Message | Unknown


class Ended(Value, frozen=True):
    """Subscription `sub` has ended: free what feeds it."""

    sub: int


class Missed(Value, frozen=True):
    """Subscription `sub` went on after a cut, or a jump, with a hole that nobody can tell the size of."""

    sub: int


class Down(Value, frozen=True):
    """The link is lost, or was never had; `why` in words for a log."""

    why: str


Action: TypeAlias = Send | Close | Deliver | Ended | Missed | Down
Table: TypeAlias = Mapping[tuple[enum.StrEnum, enum.StrEnum], tuple[enum.StrEnum, str]]


class Pulse:
    """Whether a loop still turns: it beats each turn. One that never beat is spoken for by nobody: it counts as alive.

    Args:
        within_s: a loop that has not beaten for longer is taken for stopped.
    """

    def __init__(self, within_s: float = 1.0) -> None:
        self._within_s = within_s
        self._beat_s: float | None = None

    def beat(self, now_s: float) -> None:
        """The loop turns."""
        self._beat_s = now_s

    def alive(self, now_s: float) -> bool:
        """Whether it beat lately."""
        return self._beat_s is None or now_s - self._beat_s <= self._within_s


def agreed(mine: tuple[str, ...], theirs: tuple[str, ...]) -> frozenset[str]:
    """The capabilities that both ends have."""
    return frozenset(mine) & (frozenset(theirs) | BASE)


def markdown(table: Table) -> str:
    """The table as docs/wire-protocol.md prints it: a row an event, a column a state."""
    states, events = (list(dict.fromkeys(key[i] for key in table)) for i in (0, 1))
    lines = ["| event | " + " | ".join(f"in *{state}*" for state in states) + " |", "|---" * (len(states) + 1) + "|"]
    for event in events:
        cells = [event.value]
        for state in states:
            after, act = table[state, event]
            cells.append(act if after == state else f"{act} → *{after}*")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
