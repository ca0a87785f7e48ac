"""Batches with one sample of each sensor take a short way: it must end where the long one does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.api import ChannelKind, Columns
from console.client.replica import Replica
from console.client.rings import LANES, RING, Rings
from console.wire.codec import pack_batch
from console.wire.frames import Handles

NOW = 1_700_000_000 * 10**9
SENSORS = 3 * LANES + 5
IDS = tuple(f"s{i}" for i in range(SENSORS))
Sample = tuple[int, int]
"""Time and quality."""
SAMPLES = st.tuples(st.integers(1, 20), st.sampled_from([0, 0, 0, 1, 4, 8, 16, 32, 64, 128]))
SWEEPS = st.lists(st.dictionaries(st.integers(0, SENSORS - 1), SAMPLES, min_size=1), max_size=6)
STRETCHES = st.lists(
    st.tuples(st.integers(0, SENSORS - 1), st.lists(SAMPLES, min_size=1, max_size=SENSORS)), max_size=6
).map(lambda parts: [dict(enumerate(samples[: SENSORS - first], first)) for first, samples in parts])


def take(replica: Replica, sweep: dict[int, Sample], seq: int) -> None:
    """One batch, in the order of the dictionary."""
    columns = Columns(
        ids=np.array(list(sweep), np.uint32),
        t_ns=np.array([t for t, _ in sweep.values()], np.int64),
        v=np.array([100.0 * seq + handle for handle in sweep]),
        q=np.array([q for _, q in sweep.values()], np.uint8),
    )
    replica.take_batch(pack_batch(1, seq, ChannelKind.SCALAR, columns))


def told() -> Replica:
    """A replica fed by feed 1."""
    replica = Replica()
    replica.take_handles(Handles(first=0, ids=IDS))
    replica.feed_begins(1, 1)
    return replica


def held(replica: Replica) -> list[object]:
    """All that it holds: rings and last values."""
    latest = replica.latest(IDS, NOW)
    windows = [replica.window(id_, 0, NOW) for id_ in IDS]
    rings = [(w.t_ns.tolist(), w.v.tolist(), w.q.tolist()) for w in windows]
    return [rings, latest.t_ns.tolist(), np.nan_to_num(latest.v, nan=-1.0).tolist(), latest.q.tolist(), replica.drain()]


@given(st.one_of(SWEEPS, STRETCHES))
def test_the_order_of_sensors_in_a_batch_means_nothing(sweeps: list[dict[int, Sample]]) -> None:
    ascending, descending, single = told(), told(), told()
    for seq, sweep in enumerate(sweeps):
        take(ascending, dict(sorted(sweep.items())), seq)
        take(descending, dict(sorted(sweep.items(), reverse=True)), seq)
        for handle, sample in sweep.items():
            take(single, {handle: sample}, seq)
    assert held(ascending) == held(descending) == held(single)


def test_a_ring_wraps_by_sweeps() -> None:
    rings = Rings(1)
    rings.grow(SENSORS)
    rows = np.arange(SENSORS)
    for turn in range(RING + 7):
        columns = Columns(
            t_ns=np.full(SENSORS, turn), v=np.array(rows + turn / 2, np.float64), q=np.zeros(SENSORS, np.uint8)
        )
        rings.append(rows, columns)
    for row in (0, LANES - 1, LANES, SENSORS - 1):
        kept = rings.read(row, 0, NOW)
        assert kept.t_ns.tolist() == list(range(7, RING + 7))
        assert kept.v.tolist() == [row + turn / 2 for turn in range(7, RING + 7)]


def test_growing_keeps_every_ring() -> None:
    rings = Rings(1)
    for rows in (1, LANES + 1, 5 * LANES, 40 * LANES):
        rings.grow(rows)
        sample = Columns(t_ns=np.full(rows, rows), v=np.arange(rows, dtype=np.float64), q=np.zeros(rows, np.uint8))
        rings.append(np.arange(rows), sample)
    assert rings.read(0, 0, NOW).t_ns.tolist() == [1, LANES + 1, 5 * LANES, 40 * LANES]
    assert rings.read(LANES, 0, NOW).t_ns.tolist() == [LANES + 1, 5 * LANES, 40 * LANES]
    assert rings.read(39 * LANES, 0, NOW).v.tolist() == [39.0 * LANES]
