"""Benchmark `wall`: 24 live tiles on four full-HD screens, beside one screen of 6 such tiles in the same run.

The demo city through node, websocket and console. The single console shows the first of the wall's screens, so that its
tiles are of the same kinds and sizes. Maps and pictures have benchmarks of their own and are left out. How far two
machines of a wall are apart is taken from scenes that a desk takes over TLS, from a presenter's pointer and from a
replay that both show; LONG=1 counts longer and more scenes.
A frame's length is taken by the clock, and so grows with whatever else uses the cores; `turn_cpu…` and `paint_cpu…`
say what the console itself worked for it: data to panels, and panels to pixels.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from layouts.store import LayoutStore, read
from layouts.tree import Layout, tiles
from tests.hall import Hall, hall
from tests.perf.outcome import Outcome
from tests.perf.pointing import pointers
from tests.perf.usage import pss_mb, read_usage
from tests.program import Program
from tests.screens import offscreen

FILE = Path(__file__).with_name("wall-24.toml")
WARM_S, COUNTED_S, LONG_S = 12.0, 20.0, 240.0
SCENES, LONG_SCENES = 8, 60
POINTERS = 30
REPLAYED, LONG_REPLAYED = 5, 30
"""So many times it is looked how far two machines are apart in one replay."""
UP_S = 90.0
CONSOLE = ("console", "decoder", "web")
TARGETS = {
    "cpu_per_tile_vs_single": ("<=", 1.0),
    "frame_p99_ms": ("<=", 50.0),
    "skew_ms": ("<=", 100.0),
    "pointer_skew_ms": ("<=", 100.0),
    "replay_skew_ms": ("<=", 100.0),
    "change_ms": ("<=", 1000.0),
}


class Shown(NamedTuple):
    """What one console cost: cores for each tile, frame times in ms and what of them it worked itself, memory."""

    cpu_per_tile: float
    frame_ms: list[float]
    turn_cpu_ms: list[float]
    paint_cpu_ms: list[float]
    painted_per_s: float
    """Pictures with new content of charts and strips."""
    values_per_s: float
    console_mb: float


def run(long: bool) -> Outcome:
    """The wall, the single screen, and the two machines, one after the other."""
    counted_s = LONG_S if long else COUNTED_S
    wall = read(FILE)
    single = msgspec.structs.replace(wall, id="wall-6", screens=wall.screens[:1])
    shown = {layout.id: _shown(layout, counted_s) for layout in (wall, single)}
    hall_ = asyncio.run(_steps(LONG_SCENES if long else SCENES, LONG_REPLAYED if long else REPLAYED))
    return _outcome(shown[wall.id], shown[single.id], hall_, counted_s)


def _shown(layout: Layout, counted_s: float) -> Shown:
    with tempfile.TemporaryDirectory(prefix="yilan-wall-") as name:
        folder = Path(name)
        LayoutStore(folder / "state" / "layouts").save(layout)
        environment = offscreen(folder, len(layout.screens))
        with Program(folder / "state", environment, "--layout", layout.id) as program:
            print(f"{layout.id}: {WARM_S:.0f} s warm-up, {counted_s:.0f} s counted", flush=True)
            shown = _measure(program, layout, counted_s)
            program.finish()
    return shown


def _measure(program: Program, layout: Layout, counted_s: float) -> Shown:
    count = sum(1 for screen in layout.screens for _ in tiles(screen.tree))
    began_s = program.event("first_value", within_s=UP_S).at_s
    first = program.stats(began_s + WARM_S, WARM_S + UP_S).line["stats"]
    before = read_usage(program.processes())
    last = program.stats(began_s + WARM_S + counted_s, counted_s + UP_S).line["stats"]
    after = read_usage(program.processes())
    spent = after.since(before)
    span_s = last["at_s"] - first["at_s"]
    stats = [heard.line["stats"] for heard in program.heard if "stats" in heard.line]
    counted = [line for line in stats if first["at_s"] < line["at_s"] <= last["at_s"]]
    frames, turns, paints = (
        [ms for line in counted for ms in line[key]] for key in ("frame_ms", "turn_cpu_ms", "paint_cpu_ms")
    )
    memory = pss_mb(program.processes())
    return Shown(
        cpu_per_tile=sum(spent.get(role, 0.0) for role in CONSOLE) / (after.at_s - before.at_s) / count,
        frame_ms=frames,
        turn_cpu_ms=turns,
        paint_cpu_ms=paints,
        painted_per_s=(sum(last["painted"].values()) - sum(first["painted"].values())) / span_s,
        values_per_s=(last["values"] - first["values"]) / span_s,
        console_mb=sum(memory.get(role, 0.0) for role in CONSOLE),
    )


class Apart(NamedTuple):
    """Seconds from act to last machine and between the machines, of each scene and of each pointer of a presenter;
    between their clocks in a replay."""

    late_s: list[float]
    skew_s: list[float]
    pointer_late_s: list[float]
    pointer_skew_s: list[float]
    replay_s: list[float]


async def _steps(scenes: int, replayed: int) -> Apart:
    with tempfile.TemporaryDirectory(prefix="yilan-hall-") as name:
        print(f"two machines: {scenes} scenes", flush=True)
        one: Hall
        async with hall(Path(name)) as one:
            up_ns = time.time_ns()
            pointer_s = await pointers(one, POINTERS)
            for _ in range(scenes):
                await one.step()
            return Apart(one.late_s, one.skew_s, *pointer_s, await one.replayed(up_ns, replayed))


def _outcome(wall: Shown, single: Shown, apart: Apart, counted_s: float) -> Outcome:
    return Outcome(
        bench="wall",
        figures={
            "frame_p50_ms": _percentile(wall.frame_ms, 50),
            "frame_p90_ms": _percentile(wall.frame_ms, 90),
            "frame_p99_ms": _percentile(wall.frame_ms, 99),
            "single_frame_p99_ms": _percentile(single.frame_ms, 99),
            "frame_cpu_p50_ms": _percentile(_sums(wall), 50),
            "frame_cpu_p99_ms": _percentile(_sums(wall), 99),
            "turn_cpu_p50_ms": _percentile(wall.turn_cpu_ms, 50),
            "turn_cpu_p99_ms": _percentile(wall.turn_cpu_ms, 99),
            "paint_cpu_p50_ms": _percentile(wall.paint_cpu_ms, 50),
            "paint_cpu_p99_ms": _percentile(wall.paint_cpu_ms, 99),
            "single_frame_cpu_p99_ms": _percentile(_sums(single), 99),
            "frames": float(len(wall.frame_ms)),
            "cpu_per_tile": wall.cpu_per_tile,
            "single_cpu_per_tile": single.cpu_per_tile,
            "painted_per_s": wall.painted_per_s,
            "single_painted_per_s": single.painted_per_s,
            "values_per_s": wall.values_per_s,
            "console_mb": wall.console_mb,
            "change_ms": max(apart.late_s) * 1e3,
            "skew_ms": max(apart.skew_s) * 1e3,
            "scenes": float(len(apart.skew_s)),
            "pointer_ms": max(apart.pointer_late_s) * 1e3,
            "pointer_skew_ms": max(apart.pointer_skew_s) * 1e3,
            "replay_skew_ms": max(apart.replay_s) * 1e3 if apart.replay_s else None,
            "replay_looks": float(len(apart.replay_s)),
            "counted_s": counted_s,
            # frames are counted by the clock: others who use the cores make them longer
            "load_1min": os.getloadavg()[0],
        },
        ratios={
            "cpu_per_tile_vs_single": wall.cpu_per_tile / single.cpu_per_tile if single.cpu_per_tile else None,
        },
        targets=TARGETS,
    )


def _sums(shown: Shown) -> list[float]:
    """CPU of each frame in ms: turn and painting."""
    return [turn + paint for turn, paint in zip(shown.turn_cpu_ms, shown.paint_cpu_ms, strict=True)]


def _percentile(values: list[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
