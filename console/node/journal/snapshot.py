"""How all entities stood at a position, kept beside the journal so that a start need not fold years; only ever a cache.

The journal alone is the truth: a snapshot that is not signed by this node's key, was made by other folds, or speaks of
another past than the file has is left unread, and everything is folded from the first entry. See ADR 0015.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

import console.model
import console.rules
from console.node.journal import folds as folds_package
from console.node.journal.entry import SYSTEM, UNREADABLE
from console.node.journal.fold import Contested, Fold, View
from console.node.journal.seals import NodeKey, signed
from console.node.journal.store import Store
from console.posix import write_whole

log = logging.getLogger(__name__)
FILE: Final = "states"
PREFIX: Final = b"yilan.journal.states.1\0"
SIGNATURE_BYTES: Final = 64
AT_CLOSE: Final = 20_000
"""Entries beyond the last snapshot that make a new one worth its writing when the journal closes."""
AT_REST: Final = 50_000
"""The same while the node runs and nobody waits for an answer: a kill costs the next start at most so many."""


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A `View` with its state as bytes: only the fold of its class knows the type."""

    cls: str
    id: str
    state: msgspec.Raw
    heads: tuple[bytes, ...]
    contested: tuple[tuple[bytes, str, str, str], ...]
    authority: str
    term: int
    entries: int
    quarantined: int
    hidden: int
    doubled: int


class Body(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is signed. `program`: of the code that folded; `running` the journal's hash over all up to `position`."""

    program: bytes
    position: int
    running: bytes
    standings: tuple[Standing, ...]


class Snapshot(msgspec.Struct, frozen=True):
    """All views of classes with a fold, as they stood after `position`."""

    position: int
    views: list[View]


class Snapshots:
    """The one file in a journal's folder.

    Attributes:
        position: of the snapshot that was read or written last, 0 for none.
    """

    def __init__(self, folder: Path, key: NodeKey, folds: Iterable[Fold]) -> None:
        self._path, self._key = folder / FILE, key
        self._folds = {fold.cls: fold for fold in folds}
        self.position = 0

    def read(self, store: Store) -> Snapshot | None:
        """What fits the store, None where nothing does: that is said in the log, and is no fault; it is taken away."""
        self.position = 0
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("%s is not used: %s", self._path, error)
            return None
        try:
            found = self._fitting(raw, store)
        except (ValueError, *UNREADABLE) as error:
            log.warning("%s is not used, all is folded anew: %s", self._path, error)
            self.forget()  # it never will be; and it may hold what was erased since
            return None
        self.position = found.position
        return found

    def _fitting(self, raw: bytes, store: Store) -> Snapshot:
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not signed(self._key.public, sha256(body).digest(), signature, PREFIX):
            raise ValueError("found a signature that is not of this node's key")
        made = msgspec.msgpack.decode(body, type=Body)
        if made.program != program():
            raise ValueError("it was made by another version")
        if made.position < 1 or store.running_at(made.position) != made.running:
            raise ValueError(f"the journal's past up to entry {made.position} is another")
        if any(entry.position > made.position for entry in store.of_class(SYSTEM)):
            raise ValueError("something was said since of entries that it has folded")
        return Snapshot(made.position, [self._view(standing) for standing in made.standings])

    def _view(self, standing: Standing) -> View:
        fold = self._folds.get(standing.cls)
        if fold is None:
            raise ValueError(f"it speaks of {standing.cls}, of which there is no fold")
        return View(
            cls=standing.cls,
            id=standing.id,
            state=msgspec.msgpack.decode(standing.state, type=type(fold.start(standing.id))),
            heads=standing.heads,
            contested=tuple(Contested(hash=h, kind=k, actor=a, rule=r) for h, k, a, r in standing.contested),
            authority=standing.authority,
            term=standing.term,
            entries=standing.entries,
            quarantined=standing.quarantined,
            hidden=standing.hidden,
            doubled=standing.doubled,
        )

    def write(self, views: Mapping[str, Iterable[View]], position: int, running: bytes) -> None:
        """Keep how all stands after `position`; a disk that is full costs the snapshot and nothing else."""
        standings = tuple(_standing(view) for cls in self._folds for view in views[cls])
        body = msgspec.msgpack.encode(Body(program(), position, running, standings))
        try:
            write_whole(self._path, self._key.sign(sha256(body).digest(), PREFIX) + body)
        except OSError as error:
            log.warning("%s could not be written: %s", self._path, error)
            return
        self.position = position

    def forget(self) -> None:
        """Take it away: what it was made from is in doubt, or was erased."""
        self.position = 0
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s could not be taken away: %s", self._path, error)


def _standing(view: View) -> Standing:
    return Standing(
        view.cls,
        view.id,
        msgspec.Raw(msgspec.msgpack.encode(view.state)),
        view.heads,
        tuple((one.hash, one.kind, one.actor, one.rule) for one in view.contested),
        view.authority,
        view.term,
        view.entries,
        view.quarantined,
        view.hidden,
        view.doubled,
    )


@cache
def program() -> bytes:
    """Of all code that decides what a state is: a snapshot of another is never read."""
    found = sha256()
    for package in (folds_package, console.rules, console.model):
        for folder in package.__path__:
            for file in sorted(Path(folder).glob("*.py")):
                found.update(file.name.encode() + b"\0" + file.read_bytes())
    for module in ("fold.py", "order.py", "marks.py", "entry.py", Path(__file__).name):
        found.update(Path(__file__).with_name(module).read_bytes())
    return found.digest()
