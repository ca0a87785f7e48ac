"""What the node knows now, and who is told: entities, handles, last samples, feeds; knows no socket and no source.

One loop owns a hub. Samples wait for `FLUSH_ROWS` of them or `FLUSH_S`, whichever is sooner, and are encoded once a
feed, however many consoles read it. With `soon`, what comes in one turn of the loop goes out together: a flood travels
in long frames, and a steady stream is still sent at once.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import numpy as np

from console.api import LIVE, Area, ChannelKind, Columns, Entity, Notice, Quality, Selector, Sensor, Severity, Text
from console.node.clocks import Clocks
from console.node.entity_frames import ENTITY_BYTES_MOST, NAMES_A_FRAME, EntityFrames
from console.node.feeds import IDLE_NS, Feed, Feeds, Outlet, Parcel
from console.node.last import LastSamples
from console.node.lens import NO_HANDLE, Lens, Lenses, Scope
from console.node.rows import FRAME_ROWS, Chunk, Known, join, parts, sound
from console.wire.codec import encode, pack_batch
from console.wire.frames import Batch, Handles, Message, NoticeFrame

__all__ = ["FLUSH_ROWS", "FLUSH_S", "Feed", "Hub", "Outlet", "Scope"]
FLUSH_S: Final = 0.05
FLUSH_ROWS: Final = 1_000
"""Websockets carry frames of so many samples at nearly their full rate; waiting for more would only make them late."""
PICTURE_ROWS: Final = 1_000
"""Rows of one part of the newest samples for a slow reader: little waits in its socket."""
SETTLE_NS: Final = 5_000_000_000
"""So long after its start a node says of which classes it knows nothing."""
_PICTURE_TYPES: Final = {ChannelKind.STATE: "i4"}


class Hub:
    """See the module.

    Args:
        clock: node time, UTC ns; of a replay, the replay's.
        context: what all its messages bear.
        soon: calls back in a later turn of the loop (`loop.call_soon`); None: what is enough is sent at once.
        mono: a clock that never jumps, ns: how long readers are away.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.time_ns,
        *,
        context: str = LIVE,
        soon: Callable[[Callable[[], None]], object] | None = None,
        mono: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.clock, self.context, self._soon, self._mono = clock, context, soon, mono
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
        self.on_sensors_gone: Callable[[Sequence[str]], None] | None = None
        """Told the ids of sensors that were dropped."""
        self.samples_in = 0
        self.run = secrets.token_hex(4)
        """This run of the node: the scope of every sequence."""
        self._last = LastSamples()
        self._known = Known()
        self._clocks = Clocks(self.ids, self.notice, self.clear_notice)
        self._feeds = Feeds(context, self.run, mono)
        self.heads: dict[str, dict[str, tuple[str, ...]]] = {}
        """Of entities that the journal tells of, the entries that whoever sees them has seen, by class and id."""
        self._frames = EntityFrames(context, self._too_long, self.heads)
        self._lenses = Lenses(self.entities, self.handles, context, self._too_long, mono, self.heads)
        """Of readers that are not shown everything."""
        self._pending: dict[ChannelKind, list[Chunk]] = {}
        self._pending_rows = 0
        self._flushing = False
        self._turn = 1
        """The number of the next flush."""
        self._alone_ns = 0
        """Since when nobody reads, 0 while somebody does."""
        self._born_ns = clock()
        self._settled = False
        self._areas_changed = self._moved = False
        """Areas are others; sensors stand elsewhere: what follows their place is asked anew."""

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is read now or was until lately, a feed a distinct subscription."""
        return tuple(self._feeds)

    # ------------------------------------------------------------------ from sources

    def put(self, source: str, entities: Iterable[Entity]) -> None:
        """Add or replace entities; sensors get a handle and remember their source."""
        sensors: list[Sensor] = []
        for entity in entities:
            known = self.entities.setdefault(entity.CLS, {})
            before = known.get(entity.id)
            if before == entity:
                continue
            if isinstance(before, Sensor) and isinstance(entity, Sensor) and before.channel is not entity.channel:
                self.flush()  # what it said as the old kind is told before it is the new one
            known[entity.id] = entity
            self._note(entity.CLS, entity.id, entity)
            self.on_entity(entity.CLS, entity.id, entity)
            if isinstance(entity, Sensor):
                self.owner[entity.id] = source
                sensors.append(entity)
                self._moved |= not isinstance(before, Sensor) or _place(before) != _place(entity)
            elif isinstance(entity, Area):
                self._areas_changed = True
        if sensors:
            self._enrol(sensors)

    def head(self, cls: str, id_: str, heads: tuple[str, ...]) -> None:
        """Who sees the entity from now on has seen these entries of the journal."""
        known = self.heads.setdefault(cls, {})
        if known.get(id_) != heads:
            known[id_] = heads
            if (entity := self.entities.get(cls, {}).get(id_)) is not None:
                self._note(cls, id_, entity)

    def drop(self, cls: type[Entity], ids: Iterable[str]) -> None:
        """Forget entities; a sensor's handle stays taken."""
        known, heads = self.entities.get(cls.CLS, {}), self.heads.get(cls.CLS, {})
        gone = [id_ for id_ in ids if known.pop(id_, None) is not None]
        for id_ in gone:
            heads.pop(id_, None)
            self._note(cls.CLS, id_, None)
            self.on_entity(cls.CLS, id_, None)
        if cls is Sensor and gone:
            self._strike(gone)
        self._areas_changed |= cls is Area

    def _note(self, cls: str, id_: str, entity: Entity | None) -> None:
        self._frames.note(cls, id_, entity)
        self._lenses.note(cls, id_, entity)

    def _strike(self, ids: Sequence[str]) -> None:
        self._moved = True
        for id_ in ids:
            self._clocks.forget(self.handles[id_])
            for feed in self._feeds:
                feed.mean(self.handles[id_], meant=False)
        if self.on_sensors_gone is not None:
            self.on_sensors_gone(ids)

    def _enrol(self, sensors: Sequence[Sensor]) -> None:
        if self._pending:
            self.flush()  # what was said before is of the kind that it was then
        first = len(self.ids)
        for sensor in sensors:
            if sensor.id not in self.handles:
                self.handles[sensor.id] = len(self.ids)
                self.ids.append(sensor.id)
        if len(self.ids) > first:
            self._last.grow(len(self.ids))
            self._known.grow(len(self.ids))
            for feed in self._feeds:
                feed.grow(len(self.ids))
            self._tell_names(first)
        for sensor in sensors:
            handle = self.handles[sensor.id]
            self._last.describe(handle, sensor.channel, single=sensor.dtype == "f4")
            self._clocks.describe(handle, sensor.stale_after_s)
            for feed in self._feeds:
                feed.mean(handle, meant=feed.choice(sensor))
        self._last.described()

    def samples(self, kind: ChannelKind, columns: Columns) -> None:
        """Take samples; readers get them at the next flush.

        Raises IndexError for handles nobody put, ValueError for columns that do not fit each other or the kind.
        """
        if len(columns) == 0:
            return
        columns = sound(kind, columns)
        rows = self._known.rows(columns.ids)
        now_ns = self.clock()
        t_ns = columns.t_ns
        oldest_ns, newest_ns = int(t_ns[t_ns.argmin()]), int(t_ns[t_ns.argmax()])  # several times faster than min, max
        # of a replay the clocks were judged when it was the present, and its own may run a hundred times as fast
        judged = self._clocks.judge(columns, oldest_ns, newest_ns, now_ns) if self.context == LIVE else columns
        if judged is not columns:
            columns = judged
            credible = columns.t_ns[(columns.q & Quality.CLOCK) == 0]
            credible = credible if len(credible) else np.array([now_ns])
            oldest_ns, newest_ns = int(credible.min()), int(credible.max())
        chunk = Chunk(columns, columns.ids if rows is None else rows, oldest_ns, newest_ns, rows is not None)
        self._pending.setdefault(kind, []).append(chunk)
        self._pending_rows += len(columns)
        self.samples_in += len(columns)
        if self.on_samples is not None:
            self.on_samples(kind, columns)
        if self._pending_rows >= (FLUSH_ROWS if self._soon is None else FRAME_ROWS):
            self.flush()
        elif self._pending_rows >= FLUSH_ROWS and self._soon is not None and not self._flushing:
            self._flushing = True
            self._soon(self.flush)

    def forget_samples(self) -> None:
        """Forget what came until now, as if none of it had: a replay's time jumped. Entities and feeds stay."""
        self._pending.clear()
        self._pending_rows = 0
        self._last.forget()
        for feed in self._feeds:
            feed.forget()

    def retell(self) -> None:
        """Tell all readers all entities once more: after a jump nothing of before counts."""
        for cls, known in self.entities.items():
            for frame in self._frames.full(cls, known.values()):
                self._tell_plain(frame)
            for lens in self._lenses:
                for frame in lens.full(cls) if lens.scope.speaks_of(cls) else ():
                    _tell(lens.readers, frame)

    def notice(self, notice: Notice) -> None:
        """Raise a notice, or replace the one of the same key (its `since_ns` then stays)."""
        old = self.notices.get(notice.key)
        since = old.since_ns if old else notice.since_ns or self.clock()
        notice = msgspec.structs.replace(notice, since_ns=since)
        if notice != old:
            self.notices[notice.key] = notice
            self._tell_notice(notice)

    def clear_notice(self, key: str) -> None:
        """Clear a notice; nothing happens when there is none."""
        if (notice := self.notices.pop(key, None)) is not None:
            self._tell_notice(notice, cleared=True)

    def keep_file(self, content: bytes) -> str:
        """Keep a file by content hash; returns its sha256 in hex."""
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    # ------------------------------------------------------------------ to readers

    def join(
        self, reader: Outlet, resume: Mapping[str, int] | None = None, scope: Scope | None = None, *, anew: bool = True
    ) -> None:
        """Tell a new reader everything there is in its scope, None for all, then every change.

        `resume`: the last sequence that it has of a class, by "entities:CLS", of this run and scope: the changes since
        are told instead, where they are still known. Who has joined already is in another scope from now on; `anew`
        False: its notices are as they were.
        """
        self.flush()
        before = self._lenses.lens_of(reader)
        lens = self._lenses.looks(reader, scope)
        for message in self._names(0, lens):
            reader.send(encode(message))
        for cls, known in self.entities.items():
            if lens is not None and not lens.scope.speaks_of(cls):
                continue
            seq = (resume or {}).get(f"entities:{cls}")
            told = self._frames if lens is None else lens.frames
            frames = told.since(cls, seq) if seq is not None else None
            if frames is None:
                frames = tuple(lens.full(cls)) if lens is not None else self._frames.full(cls, known.values())
            for frame in frames:
                reader.send(frame)
        if self._settled:
            for frame in self._frames.none_of() if lens is None else lens.none_of():
                reader.send(frame)
        for notice in self.notices.values():
            if lens is None or lens.named(notice):
                if anew or notice.about:
                    reader.send(encode(_notice_frame(notice, self.context)))
            elif not anew and (before is None or notice.key in before.noticed):
                reader.send(encode(NoticeFrame(context=self.context, key=notice.key, cleared=True)))
        self.readers.add(reader)
        self._alone_ns = 0

    def run_of(self, scope: Scope | None) -> str:
        """The scope of sequences of who joins with that scope of rights."""
        return self.run if scope is None else f"{self.run}.{self._lenses.of(scope).number}"

    def leave(self, reader: Outlet) -> None:
        """A reader was cut off; the feeds that it alone read go on for a while (see `console.node.feeds`)."""
        self.readers.discard(reader)
        self._lenses.looks(reader, None)
        self._feeds.leave(reader)
        if not self.readers:
            self._alone_ns = self._mono()

    def subscribe(
        self,
        reader: Outlet,
        selector: Selector,
        strategy: str,
        context: str = LIVE,
        resume: int | None = None,
    ) -> tuple[Feed, list[Parcel] | None]:
        """Feed `reader` what `selector` matches of its scope from now on; the hub's own context is the one that counts.

        Returns the feed, and what it brought since the sequence `resume`, for the caller to deliver at once, None
        where that is not known any more or `resume` is None: then the `snapshot` says how all stands. `resume` must
        be of the feed with the same `key`: see `key`.
        """
        self.flush()  # what waits is in the snapshot: sent to the new reader as well it would come twice
        scope = self._lenses.scope_of(reader)
        feed = self._feeds.find(selector, strategy, scope)
        if feed is None:
            feed = self._feeds.open(selector, strategy, scope)
            feed.newest = partial(self._newest, feed)
            self._choose(feed)
            resume = None
        missed = feed.since(resume) if resume is not None else None
        if reader in feed.readers and missed is not None:
            missed = []  # it comes to this reader already
        feed.readers.add(reader)
        feed.idle_ns = 0
        return feed, missed

    def key(self, selector: Selector, strategy: str) -> str:
        """The key of the feed that a subscription would get, "" where it would be a new one."""
        feed = self._feeds.find(selector, strategy)
        return feed.key if feed is not None else ""

    def unsubscribe(self, reader: Outlet, feed: Feed) -> None:
        """End what `subscribe` began; a feed that nobody wants any more ends at once."""
        feed.readers.discard(reader)
        reader.forget(feed)
        if not feed.readers:
            self._feeds.end(feed)

    def snapshot(self, feed: Feed) -> list[Batch]:
        """The last known sample of each of the feed's sensors, a batch a channel kind."""
        self.flush()
        return list(self._pictures(feed, np.flatnonzero(feed.mask)))

    def _newest(self, feed: Feed, turn: int, first: int) -> tuple[list[bytes], int] | None:
        """See `Feed.newest`; what waits is sent first, it would come twice."""
        self.flush()
        rows = np.flatnonzero(feed.mask[first:] & (self._last.turn[first:] >= turn))[:PICTURE_ROWS] + first
        if len(rows) == 0:
            return None
        return [encode(batch) for batch in self._pictures(feed, rows)], int(rows[-1]) + 1

    def _pictures(self, feed: Feed, rows: np.ndarray) -> Iterable[Batch]:
        for kind, columns in self._last.of(rows):
            dtype = _PICTURE_TYPES.get(kind, "f8")
            for part in parts(columns):
                yield pack_batch(feed.number, feed.seq, kind, part, context=self.context, dtype=dtype, snapshot=True)

    def last(self, handle: int) -> tuple[int, float, int]:
        """(t_ns, first value, quality) of a handle's last sample; t_ns 0 for never."""
        for gathered in self._pending.values():
            self._keep_last(gathered, join(gathered))
        return self._last.one(handle)

    def flush(self) -> None:
        """Send what has gathered: changed entities, then samples, each encoded once a feed."""
        self._flushing = False
        self._feeds.expire()
        if self._areas_changed or self._moved:
            self._lenses.review()
        if self._areas_changed:
            for feed in self._feeds:
                self._choose(feed)
        self._areas_changed = self._moved = False
        for frame in self._frames.changes(wanted=self._is_read):
            self._tell_plain(frame)
        if self._lenses:
            self._flush_lenses()
        if not self._settled and self.clock() - self._born_ns > SETTLE_NS:
            self._settled = True
            for frame in self._frames.none_of():
                self._tell_plain(frame)
            for lens in self._lenses:
                for frame in lens.none_of():
                    _tell(lens.readers, frame)
        if self._pending:
            self._flush_samples()

    def _flush_lenses(self) -> None:
        """The changes of each lens."""
        self._lenses.expire()
        for lens in self._lenses:
            if lens.named_from < NO_HANDLE:
                for message in self._names(lens.named_from, lens):
                    _tell(lens.readers, encode(message))
                lens.named_from = NO_HANDLE
            for frame in lens.frames.changes(wanted=True):
                _tell(lens.readers, frame)

    def _flush_samples(self) -> None:
        pending, self._pending = self._pending, {}
        self._pending_rows = 0
        turn, self._turn = self._turn, self._turn + 1
        for kind, gathered in pending.items():
            chunk = join(gathered)
            self._keep_last(gathered, chunk)
            self._last.turn[chunk.rows] = turn
            self._feeds.publish(kind, chunk, turn, self._last.single)

    def _keep_last(self, gathered: Sequence[Chunk], joined: Chunk) -> None:
        for chunk in [joined] if joined.single else gathered:
            self._last.keep(chunk, self.clock())

    @property
    def _is_read(self) -> bool:
        """Whether somebody reads, or may come back and ask for what there was meanwhile."""
        return bool(self.readers) or (self._alone_ns > 0 and self._mono() - self._alone_ns < IDLE_NS)

    def _names(self, first: int, lens: Lens | None = None) -> Iterable[Handles]:
        for start in range(first, max(len(self.ids), 1), NAMES_A_FRAME):
            ids = self.ids[start : start + NAMES_A_FRAME]
            if lens is not None:
                ids = [id_ if lens.shows(id_) else "" for id_ in ids]
            yield Handles(context=self.context, first=start, ids=tuple(ids))

    def _tell_names(self, first: int) -> None:
        for message in self._names(first):
            self._tell_plain(message)
        for lens in self._lenses:
            for message in self._names(first, lens):
                _tell(lens.readers, encode(message))

    def _too_long(self, cls: str, id_: str, size: int) -> None:
        summary = Text(f"{cls} {id_} 太大，未发送", f"{cls} {id_} is too large and was not sent")
        detail = f"{size} bytes, at most {ENTITY_BYTES_MOST}"
        self.notice(Notice(key=f"large:{cls}:{id_}", severity=Severity.WARNING, summary=summary, detail=detail))

    def _tell(self, message: Message) -> None:
        """Every reader, whatever its scope."""
        if self.readers:
            _tell(self.readers, encode(message))

    def _tell_notice(self, notice: Notice, *, cleared: bool = False) -> None:
        """Who is shown what the notice is about, or was told it before it came to be about that."""
        over = NoticeFrame(context=self.context, key=notice.key, cleared=True)
        told = over if cleared else _notice_frame(notice, self.context)
        self._tell_plain(told)
        for lens in self._lenses:
            knew = notice.key in lens.noticed
            named = not cleared and lens.named(notice)
            if not named:
                lens.noticed.discard(notice.key)
            if named or knew:
                _tell(lens.readers, encode(told if named else over))

    def _tell_plain(self, message: Message | bytes) -> None:
        """The readers that are shown everything."""
        if self.readers and (plain := self._lenses.plain(self.readers)):
            _tell(plain, message if isinstance(message, bytes) else encode(message))

    def _choose(self, feed: Feed) -> None:
        areas, sensors = (self.entities.get(cls.CLS, {}).values() for cls in (Area, Sensor))
        scope = feed.scope
        if isinstance(scope, Scope):
            self._feeds.choose(feed, areas, sensors, self.handles, lambda sensor: scope.sees(sensor, self.entities))
        else:
            self._feeds.choose(feed, areas, sensors, self.handles)


def _notice_frame(notice: Notice, context: str) -> NoticeFrame:
    return NoticeFrame(
        context=context,
        key=notice.key,
        severity=notice.severity.value,
        summary=notice.summary,
        detail=notice.detail,
        tip=notice.tip,
        since_ns=notice.since_ns,
    )


def _tell(readers: Iterable[Outlet], data: bytes) -> None:
    for reader in tuple(readers):
        reader.send(data)


def _place(sensor: Sensor) -> tuple[str, str]:
    return sensor.area, sensor.board
