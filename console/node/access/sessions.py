"""Who is logged in: random tokens of which only hashes are kept, idle lock, absolute life, revocation; knows no rights.

Times are ns of the steady clock, so that neither a restart nor a clock that is set prolongs or ends a session.
"""

from __future__ import annotations

import enum
import secrets
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final

import msgspec

from console.api import NS, Value

MAX_SESSIONS: Final = 4096
FOREVER_NS: Final = 1 << 62
LOCKED_TOPICS: Final = frozenset({"alarm", "warning", "notice", "area", "shift"})
"""Entity classes that a locked screen still shows: strip, sound and clock go on, with the names they need."""


class SessionRule(Value, frozen=True, kw_only=True):
    """Seconds without an act until the screen locks, and until the session ends whatever happens; how many a person."""

    idle_s: float = 600.0
    life_s: float = 13 * 3600.0
    """One hour more than a shift of twelve."""
    each: int = 8


STANDARD: Final = SessionRule()


class Presence(enum.StrEnum):
    """How a session stands."""

    OPEN = "open"
    LOCKED = "locked"
    ENDED = "ended"


class Session(Value, frozen=True, kw_only=True):
    """One person at one console. `number` may be shown and logged; the token is with the console alone."""

    number: str
    person: str
    name: str
    """The account's name; "" for a wall or a certificate."""
    kind: str
    """desk, vehicle or wall."""
    wall: bool
    lasting: bool
    """Never locks and has no end of its own: a wall, and the local seat before there are people."""
    place: str
    origin: str
    certificate: str
    """Serial (hex) of the certificate it was opened with, "" none."""
    began_ns: int
    ends_ns: int


class _Live(msgspec.Struct):
    session: Session
    token: bytes
    acted_ns: int
    locked: bool = False


class Sessions:
    """All sessions of a node.

    Args:
        rule: lengths.
        on_ended: called at once with each session that ends and why, so that its link is closed.
    """

    def __init__(self, rule: SessionRule = STANDARD, on_ended: Callable[[Session, str], None] | None = None) -> None:
        self._rule = rule
        self._on_ended = on_ended or (lambda session, why: None)
        self._live: dict[str, _Live] = {}
        self._by_token: dict[bytes, str] = {}

    def __repr__(self) -> str:
        return f"Sessions({len(self._live)})"

    def __len__(self) -> int:
        return len(self._live)

    def begin(
        self,
        person: str,
        *,
        name: str = "",
        kind: str = "desk",
        wall: bool = False,
        lasting: bool = False,
        place: str = "",
        origin: str = "",
        certificate: str = "",
        now_ns: int,
    ) -> tuple[Session, str]:
        """A new session and its token. A person's oldest ends where they have too many."""
        mine = [live.session for live in self._live.values() if live.session.person == person]
        for old in sorted(mine, key=lambda s: s.began_ns)[: max(0, len(mine) - self._rule.each + 1)]:
            self.end(old.number, "too_many")
        if len(self._live) >= MAX_SESSIONS:
            self.end(min(self._live.values(), key=lambda live: live.acted_ns).session.number, "too_many")
        token, number = secrets.token_urlsafe(32), secrets.token_hex(8)
        ends_ns = now_ns + int(self._rule.life_s * NS) if not lasting else FOREVER_NS
        session = Session(
            number=number,
            person=person,
            name=name,
            kind=kind,
            wall=wall,
            lasting=lasting,
            place=place,
            origin=origin,
            certificate=certificate,
            began_ns=now_ns,
            ends_ns=ends_ns,
        )
        self._live[number] = _Live(session, _hash(token), now_ns)
        self._by_token[_hash(token)] = number
        return session, token

    def find(self, token: str, now_ns: int) -> Session | None:
        """The session of a token, None where it has ended or never was."""
        number = self._by_token.get(_hash(token))
        return self._live[number].session if number and self.presence(number, now_ns) is not Presence.ENDED else None

    def presence(self, number: str, now_ns: int) -> Presence:
        """How it stands now; one whose life is over ends by being asked."""
        live = self._live.get(number)
        if live is None:
            return Presence.ENDED
        if not live.session.began_ns <= now_ns < live.session.ends_ns:  # before it began: that clock was lost
            self.end(number, "life_over")
            return Presence.ENDED
        if not live.session.lasting and now_ns - live.acted_ns >= self._rule.idle_s * NS:
            live.locked = True
        return Presence.LOCKED if live.locked else Presence.OPEN

    def acted(self, number: str, now_ns: int) -> None:
        """The person did something (a key, a pointer, an intent); nothing else counts. A locked one stays locked."""
        if self.presence(number, now_ns) is Presence.OPEN:
            self._live[number].acted_ns = max(self._live[number].acted_ns, now_ns)

    def lock(self, number: str) -> None:
        """The person locks it; a lasting one, which nobody could unlock, stays open."""
        live = self._live.get(number)
        if live is not None and not live.session.lasting:
            live.locked = True

    def unlocked(self, number: str, now_ns: int) -> bool:
        """The same person has shown again who they are; False where the session has ended."""
        if self.presence(number, now_ns) is Presence.ENDED:
            return False
        live = self._live[number]
        live.locked, live.acted_ns = False, now_ns
        return True

    def end(self, number: str, why: str) -> Session | None:
        """End it and tell; `why`: logout, revoked, life_over, too_many, replaced. None where there is none."""
        live = self._live.pop(number, None)
        if live is None:
            return None
        self._by_token.pop(live.token, None)
        self._on_ended(live.session, why)
        return live.session

    def end_person(self, person: str, why: str, *, but: str = "") -> int:
        """End all of a person's but one; how many that were."""
        mine = [n for n, live in self._live.items() if live.session.person == person and n != but]
        return sum(self.end(number, why) is not None for number in mine)

    def review(self, knows: Callable[[Session], bool], now_ns: int) -> list[Session]:
        """Ask of every session whether it may go on; each minute, and at once after a new policy. Returns the ended."""
        ended = []
        for number, live in list(self._live.items()):
            over = self.presence(number, now_ns) is Presence.ENDED
            if over or (not knows(live.session) and self.end(number, "revoked")):
                ended.append(live.session)
        return ended

    def all(self) -> list[Session]:
        """Every session that has not ended."""
        return [live.session for live in self._live.values()]

    # ------------------------------------------------------------------ over a restart

    def kept(self) -> bytes:
        """What has to outlive the process; hashes of tokens only."""
        return msgspec.msgpack.encode(list(self._live.values()))

    def restore(self, raw: bytes) -> int:
        """Take up what an earlier run kept, before the first `begin`; and how many; of damaged bytes none."""
        try:
            lives: Iterable[_Live] = msgspec.msgpack.decode(raw, type=list[_Live])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return 0  # whoever was logged in logs in again
        self._live = {live.session.number: live for live in lives}
        self._by_token = {live.token: number for number, live in self._live.items()}
        return len(self._live)


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
