"""The one door to access: log-ins, sessions and verdicts as the gateway asks for them; knows no socket and no hub.

Nothing here waits but log-ins, unlocking and changes of accounts: they hash, in a thread of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from console.api import NS, Board, RefusedError, ResourceError, Text, Value
from console.node.access.accounts import Accounts, Login, wrong
from console.node.access.actions import Action
from console.node.access.audit import Audited, Sink
from console.node.access.files import read_secret, write_secret
from console.node.access.first import local_policy
from console.node.access.glass import Glass
from console.node.access.lockout import Lockout, LockRule
from console.node.access.passwords import HashCost, Hasher
from console.node.access.recorder import Recorder
from console.node.access.rights import Rights
from console.node.access.sessions import FOREVER_NS, LOCKED_TOPICS, Presence, Session, SessionRule, Sessions
from console.node.access.shelf import Age, Offered, Shelf
from console.node.access.steady import Kept, Steady, machine_mark
from console.node.access.verdict import RULES, Verdict, refused

log = logging.getLogger(__name__)
WAITING: Final = 32
"""Log-ins waiting for the hashing thread; the next one is told to try again."""
REVIEW_NS: Final = 60 * NS
BUSY: Final = Text("登录请求过多，请稍后再试", "too many log-ins at once: try again in a moment")
T = TypeVar("T")


class AccessSettings(Value, frozen=True, kw_only=True):
    """What a site may set; how long a policy holds stands in the policy itself.

    `own_area`: this node's area, "" the whole site. `local`: while there is no policy the person at this machine is the
    duty officer `local` (the embedded default); False: without a policy nobody may anything.
    """

    own_area: str = ""
    local: bool = False
    cost: HashCost = HashCost()
    lock: LockRule = LockRule()
    session: SessionRule = SessionRule()


class Admission(Value, frozen=True, kw_only=True):
    """What came of a log-in: the session with its token (for the console alone), or why not."""

    session: Session | None = None
    token: str = ""
    reason: Text = Text("")
    retry_s: int = 0
    change_next: bool = False

    def __repr__(self) -> str:
        return f"Admission({self.session.number if self.session else self.reason.en!r})"


class Gate:
    """Access of one node; call all of it in the node's loop, `tick` each second.

    Args:
        folder: where its files lie.
        settings: what the site set.
        sink: takes audit entries.
        trusted: the site's public policy key, None before there is a site.
        on_ended: a session ended, and why: close its link now.
        on_changed: rights changed: what the old ones let through is to be asked again.
        steady: the clock; by default this machine's, gone on with from the last run.
    """

    def __init__(
        self,
        folder: Path,
        settings: AccessSettings,
        sink: Sink,
        *,
        trusted: bytes | None = None,
        on_ended: Callable[[Session, str], None] | None = None,
        on_changed: Callable[[], None] | None = None,
        steady: Steady | None = None,
    ) -> None:
        self._folder, self._settings = folder, settings
        self.steady = steady or _steady(folder)
        self.recorder = Recorder(sink, self.steady)
        self._on_ended = on_ended or (lambda session, why: None)
        self._on_changed = on_changed or (lambda: None)
        self.accounts = Accounts(folder, Hasher(settings.cost), Lockout(settings.lock), self.steady.wall_ns)
        self.sessions = Sessions(settings.session, self._ended)
        self._shelf = Shelf(folder, trusted, self.steady) if trusted is not None else None
        self._glass = Glass()
        self._listed: frozenset[str] = frozenset()
        """Serials of the site's revocation list, beside those that the policy revokes."""
        self._parents: dict[str, str] = {}
        self.rights = self._compiled()
        self._reviewed_ns = self.steady.now_ns()
        self._pool = ThreadPoolExecutor(1, "access")
        self._waiting = 0
        self._unkept = False
        """Sessions began or ended since they were last written down."""
        self._was_expired = False

    def open(self) -> None:
        """Take up what is kept. Raises ResourceError where a file is damaged or others may read it."""
        if self._shelf is not None:
            self._shelf.open()
        self.accounts.open()
        self.sessions.restore(read_secret(self._folder / "sessions") or b"")
        self._recompile()

    def close(self) -> None:
        """Keep clock and sessions for the next run."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.recorder.flush(all_of_them=True)
        self._write(*self._kept())

    def _kept(self) -> tuple[bytes, bytes]:
        self._unkept = False
        return msgspec.msgpack.encode(self.steady.kept()), self.sessions.kept()

    def _write_or_tell(self, clock: bytes, sessions: bytes) -> None:
        try:
            self._write(clock, sessions)
        except ResourceError as error:  # who is logged in stays so; only a restart would ask them again
            log.error("%s", error)

    def _write(self, clock: bytes, sessions: bytes) -> None:
        write_secret(self._folder / "clock", clock)
        write_secret(self._folder / "sessions", sessions)

    # ------------------------------------------------------------------ log-in

    async def login(
        self,
        name: str,
        password: str,
        code: str = "",
        *,
        kind: str = "desk",
        place: str = "",
        origin: str = "",
        known: bool = False,
    ) -> Admission:
        """Open a session for who gives name and password (and code). What is wrong is not told.

        `known`: the machine has shown a secret or a certificate, and is locked by its own failures alone.
        """
        now_ns = self.steady.now_ns()
        try:
            check = partial(self.accounts.login, name, password, code, origin, now_ns, known=known)
            done = await self.apart(check)
        except RefusedError:
            return Admission(reason=BUSY, retry_s=1)
        if done.ok and not self.rights.knows(done.person).may:
            done = Login(reason=wrong(code), known=True)
        rule = "password" if done.ok else "locked_out" if done.locked_s else "wrong"
        who = {"origin": origin, "place": place, "kind": kind}
        self.recorder.login(self._who(name, done), known=done.known, ok=done.ok, rule=rule, **who)
        if done.locks_now:
            known_as = self._who(name, done) if done.known else ""
            self.recorder.write(Audited.LOCKED_OUT, ok=False, person=known_as, origin=origin)
        if not done.ok:
            return Admission(reason=done.reason, retry_s=done.locked_s)
        admitted = self._begin(done.person, name=name, kind=kind, place=place, origin=origin)
        return msgspec.structs.replace(admitted, change_next=done.change_next)

    def _who(self, name: str, done: Login) -> str:
        return done.person or self.accounts.person_of(name)

    def local(self, *, kind: str = "desk", place: str = "", origin: str = "") -> Admission:
        """A session for who sits at this machine: only where settings say so and no policy is there yet."""
        if not self.is_local:
            return Admission(reason=RULES["session_ended"])
        return self._begin("local", name="", kind=kind, place=place, origin=origin, lasting=True)

    def certified(
        self, person: str, serial: str, *, kind: str = "desk", place: str = "", origin: str = ""
    ) -> Admission:
        """A session for the person or wall that a client certificate names, once TLS has accepted it."""
        verdict = self.rights.knows(person)
        if self._taken_back(serial):
            verdict = refused("revoked")
        who = {"origin": origin, "place": place, "kind": kind}
        rule = "certificate" if verdict.may else verdict.rule
        self.recorder.login(person, known=True, ok=verdict.may, rule=rule, **who)
        if not verdict.may:
            return Admission(reason=RULES[verdict.rule])
        return self._begin(person, name="", kind=kind, place=place, origin=origin, certificate=serial)

    def resume(self, token: str, *, origin: str = "") -> Admission:
        """The session that a console had before its link was cut; the token stays the same."""
        session = self.sessions.find(token, self.steady.now_ns())
        if session is None or not self._known(session):
            self.recorder.write(Audited.LOGIN, ok=False, origin=origin, rule="session_ended")
            return Admission(reason=RULES["session_ended"])
        return Admission(session=session, token=token)

    def logout(self, session: Session) -> None:
        """The person leaves."""
        self.sessions.end(session.number, "logout")

    async def unlock(self, session: Session, password: str, code: str = "") -> Text:
        """The same person again, after the idle lock; "" when it worked, else what to say. Raises RefusedError."""
        now_ns = self.steady.now_ns()
        name = session.name or self.accounts.name_of(session.person)  # who came by certificate has a password too
        done = await self.apart(partial(self.accounts.unlock, name, password, code, session.number, now_ns))
        ok = done.ok and done.person == session.person and self.sessions.unlocked(session.number, now_ns)
        self.recorder.write(Audited.SESSION_UNLOCKED, session, ok=ok)
        return Text("") if ok else wrong(code) if done.ok else done.reason

    async def change_password(self, session: Session, old: str, new: str, code: str = "") -> Text:
        """The person's own; all other sessions end. "" when it worked. Raises BadInput for the new one."""
        now_ns = self.steady.now_ns()
        name = session.name or self.accounts.name_of(session.person)
        done = await self.apart(partial(self.accounts.change_password, name, old, new, code, session.number, now_ns))
        self.recorder.write(Audited.ACCOUNT, session, ok=done.ok, rule="password")
        if done.ok:
            self.sessions.end_person(session.person, "replaced", but=session.number)
        return Text("") if done.ok else done.reason

    def _begin(
        self,
        person: str,
        *,
        name: str,
        kind: str,
        place: str,
        origin: str,
        certificate: str = "",
        lasting: bool = False,
    ) -> Admission:
        # a wall by the policy goes on for ever; a console that calls itself one only loses: it may look, nothing else
        by_policy = self.rights.is_wall(person)
        session, token = self.sessions.begin(
            person,
            name=name,
            kind=kind,
            wall=by_policy or kind == "wall",
            lasting=by_policy or lasting,
            place=place,
            origin=origin,
            certificate=certificate,
            now_ns=self.steady.now_ns(),
        )
        self._unkept = True
        return Admission(session=session, token=token)

    async def apart(self, work: Callable[[], T]) -> T:
        """Do what hashes, or changes accounts, in the one thread for it. Raises RefusedError where too many wait."""
        if self._waiting >= WAITING:
            raise RefusedError(BUSY.en)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    # ------------------------------------------------------------------ verdicts

    def may(
        self,
        session: Session,
        action: Action,
        area: str = "",
        board: Board | None = None,
        topic: str = "",
        entity: str = "",
    ) -> Verdict:
        """Whether this session may; asked of every message. What has to be written down is."""
        now_ns = self.steady.now_ns()
        verdict = self._held(session, action, topic, now_ns)
        if verdict is None:
            verdict = self.rights.may(session.person, action, area, board, topic, now_ns=now_ns)
        self.recorder.judged(session, action, area, entity, verdict)
        return verdict

    def sees(self, session: Session, area: str = "", board: Board | None = None, topic: str = "") -> bool:
        """Whether a thing may be shown to this session: to choose what streams and lists hold; nothing is written."""
        now_ns = self.steady.now_ns()
        if self._held(session, Action.VIEW, topic, now_ns) is not None:
            return False
        return self.rights.may(session.person, Action.VIEW, area, board, topic, now_ns=now_ns).may

    def _held(self, session: Session, action: Action, topic: str, now_ns: int) -> Verdict | None:
        """What the session itself forbids."""
        presence = self.sessions.presence(session.number, now_ns)
        if presence is Presence.ENDED:
            return refused("session_ended")
        if session.wall and action is not Action.VIEW:
            return refused("view_only")
        if presence is Presence.LOCKED and not (action is Action.VIEW and topic in LOCKED_TOPICS):
            return refused("locked")
        return None

    def break_glass(self, session: Session, reason: str) -> Verdict:
        """Wide rights in the person's own areas for a while, for a reason in words; always written down."""
        now_ns = self.steady.now_ns()
        verdict = self._held(session, Action.BREAK_GLASS, "", now_ns) or self.rights.break_glass(
            session.person, reason, now_ns
        )
        self.recorder.write(Audited.GLASS_BROKEN, session, ok=verdict.may, rule=verdict.rule, reason=reason)
        if verdict.may:
            self._on_changed()
        return verdict

    def mend_glass(self, session: Session) -> None:
        """The person is done with it before its time."""
        if not self._glass.until_ns(session.person):
            return
        self._glass.mended(session.person)
        self.recorder.write(Audited.GLASS_ENDED, session)
        self._on_changed()

    @property
    def idle_s(self) -> float:
        """Seconds without an act until a screen locks."""
        return self._settings.session.idle_s

    @property
    def is_local(self) -> bool:
        """Whether who sits at this machine needs no log-in: nobody was named here yet."""
        return self._settings.local and not self.trusts

    def glass_until_ns(self, session: Session) -> int:
        """When on the steady clock the person's broken glass ends, 0 none: shown as long as it lasts."""
        return self._glass.until_ns(session.person)

    # ------------------------------------------------------------------ policy, areas, time

    @property
    def trusts(self) -> bool:
        """Whether this node has a site's policy key to go by."""
        return self._shelf is not None

    @property
    def shelf(self) -> Shelf:
        """Where the policy lies. Raises RefusedError before this node trusts a site's key."""
        if self._shelf is None:
            raise RefusedError("this node trusts no site's policy key yet")
        return self._shelf

    def trust(self, public_key: bytes) -> None:
        """From now on take policies of this key; once, at the first start or enrolment."""
        if self._shelf is not None:
            raise RefusedError("this node trusts a site's key already")
        self._shelf = Shelf(self._folder, public_key, self.steady)
        self._shelf.open()
        self._recompile()

    def offer(self, document: bytes) -> Offered:
        """Take a newer policy; whom it knows no more is out before this returns. Raises BadInput, ResourceError."""
        offered = self.shelf.offer(document)
        if offered.taken:
            self.recorder.write(Audited.POLICY, rule="taken", entity=f"policy:{offered.version}")
            self._recompile()
        return offered

    def listed(self, serials: frozenset[str]) -> None:
        """The certificates that the site's revocation list names: sessions that began by one of them end at once."""
        if serials != self._listed:
            self._listed = serials
            self.sessions.review(self._known, self.steady.now_ns())

    def policy_age(self) -> Age:
        """Version, age and time left, for the screen; version 0 where there is none."""
        return self._shelf.age() if self._shelf is not None else Age(version=0, age_ns=0, left_ns=0)

    def areas(self, parents: Mapping[str, str]) -> None:
        """The area tree, as parent by id; again whenever it changes."""
        if self._parents != parents:
            self._parents = dict(parents)
            self._recompile()

    def tick(self) -> None:
        """Each second: glasses that are over, sessions to be asked again (each minute), what to keep."""
        now_ns = self.steady.now_ns()
        mended = self._glass.tick(now_ns)
        for person in mended:
            self.recorder.write(Audited.GLASS_ENDED, person=person)
        self.recorder.flush()
        expired = now_ns >= self.rights.expires_ns
        if mended or expired is not self._was_expired:
            self._was_expired = expired
            self._on_changed()
        due = now_ns - self._reviewed_ns >= REVIEW_NS
        if due:
            self._reviewed_ns = now_ns
            self.sessions.review(self._known, now_ns)
        if due or self._unkept:
            self._pool.submit(self._write_or_tell, *self._kept())  # taken now, written in order

    def _known(self, session: Session) -> bool:
        return not self._taken_back(session.certificate) and self.rights.knows(session.person).may

    def _taken_back(self, serial: str) -> bool:
        return serial in self.rights.revoked_certificates or serial in self._listed

    def _recompile(self) -> None:
        self.rights = self._compiled()
        self.sessions.review(self._known, self.steady.now_ns())
        self._on_changed()

    def _compiled(self) -> Rights:
        policy = self._shelf.policy if self._shelf is not None else None
        expires_ns = self._shelf.expires_ns if self._shelf is not None else 0
        if policy is None and self._shelf is None and self._settings.local:
            policy, expires_ns = local_policy(), FOREVER_NS
        return Rights(policy, self._parents, own_area=self._settings.own_area, expires_ns=expires_ns, glass=self._glass)

    def _ended(self, session: Session, why: str) -> None:
        self._unkept = True  # else a logged-out token would open something again after a crash
        self.recorder.write(Audited.SESSION_ENDED, session, rule=why)
        self._on_ended(session, why)


def _steady(folder: Path) -> Steady:
    raw = read_secret(folder / "clock")
    try:
        kept = msgspec.msgpack.decode(raw, type=Kept) if raw else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        kept = None  # counts from here: the wall clock then tells how old the policy is
    return Steady(machine_mark, kept)
