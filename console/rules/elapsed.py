"""How much time has passed, over restarts and clocks that are set: from marks of two clocks; reads no clock itself.

While the machine is up its boot clock counts (nobody sets it); over a restart only the wall clock tells, and what
it tells may be wrong: that part is kept apart as uncertain.
"""

from __future__ import annotations

from collections.abc import Iterable
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
