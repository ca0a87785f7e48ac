"""Wire v1, messages about who is logged in, what they may, and who there is; knows neither bytes nor rights."""

from __future__ import annotations

from typing import Any

import msgspec

from console.api import Access, Enrolment, Roster, Text
from console.wire.message import Message, Secretive

# ------------------------------------------------------------------------------------------- console to node


class Login(Secretive, frozen=True, kw_only=True, tag="login"):
    """Log in on a connection on which nobody is; answered by `access_answer`, before it `access` where it worked."""

    req: int
    name: str
    password: str
    code: str = ""


class FirstAdministrator(Secretive, frozen=True, kw_only=True, tag="first_administrator"):
    """Make the first administrator of a site by the code that its node printed at its start, and log in; as `login`."""

    req: int
    code: str
    site: str
    name: str
    person_name: Text
    password: str


class Unlock(Secretive, frozen=True, kw_only=True, tag="unlock"):
    """The person of a locked session again; answered by `access_answer`."""

    req: int
    password: str
    code: str = ""


class ChangePassword(Secretive, frozen=True, kw_only=True, tag="change_password"):
    """The person's own; answered by `access_answer`. Their other sessions end."""

    req: int
    old: str
    new: str
    code: str = ""


class SecondFactor(Secretive, frozen=True, kw_only=True, tag="second_factor"):
    """Turn the person's own second factor on or off; answered by `access_answer`.

    `op`: "begin" (`password`) is answered with the `enrolment`, "confirm" (`code`) puts that in force and ends the
    person's other sessions, "end" (`password`, `code`) takes it off. What was begun and not confirmed changes nothing.
    """

    req: int
    op: str
    password: str = ""
    code: str = ""


class BreakGlass(Message, frozen=True, kw_only=True, tag="break_glass"):
    """Wide rights in the person's own areas for a while, for a reason in words; answered by `access_answer`."""

    req: int
    reason: str


class MendGlass(Message, frozen=True, kw_only=True, tag="mend_glass"):
    """The person is done with it before its time."""


class Lock(Message, frozen=True, kw_only=True, tag="lock"):
    """The person leaves the screen for a while."""


class Acted(Message, frozen=True, kw_only=True, tag="acted"):
    """The person touched a key or a pointer: the screen need not lock yet; sent at most every 10 s."""


class Logout(Message, frozen=True, kw_only=True, tag="logout"):
    """The person leaves: the session ends, and with it the connection."""


class RosterRequest(Message, frozen=True, kw_only=True, tag="roster"):
    """People and roles; answered by `roster_answer` or `refusal`."""

    req: int


class Administer(Secretive, frozen=True, kw_only=True, tag="administer"):
    """Change people or roles, see `console.api.Host.administer`; answered by `administered`."""

    req: int
    act: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


class Reveal(Message, frozen=True, kw_only=True, tag="reveal"):
    """Personal data of the entity `ref` ("incident:<id>"), which no entity bears; answered by `revealed`, and audited.

    Capability `reveal`.
    """

    req: int
    ref: str


# ------------------------------------------------------------------------------------------- node to console


class AccessFrame(Message, frozen=True, kw_only=True, tag="access"):
    """Who is logged in here and what they may: after welcome, and at every change.

    `token`: as in Welcome, where it has changed. `run`: as in Welcome, from now on: where it is another, all is told
    anew.
    """

    access: Access
    token: str = ""
    run: str = ""

    def __repr__(self) -> str:
        return f"AccessFrame({self.access!r})"


class AccessAnswer(Message, frozen=True, kw_only=True, tag="access_answer"):
    """Whether it worked: `reason` "" says that it did. `retry_s`: sooner it is of no use to try again.

    `enrolment`: of a second factor that was begun; it prints no secret.
    """

    req: int
    reason: Text = Text("")
    retry_s: int = 0
    enrolment: Enrolment | None = None


class RosterAnswer(Message, frozen=True, kw_only=True, tag="roster_answer"):
    """People and roles, as the policy in force says."""

    req: int
    roster: Roster


class Administered(Message, frozen=True, kw_only=True, tag="administered"):
    """Whether it is in force: `reason` "" says that it is."""

    req: int
    reason: Text = Text("")


class Revealed(Secretive, frozen=True, kw_only=True, tag="revealed"):
    """What was asked for, by field; or `reason`: the rule by which it is not told."""

    req: int
    values: dict[str, str] = msgspec.field(default_factory=dict)
    reason: Text = Text("")


AccessUp = (
    Login
    | FirstAdministrator
    | Unlock
    | ChangePassword
    | SecondFactor
    | BreakGlass
    | MendGlass
    | Lock
    | Acted
    | Logout
    | RosterRequest
    | Administer
    | Reveal
)
AccessDown = AccessFrame | AccessAnswer | RosterAnswer | Administered | Revealed
