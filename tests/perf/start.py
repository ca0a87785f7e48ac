"""Benchmark `start`: the second start of the real program, in turns with an empty Qt window.

The empty window imports what the product had imported of others when its own window was first painted, as the product
tells it. Every time is counted from the start of the process that paints; `first_value_s` from before the set-up check
that `make run` does first.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.perf.outcome import Outcome
from tests.program import ROOT, Program
from tests.screens import screen

SHORT_RUNS = 4
LONG_RUNS = 15
BUDGET_S = 42.0
REACH_S = 25.0
TARGETS = {"vs_empty_window": ("<=", 2.5), "first_value_s": ("<=", 3.0)}


@dataclass(slots=True)
class Times:
    """Seconds of all runs, by what was reached."""

    runs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """One more run reached `name`."""
        self.runs.setdefault(name, []).append(seconds)

    def median(self, name: str) -> float | None:
        """The median, None where it was never reached."""
        return statistics.median(self.runs[name]) if name in self.runs else None


def run(long: bool) -> Outcome:
    """First start to warm up, then alternating runs; a short run stops after its budget of time."""
    began_s = time.monotonic()
    times = Times()
    with tempfile.TemporaryDirectory(prefix="yilan-start-") as folder, screen(Path(folder)) as (display, environment):
        modules = _product(Path(folder), environment, Times(), first=True)
        # the peer's modules into the file cache, as the product's are
        _empty(environment, modules, Times())
        for done in range(LONG_RUNS if long else SHORT_RUNS):
            if done >= 2 and not long and time.monotonic() - began_s > BUDGET_S:
                break
            _product(Path(folder), environment, times)
            _empty(environment, modules, times)
            print(f"run {done + 1}: " + ", ".join(f"{k} {v[-1]:.2f} s" for k, v in times.runs.items()), flush=True)
    return _outcome(times, display, len(modules))


def _outcome(times: Times, display: str, modules: int) -> Outcome:
    painted, empty = times.median("painted"), times.median("empty")
    return Outcome(
        bench="start",
        figures={
            "first_value_s": times.median("first_value"),
            "map_ready_s": times.median("map"),
            "first_video_s": times.median("video"),
            "first_chart_s": times.median("chart"),
            "painted_s": painted,
            "empty_window_s": empty,
            "setup_check_s": times.median("setup"),
            "end_s": times.median("end"),
            "runs": float(len(times.runs.get("painted", ()))),
            "modules": float(modules),
            "display": display,
        },
        ratios={"vs_empty_window": painted / empty if painted and empty else None},
        targets=TARGETS,
    )


def _product(folder: Path, environment: Mapping[str, str], times: Times, *, first: bool = False) -> list[str]:
    """One run of the real program; returns the modules of others that it had imported at its first paint."""
    with Program(folder / "state", environment, setup=True) as program:
        setup = program.event("setup", within_s=600.0 if first else REACH_S)
        painted = program.event("painted", within_s=REACH_S)
        value = program.event("first_value", within_s=REACH_S)
        times.add("setup", setup.at_s - program.began_s)
        times.add("painted", painted.at_s - setup.at_s)
        times.add("first_value", value.at_s - program.began_s)
        for panel in ("chart", "map", "video"):
            try:
                shown = program.event("shown", panel, within_s=REACH_S)
            except TimeoutError:
                print(f"{panel} did not show within {REACH_S:.0f} s", flush=True)
                continue
            times.add(panel, shown.at_s - setup.at_s)
        asked_s = time.monotonic()
        program.finish()
        times.add("end", time.monotonic() - asked_s)
        modules: list[str] = painted.line["modules"]
        return modules


def _empty(environment: Mapping[str, str], modules: list[str], times: Times) -> None:
    """One run of the empty window."""
    began_s = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.perf.empty_window"],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(modules) + "\n")
        process.stdin.close()
        if process.stdout.readline().strip() == "painted":
            times.add("empty", time.monotonic() - began_s)
        process.stdout.read()
