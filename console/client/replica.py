"""What the console knows: last samples, entities, freshness, and what changed; knows no socket and no Qt.

Every array is indexed by the connection's handle; durable ids survive a reconnect because handles are told anew and the
rings are kept by id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import (
    ENTITY_CLASSES,
    NS,
    Area,
    ChannelKind,
    Columns,
    Entity,
    Freshness,
    Latest,
    Notice,
    Quality,
    Sensor,
    Severity,
    Text,
    WireError,
)
from console.client.backlog import Backlog, Part
from console.client.feeds import Feeds
from console.client.gaps import Gaps, Hole
from console.client.rings import Rings
from console.wire.codec import unpack_batch
from console.wire.frames import Batch, Entities, Handles, NoticeFrame, Past
from console.wire.rows import every, one_each

UNREADABLE: Final = "link:unreadable"
_STALE_S: Final = 10.0
_STALE_MOST_S: Final = 100 * 365 * 86_400.0
_AHEAD_NS: Final = 60 * NS
"""A sample claiming to be further ahead of the node's clock has no age that can be told."""


class Replica:
    """See the module. Rows are this replica's own numbers of sensor ids, stable over reconnects."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Entity]] = {name: {} for name in ENTITY_CLASSES}
        self.notices: dict[str, Notice] = {}
        self._row: dict[str, int] = {}
        self._ids: list[str] = []
        self._row_of_handle = np.zeros(0, np.int64)
        self._scalar, self._position = Rings(1), Rings(5)
        self._rings: Mapping[str, Rings] = {
            ChannelKind.SCALAR: self._scalar,
            ChannelKind.STATE: self._scalar,
            ChannelKind.POSITION: self._position,
        }
        self._t = np.zeros(0, np.int64)
        self._order = np.zeros(0, np.int64)
        """Time that the next last sample must reach; a claimed time that is not credible does not move it."""
        self._v = np.zeros(0)
        self._place = np.zeros((0, 5))
        """Of position sensors, all five."""
        self._q = np.zeros(0, np.uint8)
        self._here = np.zeros(0, bool)
        self._channel: dict[int, ChannelKind] = {}
        self._stale_ns = np.zeros(0, np.int64)
        self._touched = np.zeros(0, bool)
        self.feeds = Feeds()
        """Which feed each sensor is taken from."""
        self._gaps = Gaps()
        self._backlog = Backlog()
        self._dirty_entities: set[str] = set()
        self._heads: dict[str, dict[str, tuple[str, ...]]] = {}
        self.samples = 0
        self.skipped = 0
        """Messages, batches or entities that this version cannot read."""
        self.notices_changed = False

    # ------------------------------------------------------------------ from the link

    def begin(self) -> None:
        """A new connection: handles are told anew; everything known stays, visibly ageing."""
        self._row_of_handle = np.zeros(0, np.int64)
        self.feeds.reconnect()
        self.notices.clear()
        self.notices_changed = True

    def forget(self) -> None:
        """Another time is shown from now on: forget entities and samples, keep handles, feeds and ids."""
        self._heads.clear()
        for cls, known in self.entities.items():
            known.clear()
            self._dirty_entities.add(cls)
        self._scalar.clear()
        self._position.clear()
        self._t[:] = self._order[:] = self._q[:] = 0
        self._v[:] = self._place[:] = np.nan
        self._here[:] = self._touched[:] = False
        self._gaps.clear()
        self._backlog.clear()

    def take_handles(self, frame: Handles) -> None:
        """Learn which sensors the connection's handles mean. Raises WireError where some were left out."""
        have = len(self._row_of_handle)
        if not 0 <= frame.first <= have:
            raise WireError("handles", found=f"first = {frame.first}", expected=f"0 to {have}")
        rows = np.array([self._enrol(id_) for id_ in frame.ids], np.int64)
        self._row_of_handle = np.concatenate([self._row_of_handle[: frame.first], rows])
        self.feeds.forget_plans()

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
        self._order = np.concatenate([self._order, np.zeros(more, np.int64)])
        self._here = np.concatenate([self._here, np.zeros(more, bool)])
        self._v = np.concatenate([self._v, np.full(more, np.nan)])
        self._place = np.concatenate([self._place, np.full((more, 5), np.nan)])
        self._q = np.concatenate([self._q, np.zeros(more, np.uint8)])
        self._stale_ns = np.concatenate([self._stale_ns, np.full(more, 10 * NS)])
        self._touched = np.concatenate([self._touched, np.zeros(more, bool)])
        self.feeds.grow(rows)

    def feed_begins(self, sub: int, feed: int, strategy: str = "latest") -> None:
        """The node feeds subscription `sub` by `feed`, which goes on with the sensors it brought before a cut."""
        self.feeds.begins(sub, feed, strategy)

    def feed_ends(self, sub: int) -> None:
        """A subscription ended: what its feed alone brought may come by another."""
        self.feeds.ends(sub)

    # ------------------------------------------------------------------ what was lost

    def lost(self, sub: int, from_ns: int, to_ns: int, *, conflated: bool = False, late: bool = False) -> None:
        """Samples of a subscription with times in [from_ns, to_ns] did not come.

        `conflated`: the newest of each sensor did. `late`: those that came in time did.
        """
        rows = self.feeds.brought(sub)
        self._gaps.add(Hole(sub, rows, from_ns, to_ns, conflated, late))
        self._touched |= rows

    def filled(self, sub: int, from_ns: int, to_ns: int, *, late: bool = False) -> None:
        """All that a subscription would have brought of [from_ns, to_ns] has been taken by `take_past`.

        `late`: of that only what had arrived late.
        """
        self._gaps.fill(sub, from_ns, to_ns, late=late)

    def take_past(self, past: Past) -> None:
        """Take fetched samples, each that is here already only once; they are in the next window that is read.

        Raises WireError when they are malformed.
        """
        columns = unpack_batch(past, len(self._row_of_handle))
        rings = self._rings.get(past.kind)
        if columns is None or rings is None or len(columns) == 0:
            return
        rows = self._row_of_handle[columns.ids]
        rings.grow(len(self._t))
        self._backlog.add(Part(rings, rows, columns))
        newer = columns.t_ns > self._order[rows]
        if newer.any():
            part = Columns(t_ns=columns.t_ns[newer], v=columns.v[newer], q=columns.q[newer])
            self._keep_last(rows[newer], part)
        self._touched[rows] = True

    def gaps(self, id_: str) -> list[tuple[int, int]]:
        """Known holes of the sensor's ring, [from_ns, to_ns], ascending."""
        row = self._row.get(id_, -1)
        if row < 0:
            return []
        return self._gaps.of(row, lambda: self.window(id_, -(1 << 62), 1 << 62).t_ns)

    # ------------------------------------------------------------------ entities

    def take_entities(self, frame: Entities) -> None:
        """Apply an entities frame; what this version cannot read of it is skipped and counted, the rest taken."""
        cls = ENTITY_CLASSES.get(frame.cls)
        if cls is None:
            self.skip(f"entities of class {frame.cls}")
            return
        known = self.entities[frame.cls]
        before = known
        if frame.full:
            before = dict(known)
            known.clear()
            if cls is Sensor:
                self._here[:] = False
        moved = False
        for raw in frame.put:
            try:
                entity = msgspec.msgpack.decode(raw, type=cls)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                self.skip(f"{frame.cls}: {error}", Severity.WARNING)
                continue
            if isinstance(entity, Sensor):
                self._take_sensor(entity, changed=before.get(entity.id) != entity)
            elif cls is Area and before.get(entity.id) != entity:
                moved = True
            known[entity.id] = entity
        self._take_heads(frame)
        for id_ in frame.drop:
            if known.pop(id_, None) is not None and cls is Sensor:
                self._here[self._row[id_]] = False
                self.feeds.free(self._row[id_])
        if cls is Area and (moved or frame.drop or (not frame.more and len(known) < len(before))):
            self.feeds.free(slice(None))  # other sensors may now lie in what a feed selects
        self._dirty_entities.add(frame.cls)

    def _take_heads(self, frame: Entities) -> None:
        known = self._heads.setdefault(frame.cls, {})
        if frame.full:
            known.clear()
        known.update(frame.heads)
        for id_ in frame.drop:
            known.pop(id_, None)

    def heads(self, cls: str, id_: str) -> tuple[str, ...]:
        """Journal entries that whoever sees the entity has seen; none where the journal has nothing of it."""
        return self._heads.get(cls, {}).get(id_, ())

    def _take_sensor(self, sensor: Sensor, *, changed: bool) -> None:
        row = self._enrol(sensor.id)
        self._here[row] = True
        if changed:  # it may have gone from one feed's selector to another's
            self.feeds.free(row)
        stale_s = sensor.stale_after_s if math.isfinite(sensor.stale_after_s) else _STALE_S
        self._stale_ns[row] = int(min(max(stale_s, 0.0), _STALE_MOST_S) * NS)
        if self._channel.setdefault(row, sensor.channel) is not sensor.channel:
            self._channel[row] = sensor.channel
            self._t[row] = self._order[row] = 0
            self._v[row] = self._place[row] = np.nan
            self._scalar.forget(row)
            self._position.forget(row)

    def skip(self, why: str, severity: Severity = Severity.INFO) -> None:
        """Count what this version cannot use of the node's messages, and say so by a notice: never silently."""
        self.skipped += 1
        self.notices_changed = True
        self.notices[UNREADABLE] = Notice(
            key=UNREADABLE,
            severity=severity,
            summary=Text(
                f"节点发来 {self.skipped} 项本版本读不懂的内容，已跳过",
                f"{self.skipped} things from the node that this version cannot read were left out",
            ),
            detail=why[:300],
            tip=Text("节点可能比本席新", "The node may be newer than this console"),
        )

    # ------------------------------------------------------------------ samples

    def take_batch(self, frame: Batch) -> None:
        """Append a batch's samples. Raises WireError when it is malformed."""
        plan = self.feeds.plan(frame)
        if plan is not None and not frame.snapshot:
            columns = unpack_batch(frame, 0, plan.ids)
            if columns is not None and len(columns):
                self.samples += len(columns)
                self._take_one_each(plan.rows, columns, self._rings_for(frame.kind))
                return
        columns = unpack_batch(frame, len(self._row_of_handle))
        if columns is None:
            self.skip(f"samples of kind {frame.kind}, type {frame.dtype}")
        elif len(columns):
            self._take_columns(frame, columns)

    def _take_columns(self, frame: Batch, columns: Columns) -> None:
        rows = self._row_of_handle[columns.ids]
        single = one_each(rows)
        news, new_here = self.feeds.once(rows if single is None else single, frame.feed)
        if new_here is not None and not frame.snapshot:
            # The feed that brought these sensors before may have brought some of it already.
            old = new_here & (self._t[rows] > 0) & (columns.t_ns <= self._t[rows])
            self._take_old(rows[old], columns, old, frame.kind)
            news = news & ~old
        if frame.snapshot:
            # Said again after each reconnect: what the ring already ends with is not appended twice.
            news = news & (columns.t_ns > self._t[rows])
        elif single is not None and every(news):
            self.feeds.keep_plan(frame, columns.ids, single)
        if not every(news):
            rows = rows[news]
            if len(rows) == 0:
                return
            columns = Columns(t_ns=columns.t_ns[news], v=columns.v[news], q=columns.q[news])
            single = one_each(rows)
        self.samples += len(columns)
        rings = self._rings_for(frame.kind)
        if single is not None:
            self._take_one_each(single, columns, rings)
            return
        if rings is not None:
            rings.append(rows, columns)
        self._keep_last(rows, columns)
        self._touched[rows] = True

    def _take_old(self, rows: np.ndarray, columns: Columns, old: np.ndarray, kind: str) -> None:
        """Put samples that are not newer than the last in their places, unless they are there."""
        rings = self._rings_for(kind)
        if rings is not None and len(rows):
            part = Columns(t_ns=columns.t_ns[old], v=columns.v[old], q=columns.q[old])
            Part(rings, rows, part).put_some(len(rows))
            self._touched[rows] = True

    def _rings_for(self, kind: str) -> Rings | None:
        rings = self._rings.get(kind)
        if rings is not None:
            rings.grow(len(self._t))
        return rings

    def _take_one_each(self, rows: np.ndarray | slice, columns: Columns, rings: Rings | None) -> None:
        """Of most batches: one sample of each sensor in it, none with a time that is not credible."""
        if rings is not None:
            rings.append_one_each(rows, columns)
        self._touched[rows] = True
        newer = columns.t_ns >= self._order[rows]
        if not every(newer) or (np.count_nonzero(columns.q) and (columns.q & Quality.CLOCK).any()):
            self._keep_last(np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows, columns)
            return
        self._order[rows] = self._t[rows] = columns.t_ns
        self._q[rows] = columns.q
        self._keep_values(rows, columns.v)

    def _keep_values(self, rows: np.ndarray | slice, v: np.ndarray) -> None:
        if v.ndim > 1:
            self._place[rows] = v
            v = v[:, 0]
        self._v[rows] = v

    def _keep_last(self, rows: np.ndarray, columns: Columns) -> None:
        """Each sensor's newest sample, of equal times the one that arrived last.

        A time that is not credible (Quality.CLOCK) is as new as its arrival, and never keeps a later one out.
        """
        claimed = (columns.q & Quality.CLOCK) != 0
        np.maximum.at(self._order, rows[~claimed], columns.t_ns[~claimed])
        newer = claimed | (columns.t_ns == self._order[rows])
        fresh = rows[newer]
        self._t[fresh], self._q[fresh] = columns.t_ns[newer], columns.q[newer]
        self._keep_values(fresh, columns.v[newer])

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

    def touch(self, cls: str) -> None:
        """Something about entities of a class is to be shown anew."""
        self._dirty_entities.add(cls)

    def drain(self) -> tuple[set[str], set[str]]:
        """(sensor ids, entity classes) changed since the last call."""
        self._backlog.tick()
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
        last = self._place if any(self._is_position(id_) for id_ in ids[:1]) else self._v
        v = np.full((n, *last.shape[1:]), np.nan)
        t[known], q[known], v[known] = self._t[rows[known]], self._q[rows[known]], last[rows[known]]
        # A rate costs a ring read: only short lists, as a list of alarms is, get one.
        rates = [self._scalar.rate(int(r), now_ns) if r >= 0 else float("nan") for r in rows] if n <= 64 else None
        rate = np.array(rates) if rates is not None else np.full(n, np.nan)
        return Latest(t_ns=t, v=v, q=q, rate_per_s=rate)

    def _is_position(self, id_: str) -> bool:
        sensor = self.entities[Sensor.CLS].get(id_)
        return isinstance(sensor, Sensor) and sensor.channel is ChannelKind.POSITION

    def window(self, id_: str, start_ns: int, end_ns: int) -> Columns:
        """What the ring holds of [start_ns, end_ns), ascending."""
        rings = self._position if self._is_position(id_) else self._scalar
        row = self._row.get(id_, 1 << 40)
        self._backlog.settle(rings, row)
        return rings.read(row, start_ns, end_ns)

    def freshness(self, id_: str, now_ns: int, link_up: bool) -> Freshness:
        """How the sensor's last value stands now."""
        row = self._row.get(id_, -1)
        if row < 0 or self._t[row] == 0:
            return Freshness.NEVER
        if not link_up:
            return Freshness.DISCONNECTED
        age_ns = now_ns - int(self._t[row])
        return Freshness.LIVE if -_AHEAD_NS <= age_ns <= self._stale_ns[row] else Freshness.STALE

    def counts(self, now_ns: int) -> tuple[int, int, int]:
        """(sensors known, sensors live, time of the newest sample in ns)."""
        t = self._t[self._here]
        age_ns = now_ns - t
        credible = (t > 0) & (age_ns >= -_AHEAD_NS)
        live = credible & (age_ns <= self._stale_ns[self._here])
        return len(t), int(live.sum()), int(t[credible].max(initial=0))

    def all(self, cls: type[Entity]) -> Mapping[str, Entity]:
        """All entities of a class, by id; a live view."""
        return self.entities[cls.CLS]
