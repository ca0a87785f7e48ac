"""`main.py audit verify`: has the journals of a state folder, or one file, checked by the verifier."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import apsw

from console.api import WireError
from console.node.journal.entry import read_entry
from console.node.journal.store import FILE
from console.node.journal.verify import Witness, read_witnesses, show, verify

WITNESSES: Final = "witnesses.txt"
"""What a console keeps in its state folder of the answers that it was given."""
FOLDERS: Final = ("journal", "journal-demo")


def main(state: Path, file: Path | None, witness: Path | None) -> int:
    """0: nothing is wrong; 1: something is; 2: it cannot be read, or there is none.

    Args:
        file: a journal or a backup of one; None: those of the state folder.
        witness: lines of witnesses; None: those that the console of this state folder has kept.
    """
    files = [file] if file is not None else [state / name / FILE for name in FOLDERS if (state / name / FILE).exists()]
    if not files:
        print(f"cannot be read: {state} holds no journal; name a file, or another --state", file=sys.stderr)
        return 2
    if witness is None and (state / WITNESSES).exists():
        witness = state / WITNESSES
    return max(_one(path, witness) for path in files)


def _one(path: Path, witness: Path | None) -> int:
    print(f"{path}:")
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
