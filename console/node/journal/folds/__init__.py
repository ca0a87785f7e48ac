"""The folds of what is journalled, one file a class of entity; pure, and know no store, hub or screen."""

from __future__ import annotations

from collections.abc import Mapping
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
from console.node.journal.folds.clock import CLOCK, CLOCK_ACTS, ClockStanding
from console.node.journal.folds.deed import Acts, check, rule_of
from console.node.journal.folds.hazard import HAZARD, HAZARD_ACTS, FoundAct, HazardStanding, LoopAct
from console.node.journal.folds.incident import INCIDENT, INCIDENT_ACTS, next_number
from console.node.journal.folds.incident_acts import (
    IncidentStanding,
    ReportedAct,
    ScaleAct,
    SentAct,
    StepAct,
    TellAct,
    Told,
)
from console.node.journal.folds.incident_screen import incident_of, report_clocks
from console.node.journal.folds.note import NOTE, Note, NoteAct
from console.node.journal.folds.shift import (
    SHIFT,
    SHIFT_ACTS,
    DraftAct,
    LogAct,
    ShiftStanding,
    SignAct,
    StartAct,
    shift_of,
)
from console.node.journal.folds.wall import WALL, WALL_ACTS, SceneAct, SceneTaken, WallStanding

FOLDS: Final = (ALARM, NOTE, INCIDENT, HAZARD, SHIFT, WALL, CLOCK)
ACTS: Final[Mapping[str, Acts]] = {
    "incident": INCIDENT_ACTS,
    "hazard": HAZARD_ACTS,
    "shift": SHIFT_ACTS,
    "wall": WALL_ACTS,
    "clock": CLOCK_ACTS,
}
"""By class, what `check` and `rule_of` know to ask before an entry is made."""

__all__ = [
    "ACTS",
    "ALARM",
    "CLOCK",
    "FOLDS",
    "HAZARD",
    "INCIDENT",
    "NOTE",
    "SHIFT",
    "WALL",
    "AlarmStanding",
    "BackAct",
    "ClearedAct",
    "ClockStanding",
    "DraftAct",
    "FoundAct",
    "HazardStanding",
    "Hold",
    "IncidentStanding",
    "LogAct",
    "LoopAct",
    "Note",
    "NoteAct",
    "RaisedAct",
    "ReportedAct",
    "ScaleAct",
    "SceneAct",
    "SceneTaken",
    "SentAct",
    "ShelveAct",
    "ShiftStanding",
    "SignAct",
    "StartAct",
    "StepAct",
    "TellAct",
    "Told",
    "WallStanding",
    "check",
    "incident_of",
    "next_number",
    "report_clocks",
    "rule_of",
    "shift_of",
]
