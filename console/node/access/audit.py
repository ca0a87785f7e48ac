"""What is written down of log-ins, refusals and acts: typed entries for a sink, never a secret; knows no journal."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final

from console.api import Value

LONGEST: Final = 200
"""Characters of one text: what a stranger sends cannot fill the journal."""
UNKNOWN: Final = "?"
"""Stands for a name that is no account's: it may well be a password typed into the wrong field."""


class Audited(enum.StrEnum):
    """What happened."""

    LOGIN = "login"
    LOCKED_OUT = "locked_out"
    SESSION_UNLOCKED = "session_unlocked"
    SESSION_ENDED = "session_ended"
    REFUSED = "refused"
    EMERGENCY = "emergency"
    GLASS_BROKEN = "glass_broken"
    GLASS_ENDED = "glass_ended"
    VIEW_PERSONAL = "view_personal"
    PRESENTED = "presented"
    POLICY = "policy"
    ACCOUNT = "account"
    ADMINISTRATION = "administration"


class AuditEntry(Value, frozen=True, kw_only=True):
    """Who did what from where and what came of it.

    Attributes:
        t_ns: UTC ns by this node's wall clock.
        role: kind of the session: desk, wall, vehicle; or "" before there is one.
        place: the console's own name for where it stands; origin: the address it came from.
        action: of `Action`, "" where none was asked; entity: "class:id" of what it was asked of.
        rule: what decided, see `verdict.RULES`.
        reason: a person's own words (of a broken glass, a revocation).
    """

    t_ns: int
    what: Audited
    ok: bool
    person: str = ""
    role: str = ""
    place: str = ""
    origin: str = ""
    session: str = ""
    action: str = ""
    entity: str = ""
    area: str = ""
    rule: str = ""
    marks: tuple[str, ...] = ()
    reason: str = ""
    count: int = 1


Sink = Callable[[AuditEntry], None]
"""Takes entries at once and in order; what it cannot keep it must raise for."""


def cut(text: str) -> str:
    """At most LONGEST characters, without line breaks or what else could forge a line."""
    printable = "".join(letter if letter.isprintable() else "·" for letter in text[: LONGEST + 1])
    return printable if len(printable) <= LONGEST else printable[: LONGEST - 1] + "…"
