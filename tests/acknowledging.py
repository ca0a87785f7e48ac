"""Acknowledges an alarm by the node's own rule, as if a journal stood behind it."""

from __future__ import annotations

import time

import msgspec

from console.api import Alarm, AlarmState
from console.node.acknowledging import ACKNOWLEDGE, Facts, decide
from console.node.alarms import Alarms
from console.node.journal.fold import View
from console.node.journal.folds import ALARM
from console.wire.frames import Intent


def acknowledge(alarms: Alarms, alarm_id: str, actor: str) -> None:
    """Raises RuleError."""
    alarm = alarms.get(alarm_id)
    intent = Intent(id="i", name=ACKNOWLEDGE, entity=alarm_id, actor=actor)
    decide(intent, Facts(alarm, continued=False), View(cls=Alarm.CLS, id=alarm_id, state=ALARM.start(alarm_id)))
    assert alarm is not None
    done = {"state": AlarmState.ACKNOWLEDGED, "acknowledged_by": actor, "acknowledged_ns": time.time_ns()}
    alarms.acknowledged(msgspec.structs.replace(alarm, **done))
