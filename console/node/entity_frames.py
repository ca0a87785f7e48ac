"""Entities as encoded frames: each change once for all readers, and a log for those who come back; knows no reader."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from console.api import ENTITY_CLASSES, Entity
from console.wire.codec import encode, encode_value
from console.wire.frames import Entities

ENTITIES_A_FRAME: Final = 400
ENTITY_BYTES_A_FRAME: Final = 1 << 20
ENTITY_BYTES_MOST: Final = 3 << 20
"""A longer entity fits in no message: it is left out, and the hub says so."""
NAMES_A_FRAME: Final = 10_000
LOG_BYTES: Final = 2 << 20
"""Most bytes of changes kept of one class; who missed more is told all of it."""
LOG_CHANGES: Final = 4_096
Frames = tuple[bytes, ...]
Heads = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Journal entries that whoever sees an entity has seen, by class and id; none where the journal has nothing of it."""


class EntityFrames:
    """What changed and was not yet told, the sequence of each class, and what was told lately.

    `too_long` is told class, id and bytes of an entity that fits in no message. `heads` are the hub's.
    """

    def __init__(
        self, context: str, too_long: Callable[[str, str, int], None], heads: Heads = MappingProxyType({})
    ) -> None:
        self._context, self._too_long, self._heads = context, too_long, heads
        self._dirty: dict[str, dict[str, Entity | None]] = {}
        self._seqs: dict[str, int] = {}
        self._logs: dict[str, collections.deque[tuple[int, Frames]]] = {}
        self._log_bytes: dict[str, int] = {}
        self._fulls: dict[str, tuple[int, Frames]] = {}

    def note(self, cls: str, id_: str, entity: Entity | None) -> None:
        """An entity was put, or dropped (None)."""
        self._dirty.setdefault(cls, {})[id_] = entity

    def changes(self, *, wanted: bool) -> Iterable[bytes]:
        """What changed since the last call. `wanted`: somebody reads, or may come back and ask for it."""
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, {}
        for cls, changed in dirty.items():
            # the first word on a class ends what a reader still holds of a run before this one
            first = cls not in self._seqs
            self._seqs[cls] = self._seqs.get(cls, 0) + 1
            self._fulls.pop(cls, None)
            if not wanted:
                self._logs.pop(cls, None)
                continue
            put = [entity for entity in changed.values() if entity is not None]
            gone = [id_ for id_, entity in changed.items() if entity is None]
            frames = tuple(self._frames(cls, put, gone, full=first))
            self._keep(cls, frames)
            yield from frames

    def full(self, cls: str, known: Iterable[Entity]) -> Frames:
        """All of a class; the same bytes for all who ask until something changes."""
        seq = self._seqs.get(cls, 0)
        kept = self._fulls.get(cls)
        if kept is None or kept[0] != seq:
            kept = self._fulls[cls] = (seq, tuple(self._frames(cls, known, [], full=True)))
        return kept[1]

    def since(self, cls: str, seq: int) -> Frames | None:
        """The changes after `seq`, none where there were none, None where they are not known any more."""
        missed = self._seqs.get(cls, 0) - seq
        log = self._logs.get(cls, ())
        if missed == 0 and cls in self._seqs:
            return ()
        if not 0 < missed <= len(log):
            return None
        return tuple(frame for change, frames in log if change > seq for frame in frames)

    def none_of(self) -> Iterable[bytes]:
        """Classes of which this run knows nothing: said once its sources have had their time, so that what a reader
        holds of an earlier run does not stay on screen for ever."""
        for cls in ENTITY_CLASSES:
            if cls not in self._seqs:
                yield encode(Entities(context=self._context, seq=0, cls=cls, full=True))

    def _keep(self, cls: str, frames: Frames) -> None:
        log = self._logs.setdefault(cls, collections.deque())
        log.append((self._seqs[cls], frames))
        size = self._log_bytes.get(cls, 0) if len(log) > 1 else 0
        size += sum(map(len, frames))
        while log and (size > LOG_BYTES or len(log) > LOG_CHANGES):
            _, oldest = log.popleft()
            size -= sum(map(len, oldest))
        self._log_bytes[cls] = size

    def _frames(self, cls: str, put: Iterable[Entity], gone: list[str], *, full: bool) -> Iterable[bytes]:
        """One change of a class in parts that fit in a message."""
        starts = range(0, len(gone), NAMES_A_FRAME)
        pieces: list[_Piece] = [_Piece([], gone[i : i + NAMES_A_FRAME], {}) for i in starts]
        room, heads = 0, self._heads.get(cls, {})
        for entity in put:
            raw = encode_value(entity)
            size = len(memoryview(raw))
            if size > ENTITY_BYTES_MOST:
                self._too_long(cls, entity.id, size)
                continue
            if room < size or len(pieces[-1].put) >= ENTITIES_A_FRAME:
                pieces.append(_Piece([], [], {}))
                room = max(ENTITY_BYTES_A_FRAME, size)
            pieces[-1].put.append(raw)
            if entity.id in heads:
                pieces[-1].heads[entity.id] = heads[entity.id]
            room -= size
        pieces = pieces or [_Piece([], [], {})]
        seq = self._seqs.get(cls, 0)
        for number, (raws, ids, seen) in enumerate(pieces):
            more, whole = number < len(pieces) - 1, full and number == 0
            frame = Entities(
                context=self._context, seq=seq, cls=cls, full=whole, put=raws, drop=ids, more=more, heads=seen
            )
            yield encode(frame)


class _Piece(NamedTuple):
    put: list[msgspec.Raw]
    drop: list[str]
    heads: dict[str, tuple[str, ...]]
