"""Entries in one SQLite file, and quick ways to find them; knows no rule of the journal. For one thread at a time.

A commit writes the entries' own rows alone; the look-up tables follow some hundred entries at a time, and what they
lack is kept in memory and read again at start.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import msgspec

from console.api import WireError
from console.model.errors import JournalError
from console.node.journal.entry import ZERO, Entry, Origin, read_entry
from console.node.journal.schema import found_version, gate, migrate
from console.node.journal.sieve import Sieve

FILE: Final = "journal.db"
LOOK_UP_AFTER: Final = 512
"""So many entries may wait for the look-up tables."""
WAL_PAGES: Final = 1000
"""About so many pages of the log are written into the database at once, when nobody waits for an answer."""
_BUSY_MS: Final = 5000
_INSERT: Final = "INSERT INTO entry VALUES(?,?,?,?,?)"
_SELECT: Final = "SELECT position, header, body, received_ns FROM entry "
Row = tuple[Any, ...]


class Seal(NamedTuple):
    """A signed checkpoint as it is kept; see `console.node.journal.seals`."""

    number: int
    position: int
    body: bytes
    signature: bytes


def running_hash(before: bytes, entry: Entry) -> bytes:
    """The chain over all entries in the order of this node's journal, and over when each came."""
    return sha256(before + entry.hash + entry.received_ns.to_bytes(8, "big", signed=True)).digest()


