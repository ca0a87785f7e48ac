"""Who is logged in and what they may, and whom a policy names, as a console is told; knows no rule and no store."""

from __future__ import annotations

import msgspec

from console.model.values import Text, Value


class Access(Value, frozen=True, kw_only=True):
    """Who is logged in at this console and what the node lets them do, mirrored: the node decides, act by act.

    Attributes:
        person: its id, "" nobody.
        wall: it may look and nothing else, for ever.
        role_ids: ids of the roles that are called `roles`.
        local: it is who sits at this machine, of a node that has no people yet: nothing to log in to or to lock.
        first: the node has no administrator yet and takes the code that it printed when it was started.
        locked: until the password is given again only strip, sound and clock go on.
        change_next: the password has to be changed first.
        two_factors: the account asks for a code beside the password.
        locks_s: seconds without an act after which the screen locks, 0 never.
        ends_ns: when the session ends whatever happens, node time, 0 never.
        glass_until_ns: until when the broken glass holds, node time, 0 none.
        policy_version: 0 none; `policy_issued_ns`, `policy_expires_ns` node time, 0 never.
        may: by action ("incident.grade") the areas in and below which it is allowed, "" the whole site.
        reason: why nobody is logged in, or what was refused last, in words for the person.
    """

    person: str = ""
    name: Text = Text("")
    roles: tuple[Text, ...] = ()
    role_ids: tuple[str, ...] = ()
    wall: bool = False
    local: bool = False
    first: bool = False
    locked: bool = False
    change_next: bool = False
    two_factors: bool = False
    locks_s: float = 0.0
    ends_ns: int = 0
    glass_until_ns: int = 0
    policy_version: int = 0
    policy_issued_ns: int = 0
    policy_expires_ns: int = 0
    may: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    reason: Text = Text("")


class Enrolment(Value, frozen=True, kw_only=True):
    """A second factor as an authenticator takes it: shown to its person once, kept nowhere, printed in no log.

    Attributes:
        secret: base32 without padding, to be typed in; `uri`: all of it as `otpauth://`, to be copied.
        issuer: the site; `account` the log-in name: both stand in the authenticator beside the code.
    """

    secret: str
    issuer: str
    account: str
    uri: str

    def __repr__(self) -> str:
        return "Enrolment(…)"


class RosterRole(Value, frozen=True, kw_only=True):
    """A role of the policy: what it allows and denies, by names of actions; `view_only` may only look."""

    id: str
    title: Text
    allows: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    view_only: bool = False


class RosterPerson(Value, frozen=True, kw_only=True):
    """A person or wall of the policy. `roles`: (role id, area) each, area "" the whole site; `account`: log-in name.

    `sessions` open now; `revoked_ns` 0 not; `locked`: log-in refused for a while after failures.
    """

    id: str
    name: Text
    roles: tuple[tuple[str, str], ...] = ()
    wall: bool = False
    account: str = ""
    two_factors: bool = False
    sessions: int = 0
    locked: bool = False
    revoked_ns: int = 0
    revoked_reason: str = ""


class Roster(Value, frozen=True, kw_only=True):
    """People and roles of a site as the policy in force says; only for who may edit or revoke.

    `signs`: this node holds the site's key, so changes can be made here.
    """

    site: str
    version: int
    issued_ns: int
    expires_ns: int
    signs: bool
    roles: tuple[RosterRole, ...] = ()
    people: tuple[RosterPerson, ...] = ()
