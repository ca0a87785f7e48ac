"""Benchmark `history`: any window of a year in 2,000 px from the store, while 10,000 samples/s are appended to it.

A year of one sample a minute is imported and closed by the product itself, today is appended, so that windows that end
now cross the seal. The peer is SQLite with the same samples in a table clustered by (sensor, time), which groups a
year into 2,000 buckets itself; both are asked in turns. A short run builds fewer sensors (`sensors`), which changes
nothing about what one window needs: neighbours lie in other blocks. Samples of the last 7 days are held as they came,
older ones by the minute, as is the default; at one a minute that is the same points.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from console.api import F64, I64, NS, ChannelKind, Columns, Notice, Sensor, Span
from console.node.telemetry.store import Telemetry
from console.tasks import Tasks
from tests.perf.outcome import Outcome

TARGETS = {
    "vs_sqlite_year": (">=", 50.0),
    "year_vs_day": ("<=", 1.5),
    "p50_ms": ("<=", 3.0),
    "p99_ms": ("<=", 9.0),
    "append_stall_p99_ms": ("<=", 50.0),
    "dropped": ("<=", 0.0),
}
DAY, MINUTE = 86_400 * NS, 60 * NS
YEAR_MINUTES = 525_600
PIXELS = 2_000
LIVE_SENSORS = 10_000
BATCH_S = 0.05


@dataclass(kw_only=True, slots=True)
class Plan:
    """How much to build, and how long to ask."""

    sensors: int
    sqlite_sensors: int
    ask_s: float


SHORT = Plan(sensors=20, sqlite_sensors=3, ask_s=12.0)
LONG = Plan(sensors=200, sqlite_sensors=20, ask_s=300.0)


@dataclass(kw_only=True, slots=True)
class Found:
    """Times in ms."""

    year: list[float] = field(default_factory=list)
    day: list[float] = field(default_factory=list)
    any: list[float] = field(default_factory=list)
    across: list[float] = field(default_factory=list)
    sqlite_year: list[float] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)
    points: list[int] = field(default_factory=list)


def run(long: bool) -> Outcome:
    """Build, then ask in turns."""
    with tempfile.TemporaryDirectory(prefix="yilan-history-") as folder:
        return asyncio.run(_run(LONG if long else SHORT, Path(folder)))


def wave(sensor: int, minutes: I64) -> F64:
    """What a sensor measured: a day's and a year's swing, and noise of the instrument."""
    noise = ((minutes * 2_654_435_761 + sensor * 97) % 1_000).astype(np.float64) / 500.0 - 1.0
    swing = np.sin(minutes * (2 * np.pi / 1440) + sensor) * 5 + np.sin(minutes * (2 * np.pi / YEAR_MINUTES)) * 10
    values: F64 = np.round(20.0 + sensor + swing + noise, 2)
    return values


async def _run(plan: Plan, folder: Path) -> Outcome:
    notices: list[Notice] = []
    store = Telemetry(folder / "store", on_notice=notices.append, on_clear=lambda key: None)
    await store.open()
    ids = [f"year{i}" for i in range(plan.sensors)] + [f"live{i}" for i in range(LIVE_SENSORS)]
    store.enrol(Sensor(id=id_) for id_ in ids)
    today = time.time_ns() // DAY * DAY
    build_s, append_s = await _build(store, plan, ids, today)
    peer = await asyncio.to_thread(_sqlite, folder / "peer.sqlite", plan, today)
    found, tasks = Found(), Tasks()
    gc.collect()
    tasks.start("append", _append(store, ids, plan.sensors, found.stalls))
    began_rows, began_s = store.saved_rows, time.monotonic()
    await _ask(store, peer, plan, today, found)
    per_s = (store.saved_rows - began_rows) / (time.monotonic() - began_s)
    await tasks.close()
    peer.close()
    dropped = store.dropped_rows
    await store.close()
    size = sum(path.stat().st_size for path in (folder / "store").iterdir() if path.is_file())
    return _outcome(plan, found, build_s, append_s, per_s, dropped, size, notices)


async def _build(store: Telemetry, plan: Plan, ids: list[str], today: int) -> tuple[float, float]:
    """The year by import, today by append; seconds of the whole, and of writing before days were closed."""
    began = time.monotonic()
    count = plan.sensors
    for day in range(YEAR_MINUTES // 1440):
        minutes = np.arange(day * 1440, (day + 1) * 1440)
        await store.import_columns([], ChannelKind.SCALAR, _samples(count, minutes, today - 365 * DAY), ids)
    written = time.monotonic()
    await store.settle()
    past = (time.time_ns() - today) // MINUTE
    store.append(
        ChannelKind.SCALAR, _samples(count, np.arange(YEAR_MINUTES, YEAR_MINUTES + past), today - 365 * DAY), ids
    )
    await store.saved()
    return time.monotonic() - began, written - began


def _samples(count: int, minutes: np.ndarray, zero_ns: int) -> Columns:
    """All sensors' samples of some minutes, minute by minute."""
    t = np.repeat(zero_ns + minutes * MINUTE, count)
    v = np.stack([wave(sensor, minutes) for sensor in range(count)], axis=1).ravel()
    handles = np.tile(np.arange(count, dtype=np.uint32), len(minutes))
    return Columns(t_ns=t, v=v, q=np.zeros(len(t), np.uint8), ids=handles)


