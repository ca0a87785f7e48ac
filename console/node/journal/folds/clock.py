"""The fold of a node's clock marks, by which limits survive restarts and clocks that are set; pure, reads no clock.

A node writes `clock.mark` when it starts, every few minutes while a limit runs, and when it ends: what lies between
the last mark of a boot and the first of the next is all that only the wall clock tells.
"""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import Value
from console.node.journal.folds.deed import ActRule, Acts, Deed, fold_of
from console.rules.elapsed import Boot, Mark

MOST_BOOTS: Final = 64
"""Boots kept; a limit that began before them runs by the wall clock, and says so as uncertain."""


class ClockStanding(Value, frozen=True, kw_only=True):
    """The boots of a node's machine, in their order; `id` is the node's."""

    id: str
    boots: tuple[Boot, ...] = ()
    forgotten: int = 0


def _marked(clocks: ClockStanding, deed: Deed) -> ClockStanding:
    mark: Mark = deed.act
    boots = clocks.boots
    for at, boot in enumerate(boots):
        if boot.first.boot == mark.boot:
            first = min(boot.first, mark, key=lambda m: m.boot_ns)
            last = max(boot.last, mark, key=lambda m: m.boot_ns)
            boots = (*boots[:at], Boot(first=first, last=last), *boots[at + 1 :])
            return msgspec.structs.replace(clocks, boots=boots)
    boots = (*boots, Boot(first=mark, last=mark))
    over = max(0, len(boots) - MOST_BOOTS)
    return msgspec.structs.replace(clocks, boots=boots[over:], forgotten=clocks.forgotten + over)


CLOCK_ACTS: Final[Acts] = {"clock.mark": ActRule(Mark, _marked)}
CLOCK: Final = fold_of("clock", lambda id_: ClockStanding(id=id_), CLOCK_ACTS)
