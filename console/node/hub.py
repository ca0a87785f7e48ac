"""What the node knows now, and who is told: entities, handles, last samples, feeds; knows no socket and no source.

One loop owns a hub. Samples wait for `FLUSH_ROWS` of them or `FLUSH_S`, whichever is sooner, and are encoded once a
feed, however many consoles read it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import (
    LIVE,
    Area,
    ChannelKind,
    Columns,
    Entity,
    Notice,
    Quality,
    Selector,
    Sensor,
)
from console.wire.codec import encode, encode_value, pack_batch
from console.wire.frames import Batch, Entities, Handles, Message, NoticeFrame

FLUSH_S: Final = 0.05
FLUSH_ROWS: Final = 1_000
"""Websockets carry frames of so many samples at nearly their full rate; waiting for more would only make them late."""
FRAME_ROWS: Final = 10_000
"""The most rows of one frame: longer ones are slower a sample, and keep what is urgent waiting behind them."""
ENTITIES_A_FRAME: Final = 400
_EMPTY_I64: Final = np.empty(0, np.int64)


class Outlet(Protocol):
    """One reader's way out; `send` never waits."""

    def send(self, data: bytes, *, feed: int = 0, seq: int = 0, rows: int = 0) -> None:
        """Queue one message; `feed` > 0 marks a batch of `rows` samples that may be dropped when the reader is slow."""
        ...


class Feed:
    """One selector's stream, shared by all who asked for the same."""

    def __init__(self, number: int, key: str, selector: Selector, strategy: str) -> None:
        self.number, self.key, self.selector, self.strategy = number, key, selector, strategy
        self.seq = 0
        self.mask = np.zeros(0, bool)
        self.readers: set[Outlet] = set()
        self.encodes = 0


