"""People and roles for who may edit or revoke: what the policy says, and changes of it by name; knows no connection."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from console.api import Area, BadInput, RefusedError, Roster, RosterPerson, RosterRole, Text, Value, YilanError
from console.node.access.actions import Action
from console.node.access.gate import Gate
from console.node.access.office import SecurityOffice
from console.node.access.policy import Assignment, Person, Policy, Role
from console.node.access.sessions import Session
from console.node.access.shelf import Offered
from console.node.access.verdict import why, words
from console.node.hub import Hub

DONE: Final = Text("")


class PutPerson(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`person.put`: a new person, or what an old one is called and may from now on."""

    id: str
    name_zh: str
    name_en: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    wall: bool = False


class RevokePerson(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`person.revoke`: for good."""

    id: str
    reason: str


class AddAccount(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`account.add`: `id` is the person's; the password is to be changed at the first log-in."""

    id: str
    account: str
    password: str

    def __repr__(self) -> str:
        return f"AddAccount({self.id!r})"


class SetPassword(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`account.password`: for who forgot theirs."""

    account: str
    password: str

    def __repr__(self) -> str:
        return f"SetPassword({self.account!r})"


class FactorOff(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`account.factor_off`: for who lost the phone."""

    account: str
    reason: str


Asked = PutPerson | RevokePerson | AddAccount | SetPassword | FactorOff
ACTS: Final[dict[str, type[Asked]]] = {
    "person.put": PutPerson,
    "person.revoke": RevokePerson,
    "account.add": AddAccount,
    "account.password": SetPassword,
    "account.factor_off": FactorOff,
}


class People:
    """Args:
    hub: knows the areas there are.
    """

    def __init__(self, gate: Gate, office: SecurityOffice, hub: Hub) -> None:
        self._gate, self._office, self._hub = gate, office, hub

    # ------------------------------------------------------------------ reading

    def roster(self, session: Session) -> Roster:
        """Raises RefusedError naming the rule."""
        verdict = self._gate.may(session, Action.PEOPLE_EDIT)
        if not verdict.may:
            verdict = self._gate.may(session, Action.PEOPLE_REVOKE)
        if not verdict.may:
            raise RefusedError(words(verdict).of("en"), zh=words(verdict).zh)
        policy, opened = self._policy(), self._gate.shelf.opened
        issued_ns = opened.order.issued_ns if opened is not None else 0
        left_ns = self._gate.policy_age().left_ns
        return Roster(
            site=policy.site,
            version=policy.version,
            issued_ns=issued_ns,
            expires_ns=self._hub.clock() + left_ns,
            signs=self._office.signs,
            roles=tuple(_role(role) for role in policy.roles),
            people=tuple(self._person(person, policy) for person in policy.people),
        )

    def _policy(self) -> Policy:
        policy = self._gate.shelf.policy
        if policy is None:
            raise RefusedError("this node has no people yet", zh="此节点还没有人员")
        return policy

    def _person(self, person: Person, policy: Policy) -> RosterPerson:
        revoked = next((r for r in policy.revocations if r.person == person.id), None)
        name = self._gate.accounts.name_of(person.id)
        account = self._gate.accounts.named(name) if name else None
        now_ns = self._gate.steady.now_ns()
        return RosterPerson(
            id=person.id,
            name=person.name,
            roles=tuple((a.role, a.area) for a in person.roles),
            wall=person.wall,
            account=name,
            two_factors=bool(account and account.totp),
            sessions=sum(session.person == person.id for session in self._gate.sessions.all()),
            locked=bool(name and self._gate.accounts.locked_until_ns(name, now_ns)),
            revoked_ns=max(1, revoked.since_ns) if revoked is not None else 0,
            revoked_reason=revoked.reason if revoked is not None else "",
        )

    # ------------------------------------------------------------------ changes

    async def administer(self, session: Session, act: str, arguments: dict[str, Any]) -> Text:
        """Do it; Text("") when it is in force, else why it is not."""
        wanted = ACTS.get(act)
        if wanted is None:
            return Text(f"此节点不认识“{act[:40]}”", f"this node does not know {act[:40]!r}")
        try:
            asked = msgspec.convert(arguments, wanted)
        except msgspec.ValidationError as error:  # it names field and type, never what was given
            return Text(f"内容不符合要求：{error}", str(error))
        try:
            await self._do(session, asked)
        except YilanError as error:
            return why(error)
        return DONE

    async def _do(self, session: Session, asked: Asked) -> None:
        match asked:
            case PutPerson():
                self._put(session, asked)
            case RevokePerson():
                _taken(self._office.revoke(session, person=asked.id, reason=asked.reason))
            case AddAccount():
                await self._office.add_account(session, asked.account, asked.id, asked.password)
            case SetPassword():
                await self._office.set_password(session, asked.account, asked.password)
            case FactorOff():
                await self._office.factor_off(session, asked.account, asked.reason)

    def _put(self, session: Session, asked: PutPerson) -> None:
        verdict = self._gate.may(session, Action.PEOPLE_EDIT, entity=f"person:{asked.id}")
        if not verdict.may:
            raise RefusedError(words(verdict).of("en"), zh=words(verdict).zh)
        areas = self._hub.entities.get(Area.CLS, {})
        for _, area in asked.roles:
            if area and area not in areas:
                raise BadInput("area of a role", found=area, expected="an area of this node, or none for all of it")
        policy = self._policy()
        known = next((p for p in policy.people if p.id == asked.id), None)
        roles = tuple(Assignment(role=role, area=area) for role, area in asked.roles)
        name = Text(asked.name_zh, asked.name_en)
        seats = known.seats if known is not None else ()
        new = Person(id=asked.id, name=name, roles=roles, seats=seats, wall=asked.wall)
        people = tuple(new if p.id == asked.id else p for p in policy.people)
        _taken(self._signed(session, policy, people if known is not None else (*people, new)))

    def _signed(self, session: Session, policy: Policy, people: tuple[Person, ...]) -> Offered:
        return self._office.sign(session, msgspec.structs.replace(policy, people=people))


def _taken(offered: Offered) -> None:
    if not offered.taken:
        raise RefusedError(offered.reason.of("en"), zh=offered.reason.zh)


def _role(role: Role) -> RosterRole:
    allows, denies = (tuple(sorted({a.value for g in grants for a in g.actions})) for grants in (role.allow, role.deny))
    return RosterRole(id=role.id, title=role.title, allows=allows, denies=denies, view_only=role.view_only)
