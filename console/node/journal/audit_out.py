"""`main.py audit list` and `main.py audit export`: lines on the screen, a folder or zip for a third party."""

from __future__ import annotations

import collections
import sys
from pathlib import Path

import apsw

from console.api import BadInput, ResourceError, WireError
from console.node.journal.audit import journals, witnesses_of
from console.node.journal.export import WITNESSES, export
from console.node.journal.lines import FOREVER_NS, Line, Wanted, instant_ns, lines
from console.node.progress import Progress


def wanted_of(start: str, end: str, person: str) -> Wanted:
    """Which lines, as the command line says; "" is no limit. Raises SettingsError."""
    start_ns = instant_ns(start, "--from") if start else 0
    end_ns = instant_ns(end, "--to") if end else FOREVER_NS
    if end_ns <= start_ns:
        raise BadInput("--to", found=f"'{end}', which is not after --from", expected="a later time")
    return Wanted(start_ns=start_ns, end_ns=end_ns, person=person)


def show(state: Path, journal: Path | None, wanted: Wanted, *, last: int, demo: bool) -> int:
    """Print the last so many lines that are wanted, oldest first, with local times. Raises YilanError."""
    path = _journal(state, journal, demo=demo)
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            kept = collections.deque(lines(connection, wanted), maxlen=max(1, last))
        finally:
            connection.close()
    except (apsw.Error, WireError) as error:
        raise ResourceError(f"{path} cannot be read ({error}); run audit verify") from error
    for line in kept:
        print(_row(line))
    if not kept:
        print("no entry is of that time and person", file=sys.stderr)
    return 0


def hand_over(state: Path, journal: Path | None, to: Path | None, wanted: Wanted, *, demo: bool) -> int:
    """Export; 0 when it is there, 1 where what it says does not verify, 130 when cancelled. Raises YilanError."""
    if to is None:
        raise BadInput("audit export", found="no name", expected="a folder to make, or a name that ends in .zip")
    path = _journal(state, journal, demo=demo)
    try:
        witnesses = witnesses_of(path, state / WITNESSES if journal is None else None)
    except ValueError as error:
        raise BadInput(str(error)) from error
    progress = Progress(to.name)
    try:
        done = export(path, to.absolute(), wanted, witnesses, progress.step)
    except KeyboardInterrupt:
        progress.end()
        print("cancelled; nothing was written")
        return 130
    took_s = progress.end()
    print(f"{done.path}: {done.entries:,} entries, {done.lines:,} of them as lines, {took_s:.1f} s")
    for sentence in done.unproven:
        print(f"not proven: {sentence}")
    if done.bad:
        print(f"BAD: {done.bad}")
    return 1 if done.bad else 0


def _journal(state: Path, journal: Path | None, *, demo: bool) -> Path:
    found = [journal] if journal is not None else [p for p in journals(state) if p.parent.name.endswith("demo") is demo]
    if not found or not found[0].is_file():
        tip = "--demo is the demo city's" if not demo and journal is None else ""
        where = f"{journal or state}"
        raise BadInput(where, found="no journal", expected="the state folder of a node that has run", tip=tip)
    return found[0]


def _row(line: Line) -> str:
    what = f"{line.kind} {line.cls}:{line.entity}"
    parts = [f"{line.position:>7}", line.time_local, line.who or "-", line.place or "-", what, line.result, line.said]
    return "  ".join(part for part in parts if part)
