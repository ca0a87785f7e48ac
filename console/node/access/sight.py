"""What somebody is shown, as one value: who has the same is sent the same bytes; knows no person and no entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from console.api import Board


class Reach(NamedTuple):
    """Things of an area and all below it, of these boards and topics; an empty set does not restrict."""

    area: str
    boards: frozenset[Board]
    topics: frozenset[str]

    def reaches(self, above: frozenset[str], board: Board | None, topic: str) -> bool:
        """Whether it reaches a thing; `above`: its area, all above it, and ""."""
        return (
            self.area in above
            and (not self.boards or board in self.boards)
            and (not self.topics or topic in self.topics)
        )


class Sight(NamedTuple):
    """See the module. The same answers as `Rights.may` gives for `Action.VIEW`.

    `own`: areas in which a broken glass shows everything; `only`: past the policy's validity nothing is shown outside
    of it, None: it is valid.
    """

    allow: frozenset[Reach] = frozenset()
    deny: frozenset[Reach] = frozenset()
    own: frozenset[str] = frozenset()
    only: str | None = None

    @property
    def whole(self) -> bool:
        """Whether everything is shown."""
        return not self.deny and not self.only and EVERYTHING in self.allow

    def shows(self, above: frozenset[str], board: Board | None, topic: str) -> bool:
        """Whether a thing is shown; `above`: its area, all above it, and ""."""
        if self.only is not None and self.only not in above:
            return False
        if not above.isdisjoint(self.own):
            return True
        return _any(self.allow, above, board, topic) and not _any(self.deny, above, board, topic)

    @property
    def areas(self) -> frozenset[str]:
        """Areas in and below which something may be shown."""
        return self.own | {reach.area for reach in self.allow}


EVERYTHING: Final = Reach("", frozenset(), frozenset())
NOTHING: Final = Sight()


def _any(reaches: Iterable[Reach], above: frozenset[str], board: Board | None, topic: str) -> bool:
    return any(reach.reaches(above, board, topic) for reach in reaches)
