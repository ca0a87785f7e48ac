"""Cities built once for the tests of this folder, at a fixed moment."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from typing import Literal

from console.api import NS
from console.node.sources.city.demo import CityDemo
from console.node.sources.city.spec import CitySettings
from console.tasks import Tasks
from tests.fakes_sink import RecordingSink

NOW_NS = int(dt.datetime(2026, 7, 17, 19, 14, 27, tzinfo=dt.UTC).timestamp()) * NS
"""03:14:27 in Beijing on the 18th."""
MINUTE_NS = 60 * NS
HOUR_NS = 60 * MINUTE_NS
JUMP_NS = NS // 2
"""A hurried clock goes on by no more at a time: the city leaves out what it is more than five seconds late for."""


Scenario = Literal["storm", "quiet", "cycle"]


@functools.cache
def source(scenario: Scenario = "storm", seed: int = 7) -> CityDemo:
    """The demo city anchored at `NOW_NS`."""
    made = CityDemo(CitySettings(scenario=scenario, seed=seed, anchor_ns=NOW_NS, camera_base="rtsp://127.0.0.1:8554/"))
    assert made.city.cells.areas
    return made


class Hurried:
    """A clock that runs `pace` times as fast as the loop's, from a fixed moment; a machine that stalls stops it too."""

    def __init__(self, start_ns: int, pace: float) -> None:
        self._loop, self._now_ns, self._pace = asyncio.get_running_loop(), start_ns, pace
        self._looked = self._loop.time()

    def __call__(self) -> int:
        looked, self._looked = self._looked, self._loop.time()
        self._now_ns += min(int((self._looked - looked) * self._pace * NS), JUMP_NS)
        return self._now_ns


async def played(made: CityDemo, start_ns: int, until_s: float, pace: float = 5.0) -> RecordingSink:
    """What the source published until its samples reached `until_s` seconds after `start_ns`."""
    tasks = Tasks()
    sink = RecordingSink(Hurried(start_ns, pace))
    tasks.start("city", made.run(sink))
    while len(tasks) and (not sink.batches or sink.batches[-1][1].t_ns.max(initial=0) < start_ns + until_s * NS):
        await asyncio.sleep(0.01)
    await tasks.close()
    return sink
