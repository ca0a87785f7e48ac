"""Lets people in and out: credentials of hello, log-in, lock, password, broken glass; knows no socket and no hub."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable
from typing import Final

from console.api import Access, BadInput, Enrolment, RefusedError, Text, YilanError
from console.node.access.certs import Kind
from console.node.access.gate import BUSY, Admission
from console.node.access.second_factor import SecondFactor as OwnFactor
from console.node.access.sessions import Presence, Session
from console.node.access.verdict import RULES, why, words
from console.node.guard import Guard
from console.node.people import People
from console.node.visit import Visit
from console.wire.access import (
    AccessAnswer,
    Acted,
    Administer,
    Administered,
    BreakGlass,
    ChangePassword,
    FirstAdministrator,
    Lock,
    Login,
    Logout,
    MendGlass,
    RosterAnswer,
    RosterRequest,
    SecondFactor,
    Unlock,
)
from console.wire.codec import encode
from console.wire.frames import Credential, Hello, Message, Refusal

log = logging.getLogger(__name__)
ROLES: Final = ("desk", "wall", "vehicle")
STRANGERS: Final = 64
"""Connections at a time that have shown nothing yet but want to log in; `STRANGERS_OF_ONE` of them from one address."""
STRANGERS_OF_ONE: Final = 8
STRANGER_S: Final = 600.0
STRANGER_BYTES: Final = 256 << 10
"""Longest message, and most bytes in all, before somebody is in: a hello with a thousand feeds to resume fits."""
LOGIN_S: Final = 10.0
DONE: Final = Text("")
ONE_AT_A_TIME: Final = Text("上一次登录尚未完成", "the log-in before is still under way")
INSIDE: Final = Text("已有人登录，请先退出", "somebody is logged in here: log out first")
BAD: Final = Refusal(
    code="credential", what="the credential is not the one this node was started with", zh="不是本节点启动时的凭据"
)
WHY: Final = {
    "logout": Text(""),
    "revoked": RULES["revoked"],
    "life_over": Text("本次登录已到时限，请重新登录", "this session is over: log in again"),
    "too_many": Text("同一人员的会话过多，最早的已结束", "too many sessions of one person: the oldest has ended"),
    "replaced": Text("密码或登录已变更，请重新登录", "password or log-in has changed: log in again"),
}
Called = Callable[[Visit], None]
OfSeat = Unlock | ChangePassword | SecondFactor | BreakGlass
Talk = Login | FirstAdministrator | OfSeat
Saying = Lock | Acted | Logout | MendGlass


class Reception:
    """Args:
    secret: what the embedded node's own console shows.
    others: every other connection there is.
    enter: somebody is logged in on a connection, and may go on.
    review: what somebody may has changed.
    changed: what any of them is told of themselves may have.
    """

    def __init__(
        self,
        guard: Guard,
        people: People,
        secret: str,
        *,
        others: Callable[[], list[Visit]],
        enter: Called,
        review: Called,
        changed: Callable[[], None],
    ) -> None:
        self.guard, self._people, self._secret = guard, people, secret
        self._gate = guard.gate
        self._others, self._enter, self._review, self._changed = others, enter, review, changed
        self._factor = OwnFactor(guard.gate)
        self._locals: dict[str, Session] = {}

    # ------------------------------------------------------------------ hello

    def judge(self, hello: Hello, visit: Visit) -> Refusal | None:
        """Why who says hello is not let through the door; the visit's `seat` is who is logged in by it, if anybody."""
        visit.role = hello.role if hello.role in ROLES else "desk"
        visit.place = hello.place[:200]
        match hello.credential:
            case Credential(kind="secret", value=value):
                return self._own(value, visit)
            case Credential(kind="token", value=value):
                return self._back(value, visit)
            case Credential(kind="certificate"):
                return self._certified(visit)
            case Credential(kind="password" | "none"):
                return self._stranger(visit)
            case _:
                return BAD

    def _own(self, value: str, visit: Visit) -> Refusal | None:
        if not self._secret or not hmac.compare_digest(value.encode(), self._secret.encode()):
            return BAD
        visit.trusted = True
        self._sit(visit, self._local(visit.role))
        return None

    def _local(self, role: str) -> Admission:
        """Who sits at this machine, while nobody is named: one session a role, and no token beside the secret."""
        known = self._locals.get(role)
        now_ns = self._gate.steady.now_ns()
        if known is not None and self._gate.sessions.presence(known.number, now_ns) is not Presence.ENDED:
            return Admission(session=known)
        session = self._gate.local(kind=role).session
        if session is not None:
            self._locals[role] = session
        return Admission(session=session)

    def _back(self, token: str, visit: Visit) -> Refusal | None:
        admission = self._gate.resume(token, origin=visit.origin)
        if admission.session is None:
            reason = admission.reason
            return Refusal(code="login", what=reason.of("en"), zh=reason.zh, expected="somebody logs in again")
        visit.trusted = True
        self._sit(visit, admission)
        account = self._gate.accounts.named(admission.session.name) if admission.session.name else None
        visit.change_next = account is not None and account.change_next
        return None

    def _certified(self, visit: Visit) -> Refusal | None:
        peer = visit.peer
        if peer is None or peer.kind is Kind.NODE:
            what = "TLS has shown no certificate of a person or a wall"
            return Refusal(code="credential", what=what, zh="未出示人员或大屏的证书")
        kind = "wall" if peer.kind is Kind.WALL else visit.role
        admission = self._gate.certified(peer.id, peer.serial, kind=kind, place=visit.place, origin=visit.origin)
        if admission.session is None:
            reason = admission.reason
            return Refusal(code="credential", what=reason.of("en"), zh=reason.zh, found=peer.id)
        visit.trusted = True
        self._sit(visit, admission)
        return None

    def _stranger(self, visit: Visit) -> Refusal | None:
        if self._gate.is_local:
            return BAD  # nobody was named here yet: there is nothing to log in to but by the node's own console
        if visit.peer is not None:
            return None  # a certificate of the site is no stranger's
        others = (other for other in self._others() if other is not visit and other.told)
        strangers = [other for other in others if other.in_lobby and not other.trusted and other.peer is None]
        of_one = sum(other.origin == visit.origin for other in strangers)
        if len(strangers) >= STRANGERS or of_one >= STRANGERS_OF_ONE:
            what, tip = "too many connections on which nobody is logged in", "try again in a moment"
            return Refusal(code="too_big", what=what, zh="未登录的连接过多，请稍后再试", tip=tip)
        return None

    def _sit(self, visit: Visit, admission: Admission) -> None:
        visit.seat, visit.token, visit.change_next = admission.session, admission.token, admission.change_next

    def access(self, visit: Visit, reason: Text = DONE) -> Access:
        """What the console of a visit is told."""
        return self.guard.access(visit.seat, change_next=visit.change_next, reason=reason)

    # ------------------------------------------------------------------ what is only said

    def said(self, message: Saying, visit: Visit) -> None:
        """The person locks, is there, leaves, is done with the glass."""
        seat, gate = visit.seat, self._gate
        if seat is None:
            return
        match message:
            case Lock():
                gate.sessions.lock(seat.number)
                self._review(visit)
            case Acted():
                gate.sessions.acted(seat.number, gate.steady.now_ns())
            case Logout():
                gate.logout(seat)
            case MendGlass():
                gate.mend_glass(seat)

    # ------------------------------------------------------------------ what is answered

    async def talk(self, message: Talk, visit: Visit) -> None:
        """Log in, unlock, change the password, break the glass: one at a time, answered within 10 s."""
        if visit.talking:
            _answer(visit, message.req, ONE_AT_A_TIME, 1)
            return
        visit.talking = True
        try:
            async with asyncio.timeout(LOGIN_S):
                await self._talk(message, visit)
        except TimeoutError:
            _answer(visit, message.req, BUSY, 1)
        except YilanError as error:
            _answer(visit, message.req, why(error))
        finally:
            visit.talking = False

    async def _talk(self, message: Talk, visit: Visit) -> None:
        match message:
            case Login():
                await self.log_in(message, visit)
            case FirstAdministrator():
                await self._first(message, visit)
            case Unlock() | ChangePassword() | SecondFactor() | BreakGlass() if visit.seat is not None:
                await self._of_seat(message, visit, visit.seat)
            case _:
                _answer(visit, message.req, RULES["session_ended"])

    async def log_in(self, message: Login, visit: Visit) -> None:
        """Check name and password, apart from the loop; then the person is in."""
        if visit.seat is not None:
            _answer(visit, message.req, INSIDE)
            return
        name, password, code = message.name, message.password, message.code
        who = {"kind": visit.role, "place": visit.place, "origin": visit.origin}
        known = visit.trusted or visit.peer is not None
        self._admit(message.req, visit, await self._gate.login(name, password, code, **who, known=known))

    async def _first(self, message: FirstAdministrator, visit: Visit) -> None:
        if visit.seat is not None and not self._gate.is_local:
            _answer(visit, message.req, INSIDE)
            return
        visit.founding = True
        try:
            admission = await self.guard.office.first_administrator(
                message.code, message.site, message.name, message.person_name, message.password, origin=visit.origin
            )
        finally:
            visit.founding = False
        self._admit(message.req, visit, admission)

    def _admit(self, req: int, visit: Visit, admission: Admission) -> None:
        session = admission.session
        if session is None:
            _answer(visit, req, admission.reason, admission.retry_s)
            return
        if visit.closing is not None:
            self._gate.logout(session)  # nobody is there any more who could use it
            return
        visit.orphaned = ""
        self._sit(visit, admission)
        self._enter(visit)
        _answer(visit, req, DONE)

    async def _of_seat(self, message: OfSeat, visit: Visit, seat: Session) -> None:
        reason, enrolment = DONE, None
        match message:
            case Unlock():
                reason = await self._gate.unlock(seat, message.password, message.code)
            case ChangePassword():
                reason = await self._gate.change_password(seat, message.old, message.new, message.code)
                if not reason.zh and visit.change_next:
                    visit.change_next = False
                    self._enter(visit)
            case SecondFactor():
                reason, enrolment = await self._of_factor(message, seat)
            case BreakGlass():
                verdict = self._gate.break_glass(seat, message.reason[:1000])
                reason = DONE if verdict.may else words(verdict)
        if visit.seat is not None and not visit.in_lobby:
            self._review(visit)
        _answer(visit, message.req, reason, enrolment=enrolment)

    async def _of_factor(self, message: SecondFactor, seat: Session) -> tuple[Text, Enrolment | None]:
        match message.op:
            case "begin":
                begun = await self._factor.begin(seat, message.password)
                return (DONE, begun) if isinstance(begun, Enrolment) else (begun, None)
            case "confirm":
                reason = await self._factor.confirm(seat, message.code)
            case "end":
                reason = await self._factor.end(seat, message.password, message.code)
            case _:
                raise BadInput("op", found=message.op[:40], expected="begin, confirm or end")
        if not reason.zh:
            self._changed()
        return reason, None

    # ------------------------------------------------------------------ people

    async def people(self, message: RosterRequest | Administer, visit: Visit) -> None:
        """People and roles, read or changed."""
        seat = visit.seat
        if seat is None or self.guard.locked(seat):
            locked = RULES["locked"]
            refusal = Refusal(code="rule", what=locked.of("en"), zh=locked.zh, found="locked", req=message.req)
            visit.outbox.send(encode(refusal))
            return
        answer: Message
        if isinstance(message, Administer):
            reason = await self._people.administer(seat, message.act, message.arguments)
            self._changed()
            answer = Administered(req=message.req, reason=reason)
        else:
            try:
                answer = RosterAnswer(req=message.req, roster=self._people.roster(seat))
            except RefusedError as error:
                answer = Refusal(code="rule", what=str(error), zh=error.zh, req=message.req)
        visit.outbox.send(encode(answer))


def ended(why: str) -> tuple[Text, Refusal]:
    """What is said of a session that has ended."""
    reason = WHY.get(why, RULES["session_ended"])
    return reason, Refusal(code="session", what=reason.of("en") or "logged out", found=why)


def login_of(credential: Credential) -> Login:
    """The log-in that a hello with a password asks for."""
    return Login(req=0, name=credential.name, password=credential.value, code=credential.code)


def _answer(visit: Visit, req: int, reason: Text, retry_s: int = 0, enrolment: Enrolment | None = None) -> None:
    visit.outbox.send(encode(AccessAnswer(req=req, reason=reason, retry_s=retry_s, enrolment=enrolment)))