class Store:
    """The file. `put` what belongs together, then `commit`; after a failed commit call `reopen`.

    Args:
        path: the database's file; ":memory:" for tests of what is above.
        vfs: SQLite's way to files; "" is the system's.
        exclusive: take the whole file (a VFS without shared memory needs it).
        synchronous: FULL; anything less is for showing what it loses.
    """

    def __init__(self, path: Path | str, *, vfs: str = "", exclusive: bool = False, synchronous: str = "FULL") -> None:
        self.path, self._vfs, self._exclusive, self._synchronous = str(path), vfs, exclusive, synchronous
        self._connection: apsw.Connection | None = None
        self._wal_pages = 0
        self._pending: list[tuple[str, Row]] = []
        self._known_intents = Sieve()
        self._forget()

    def _forget(self) -> None:
        self.last, self.running = 0, ZERO
        """Position and running hash of the newest entry, those not yet committed included."""
        self._looked_up = 0
        self._recent: dict[int, Entry] = {}
        self._spots: dict[tuple[str, str, int], int] = {}
        self._touched: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._intents: defaultdict[str, list[int]] = defaultdict(list)

    # ------------------------------------------------------------------------------------------- open and close

    def open(self) -> None:
        """Open, migrate and read what the look-up tables lack. Raises JournalError."""
        gate()
        try:
            self._connect()
            self._read_recent()
        except apsw.Error as error:
            self.close(failed=True)
            raise told(error, self.path) from error
        except JournalError:
            self.close(failed=True)
            raise

    def _connect(self) -> None:
        self._connection = connection = apsw.Connection(self.path, vfs=self._vfs or None)
        connection.set_busy_timeout(_BUSY_MS)
        if self._exclusive:
            connection.pragma("locking_mode", "EXCLUSIVE")
        # before the first pragma that writes: what is not ours, or newer, is left as it is
        found_version(connection)
        if self.path != ":memory:" and connection.pragma("journal_mode", "WAL") != "wal":
            raise JournalError("io", f"{self.path} cannot be opened with a write-ahead log; is it on a network disk?")
        connection.pragma("synchronous", self._synchronous)
        connection.pragma("secure_delete", 1)
        connection.wal_autocheckpoint(0)
        migrate(connection)
        try:
            self.settle()
        except JournalError as error:
            if error.reason not in ("full", "busy"):  # neither is a reason to show nobody what is known
                raise

    def settle(self) -> None:
        """All that can be read is on the disk when this returns, and nothing is in the log that is not.

        After a sync that failed, here or in an earlier run, what stands in the log may be on no disk, and what follows
        it would be lost with it. So it goes into the database, and a commit begins the log anew. Raises JournalError.
        """
        if self.path == ":memory:":
            return
        try:
            frames, copied = self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            if copied < frames:
                raise JournalError("busy", f"another program reads {self.path}; what it holds is not settled yet")
            if frames > 0:
                # the version anew, as it is: it writes a page whatever stands there
                self.connection.pragma("user_version", int(self.connection.pragma("user_version")))
        except apsw.Error as error:
            raise told(error, self.path) from error

    def _read_recent(self) -> None:
        self._forget()
        self._looked_up = int(self.meta("looked_up") or 0)
        row = self._one("SELECT position, running FROM entry ORDER BY position DESC LIMIT 1")
        if row is not None:
            self.last, self.running = row
        self._known_intents = Sieve()
        for (intent,) in self._rows("SELECT id FROM intent", ()):
            self._known_intents.add(intent)
        for entry in self._read(_SELECT + "WHERE position > ? ORDER BY position", (self._looked_up,)):
            self._remember(entry)

    def reopen(self, *, doubt: bool = True) -> None:
        """Begin again from what the disk holds, after a failure.

        `doubt`: a sync may have failed, so what can be read now is settled before it is believed.
        """
        self.close(failed=True)
        self.open()
        try:
            if doubt:
                self.settle()
        except JournalError:
            self.close(failed=True)
            raise

    def checkpoint(self, *, wait: bool = True) -> None:
        """Write the log into the database and empty it. Raises JournalError: `busy` while another reads the file."""
        if self.path == ":memory:":
            return
        connection = self.connection
        try:
            connection.set_busy_timeout(_BUSY_MS if wait else 0)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._wal_pages = 0
        except apsw.Error as error:
            raise told(error, self.path) from error
        finally:
            connection.set_busy_timeout(_BUSY_MS)

    def close(self, *, failed: bool = False) -> None:
        """Give the file back; nothing is written that was not committed. `failed`: leave the log as it is."""
        connection, self._connection = self._connection, None
        self._pending.clear()
        if connection is not None:
            if failed:  # one more sync could fail in silence, and lose what the next one cannot bring back
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            # what was committed is in the log; a disk that is full or fails need not take its last checkpoint too
            with contextlib.suppress(apsw.Error):
                connection.close(True)

    @property
    def connection(self) -> apsw.Connection:
        """The one connection. Raises JournalError while the file is not open."""
        if self._connection is None:
            raise JournalError("io", f"{self.path} is not open")
        return self._connection

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    # ------------------------------------------------------------------------------------------- write

    def put(self, entry: Entry) -> Entry:
        """Add an entry to what the next commit writes; returns it with its position."""
        self.last += 1
        entry = msgspec.structs.replace(entry, position=self.last)
        self.running = running_hash(self.running, entry)
        self._pending.append((_INSERT, (self.last, entry.raw, entry.body, entry.received_ns, self.running)))
        self._remember(entry)
        return entry

    def also(self, sql: str, bindings: Row) -> None:
        """Another statement for the next commit."""
        self._pending.append((sql, bindings))

    @property
    def waiting(self) -> int:
        """Statements that the next commit writes."""
        return len(self._pending)

    def commit(self) -> None:
        """One transaction, durable when this returns. Raises JournalError; nothing of it is then there."""
        pending, self._pending = self._pending, []
        connection = self.connection
        try:
            if len(pending) == 1:
                connection.execute(*pending[0])
            elif pending:
                connection.execute("BEGIN IMMEDIATE")
                for sql, bindings in pending:
                    connection.execute(sql, bindings)
                connection.execute("COMMIT")
            self._wal_pages += 1 + len(pending) // 4
        except apsw.Error as error:
            raise told(error, self.path) from error

    def erase(self, position: int) -> None:
        """Take a body out of the next commit's file; `checkpoint` after it takes it out of the log too."""
        self.also("UPDATE entry SET body = NULL WHERE position = ?", (position,))
        if (entry := self._recent.get(position)) is not None:
            self._recent[position] = msgspec.structs.replace(entry, body=None)

    def tidy(self, *, idle: bool = False) -> None:
        """After answers are out: bring the look-up tables up to date and the log into the database, if it is time."""
        if len(self._recent) >= (64 if idle else LOOK_UP_AFTER):
            self.look_up()
        if self._wal_pages >= WAL_PAGES and self.path != ":memory:":
            try:
                self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._wal_pages = 0
            except apsw.Error as error:
                raise told(error, self.path) from error

    def look_up(self) -> None:
        """Write the look-up tables for all that is committed."""
        for (node, epoch, seq), position in self._spots.items():
            row = (node, epoch, seq, position, self._recent[position].hash)
            self.also("INSERT INTO spot VALUES(?,?,?,?,?)", row)
        for (cls, id_), positions in self._touched.items():
            for position in positions:
                self.also("INSERT INTO touched VALUES(?,?,?)", (cls, id_, position))
        for intent, positions in self._intents.items():
            for position in positions:
                self.also("INSERT INTO intent VALUES(?,?)", (intent, position))
        self.also("UPDATE meta SET value = ? WHERE key = 'looked_up'", (str(self.last),))
        self.commit()
        last, running = self.last, self.running
        self._forget()
        self.last, self.running, self._looked_up = last, running, last

    def _remember(self, entry: Entry) -> None:
        header, position = entry.header, entry.position
        self._recent[position] = entry
        self._spots[(header.node, header.epoch, header.seq)] = position
        self._touched[(header.cls, header.entity)].append(position)
        if header.intent:
            self._intents[header.intent].append(position)
            self._known_intents.add(header.intent)

    # ------------------------------------------------------------------------------------------- read

    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Entries in the order of this journal from position `after` + 1 on."""
        return list(self._read(_SELECT + "WHERE position > ? ORDER BY position LIMIT ?", (after, limit)))

    def all(self, after: int = 0) -> Iterator[Entry]:
        """Every entry behind position `after` in the order of this journal, those not yet committed included; memory
        stays small."""
        while rows := self.entries(after):
            yield from rows
            after = rows[-1].position
        yield from [e for p, e in sorted(self._recent.items()) if p > after]

    def at(self, position: int) -> Entry:
        """The entry at a position that is known to be one; JournalError where it is gone."""
        if (entry := self._recent.get(position)) is not None:
            return entry
        for entry in self._read(_SELECT + "WHERE position = ?", (position,)):
            return entry
        raise damaged(self.path, f"entry {position} is gone")

    def spot(self, origin: Origin, seq: int) -> int:
        """The position of an origin's entry, 0 where there is none."""
        if position := self._spots.get((origin.node, origin.epoch, seq)):
            return position
        row = self._one("SELECT position FROM spot WHERE node = ? AND epoch = ? AND seq = ?", (*origin, seq))
        return int(row[0]) if row else 0

    def holds(self, entry: Entry) -> bool:
        """Whether this very entry stands at its position in the file."""
        row = self._one("SELECT header FROM entry WHERE position = ?", (entry.position,))
        return row is not None and bytes(row[0]) == entry.raw

    def hash_of(self, origin: Origin, seq: int) -> bytes:
        """The hash of an origin's entry, b"" where there is none."""
        if position := self._spots.get((origin.node, origin.epoch, seq)):
            return self._recent[position].hash
        row = self._one("SELECT hash FROM spot WHERE node = ? AND epoch = ? AND seq = ?", (*origin, seq))
        return bytes(row[0]) if row else b""

    def chain(self, origin: Origin, first: int, last: int) -> Iterator[Entry]:
        """Entries first…last of an origin that are here, by sequence."""
        sql = "SELECT position FROM spot WHERE node = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        positions = [row[0] for row in self._rows(sql, (*origin, first, min(last, (1 << 62))))]
        mine = sorted((s, p) for (n, e, s), p in self._spots.items() if (n, e) == origin and first <= s <= last)
        for position in (*positions, *(p for _, p in mine)):
            yield self.at(position)

    def of_entity(self, cls: str, id_: str) -> list[Entry]:
        """All entries of one entity, in the order of this journal."""
        rows = self._rows("SELECT position FROM touched WHERE cls = ? AND entity = ? ORDER BY position", (cls, id_))
        return [self.at(p) for p in (*(row[0] for row in rows), *self._touched.get((cls, id_), ()))]

    def of_class(self, cls: str) -> list[Entry]:
        """All entries of a class, in the order of this journal."""
        rows = self._rows("SELECT position FROM touched WHERE cls = ? ORDER BY position", (cls,))
        recent = sorted(p for (c, _), positions in self._touched.items() if c == cls for p in positions)
        return [self.at(p) for p in (*(row[0] for row in rows), *recent)]

    def of_intent(self, id_: str) -> list[Entry]:
        """All entries of one intent, in the order of this journal."""
        if not self._known_intents.maybe(id_):
            return []
        rows = self._rows("SELECT position FROM intent WHERE id = ? ORDER BY position", (id_,))
        return [self.at(p) for p in (*(row[0] for row in rows), *self._intents.get(id_, ()))]

    def tips(self) -> dict[Origin, tuple[int, bytes]]:
        """The last sequence and its hash of every origin."""
        tips: dict[Origin, tuple[int, bytes]] = {}
        for node, epoch, seq in self._rows("SELECT node, epoch, max(seq) FROM spot GROUP BY node, epoch", ()):
            tips[Origin(node, epoch)] = (seq, self.hash_of(Origin(node, epoch), seq))
        for (node, epoch, seq), position in self._spots.items():
            if seq > tips.get(Origin(node, epoch), (0, ZERO))[0]:
                tips[Origin(node, epoch)] = (seq, self._recent[position].hash)
        return tips

    def last_seal(self) -> Seal | None:
        """The newest seal."""
        row = self._one("SELECT number, position, body, signature FROM seal ORDER BY number DESC LIMIT 1")
        return Seal(*row) if row else None

    def running_at(self, position: int) -> bytes:
        """The running hash at a position, b"" where there is none."""
        row = self._one("SELECT running FROM entry WHERE position = ?", (position,))
        return bytes(row[0]) if row else (ZERO if position == 0 else b"")

    def aside(self) -> list[tuple[Origin, int, bytes, str]]:
        """(origin, seq, hash, peer) of every entry that is kept beside the journal, in quarantine."""
        rows = self._rows("SELECT node, epoch, seq, hash, peer FROM aside ORDER BY node, epoch, seq, hash", ())
        return [(Origin(node, epoch), seq, bytes(hash_), peer) for node, epoch, seq, hash_, peer in rows]

    def meta(self, key: str) -> str | None:
        """A small text that the file keeps."""
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a small text with the next commit."""
        self.also("INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))

    def _one(self, sql: str, bindings: Row = ()) -> Row | None:
        return next(iter(self._rows(sql, bindings)), None)

    def _rows(self, sql: str, bindings: Row) -> list[Row]:
        try:
            return self.connection.execute(sql, bindings).fetchall()
        except apsw.Error as error:
            raise told(error, self.path) from error

    def _read(self, sql: str, bindings: Row) -> Iterable[Entry]:
        for position, header, body, received_ns in self._rows(sql, bindings):
            try:
                yield read_entry(header, body, position, received_ns)
            except WireError as error:
                raise damaged(self.path, f"entry {position}: {error}") from None


def damaged(path: str, what: str) -> JournalError:
    """The file says what it cannot have been told."""
    return JournalError(
        "damaged", f"{path} is damaged: {what}; keep the file, run the verifier, restore the last backup"
    )


def told(error: apsw.Error, path: str) -> JournalError:
    """What SQLite says, for a person."""
    if isinstance(error, apsw.FullError):
        return JournalError("full", f"the disk of {path} is full: nothing was saved; free space, then do it again")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return damaged(path, str(error))
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return JournalError("busy", f"another program holds {path}; close it")
    return JournalError("io", f"{path} cannot be read or written ({error}); nothing was saved; check the disk")
