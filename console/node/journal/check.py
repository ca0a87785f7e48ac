"""What is checked before a journal goes on: the file, the last seal, the chains since; knows no rule beyond these."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import apsw

from console.api import Notice, Severity, Text
from console.model.errors import JournalError
from console.node.journal.entry import UNREADABLE, ZERO, Origin, name_of
from console.node.journal.seals import read_seal, signed
from console.node.journal.store import Store, damaged, running_hash, told

QUICK_CHECK_BYTES: Final = 256 << 20
"""A larger file's pages are checked by the verifier only, so that a start stays quick."""


class Recheck:
    """All entries, looked at bit by bit while nobody waits, since a start looks at the newest alone: each its own
    bytes, all their order."""

    def __init__(self, store: Store, upto: int, running: bytes) -> None:
        self._store, self._upto, self._running = store, upto, running
        self._at, self._found = 0, ZERO

    @property
    def done(self) -> bool:
        """Whether all were looked at."""
        return self._at >= self._upto

    def step(self, most: int) -> None:
        """Look at the next entries, `most` at once. Raises JournalError (`damaged`) naming what is wrong first."""
        for entry in self._store.entries(self._at, min(most, self._upto - self._at)):
            if entry.position != self._at + 1:
                raise damaged(self._store.path, f"entry {self._at + 1} is gone")
            self._at, self._found = entry.position, running_hash(self._found, entry)
        if self.done and self._found != self._running:
            raise damaged(self._store.path, f"the entries up to {self._upto} are not those that came in this order")


def damage_notice(error: JournalError, now_ns: int) -> Notice:
    """An old entry is not what it was: what is saved now goes on to be saved, and a person has to know."""
    return Notice(
        key="journal.damaged",
        severity=Severity.ERROR,
        summary=Text("旧记录已损坏", "Old entries of the journal are damaged"),
        detail=str(error),
        tip=Text(
            "新操作照常保存；请保留该文件，用 audit verify 查明，从备份恢复",
            "New acts are saved as ever; keep the file, run audit verify, restore the last backup",
        ),
        since_ns=now_ns,
    )


def check_recent(store: Store) -> None:
    """Raises JournalError (`damaged`) naming what is wrong first: SQLite's pages, the last seal, an entry since."""
    _check_pages(store)
    position, running, tips = _check_seal(store)
    for entry in store.entries(position, 1 << 62):
        seq, previous = tips.get(entry.origin, (0, ZERO))
        if entry.position != position + 1 or entry.header.seq != seq + 1 or entry.header.previous != previous:
            raise damaged(store.path, f"{name_of(entry.header)} does not continue its chain")
        tips[entry.origin] = (entry.header.seq, entry.hash)
        position, running = entry.position, running_hash(running, entry)
    if (position, running) != (store.last, store.running):
        raise damaged(store.path, f"the entries up to {position} are not those that came in this order")


def _check_pages(store: Store) -> None:
    path = Path(store.path)
    if store.path != ":memory:" and path.exists() and path.stat().st_size > QUICK_CHECK_BYTES:
        return
    try:
        said = store.connection.execute("PRAGMA quick_check(1)").fetchall()[0][0]
    except apsw.Error as error:
        raise told(error, store.path) from error
    if said != "ok":
        raise damaged(store.path, str(said))


def _check_seal(store: Store) -> tuple[int, bytes, dict[Origin, tuple[int, bytes]]]:
    seal = store.last_seal()
    if seal is None:
        return 0, ZERO, {}
    try:
        body = read_seal(seal)
    except UNREADABLE as error:
        raise damaged(store.path, f"seal {seal.number}: {error}") from None
    if not signed(body.public_key, seal.body, seal.signature):
        raise damaged(store.path, f"seal {seal.number} bears a wrong signature")
    if body.position > store.last:
        raise damaged(
            store.path, f"seal {seal.number} speaks of entry {body.position}, the last one here is {store.last}"
        )
    if store.running_at(body.position) != body.running:
        raise damaged(store.path, f"the entries up to {body.position} are not those that seal {seal.number} speaks of")
    return body.position, body.running, {Origin(n, e): (s, h) for n, e, s, h in body.tips}
