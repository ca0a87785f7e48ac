"""What the console knows: rings of samples, entities, freshness, and what changed; knows no socket and no Qt.

Every array is indexed by the connection's handle; durable ids survive a reconnect because handles are told anew and the
rings are kept by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import (
    ENTITY_CLASSES,
    NS,
    ChannelKind,
    Columns,
    Entity,
    Freshness,
    Latest,
    Notice,
    Sensor,
    Severity,
)
from console.wire.codec import unpack_batch
from console.wire.frames import Batch, Entities, Handles, NoticeFrame

RING: Final = 1024
"""Samples kept of each sensor: 17 minutes at 1 Hz; what lies behind comes by query."""
_RATE_SPAN_NS: Final = 60 * NS


class Rings:
    """One 2-D ring a channel kind: rows are sensors, columns the last `RING` samples in arrival order."""

    def __init__(self, width: int) -> None:
        self.width = width
        shape = (0, RING) if width == 1 else (0, RING, width)
        self._t = np.zeros((0, RING), np.int64)
        self._v = np.zeros(shape)
        self._q = np.zeros((0, RING), np.uint8)
        self._count = np.zeros(0, np.int64)

    def grow(self, rows: int) -> None:
        """Make room for `rows` sensors; untouched pages cost no memory."""
        have = len(self._count)
        if rows <= have:
            return
        room = max(rows, 2 * have)
        tail = (RING,) if self.width == 1 else (RING, self.width)
        t, v, q = np.zeros((room, RING), np.int64), np.zeros((room, *tail)), np.zeros((room, RING), np.uint8)
        t[:have], v[:have], q[:have] = self._t, self._v, self._q
        self._t, self._v, self._q = t, v, q
        self._count = np.concatenate([self._count, np.zeros(room - have, np.int64)])

    def append(self, rows: np.ndarray, columns: Columns) -> None:
        """Append n samples; `rows` i64 (n,) is each sample's sensor, in any order, repeats kept in order."""
        order = np.argsort(rows, kind="stable")
        sorted_rows = rows[order]
        starts = np.flatnonzero(np.r_[True, sorted_rows[1:] != sorted_rows[:-1]])
        counts = np.diff(np.r_[starts, len(sorted_rows)])
        within = np.arange(len(sorted_rows)) - np.repeat(starts, counts)
        slot = (self._count[sorted_rows] + within) % RING
        self._t[sorted_rows, slot] = columns.t_ns[order]
        self._v[sorted_rows, slot] = columns.v[order]
        self._q[sorted_rows, slot] = columns.q[order]
        self._count[sorted_rows[starts]] += counts

    def read(self, row: int, start_ns: int, end_ns: int) -> Columns:
        """The samples of [start_ns, end_ns), ascending in time."""
        count = int(self._count[row]) if row < len(self._count) else 0
        kept = min(count, RING)
        slots = np.arange(count - kept, count) % RING
        t = self._t[row, slots] if kept else np.empty(0, np.int64)
        if kept > 1 and bool((np.diff(t) < 0).any()):
            slots = slots[np.argsort(t, kind="stable")]
            t = self._t[row, slots]
        a, b = np.searchsorted(t, [start_ns, end_ns])
        slots = slots[a:b]
        if not kept:
            empty = np.empty(0) if self.width == 1 else np.empty((0, self.width))
            return Columns(t_ns=t, v=empty, q=np.empty(0, np.uint8))
        return Columns(t_ns=t[a:b], v=self._v[row, slots], q=self._q[row, slots])

    def rate(self, row: int, now_ns: int) -> float:
        """Change per second over the last minute's good samples; NaN with fewer than two."""
        recent = self.read(row, now_ns - _RATE_SPAN_NS, now_ns + NS)
        good = np.isfinite(recent.v) if self.width == 1 else np.zeros(0, bool)
        t, v = recent.t_ns[good], recent.v[good]
        if len(t) < 2 or t[-1] == t[0]:
            return float("nan")
        third = max(1, len(t) // 3)
        span_s = float(t[-third:].mean() - t[:third].mean()) / NS
        return float(v[-third:].mean() - v[:third].mean()) / span_s if span_s > 0 else float("nan")

    def clear(self) -> None:
        """Forget all samples."""
        self._count[:] = 0


class Replica:
    """See the module. Rows are this replica's own numbers of sensor ids, stable over reconnects."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Entity]] = {name: {} for name in ENTITY_CLASSES}
        self.notices: dict[str, Notice] = {}
        self._row: dict[str, int] = {}
        self._ids: list[str] = []
        self._row_of_handle = np.zeros(0, np.int64)
        self._scalar, self._position = Rings(1), Rings(5)
        self._t = np.zeros(0, np.int64)
        self._v = np.zeros((0, 5))
        self._q = np.zeros(0, np.uint8)
        self._stale_ns = np.zeros(0, np.int64)
        self._touched = np.zeros(0, bool)
        self._feed_of_row = np.zeros(0, np.int64)
        self._feed_of_sub: dict[int, int] = {}
        self._dirty_entities: set[str] = set()
        self.samples = 0
        self.skipped = 0
        """Batches or entities of a kind this version does not know."""
        self.notices_changed = False

    # ------------------------------------------------------------------ from the link

    def begin(self) -> None:
        """A new connection: handles are told anew; everything known stays, visibly ageing."""
        self._row_of_handle = np.zeros(0, np.int64)
        self._feed_of_row[:] = 0
        self._feed_of_sub.clear()
        self.notices.clear()
        self.notices_changed = True

    def take_handles(self, frame: Handles) -> None:
        """Learn which sensors the connection's handles mean."""
        rows = np.array([self._enrol(id_) for id_ in frame.ids], np.int64)
        self._row_of_handle = np.concatenate([self._row_of_handle[: frame.first], rows])

    def _enrol(self, id_: str) -> int:
        row = self._row.get(id_)
        if row is None:
            row = self._row[id_] = len(self._ids)
            self._ids.append(id_)
            if row >= len(self._t):
                self._grow(max(64, 2 * row))
        return row

    def _grow(self, rows: int) -> None:
        more = rows - len(self._t)
        self._t = np.concatenate([self._t, np.zeros(more, np.int64)])
        self._v = np.concatenate([self._v, np.full((more, 5), np.nan)])
        self._q = np.concatenate([self._q, np.zeros(more, np.uint8)])
        self._stale_ns = np.concatenate([self._stale_ns, np.full(more, 10 * NS)])
        self._touched = np.concatenate([self._touched, np.zeros(more, bool)])
        self._feed_of_row = np.concatenate([self._feed_of_row, np.zeros(more, np.int64)])

    def feed_begins(self, sub: int, feed: int) -> None:
        """The node feeds subscription `sub` by `feed`."""
        self._feed_of_sub[sub] = feed

    def feed_ends(self, sub: int) -> None:
        """A subscription ended: what its feed alone brought may come by another."""
        feed = self._feed_of_sub.pop(sub, 0)
        if feed and feed not in self._feed_of_sub.values():
            self._feed_of_row[self._feed_of_row == feed] = 0

    def _once(self, rows: np.ndarray, feed: int) -> np.ndarray:
        """Which samples to take where feeds overlap: each sensor's from the feed that brought it first."""
        if feed not in self._feed_of_sub.values():
            # of a subscription that has ended meanwhile: it must not take sensors that another feed brings
            return np.zeros(len(rows), bool)
        free = rows[self._feed_of_row[rows] == 0]
        self._feed_of_row[free] = feed
        mine: np.ndarray = self._feed_of_row[rows] == feed
        return mine

    def take_entities(self, frame: Entities) -> None:
        """Apply an entities frame; a class this version does not know is skipped and counted."""
        cls = ENTITY_CLASSES.get(frame.cls)
        if cls is None:
            self.skipped += 1
            return
        known = self.entities[frame.cls]
        if frame.full:
            known.clear()
        for raw in frame.put:
            entity = msgspec.msgpack.decode(raw, type=cls)
            known[entity.id] = entity
            if isinstance(entity, Sensor):
                self._stale_ns[self._enrol(entity.id)] = int(entity.stale_after_s * NS)
        for id_ in frame.drop:
            known.pop(id_, None)
        self._dirty_entities.add(frame.cls)

    def take_batch(self, frame: Batch) -> None:
        """Append a batch's samples. Raises WireError when it is malformed."""
        columns = unpack_batch(frame, len(self._row_of_handle))
        if columns is None:
            self.skipped += 1
            return
        if len(columns) == 0:
            return
        rows = self._row_of_handle[columns.ids]
        news = self._once(rows, frame.feed)
        if frame.snapshot:
            # Said again after each reconnect: what the ring already ends with is not appended twice.
            news &= columns.t_ns > self._t[rows]
        if not news.all():
            rows = rows[news]
            columns = Columns(t_ns=columns.t_ns[news], v=columns.v[news], q=columns.q[news])
        if len(rows) == 0:
            return
        self.samples += len(columns)
        position = frame.kind == ChannelKind.POSITION
        if frame.kind != ChannelKind.EVENT:
            rings = self._position if position else self._scalar
            rings.grow(len(self._t))
            rings.append(rows, columns)
        newer = columns.t_ns >= self._t[rows]
        fresh = rows[newer]
        self._t[fresh], self._q[fresh] = columns.t_ns[newer], columns.q[newer]
        if position:
            self._v[fresh] = columns.v[newer]
        elif columns.v.ndim == 1 and len(columns.v) == len(rows):
            self._v[fresh, 0] = columns.v[newer]
        self._touched[rows] = True

    def take_notice(self, frame: NoticeFrame) -> None:
        """Raise or clear a notice of the node."""
        self.notices_changed = True
        if frame.cleared:
            self.notices.pop(frame.key, None)
            return
        self.notices[frame.key] = Notice(
            key=frame.key,
            severity=Severity(frame.severity) if frame.severity in tuple(Severity) else Severity.WARNING,
            summary=frame.summary,
            detail=frame.detail,
            tip=frame.tip,
            since_ns=frame.since_ns,
        )

    # ------------------------------------------------------------------ to the desk

    def drain(self) -> tuple[set[str], set[str]]:
        """(sensor ids, entity classes) changed since the last call."""
        rows = np.flatnonzero(self._touched)
        self._touched[rows] = False
        entities, self._dirty_entities = self._dirty_entities, set()
        ids = self._ids
        return {ids[row] for row in rows}, entities

    def latest(self, ids: Sequence[str], now_ns: int) -> Latest:
        """The last sample of each id, in order; unknown ids as never received."""
        rows = np.fromiter((self._row.get(id_, -1) for id_ in ids), np.int64, len(ids))
        known = rows >= 0
        n = len(ids)
        t, q = np.zeros(n, np.int64), np.zeros(n, np.uint8)
        v = np.full((n, 5), np.nan)
        t[known], q[known], v[known] = self._t[rows[known]], self._q[rows[known]], self._v[rows[known]]
        positions = any(self._is_position(id_) for id_ in ids[:1])
        # A rate costs a ring read: only short lists, as a list of alarms is, get one.
        rates = [self._scalar.rate(int(r), now_ns) if r >= 0 else float("nan") for r in rows] if n <= 64 else None
        rate = np.array(rates) if rates is not None else np.full(n, np.nan)
        return Latest(t_ns=t, v=v if positions else v[:, 0].copy(), q=q, rate_per_s=rate)

    def _is_position(self, id_: str) -> bool:
        sensor = self.entities[Sensor.CLS].get(id_)
        return isinstance(sensor, Sensor) and sensor.channel is ChannelKind.POSITION

    def window(self, id_: str, start_ns: int, end_ns: int) -> Columns:
        """What the ring holds of [start_ns, end_ns), ascending."""
        rings = self._position if self._is_position(id_) else self._scalar
        return rings.read(self._row.get(id_, 1 << 40), start_ns, end_ns)

    def freshness(self, id_: str, now_ns: int, link_up: bool) -> Freshness:
        """How the sensor's last value stands now."""
        row = self._row.get(id_, -1)
        if row < 0 or self._t[row] == 0:
            return Freshness.NEVER
        if not link_up:
            return Freshness.DISCONNECTED
        return Freshness.STALE if now_ns - self._t[row] > self._stale_ns[row] else Freshness.LIVE

    def counts(self, now_ns: int) -> tuple[int, int, int]:
        """(sensors known, sensors live, time of the newest sample in ns)."""
        known = len(self._ids)
        t = self._t[:known]
        live = int(((t > 0) & (now_ns - t <= self._stale_ns[:known])).sum())
        return known, live, int(t.max(initial=0))

    def all(self, cls: type[Entity]) -> Mapping[str, Entity]:
        """All entities of a class, by id; a live view."""
        return self.entities[cls.CLS]
