"""Checks a journal's file offline and names the first bad entry; trusts nothing in it, and says what it cannot prove.

    python -m console.node.journal.verify FILE [--witness FILE] [--key HEX]

A witness file has one line for each answer `saved` that was kept elsewhere: node epoch sequence hash (hex). `--key` is
the node's public key, noted elsewhere. Exit code 0: nothing is wrong; 1: something is; 2: it cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import apsw

from console.api import Value, WireError
from console.node.journal.entry import SYSTEM, UNREADABLE, ZERO, Entry, Origin, name_of, read_entry
from console.node.journal.marks import EPOCH, EpochAct, Marks
from console.node.journal.schema import APPLICATION_ID, VERSION
from console.node.journal.seals import hash_of, read_seal, signed
from console.node.journal.store import Seal, running_hash

_FEW: Final = 20


class Witness(Value, frozen=True, kw_only=True):
    """An answer `saved` that somebody kept: this entry had this hash."""

    node: str
    epoch: str
    seq: int
    hash: bytes


class Report(Value, frozen=True, kw_only=True):
    """What was found. `bad`: the first thing that is wrong, "" for none; `position` of its entry, 0 where it has none.

    `unproven`: sentences on what nothing in the file or among the witnesses can prove.
    """

    entries: int = 0
    seals: int = 0
    origins: tuple[str, ...] = ()
    public_key: str = ""
    bad: str = ""
    position: int = 0
    unproven: tuple[str, ...] = ()


class Bad(Exception):
    """The first thing that is wrong; ends the check."""

    def __init__(self, what: str, position: int = 0) -> None:
        self.position = position
        super().__init__(what)


def verify(path: Path, witnesses: Iterable[Witness] = (), public_key: bytes | None = None) -> Report:
    """Check the whole file: every entry, the chains, the seals, the look-up tables, the witnesses.

    Raises apsw.Error where it cannot be opened at all.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return _Check(connection, tuple(witnesses), public_key).report()
    finally:
        connection.close()


