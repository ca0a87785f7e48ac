"""People, roles, seats and revocations as one value, and what is wrong with one; knows neither bytes nor keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from console.api import Board, Text, Value
from console.node.access.actions import OFFICE_OF, VIEW_ONLY, Action, Office

SCHEMA = 1
MAX_PEOPLE = 20_000
MAX_VALID_H = 24 * 30
SERIAL: Final = re.compile("[1-9A-F][0-9A-F]*")


class Grant(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some actions, of these boards and topics (wire names of entity classes); an empty field does not restrict."""

    actions: tuple[Action, ...]
    boards: tuple[Board, ...] = ()
    topics: tuple[str, ...] = ()


class Role(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a role allows; `deny` wins over `allow` of every role that the person has there.

    `view_only`: who has this role anywhere can never command anywhere, whatever else they have.
    """

    id: str
    title: Text
    allow: tuple[Grant, ...] = ()
    deny: tuple[Grant, ...] = ()
    view_only: bool = False


class Assignment(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role in an area and all below it; area "" is the whole site."""

    role: str
    area: str = ""


class Seat(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """席位: a duty position; who may take it acts with its role in its area."""

    id: str
    title: Text
    role: str
    area: str = ""


class Person(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may log in; `wall` instead: a screen, which has no password and can never command."""

    id: str
    name: Text
    roles: tuple[Assignment, ...] = ()
    seats: tuple[str, ...] = ()
    wall: bool = False


class Revocation(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, or the certificate with this serial (upper-case hex), that counts no more; it stays here for good."""

    person: str = ""
    certificate: str = ""
    reason: str = ""
    since_ns: int = 0


class Policy(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides who may; `version` rises with every change.

    `valid_h`: hours after its issue for which a cut-off node goes by it. `glass_min`: minutes a broken glass lasts.
    """

    version: int
    site: str
    schema: int = SCHEMA
    valid_h: int = 72
    glass_min: int = 30
    roles: tuple[Role, ...] = ()
    seats: tuple[Seat, ...] = ()
    people: tuple[Person, ...] = ()
    revocations: tuple[Revocation, ...] = ()


def assignments(person: Person, seats: dict[str, Seat]) -> Iterator[Assignment]:
    """All roles of the person with their areas, those of seats included."""
    yield from person.roles
    for name in person.seats:
        if name in seats:
            yield Assignment(role=seats[name].role, area=seats[name].area)


def offices(roles: Iterable[Role]) -> frozenset[Office]:
    """The administrations that these roles together amount to, whatever they deny."""
    actions = {action for role in roles for grant in role.allow for action in grant.actions}
    return frozenset(OFFICE_OF[action] for action in actions if action in OFFICE_OF)


def faults(policy: Policy) -> list[str]:
    """What forbids signing or loading this policy, one sentence each; none when it is sound."""
    found = list(_shape(policy))
    roles = {role.id: role for role in policy.roles}
    seats = {seat.id: seat for seat in policy.seats}
    for role in policy.roles:
        found.extend(_of_role(role))
    found.extend(f"seat '{seat.id}': there is no role '{seat.role}'" for seat in policy.seats if seat.role not in roles)
    for person in policy.people:
        found.extend(_of_person(person, roles, seats))
    for revocation in policy.revocations:
        found.extend(_of_revocation(revocation))
    return found


def _shape(policy: Policy) -> Iterator[str]:
    if policy.schema != SCHEMA:
        yield f"schema {policy.schema}: this program reads {SCHEMA}; update the older one of the two nodes"
    if policy.version < 1:
        yield f"version {policy.version}: expected 1 or more"
    if not policy.site:
        yield "site: it has no name"
    if not 1 <= policy.valid_h <= MAX_VALID_H:
        yield f"valid_h {policy.valid_h}: expected 1 to {MAX_VALID_H} hours"
    if not 1 <= policy.glass_min <= 24 * 60:
        yield f"glass_min {policy.glass_min}: expected 1 to {24 * 60} minutes"
    if len(policy.people) > MAX_PEOPLE:
        yield f"{len(policy.people)} people: expected at most {MAX_PEOPLE}"
    for what, ids in (
        ("role", [role.id for role in policy.roles]),
        ("seat", [seat.id for seat in policy.seats]),
        ("person", [person.id for person in policy.people]),
    ):
        for name, count in Counter(ids).items():
            if count > 1:
                yield f"{what} '{name}' stands there {count} times"
            if not name or name != name.strip():
                yield f"{what} '{name}': expected an id without spaces around it"


def _of_role(role: Role) -> Iterator[str]:
    if role.view_only:
        more = sorted({a.value for grant in role.allow for a in grant.actions if a not in VIEW_ONLY})
        if more:
            yield f"role '{role.id}' is view-only and allows {', '.join(more)}"
    held = offices([role])
    if len(held) > 1:
        yield f"role '{role.id}' joins the offices {_names(held)}: nobody may hold two"


def _of_person(person: Person, roles: dict[str, Role], seats: dict[str, Seat]) -> Iterator[str]:
    who = f"person '{person.id}'"
    for name in person.seats:
        if name not in seats:
            yield f"{who}: there is no seat '{name}'"
    mine = list(assignments(person, seats))
    for assignment in mine:
        if assignment.role not in roles:
            yield f"{who}: there is no role '{assignment.role}'"
    own = [roles[a.role] for a in mine if a.role in roles]
    held = offices(own)
    if len(held) > 1:
        yield f"{who} would hold the offices {_names(held)}: nobody may hold two"
    if person.wall and not all(role.view_only for role in own):
        yield f"{who} is a wall and has a role that is not view-only"


def _of_revocation(revocation: Revocation) -> Iterator[str]:
    serial = revocation.certificate
    if not serial and not revocation.person:
        yield "a revocation names neither a person nor a certificate"
    if serial and not SERIAL.fullmatch(serial):  # else it would never be that of any certificate
        yield f"revoked certificate '{serial}': expected hex digits in upper case, as `certs list` writes them"


def _names(held: Iterable[Office]) -> str:
    return " and ".join(sorted(office.value for office in held))
