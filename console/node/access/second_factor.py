"""A person's own second factor: begun with the password, in force once a code has shown that the phone has it.

What was begun and not confirmed lives in memory alone, one a session, for ten minutes: it changes nothing, and a
restart forgets it. Knows no connection.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from console.api import NS, Enrolment, RefusedError, Text, Value
from console.node.access.audit import Audited
from console.node.access.gate import Gate
from console.node.access.sessions import Presence, Session
from console.node.access.totp import base32, enrolment_uri, matching_step, new_secret
from console.node.access.verdict import RULES

PENDING_NS: Final = 600 * NS
DONE: Final = Text("")
NO_ACCOUNT: Final = Text("没有账号，二次验证无从谈起", "who has no account with a password needs no second factor")
THERE: Final = Text("二次验证已启用：如要更换，请先停用", "there is a second factor already: turn it off first")
NONE: Final = Text("此账号未启用二次验证", "this account has no second factor")
NOT_BEGUN: Final = Text("未开始或已过 10 分钟，请重新开始", "not begun, or over 10 min ago: begin again")
WRONG_CODE: Final = Text(
    "动态码不正确，尚未启用；请核对手机时间后输入新码",
    "that is not the code, nothing is in force yet: look at the phone's clock and give a new one",
)


class Pending(Value, frozen=True, kw_only=True):
    """A secret that nobody has confirmed; `until_ns` on the steady clock."""

    secret: bytes
    until_ns: int

    def __repr__(self) -> str:
        return "Pending(…)"


class SecondFactor:
    """Every call in the node's loop; each attempt is audited, without what was given."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._pending: dict[str, Pending] = {}

    async def begin(self, session: Session, password: str) -> Enrolment | Text:
        """A new secret for who gives the password again, else why not. Raises RefusedError."""
        name = self._account(session)
        account = self._gate.accounts.named(name)
        if account is not None and account.totp:
            return THERE
        now_ns = self._gate.steady.now_ns()
        work = partial(self._gate.accounts.unlock, name, password, "", session.number, now_ns)
        done = await self._gate.apart(work)
        self._written(session, "factor_begun", ok=done.ok)
        if not done.ok:
            return done.reason
        self._forget()
        secret = new_secret()
        self._pending[session.number] = Pending(secret=secret, until_ns=now_ns + PENDING_NS)
        site = self._gate.shelf.policy.site if self._gate.shelf.policy is not None else ""
        uri = enrolment_uri(secret, name, site)
        return Enrolment(secret=base32(secret), issuer=site, account=name, uri=uri)

    async def confirm(self, session: Session, code: str) -> Text:
        """Put in force what was begun, and end the person's other sessions. Raises RefusedError, BadInput."""
        name = self._account(session)
        self._forget()
        pending = self._pending.get(session.number)
        if pending is None:
            return NOT_BEGUN
        step = matching_step(pending.secret, code, self._gate.steady.wall_ns() / NS, 0)
        if step is None:
            self._written(session, "factor_on", ok=False)
            return WRONG_CODE
        # the code that confirmed it opens nothing any more
        await self._gate.apart(partial(self._gate.accounts.begin_totp, name, pending.secret, step))
        self._pending.pop(session.number, None)
        self._written(session, "factor_on", ok=True)
        self._gate.sessions.end_person(session.person, "replaced", but=session.number)
        return DONE

    async def end(self, session: Session, password: str, code: str) -> Text:
        """No second factor any more, for who gives password and code. Raises RefusedError."""
        name = self._account(session)
        account = self._gate.accounts.named(name)
        if account is None or not account.totp:
            return NONE
        now_ns = self._gate.steady.now_ns()
        work = partial(self._gate.accounts.take_totp, name, password, code, session.number, now_ns)
        done = await self._gate.apart(work)
        self._written(session, "factor_off", ok=done.ok)
        return DONE if done.ok else done.reason

    def _account(self, session: Session) -> str:
        """The name of the session's account. Raises RefusedError where it has none, or may not act now."""
        presence = self._gate.sessions.presence(session.number, self._gate.steady.now_ns())
        if presence is not Presence.OPEN:
            raise _refused(RULES["locked" if presence is Presence.LOCKED else "session_ended"])
        if session.wall:
            raise _refused(RULES["view_only"])
        name = session.name or self._gate.accounts.name_of(session.person)
        if not name:
            raise _refused(NO_ACCOUNT)
        return name

    def _forget(self) -> None:
        """What is too old, or whose session is over."""
        now_ns, sessions = self._gate.steady.now_ns(), self._gate.sessions
        for number, pending in list(self._pending.items()):
            if pending.until_ns <= now_ns or sessions.presence(number, now_ns) is Presence.ENDED:
                del self._pending[number]

    def _written(self, session: Session, rule: str, *, ok: bool) -> None:
        self._gate.recorder.write(Audited.ACCOUNT, session, ok=ok, rule=rule, entity=f"person:{session.person}")


def _refused(why: Text) -> RefusedError:
    return RefusedError(why.of("en"), zh=why.zh)
