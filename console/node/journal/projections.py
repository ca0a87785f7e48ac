"""How every entity stands, kept up with the journal as it grows; knows entries and folds, not how entries come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from console.node.journal.entry import Entry
from console.node.journal.fold import BLANK, EntityFold, Fold, View, fold_entity, versions
from console.node.journal.marks import Marks
from console.node.journal.snapshot import Snapshot
from console.node.journal.store import Store


class Resting:
    """An entity as a snapshot has it: the first entry that touches it has it folded anew, from its own entries."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def heads(self) -> tuple[bytes, ...]:
        """As of `EntityFold`."""
        return self._view.heads

    def view(self) -> View:
        """How it stands."""
        return self._view

    def follow(self, _entry: Entry) -> bool:
        """It follows nothing."""
        return False

    def holds(self, _entry: Entry) -> bool:
        """What it holds is all older than what it is asked about."""
        return False


KEEP_UNFOLDED: Final = 10_000
"""So many entities of classes without a fold stay in memory; the rest is folded anew when asked for."""
Name = tuple[str, str]


class Projections:
    """Views by (class, id). `learn` entries in the order of the journal; what a late one touches is folded anew."""

    def __init__(self, folds: Iterable[Fold], store: Store, marks: Marks) -> None:
        self._folds = {fold.cls: fold for fold in folds}
        self._store, self._marks = store, marks
        self._running: dict[str, dict[str, EntityFold | Resting]] = {cls: {} for cls in self._folds}
        self._others: dict[Name, EntityFold | Resting] = {}
        self._waiting: list[Entry] = []
        self._changed: dict[Name, None] = {}

    def learn(self, entry: Entry) -> None:
        """An entry was added; it is folded when somebody asks."""
        self._waiting.append(entry)

    def take_changed(self) -> list[View]:
        """How the entities stand that have changed since the last call."""
        self._settle()
        changed, self._changed = self._changed, {}
        return [self._fold_of(name).view() for name in changed]

    def _settle(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            name = (entry.header.cls, entry.header.entity)
            running = self._find(name)
            if running is None or not (running.follow(entry) or running.holds(entry)):
                self._refold(name)
            self._changed[name] = None

    def refold(self, names: Iterable[Name]) -> None:
        """Fold these entities anew: a mark reaches their entries, or a commit failed."""
        again = set(names)
        self._waiting = [e for e in self._waiting if (e.header.cls, e.header.entity) not in again]
        for cls, id_ in again:
            self._running.get(cls, {}).pop(id_, None)
            self._others.pop((cls, id_), None)
            self._changed[(cls, id_)] = None
            if cls in self._running:
                self._refold((cls, id_))

    def view(self, cls: str, id_: str) -> View:
        """How an entity stands; without entries: blank, and without heads."""
        self._settle()
        return self._fold_of((cls, id_)).view()

    def heads(self, cls: str, id_: str) -> tuple[bytes, ...]:
        """Hashes of an entity's head entries, ascending."""
        self._settle()
        return self._fold_of((cls, id_)).heads

    def views(self, cls: str) -> list[View]:
        """How all entities of a class with a fold stand, by id."""
        self._settle()
        return [running.view() for _, running in sorted(self._running[cls].items())]

    def versions(self, view: View) -> dict[bytes, Any]:
        """The state as each of a view's heads left it."""
        entries = self._store.of_entity(view.cls, view.id)
        return dict(versions(self._folds.get(view.cls, BLANK), view, entries, self._marks))

    def rebuild(self) -> None:
        """Forget all states and fold the whole journal from its first entry."""
        self._waiting.clear()
        self._others.clear()
        by_name: defaultdict[Name, list[Entry]] = defaultdict(list)
        for entry in self._store.all():
            if entry.header.cls in self._folds:
                by_name[(entry.header.cls, entry.header.entity)].append(entry)
        self._running = {cls: {} for cls in self._folds}
        for (cls, id_), entries in by_name.items():
            self._running[cls][id_] = fold_entity(self._folds[cls], cls, id_, entries, self._marks)

    def resume(self, snapshot: Snapshot) -> None:
        """Begin with how all stood, and fold anew what was touched since."""
        self._waiting.clear()
        self._others.clear()
        self._running = {cls: {} for cls in self._folds}
        for view in snapshot.views:
            self._running[view.cls][view.id] = Resting(view)
        names = ((entry.header.cls, entry.header.entity) for entry in self._store.all(snapshot.position))
        for name in dict.fromkeys(name for name in names if name[0] in self._folds):
            self._refold(name)

    def _find(self, name: Name) -> EntityFold | Resting | None:
        cls, id_ = name
        return self._running[cls].get(id_) if cls in self._running else self._others.get(name)

    def _fold_of(self, name: Name) -> EntityFold | Resting:
        return self._find(name) or self._refold(name)

    def _refold(self, name: Name) -> EntityFold:
        cls, id_ = name
        fold = self._folds.get(cls, BLANK)
        entries = self._store.of_entity(cls, id_)
        running = fold_entity(fold, cls, id_, entries, self._marks)
        if cls not in self._running:
            self._others[name] = running
            if len(self._others) > KEEP_UNFOLDED:
                del self._others[next(iter(self._others))]
        elif entries:
            self._running[cls][id_] = running
        return running
