"""What a kind of act is to the node: how it is decided, what it has to be allowed, why it is refused; no journal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple

from console.api import Board, RefusedError, Text
from console.node.access.actions import Action
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.wire.frames import Intent


class RuleError(RefusedError):
    """An act is refused; `reason` names the rule in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Text(zh, en)
        super().__init__(en, zh=zh)


class MovedError(RuleError):
    """The entity has changed since the actor saw it: the answer bears the version seen and that of now."""

    def __init__(self, what: Text) -> None:
        super().__init__(what.zh, what.of("en"))


class Asked(NamedTuple):
    """What an act asks to be allowed: the action on a thing of that area, board and topic (its class).

    `entity` as "class:id". `more`: what has to be allowed besides, each on its own.
    """

    action: Action
    area: str = ""
    board: Board | None = None
    topic: str = ""
    entity: str = ""
    more: tuple[Asked, ...] = ()


def as_it_is(state: Any) -> Any:
    """The state itself."""
    return state


class Act(NamedTuple):
    """One kind of act.

    `look`: what is known of the entity now, as values; in the loop. `decide`: the entries that the act makes where the
    entity stands as the view says, the act's own last; pure, in the writer's thread; raises RefusedError, MovedError
    for a conflict. `done`: the effect once they are saved; in the loop, and any number of times for one act. `asks`:
    what has to be allowed, None nothing; in the loop. `shown`: of a state what a conflict's answer bears. `also`: what
    the act's entries bring about elsewhere, to be saved with them: told what `look` gave, and how to look at others.
    """

    cls: str
    look: Callable[[Intent], Any]
    decide: Callable[[Intent, Any, View], list[Draft]]
    done: Callable[[Intent, View], None]
    asks: Callable[[Intent], tuple[Asked, ...]] | None = None
    shown: Callable[[Any], Any] = as_it_is
    also: Callable[[Intent, Any, View, list[Draft], Callable[[str, str], View]], list[Draft]] | None = None


def heads_of(intent: Intent) -> set[bytes]:
    """The heads that an intent names as seen; what is no hash is none."""
    found: set[bytes] = set()
    for head in intent.heads:
        with contextlib.suppress(ValueError):
            found.add(bytes.fromhex(head))
    return found
