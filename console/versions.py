"""Versions of a SQLite file: newer or strange ones are left alone, older ones copied and brought up by steps.

Knows no table, no room and no error of theirs. A step is one transaction: a cut inside leaves the version before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw


class NewerFile(Exception):
    """The file was written by a newer program; nothing in it was touched."""

    def __init__(self, found: int, expected: int) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"found {found}, expected at most {expected}")


class StrangeFile(Exception):
    """A database, but not one of this kind; nothing in it was touched."""


def version_of(connection: apsw.Connection, steps: Sequence[str], application_id: int = 0) -> int:
    """The file's version, 0 for an empty one; only reads. Raises NewerFile, StrangeFile."""
    had = int(connection.pragma("user_version"))
    if had > len(steps):
        raise NewerFile(had, len(steps))
    application = int(connection.pragma("application_id"))
    if had == 0 and (application or _tables(connection)):
        raise StrangeFile("it holds tables, but no version of ours")
    if had and application != application_id:
        raise StrangeFile(f"found application id {application:#x}, expected {application_id:#x}")
    return had


def migrate(connection: apsw.Connection, steps: Sequence[str], application_id: int = 0, upto: int | None = None) -> int:
    """Bring a file to version `upto` (None: the last), step by step; returns the version it had.

    An older file is first copied to `<file>.v<version>` beside it, durable before the first step. Raises as
    `version_of`; apsw.Error where the disk or a step fails: the file then has the version before that step.
    """
    had = version_of(connection, steps, application_id)
    last = len(steps) if upto is None else upto
    if 0 < had < last:
        _keep(connection, had)
    for number in range(had + 1, last + 1):
        with connection:
            connection.execute(steps[number - 1])
            connection.pragma("application_id", application_id)
            connection.pragma("user_version", number)
    return had


def _keep(connection: apsw.Connection, had: int) -> None:
    """A copy as it was. It takes its content in one transaction: after a cut it is empty or whole, and made again."""
    if not connection.filename:
        return
    copy = apsw.Connection(f"{connection.filename}.v{had}", vfs=connection.open_vfs)
    try:
        copy.pragma("locking_mode", "EXCLUSIVE")
        copy.pragma("journal_mode", "DELETE")
        copying = copy.backup("main", connection, "main")
        try:
            copying.step(-1)
            copying.finish()
        finally:
            copying.close(True)
    finally:
        copy.close(True)


def _tables(connection: apsw.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return int(row[0]) if row else 0
