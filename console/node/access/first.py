"""The first start of a site: a code on the terminal makes the first administrator; there is no default password."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Final

from console.api import Text
from console.node.access.actions import Action
from console.node.access.policy import Assignment, Grant, Person, Policy, Role

ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without letters that are mistaken for others."""
GROUPS: Final = 4


class FirstCode:
    """One code, for one use; only its hash is kept, and a restart makes another."""

    def __init__(self) -> None:
        self._hash: bytes | None = None

    def drawn(self) -> str:
        """A new code, to be printed once where the node was started: never in a log."""
        code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(GROUPS))
        self._hash = _hash(code)
        return code

    def fits(self, code: str) -> bool:
        """Whether this is it."""
        return self._hash is not None and hmac.compare_digest(self._hash, _hash(code))

    def used(self) -> None:
        """It opens nothing any more."""
        self._hash = None


def _hash(code: str) -> bytes:
    return sha256("".join(letter for letter in code.upper() if letter in ALPHABET).encode()).digest()


def first_policy(site: str, person: str, name: Text) -> Policy:
    """Version 1: one security administrator, who names everybody else, and the roles that most sites need."""
    admin = Person(id=person, name=name, roles=(Assignment(role="security_admin"),))
    return Policy(version=1, site=site, roles=STANDARD_ROLES, people=(admin,))


_SEE: Final = (Action.VIEW,)
_WATCH: Final = (Action.VIEW, Action.REPLAY, Action.LAYOUT_EDIT)
_INCIDENT: Final = tuple(action for action in Action if action.value.startswith("incident."))
_HAZARD: Final = tuple(action for action in Action if action.value.startswith("hazard."))
_CONSULT: Final = (Action.CONSULT_OPEN, Action.CONSULT_SPEAK, Action.CONSULT_SIGN)
_ORDER: Final = (Action.ORDER_ISSUE, Action.ORDER_RECEIPT, Action.ORDER_CANCEL)
_DUTY: Final = (
    *_WATCH,
    Action.VIEW_PERSONAL,
    Action.ACKNOWLEDGE,
    Action.SHELVE,
    Action.HANDOVER,
    Action.CAMERA_STEER,
    Action.WALL_TAKE,
    Action.BREAK_GLASS,
)


def _role(role: str, zh: str, en: str, actions: tuple[Action, ...], *, view_only: bool = False) -> Role:
    return Role(id=role, title=Text(zh, en), allow=(Grant(actions=actions),), view_only=view_only)


STANDARD_ROLES: Final[tuple[Role, ...]] = (
    _role("duty_officer", "值班员", "Duty officer", (*_DUTY, *_INCIDENT, *_HAZARD, *_CONSULT, *_ORDER)),
    _role(
        "commander",
        "指挥长",
        "Commander",
        (*_DUTY, *_INCIDENT, *_CONSULT, *_ORDER, Action.AUTHORITY_TAKE, Action.WARNING_ISSUE, Action.WALL_RULE),
    ),
    _role("consultant", "会商成员", "Consultation member", (*_WATCH, Action.CONSULT_SPEAK, Action.CONSULT_SIGN)),
    _role("front_end", "前端人员", "Front end", (*_SEE, Action.INCIDENT_REPORT, Action.ORDER_RECEIPT)),
    _role("analyst", "分析员", "Analyst", (*_WATCH, Action.EXPORT, Action.LIMITS, Action.OUT_OF_SERVICE)),
    _role(
        "system_admin",
        "系统管理员",
        "System administrator",
        tuple(action for action in Action if action.value.startswith("system.")),
    ),
    _role(
        "security_admin",
        "安全管理员",
        "Security administrator",
        (Action.PEOPLE_EDIT, Action.PEOPLE_REVOKE, Action.POLICY_SIGN),
    ),
    _role("audit_admin", "审计管理员", "Audit administrator", (Action.AUDIT_READ, Action.AUDIT_EXPORT)),
    _role("wall", "大屏", "Wall", _SEE, view_only=True),
    _role("observer", "观摩员", "Observer", _SEE, view_only=True),
)


def local_policy() -> Policy:
    """What holds on an embedded node before a site has people: who sits at the machine is on duty, and commands."""
    roles = (Assignment(role="duty_officer"), Assignment(role="commander"))
    person = Person(id="local", name=Text("本机", "This machine"), roles=roles)
    return Policy(version=1, site="local", roles=STANDARD_ROLES, people=(person,))
