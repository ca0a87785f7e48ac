"""Roles × area subtree × action, deny by default: a policy compiled so that a check is a look-up; knows no session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from console.api import Board, Text
from console.node.access.actions import BREAKABLE, EMERGENCY, VIEW_ONLY, Action
from console.node.access.glass import Glass
from console.node.access.policy import Grant, Person, Policy, assignments, offices
from console.node.access.sight import NOTHING as UNSEEN
from console.node.access.sight import Reach, Sight
from console.node.access.verdict import MARK_EXPIRED, MARK_GLASS, Verdict, allowed, emergency, refused

LIFTABLE: Final = frozenset({"no_grant", "denied"})
"""Refusals that a broken glass lifts; it makes nobody known, unrevoked or more than a viewer."""
NOTHING: Final = Policy(version=0, site="")


class Rule(NamedTuple):
    """One grant of one role in one area, compiled."""

    verdict: Verdict
    actions: frozenset[Action]
    area: str
    boards: frozenset[Board]
    topics: frozenset[str]


class Standing(NamedTuple):
    """What a person has under the policy."""

    barred: Verdict | None
    """Refused whatever they ask: unknown or revoked."""
    view_only: bool
    allow: tuple[Rule, ...]
    deny: tuple[Rule, ...]
    own: frozenset[str]
    """Areas in which they may break the glass; empty for walls and administrators."""


class Rights:
    """One policy's rights; made anew for each policy and each change of the areas.

    Args:
        policy: None refuses everything.
        parents: parent of each area, "" at the root.
        own_area: this node's own area, "" for the whole site: past its validity only there.
        expires_ns: when the policy stops being valid, on the clock that `may` is asked with.
        glass: who has broken the glass.
    """

    def __init__(
        self, policy: Policy | None, parents: Mapping[str, str], *, own_area: str, expires_ns: int, glass: Glass
    ) -> None:
        self._policy, self._own_area, self._glass = policy, own_area, glass
        self.expires_ns = expires_ns
        self._above = {area: _above(area, parents) for area in {*parents, "", own_area}}
        held = policy or NOTHING
        self._roles = {role.id: role for role in held.roles}
        self._seats = {seat.id: seat for seat in held.seats}
        self._people = {person.id: person for person in held.people}
        self._revoked = {r.person for r in held.revocations if r.person}
        self.revoked_certificates = frozenset(r.certificate for r in held.revocations if r.certificate)
        self._standings: dict[str, Standing] = {}

    def may(
        self, person: str, action: Action, area: str = "", board: Board | None = None, topic: str = "", *, now_ns: int
    ) -> Verdict:
        """Whether the person may do this to a thing of that area, board and topic (its entity class).

        `area` "" is a thing of the whole site, `board` None one of no board: only grants without such a limit reach it.
        `now_ns` on the steady clock.
        """
        verdict = self._decide(person, action, area, board, topic)
        if now_ns < self.expires_ns and (verdict.may or not self._glass.any):
            return verdict
        return self._unusual(verdict, person, action, area, now_ns)

    def knows(self, person: str) -> Verdict:
        """Allowed where the person is in the policy and not revoked; for log-in and the check of every minute."""
        barred = self._standing(person).barred
        return barred if barred is not None else allowed("policy")

    def is_wall(self, person: str) -> bool:
        """Whether this is a screen, or someone with a view-only role: their sessions never lock."""
        return self._standing(person).view_only

    def break_glass(self, person: str, reason: str, now_ns: int) -> Verdict:
        """Give a person wide rights in their own areas for a while; `reason` in words."""
        verdict = self._may_break(person, reason)
        if verdict.may and self._policy is not None:
            self._glass.broken(person, now_ns, self._policy.glass_min)
        return verdict

    def _may_break(self, person: str, reason: str) -> Verdict:
        standing = self._standing(person)
        if standing.barred is not None:
            return standing.barred
        if standing.view_only:
            return refused("view_only")
        if len("".join(reason.split())) < 4:
            return refused("no_reason")
        if not standing.own:
            return refused("office" if standing.allow else "no_area")
        return emergency("break_glass", MARK_GLASS)

    # ------------------------------------------------------------------ all of it at once

    @property
    def people(self) -> Iterable[Person]:
        """Everybody in the policy, the revoked ones too: what they did stays theirs."""
        return self._people.values()

    def person(self, name: str) -> Person | None:
        """Who that is in the policy."""
        return self._people.get(name)

    def roles(self, name: str) -> dict[str, Text]:
        """The person's roles, those of seats too, each once: what they are called, by id."""
        person = self._people.get(name)
        mine = assignments(person, self._seats) if person is not None else ()
        return {a.role: self._roles[a.role].title for a in mine if a.role in self._roles}

    def titles(self, name: str) -> tuple[Text, ...]:
        """What the person's roles are called, each once."""
        return tuple(dict.fromkeys(self.roles(name).values()))

    def above(self, area: str) -> frozenset[str]:
        """The area, all above it, and ""."""
        return self._above.get(area) or frozenset((area, ""))

    def sight(self, person: str, now_ns: int) -> Sight:
        """What the person is shown now."""
        standing = self._standing(person)
        if standing.barred is not None:
            return UNSEEN
        allow, deny = (
            frozenset(Reach(rule.area, rule.boards, rule.topics) for rule in rules if Action.VIEW in rule.actions)
            for rules in (standing.allow, standing.deny)
        )
        own = standing.own if self._glass.is_broken(person, now_ns) else frozenset[str]()
        return Sight(allow, deny, own, self._own_area if now_ns >= self.expires_ns else None)

    def allowances(self, person: str, now_ns: int) -> dict[str, tuple[str, ...]]:
        """By action the areas in and below which it is allowed, "" the whole site; limits of boards are left out."""
        standing = self._standing(person)
        if standing.barred is not None:
            return {}
        broken = self._glass.is_broken(person, now_ns)
        may: dict[str, tuple[str, ...]] = {}
        for action in VIEW_ONLY if standing.view_only else Action:
            areas = {rule.area for rule in standing.allow if action in rule.actions}
            denied = {r.area for r in standing.deny if action in r.actions and not (r.boards or r.topics)}
            areas = {area for area in areas if denied.isdisjoint(self.above(area))}
            if broken and action in BREAKABLE:
                areas |= standing.own
            if now_ns >= self.expires_ns:
                areas = self._emergency(areas) if action in EMERGENCY else set()
            if areas:
                may[action.value] = ("",) if "" in areas else tuple(sorted(areas))
        return may

    def _emergency(self, areas: set[str]) -> set[str]:
        """What of these areas lies in our own."""
        within = {area for area in areas if self._own_area in self.above(area)}
        return within | ({self._own_area} if not areas.isdisjoint(self.above(self._own_area)) else set())

    # ------------------------------------------------------------------ decisions

    def _decide(self, person: str, action: Action, area: str, board: Board | None, topic: str) -> Verdict:
        standing = self._standing(person)
        if standing.barred is not None:
            return standing.barred
        if standing.view_only and action not in VIEW_ONLY:
            return refused("view_only")
        above = self._above.get(area) or frozenset((area, ""))
        for rule in standing.deny:
            if _reaches(rule, action, above, board, topic):
                return rule.verdict
        for rule in standing.allow:
            if _reaches(rule, action, above, board, topic):
                return rule.verdict
        return refused("no_grant")

    def _unusual(self, verdict: Verdict, person: str, action: Action, area: str, now_ns: int) -> Verdict:
        """Past the validity, or with a glass broken."""
        lifted = not verdict.may and verdict.rule in LIFTABLE and self._lifted(person, action, area, now_ns)
        if now_ns < self.expires_ns:
            return emergency("break_glass", MARK_GLASS) if lifted else verdict
        if not verdict.may and not lifted:
            return verdict
        above = self._above.get(area) or frozenset((area, ""))
        if action not in EMERGENCY or self._own_area not in above:
            return refused("policy_expired")
        return emergency("break_glass", MARK_GLASS, MARK_EXPIRED) if lifted else emergency(verdict.rule, MARK_EXPIRED)

    def _lifted(self, person: str, action: Action, area: str, now_ns: int) -> bool:
        if action not in BREAKABLE or not self._glass.is_broken(person, now_ns):
            return False
        above = self._above.get(area) or frozenset((area, ""))
        return not above.isdisjoint(self._standing(person).own)

    def _standing(self, name: str) -> Standing:
        standing = self._standings.get(name)
        if standing is not None:
            return standing
        person = self._people.get(name)
        if person is None:
            barred = refused("unknown_person" if self._policy else "no_policy")
            return Standing(barred, view_only=False, allow=(), deny=(), own=frozenset())
        standing = self._compiled(person)
        self._standings[name] = standing
        return standing

    def _compiled(self, person: Person) -> Standing:
        mine = [(self._roles[a.role], a.area) for a in assignments(person, self._seats) if a.role in self._roles]
        allow = [rule for role, area in mine for rule in _rules(role.allow, area, allowed(f"role.{role.id}"))]
        deny = [rule for role, area in mine for rule in _rules(role.deny, area, refused("denied"))]
        view_only = person.wall or any(role.view_only for role, _ in mine)
        own: frozenset[str] = frozenset()
        if not view_only and not offices(role for role, _ in mine):
            own = frozenset(area for role, area in mine if role.allow)
        barred = refused("revoked") if person.id in self._revoked else None
        return Standing(barred, view_only, tuple(allow), tuple(deny), own)


def _rules(grants: Iterable[Grant], area: str, verdict: Verdict) -> Iterable[Rule]:
    for grant in grants:
        yield Rule(verdict, frozenset(grant.actions), area, frozenset(grant.boards), frozenset(grant.topics))


def _reaches(rule: Rule, action: Action, above: frozenset[str], board: Board | None, topic: str) -> bool:
    return (
        action in rule.actions
        and rule.area in above
        and (not rule.boards or board in rule.boards)
        and (not rule.topics or topic in rule.topics)
    )


def _above(area: str, parents: Mapping[str, str]) -> frozenset[str]:
    """The area, all above it, and ""; a circle of parents ends where it closes."""
    found = {"", area}
    while (area := parents.get(area, "")) not in found:
        found.add(area)
    return frozenset(found)
