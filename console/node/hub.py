"""What the node knows now, and who is told: entities, handles, last samples, feeds; knows no socket and no source.

One loop owns a hub. Samples wait for `FLUSH_ROWS` of them or `FLUSH_S`, whichever is sooner, and are encoded once a
feed, however many consoles read it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import (
    ENTITY_CLASSES,
    LIVE,
    Area,
    ChannelKind,
    Columns,
    Entity,
    Notice,
    Quality,
    Selector,
    Sensor,
    Severity,
    Text,
)
from console.node.choice import Choice
from console.node.rows import join, parts, sound, take
from console.wire.codec import encode, encode_value, pack_batch
from console.wire.frames import Batch, Entities, Handles, Message, NoticeFrame
from console.wire.rows import every, one_each

FLUSH_S: Final = 0.05
FLUSH_ROWS: Final = 1_000
"""Websockets carry frames of so many samples at nearly their full rate; waiting for more would only make them late."""
SETTLE_NS: Final = 5_000_000_000
"""So long after its start a node says of which classes it knows nothing."""
ENTITIES_A_FRAME: Final = 400
ENTITY_BYTES_A_FRAME: Final = 1 << 20
ENTITY_BYTES_MOST: Final = 3 << 20
"""A longer entity fits in no message: it is left out, and a notice says so."""
NAMES_A_FRAME: Final = 10_000
_KINDS: Final = tuple(ChannelKind)
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
        self.choice = Choice(selector, ())
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
        self.on_entity: Callable[[str, str, Entity | None], None] = lambda cls, id_, entity: None
        """Told each change: class, id, and the entity as put, None where it was dropped."""
        self.samples_in = 0
        self.run = secrets.token_hex(4)
        """This run of the node: the scope of every sequence."""
        self._kind = np.zeros(0, np.int8)
        self._single = np.zeros(0, bool)
        self._last_t = _EMPTY_I64
        self._order = _EMPTY_I64
        """Time that the next last sample must reach; a claimed time ahead of our clock counts as now."""
        self._last_v = np.empty((0, 5))
        self._last_q = np.empty(0, np.uint8)
        self._feeds: dict[str, Feed] = {}
        self._pending: dict[ChannelKind, list[Columns]] = {}
        self._pending_rows = 0
        self._dirty: dict[str, dict[str, Entity | None]] = {}
        self._entity_seqs: dict[str, int] = {}
        self._born_ns = clock()
        self._settled = False
        self._areas_changed = False
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
            self.on_entity(entity.CLS, entity.id, entity)
            if isinstance(entity, Sensor):
                self.owner[entity.id] = source
                sensors.append(entity)
            elif isinstance(entity, Area):
                self._areas_changed = True
        if sensors:
            self._enrol(sensors)

    def drop(self, cls: type[Entity], ids: Iterable[str]) -> None:
        """Forget entities; a sensor's handle stays taken."""
        for id_ in ids:
            if self.entities.get(cls.CLS, {}).pop(id_, None) is not None:
                self._dirty.setdefault(cls.CLS, {})[id_] = None
                self.on_entity(cls.CLS, id_, None)
                if cls is Sensor:
                    for feed in self._feeds.values():
                        feed.mask[self.handles[id_]] = False
        self._areas_changed |= cls is Area

    def _enrol(self, sensors: Sequence[Sensor]) -> None:
        first = len(self.ids)
        for sensor in sensors:
            if sensor.id not in self.handles:
                self.handles[sensor.id] = len(self.ids)
                self.ids.append(sensor.id)
        more = len(self.ids) - first
        if more:
            self._grow(more)
            for start in range(first, len(self.ids), NAMES_A_FRAME):
                self._tell(Handles(first=start, ids=tuple(self.ids[start : start + NAMES_A_FRAME])))
        for sensor in sensors:
            handle, kind = self.handles[sensor.id], _KINDS.index(sensor.channel)
            if handle < first and self._kind[handle] != kind:  # what it last said was of another kind
                self._last_t[handle] = self._order[handle] = 0
                self._last_v[handle] = np.nan
            self._kind[handle], self._single[handle] = kind, sensor.dtype == "f4"
            for feed in self._feeds.values():
                feed.mask[handle] = feed.choice(sensor)

    def _grow(self, more: int) -> None:
        self._kind = np.concatenate([self._kind, np.zeros(more, np.int8)])
        self._single = np.concatenate([self._single, np.zeros(more, bool)])
        self._last_t = np.concatenate([self._last_t, np.zeros(more, np.int64)])
        self._order = np.concatenate([self._order, np.zeros(more, np.int64)])
        self._last_v = np.concatenate([self._last_v, np.full((more, 5), np.nan)])
        self._last_q = np.concatenate([self._last_q, np.zeros(more, np.uint8)])
        for feed in self._feeds.values():
            feed.mask = np.concatenate([feed.mask, np.zeros(more, bool)])

    def samples(self, kind: ChannelKind, columns: Columns) -> None:
        """Take samples: last values at once, readers at the next flush.

        Raises IndexError for handles nobody put, ValueError for columns that do not fit each other or the kind.
        """
        if len(columns) == 0:
            return
        columns = self._flag_clock(sound(kind, columns, len(self.ids)))
        self.samples_in += len(columns)
        ids = columns.ids
        reached = np.minimum(columns.t_ns, self.clock())
        rows = one_each(ids)
        if rows is None or not every(reached >= self._order[rows]):
            np.maximum.at(self._order, ids, reached)
            # Where a sensor has several of one time, numpy's assignment keeps the last in arrival order.
            fresh = reached == self._order[ids]
            self._keep_last(ids[fresh], take(columns, fresh))
        else:
            self._order[rows] = reached
            self._keep_last(rows, columns)
        self._pending.setdefault(kind, []).append(columns)
        self._pending_rows += len(columns)
        if self.on_samples is not None:
            self.on_samples(kind, columns)
        if self._pending_rows >= FLUSH_ROWS:
            self.flush()

    def _keep_last(self, rows: np.ndarray | slice, columns: Columns) -> None:
        self._last_t[rows] = columns.t_ns
        self._last_q[rows] = columns.q
        if columns.v.ndim > 1:
            self._last_v[rows] = columns.v
        else:
            self._last_v[rows, 0] = columns.v

    def _flag_clock(self, columns: Columns) -> Columns:
        """A stamp more than 60 s ahead of the node's clock is kept as claimed and flagged (house rule)."""
        ahead = columns.t_ns > self.clock() + 60_000_000_000
        if not np.count_nonzero(ahead):
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
        self.flush()
        for start in range(0, max(len(self.ids), 1), NAMES_A_FRAME):
            reader.send(encode(Handles(first=start, ids=tuple(self.ids[start : start + NAMES_A_FRAME]))))
        for cls, known in self.entities.items():
            for frame in self._entity_frames(cls, list(known.values()), [], full=True):
                reader.send(encode(frame))
        if self._settled:
            for frame in self._none_of():
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
        self.flush()  # what waits is in the snapshot: sent to the new reader as well it would come twice
        wanted = f"{context}|{strategy}|{hashlib.sha256(msgspec.msgpack.encode(selector)).hexdigest()[:16]}"
        feed = self._feeds.get(wanted)
        if feed is None:
            self._feed_count += 1
            # A feed that ends and begins anew counts from 1 again: its key must be another for who comes back.
            key = f"{wanted}|{self.run}.{self._feed_count}"
            feed = self._feeds[wanted] = Feed(self._feed_count, key, selector, strategy)
            self._choose(feed)
        feed.readers.add(reader)
        return feed

    def unsubscribe(self, reader: Outlet, feed: Feed) -> None:
        """End what `subscribe` began."""
        feed.readers.discard(reader)
        if not feed.readers:
            self._feeds = {wanted: kept for wanted, kept in self._feeds.items() if kept is not feed}

    def snapshot(self, feed: Feed) -> list[Batch]:
        """The last known sample of each of the feed's sensors, a batch a channel kind."""
        batches = []
        had = np.flatnonzero(feed.mask & (self._last_t > 0))
        for kind in (ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION):
            rows = had[self._kind[had] == _KINDS.index(kind)]
            v = self._last_v[rows] if kind is ChannelKind.POSITION else self._last_v[rows, 0]
            columns = Columns(t_ns=self._last_t[rows], v=v, q=self._last_q[rows], ids=rows.astype(np.uint32))
            dtype = "i4" if kind is ChannelKind.STATE else "f8"
            batches += [
                pack_batch(feed.number, feed.seq, kind, part, dtype=dtype, snapshot=True) for part in parts(columns)
            ]
        return batches

    def last(self, handle: int) -> tuple[int, float, int]:
        """(t_ns, first value, quality) of a handle's last sample; t_ns 0 for never."""
        return int(self._last_t[handle]), float(self._last_v[handle, 0]), int(self._last_q[handle])

    def flush(self) -> None:
        """Send what has gathered: changed entities, then samples, each encoded once a feed."""
        if self._areas_changed:
            self._areas_changed = False
            for feed in self._feeds.values():
                self._choose(feed)
        if self._dirty:
            dirty, self._dirty = self._dirty, {}
            for cls, changes in dirty.items():
                # the first word on a class ends what a reader still holds of a run before this one
                first = cls not in self._entity_seqs
                self._entity_seqs[cls] = self._entity_seqs.get(cls, 0) + 1
                if not self.readers:
                    continue
                put = [entity for entity in changes.values() if entity is not None]
                gone = [id_ for id_, entity in changes.items() if entity is None]
                for frame in self._entity_frames(cls, put, gone, full=first):
                    self._tell(frame)
        if not self._settled and self.clock() - self._born_ns > SETTLE_NS:
            self._settled = True
            for frame in self._none_of():
                self._tell(frame)
        pending, self._pending = self._pending, {}
        self._pending_rows = 0
        for kind, gathered in pending.items():
            columns = gathered[0] if len(gathered) == 1 else join(gathered)
            rows = one_each(columns.ids)
            rows = columns.ids if rows is None else rows
            for feed in self._feeds.values():
                self._publish(feed, kind, columns, rows)

    def _publish(self, feed: Feed, kind: ChannelKind, columns: Columns, rows: np.ndarray | slice) -> None:
        wanted = feed.mask[rows]
        count = int(np.count_nonzero(wanted))
        if count == 0:
            return
        if count < len(wanted):
            columns = take(columns, wanted)
            rows = columns.ids
        for dtype, part in self._frames(kind, columns, rows):
            feed.seq += 1
            feed.encodes += 1
            data = encode(pack_batch(feed.number, feed.seq, kind, part, dtype=dtype))
            for reader in feed.readers:
                reader.send(data, feed=feed.number, seq=feed.seq, rows=len(part))

    def _frames(self, kind: ChannelKind, columns: Columns, rows: np.ndarray | slice) -> Iterable[tuple[str, Columns]]:
        for dtype, part in self._by_dtype(kind, columns, rows):
            for frame in parts(part):
                yield dtype, frame

    def _by_dtype(self, kind: ChannelKind, columns: Columns, rows: np.ndarray | slice) -> list[tuple[str, Columns]]:
        if kind is ChannelKind.STATE:
            return [("i4", columns)]
        single = self._single[rows]
        if kind is not ChannelKind.SCALAR or not np.count_nonzero(single):
            return [("f8", columns)]
        if every(single):
            return [("f4", columns)]
        return [("f4", take(columns, single)), ("f8", take(columns, ~single))]

    def _entity_frames(self, cls: str, put: list[Entity], gone: list[str], *, full: bool) -> Iterable[Entities]:
        """One change of a class in parts that fit in a message."""
        starts = range(0, len(gone), NAMES_A_FRAME)
        pieces: list[tuple[list[msgspec.Raw], list[str]]] = [([], gone[i : i + NAMES_A_FRAME]) for i in starts]
        room = 0
        for entity in put:
            raw = encode_value(entity)
            size = len(memoryview(raw))
            if size > ENTITY_BYTES_MOST:
                self._too_long(cls, entity.id, size)
                continue
            if room < size or len(pieces[-1][0]) >= ENTITIES_A_FRAME:
                pieces.append(([], []))
                room = max(ENTITY_BYTES_A_FRAME, size)
            pieces[-1][0].append(raw)
            room -= size
        pieces = pieces or [([], [])]
        seq = self._entity_seqs.get(cls, 0)
        for number, (raws, ids) in enumerate(pieces):
            more = number < len(pieces) - 1
            yield Entities(seq=seq, cls=cls, full=full and number == 0, put=raws, drop=ids, more=more)

    def _none_of(self) -> Iterable[Entities]:
        """Classes of which this run knows nothing: said once its sources have had their time, so that what a reader
        holds of an earlier run does not stay on screen for ever."""
        for cls in ENTITY_CLASSES:
            if cls not in self._entity_seqs:
                yield Entities(seq=0, cls=cls, full=True)

    def _too_long(self, cls: str, id_: str, size: int) -> None:
        summary = Text(f"{cls} {id_} 太大，未发送", f"{cls} {id_} is too large and was not sent")
        detail = f"{size} bytes, at most {ENTITY_BYTES_MOST}"
        self.notice(Notice(key=f"large:{cls}:{id_}", severity=Severity.WARNING, summary=summary, detail=detail))

    def _tell(self, message: Message) -> None:
        if self.readers:
            data = encode(message)
            for reader in self.readers:
                reader.send(data)

    def _choose(self, feed: Feed) -> None:
        feed.choice = Choice(feed.selector, self.entities.get(Area.CLS, {}).values())
        feed.mask = np.zeros(len(self.ids), bool)
        for sensor in self.entities.get(Sensor.CLS, {}).values():
            if isinstance(sensor, Sensor) and feed.choice(sensor):
                feed.mask[self.handles[sensor.id]] = True


def _notice_frame(notice: Notice) -> NoticeFrame:
    return NoticeFrame(
        key=notice.key,
        severity=notice.severity.value,
        summary=notice.summary,
        detail=notice.detail,
        tip=notice.tip,
        since_ns=notice.since_ns,
    )
