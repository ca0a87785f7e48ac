"""The ISA-18.2 / IEC 62682 alarm as a pure transition table; knows no clock, no sensor and no operator.

States and transitions: docs/glossary and ISA-18.2 as listed in the project's standards; E's manual exit goes to C
(ISA 11.7.3), its timed exit to B.
"""

from __future__ import annotations

import enum
from typing import Final

from console.api import AlarmState


class AlarmEvent(enum.StrEnum):
    """What may happen to an alarm. `_ACTIVE`/`_NORMAL`: whether its condition holds at that moment."""

    RAISED = "raised"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    WORSENED = "worsened"
    SHELVED = "shelved"
    UNSHELVED_ACTIVE = "unshelved_active"
    SHELF_ENDED_ACTIVE = "shelf_ended_active"
    UNSHELVED_NORMAL = "unshelved_normal"
    SUPPRESSED = "suppressed"
    RELEASED_ACTIVE = "released_active"
    RELEASED_NORMAL = "released_normal"
    REMOVED = "removed"
    RETURNED_ACTIVE = "returned_active"
    RETURNED_NORMAL = "returned_normal"


_A, _B, _C, _D = AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED
_E, _F, _G = AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE
_X = AlarmEvent

TRANSITIONS: Final[dict[tuple[AlarmState, AlarmEvent], AlarmState]] = {
    (_A, _X.RAISED): _B,
    (_B, _X.ACKNOWLEDGED): _C,
    (_B, _X.CLEARED): _D,
    (_C, _X.CLEARED): _A,
    (_C, _X.WORSENED): _B,
    (_D, _X.ACKNOWLEDGED): _A,
    (_D, _X.RAISED): _B,
    (_E, _X.UNSHELVED_ACTIVE): _C,
    (_E, _X.SHELF_ENDED_ACTIVE): _B,
    (_E, _X.UNSHELVED_NORMAL): _A,
    (_F, _X.RELEASED_ACTIVE): _B,
    (_F, _X.RELEASED_NORMAL): _A,
    (_G, _X.RETURNED_ACTIVE): _B,
    (_G, _X.RETURNED_NORMAL): _A,
    **{(state, _X.SHELVED): _E for state in (_A, _B, _C, _D)},
    **{(state, _X.SUPPRESSED): _F for state in (_A, _B, _C, _D)},
    **{(state, _X.REMOVED): _G for state in (_A, _B, _C, _D, _E, _F)},
}


def after(state: AlarmState, event: AlarmEvent) -> AlarmState | None:
    """The state after `event`, or None where the event means nothing in `state`."""
    return TRANSITIONS.get((state, event))
