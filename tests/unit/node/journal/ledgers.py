"""Journals in memory for tests, with a clock that tests set."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from console.api import NS
from console.node.journal.entry import Draft, Saved
from console.node.journal.exchange import Taken, have, missing, take
from console.node.journal.fold import Fold
from console.node.journal.folds import FOLDS, NoteAct
from console.node.journal.ledger import Ledger
from console.node.journal.seals import NodeKey
from console.node.journal.store import Store

START_NS = 1_800_000_000 * NS


class Wall:
    """A machine's clock: `ns` is set by the test."""

    def __init__(self, ns: int = START_NS) -> None:
        self.ns = ns

    def __call__(self) -> int:
        self.ns += 1_000_000
        return self.ns


@cache
def key() -> NodeKey:
    """One key for all; making one needs a folder."""
    with tempfile.TemporaryDirectory() as folder:
        return NodeKey(Path(folder))


def ledger(node: str, wall: Wall | None = None, folds: Iterable[Fold] = FOLDS, path: Path | None = None) -> Ledger:
    """An open journal, in memory unless `path` names a file."""
    opened = Ledger(Store(path or ":memory:"), node, key(), folds, now_ns=wall or Wall())
    opened.open()
    return opened


def write(to: Ledger, text: str, entity: str = "n", **more: Any) -> Saved:
    """One line more of a note, durable."""
    act = NoteAct(text=text)
    saved = to.append([Draft(kind="note.write", cls="note", entity=entity, act=act, actor=to.node, **more)])
    to.commit()
    return saved


def tell(giver: Ledger, taker: Ledger, limit: int = 1000) -> Taken:
    """One parcel one way."""
    parcel = missing(giver, have(taker), limit)
    giver.commit()
    taken = take(taker, parcel, giver.node)
    taker.commit()
    return taken


def exchange(*nodes: Ledger) -> None:
    """Everything every way, until nobody has anything new."""
    for _ in range(20):
        before = [node.tips.copy() for node in nodes]
        for giver in nodes:
            for taker in nodes:
                if giver is not taker:
                    tell(giver, taker)
        if before == [node.tips for node in nodes]:
            return
    raise AssertionError("the exchange does not end")


def standing(of: Ledger, cls: str = "note") -> dict[str, Any]:
    """How all entities of a class stand: equal on all nodes that hold the same entries."""
    return {view.id: view for view in of.projections.views(cls)}


def lines(of: Ledger, entity: str = "n") -> list[str]:
    """The lines of a note."""
    return [text for _, text in of.projections.view("note", entity).state.lines]
