"""Refused acts as entries of the journal, of one console no more than it can be read; knows no rule and no answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from console.api import Text, Value
from console.node.journal.entry import Draft
from console.wire.frames import Intent

log = logging.getLogger(__name__)
AUDIT: Final = "audit"
"""Entity class of entries that say what was refused."""
REFUSED: Final = "intent.refused"
CONFLICT: Final = "intent.conflict"
ALIKE_MOST: Final = 30
"""So many refusals of one actor's act at one place get an entry of their own in `ALIKE_S`; more are counted."""
ALIKE_S: Final = 60.0
_ALIKE_KEYS: Final = 1_000
SHORT: Final = 200
"""Characters of a text of somebody else's that an entry or an answer repeats."""


class RefusedAct(Value, frozen=True, kw_only=True):
    """`intent.refused`, `intent.conflict`: what was asked, and the rule that forbade it, as Chinese and English.

    `alike`: so many refusals of the same actor, place and act came before this one without an entry of their own.
    """

    name: str
    cls: str
    entity: str
    rule: Text
    alike: int = 0


class Refusals:
    """A console that is broken must not fill the journal: how many refusals alike came lately; in the writer's thread.

    `clock`: seconds, never jumps.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lately: dict[tuple[str, str, str], tuple[float, int]] = {}
        """Since when, and how many since then, by actor, place and act."""

    def one_more(self, intent: Intent) -> int | None:
        """Of how many without an entry the entry of this refusal has to tell; None where it gets none itself."""
        now_s = self._clock()
        key = (intent.actor[:SHORT], intent.place[:SHORT], intent.name[:SHORT])
        since_s, count = self._lately.pop(key, (now_s, 0))
        untold = 0
        if now_s - since_s >= ALIKE_S:
            untold, since_s, count = max(0, count - ALIKE_MOST), now_s, 0
        self._lately[key] = (since_s, count + 1)
        if len(self._lately) > _ALIKE_KEYS:
            del self._lately[next(iter(self._lately))]
        if count == ALIKE_MOST:
            log.warning("%s is refused over and over: from now on only counted", key)
        return untold if count < ALIKE_MOST else None


def refusal(kind: str, intent: Intent, key: str, cls: str, rule: Text, alike: int) -> Draft:
    """The entry of a refusal; `key` is what the act is found again by."""
    entity = intent.entity[:SHORT]
    return Draft(
        kind=kind,
        cls=AUDIT,
        entity=f"{cls}:{entity}",
        act=RefusedAct(name=intent.name[:SHORT], cls=cls, entity=entity, rule=rule, alike=alike),
        seen=(),
        actor=intent.actor,
        place=intent.place,
        context=intent.context,
        intent=key,
    )
