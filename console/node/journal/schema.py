"""The tables of a journal's file and the steps from one version to the next; knows no entry's meaning."""

from __future__ import annotations

from typing import Final

import apsw

from console.model.errors import JournalError

APPLICATION_ID: Final = 0x59494C4A
"""`YILJ`: what `file` and SQLite's header say this database is."""
LEAST_SQLITE: Final = (3, 51, 3)
"""Earlier ones may damage a WAL database when its log is reset (3.7.0 to 3.51.2)."""

STEPS: Final = (
    # 1: what is kept. `running` chains the entries of all origins in the order in which they came here.
    """
    CREATE TABLE entry(
        position INTEGER PRIMARY KEY, header BLOB NOT NULL, body BLOB, received_ns INTEGER NOT NULL,
        running BLOB NOT NULL
    ) STRICT;
    CREATE TABLE seal(
        number INTEGER PRIMARY KEY, position INTEGER NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL
    ) STRICT;
    CREATE TABLE aside(
        node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL,
        body BLOB, received_ns INTEGER NOT NULL, peer TEXT NOT NULL, PRIMARY KEY(node, epoch, seq, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    # 2: look-up tables, made of the entries up to meta 'looked_up'; they may be thrown away and made again.
    """
    CREATE TABLE spot(
        node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY(node, epoch, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE touched(
        cls TEXT NOT NULL, entity TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(cls, entity, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE intent(id TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(id, position)) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES('looked_up', '0');
    """,
)
VERSION: Final = len(STEPS)


def gate(found: str | None = None) -> None:
    """Raises JournalError where the SQLite at hand is one that may lose what it wrote."""
    version = tuple(int(part) for part in (found or apsw.sqlite_lib_version()).split("."))
    if version < LEAST_SQLITE:
        least = ".".join(map(str, LEAST_SQLITE))
        raise JournalError(
            "version",
            f"the journal needs SQLite {least} or later, found {'.'.join(map(str, version))}; install a newer apsw",
        )


def migrate(connection: apsw.Connection, upto: int = VERSION) -> int:
    """Bring a database to version `upto`, one transaction a step; returns the version it had.

    Raises JournalError where it is no journal, or one of a newer program.
    """
    had = int(connection.pragma("user_version"))
    application = int(connection.pragma("application_id"))
    if had > VERSION:
        raise JournalError(
            "newer", f"the journal was written by a newer version: found {had}, expected at most {VERSION}; update"
        )
    if application != APPLICATION_ID and (had or application or _tables(connection)):
        raise JournalError("damaged", "the file is a database, but no journal of ours; name another folder")
    for number in range(had + 1, upto + 1):
        with connection:
            connection.execute(STEPS[number - 1])
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
    return had


def _tables(connection: apsw.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return int(row[0]) if row else 0
