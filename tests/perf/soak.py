"""Benchmark `soak`: how the memory of the running program grows once it has warmed up.

A short run says little (the rings of samples fill for 17 minutes, caches for one); LONG=1 warms up for 20 minutes and
counts two hours. Growth is that of the smallest memory seen in the last against the first fifth of the counted time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.perf.outcome import Outcome
from tests.perf.usage import shares
from tests.program import Program
from tests.screens import offscreen, screen

SHORT_S = (12.0, 30.0)
LONG_S = (1200.0, 7200.0)
APART = ("cameras",)
TARGETS = {"rss_growth": ("<=", 0.05)}


def run_wall(long: bool) -> Outcome:
    """The same of a wall of four screens, with all that comes and goes on it in a storm and after it."""
    return run(long, "--layout", "wall-2x2", "--scenario", "cycle", screens=4)


def run(long: bool, *arguments: str, screens: int = 0) -> Outcome:
    """Start, warm up, read the memory every second or minute; on that many screens without a server, 0 as usual."""
    warm_s, counted_s = LONG_S if long else SHORT_S
    every_s = counted_s / 30
    with tempfile.TemporaryDirectory(prefix="yilan-soak-") as folder, screen(Path(folder)) as (display, environment):
        if screens:
            display, environment = "offscreen", offscreen(Path(folder), screens)
        with Program(Path(folder) / "state", environment, *arguments) as program:
            began_s = program.event("first_value", within_s=60.0).at_s
            readings: list[tuple[float, Mapping[str, float]]] = []
            due_s = began_s + warm_s
            while due_s <= began_s + warm_s + counted_s:
                heard = program.stats(due_s, max(0.0, due_s - time.monotonic()) + 60.0)
                readings.append((heard.at_s, rss_mb(program.processes())))
                due_s = max(due_s + every_s, heard.at_s)
            program.finish()
    return _outcome(readings, display)


def _outcome(readings: list[tuple[float, Mapping[str, float]]], display: str) -> Outcome:
    fifth = max(1, len(readings) // 5)

    def least(part: list[tuple[float, Mapping[str, float]]], role: str) -> float:
        return min(memory.get(role, 0.0) for _, memory in part)

    roles = sorted(readings[-1][1])
    first = {role: least(readings[:fifth], role) for role in roles}
    last = {role: least(readings[-fifth:], role) for role in roles}
    before, after = shares(first, APART), shares(last, APART)
    figures: dict[str, float | str | None] = {
        "rss_growth": (after - before) / before,
        "counted_s": readings[-1][0] - readings[0][0],
        "display": display,
    }
    for role in roles:
        figures[f"rss_{role}_mb"] = last[role]
        figures[f"grown_{role}_mb"] = last[role] - first[role]
    return Outcome(bench="soak", figures=figures, targets=TARGETS)


def rss_mb(roles: Mapping[psutil.Process, str]) -> dict[str, float]:
    """Resident memory by role in MB (10⁶ bytes), shared pages counted in each process."""
    total: dict[str, float] = {}
    for process, role in roles.items():
        try:
            total[role] = total.get(role, 0.0) + process.memory_info().rss / 1e6
        except psutil.Error:
            continue
    return total
