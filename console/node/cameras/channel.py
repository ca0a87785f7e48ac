"""One camera on the air: a clip on an endless clock, the same moment for every viewer; knows no socket."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Callable
from typing import Final, Protocol

from console.node.cameras.clip import Clip
from console.node.cameras.rtp import interleaved

LATE_S: Final = 2.0
"""So much behind (a suspended machine), the clock jumps instead of sending everything at once."""


class Viewer(Protocol):
    """Someone who watches a channel."""

    def send(self, framed: bytes, key: bool) -> None: ...
    def over(self) -> None:
        """The clip has ended."""
        ...


class Channel:
    """Sends each access unit once, to all viewers, while there are any.

    A new viewer first gets what was sent since the last key frame, so that it has a picture at once and is on time.

    Args:
        began_s: loop time at which the clip's first picture stands; None: when the first viewer comes (played once).
    """

    def __init__(self, clip: Clip, began_s: float | None, clock: Callable[[], float]) -> None:
        self.clip = clip
        self._began_s, self._clock = began_s, clock
        self._once = began_s is None
        self._viewers: set[Viewer] = set()
        self._since_key: list[bytes] = []
        self._sequence = random.randrange(1 << 16)
        self._source = random.randrange(1, 1 << 32)
        self._position = 0
        self.ended = False
        self._keys = [i for i, unit in enumerate(clip.units) if unit.key] or [0]
        self._times = [unit.send_s for unit in clip.units]

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    def join(self, viewer: Viewer) -> bool:
        """Add a viewer; True where `run` has to be started."""
        first = not self._viewers
        self._viewers.add(viewer)
        if first:
            self._tune_in()
        for framed in self._since_key:
            viewer.send(framed, True)
        return first

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer; `run` ends with the last one."""
        self._viewers.discard(viewer)

    def _tune_in(self) -> None:
        """Stand where the clock stands, with all since the last key frame at hand."""
        if self._began_s is None:
            self._began_s = self._clock()
        loops, within_s = divmod(self._clock() - self._began_s, self.clip.period_s)
        index = max(0, bisect_right(self._times, within_s) - 1)
        key = self._keys[max(0, bisect_right(self._keys, index) - 1)]
        self._position = int(loops) * len(self.clip.units) + min(key, index)
        last = int(loops) * len(self.clip.units) + index
        self._since_key.clear()
        while self._position <= last:
            self._next()

    def _due_s(self) -> float:
        loops, index = divmod(self._position, len(self.clip.units))
        assert self._began_s is not None
        return self._began_s + loops * self.clip.period_s + self._times[index]

    def _next(self) -> tuple[bytes, bool]:
        loops, index = divmod(self._position, len(self.clip.units))
        unit = self.clip.units[index]
        framed = interleaved(unit.parts, self._sequence, loops * self.clip.period + unit.timestamp, self._source)
        self._sequence = (self._sequence + len(unit.parts)) & 0xFFFF
        self._position += 1
        if unit.key:
            self._since_key.clear()
        self._since_key.append(framed)
        return framed, unit.key

    async def run(self) -> None:
        """Send until the last viewer has gone, or a clip played once has ended."""
        while self._viewers:
            if self._once and self._position >= len(self.clip.units):
                self.ended = True
                for viewer in list(self._viewers):
                    viewer.over()
                return
            wait_s = self._due_s() - self._clock()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            elif wait_s < -LATE_S and not self._once:
                self._tune_in()
                for viewer in list(self._viewers):
                    for framed in self._since_key:
                        viewer.send(framed, True)
                continue
            framed, key = self._next()
            for viewer in list(self._viewers):
                viewer.send(framed, key)
