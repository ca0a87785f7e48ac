"""A journal for a third party: the file, its key, the verifier's text, readable lines and a list with every sum.

Works on a running node's file too. What is written can be checked with Python, msgpack and cryptography alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final, TextIO

import apsw
import msgspec

from console.api import BadInput, ResourceError, Value
from console.node.journal.backup import back_up
from console.node.journal.entry import SYSTEM, read_entry
from console.node.journal.lines import FOREVER_NS, Line, Wanted, lines, time_utc
from console.node.journal.marks import EPOCH, EpochAct
from console.node.journal.store import FILE
from console.node.journal.verify import Report, Witness, verify
from console.posix import sync_folder

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "journal.md"
MANIFEST: Final = "manifest.json"
WITNESSES: Final = "witnesses.txt"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would compute what a cell of these begins with."""
Shown = Callable[[str, int, int], None]
"""Told what is done, how much of it, of how much; may raise to give up."""


class Exported(Value, frozen=True, kw_only=True):
    """What was written: `lines` of `entries` are readable, as wanted; the journal itself is always whole.

    `bad`, `unproven`: what the verifier says of it.
    """

    path: str
    entries: int
    lines: int
    bad: str
    unproven: tuple[str, ...]


def export(
    journal: Path,
    to: Path,
    wanted: Wanted,
    witnesses: Iterable[Witness] = (),
    show: Shown = lambda _what, _done, _of: None,
) -> Exported:
    """Write the folder `to`, or one file where it ends in .zip; nothing is there unless all of it is.

    Args:
        witnesses: kept elsewhere, from before the call; they go along.

    Raises BadInput where `to` is taken, ResourceError, JournalError: damaged, disk.
    """
    if to.exists():
        raise BadInput(f"{to}", found="it is there already", expected="a name that is free")
    made = Path(tempfile.mkdtemp(prefix=f".{to.name}.", dir=_parent(to)))
    try:
        done = _fill(made, journal, wanted, tuple(witnesses), show)
        if to.suffix == ".zip":
            _zip(made, to)
        else:
            made.chmod(0o700)
            made.rename(to)
        sync_folder(to.parent)
    except OSError as error:
        raise ResourceError(f"{to} cannot be written ({error.strerror}); nothing was exported") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return msgspec.structs.replace(done, path=str(to))


def _parent(to: Path) -> Path:
    if not to.parent.is_dir():
        raise BadInput(f"{to}", found=f"no folder {to.parent}", expected="a folder that exists")
    return to.parent


def _fill(folder: Path, journal: Path, wanted: Wanted, witnesses: tuple[Witness, ...], show: Shown) -> Exported:
    back_up(journal, folder / FILE, lambda done, of: show("copying pages", done, of))
    report = verify(folder / FILE, witnesses)
    if witnesses:
        kept = "".join(f"{w.node} {w.epoch} {w.seq} {w.hash.hex()}\n" for w in witnesses)
        (folder / WITNESSES).write_text(kept, "utf-8")
    _documents(folder)
    connection = apsw.Connection(str(folder / FILE), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        (folder / "keys.txt").write_text("".join(_keys(connection)), "utf-8")
        count = _write_lines(folder, _watched(lines(connection, wanted), show, report.entries))
    finally:
        connection.close()
    done = Exported(path="", entries=report.entries, lines=count, bad=report.bad, unproven=report.unproven)
    _manifest(folder, wanted, report, count)
    return done


def _documents(folder: Path) -> None:
    try:
        text = DOCUMENT.read_text("utf-8")
        (program,) = re.findall(r"```python\n(.*?)```", text, re.S)
    except (OSError, ValueError) as error:
        raise ResourceError(f"{DOCUMENT} is needed for an export and cannot be used ({error})") from error
    (folder / DOCUMENT.name).write_text(text, "utf-8")
    (folder / "verify.py").write_text(program, "utf-8")


def _keys(connection: apsw.Connection) -> Iterator[str]:
    """A line for each epoch: node, epoch, public key in hex."""
    yield "# node epoch public-key (Ed25519, hex); note the key elsewhere: whoever holds this folder could replace it\n"
    for raw, body in connection.execute("SELECT header, body FROM entry ORDER BY position"):
        entry = read_entry(bytes(raw), body)
        if entry.header.kind == EPOCH and entry.header.cls == SYSTEM:
            yield f"{entry.header.node} {entry.header.epoch} {entry.act(EpochAct).public_key.hex()}\n"


def _write_lines(folder: Path, found: Iterable[Line]) -> int:
    count = 0
    with (
        (folder / "entries.jsonl").open("w", encoding="utf-8") as one,
        # with a mark of the encoding, else a spreadsheet takes Chinese for something else
        (folder / "entries.csv").open("w", encoding="utf-8-sig", newline="") as other,
    ):
        table = csv.writer(other)
        table.writerow(Line.__struct_fields__)
        for line in found:
            count += 1
            _write_line(line, one, table)
    return count


def _watched(found: Iterable[Line], show: Shown, of: int) -> Iterator[Line]:
    for line in found:
        show("writing lines", line.position, of)
        yield line


def _write_line(line: Line, one: TextIO, table: Any) -> None:
    values = msgspec.structs.asdict(line)
    exact = {**values, "act": json.loads(line.act) if line.act else None}
    one.write(json.dumps(exact, ensure_ascii=False, separators=(",", ":")) + "\n")
    table.writerow([f"'{v}" if isinstance(v, str) and v.startswith(FORMULA) else v for v in values.values()])


def _manifest(folder: Path, wanted: Wanted, report: Report, count: int) -> None:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    start = time_utc(wanted.start_ns) if wanted.start_ns else ""
    end = time_utc(wanted.end_ns) if wanted.end_ns < FOREVER_NS else ""
    about = {
        "what": "a journal of Yilan and readable lines of it; journal.md says how to check it",
        "version": 1,
        "made_utc": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "entries": report.entries,
        "seals": report.seals,
        "origins": report.origins,
        "public_key": report.public_key,
        "lines": count,
        "lines_wanted": {"from": start, "to": end, "person": wanted.person},
        "bad": report.bad,
        "unproven": report.unproven,
        "files": [{"name": p.name, "bytes": p.stat().st_size, "sha256": sum_of(p)} for p in files],
    }
    (folder / MANIFEST).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in (*files, folder / MANIFEST):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def differences(folder: Path) -> list[str]:
    """What an export's files are other than its list says, a sentence each. Raises BadInput where there is no list."""
    try:
        said = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{folder}", found=f"no readable {MANIFEST} ({error})", expected="an export") from None
    listed = {file.name: file.sha256 for file in said.files}
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    found = [f"{name} is gone" for name in sorted(set(listed) - there)]
    found += [f"{name} is not in {MANIFEST}" for name in sorted(there - set(listed))]
    return found + [f"{n} was changed" for n in sorted(there & set(listed)) if sum_of(folder / n) != listed[n]]


class _File(Value, frozen=True, kw_only=True):
    name: str
    sha256: str


class _Manifest(Value, frozen=True, kw_only=True):
    files: tuple[_File, ...]


def sum_of(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _zip(folder: Path, to: Path) -> None:
    part = folder / "part.zip"
    part.touch(0o600)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path != part:
                archive.write(path, f"{to.stem}/{path.name}")
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(to)
