"""The file: version gate, migrations step by step, and what is looked up after any restart."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from console.model.errors import JournalError
from console.node.journal import schema
from console.node.journal.schema import APPLICATION_ID, STEPS, VERSION, gate, migrate
from console.node.journal.store import Store
from console.node.journal.verify import verify
from tests.unit.node.journal.ledgers import exchange, ledger, lines, write


@pytest.mark.parametrize("version", ["3.40.1", "3.7.0", "3.51.2"])
def test_an_sqlite_that_may_lose_data_is_refused(version: str) -> None:
    with pytest.raises(JournalError, match="needs SQLite 3\\.51\\.3 or later"):
        gate(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "4.0.0"])
def test_an_sqlite_without_that_fault_is_taken(version: str) -> None:
    gate(version)


def test_the_sqlite_at_hand_is_taken() -> None:
    gate()


@pytest.mark.parametrize("step", range(1, VERSION + 1))
def test_each_step_keeps_every_entry_of_the_version_before_it(step: int, tmp_path: Path) -> None:
    """A journal as the version before the step wrote it, with as much of its content as its tables can hold."""
    full = ledger("one", path=tmp_path / "full.db")
    for count in range(5):
        write(full, str(count), intent=f"i{count}")
    full.close()
    old = apsw.Connection(str(tmp_path / "old.db"))
    migrate(old, upto=step - 1)
    if step > 1:
        old.execute("ATTACH ? AS full", (str(tmp_path / "full.db"),))
        old.execute("INSERT INTO entry SELECT * FROM full.entry; INSERT INTO seal SELECT * FROM full.seal")
        old.execute("INSERT INTO meta SELECT * FROM full.meta WHERE key = 'epoch'")
    old.close()
    found = apsw.Connection(str(tmp_path / "old.db"))
    assert migrate(found, upto=step) == step - 1
    assert found.pragma("user_version") == step
    assert found.pragma("application_id") == APPLICATION_ID
    found.close()
    opened = ledger("one", path=tmp_path / "old.db")
    assert lines(opened) == (["0", "1", "2", "3", "4"] if step > 1 else [])
    if step > 1:
        assert write(opened, "again", intent="i3").again
    opened.close()


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "a.db"))
    migrate(connection, upto=1)
    connection.execute("CREATE TABLE touched(in_the_way)")
    with pytest.raises(apsw.SQLError):
        migrate(connection)
    assert connection.pragma("user_version") == 1
    assert not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'spot'").fetchall()[0][0]
    connection.close()


def test_a_newer_journal_and_a_strange_database_are_left_alone(tmp_path: Path) -> None:
    newer = apsw.Connection(str(tmp_path / "newer.db"))
    migrate(newer)
    newer.pragma("user_version", VERSION + 1)
    newer.close()
    with pytest.raises(JournalError, match=f"found {VERSION + 1}, expected at most {VERSION}"):
        Store(tmp_path / "newer.db").open()
    strange = apsw.Connection(str(tmp_path / "strange.db"))
    strange.execute("CREATE TABLE cats(name)")
    strange.close()
    with pytest.raises(JournalError, match="no journal of ours"):
        Store(tmp_path / "strange.db").open()
    (tmp_path / "text.db").write_text("not a database at all" * 100)
    with pytest.raises(JournalError, match="damaged"):
        Store(tmp_path / "text.db").open()


def test_the_file_is_in_wal_and_every_commit_is_synced(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.db")
    store.open()
    assert store.connection.pragma("journal_mode") == "wal"
    assert store.connection.pragma("synchronous") == 2  # FULL
    store.close()


@pytest.mark.parametrize("looked_up", [False, True])
def test_everything_is_found_before_and_after_the_look_up_tables_are_written(looked_up: bool, tmp_path: Path) -> None:
    one, other = ledger("one", path=tmp_path / "a.db"), ledger("other")
    for count in range(20):
        write(one, str(count), f"n{count % 3}", intent=f"i{count}")
        write(other, str(count), f"n{count % 3}")
    exchange(one, other)
    if looked_up:
        one.store.look_up()
    one.store.close()
    again = ledger("one", path=tmp_path / "a.db")
    for origin, (last, hash_) in other.tips.items():
        assert again.tips[origin] == (last, hash_)
        assert [e.header.seq for e in again.store.chain(origin, 1, last)] == list(range(1, last + 1))
    assert [e.position for e in again.store.of_entity("note", "n1")] == sorted(
        e.position for e in again.store.all() if e.header.entity == "n1"
    )
    assert write(again, "once more", "n0", intent="i7").again
    assert not write(again, "new", "n0", intent="i99").again
    again.close()


def test_look_up_tables_follow_by_themselves(tmp_path: Path) -> None:
    one = ledger("one", path=tmp_path / "a.db")
    for count in range(600):
        write(one, str(count), f"n{count}")
        one.tidy()
    assert int(one.store.meta("looked_up") or 0) >= 512
    one.close()
    assert (tmp_path / "a.db").stat().st_size > 0


def test_many_acts_of_one_intent_are_one_answer() -> None:
    one = ledger("one")
    first = write(one, "a", "x", intent="i")
    assert write(one, "b", "y", intent="i").head == first.head


def test_steps_are_never_edited_only_added() -> None:
    """Journals out there were made by them; a change of layout is a new step with a test of its own."""
    assert len(STEPS) == VERSION == 2


def test_a_strange_database_is_not_changed_by_a_byte(tmp_path: Path) -> None:
    path = tmp_path / "strange.db"
    strange = apsw.Connection(str(path))
    strange.execute("CREATE TABLE cats(name)")
    strange.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="no journal of ours"):
        Store(path).open()
    assert path.read_bytes() == before


def test_the_next_step_keeps_what_was_before_it_and_an_older_program_then_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame for version 3, with a step that a later program might bring."""
    path = tmp_path / "journal.db"
    one = ledger("one", path=path)
    write(one, "before", intent="i")
    one.close()
    with monkeypatch.context() as later:
        steps = (*STEPS, "CREATE TABLE more(x TEXT) STRICT")
        later.setattr(schema, "STEPS", steps)
        later.setattr(schema.migrate, "__defaults__", (len(steps),))
        two = ledger("one", path=path)
        assert two.store.connection.pragma("user_version") == 3
        write(two, "after")
        assert lines(two) == ["before", "after"]
        two.close()
    with pytest.raises(JournalError, match="newer version: found 3, expected at most 2; update"):
        ledger("one", path=path)
    kept = ledger("one", path=tmp_path / "journal.db.v2")
    assert lines(kept) == ["before"]
    kept.close()
    assert not verify(tmp_path / "journal.db.v2").bad
