"""A store in memory for tests of replays, with the store's own words; counts what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from console.api import ChannelKind, Columns, Entity, Value
from console.node.rows import take
from console.wire.codec import encode_value


class FakeRows(Value, frozen=True, kw_only=True, eq=False):
    """What `read` answers."""

    ids: Sequence[str]
    columns: Columns
    next_ns: int = 0


class FakeArchive:
    """Scalars by `put`, entities by `record`; `limit` makes reads shorter than asked."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.rows: list[tuple[int, int, float, int]] = []
        self.changes: list[tuple[int, str, str, bytes | None]] = []
        self.limit = 1 << 30
        self.fails: Exception | None = None
        self.reads: list[tuple[int, int]] = []
        self.span: tuple[int, int] | None = None

    def put(self, id_: str, t_ns: int, v: float, q: int = 0) -> None:
        """One sample."""
        if id_ not in self.ids:
            self.ids.append(id_)
        self.rows.append((t_ns, self.ids.index(id_), v, q))

    def record(self, t_ns: int, entity: Entity) -> None:
        """An entity as put."""
        self.changes.append((t_ns, entity.CLS, entity.id, bytes(encode_value(entity))))

    def drop(self, t_ns: int, cls: type[Entity], id_: str) -> None:
        """An entity is gone."""
        self.changes.append((t_ns, cls.CLS, id_, None))

    def of(self, id_: str) -> list[tuple[int, float, int]]:
        """All samples of a sensor in the order of their times."""
        number = self.ids.index(id_)
        return [(t_ns, v, q) for t_ns, n, v, q in sorted(self.rows, key=lambda row: row[0]) if n == number]

    async def read(
        self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, limit_rows: int = 100_000
    ) -> FakeRows:
        """As the store: ascending, cut where a time is whole."""
        if self.fails is not None:
            raise self.fails
        self.reads.append((start_ns, end_ns))
        place = {self.ids.index(id_): place for place, id_ in enumerate(ids) if id_ in self.ids}
        rows = sorted(
            (row for row in self.rows if start_ns <= row[0] < end_ns and row[1] in place), key=lambda row: row[0]
        )
        if kind is not ChannelKind.SCALAR:
            rows = []
        limit, next_ns = min(limit_rows, self.limit), 0
        if len(rows) > limit:
            next_ns = rows[limit][0]
            if next_ns == rows[0][0]:
                next_ns += 1
        columns = Columns(
            t_ns=np.array([row[0] for row in rows], np.int64),
            v=np.array([row[2] for row in rows], float),
            q=np.array([row[3] for row in rows], np.uint8),
            ids=np.array([place[row[1]] for row in rows], np.uint32),
        )
        if next_ns:
            columns = take(columns, columns.t_ns < next_ns)
        return FakeRows(ids=ids, columns=columns, next_ns=next_ns)

    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]:
        """As the store."""
        found: dict[str, dict[str, bytes]] = {}
        for changed_ns, cls, id_, raw in self.changes:
            if changed_ns <= t_ns:
                found.setdefault(cls, {}).pop(id_, None)
                if raw is not None:
                    found[cls][id_] = raw
        return found

    async def entity_changes(self, start_ns: int, end_ns: int) -> list[tuple[int, str, str, bytes | None]]:
        """As the store."""
        return [change for change in self.changes if start_ns <= change[0] < end_ns]

    async def recorded(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """As a store that recorded all the time, from its first sample to its last."""
        times = [row[0] for row in self.rows]
        first, last = self.span or ((min(times), max(times)) if times else (0, 0))
        return [(first, min(last, end_ns))] if last and first < end_ns else []
