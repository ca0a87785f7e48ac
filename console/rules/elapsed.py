"""How much time has passed, over restarts and clocks that are set: from marks of two clocks; reads no clock itself.

While the machine is up its boot clock counts (nobody sets it); over a restart only the wall clock tells, and what
it tells may be wrong: that part is kept apart as uncertain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from console.api import Value


class Mark(Value, frozen=True, kw_only=True):
    """One reading of both clocks, ns: `boot` names the boot of the machine that `boot_ns` counts from."""

    boot: str
    boot_ns: int
    wall_ns: int


class Elapsed(Value, frozen=True, kw_only=True):
    """`at_least_ns` has surely passed, most likely `likely_ns`; both equal while the machine was never off."""

    at_least_ns: int
    likely_ns: int

    @property
    def uncertain_ns(self) -> int:
        """How much of it only the wall clock vouches for."""
        return self.likely_ns - self.at_least_ns


def elapsed(marks: Iterable[Mark]) -> Elapsed:
    """Time from the first mark to the last, marks in the order they were taken.

    Between marks of one boot the boot clock counts, whatever the wall clock did. Between two boots the wall clock's
    step counts as likely, never less than nothing.
    """
    sure_ns = likely_ns = 0
    for before, after in pairwise(marks):
        if before.boot == after.boot:
            step_ns = max(0, after.boot_ns - before.boot_ns)
            sure_ns += step_ns
        else:
            # since its start the new boot has counted itself; what lay before that the wall clock tells
            step_ns = max(after.boot_ns, after.wall_ns - before.wall_ns, 0)
            sure_ns += max(0, after.boot_ns)
        likely_ns += step_ns
    return Elapsed(at_least_ns=sure_ns, likely_ns=likely_ns)


class Boot(Value, frozen=True, kw_only=True):
    """The first and the last mark known of one boot of a machine."""

    first: Mark
    last: Mark


def since(mark: Mark, boots: Sequence[Boot], now: Mark) -> Elapsed:
    """Time from `mark` to `now` on the machine whose boots, in their order, are `boots`.

    A mark without a boot, not made by this machine, or of a boot it has forgotten is the wall clock's word alone.
    """
    if mark.boot and mark.boot == now.boot:
        return elapsed((mark, now))
    names = [boot.first.boot for boot in boots]
    if mark.boot not in names:
        return Elapsed(at_least_ns=0, likely_ns=max(0, now.wall_ns - mark.wall_ns))
    at = names.index(mark.boot)
    marks = [mark] if mark.boot_ns >= boots[at].last.boot_ns else [mark, boots[at].last]
    for boot in boots[at + 1 :]:
        if boot.first.boot != now.boot:
            marks += [boot.first, boot.last]
    return elapsed((*marks, now))
