"""A store in memory for tests: console.node.telemetry's interface as far as recorder, history and recordings use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from console.api import ChannelKind, Columns, Sensor, Span
from console.node.sources.replay.clockwork import thin
from console.node.sources.replay.reel import nothing
from console.wire.codec import WIDTH


class Row(NamedTuple):
    """One sample as it came."""

    sensor: str
    kind: ChannelKind
    t_ns: int
    v: tuple[float, ...]
    q: int


class Page(NamedTuple):
    """What `read` answers."""

    ids: Sequence[str]
    columns: Columns
    next_ns: int


class MemoryStore:
    """Remembers everything; `running` are the intervals that `runs` answers."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.changes: list[tuple[int, str, str, bytes | None]] = []
        self.enrolled: dict[str, Sensor] = {}
        self.running: list[tuple[int, int]] = []
        self.refusals: list[Exception] = []
        self.opened = self.closed = False

    async def open(self) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.opened = True

    def enrol(self, sensors: Iterable[Sensor]) -> None:
        self.enrolled |= {sensor.id: sensor for sensor in sensors}

    def append(self, kind: ChannelKind, columns: Columns, ids: Sequence[str]) -> None:
        values = columns.v.reshape(len(columns), -1).tolist()
        for handle, t_ns, v, q in zip(
            columns.ids.tolist(), columns.t_ns.tolist(), values, columns.q.tolist(), strict=True
        ):
            assert ids[handle] in self.enrolled, "a sample before its sensor"
            self.rows.append(Row(ids[handle], kind, t_ns, tuple(v), q))

    def record(self, cls: str, id: str, raw: bytes | None, t_ns: int) -> None:
        self.changes.append((t_ns, cls, id, raw))

    async def query(self, span: Span) -> Columns:
        mine = sorted(
            (r for r in self.rows if r.sensor == span.sensor and span.start_ns <= r.t_ns < span.end_ns),
            key=lambda r: r.t_ns,
        )
        if not mine:
            return nothing(ChannelKind.SCALAR)
        return thin(columns_of(mine), span.start_ns, span.end_ns, span.max_points)

    async def read(
        self,
        ids: Sequence[str],
        kind: ChannelKind,
        start_ns: int,
        end_ns: int,
        limit_rows: int = 100_000,
        since_ns: int = 0,
    ) -> Page:
        mine = sorted(
            (r for r in self.rows if r.sensor in ids and r.kind is kind and start_ns <= r.t_ns < end_ns),
            key=lambda r: r.t_ns,
        )
        rest = mine[limit_rows:]
        page, next_ns = mine[:limit_rows], 0
        if rest:  # rows of one time stay together
            next_ns = rest[0].t_ns
            page = [r for r in page if r.t_ns < next_ns]
        handles = np.array([list(ids).index(r.sensor) for r in page], np.uint32)
        columns = columns_of(page, kind) if page else nothing(kind)
        return Page(tuple(ids), msgspec.structs.replace(columns, ids=handles), next_ns)

    async def runs(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        return [(max(a, start_ns), min(b, end_ns)) for a, b in self.running if a < end_ns and b > start_ns]

    async def recorded(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        return await self.runs(start_ns, end_ns)

    def sensors(self) -> list[Sensor]:
        return list(self.enrolled.values())

    async def covered(self) -> tuple[int, int]:
        times = [row.t_ns for row in self.rows]
        return (min(times), max(times)) if times else (0, 0)

    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]:
        found: dict[str, dict[str, bytes]] = {}
        for at_ns, cls, id_, raw in sorted(self.changes, key=lambda change: change[0]):
            if at_ns <= t_ns and raw is not None:
                found.setdefault(cls, {})[id_] = raw
            elif at_ns <= t_ns:
                found.get(cls, {}).pop(id_, None)
        return found

    async def entity_changes(self, start_ns: int, end_ns: int) -> list[tuple[int, str, str, bytes | None]]:
        return sorted((c for c in self.changes if start_ns <= c[0] < end_ns), key=lambda change: change[0])

    async def import_columns(
        self, sensors: Iterable[Sensor], kind: ChannelKind, columns: Columns, ids: Sequence[str]
    ) -> None:
        self.enrol(sensors)
        self.append(kind, columns, ids)

    async def saved(self) -> None:
        pass

    async def settle(self) -> None:
        pass

    def unsettled(self, days: Iterable[int], since_s: float) -> int:
        return 0

    async def close(self) -> None:
        self.closed = True


def columns_of(rows: Sequence[Row], kind: ChannelKind | None = None) -> Columns:
    """Rows of one kind as columns, without ids."""
    v = np.array([row.v for row in rows])
    wide = WIDTH[kind or rows[0].kind] > 1
    return Columns(
        t_ns=np.array([row.t_ns for row in rows], np.int64),
        v=v if wide else v[:, 0],
        q=np.array([row.q for row in rows], np.uint8),
    )
