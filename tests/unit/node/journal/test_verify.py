"""Whatever is done to a single entry of a journal is found and named; what cannot be proven is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from console.node.journal.entry import ZERO, Header, Saved, read_entry, write_header
from console.node.journal.store import running_hash
from console.node.journal.verify import Witness, main, read_witnesses, verify
from tests.unit.node.journal.ledgers import key, ledger, tell, write

ACTS = 10


class Kept:
    """A journal of two origins in a file, closed and sealed, with the answers that somebody kept."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        journal, peer = ledger("one", path=self.path), ledger("peer")
        self.saved: list[Saved] = []
        for number in range(ACTS):
            self.saved.append(write(journal, f"act {number}", f"n{number % 3}", intent=f"i{number}"))
            if number % 4 == 1:
                write(peer, f"peer {number}", "n0")
                tell(peer, journal)
            if number == 5:
                journal.seal()
        self.count = journal.store.last
        journal.close()
        self.witnesses = [witness(saved) for saved in self.saved]

    def copy(self, folder: Path) -> apsw.Connection:
        """A copy to do harm to."""
        shutil.copy(self.path, folder / "harmed.db")
        return apsw.Connection(str(folder / "harmed.db"))


def read(harm: apsw.Connection, sql: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    return harm.execute(sql, bindings).fetchall()


def witness(saved: Saved) -> Witness:
    return Witness(node=saved.node, epoch=saved.epoch, seq=saved.seq, hash=saved.head)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def harm(kept: Kept, tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = kept.copy(tmp_path)
    yield connection
    connection.close()


def test_an_untouched_journal_verifies(kept: Kept) -> None:
    report = verify(kept.path, kept.witnesses, key().public)
    assert (report.bad, report.entries, report.seals) == ("", kept.count, 2)
    assert report.public_key == key().public.hex()


def header_edits(raw: bytes) -> Iterator[bytes]:
    """The header with each of its fields changed, in the canonical encoding, and with a changed byte."""
    header = msgspec.msgpack.decode(raw, type=Header)
    for name in Header.__struct_fields__:
        value = getattr(header, name)
        if isinstance(value, int):
            other: object = value + 1
        elif isinstance(value, str):
            other = value + "x"
        elif isinstance(value, bytes):
            other = bytes(32) if value != bytes(32) else b"\x01" * 32
        else:
            other = (b"\x07" * 32,)
        yield write_header(msgspec.structs.replace(header, **{name: other}))
    for at in range(0, len(raw), 7):
        yield raw[:at] + bytes([raw[at] ^ 0x20]) + raw[at + 1 :]


def test_every_edit_of_any_entry_is_found_and_named(kept: Kept, harm: apsw.Connection) -> None:
    path = Path(harm.filename)
    rows = read(harm, "SELECT position, header, body, received_ns, running FROM entry")
    tried = 0
    for position, raw, body, received_ns, running in rows:
        edits: list[tuple[str, Any]] = [("header", edit) for edit in header_edits(raw)]
        edits += [("body", body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]) for at in range(0, len(body), 11)]
        edits += [("body", b""), ("body", None), ("body", body + b"\xc0"), ("received_ns", received_ns + 1)]
        edits += [("running", bytes(32)), ("running", running[:31])]
        for column, edit in edits:
            harm.execute(f"UPDATE entry SET {column} = ? WHERE position = ?", (edit, position))
            report = verify(path)
            assert report.bad, (position, column, edit)
            # nothing before it is blamed; a hash that is changed in the last byte may show one entry later
            assert report.position in (position, position + 1), (report.bad, column)
            tried += 1
            original = {"header": raw, "body": body, "received_ns": received_ns, "running": running}[column]
            harm.execute(f"UPDATE entry SET {column} = ? WHERE position = ?", (original, position))
    assert not verify(path).bad
    assert tried > kept.count * 40


def test_every_deletion_is_found(kept: Kept, tmp_path: Path) -> None:
    """Also where the rest is renumbered so that no hole is left, and the look-up tables with it."""
    for position in range(1, kept.count + 1):
        for renumbered in (False, True):
            harm = kept.copy(tmp_path)
            harm.execute("DELETE FROM entry WHERE position = ?", (position,))
            if renumbered:
                close_up(harm, position)
            harm.close()
            report = verify(tmp_path / "harmed.db")
            assert report.bad, (position, renumbered)
            assert report.position == position, report.bad


def close_up(harm: apsw.Connection, position: int) -> None:
    for (after,) in read(harm, "SELECT position FROM entry WHERE position > ? ORDER BY position", (position,)):
        harm.execute("UPDATE entry SET position = ? WHERE position = ?", (after - 1, after))


def test_every_swap_of_neighbours_is_found(kept: Kept, tmp_path: Path) -> None:
    for position in range(1, kept.count):
        harm = kept.copy(tmp_path)
        harm.execute("UPDATE entry SET position = 0 WHERE position = ?", (position,))
        harm.execute("UPDATE entry SET position = ? WHERE position = ?", (position, position + 1))
        harm.execute("UPDATE entry SET position = ? WHERE position = 0", (position + 1,))
        harm.close()
        report = verify(tmp_path / "harmed.db")
        assert report.bad
        assert report.position in (position, position + 1), report.bad


def test_every_inserted_entry_is_found(kept: Kept, tmp_path: Path) -> None:
    """A copy of an entry, put in at every place."""
    for position in range(1, kept.count + 2):
        harm = kept.copy(tmp_path)
        rows = "SELECT position FROM entry WHERE position >= ? ORDER BY position DESC"
        for (at,) in read(harm, rows, (position,)):
            harm.execute("UPDATE entry SET position = ? WHERE position = ?", (at + 1, at))
        harm.execute("INSERT INTO entry SELECT ?, header, body, received_ns, running FROM entry LIMIT 1", (position,))
        harm.close()
        assert verify(tmp_path / "harmed.db").bad


def rewritten(harm: apsw.Connection, upto: int, edit: Callable[[Header], Header]) -> None:
    """What a forger does who knows the format: change entry `upto` and compute every hash after it anew."""
    rows = read(harm, "SELECT position, header, body, received_ns FROM entry ORDER BY position")
    tips: dict[tuple[str, str], bytes] = {}
    running = ZERO
    for position, raw, body, received_ns in rows:
        header = msgspec.msgpack.decode(raw, type=Header)
        if position == upto:
            header = edit(header)
        header = msgspec.structs.replace(header, previous=tips.get((header.node, header.epoch), ZERO))
        entry = read_entry(write_header(header), body, position, received_ns)
        running = running_hash(running, entry)
        tips[(header.node, header.epoch)] = entry.hash
        harm.execute("UPDATE entry SET header = ?, running = ? WHERE position = ?", (entry.raw, running, position))
        spot = (entry.hash, header.node, header.epoch, header.seq)
        harm.execute("UPDATE spot SET hash = ? WHERE node = ? AND epoch = ? AND seq = ?", spot)


def as_somebody_else(header: Header) -> Header:
    return msgspec.structs.replace(header, actor="somebody else")


def test_a_forger_who_computes_all_hashes_anew_meets_the_seal(kept: Kept, tmp_path: Path) -> None:
    for position in range(1, kept.count + 1):
        harm = kept.copy(tmp_path)
        rewritten(harm, position, as_somebody_else)
        harm.close()
        assert "seal" in verify(tmp_path / "harmed.db").bad


def test_without_the_seals_only_a_witness_knows_and_without_one_that_is_said(kept: Kept, tmp_path: Path) -> None:
    harm = kept.copy(tmp_path)
    last = kept.saved[-1].position
    harm.execute("DELETE FROM seal")
    rewritten(harm, last, as_somebody_else)
    harm.close()
    alone = verify(tmp_path / "harmed.db")
    assert not alone.bad
    assert any("not written anew" in sentence for sentence in alone.unproven)
    assert any(f"entries 1 to {kept.count} stand after the last seal" in sentence for sentence in alone.unproven)
    told = verify(tmp_path / "harmed.db", kept.witnesses)
    assert "another than its witness saw" in told.bad
    assert told.position == last


@pytest.mark.parametrize("keep", range(1, ACTS))
def test_a_cut_off_end_is_found_by_a_witness_and_not_claimed_without(kept: Kept, keep: int, tmp_path: Path) -> None:
    """The end cut off cleanly: seals and look-up tables with it, as an older copy of the file would be."""
    harm = kept.copy(tmp_path)
    position = kept.saved[keep - 1].position
    for sql in ("entry", "seal", "spot", "touched", "intent"):
        harm.execute(f"DELETE FROM {sql} WHERE position > ?", (position,))
    harm.execute("UPDATE meta SET value = ? WHERE key = 'looked_up'", (str(position),))
    harm.close()
    alone = verify(tmp_path / "harmed.db")
    assert not alone.bad
    assert any("earlier state of the file put back" in sentence for sentence in alone.unproven)
    told = verify(tmp_path / "harmed.db", kept.witnesses)
    assert f"entry {kept.saved[keep].seq} of one/" in told.bad
    assert "is gone: it was answered as saved" in told.bad


def test_a_cut_off_end_that_a_seal_speaks_of_is_found(kept: Kept, harm: apsw.Connection) -> None:
    harm.execute("DELETE FROM entry WHERE position > 4")
    report = verify(Path(harm.filename))
    assert "entries 5 to" in report.bad
    assert report.position == 5


def test_a_changed_missing_or_foreign_seal_is_found(kept: Kept, harm: apsw.Connection) -> None:
    path = Path(harm.filename)
    for column in ("body", "signature"):
        (content,) = read(harm, f"SELECT {column} FROM seal WHERE number = 2")[0]
        harm.execute(f"UPDATE seal SET {column} = ? WHERE number = 2", (content[:-1] + bytes([content[-1] ^ 1]),))
        assert "seal 2" in verify(path).bad
        harm.execute(f"UPDATE seal SET {column} = ? WHERE number = 2", (content,))
    harm.execute("DELETE FROM seal WHERE number = 1")
    assert "seal 1 is gone" in verify(path).bad


def test_a_journal_of_another_key_is_told_from_the_one_whose_key_is_known(kept: Kept) -> None:
    assert "not with the key that was given" in verify(kept.path, (), sha256(b"another").digest()).bad


@pytest.mark.parametrize("table", ["spot", "touched", "intent"])
def test_an_entry_hidden_from_the_look_up_tables_is_found(table: str, kept: Kept, harm: apsw.Connection) -> None:
    harm.execute(f"DELETE FROM {table} WHERE position = (SELECT max(position) FROM {table})")
    assert "cannot be found" in verify(Path(harm.filename)).bad


def test_an_entry_invented_in_the_look_up_tables_is_found(kept: Kept, harm: apsw.Connection) -> None:
    harm.execute("INSERT INTO intent VALUES('never asked', 3)")
    assert "not there" in verify(Path(harm.filename)).bad


def test_an_erased_body_is_no_fault_and_is_said(tmp_path: Path) -> None:
    journal = ledger("one", path=tmp_path / "a.db")
    write(journal, "a name")
    journal.erase(journal.origin, 2, "PIPL art. 47", "data officer")
    journal.commit()
    journal.close()
    report = verify(tmp_path / "a.db")
    assert not report.bad
    assert any("1 bodies were erased" in sentence for sentence in report.unproven)
    for part in ("a.db", "a.db-wal"):
        if (tmp_path / part).exists():
            assert b"a name" not in (tmp_path / part).read_bytes(), "it is gone from the disk's file too"


# ----------------------------------------------------------------------------------------------- the command


def test_the_command_says_what_it_found(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = tmp_path / "witnesses.txt"
    kept_there = "".join(f"{w.node} {w.epoch} {w.seq} {w.hash.hex()}\n" for w in kept.witnesses)
    notes.write_text("# kept by the console at seat 2\n" + kept_there)
    assert main([str(kept.path), "--witness", str(notes), "--key", key().public.hex()]) == 0
    said = capsys.readouterr().out
    assert "nothing is wrong" in said
    assert "not proven: that nothing followed each origin's last witnessed entry" in said
    harm = kept.copy(tmp_path)
    harm.execute("DELETE FROM entry WHERE position = 3")
    harm.close()
    assert main([str(tmp_path / "harmed.db")]) == 1
    assert "BAD: entry 3 is gone" in capsys.readouterr().out


def test_what_cannot_be_read_is_told_apart_from_what_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere.db")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "w").write_text("node epoch one hash\n")
    with pytest.raises(ValueError, match="line 1: expected node epoch sequence hash"):
        read_witnesses(tmp_path / "w")
