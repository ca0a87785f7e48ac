"""A store in a folder, with a clock in the test's hands."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np

from console.api import NS, Board, ChannelKind, Columns, Notice, Sensor, Span
from console.node.telemetry.retention import Retention
from console.node.telemetry.store import Telemetry

DAY = 86_400 * NS
MINUTE = 60 * NS
NOON = 20_000 * DAY + DAY // 2
"""A day at 12:00 UTC."""
IDS = tuple(f"s{i}" for i in range(8))


class Clock:
    """Stands still until it is set."""

    def __init__(self, now_ns: int = NOON) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


class Told:
    """Notices as they were raised and cleared."""

    def __init__(self) -> None:
        self.notices: dict[str, Notice] = {}
        self.ever: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        """Raise."""
        self.notices[notice.key] = notice
        self.ever.append(notice)

    def clear(self, key: str) -> None:
        """Clear."""
        self.notices.pop(key, None)


@contextlib.asynccontextmanager
async def opened(
    folder: Path,
    clock: Clock,
    keep: Retention | None = None,
    told: Told | None = None,
    patience_s: float = 0.0,
    remember: bool = False,
    keep_imported: bool = False,
) -> AsyncIterator[Telemetry]:
    """A store with eight sensors, closed at the end."""
    told = told or Told()
    store = Telemetry(
        folder,
        keep if keep is not None else Retention(),
        clock=clock,
        on_notice=told.notice,
        on_clear=told.clear,
        patience_s=patience_s,
        remember=remember,
        keep_imported=keep_imported,
    )
    await store.open()
    try:
        store.enrol(sensors())
        yield store
    finally:
        await store.close()


def sensors() -> list[Sensor]:
    """The eight: two a board."""
    return [Sensor(id=id_, board=list(Board)[i // 2]) for i, id_ in enumerate(IDS)]


def columns(
    t_ns: Sequence[int] | np.ndarray,
    v: Sequence[float] | np.ndarray,
    sensor: int | np.ndarray = 0,
    q: int | np.ndarray = 0,
) -> Columns:
    """Samples of one of the eight, or of many."""
    n = len(t_ns)
    return Columns(
        t_ns=np.asarray(t_ns, np.int64),
        v=np.asarray(v, np.float64),
        q=np.broadcast_to(np.asarray(q, np.uint8), n).copy(),
        ids=np.broadcast_to(np.asarray(sensor, np.uint32), n).copy(),
    )


def put(store: Telemetry, t_ns: Sequence[int] | np.ndarray, v: Sequence[float] | np.ndarray, sensor: int = 0) -> None:
    """Append scalar samples of one of the eight."""
    store.append(ChannelKind.SCALAR, columns(t_ns, v, sensor), IDS)


async def series(store: Telemetry, start: int, end: int, sensor: int = 0, most: int = 100_000) -> Columns:
    """What the store answers of one of the eight."""
    return await store.query(Span(sensor=IDS[sensor], start_ns=start, end_ns=end, max_points=most))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the store."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def names(folder: Path, role: str) -> list[str]:
    """The store's files of a role."""
    return sorted(path.name for path in folder.glob(f"{role}-*.duckdb"))