def _sqlite(path: Path, plan: Plan, today: int) -> sqlite3.Connection:
    """The peer, with some of the sensors."""
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE sample(id INTEGER, t INTEGER, v REAL, q INTEGER, PRIMARY KEY(id, t)) WITHOUT ROWID")
    minutes = np.arange(YEAR_MINUTES)
    times = (today - 365 * DAY + minutes * MINUTE).tolist()
    for sensor in range(plan.sqlite_sensors):
        rows = zip([sensor] * YEAR_MINUTES, times, wave(sensor, minutes).tolist(), [0] * YEAR_MINUTES, strict=True)
        db.executemany("INSERT INTO sample VALUES (?, ?, ?, ?)", rows)
    db.commit()
    db.execute("PRAGMA cache_size = -262144")
    return db


def _sqlite_year(db: sqlite3.Connection, sensor: int, start: int, end: int) -> int:
    step = (end - start) // PIXELS + 1
    sql = "SELECT (t - ?) / ?, min(v), max(v) FROM sample WHERE id = ? AND t >= ? AND t < ? GROUP BY 1"
    return len(db.execute(sql, (start, step, sensor, start, end)).fetchall())


async def _append(store: Telemetry, ids: list[str], first: int, stalls: list[float]) -> None:
    """10,000 samples/s, each sensor once a second; how late each batch was taken, in ms after it was due."""
    per = int(LIVE_SENSORS * BATCH_S)
    due = time.monotonic()
    at = 0
    while True:
        due += BATCH_S
        await asyncio.sleep(due - time.monotonic())
        handles = np.arange(first + at, first + at + per, dtype=np.uint32)
        t = np.full(per, time.time_ns(), np.int64)
        columns = Columns(t_ns=t, v=handles.astype(np.float64), q=np.zeros(per, np.uint8), ids=handles)
        store.append(ChannelKind.SCALAR, columns, ids)
        stalls.append((time.monotonic() - due) * 1e3)
        at = (at + per) % LIVE_SENSORS


async def _ask(store: Telemetry, peer: sqlite3.Connection, plan: Plan, today: int, found: Found) -> None:
    chance = np.random.default_rng(3)
    now = time.time_ns
    began = time.monotonic()
    turn = 0
    while (spent := time.monotonic() - began) < plan.ask_s:
        turn += 1
        warm = spent > min(2.0, plan.ask_s / 10)  # files are read from disk the first time

        async def one(into: list[float], start: int, end: int, warm: bool = warm) -> None:
            sensor = f"year{int(chance.integers(plan.sensors))}"
            begun = time.perf_counter()
            answer = await store.query(Span(sensor=sensor, start_ns=start, end_ns=end, max_points=PIXELS))
            if warm:
                into.append((time.perf_counter() - begun) * 1e3)
                found.points.append(len(answer))

        zero, end = today - 365 * DAY, now()
        await one(found.year, end - 365 * DAY, end)
        start = int(chance.integers(zero, today - DAY))
        await one(found.day, start, start + DAY)
        width = int(np.exp(chance.uniform(np.log(3_600 * NS), np.log(365 * DAY))))
        start = int(chance.integers(zero, max(end - width, zero + 1)))
        await one(found.any, start, start + width)
        await one(found.across, end - width, end)
        if turn % 25 == 0:
            sensor = int(chance.integers(plan.sqlite_sensors))
            begun = time.perf_counter()
            await asyncio.to_thread(_sqlite_year, peer, sensor, zero, zero + 365 * DAY)
            found.sqlite_year.append((time.perf_counter() - begun) * 1e3)


def at(times: list[float], percent: float) -> float:
    """A percentile; NaN where nothing was measured."""
    return float(np.percentile(times, percent)) if times else float("nan")


def _outcome(
    plan: Plan,
    found: Found,
    build_s: float,
    append_s: float,
    per_s: float,
    dropped: int,
    size: int,
    notices: list[Notice],
) -> Outcome:
    windows = [*found.year, *found.day, *found.any, *found.across]
    for notice in notices:
        print(f"notice {notice.key}: {notice.detail}", flush=True)
    return Outcome(
        bench="history",
        figures={
            "append_stall_p99_ms": at(found.stalls, 99),
            "append_stall_p50_ms": at(found.stalls, 50),
            "p50_ms": at(windows, 50),
            "p99_ms": at(windows, 99),
            "year_p50_ms": at(found.year, 50),
            "day_p50_ms": at(found.day, 50),
            "across_seal_p50_ms": at(found.across, 50),
            "across_seal_p99_ms": at(found.across, 99),
            "any_p50_ms": at(found.any, 50),
            "any_p99_ms": at(found.any, 99),
            "sqlite_year_p50_ms": at(found.sqlite_year, 50),
            "appended_per_s": per_s,
            "dropped": float(dropped),
            "windows": float(len(windows)),
            "points_most": float(max(found.points, default=0)),
            "sensors": float(plan.sensors),
            "points_a_sensor": float(YEAR_MINUTES),
            "build_s": build_s,
            "build_append_s": append_s,
            "build_rows_per_s": plan.sensors * YEAR_MINUTES / build_s,
            "bytes_a_point": size / (plan.sensors * YEAR_MINUTES),
        },
        ratios={
            "vs_sqlite_year": at(found.sqlite_year, 50) / at(found.year, 50),
            "year_vs_day": at(found.year, 50) / at(found.day, 50),
        },
        targets=TARGETS,
    )
