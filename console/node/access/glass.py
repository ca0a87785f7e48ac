"""Who has broken the glass, and until when; knows no rights."""

from __future__ import annotations

from typing import Final

from console.api import NS

MINUTE_NS: Final = 60 * NS


class Glass:
    """Broken glasses of a node; after a restart all are whole again."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    @property
    def any(self) -> bool:
        """Whether any may be broken: while none is, a check need not look."""
        return bool(self._until)

    def broken(self, person: str, now_ns: int, minutes: int) -> None:
        """From now on for so many minutes of the steady clock."""
        self._until[person] = now_ns + minutes * MINUTE_NS

    def mended(self, person: str) -> None:
        """The person is done with it."""
        self._until.pop(person, None)

    def is_broken(self, person: str, now_ns: int) -> bool:
        """Whether it is broken now."""
        return now_ns < self._until.get(person, 0)

    def until_ns(self, person: str) -> int:
        """When it ends, 0 for one that is whole."""
        return self._until.get(person, 0)

    def tick(self, now_ns: int) -> list[str]:
        """Forget those whose time is over and say whose they were."""
        over = [person for person, until in self._until.items() if until <= now_ns]
        for person in over:
            del self._until[person]
        return over