class _Check:
    """One pass over the entries in the order of the journal, with the seals between them."""

    def __init__(self, connection: apsw.Connection, witnesses: tuple[Witness, ...], public_key: bytes | None) -> None:
        self._connection, self._witnesses, self._key = connection, witnesses, public_key
        self._position, self._running = 0, ZERO
        self._tips: dict[Origin, tuple[int, bytes]] = {}
        self._marks = Marks()
        self._bare: list[Entry] = []
        self._keys: dict[Origin, bytes] = {}
        self._seals: list[Seal] = []
        self._sealed = 0
        self._expected = {(w.node, w.epoch, w.seq): w.hash for w in self._witnesses}
        self._seen: set[tuple[str, str, int]] = set()

    def report(self) -> Report:
        """Check all."""
        bad: Bad | None = None
        try:
            self._check()
        except Bad as found:
            bad = found
        except apsw.Error as error:
            bad = Bad(f"the file is damaged: {error}")
        return Report(
            entries=self._position,
            seals=len(self._seals),
            origins=tuple(sorted(map(str, self._tips))),
            public_key=next(iter(self._keys.values()), b"").hex(),
            bad=str(bad) if bad else "",
            position=bad.position if bad else 0,
            unproven=() if bad else tuple(self._unproven()),
        )

    def _check(self) -> None:
        if self._connection.pragma("application_id") != APPLICATION_ID:
            raise Bad("the file is no journal")
        if (version := int(self._connection.pragma("user_version"))) > VERSION:
            raise Bad(f"the file is of a newer version: found {version}, expected at most {VERSION}")
        pages = self._rows("PRAGMA integrity_check(1)")[0][0]
        self._seals = [
            Seal(*row) for row in self._rows("SELECT number, position, body, signature FROM seal ORDER BY number")
        ]
        seals = iter(self._seals)
        due = next(seals, None)
        for row in self._connection.execute(
            "SELECT position, header, body, received_ns, running FROM entry ORDER BY position"
        ):
            self._entry(*row)
            while due is not None and due.position <= self._position:
                self._seal(due)
                due = next(seals, None)
        if due is not None:
            raise Bad(
                f"entries {self._position + 1} to {due.position} are gone: seal {due.number} speaks of them",
                self._position + 1,
            )
        self._bodies()
        self._witnessed()
        self._aside()
        self._look_ups(version)
        if pages != "ok":
            raise Bad(f"the file's pages are damaged: {pages}")

    def _entry(self, position: int, raw: bytes, body: bytes | None, received_ns: int, running: bytes) -> None:
        if position != self._position + 1:
            raise Bad(f"entry {self._position + 1} is gone: {position} follows", self._position + 1)
        try:
            entry = read_entry(raw, body, position, received_ns)
        except WireError as error:
            raise Bad(f"entry {position} was changed: {error}", position) from None
        header = entry.header
        seq, previous = self._tips.get(entry.origin, (0, ZERO))
        if header.seq != seq + 1:
            raise Bad(f"entry {position}: {name_of(header)} follows {seq}", position)
        if header.previous != previous:
            raise Bad(f"entry {position}: {name_of(header)} follows another entry {seq} than is here", position)
        self._running = running_hash(self._running, entry)
        if running != self._running:
            raise Bad(f"entry {position} came in another order, or at another time, than is written", position)
        self._note(entry)

    def _note(self, entry: Entry) -> None:
        header = entry.header
        name = (header.node, header.epoch, header.seq)
        if (expected := self._expected.get(name)) is not None:
            self._seen.add(name)
            if expected != entry.hash:
                raise Bad(f"entry {entry.position}: {name_of(header)} is another than its witness saw", entry.position)
        self._tips[entry.origin] = (header.seq, entry.hash)
        self._position = entry.position
        if entry.body is None and header.cls == SYSTEM:
            raise Bad(
                f"entry {entry.position}: the body of a mark is gone, and these are never withheld", entry.position
            )
        if entry.body is None:
            self._bare.append(entry)
        elif header.cls == SYSTEM:
            self._marks.learn(entry)
            if header.kind == EPOCH:
                try:
                    self._keys[entry.origin] = entry.act(EpochAct).public_key
                except UNREADABLE:
                    raise Bad(f"entry {entry.position} begins an epoch, but cannot be read", entry.position) from None

    def _seal(self, seal: Seal) -> None:
        number = self._sealed + 1
        if seal.number != number:
            raise Bad(f"seal {number} is gone: {seal.number} follows")
        try:
            body = read_seal(seal)
        except UNREADABLE as error:
            raise Bad(f"seal {number} was changed: {error}") from None
        before = self._seals[number - 2] if number > 1 else None
        tips = {Origin(node, epoch): (seq, hash_) for node, epoch, seq, hash_ in body.tips}
        if not signed(body.public_key, seal.body, seal.signature):
            raise Bad(f"seal {number} bears a wrong signature")
        if body.previous != hash_of(before) or body.position != seal.position:
            raise Bad(f"seal {number} does not follow the one before it")
        if body.public_key != self._keys.get(Origin(body.node, body.epoch)):
            raise Bad(f"seal {number} is signed with another key than its epoch began with")
        if self._key is not None and body.public_key != self._key:
            raise Bad(f"seal {number} is signed with {body.public_key.hex()}, not with the key that was given")
        if body.position != self._position or body.running != self._running or tips != self._tips:
            raise Bad(f"the entries up to {body.position} are not those that seal {number} was set on", body.position)
        self._sealed = number

    def _bodies(self) -> None:
        for entry in self._bare:
            if not self._marks.excuses(entry):
                raise Bad(f"entry {entry.position}: its body is gone, and no entry says why", entry.position)

    def _witnessed(self) -> None:
        for witness in sorted(self._witnesses, key=lambda w: w.seq):
            if (witness.node, witness.epoch, witness.seq) in self._seen or self._is_aside(witness):
                continue
            last = self._tips.get(Origin(witness.node, witness.epoch), (0, ZERO))[0]
            raise Bad(
                f"entry {witness.seq} of {witness.node}/{witness.epoch} is gone: it was answered as saved,"
                f" here that origin ends at {last}; the file was cut off or put back to an earlier state",
                self._position + 1,
            )

    def _is_aside(self, witness: Witness) -> bool:
        sql = "SELECT count(*) FROM aside WHERE node = ? AND epoch = ? AND seq = ? AND hash = ?"
        return bool(self._rows(sql, (witness.node, witness.epoch, witness.seq, witness.hash))[0][0])

    def _aside(self) -> None:
        for node, epoch, seq, hash_, raw, body in self._rows("SELECT node, epoch, seq, hash, header, body FROM aside"):
            try:
                entry = read_entry(raw, body)
            except WireError as error:
                raise Bad(f"an entry in quarantine was changed: {error}") from None
            if (node, epoch, seq, hash_) != (*entry.origin, entry.header.seq, entry.hash):
                raise Bad(f"an entry in quarantine was changed: {name_of(entry.header)} is kept as another")

    def _look_ups(self, version: int) -> None:
        """The tables by which the program finds entries must not hide or invent any."""
        if version < 2:
            return
        upto = int(self._rows("SELECT value FROM meta WHERE key = 'looked_up'")[0][0])
        spots, touched, intents = 0, 0, 0
        for entry in self._again(upto):
            header, position = entry.header, entry.position
            spots += self._count(
                "spot WHERE node=? AND epoch=? AND seq=? AND position=? AND hash=?",
                (*entry.origin, header.seq, position, entry.hash),
            )
            touched += self._count(
                "touched WHERE cls=? AND entity=? AND position=?", (header.cls, header.entity, position)
            )
            if header.intent:
                intents += 1
                if not self._count("intent WHERE id=? AND position=?", (header.intent, position)):
                    raise Bad(f"entry {position} cannot be found by its intent: a look-up table was changed", position)
            if (spots, touched) != (position, position):
                raise Bad(f"entry {position} cannot be found: a look-up table was changed", position)
        counted = tuple(self._count(table, ()) for table in ("spot", "touched", "intent"))
        if counted != (spots, touched, intents):
            raise Bad("a look-up table names entries that are not there")

    def _again(self, upto: int) -> Iterator[Entry]:
        sql = "SELECT position, header, body, received_ns FROM entry WHERE position <= ? ORDER BY position"
        for position, raw, body, received_ns in self._connection.execute(sql, (upto,)):
            yield read_entry(raw, body, position, received_ns)

    def _count(self, where: str, bindings: tuple[Any, ...]) -> int:
        return int(self._rows(f"SELECT count(*) FROM {where}", bindings)[0][0])

    def _rows(self, sql: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, bindings).fetchall()

    def _unproven(self) -> Iterator[str]:
        sealed = self._seals[-1].position if self._seals else 0
        if self._position > sealed:
            yield f"entries {sealed + 1} to {self._position} stand after the last seal: their chain holds, unsigned"
        if not self._witnesses:
            yield (
                f"that nothing followed entry {self._position}, or that this is no earlier state of the file put back,"
                " cannot be proven without a witness"
            )
        else:
            yield "that nothing followed each origin's last witnessed entry cannot be proven without a later witness"
        if self._key is None and not self._witnesses:
            yield "that the file was not written anew with another key cannot be proven without a witness or the key"
        erased, bare = self._marks.erased, self._bare
        if bare:
            gone = sum(entry.hash in erased for entry in bare)
            yield f"{gone} bodies were erased, {len(bare) - gone} never given to this node: what they said is not here"
        for origin, fork in sorted(self._marks.forks.items()):
            yield f"{origin} forked at {fork.seq}: which of the two is the true one cannot be told from here"