class Hub:
    """See the module. `clock` gives node time, UTC ns."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self.clock = clock
        self.entities: dict[str, dict[str, Entity]] = {}
        self.ids: list[str] = []
        self.handles: dict[str, int] = {}
        self.owner: dict[str, str] = {}
        """Source id by sensor id."""
        self.files: dict[str, bytes] = {}
        self.camera_urls: dict[tuple[str, str], str] = {}
        self.notices: dict[str, Notice] = {}
        self.readers: set[Outlet] = set()
        self.on_samples: Callable[[ChannelKind, Columns], None] | None = None
        self.samples_in = 0
        self._kind_of: list[ChannelKind] = []
        self._single = np.zeros(0, bool)
        self._last_t = _EMPTY_I64
        self._last_v = np.empty((0, 5))
        self._last_q = np.empty(0, np.uint8)
        self._feeds: dict[str, Feed] = {}
        self._pending: dict[ChannelKind, list[Columns]] = {}
        self._pending_rows = 0
        self._dirty: dict[str, dict[str, Entity | None]] = {}
        self._entity_seq = 0
        self._feed_count = 0

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is read now, a feed a distinct subscription."""
        return tuple(self._feeds.values())

    # ------------------------------------------------------------------ from sources

    def put(self, source: str, entities: Iterable[Entity]) -> None:
        """Add or replace entities; sensors get a handle and remember their source."""
        sensors: list[Sensor] = []
        for entity in entities:
            known = self.entities.setdefault(entity.CLS, {})
            if known.get(entity.id) == entity:
                continue
            known[entity.id] = entity
            self._dirty.setdefault(entity.CLS, {})[entity.id] = entity
            if isinstance(entity, Sensor):
                self.owner[entity.id] = source
                sensors.append(entity)
        if sensors:
            self._enrol(sensors)

    def drop(self, cls: type[Entity], ids: Iterable[str]) -> None:
        """Forget entities; a sensor's handle stays taken."""
        for id_ in ids:
            if self.entities.get(cls.CLS, {}).pop(id_, None) is not None:
                self._dirty.setdefault(cls.CLS, {})[id_] = None

    def _enrol(self, sensors: Sequence[Sensor]) -> None:
        first = len(self.ids)
        for sensor in sensors:
            if sensor.id not in self.handles:
                self.handles[sensor.id] = len(self.ids)
                self.ids.append(sensor.id)
                self._kind_of.append(sensor.channel)
        more = len(self.ids) - first
        if more:
            self._single = np.concatenate([self._single, np.zeros(more, bool)])
            self._last_t = np.concatenate([self._last_t, np.zeros(more, np.int64)])
            self._last_v = np.concatenate([self._last_v, np.full((more, 5), np.nan)])
            self._last_q = np.concatenate([self._last_q, np.zeros(more, np.uint8)])
            self._tell(Handles(first=first, ids=tuple(self.ids[first:])))
        for sensor in sensors:
            self._single[self.handles[sensor.id]] = sensor.dtype == "f4"
        for feed in self._feeds.values():
            feed.mask = self._mask(feed.selector)

    def samples(self, kind: ChannelKind, columns: Columns) -> None:
        """Take samples: last values at once, readers at the next flush. Unknown handles raise IndexError."""
        n = len(columns)
        if n == 0:
            return
        if int(columns.ids.max()) >= len(self.ids):
            raise IndexError(f"handle {int(columns.ids.max())} was never put; {len(self.ids)} are known")
        self.samples_in += n
        columns = self._flag_clock(columns)
        ids = columns.ids
        # Duplicate ids in one assignment: numpy keeps the last, which is the newest in arrival order.
        fresh = columns.t_ns >= self._last_t[ids]
        rows = ids[fresh]
        self._last_t[rows] = columns.t_ns[fresh]
        self._last_q[rows] = columns.q[fresh]
        if columns.v.ndim > 1:
            self._last_v[rows] = columns.v[fresh]
        else:
            self._last_v[rows, 0] = columns.v[fresh]
        self._pending.setdefault(kind, []).append(columns)
        self._pending_rows += n
        if self.on_samples is not None:
            self.on_samples(kind, columns)
        if self._pending_rows >= FLUSH_ROWS:
            self.flush()

    def _flag_clock(self, columns: Columns) -> Columns:
        """A stamp more than 60 s ahead of the node's clock is kept as claimed and flagged (house rule)."""
        ahead = columns.t_ns > self.clock() + 60_000_000_000
        if not ahead.any():
            return columns
        q = np.where(ahead, columns.q | Quality.CLOCK, columns.q).astype(np.uint8)
        return msgspec.structs.replace(columns, q=q)

    def notice(self, notice: Notice) -> None:
        """Raise a notice, or replace the one of the same key (its `since_ns` then stays)."""
        old = self.notices.get(notice.key)
        since = old.since_ns if old else notice.since_ns or self.clock()
        notice = msgspec.structs.replace(notice, since_ns=since)
        if notice != old:
            self.notices[notice.key] = notice
            self._tell(_notice_frame(notice))

    def clear_notice(self, key: str) -> None:
        """Clear a notice; nothing happens when there is none."""
        if self.notices.pop(key, None) is not None:
            self._tell(NoticeFrame(key=key, cleared=True))

    def keep_file(self, content: bytes) -> str:
        """Keep a file by content hash; returns its sha256 in hex."""
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    # ------------------------------------------------------------------ to readers

    def join(self, reader: Outlet) -> None:
        """Tell a new reader everything there is, then every change."""
        reader.send(encode(Handles(first=0, ids=tuple(self.ids))))
        for cls, known in self.entities.items():
            for frame in self._entity_frames(cls, list(known.values()), [], full=True):
                reader.send(encode(frame))
        for notice in self.notices.values():
            reader.send(encode(_notice_frame(notice)))
        self.readers.add(reader)

    def leave(self, reader: Outlet) -> None:
        """Forget a reader and the feeds that nobody reads any more."""
        self.readers.discard(reader)
        for key, feed in list(self._feeds.items()):
            feed.readers.discard(reader)
            if not feed.readers:
                del self._feeds[key]

    def subscribe(self, reader: Outlet, selector: Selector, strategy: str, context: str = LIVE) -> Feed:
        """Feed `reader` what `selector` matches, last values first (by the caller: see `snapshot`)."""
        key = f"{context}|{strategy}|{hashlib.sha256(msgspec.msgpack.encode(selector)).hexdigest()[:16]}"
        feed = self._feeds.get(key)
        if feed is None:
            self._feed_count += 1
            feed = self._feeds[key] = Feed(self._feed_count, key, selector, strategy)
            feed.mask = self._mask(selector)
        feed.readers.add(reader)
        return feed

    def unsubscribe(self, reader: Outlet, feed: Feed) -> None:
        """End what `subscribe` began."""
        feed.readers.discard(reader)
        if not feed.readers:
            self._feeds.pop(feed.key, None)

    def snapshot(self, feed: Feed) -> list[Batch]:
        """The last known sample of each of the feed's sensors, a batch a channel kind."""
        batches = []
        had = np.flatnonzero(feed.mask[: len(self.ids)] & (self._last_t > 0))
        for kind in (ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION):
            rows = had[[self._kind_of[i] is kind for i in had]] if len(had) else had
            if len(rows) == 0:
                continue
            v = self._last_v[rows] if kind is ChannelKind.POSITION else self._last_v[rows, 0]
            columns = Columns(t_ns=self._last_t[rows], v=v, q=self._last_q[rows], ids=rows.astype(np.uint32))
            dtype = "i4" if kind is ChannelKind.STATE else "f8"
            batches.append(pack_batch(feed.number, feed.seq, kind, columns, dtype=dtype, snapshot=True))
        return batches

    def last(self, handle: int) -> tuple[int, float, int]:
        """(t_ns, first value, quality) of a handle's last sample; t_ns 0 for never."""
        return int(self._last_t[handle]), float(self._last_v[handle, 0]), int(self._last_q[handle])

    def flush(self) -> None:
        """Send what has gathered: changed entities, then samples, each encoded once a feed."""
        if self._dirty:
            dirty, self._dirty = self._dirty, {}
            for cls, changes in dirty.items():
                put = [entity for entity in changes.values() if entity is not None]
                gone = [id_ for id_, entity in changes.items() if entity is None]
                for frame in self._entity_frames(cls, put, gone, full=False):
                    self._tell(frame)
        pending, self._pending = self._pending, {}
        self._pending_rows = 0
        for kind, parts in pending.items():
            columns = parts[0] if len(parts) == 1 else _join(parts)
            for feed in self._feeds.values():
                self._publish(feed, kind, columns)

    def _publish(self, feed: Feed, kind: ChannelKind, columns: Columns) -> None:
        wanted = feed.mask[columns.ids]
        if not wanted.any():
            return
        if not wanted.all():
            columns = _take(columns, wanted)
        for dtype, part in self._frames(kind, columns):
            feed.seq += 1
            feed.encodes += 1
            data = encode(pack_batch(feed.number, feed.seq, kind, part, dtype=dtype))
            for reader in feed.readers:
                reader.send(data, feed=feed.number, seq=feed.seq, rows=len(part))

    def _frames(self, kind: ChannelKind, columns: Columns) -> Iterable[tuple[str, Columns]]:
        for dtype, part in self._by_dtype(kind, columns):
            if len(part) <= FRAME_ROWS:
                yield dtype, part
                continue
            for start in range(0, len(part), FRAME_ROWS):
                yield dtype, _take(part, slice(start, start + FRAME_ROWS))

    def _by_dtype(self, kind: ChannelKind, columns: Columns) -> list[tuple[str, Columns]]:
        if kind is ChannelKind.STATE:
            return [("i4", columns)]
        single = self._single[columns.ids]
        if kind is not ChannelKind.SCALAR or not single.any():
            return [("f8", columns)]
        if single.all():
            return [("f4", columns)]
        return [("f4", _take(columns, single)), ("f8", _take(columns, ~single))]

    def _entity_frames(self, cls: str, put: list[Entity], gone: list[str], *, full: bool) -> Iterable[Entities]:
        for start in range(0, max(len(put), 1), ENTITIES_A_FRAME):
            self._entity_seq += 1
            chunk = [encode_value(entity) for entity in put[start : start + ENTITIES_A_FRAME]]
            yield Entities(
                seq=self._entity_seq, cls=cls, full=full and start == 0, put=chunk, drop=gone if start == 0 else []
            )

    def _tell(self, message: Message) -> None:
        if self.readers:
            data = encode(message)
            for reader in self.readers:
                reader.send(data)

    # ------------------------------------------------------------------ selectors

    def _mask(self, selector: Selector) -> np.ndarray:
        sensors = self.entities.get(Sensor.CLS, {})
        areas = self._subtree(selector.area) if selector.area else None
        ids = frozenset(selector.ids)
        mask = np.zeros(len(self.ids), bool)
        for handle, id_ in enumerate(self.ids):
            sensor = sensors.get(id_)
            if isinstance(sensor, Sensor):
                mask[handle] = _matches(sensor, selector, areas, ids)
        return mask

    def _subtree(self, root: str) -> frozenset[str]:
        children: dict[str, list[str]] = {}
        for area in self.entities.get(Area.CLS, {}).values():
            if isinstance(area, Area):
                children.setdefault(area.parent, []).append(area.id)
        found, todo = {root}, [root]
        while todo:
            for child in children.get(todo.pop(), ()):
                if child not in found:
                    found.add(child)
                    todo.append(child)
        return frozenset(found)


def _matches(sensor: Sensor, selector: Selector, areas: frozenset[str] | None, ids: frozenset[str]) -> bool:
    return (
        (not selector.boards or sensor.board in selector.boards)
        and (areas is None or sensor.area in areas)
        and (not selector.kinds or sensor.kind in selector.kinds)
        and (not ids or sensor.id in ids)
        and (not selector.channels or sensor.channel in selector.channels)
    )


def _take(columns: Columns, rows: np.ndarray | slice) -> Columns:
    return Columns(t_ns=columns.t_ns[rows], v=columns.v[rows], q=columns.q[rows], ids=columns.ids[rows])


def _join(parts: Sequence[Columns]) -> Columns:
    return Columns(
        t_ns=np.concatenate([p.t_ns for p in parts]),
        v=np.concatenate([p.v for p in parts]),
        q=np.concatenate([p.q for p in parts]),
        ids=np.concatenate([p.ids for p in parts]),
    )


def _notice_frame(notice: Notice) -> NoticeFrame:
    return NoticeFrame(
        key=notice.key,
        severity=notice.severity.value,
        summary=notice.summary,
        detail=notice.detail,
        tip=notice.tip,
        since_ns=notice.since_ns,
    )
