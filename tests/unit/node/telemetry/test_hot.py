"""The live day's sorted copies: what they answer is what the live file says, however it lies and whoever died."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from console.api import NS, ChannelKind, Columns
from console.node.telemetry import database, hotday, upkeep
from console.node.telemetry.hot import Fresh, stored, write
from console.node.telemetry.store import Telemetry
from tests.unit.node.telemetry.stores import DAY, IDS, MINUTE, NOON, Clock, columns, contents, opened, put, series


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of 500 samples, segments of four runs."""
    monkeypatch.setattr(hotday, "SPILL_ROWS", 500)
    monkeypatch.setattr(upkeep, "GATHER_RUNS", 4)
    monkeypatch.setattr(upkeep, "FLAT_RUNS", 0)


def files(folder: Path, kind: str) -> list[Path]:
    """The sorted copies."""
    return sorted((folder / "hot").glob(f"*.{kind}"))


async def record(store: Telemetry, clock: Clock, rounds: int, seed: int = 1) -> None:
    """All eight sensors, times out of order, some twice; each round is committed."""
    chance = np.random.default_rng(seed)
    for _ in range(rounds):
        t = clock.now_ns - chance.integers(0, 30, 200) * NS
        v = chance.standard_normal(200)
        v[::20] = np.nan
        c = columns(t, v, chance.integers(0, 8, 200).astype(np.uint32), chance.integers(0, 8, 200).astype(np.uint8))
        store.append(ChannelKind.SCALAR, c, IDS)
        await store.saved()
        clock.now_ns += 20 * NS


async def answers(store: Telemetry, clock: Clock) -> list[Columns]:
    """Each sensor's samples, over all and over a part."""
    end = clock.now_ns + 1
    spans = [(NOON - DAY, end), (NOON + 100 * NS, NOON + 700 * NS), (end - 40 * NS, end)]
    return [await series(store, a, b, sensor) for sensor in range(8) for a, b in spans]


def same(one: list[Columns], other: list[Columns]) -> None:
    """To the bit, and in the same order."""
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a.t_ns, b.t_ns)
        assert np.array_equal(a.v, b.v, equal_nan=True)
        assert np.array_equal(a.q, b.q)
    assert sum(map(len, one))


async def told_by_the_live_file(folder: Path, clock: Clock) -> list[Columns]:
    """The answers of a store without copies."""
    for path in (folder / "hot").iterdir():
        path.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hotday, "REST_MOST", 0)
        async with opened(folder, clock) as store:
            return await answers(store, clock)


async def test_runs_segments_and_memory_say_what_the_live_file_says(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await record(store, clock, 40)
        before = await answers(store, clock)
        assert len(files(tmp_path, "run")) >= 8
        await store.settle()
        assert len(files(tmp_path, "duckdb")) == 1
        same(before, await answers(store, clock))
        await record(store, clock, 15, seed=2)
        await store.settle()
        assert len(files(tmp_path, "duckdb")) == 2
        before = await answers(store, clock)
    async with opened(tmp_path, clock) as store:
        same(before, await answers(store, clock))
        await record(store, clock, 9, seed=3)
        before = await answers(store, clock)
    same(before, await told_by_the_live_file(tmp_path, clock))


@pytest.mark.parametrize("harm", ["gone", "cut", "hole", "segment"])
async def test_copies_that_are_not_whole_are_not_believed(tmp_path: Path, harm: str) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await record(store, clock, 20)
        if harm == "segment":
            await store.settle()
        await record(store, clock, 12, seed=2)
        before = await answers(store, clock)
    runs = files(tmp_path, "run")
    if harm == "gone":
        runs[-1].unlink()
    elif harm == "cut":
        runs[0].write_bytes(runs[0].read_bytes()[:-9])
    elif harm == "hole":
        runs[1].unlink()
    else:
        victim = files(tmp_path, "duckdb")[0]
        whole = victim.read_bytes()
        third = len(whole) // 3
        victim.write_bytes(whole[:third] + random.Random(1).randbytes(third) + whole[2 * third :])
    async with opened(tmp_path, clock) as store:
        same(before, await answers(store, clock))
        await record(store, clock, 6, seed=3)
        before = await answers(store, clock)
    async with opened(tmp_path, clock) as store:
        same(before, await answers(store, clock))


async def test_what_was_gathered_and_not_yet_thrown_away_counts_once(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await record(store, clock, 20)
        kept = {path: path.read_bytes() for path in files(tmp_path, "run")}
        await store.settle()
        before = await answers(store, clock)
    for path, content in kept.items():
        path.write_bytes(content)
    async with opened(tmp_path, clock) as store:
        same(before, await answers(store, clock))
        assert len(files(tmp_path, "run")) < len(kept)


async def test_a_day_that_is_over_leaves_no_copies(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await record(store, clock, 30)
        clock.now_ns += DAY
        await record(store, clock, 12, seed=2)
        before = await answers(store, clock)
        await store.settle()
        same(before, await answers(store, clock))
        assert len({path.name.partition("-")[0] for path in (tmp_path / "hot").iterdir()}) == 1
        put(store, [NOON + MINUTE], [5.0])
        await store.saved()
        assert 5.0 in (await series(store, NOON, NOON + 2 * MINUTE)).v


async def test_a_disk_that_takes_no_copies_costs_no_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await record(store, clock, 9)
        with monkeypatch.context() as patched:
            patched.setattr(hotday, "write", full)
            await record(store, clock, 9, seed=2)
        await record(store, clock, 9, seed=3)
        before = await answers(store, clock)
        assert await store.covered() != (0, 0)
    same(before, await told_by_the_live_file(tmp_path, clock))
    assert contents(tmp_path)


def test_a_run_comes_back_from_its_file(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    fresh = Fresh(3)
    for n in range(4, 90):
        ids = chance.integers(0, 9, 50).astype(np.uint32)
        t = chance.integers(0, 1000, 50)
        fresh.add(Columns(t_ns=t, v=chance.standard_normal(50), q=ids.astype(np.uint8), ids=ids), n)
    run = fresh.whole()
    write(run, tmp_path / "one.run")
    again = stored(tmp_path / "one.run")
    assert again is not None
    assert (again.after, again.last, again.rows) == (3, 89, 86 * 50)
    for number in range(10):
        mine = run.of(number, 100, 900)
        other = again.of(number, 100, 900)
        if number == 9:
            assert mine is None
            assert other is None
            continue
        assert mine is not None
        assert other is not None
        assert (np.diff(other[0]) >= 0).all()
        assert mine[0].tolist() == other[0].tolist()
        assert mine[1].tolist() == other[1].tolist()
        assert mine[2].tolist() == other[2].tolist()


async def test_a_long_live_file_without_copies_is_taken_up_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a version without copies, or a killed node, leaves it."""
    monkeypatch.setattr(hotday.HotDay.__init__, "__defaults__", (1_000_000,))
    clock, rows = Clock(), 400_000
    async with opened(tmp_path, clock) as store:
        t = NOON - rows * 1_000 + np.arange(rows, dtype=np.int64) * 1_000
        for part in np.array_split(np.arange(rows), 8):
            ids = (part % 8).astype(np.uint32)
            good = np.zeros(len(part), np.uint8)
            store.append(ChannelKind.SCALAR, columns(t[part], part.astype(np.float64), ids, good), IDS)
            await store.saved()
    for path in (tmp_path / "hot").iterdir():
        path.unlink()
    monkeypatch.setattr(database.connect, "__defaults__", (24, None))
    async with opened(tmp_path, clock) as store:
        assert len(await series(store, NOON - MINUTE, NOON + 1, 3)) == rows // 8
