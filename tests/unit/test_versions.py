"""A file's versions: newer and strange ones are left alone, an older one is copied, then brought up whole or not."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from console.versions import NewerFile, StrangeFile, migrate, version_of

OURS = 0x59494C00
STEPS = (
    "CREATE TABLE a(x); INSERT INTO a VALUES(1)",
    "CREATE TABLE b(y); INSERT INTO b SELECT x + 1 FROM a",
    "UPDATE b SET y = y * 10; DROP TABLE a",
)


def opened(path: Path) -> apsw.Connection:
    return apsw.Connection(str(path))


def rows(connection: apsw.Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


@pytest.mark.parametrize("had", range(len(STEPS)))
def test_every_older_version_is_brought_to_the_last_one(had: int, tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db")
    migrate(connection, STEPS, OURS, upto=had)
    assert migrate(connection, STEPS, OURS) == had
    assert rows(connection, "SELECT y FROM b") == [(20,)]
    assert (connection.pragma("user_version"), connection.pragma("application_id")) == (3, OURS)
    connection.close()


def test_what_was_before_is_copied_first_and_a_new_or_up_to_date_file_is_not(tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db")
    migrate(connection, STEPS, OURS, upto=2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
    migrate(connection, STEPS, OURS)
    migrate(connection, STEPS, OURS)
    connection.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "a.db.v2"]
    copy = opened(tmp_path / "a.db.v2")
    assert version_of(copy, STEPS, OURS) == 2
    assert rows(copy, "SELECT a.x, b.y FROM a, b") == [(1, 2)]
    copy.close()


def test_a_step_that_fails_undoes_itself_alone(tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db")
    migrate(connection, STEPS, OURS, upto=1)
    with pytest.raises(apsw.SQLError, match="no such table: nowhere"):
        migrate(connection, (*STEPS[:2], "DROP TABLE a; UPDATE nowhere SET x = 1"), OURS)
    assert connection.pragma("user_version") == 2
    assert rows(connection, "SELECT a.x, b.y FROM a, b") == [(1, 2)]
    assert migrate(connection, STEPS, OURS) == 2, "a mended step goes on from there"
    connection.close()


def test_a_newer_file_is_refused_and_not_a_byte_of_it_changed(tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db")
    migrate(connection, STEPS, OURS)
    connection.close()
    before = (tmp_path / "a.db").read_bytes()
    connection = opened(tmp_path / "a.db")
    with pytest.raises(NewerFile, match="found 3, expected at most 2"):
        migrate(connection, STEPS[:2], OURS)
    connection.close()
    assert (tmp_path / "a.db").read_bytes() == before


@pytest.mark.parametrize("sql", ["CREATE TABLE cats(name)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"])
def test_what_is_another_programs_is_refused(sql: str, tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db")
    connection.execute(sql)
    with pytest.raises(StrangeFile):
        migrate(connection, STEPS, OURS)
    connection.close()
