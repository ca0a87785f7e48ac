"""A copy of a running journal in one file, checked before it is believed; knows no rule of the journal."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Final

import apsw

from console.model.errors import JournalError
from console.node.journal.instance import KEY
from console.node.journal.store import told
from console.node.journal.verify import verify
from console.posix import sync_folder

PAGES: Final = 2048
"""So many pages are copied between two looks at whether to go on."""
Shown = Callable[[int, int], None]
"""Told of pages copied and pages in all."""


def back_up(source: Path, to: Path, show: Shown = lambda _done, _all: None) -> str:
    """Copy, verify, make durable, then give the copy its name; returns its sha256. Raises JournalError.

    The copy bears the mark of a copy: put back, it begins a new epoch. `show` may raise to give up: nothing stays then.
    """
    part = to.with_name(f"{to.name}.part")
    _remove(part)
    try:
        _copy(source, part, show)
        report = verify(part)
        if report.bad:
            raise JournalError(
                "damaged", f"the backup {part} does not verify: {report.bad}; the journal may be damaged"
            )
        digest = _synced_digest(part)
        part.replace(to)
        sync_folder(to.parent)
    except apsw.Error as error:
        _remove(part)
        raise told(error, str(part)) from error
    except OSError as error:
        raise JournalError("io", f"{to} cannot be written ({error.strerror}); check the disk") from error
    except KeyboardInterrupt:
        _remove(part)
        raise
    return digest


def _remove(part: Path) -> None:
    for leftover in (part, *(part.with_name(f"{part.name}-{end}") for end in ("wal", "shm", "journal"))):
        leftover.unlink(missing_ok=True)


def _copy(source: Path, part: Path, show: Shown) -> None:
    there = apsw.Connection(str(part))
    try:
        here = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            # one state of the file throughout: else the copy would begin again with each act that is saved meanwhile
            here.execute("BEGIN")
            here.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            copying = there.backup("main", here, "main")
            try:
                while not copying.done:
                    copying.step(PAGES)
                    show(copying.page_count - copying.remaining, copying.page_count)
                copying.finish()
            finally:
                copying.close(True)
        finally:
            here.close()
        there.pragma("journal_mode", "DELETE")
        there.execute("INSERT OR REPLACE INTO meta VALUES(?, 'backup')", (KEY,))
    finally:
        there.close()


def _synced_digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest
