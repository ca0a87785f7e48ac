"""Benchmark `ingest`: samples from the product's hub through a real websocket into the console's rings.

A source brings 1,000 samples at a time; beside it, in turns, the same websockets library sends frames of 1,000 made
beforehand and only counts bytes. First as fast as they go: the rate is that of the busier of the two processes by its
CPU seconds, which other programs on the machine do not change; the rate by the clock is told beside it. The product
joins what comes in one turn of its loop into longer frames: `of_count_only_same_frames` is against the library sending
frames as long. Then 1 M samples/s held: each piece's age when it is in the ring, counted from when it was due, against
the age of the bare stream's bytes.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from console.client.link import Link
from console.client.replica import Replica
from console.tasks import Tasks
from console.wire.frames import MAX_FRAME_BYTES, Batch
from tests.perf.outcome import Outcome
from tests.perf.stream_node import JOINED, ROWS, SELECTOR
from tests.perf.streams import SECRET, Child, child

TARGETS = {"of_count_only": (">=", 0.5), "p99_vs_raw_stream": ("<=", 2.0), "dropped": ("<=", 0.0)}
SENSORS = 10_000
FLOOD_SAMPLES = 5_000_000
HELD_HZ = 1_000.0
WAIT_S = 60.0


@dataclass(kw_only=True, slots=True)
class Plan:
    """How long to run."""

    floods: int
    flood_budget_s: float
    slices: int
    slice_s: float


SHORT = Plan(floods=6, flood_budget_s=14.0, slices=8, slice_s=1.2)
LONG = Plan(floods=20, flood_budget_s=120.0, slices=10, slice_s=3.0)


class TimedReplica(Replica):
    """The product's, which also notes how old each frame's first sample was when it was in the ring."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = Counted()
        self.fed = asyncio.Event()

    def feed_begins(self, sub: int, feed: int, strategy: str = "latest") -> None:
        """The subscription stands."""
        super().feed_begins(sub, feed, strategy)
        self.fed.set()

    def take_batch(self, frame: Batch) -> None:
        """As the product does, then count."""
        super().take_batch(frame)
        if not frame.snapshot:
            for piece in range(0, frame.n, ROWS):
                self.counted.add(int.from_bytes(frame.t[8 * piece : 8 * piece + 8], "little"))


class Counted:
    """Pieces of 1,000 samples that arrived, and their ages in ns; of the peer, messages."""

    def __init__(self) -> None:
        self.ages_ns: list[int] = []
        self.wanted = 0
        self.reached = asyncio.Event()

    def want(self, frames: int) -> None:
        """Count anew up to `frames`."""
        self.ages_ns, self.wanted = [], frames
        self.reached.clear()

    def add(self, due_ns: int) -> None:
        """One frame is where it belongs."""
        self.ages_ns.append(time.time_ns() - due_ns)
        if len(self.ages_ns) == self.wanted:
            self.reached.set()

    async def wait(self) -> None:
        """Until as many as wanted came; those that the node dropped never do."""
        try:
            async with asyncio.timeout(WAIT_S):
                await self.reached.wait()
        except TimeoutError:
            print(f"{len(self.ages_ns)} of {self.wanted} frames came", flush=True)


@dataclass(kw_only=True, slots=True)
class Found:
    """What all turns of one path gave; ages in ms, costs in CPU µs for 1,000 samples; `rows`: samples a message."""

    counted: Counted
    path: str
    rows: int = ROWS
    per_cpu_s: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    node_us: list[float] = field(default_factory=list)
    reader_us: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    held_cpu: list[float] = field(default_factory=list)
    dropped: float = 0.0


def run(long: bool) -> Outcome:
    """Floods in turns, then held slices in turns."""
    return asyncio.run(_run(LONG if long else SHORT))


async def _run(plan: Plan) -> Outcome:
    tasks = Tasks()
    async with child("tests.perf.stream_node") as node:
        urls = await node.ask(secret=SECRET, sensors=SENSORS)
        replica = TimedReplica()
        link = Link(replica, tasks, lambda: None)
        link.subscribe(SELECTOR, "latest")
        link.address(urls["product"], SECRET)
        tasks.start("link", link.run())
        async with connect(
            urls["bare"], compression=None, max_size=MAX_FRAME_BYTES, ping_interval=None, proxy=None
        ) as connection:
            counted = Counted()
            product, bare = Found(counted=replica.counted, path="product"), Found(counted=counted, path="bare")
            joined = Found(counted=counted, path="joined", rows=JOINED)
            tasks.start("count", _count(connection, counted))
            async with asyncio.timeout(WAIT_S):
                await replica.fed.wait()
            await _turns(plan, node, (product, bare, joined))
        # what the node told is part of what did not come, or came too late to be counted: not both
        product.dropped = max(product.dropped, link.status.dropped + link.status.conflated)
        await tasks.close()
    return _outcome(product, bare, joined)


