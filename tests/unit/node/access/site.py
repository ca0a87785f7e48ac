"""A small site for tests: clocks that obey, cheap hashes, three towns under a new area, one person of each sort."""

from __future__ import annotations

from pathlib import Path

from console.api import NS, Board, Text
from console.node.access.actions import Action
from console.node.access.audit import AuditEntry
from console.node.access.first import STANDARD_ROLES
from console.node.access.gate import AccessSettings, Gate
from console.node.access.passwords import HashCost
from console.node.access.policy import Assignment, Grant, Person, Policy, Role, Seat
from console.node.access.signing import PolicyKey
from console.node.access.steady import Steady
from console.rules.elapsed import Mark

CHEAP = HashCost(time_cost=1, memory_kib=8, parallelism=1)
GOOD = "seven blue herons at dawn"
PARENTS = {"area": "", "north": "area", "south": "area", "n1": "north", "n2": "north", "s1": "south", "front": "n1"}


class Clocks:
    """Both clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.boot, self.boot_ns, self.wall_ns = "b1", 1000 * NS, 1_800_000_000 * NS

    def read(self) -> Mark:
        return Mark(boot=self.boot, boot_ns=self.boot_ns, wall_ns=self.wall_ns)

    def go(self, seconds: float) -> None:
        self.boot_ns += int(seconds * NS)
        self.wall_ns += int(seconds * NS)

    def set_wall(self, seconds: float) -> None:
        self.wall_ns += int(seconds * NS)

    def reboot(self, off_s: float) -> None:
        self.boot, self.boot_ns = self.boot + "'", 0
        self.wall_ns += int(off_s * NS)


def role(name: str, *actions: Action, view_only: bool = False) -> Role:
    return Role(id=name, title=Text(name), allow=(Grant(actions=actions),), view_only=view_only)


def person(name: str, *roles: tuple[str, str], seats: tuple[str, ...] = (), wall: bool = False) -> Person:
    given = tuple(Assignment(role=r, area=a) for r, a in roles)
    return Person(id=name, name=Text(name), roles=given, seats=seats, wall=wall)


GAS_ONLY = Role(
    id="gas_only",
    title=Text("燃气"),
    allow=(Grant(actions=(Action.VIEW, Action.ACKNOWLEDGE), boards=(Board.LIFELINE,), topics=("alarm", "sensor")),),
)
NO_CLOSE = Role(
    id="no_close",
    title=Text("不得结案"),
    deny=(Grant(actions=(Action.INCIDENT_CLOSE,)), Grant(actions=(Action.SHELVE,), boards=(Board.PUBLIC,))),
)
PEOPLE = (
    person("duty", ("duty_officer", "")),
    person("north", ("duty_officer", "north")),
    person("trainee", ("duty_officer", "north"), ("no_close", "n1")),
    person("gas", ("gas_only", "south")),
    person("seated", seats=("seat-n2",)),
    person("mixed", ("front_end", "n1"), ("commander", "s1")),
    person("half_wall", ("duty_officer", ""), ("observer", "north")),
    person("wall-1", ("wall", ""), wall=True),
    person("bare_wall", wall=True),
    person("nobody"),
    person("system", ("system_admin", "")),
    person("security", ("security_admin", ""), ("front_end", "s1")),
    person("audit", ("audit_admin", "")),
    person("local_audit", ("audit_admin", "north")),
)
POLICY = Policy(
    version=7,
    site="test",
    roles=(*STANDARD_ROLES, GAS_ONLY, NO_CLOSE),
    seats=(Seat(id="seat-n2", title=Text("二号席"), role="duty_officer", area="n2"),),
    people=PEOPLE,
)


class Site:
    """A node's gate with its key, its audit and what it closed."""

    def __init__(self, folder: Path, policy: Policy | None = POLICY, own_area: str = "") -> None:
        self.folder, self.clocks = folder, Clocks()
        self.key = PolicyKey.at(folder / "policy.key") or PolicyKey.new(folder / "policy.key")
        self.entries: list[AuditEntry] = []
        self.ended: list[tuple[str, str]] = []
        self.settings = AccessSettings(own_area=own_area, cost=CHEAP)
        self.gate = self.made(self.clocks)
        if policy is not None:
            self.gate.offer(self.key.sign(policy, self.clocks.wall_ns))

    def made(self, clocks: Clocks) -> Gate:
        gate = Gate(
            self.folder,
            self.settings,
            self.entries.append,
            trusted=self.key.public,
            on_ended=lambda session, why: self.ended.append((session.person, why)),
            steady=Steady(clocks.read),
        )
        gate.open()
        gate.areas(PARENTS)
        return gate
