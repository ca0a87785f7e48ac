"""`main.py journal rebuild`: states made from zero, against states grown entry by entry as a node grows them.

Works on a copy, so that it can be done while the node runs and changes nothing of what it has.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from console.api import YilanError
from console.node.journal.audit import journals
from console.node.journal.backup import back_up
from console.node.journal.entry import SYSTEM, Entry, Origin
from console.node.journal.fold import Fold, View
from console.node.journal.folds import FOLDS
from console.node.journal.marks import Marks
from console.node.journal.projections import Name, Projections
from console.node.journal.store import Store

AT_ONCE: Final = 64
"""Entries between two looks at the states: what a busy node takes together."""
_READ: Final = 2_000


class Compared(NamedTuple):
    """`differs`: entities that stand otherwise when rebuilt than when grown, (class, id) ascending."""

    entries: int
    entities: dict[str, int]
    differs: tuple[Name, ...]


def main(state: Path, file: Path | None) -> int:
    """0: all stands the same; 1: something differs; 2: it cannot be read, is damaged, or there is none."""
    files = [file] if file is not None else journals(state)
    if not files:
        print(f"cannot be read: {state} holds no journal; name a file, or another --state", file=sys.stderr)
        return 2
    return max(_one(path) for path in files)


def _one(path: Path) -> int:
    print(f"{path}:")
    try:
        compared = compare(path)
    except (YilanError, apsw.Error, OSError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    made = ", ".join(f"{count} {cls}" for cls, count in sorted(compared.entities.items()) if count)
    print(f"{compared.entries} entries folded from the first: {made or 'nothing'}")
    for cls, id_ in compared.differs:
        print(f"BAD: {cls} {id_} stands otherwise when it is rebuilt")
    if not compared.differs:
        print("rebuilt they stand as they do when grown entry by entry")
    return 1 if compared.differs else 0


def compare(path: Path, folds: Iterable[Fold] = FOLDS) -> Compared:
    """Copy a journal and fold it both ways. Raises JournalError, apsw.Error where it cannot be read or copied."""
    folds = tuple(folds)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        back_up(path, copy)
        whole, grown = Store(copy), Store(Path(folder) / "grown.db", synchronous="OFF")
        whole.open()
        grown.open()
        try:
            was = _grown(whole, grown, folds)
            now = _rebuilt(whole, folds)
            entries = whole.last
        finally:
            whole.close()
            grown.close()
    names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    counts = {fold.cls: sum(cls == fold.cls for cls, _ in now) for fold in folds}
    return Compared(entries, counts, tuple(names))


def _rebuilt(store: Store, folds: tuple[Fold, ...]) -> dict[Name, View]:
    marks = Marks()
    for entry in store.of_class(SYSTEM):
        marks.learn(entry)
    projections = Projections(folds, store, marks)
    projections.rebuild()
    return _views(projections, folds)


def _grown(whole: Store, grown: Store, folds: tuple[Fold, ...]) -> dict[Name, View]:
    """As a node's journal grows: each entry learned when it came, and folded with the few that came with it."""
    marks = Marks()
    projections = Projections(folds, grown, marks)
    after = 0
    while entries := whole.entries(after, _READ):
        for entry in entries:
            _learn(grown.put(entry), grown, marks, projections)
            if entry.position % AT_ONCE == 0:
                grown.commit()
                projections.take_changed()
        after = entries[-1].position
    grown.commit()
    return _views(projections, folds)


def _learn(entry: Entry, store: Store, marks: Marks, projections: Projections) -> None:
    projections.learn(entry)
    reach = marks.learn(entry) if entry.header.cls == SYSTEM else None
    if reach is not None:
        reached = store.chain(Origin(*reach.origin), reach.first, reach.last)
        projections.refold((each.header.cls, each.header.entity) for each in reached)


def _views(projections: Projections, folds: tuple[Fold, ...]) -> dict[Name, View]:
    return {(fold.cls, view.id): view for fold in folds for view in projections.views(fold.cls) if view.entries}
