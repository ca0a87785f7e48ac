"""kill -9, a full disk and damaged files: what the store acknowledged is there once, and its pyramids agree with it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from console.api import ChannelKind, ResourceError, Span
from console.node.telemetry.store import Telemetry
from console.posix import is_root
from tests.fault.telemetry_child import BASE, IDS, KEEP, SENSORS, STEP
from tests.unit.node.telemetry.stores import DAY, NOON, Clock, Told, columns, names, opened, put, series
from tests.unit.node.telemetry.stores import IDS as IDS8

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("YILAN_SOAK_ROUNDS", "40"))


def killed_after(folder: Path, first: int, seed: int, life_s: float) -> int:
    """Let a store record for some time after it was open, kill it; the samples a sensor that it acknowledged."""
    command = [sys.executable, "-m", "tests.fault.telemetry_child", "record", str(folder), str(first), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            assert "open" in child.stdout.readline()
            selector.select(0)
            end = time.monotonic() + life_s
            while (left := end - time.monotonic()) > 0 and child.poll() is None:
                selector.select(left)
                if not os.get_blocking(child.stdout.fileno()):
                    break
                line = child.stdout.readline()
                first = max(first, json.loads(line).get("saved", 0)) if line else first
        child.kill()
        for line in child.stdout:
            if line.endswith("\n"):
                first = max(first, json.loads(line).get("saved", 0))
    return first


async def held(folder: Path, k: int) -> int:
    """How many samples of each sensor there are, each once and in order; days that can be closed are closed."""
    told = Told()
    store = Telemetry(folder, KEEP, clock=lambda: BASE + k * STEP, on_notice=told.notice, on_clear=told.clear)
    await store.open()
    counts = set()
    for settled in (False, True):
        if settled:
            await store.settle()
        for i, id_ in enumerate(IDS):
            span = Span(sensor=id_, start_ns=BASE, end_ns=BASE + 10**6 * STEP, max_points=10**7)
            found = await store.query(span)
            raw = await store.read([id_], ChannelKind.SCALAR, BASE, BASE + 10**6 * STEP, 10**7)
            assert np.array_equal(raw.columns.v, found.v)
            assert np.array_equal(found.v - i * 1e9, np.arange(len(found)))
            counts.add(len(found))
    await store.close()
    assert len(counts) == 1, counts
    assert not told.notices
    return counts.pop()


def pyramids_agree(folder: Path) -> None:
    """Each bucket of each level is what its samples say; asked of the files themselves, with plain SQL."""
    db = duckdb.connect()
    raw: list[str] = []
    buckets: dict[str, list[str]] = {"minute": [], "hour": []}
    for path in sorted(folder.glob("*.duckdb")):
        role, alias = path.name.partition("-")[0], path.stem.replace("-", "_")
        db.execute(f"ATTACH '{path}' AS {alias} (READ_ONLY)")
        if role in ("raw", "late", "live"):
            raw.append(f"SELECT id, t, v FROM {alias}.scalar")
        for level, parts in buckets.items():
            if role in (level, "live"):
                parts.append(f"SELECT id, t, lo, hi, total, count FROM {alias}.{level}")
    for level, step in (("minute", 60), ("hour", 3600)):
        step *= 10**9
        kept = f"SELECT id, t, min(lo), max(hi), sum(total), sum(count) FROM ({' UNION ALL '.join(buckets[level])})"
        anew = f"SELECT id, t - t % {step} AS t, min(v), max(v), sum(v), count(*) FROM ({' UNION ALL '.join(raw)})"
        one = db.execute(f"{kept} GROUP BY id, t ORDER BY id, t").fetchall()
        other = db.execute(f"{anew} GROUP BY 1, 2 ORDER BY 1, 2").fetchall()
        assert len(one) > SENSORS
        assert one == other
    db.close()


async def rounds(folder: Path, count: int) -> None:
    """Record and kill, again and again; nothing that was acknowledged is missing after any of them."""
    chance = random.Random(7)
    first = 0
    for round_ in range(count):
        acknowledged = killed_after(folder, first, round_, chance.uniform(0.2, 2.5))
        found = await held(folder, max(acknowledged, first))
        assert found >= acknowledged
        assert found >= first
        first = found
        pyramids_agree(folder)
    assert first > 1_000


@pytest.mark.slow
async def test_kill_9_at_moments_drawn_by_chance(tmp_path: Path) -> None:
    await rounds(tmp_path, 5)


@pytest.mark.soak
async def test_kill_9_many_times(tmp_path: Path) -> None:
    await rounds(tmp_path, ROUNDS)


def test_a_full_disk_is_told_and_nothing_saved_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fault.telemetry_child", "full", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("harm", ["head", "middle", "cut", "empty"])
async def test_a_damaged_file_is_set_aside_and_the_rest_works(tmp_path: Path, harm: str) -> None:
    clock, told = Clock(), Told()
    async with opened(tmp_path, clock) as store:
        for day in range(3):
            clock.now_ns = NOON + day * DAY
            put(store, clock.now_ns + np.arange(60_000), np.random.default_rng(1).normal(size=60_000))
            await store.saved()
        await store.settle()
    victim = tmp_path / names(tmp_path, "raw")[0]
    whole = victim.read_bytes()
    noise = random.Random(1).randbytes(len(whole) // 2)
    victim.write_bytes(
        {
            "head": noise[:5000] + whole[5000:],
            "middle": whole[: len(whole) // 3] + noise + whole[len(whole) // 3 + len(noise) :],
            "cut": whole[: len(whole) // 2],
            "empty": b"",
        }[harm]
    )
    async with opened(tmp_path, clock, told=told) as store:
        await series(store, NOON - DAY, NOON + 4 * DAY, most=1_000_000)
        whole_span = await series(store, NOON - DAY, NOON + 4 * DAY, most=1_000_000)
        assert len(whole_span) in (120_000, 120_001, 120_002)  # and the damaged day by its minutes
        assert [key for key in told.notices if key.startswith("store.damaged")]
        put(store, [clock.now_ns + 10**9], [1.0])
        await store.saved()
        await store.settle()
    assert victim.with_name(victim.name + ".damaged").exists()


async def test_a_worker_that_is_killed_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(), Told()
    async with opened(tmp_path, clock, told=told) as store:
        put(store, NOON + np.arange(1000), np.arange(1000.0))
        await store.saved()
        clock.now_ns += 2 * DAY
        put(store, [clock.now_ns], [0.0])
        await store.saved()
        with monkeypatch.context() as patched:
            patched.setattr("console.node.telemetry.worker.sys.executable", "/bin/true")
            with pytest.raises(ResourceError, match="live-2024-10-04"):
                await store.settle()
        assert "store.upkeep" in told.notices
        assert len(await series(store, NOON, NOON + DAY)) == 1000
        await store.settle()
        assert "store.upkeep" not in told.notices
        assert len(await series(store, NOON, NOON + DAY)) == 1000
        assert names(tmp_path, "raw") == ["raw-2024-10-04.duckdb"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


@pytest.mark.root
@pytest.mark.skipif(not is_root(), reason="mounting a small disk needs root")
async def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    clock, told = Clock(), Told()
    async with opened(small_disk / "store", clock, told=told) as store:
        k = 0

        def put_more() -> None:
            nonlocal k
            noise = np.random.default_rng(k).normal(size=5_000)
            store.append(ChannelKind.SCALAR, columns(NOON + k * 5_000 + np.arange(5_000), noise, 0), IDS8)
            k += 1

        while "store" not in told.notices:
            put_more()
            await asyncio.sleep(0.01)
        for _ in range(50):
            put_more()
        assert len(await series(store, NOON, NOON + DAY, most=10**7)) == k * 5_000
        grow = ["mount", "-o", "remount,size=200m", str(small_disk)]
        await asyncio.to_thread(subprocess.run, grow, check=True)
        await store.saved()
        assert store.dropped_rows == 0
        assert store.saved_rows == k * 5_000
        found = await store.read([IDS8[0]], ChannelKind.SCALAR, NOON, NOON + DAY, 10**7)
        assert np.array_equal(found.columns.t_ns, NOON + np.arange(k * 5_000))
        while "store" in told.notices:
            await asyncio.sleep(0.01)
    async with opened(small_disk / "store", clock) as store:
        assert len(await series(store, NOON, NOON + DAY, most=10**7)) == k * 5_000
