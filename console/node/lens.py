"""What readers of lesser rights are shown of a hub: frames of their own, shared by equals; knows no rights."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from console.api import ENTITY_CLASSES, Entity, Notice, Sensor
from console.node.entity_frames import EntityFrames, Heads
from console.node.feeds import IDLE_NS, Outlet
from console.wire.codec import encode
from console.wire.frames import Entities

Known = Mapping[str, Mapping[str, Entity]]
"""All entities of a hub, by class and id."""
NO_HANDLE: Final = 1 << 62
_numbers = itertools.count(1)


class Scope:
    """What some readers are shown; equal only to itself, so that who is given the same shares every encoding.

    Args:
        sees: whether an entity is shown, among all entities of its hub.
        classes: of these classes alone anything is said; None: of all.
    """

    __slots__ = ("classes", "sees")

    def __init__(self, sees: Callable[[Entity, Known], bool], classes: frozenset[str] | None = None) -> None:
        self.sees, self.classes = sees, classes

    def speaks_of(self, cls: str) -> bool:
        """Whether anything is said of a class."""
        return self.classes is None or cls in self.classes


class Lens:
    """One scope's view of one hub.

    Attributes:
        number: unique in the process: sequences of one lens mean nothing in another.
        readers: who looks through it.
        idle_ns: since when nobody does, 0 while somebody does.
        named_from: handle from which on the names have to be told anew.
        noticed: keys of the notices that its readers were told.
    """

    def __init__(
        self,
        scope: Scope,
        known: Known,
        handles: Mapping[str, int],
        context: str,
        too_long: Callable[[str, str, int], None],
        heads: Heads = MappingProxyType({}),
    ) -> None:
        self.scope, self._known, self._handles, self._context = scope, known, handles, context
        self.number = next(_numbers)
        self.readers: set[Outlet] = set()
        self.idle_ns = 0
        self.named_from = NO_HANDLE
        self.noticed: set[str] = set()
        self.frames = EntityFrames(context, too_long, heads)
        self._shown: dict[str, set[str]] = {}
        self.review()
        self.named_from = NO_HANDLE
        tuple(self.frames.changes(wanted=False))

    def note(self, cls: str, id_: str, entity: Entity | None) -> None:
        """An entity was put, or dropped (None)."""
        if not self.scope.speaks_of(cls):
            return
        shown = self._shown.setdefault(cls, set())
        if entity is not None and self.scope.sees(entity, self._known):
            if id_ not in shown and cls == Sensor.CLS:
                self.named_from = min(self.named_from, self._handles.get(id_, NO_HANDLE))
            shown.add(id_)
            self.frames.note(cls, id_, entity)
        elif id_ in shown:
            shown.discard(id_)
            self.frames.note(cls, id_, None)

    def review(self) -> None:
        """Areas, or places of sensors, are others now: ask of everything anew whether it is shown."""
        for cls, known in self._known.items():
            shown = self._shown.get(cls, frozenset[str]())
            for id_, entity in known.items():
                if (id_ in shown) is not self.scope.sees(entity, self._known):
                    self.note(cls, id_, entity)

    def shows(self, id_: str) -> bool:
        """Whether the sensor is shown."""
        return id_ in self._shown.get(Sensor.CLS, ())

    def named(self, notice: Notice) -> bool:
        """Whether all that a notice is about may be named, whatever is spoken of otherwise; then it counts as told."""
        parts = (of.partition(":") for of in notice.about)
        found = (self._known.get(cls, {}).get(id_) for cls, _, id_ in parts)
        may = all(entity is not None and self.scope.sees(entity, self._known) for entity in found)
        if may:
            self.noticed.add(notice.key)
        return may

    def full(self, cls: str) -> Iterable[bytes]:
        """All of a class that is shown."""
        known, shown = self._known.get(cls, {}), self._shown.get(cls, ())
        return self.frames.full(cls, (entity for id_, entity in known.items() if id_ in shown))

    def none_of(self) -> Iterable[bytes]:
        """Classes of which the hub knows nothing."""
        for cls in ENTITY_CLASSES:
            if cls not in self._known and self.scope.speaks_of(cls):
                yield encode(Entities(context=self._context, seq=0, cls=cls, full=True))


class Lenses:
    """All lenses of one hub, and who looks through which; `mono`: a clock that never jumps, ns."""

    def __init__(
        self,
        known: Known,
        handles: Mapping[str, int],
        context: str,
        too_long: Callable[[str, str, int], None],
        mono: Callable[[], int],
        heads: Heads = MappingProxyType({}),
    ) -> None:
        self._known, self._handles, self._context, self._too_long, self._mono = known, handles, context, too_long, mono
        self._heads = heads
        self._lenses: dict[Scope, Lens] = {}
        self._of: dict[Outlet, Lens] = {}

    def __iter__(self) -> Iterator[Lens]:
        return iter(self._lenses.values())

    def __bool__(self) -> bool:
        return bool(self._lenses)

    def of(self, scope: Scope) -> Lens:
        """The lens of a scope, made where there is none."""
        lens = self._lenses.get(scope)
        if lens is None:
            lens = Lens(scope, self._known, self._handles, self._context, self._too_long, self._heads)
            self._lenses[scope] = lens
            lens.idle_ns = self._mono()
        return lens

    def scope_of(self, reader: Outlet) -> Scope | None:
        """What a reader is shown, None for all."""
        lens = self._of.get(reader)
        return lens.scope if lens is not None else None

    def lens_of(self, reader: Outlet) -> Lens | None:
        """What a reader looks through, None: at everything."""
        return self._of.get(reader)

    def looks(self, reader: Outlet, scope: Scope | None) -> Lens | None:
        """The reader looks through the lens of a scope from now on, or through none."""
        before = self._of.pop(reader, None)
        if before is not None:
            before.readers.discard(reader)
            before.idle_ns = 0 if before.readers else self._mono()
        if scope is None:
            return None
        lens = self._of[reader] = self.of(scope)
        lens.readers.add(reader)
        lens.idle_ns = 0
        return lens

    def plain(self, readers: set[Outlet]) -> Collection[Outlet]:
        """Those of the readers that are shown everything."""
        if not self._of:
            return readers
        return readers - self._of.keys() if len(readers) > len(self._of) else ()

    def note(self, cls: str, id_: str, entity: Entity | None) -> None:
        """An entity was put, or dropped (None)."""
        for lens in self._lenses.values():
            lens.note(cls, id_, entity)

    def review(self) -> None:
        """Areas, or places of sensors, are others now."""
        for lens in self._lenses.values():
            lens.review()

    def expire(self) -> None:
        """Put away what nobody came back to."""
        oldest_ns = self._mono() - IDLE_NS
        for scope, lens in list(self._lenses.items()):
            if lens.idle_ns and lens.idle_ns < oldest_ns:
                del self._lenses[scope]
