"""Benchmark `fanout`: what one more reader of the same selector costs the node.

1 and 100 readers in one process of their own, against `websockets.broadcast` of the same frames made beforehand to as
many bare connections, in turns. The product's readers ping as consoles do; the bare ones do not. Ages are counted from
when a sample was due to its frame's arrival at each reader.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field

import numpy as np

from tests.perf.outcome import Outcome
from tests.perf.stream_node import ROWS
from tests.perf.streams import SECRET, Child, child

TARGETS = {"marginal_vs_broadcast": ("<=", 2.0), "encodes_per_batch": ("<=", 1.0), "p99_ms_100": ("<=", 50.0)}
MANY = 100
HZ = 25.0
SLICE_FRAMES = 50
SHORT_ROUNDS, LONG_ROUNDS = 4, 20
BUDGET_S = 38.0


@dataclass(kw_only=True, slots=True)
class Found:
    """Node CPU in µs a frame of each turn, and the ages at the readers in ms."""

    cpu_us: dict[int, list[float]] = field(default_factory=lambda: {1: [], MANY: []})
    p50_ms: dict[int, list[float]] = field(default_factory=lambda: {1: [], MANY: []})
    p99_ms: dict[int, list[float]] = field(default_factory=lambda: {1: [], MANY: []})
    encodes: list[float] = field(default_factory=list)
    lost: int = 0

    def marginal_us(self) -> float:
        """CPU µs that one more reader adds to a frame."""
        return (statistics.median(self.cpu_us[MANY]) - statistics.median(self.cpu_us[1])) / (MANY - 1)


def run(long: bool) -> Outcome:
    """Turns of each path with 1 and 100 readers; a short run stops after its budget of time."""
    return asyncio.run(_run(long))


async def _run(long: bool) -> Outcome:
    began_s = time.monotonic()
    found = {"product": Found(), "broadcast": Found()}
    async with child("tests.perf.stream_node") as node, child("tests.perf.stream_readers") as readers:
        readers.tell(json.dumps(await node.ask(secret=SECRET, sensors=ROWS)))
        for turn in range(1 + (LONG_ROUNDS if long else SHORT_ROUNDS)):
            if turn > 2 and not long and time.monotonic() - began_s > BUDGET_S:
                break
            for count in (1, MANY):
                for path, into in found.items():
                    # the first turn is for what is built or grown at the first frames
                    await _turn(node, readers, path, count, into if turn else Found())
    return _outcome(found["product"], found["broadcast"])


async def _turn(node: Child, readers: Child, path: str, count: int, into: Found) -> None:
    await readers.ask(act="open", path=path, readers=count)
    await readers.ask(act="want", messages=SLICE_FRAMES * count)
    sent = await node.ask(path=path, frames=SLICE_FRAMES, hz=HZ)
    ages_ms = np.array((await readers.ask(act="wait"))["ages_ns"]) / 1e6
    into.cpu_us[count].append(sent["cpu_s"] / SLICE_FRAMES * 1e6)
    into.lost += SLICE_FRAMES * count - len(ages_ms)
    into.p50_ms[count].append(float(np.percentile(ages_ms, 50)) if len(ages_ms) else float("nan"))
    into.p99_ms[count].append(float(np.percentile(ages_ms, 99)) if len(ages_ms) else float("nan"))
    into.encodes.append(sent["encodes"] / SLICE_FRAMES)


def _outcome(product: Found, bare: Found) -> Outcome:
    median = statistics.median
    return Outcome(
        bench="fanout",
        figures={
            "encodes_per_batch": max(product.encodes),
            "p99_ms_100": median(product.p99_ms[MANY]),
            "p99_ms_100_broadcast": median(bare.p99_ms[MANY]),
            "p50_ms_100": median(product.p50_ms[MANY]),
            "p50_ms_100_broadcast": median(bare.p50_ms[MANY]),
            "p99_ms_1": median(product.p99_ms[1]),
            "node_us_a_frame_1": median(product.cpu_us[1]),
            "node_us_a_frame_100": median(product.cpu_us[MANY]),
            "node_us_a_frame_1_broadcast": median(bare.cpu_us[1]),
            "node_us_a_frame_100_broadcast": median(bare.cpu_us[MANY]),
            "marginal_us": product.marginal_us(),
            "marginal_us_broadcast": bare.marginal_us(),
            "samples_a_frame": float(ROWS),
            "frames_per_s": HZ,
            "lost_messages": float(product.lost),
            "turns": float(len(product.encodes) // 2),
        },
        ratios={"marginal_vs_broadcast": product.marginal_us() / bare.marginal_us()},
        targets=TARGETS,
    )
