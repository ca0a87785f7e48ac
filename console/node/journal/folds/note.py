"""The fold of notes: lines that nothing follows from; pure, and knows no store."""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import Value
from console.node.journal.entry import Entry
from console.node.journal.fold import Fold, Passed


class NoteAct(Value, frozen=True, kw_only=True):
    """`note.write`: one line more."""

    text: str


class Note(Value, frozen=True, kw_only=True):
    """A note: the lines written, each with who wrote it."""

    id: str
    lines: tuple[tuple[str, str], ...] = ()


def _step_note(note: Note, entry: Entry) -> Note | Passed:
    if entry.header.kind != "note.write":
        return Passed(rule=f"this version knows no act {entry.header.kind!r} of a note")
    line = (entry.header.actor, entry.act(NoteAct).text)
    return msgspec.structs.replace(note, lines=(*note.lines, line))


NOTE: Final = Fold(cls="note", start=lambda id_: Note(id=id_), step=_step_note)
