"""A journal of 300 entries with one of them changed, gone or in another place: found each time, and that one named."""

from __future__ import annotations

import itertools
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from console.node.journal.entry import Header, write_header
from console.node.journal.verify import Witness, verify
from tests.unit.node.journal.ledgers import ledger, tell, write

ENTRIES = 300
SLICE = 400
"""Changes tried in `make test`, drawn by chance from all."""
SOAK_SWAPS = int(os.environ.get("YILAN_SOAK_SWAPS", "100000"))
Change = tuple[str, int, object]
COLUMNS = "position, header, body, received_ns, running"


class Sealed:
    """The journal, on a disk in memory where there is one: each change is written to a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        journal, peer = ledger("one", path=self.path), ledger("peer")
        self.witnesses = []
        while journal.store.last < ENTRIES:
            saved = write(
                journal, f"act {journal.store.last}", f"n{journal.store.last % 7}", intent=f"i{journal.store.last}"
            )
            self.witnesses.append(Witness(node="one", epoch=saved.epoch, seq=saved.seq, hash=saved.head))
            if journal.store.last % 10 == 0:
                write(peer, "peer", "n0")
                tell(peer, journal)
            if journal.store.last % 100 == 1:
                journal.seal()
        self.count = journal.store.last
        journal.close()
        self.connection = apsw.Connection(str(self.path))
        self.connection.pragma("journal_mode", "DELETE")
        self.connection.pragma("synchronous", "OFF")
        self.rows: list[tuple[Any, ...]] = self.connection.execute(
            f"SELECT {COLUMNS} FROM entry ORDER BY position"
        ).fetchall()

    def put(self, *rows: tuple[object, ...]) -> None:
        """Write rows as they are, whatever stood there."""
        with self.connection:
            for row in rows:
                self.connection.execute(f"INSERT OR REPLACE INTO entry({COLUMNS}) VALUES(?,?,?,?,?)", row)

    def do(self, change: Change) -> None:
        """Change, and check that it is found and named; then as it was."""
        what, position, how = change
        row = list(self.rows[position - 1])
        first = position
        if what == "delete":
            self.connection.execute("DELETE FROM entry WHERE position = ?", (position,))
        elif what == "swap":
            assert isinstance(how, int)
            other, first = self.rows[how - 1], min(position, how)
            self.put((position, *other[1:]), (how, *row[1:]))
            row = []
        else:
            row[COLUMNS.split(", ").index(what)] = how
            self.put(tuple(row))
        report = verify(self.path)
        assert report.bad, change
        assert report.position == first, (change, report.bad)
        self.put(self.rows[position - 1])
        if not row:
            assert isinstance(how, int)
            self.put(self.rows[how - 1])


def changes(sealed: Sealed) -> Iterator[Change]:
    """Every field of every entry's header changed, its body, its time, its place in the chain; every entry gone."""
    for position, raw, body, received_ns, running in sealed.rows:
        header = msgspec.msgpack.decode(raw, type=Header)
        for name in Header.__struct_fields__:
            changed = msgspec.structs.replace(header, **{name: other(getattr(header, name))})
            yield "header", position, write_header(changed)
        yield "header", position, raw[:-1]
        yield "body", position, body[:-1] + bytes([body[-1] ^ 1])
        yield "body", position, None
        yield "received_ns", position, received_ns + 1
        yield "running", position, bytes([running[0] ^ 1]) + running[1:]
        yield "delete", position, None


def other(value: object) -> object:
    """Another value of the same kind."""
    match value:
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case bytes():
            return bytes(32) if any(value) else b"\x01" * 32
        case _:
            return (b"\x07" * 32,)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    made = Sealed(tmp_path_factory.mktemp("sealed"))
    yield made
    made.connection.close()


def swaps(sealed: Sealed) -> list[Change]:
    """Every two entries in each other's place."""
    return [("swap", a, b) for a, b in itertools.combinations(range(1, sealed.count + 1), 2)]


def test_changes_drawn_by_chance_are_found_and_named(sealed: Sealed) -> None:
    assert not verify(sealed.path, sealed.witnesses).bad
    chance = random.Random(4)
    for change in [*chance.sample(list(changes(sealed)), SLICE), *chance.sample(swaps(sealed), SLICE // 2)]:
        sealed.do(change)
    assert not verify(sealed.path, sealed.witnesses).bad


@pytest.mark.soak
def test_every_single_change_is_found_and_named(sealed: Sealed) -> None:
    tried = 0
    for change in changes(sealed):
        sealed.do(change)
        tried += 1
    exchanged = swaps(sealed)
    exchanged = random.Random(4).sample(exchanged, min(SOAK_SWAPS, len(exchanged)))
    for change in exchanged:
        sealed.do(change)
    print(f"\n{tried} edits and deletions, {len(exchanged)} swaps in {sealed.count} entries: each found and named")
    assert not verify(sealed.path, sealed.witnesses).bad


@pytest.mark.parametrize("keep", [1, 57, 100, 101, 102, 299])
def test_an_earlier_state_put_back_is_found_by_a_witness_and_never_claimed_without(
    keep: int, sealed: Sealed, tmp_path: Path
) -> None:
    """Cut off cleanly, as a copy of that day would be."""
    shutil.copy(sealed.path, tmp_path / "cut.db")
    cut = apsw.Connection(str(tmp_path / "cut.db"))
    for table in ("entry", "seal", "spot", "touched", "intent"):
        cut.execute(f"DELETE FROM {table} WHERE position > ?", (keep,))
    cut.execute("UPDATE meta SET value = ? WHERE key = 'looked_up'", (str(keep),))
    cut.close()
    alone = verify(tmp_path / "cut.db")
    assert not alone.bad
    assert any("cannot be proven without a witness" in sentence for sentence in alone.unproven)
    told = verify(tmp_path / "cut.db", sealed.witnesses)
    assert "cut off or put back to an earlier state" in told.bad
