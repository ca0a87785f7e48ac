"""How long a presenter's pointer takes from a desk to the screens of two wall machines, and how far these are apart.

Part of the benchmark `wall`; `python -m tests.perf.pointing` prints it alone. Each pointer is sent once the one before
is on both screens, after a rest, and is taken for shown when what it asks to paint has been painted.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from console.wire.walls import Present, Presenting
from tests.flow.nodes import until
from tests.hall import Hall, hall
from tests.program import Heard

COUNT: Final = 60
REST_S: Final = 0.1
WITHIN_S: Final = 20.0
TILES: Final = ("incidents {}", "incidents {} ~2")
"""Of the hall's first scene, one on each machine."""


async def pointers(one: Hall, count: int = COUNT) -> tuple[list[float], list[float]]:
    """Seconds from the desk to the last machine that shows it, and between the machines, of each pointer."""
    began: list[Presenting] = []
    one.desk.walls.on_present = lambda said: began.append(said) if isinstance(said, Presenting) and said.by else None
    one.desk.walls.watch("w1", "pointing")
    one.desk.walls.present(Present(wall="w1", op="begin"))
    await until(lambda: bool(began), WITHIN_S)
    late_s: list[float] = []
    skew_s: list[float] = []
    for n in range(count):
        marks = one.marks()
        place = (0.1 + 0.8 * n / count, 0.5)
        sent_ns = time.time_ns()
        one.desk.walls.present(Present(wall="w1", op="pointer", tile=TILES[n % 2], points=(place,)))
        shown = await asyncio.gather(*(_shown(one, name, since) for name, since in marks.items()))
        late_s.append((max(shown) - sent_ns) / 1e9)
        skew_s.append((max(shown) - min(shown)) / 1e9)
        await asyncio.sleep(REST_S)
    one.desk.walls.present(Present(wall="w1", op="end"))
    return late_s, skew_s


async def _shown(one: Hall, name: str, since: int) -> int:
    heard = await asyncio.to_thread(one.machines[name].wait, _is_pointer, WITHIN_S, since)
    return int(heard.line["pointer"]["shown_ns"])


def _is_pointer(heard: Heard) -> bool:
    return "pointer" in heard.line


async def _alone() -> None:
    with tempfile.TemporaryDirectory(prefix="yilan-pointing-") as name:
        async with hall(Path(name)) as one:
            late_s, skew_s = await pointers(one)
    for what, values in (("desk to the last machine", late_s), ("machine to machine", skew_s)):
        ms = partial(np.percentile, np.array(values) * 1e3)
        print(
            f"pointer, {what}: median {ms(50):.1f} ms, p95 {ms(95):.1f} ms, most {ms(100):.1f} ms, {len(values)} times"
        )


if __name__ == "__main__":
    asyncio.run(_alone())