def read_witnesses(path: Path) -> list[Witness]:
    """The witnesses in a file. Raises ValueError naming the line."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            node, epoch, seq, hash_ = words
            found.append(Witness(node=node, epoch=epoch, seq=int(seq), hash=bytes.fromhex(hash_)))
        except ValueError:
            raise ValueError(f"{path} line {number}: expected node epoch sequence hash, found {line!r}") from None
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="verify", description="Check a journal offline.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--witness", type=Path, help="lines of: node epoch sequence hash")
    parser.add_argument("--key", type=bytes.fromhex, help="the node's public key, hex")
    arguments = parser.parse_args(argv)
    try:
        report = verify(arguments.file, read_witnesses(arguments.witness) if arguments.witness else (), arguments.key)
    except (apsw.Error, OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    return show(report)


def show(report: Report) -> int:
    """Print a report; returns the exit code."""
    print(
        f"{report.entries} entries of {len(report.origins)} origins, {report.seals} seals,"
        f" key {report.public_key or 'none'}"
    )
    for sentence in report.unproven[:_FEW]:
        print(f"not proven: {sentence}")
    print(f"BAD: {report.bad}" if report.bad else "nothing is wrong")
    return 1 if report.bad else 0


if __name__ == "__main__":
    sys.exit(main())
