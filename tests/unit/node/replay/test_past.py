"""History in a replay: the real store's buckets never tell what came after its now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from console.api import NS, ChannelKind, Span
from console.node.replay.past import past
from tests.unit.node.telemetry.stores import DAY, IDS, NOON, Clock, columns, opened

HOUR = 3600 * NS
NOW = NOON + 5 * HOUR + HOUR // 2 + 30 * NS + 7


@pytest.mark.parametrize("points", [2, 100, 2000])
@pytest.mark.parametrize("since_ns", [NOON, NOW - HOUR, NOW - 40 * NS, NOON - 300 * DAY])
@pytest.mark.parametrize("closed", [False, True])
async def test_no_value_of_after_now_is_told_and_the_last_before_it_is(
    tmp_path: Path, points: int, since_ns: int, closed: bool
) -> None:
    clock = Clock()
    t_ns = NOON + np.arange(6 * 3600 * 4, dtype=np.int64) * (NS // 4)
    v = np.where(t_ns > NOW, 99.0, np.arange(len(t_ns)) % 7)
    async with opened(tmp_path, clock) as store:
        store.append(ChannelKind.SCALAR, columns(t_ns, v), IDS)
        await store.saved()
        if closed:
            clock.now_ns += 2 * DAY
            await store.settle()
        found = await past(store.query, Span(sensor=IDS[0], start_ns=since_ns, end_ns=NOW + 1, max_points=points))
    assert found.v.max() <= 6.0
    assert (np.diff(found.t_ns) >= 0).all()
    assert since_ns <= found.t_ns[0]
    assert NOW - found.t_ns[-1] < max(NS, (NOW - max(since_ns, NOON)) // max(1, points // 4))
    assert len(found) <= 2 * points + 4


async def test_of_nothing_there_is_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, Clock()) as store:
        assert len(await past(store.query, Span(sensor=IDS[0], start_ns=0, end_ns=NOW))) == 0
