"""Benchmark `idle`: what the duty layout on the demo city costs while it shows all it has to show.

Counted are supervisor, node, console, decode workers and WebEngine; the camera server, which stands for the city's
cameras, and the X server stand apart. What was painted is what the console itself counted (`main.py --events`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.perf.outcome import Outcome
from tests.perf.usage import pss_mb, read_usage, shares
from tests.program import Program
from tests.screens import screen

WARM_S = 10
COUNTED_S = 30
LONG_S = 300
UP_S = 60.0
APART = ("cameras",)
TARGETS = {
    "cpu_cores": ("<=", 0.4),
    "pss_mb": ("<=", 1200.0),
    "video_fps_painted": (">=", 24.0),
    "values_per_s": (">=", 2000.0),
    # what has to be shown meanwhile, once a second and five times a second; the span cuts one off
    "map_hz": (">=", 0.95),
    "chart_hz": (">=", 4.75),
}
CAMERAS = 4


def run(long: bool) -> Outcome:
    """Start, warm up, count. `long` counts for five minutes."""
    with tempfile.TemporaryDirectory(prefix="yilan-idle-") as folder:
        state = Path(folder)
        with screen(state) as (display, environment), Program(state / "state", environment) as program:
            print(f"{display}; {WARM_S} s warm-up, {LONG_S if long else COUNTED_S} s counted", flush=True)
            outcome = _measure(program, LONG_S if long else COUNTED_S)
            outcome.figures["display"] = display
            program.finish()
    return outcome


def _measure(program: Program, counted_s: int) -> Outcome:
    began = program.event("first_value", within_s=UP_S)
    first = program.stats(began.at_s + WARM_S, WARM_S + UP_S).line["stats"]
    before = read_usage(program.processes())
    last = program.stats(first["at_s"] + counted_s, counted_s + UP_S).line["stats"]
    after = read_usage(program.processes())
    span_s = after.at_s - before.at_s
    by_role = {role: cpu_s / span_s for role, cpu_s in after.since(before).items()}
    memory = pss_mb(program.processes())
    return Outcome(bench="idle", figures=_figures(first, last, by_role, memory), targets=TARGETS)


def _figures(
    first: Mapping[str, Any], last: Mapping[str, Any], by_role: Mapping[str, float], memory: Mapping[str, float]
) -> dict[str, float | str | None]:
    span_s = last["at_s"] - first["at_s"]

    def rate(panel: str, parts: int = 1) -> float | None:
        counts = last["painted"].get(panel), first["painted"].get(panel)
        return None if None in counts else (counts[0] - counts[1]) / span_s / parts

    figures: dict[str, float | str | None] = {
        "cpu_cores": shares(by_role, APART),
        "pss_mb": shares(memory, APART),
        "video_fps_painted": rate("video", CAMERAS),
        "values_per_s": (last["values"] - first["values"]) / span_s,
        "map_hz": rate("map"),
        "chart_hz": rate("chart"),
        "frames_per_s": (last["frames"] - first["frames"]) / span_s,
    }
    figures |= {f"cpu_{role}": cores for role, cores in sorted(by_role.items())}
    figures |= {f"pss_{role}_mb": mb for role, mb in sorted(memory.items())}
    return figures
