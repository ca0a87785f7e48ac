"""A copy of a running journal in one file, checked before it is believed; knows no rule of the journal."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import apsw

from console.model.errors import JournalError
from console.node.journal.instance import KEY
from console.node.journal.store import told
from console.node.journal.verify import verify


def back_up(source: Path, to: Path) -> str:
    """Copy, verify, make durable, then give the copy its name; returns its sha256. Raises JournalError.

    The copy bears the mark of a copy: put back, it begins a new epoch.
    """
    part = to.with_name(f"{to.name}.part")
    for leftover in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
        leftover.unlink(missing_ok=True)
    try:
        _copy(source, part)
    except apsw.Error as error:
        part.unlink(missing_ok=True)
        raise told(error, str(part)) from error
    report = verify(part)
    if report.bad:
        raise JournalError("damaged", f"the backup {part} does not verify: {report.bad}; the journal may be damaged")
    digest = _synced_digest(part)
    part.replace(to)
    return digest


def _copy(source: Path, part: Path) -> None:
    there = apsw.Connection(str(part))
    try:
        here = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            with there.backup("main", here, "main") as copying:
                copying.step(-1)
        finally:
            here.close()
        there.pragma("journal_mode", "DELETE")
        there.execute("INSERT OR REPLACE INTO meta VALUES(?, 'backup')", (KEY,))
    finally:
        there.close()


def _synced_digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
        os.fsync(file.fileno())
    return found.hexdigest()
