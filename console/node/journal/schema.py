"""The tables of a journal's file and the steps from one version to the next; knows no entry's meaning."""

from __future__ import annotations

from typing import Final

import apsw

from console import versions
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


def found_version(connection: apsw.Connection) -> int:
    """The version of a database, 0 for an empty one; only reads. Raises JournalError: no journal, a newer program's."""
    try:
        return versions.version_of(connection, STEPS, APPLICATION_ID)
    except versions.NewerFile as newer:
        raise JournalError("newer", f"the journal was written by a newer version: {newer}; update") from None
    except versions.StrangeFile as strange:
        raise JournalError(
            "damaged", f"the file is a database, but no journal of ours ({strange}); name another folder"
        ) from None


def migrate(connection: apsw.Connection, upto: int = VERSION) -> int:
    """Bring a database to version `upto`, one transaction a step; returns the version it had.

    An older one is copied first, to `journal.db.v<version>`. Raises JournalError as `found_version`.
    """
    found_version(connection)
    return versions.migrate(connection, STEPS, APPLICATION_ID, upto)
