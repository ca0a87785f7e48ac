"""How a room numbers its incidents: the day and a running number, 20261123-004; for the journal's thread alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from console.api import NS

ROOM_ZONE: Final = dt.timezone(dt.timedelta(hours=8))
"""China has one time zone and no summer time."""

_REMEMBERED: Final = 1_000


class Numbers:
    """Gives numbers; what is taken is learnt from the journal at its start."""

    def __init__(self, zone: dt.tzinfo = ROOM_ZONE) -> None:
        self._zone = zone
        self._last: dict[str, int] = {}
        self._given: dict[str, str] = {}

    def learn(self, numbers: Iterable[str]) -> None:
        """These are taken; what is not written as ours is none of ours."""
        for number in numbers:
            day, dash, count = number.partition("-")
            if dash and len(day) == 8 and day.isdecimal() and count.isdecimal():
                self._last[day] = max(self._last.get(day, 0), int(count))

    def of(self, entity: str, now_ns: int) -> str:
        """The next number of the day that `now_ns` (UTC) lies in; asked again for the same entity, the same number:
        what could not be saved leaves no hole."""
        if entity in self._given:
            return self._given[entity]
        day = f"{dt.datetime.fromtimestamp(now_ns / NS, self._zone):%Y%m%d}"
        self._last[day] = self._last.get(day, 0) + 1
        number = self._given[entity] = f"{day}-{self._last[day]:03d}"
        if len(self._given) > _REMEMBERED:
            del self._given[next(iter(self._given))]
        return number
