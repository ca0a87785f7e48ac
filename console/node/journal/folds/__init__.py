"""The folds of what is journalled, one file a class of entity; pure, and know no store, hub or screen."""

from __future__ import annotations

from typing import Final

from console.node.journal.folds.alarm import (
    ALARM,
    AlarmStanding,
    BackAct,
    ClearedAct,
    Hold,
    RaisedAct,
    ShelveAct,
)
from console.node.journal.folds.note import NOTE, Note, NoteAct

FOLDS: Final = (ALARM, NOTE)

__all__ = [
    "ALARM",
    "FOLDS",
    "NOTE",
    "AlarmStanding",
    "BackAct",
    "ClearedAct",
    "Hold",
    "Note",
    "NoteAct",
    "RaisedAct",
    "ShelveAct",
]
