"""Entries of a journal's file as lines that a person reads: when, who, what, on what, and what came of it.

Reads any version of the file and changes nothing; knows no fold, so that acts of kinds to come are shown too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, Final

import apsw
import msgspec

from console.api import NS, SettingsError, Value
from console.node.journal.entry import SYSTEM, UNREADABLE, Entry, read_entry
from console.node.journal.marks import Marks

RESULTS: Final = {"intent.refused": "refused", "intent.conflict": "conflict"}
KEPT, ERASED, WITHHELD = "kept", "erased", "withheld"
FOREVER_NS: Final = 1 << 62
_SELECT: Final = "SELECT position, header, body, received_ns FROM entry ORDER BY position"


class Line(Value, frozen=True, kw_only=True):
    """One entry. Times are ISO 8601; the local one is of the machine that wrote the line.

    Attributes:
        received_utc: when the entry came to the journal's own node; `time_utc` is what its origin says.
        result: saved, refused, conflict, or of a log-in and the like ok or refused; noted: the journal of itself.
        said: the rule or reason that the act names.
        body: kept, erased (by an entry that names the law) or withheld; `act` is empty in the last two.
        act: the act as JSON; hashes in hex.
    """

    position: int
    time_utc: str
    time_local: str
    received_utc: str
    who: str
    place: str
    kind: str
    cls: str
    entity: str
    result: str
    said: str
    context: str
    intent: str
    body: str
    act: str
    node: str
    epoch: str
    seq: int
    hash: str


class Wanted(Value, frozen=True, kw_only=True):
    """Which lines: of [start_ns, end_ns), of one person ("": of all)."""

    start_ns: int = 0
    end_ns: int = FOREVER_NS
    person: str = ""

    def takes(self, entry: Entry, who: str) -> bool:
        """Whether an entry is among them."""
        return self.start_ns <= entry.header.wall_ns < self.end_ns and self.person in ("", who)


def instant_ns(text: str, what: str) -> int:
    """UTC ns of an ISO time; one that names no zone is local. Raises SettingsError naming `what`."""
    try:
        at = dt.datetime.fromisoformat(text.strip()).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise SettingsError(what, found=f"'{text}'", expected="an ISO time, 2026-07-18T03:00 or …T03:00Z") from error
    return round((at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1)) * 1000


def lines(connection: apsw.Connection, wanted: Wanted, first: int = 1) -> Iterator[Line]:
    """The lines that are wanted from position `first` on, in the order of the journal. Raises WireError, apsw.Error."""
    marks = _marks(connection)
    for entry in _entries(connection):
        if entry.position < first:
            continue
        act = _act(entry)
        who = entry.header.actor or str(act.get("person", "") or "")
        if wanted.takes(entry, who):
            yield _line(entry, act, who, marks)


def _entries(connection: apsw.Connection) -> Iterator[Entry]:
    for position, raw, body, received_ns in connection.execute(_SELECT):
        yield read_entry(bytes(raw), body, position, received_ns)


def _marks(connection: apsw.Connection) -> Marks:
    marks = Marks()
    for entry in _entries(connection):
        if entry.header.cls == SYSTEM:
            marks.learn(entry)
    return marks


def _act(entry: Entry) -> dict[str, Any]:
    try:
        act = msgspec.msgpack.decode(entry.body)[1] if entry.body is not None else None
    except (*UNREADABLE, IndexError, TypeError):
        return {}
    return act if isinstance(act, dict) else {} if act is None else {"value": act}


def _line(entry: Entry, act: dict[str, Any], who: str, marks: Marks) -> Line:
    header = entry.header
    body = KEPT if entry.body is not None else ERASED if entry.hash in marks.erased else WITHHELD
    return Line(
        position=entry.position,
        time_utc=time_utc(header.wall_ns),
        time_local=_local(header.wall_ns),
        received_utc=time_utc(entry.received_ns),
        who=who,
        place=header.place or str(act.get("place", "") or ""),
        kind=header.kind,
        cls=header.cls,
        entity=header.entity,
        result=_result(header.kind, header.cls, act),
        said=_said(act),
        context=header.context,
        intent=header.intent,
        body=body,
        act=json.dumps(act, ensure_ascii=False, default=_plain, separators=(",", ":")) if act else "",
        node=header.node,
        epoch=header.epoch,
        seq=header.seq,
        hash=entry.hash.hex(),
    )


def _result(kind: str, cls: str, act: dict[str, Any]) -> str:
    if kind in RESULTS:
        return RESULTS[kind]
    if cls == SYSTEM:
        return "noted"
    if isinstance(act.get("ok"), bool):
        return "ok" if act["ok"] else "refused"
    return "saved"


def _said(act: dict[str, Any]) -> str:
    """Texts in both languages stand in an act as an array of them."""
    found = [act[key] for key in ("rule", "reason") if act.get(key)]
    return "; ".join(" / ".join(map(str, text)) if isinstance(text, list) else str(text) for text in found)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def time_utc(ns: int) -> str:
    """UTC ns as ISO 8601 to the millisecond."""
    return dt.datetime.fromtimestamp(ns // NS, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ns % NS // 1_000_000:03d}Z"


def _local(ns: int) -> str:
    return (
        dt.datetime.fromtimestamp(ns // NS, dt.UTC)
        .astimezone()
        .replace(microsecond=ns % NS // 1_000_000 * 1000)
        .isoformat(timespec="milliseconds")
    )
