"""The clock of a replay, as a value: its time follows from the node's monotonic time; knows no store and no reader."""

from __future__ import annotations

import math
from typing import Final, Self

import msgspec

from console.api import RefusedError, Value

SPEED_LEAST: Final = 0.1
SPEED_MOST: Final = 100.0
_PARTS: Final = 1_000
"""A speed is a whole number of thousandths, so that the clock counts in integers and cannot drift."""


class ReplayClock(Value, frozen=True, kw_only=True):
    """Stands at `base_ns` (UTC ns) since `since_ns` (monotonic ns), or runs from there, never past `most_ns`.

    `most_ns` is the last moment of which everything is known: what was not read yet is not passed.
    """

    base_ns: int
    since_ns: int
    most_ns: int
    thousandths: int = _PARTS
    playing: bool = False

    @property
    def speed(self) -> float:
        """Seconds of the replay a second."""
        return self.thousandths / _PARTS

    def free(self, mono_ns: int) -> int:
        """Where it would be if nothing held it."""
        if not self.playing:
            return self.base_ns
        return self.base_ns + max(mono_ns - self.since_ns, 0) * self.thousandths // _PARTS

    def at(self, mono_ns: int) -> int:
        """The replay's time, UTC ns."""
        return min(self.free(mono_ns), max(self.most_ns, self.base_ns))

    def held(self, mono_ns: int) -> bool:
        """Whether it waits at `most_ns` although it plays."""
        return self.playing and self.free(mono_ns) > self.at(mono_ns)

    def moved(self, mono_ns: int, at_ns: int, most_ns: int) -> Self:
        """At another time, playing as before."""
        return self._anew(mono_ns, base_ns=at_ns, most_ns=most_ns)

    def played(self, mono_ns: int) -> Self:
        """Running from where it stands."""
        return self._anew(mono_ns, playing=True)

    def paused(self, mono_ns: int) -> Self:
        """Standing where it is."""
        return self._anew(mono_ns, playing=False)

    def paced(self, mono_ns: int, speed: float) -> Self:
        """At another speed from here on. Raises RefusedError for one that is no speed, or out of range."""
        return self._anew(mono_ns, thousandths=thousandths(speed))

    def known_to(self, mono_ns: int, most_ns: int) -> Self:
        """Free to run to `most_ns`; one that was held goes on from where it was held."""
        if self.held(mono_ns):
            return self._anew(mono_ns, most_ns=most_ns)
        return msgspec.structs.replace(self, most_ns=most_ns)

    def _anew(self, mono_ns: int, **changes: object) -> Self:
        here = {"base_ns": self.at(mono_ns), "since_ns": mono_ns}
        return msgspec.structs.replace(self, **(here | changes))


def thousandths(speed: float) -> int:
    """A speed as the clock counts it. Raises RefusedError for one that is no speed, or out of range."""
    if not math.isfinite(speed) or not SPEED_LEAST <= speed <= SPEED_MOST:
        raise RefusedError(f"a replay's speed is {SPEED_LEAST:g} to {SPEED_MOST:g} times, not {speed:g}")
    return round(speed * _PARTS)
