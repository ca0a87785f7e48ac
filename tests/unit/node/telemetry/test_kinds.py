"""A sensor id that is another kind of channel than before: its history is that of what it is now."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.api import Board, ChannelKind, Sensor, Span
from console.node.telemetry.store import Telemetry
from tests.unit.node.telemetry.stores import DAY, NOON, Clock, columns, opened

WAYS = [
    (ChannelKind.STATE, ChannelKind.SCALAR),
    (ChannelKind.SCALAR, ChannelKind.STATE),
    (ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.SCALAR),
]


def become(store: Telemetry, kind: ChannelKind, t_ns: int, v: float) -> None:
    """The sensor is put as a kind, and says something."""
    store.enrol([Sensor(id="x", channel=kind, board=Board.NATURAL)])
    store.append(kind, columns([t_ns], [v]), ("x",))


async def history(store: Telemetry) -> list[float]:
    """All that the store tells of it."""
    told = await store.query(Span(sensor="x", start_ns=NOON - DAY, end_ns=NOON + DAY, max_points=100))
    return [float(v) for v in told.v]


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: "-".join(ways))
async def test_a_sensor_that_became_another_kind_has_the_history_of_that_kind(
    tmp_path: Path, ways: tuple[ChannelKind, ...]
) -> None:
    clock = Clock()
    said: dict[ChannelKind, list[float]] = {}
    async with opened(tmp_path, clock) as store:
        for number, kind in enumerate(ways):
            become(store, kind, NOON + number, float(number))
            said.setdefault(kind, []).append(float(number))
        assert await history(store) == said[ways[-1]]
    async with opened(tmp_path, clock) as store:
        assert await history(store) == said[ways[-1]], "after a restart, before any source has put it"
    clock.now_ns += DAY
    async with opened(tmp_path, clock) as store:
        await store.settle()
        assert await history(store) == said[ways[-1]], "once its day is closed"
