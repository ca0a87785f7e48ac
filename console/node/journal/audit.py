"""`main.py audit verify`: has the journals of a state folder, one file, or an export checked by the verifier."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import apsw

from console.api import BadInput, WireError
from console.node.journal.entry import read_entry
from console.node.journal.export import MANIFEST, WITNESSES, differences
from console.node.journal.store import FILE
from console.node.journal.verify import Witness, read_witnesses, show, verify

FOLDERS: Final = ("journal", "journal-demo")
UNREADABLE: Final = (apsw.Error, OSError, ValueError, BadInput, zipfile.BadZipFile)


def main(state: Path, file: Path | None, witness: Path | None) -> int:
    """0: nothing is wrong; 1: something is; 2: it cannot be read, or there is none.

    Args:
        file: a journal, a backup, or an export (folder or zip); None: the journals of the state folder.
        witness: lines of witnesses; None: those that the console of this state folder has kept, of an export those
            in it: later ones would call it cut off, and it is of its day.
    """
    try:
        if file is not None and file.suffix == ".zip" and zipfile.is_zipfile(file):
            return _zipped(file, witness)
        if file is not None and (file / MANIFEST).exists():
            print(f"{file}:")
            return _exported(file, witness)
    except UNREADABLE as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    files = [file] if file is not None else journals(state)
    if not files:
        print(f"cannot be read: {state} holds no journal; name a file, or another --state", file=sys.stderr)
        return 2
    if witness is None and (state / WITNESSES).exists():
        witness = state / WITNESSES
    return max(_named(path, witness) for path in files)


def journals(state: Path) -> list[Path]:
    """The journals that lie in a state folder: the real one, the demo's."""
    return [state / name / FILE for name in FOLDERS if (state / name / FILE).exists()]


def witnesses_of(path: Path, witness: Path | None) -> list[Witness]:
    """Witnesses of a journal's own node in a file; None or no file: none. Raises ValueError naming a bad line."""
    return _of(path, read_witnesses(witness)) if witness is not None and witness.exists() else []


def _zipped(file: Path, witness: Path | None) -> int:
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
        inner = [path.parent for path in Path(folder).glob(f"*/{MANIFEST}")]
        if len(inner) != 1:
            raise BadInput(f"{file}", found=f"no {MANIFEST}", expected="an export")
        print(f"{file}:")
        return _exported(inner[0], witness)


def _exported(folder: Path, witness: Path | None) -> int:
    inside = folder / WITNESSES if (folder / WITNESSES).exists() else None
    found = _one(folder / FILE, witness or inside)
    wrong = differences(folder)
    for what in wrong:
        print(f"BAD: {what}")
    if not wrong:
        print(f"its files are those of {MANIFEST}")
    return max(found, 1 if wrong else 0)


def _named(path: Path, witness: Path | None) -> int:
    print(f"{path}:")
    return _one(path, witness)


def _one(path: Path, witness: Path | None) -> int:
    try:
        known = read_witnesses(witness) if witness is not None else []
        return show(verify(path, _of(path, known)))
    except (apsw.Error, OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2


def _of(path: Path, witnesses: list[Witness]) -> list[Witness]:
    """Those of the node that began this journal: its console may have sat at others too. Of an empty one: all."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found: list[Any] = connection.execute("SELECT header FROM entry WHERE position = 1").fetchall()
        node = read_entry(bytes(found[0][0]), None).header.node if found else None
    except (apsw.Error, TypeError, WireError):  # the verifier says what is wrong
        node = None
    finally:
        connection.close()
    known = [witness for witness in witnesses if node in (None, witness.node)]
    if witnesses and not known:
        print(f"none of {len(witnesses)} witnesses is of this journal's node {node}")
    return known
