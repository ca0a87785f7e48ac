"""Benchmark `stream`: a whole city's sensors through the real program: 10,000 at 1 Hz and 100 at 100 Hz.

The demo city with 10,000 sensors, and beside it recordings of a test bridge (100 channels at 100 Hz, looped) through
the csv source; node with its store, websocket, console with the duty layout. LONG=1 runs the ten minutes of the target.
Where the recordings are absent a made signal of the same rate takes their place, and `fast_input` says so.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tests.perf.outcome import Outcome
from tests.perf.usage import pss_mb, read_usage
from tests.program import Program
from tests.real_files import FOLDER
from tests.screens import screen

SENSORS = 10_000
FAST = 100
FAST_HZ = 100
FAST_ROWS = 60 * FAST_HZ
WARM_S, COUNTED_S, LONG_WARM_S, LONG_S = 25.0, 40.0, 180.0, 600.0
CONSOLE = ("console", "decoder", "web")
RECORDING = "bridge/UniBw_2022-04-11_ref_support_load_01AllM100Hz.csv.zip"
TARGETS = {
    "dropped": ("<=", 0.0),
    "frame_p99_ms": ("<=", 40.0),
    "node_mb": ("<=", 600.0),
    "console_mb": ("<=", 900.0),
    "growth": ("<=", 0.05),
    "values_per_s": (">=", 19_000.0),
}


def run(long: bool) -> Outcome:
    """Start, warm up, read memory and frames all along."""
    warm_s, counted_s = (LONG_WARM_S, LONG_S) if long else (WARM_S, COUNTED_S)
    with tempfile.TemporaryDirectory(prefix="yilan-stream-") as name:
        folder = Path(name)
        fast_input = write_sources(folder)
        with (
            screen(folder) as (display, environment),
            Program(folder / "state", environment, "--sources", str(folder / "city.toml")) as program,
        ):
            print(f"{display}; {warm_s:.0f} s warm-up, {counted_s:.0f} s counted; fast: {fast_input}", flush=True)
            outcome = _measure(program, warm_s, counted_s)
            program.finish()
    outcome.figures |= {"fast_input": fast_input, "display": display}
    return outcome


def write_sources(folder: Path) -> str:
    """A city of 10,000 sensors and one file of 100 fast columns; tells where the fast ones come from."""
    columns, origin = _fast_columns()
    with (folder / "fast.csv").open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow(["t", *(f"c{i}" for i in range(FAST))])
        for row in range(FAST_ROWS):
            writer.writerow([1_700_000_000_000 + row * 1000 // FAST_HZ, *(f"{c[row % len(c)]:.6g}" for c in columns)])
    values = "\n".join(f'[[source.value]]\ncolumn = "c{i}"\nunit = "1"\nkind = "bridge"\n' for i in range(FAST))
    (folder / "city.toml").write_text(
        f"""[[source]]
id = "city"
kind = "city"
sensors = {SENSORS}

[[source]]
id = "bridge"
kind = "csv"
file = "fast.csv"
time = "t"
time_format = "ms"
loop = true

{values}""",
        "utf-8",
    )
    return origin


def _fast_columns() -> tuple[Sequence[np.ndarray], str]:
    """The recording's columns, each at other starts, or a made signal."""
    file = FOLDER / RECORDING
    if not file.exists():
        t = np.arange(FAST_ROWS) / FAST_HZ
        return [np.sin(t * (1 + i / 7)) + i for i in range(FAST)], "made"
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as raw:
        lines: Iterable[str] = io.TextIOWrapper(raw, "latin-1")
        rows = [row[1:] for _, row in zip(range(FAST_ROWS + 1), csv.reader(lines), strict=False)][1:]
    table = np.array([[float(cell or "nan") for cell in row] for row in rows])
    table = table[np.isfinite(table).all(axis=1)]
    return [np.roll(table[:, i % table.shape[1]], 37 * i) for i in range(FAST)], "bridge recording"


def _measure(program: Program, warm_s: float, counted_s: float) -> Outcome:
    began_s = program.event("first_value", within_s=90.0).at_s
    first = program.stats(began_s + warm_s, warm_s + 90.0).line["stats"]
    before = read_usage(program.processes())
    memory: list[tuple[float, float]] = []
    steps = 20
    for step in range(steps):
        program.stats(began_s + warm_s + counted_s * step / steps, counted_s + 90.0)
        memory.append(_memory(program))
    heard = program.stats(began_s + warm_s + counted_s, counted_s + 90.0)
    last = heard.line["stats"]
    spent = read_usage(program.processes()).since(before)
    span_s = last["at_s"] - first["at_s"]
    frames = [
        ms
        for line in program.heard
        if "stats" in line.line and first["at_s"] < line.line["stats"]["at_s"] <= last["at_s"]
        for ms in line.line["stats"]["frame_ms"]
    ]
    node, console = (np.array(column) for column in zip(*memory, strict=True))
    fifth = steps // 5
    whole = node + console
    return Outcome(
        bench="stream",
        figures={
            "values_per_s": (last["values"] - first["values"]) / span_s,
            "dropped": float(last["dropped"]),
            "conflated": float(last["conflated"]),
            "streams_live": float(last["streams_live"]),
            "frame_p50_ms": float(np.percentile(frames, 50)) if frames else None,
            "frame_p99_ms": float(np.percentile(frames, 99)) if frames else None,
            "frames": float(len(frames)),
            "node_mb": float(node.max()),
            "console_mb": float(console.max()),
            "growth": float(whole[-fifth:].min() / whole[:fifth].min() - 1.0),
            # the bounded logs of feeds are full after some minutes only: what grows on shows here
            "growth_second_half": float(whole[-fifth:].min() / whole[2 * fifth : 3 * fifth].min() - 1.0),
            "growth_node_mb": float(node[-fifth:].min() - node[:fifth].min()),
            "growth_console_mb": float(console[-fifth:].min() - console[:fifth].min()),
            "counted_s": span_s,
            **{f"cpu_{role}": seconds / span_s for role, seconds in sorted(spent.items())},
        },
        targets=TARGETS,
    )


def _memory(program: Program) -> tuple[float, float]:
    """PSS of node and of console with its workers, MB."""
    by_role = pss_mb(program.processes())
    return by_role.get("node", 0.0), sum(by_role.get(role, 0.0) for role in CONSOLE)