async def _count(connection: ClientConnection, counted: Counted) -> None:
    """The peer: bytes are counted, nothing is decoded."""
    total = 0
    async for data in connection:
        total += len(data)
        assert isinstance(data, bytes)
        counted.add(int.from_bytes(data[:8], "little"))


async def _turns(plan: Plan, node: Child, paths: Sequence[Found]) -> None:
    for found in paths:  # whatever is built or grown at the first frames is not counted
        await _turn(node, found, FLOOD_SAMPLES // found.rows // 5, 0.0)
    began_s = time.monotonic()
    for turn in range(plan.floods):
        if turn >= 3 and time.monotonic() - began_s > plan.flood_budget_s:
            break
        for found in paths:
            node_s, reader_s, wall_s = await _turn(node, found, FLOOD_SAMPLES // found.rows, 0.0)
            found.per_cpu_s.append(FLOOD_SAMPLES / max(node_s, reader_s))
            found.per_s.append(FLOOD_SAMPLES / wall_s)
            found.node_us.append(node_s / FLOOD_SAMPLES * ROWS * 1e6)
            found.reader_us.append(reader_s / FLOOD_SAMPLES * ROWS * 1e6)
    for _ in range(plan.slices):
        for found in reversed(paths[:2]):
            node_s, reader_s, wall_s = await _turn(node, found, int(HELD_HZ * plan.slice_s), HELD_HZ)
            found.p50_ms.append(float(np.percentile(found.counted.ages_ns, 50)) / 1e6)
            found.p99_ms.append(float(np.percentile(found.counted.ages_ns, 99)) / 1e6)
            found.held_cpu.append((node_s + reader_s) / wall_s)


async def _turn(node: Child, found: Found, frames: int, hz: float) -> tuple[float, float, float]:
    """Send and receive; CPU seconds of node and reader, and wall seconds."""
    found.counted.want(frames)
    reader_s, wall_s = time.process_time(), time.monotonic()
    answer = await node.ask(path=found.path, frames=frames, hz=hz)
    if len(found.counted.ages_ns) < frames:
        await found.counted.wait()
    found.dropped += (frames - len(found.counted.ages_ns)) * found.rows
    return answer["cpu_s"], time.process_time() - reader_s, time.monotonic() - wall_s


def _outcome(product: Found, bare: Found, joined: Found) -> Outcome:
    median = statistics.median
    return Outcome(
        bench="ingest",
        figures={
            "dropped": product.dropped,
            "p99_ms": median(product.p99_ms),
            "p99_raw_ms": median(bare.p99_ms),
            "p50_ms": median(product.p50_ms),
            "p50_raw_ms": median(bare.p50_ms),
            "held_cores": median(product.held_cpu),
            "held_cores_raw": median(bare.held_cpu),
            "samples_per_cpu_s": median(product.per_cpu_s),
            "samples_per_cpu_s_raw": median(bare.per_cpu_s),
            "samples_per_s": median(product.per_s),
            "samples_per_s_raw": median(bare.per_s),
            "node_us_a_frame": median(product.node_us),
            "node_us_a_frame_raw": median(bare.node_us),
            "reader_us_a_frame": median(product.reader_us),
            "reader_us_a_frame_raw": median(bare.reader_us),
            "node_us_a_frame_joined_raw": median(joined.node_us),
            "reader_us_a_frame_joined_raw": median(joined.reader_us),
            "sensors": float(SENSORS),
            "turns": float(len(product.per_s)),
        },
        ratios={
            "of_count_only": median(product.per_cpu_s) / median(bare.per_cpu_s),
            "of_count_only_same_frames": median(product.per_cpu_s) / median(joined.per_cpu_s),
            "of_count_only_by_the_clock": median(product.per_s) / median(bare.per_s),
            "p99_vs_raw_stream": median(product.p99_ms) / median(bare.p99_ms),
            "p50_vs_raw_stream": median(product.p50_ms) / median(bare.p50_ms),
        },
        targets=TARGETS,
    )
