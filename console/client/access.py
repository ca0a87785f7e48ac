"""Who is logged in at this console and what they may, as the node says; asks it to change that. Knows no screen.

Passwords pass through and are kept nowhere; the token of a session is with the link, in memory alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

import msgspec

from console.api import Access, Area, Enrolment, LinkError, RefusedError, Roster, Text
from console.client.asking import ANSWER_S
from console.wire.access import (
    AccessAnswer,
    AccessFrame,
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
    Reveal,
    Revealed,
    RosterAnswer,
    RosterRequest,
    SecondFactor,
    Unlock,
)
from console.wire.message import Message

ACTED_S: Final = 10.0
"""That the person is there is said so often at most."""
DONE: Final = Text("")
CUT: Final = Text("与节点的链路未通，请稍后再试", "the node cannot be reached now: try again in a moment")
SILENT: Final = Text(f"节点在 {ANSWER_S:.0f} 秒内没有回答", f"no answer from the node within {ANSWER_S:.0f} s")
ENDED: Final = AccessFrame(access=Access(reason=Text("会话已结束，请重新登录", "the session has ended: log in again")))
"""What a console says to itself where its token opens nothing any more."""
UNSAID: Final = Access(person="local", name=Text("本机", "This machine"), local=True)
"""Until a node has said who is logged in: nothing is shown by then; a node of before there were people never says."""
M = TypeVar("M", bound=Message)


class Asker(Protocol):
    """What it needs of the link."""

    def number(self) -> int:
        """A number for the next question."""
        ...

    def say(self, message: Message) -> None:
        """Send a message. Raises LinkError, RefusedError."""
        ...

    async def ask(self, message: Message, req: int, kind: type[M]) -> M:
        """Send a question and wait. Raises LinkError, RefusedError."""
        ...


class Presence:
    """See the module; all of it in the link's loop.

    Args:
        areas: all areas known, by id.
        on_change: called after `access` changed, with what it was.

    Attributes:
        access: the same value until something of it changes.
    """

    def __init__(
        self, link: Asker, areas: Callable[[], Mapping[str, Area]], on_change: Callable[[Access], None]
    ) -> None:
        self._link, self._areas, self._on_change = link, areas, on_change
        self.access = UNSAID
        self._acted_s = -ACTED_S
        self._retry_at_s = 0.0

    @property
    def retry_s(self) -> float:
        """Seconds until another try is of use, as the node said of the last one; 0 at once."""
        return max(0.0, self._retry_at_s - time.monotonic())

    def take(self, frame: AccessFrame) -> None:
        """The node says who is logged in."""
        before, access = self.access, frame.access
        if not (access.person or access.reason.zh or before.person):
            access = msgspec.structs.replace(access, reason=before.reason)  # still why nobody is
        self.access = access
        if before != self.access:
            self._on_change(before)

    def shut_out(self, reason: Text) -> None:
        """The node does not let this wall in: there is nobody who could log in, and what it showed is over."""
        before, self.access = self.access, Access(wall=True, reason=reason)
        if before != self.access:
            self._on_change(before)

    def may(self, action: str, area: str = "") -> bool:
        """Whether the node would let this person act in the area; "": anywhere. To enable a control, no more."""
        access = self.access
        if access is UNSAID:
            return True
        areas = access.may.get(action, ())
        if not areas or access.locked:
            return False
        return not area or "" in areas or not _above(area, self._areas()).isdisjoint(areas)

    # ------------------------------------------------------------------ said, not asked

    def acted(self) -> None:
        """The person touched key or pointer."""
        now_s = time.monotonic()
        if self.access.local or not self.access.person or self.access.locked or now_s - self._acted_s < ACTED_S:
            return
        self._acted_s = now_s
        self._say(Acted())

    def lock(self) -> None:
        """The person leaves the screen for a while."""
        self._say(Lock())

    def logout(self) -> None:
        """The person leaves."""
        self._say(Logout())

    def mend_glass(self) -> None:
        """The broken glass is not needed any more."""
        self._say(MendGlass())

    def _say(self, message: Message) -> None:
        try:
            self._link.say(message)
        except (LinkError, RefusedError):
            return  # while the link is cut nothing can be touched either; the node locks by itself

    # ------------------------------------------------------------------ asked: "" when it worked, else why not

    async def login(self, name: str, password: str, code: str) -> Text:
        """Log in."""
        return await self._answer(lambda req: Login(req=req, name=name, password=password, code=code))

    async def first_administrator(self, code: str, site: str, name: str, person_name: Text, password: str) -> Text:
        """Make the first administrator by the node's printed code, and log in."""
        return await self._answer(
            lambda req: FirstAdministrator(
                req=req, code=code, site=site, name=name, person_name=person_name, password=password
            )
        )

    async def unlock(self, password: str, code: str) -> Text:
        """The person is back."""
        return await self._answer(lambda req: Unlock(req=req, password=password, code=code))

    async def change_password(self, old: str, new: str, code: str) -> Text:
        """The person's own."""
        return await self._answer(lambda req: ChangePassword(req=req, old=old, new=new, code=code))

    async def begin_factor(self, password: str) -> Enrolment | Text:
        """What an authenticator is to be given, else why not; nothing is in force yet."""
        answer = await self._asked(lambda req: SecondFactor(req=req, op="begin", password=password))
        return answer.enrolment or answer.reason

    async def confirm_factor(self, code: str) -> Text:
        """Put in force what was begun."""
        return await self._answer(lambda req: SecondFactor(req=req, op="confirm", code=code))

    async def end_factor(self, password: str, code: str) -> Text:
        """Take the person's own off."""
        return await self._answer(lambda req: SecondFactor(req=req, op="end", password=password, code=code))

    async def break_glass(self, reason: str) -> Text:
        """Wide rights for a while."""
        return await self._answer(lambda req: BreakGlass(req=req, reason=reason))

    async def _answer(self, made: Callable[[int], Message]) -> Text:
        return (await self._asked(made)).reason

    async def _asked(self, made: Callable[[int], Message]) -> AccessAnswer:
        """The node's answer, or in its place what to say where there is none."""
        req = self._link.number()
        self._retry_at_s = 0.0
        try:
            answer = await self._link.ask(made(req), req, AccessAnswer)
        except RefusedError as error:
            return AccessAnswer(req=req, reason=Text(error.zh, str(error)))
        except LinkError as error:
            return AccessAnswer(req=req, reason=SILENT if isinstance(error.__cause__, TimeoutError) else CUT)
        self._retry_at_s = time.monotonic() + answer.retry_s if answer.retry_s > 0 else 0.0
        return answer

    # ------------------------------------------------------------------ people

    async def roster(self) -> Roster:
        """People and roles. Raises LinkError, RefusedError."""
        req = self._link.number()
        return (await self._link.ask(RosterRequest(req=req), req, RosterAnswer)).roster

    async def reveal(self, ref: str) -> dict[str, str]:
        """Personal data of an entity, by field. Raises LinkError, RefusedError naming the rule."""
        req = self._link.number()
        answer = await self._link.ask(Reveal(req=req, ref=ref), req, Revealed)
        if answer.reason.zh:
            raise RefusedError(answer.reason.of("en"), zh=answer.reason.zh)
        return answer.values

    async def administer(self, act: str, arguments: dict[str, Any]) -> Text:
        """Change people or roles; "" when it is in force, else why not. Raises LinkError."""
        req = self._link.number()
        try:
            return (await self._link.ask(Administer(req=req, act=act, arguments=arguments), req, Administered)).reason
        except RefusedError as error:
            return Text(error.zh, str(error))


def _above(area: str, areas: Mapping[str, Area]) -> set[str]:
    """An area and all above it; a circle ends where it closes."""
    found: set[str] = set()
    while area and area not in found:
        found.add(area)
        known = areas.get(area)
        area = known.parent if known is not None else ""
    return found
