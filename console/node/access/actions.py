"""What a person may be allowed or refused, and the groups that rules speak of; knows no person, role or area."""

from __future__ import annotations

import enum
from typing import Final


class Action(enum.StrEnum):
    """Everything that is checked. The text is what policies and audit lines name it by, so it never changes."""

    VIEW = "view"
    VIEW_PERSONAL = "view_personal"
    """Names, phones and positions of persons."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    OUT_OF_SERVICE = "out_of_service"
    LIMITS = "limits"

    INCIDENT_REPORT = "incident.report"
    INCIDENT_VERIFY = "incident.verify"
    INCIDENT_GRADE = "incident.grade"
    INCIDENT_RESPOND = "incident.respond"
    INCIDENT_CONTROL = "incident.control"
    INCIDENT_CLOSE = "incident.close"
    INCIDENT_REOPEN = "incident.reopen"
    INCIDENT_REVIEW = "incident.review"
    INCIDENT_SEND_REPORT = "incident.send_report"
    HAZARD_FIND = "hazard.find"
    HAZARD_ASSIGN = "hazard.assign"
    HAZARD_MEND = "hazard.mend"
    HAZARD_INSPECT = "hazard.inspect"

    ORDER_ISSUE = "order.issue"
    ORDER_RECEIPT = "order.receipt"
    ORDER_CANCEL = "order.cancel"
    AUTHORITY_TAKE = "authority.take"
    CONSULT_OPEN = "consult.open"
    CONSULT_SPEAK = "consult.speak"
    CONSULT_SIGN = "consult.sign"
    WARNING_ISSUE = "warning.issue"
    HANDOVER = "handover"

    CAMERA_STEER = "camera.steer"
    WALL_TAKE = "wall.take"
    WALL_RULE = "wall.rule"
    """Have scenes come on a wall by themselves."""
    LAYOUT_EDIT = "layout.edit"
    REPLAY = "replay"
    EXPORT = "export"
    BREAK_GLASS = "break_glass"

    PEOPLE_EDIT = "people.edit"
    PEOPLE_REVOKE = "people.revoke"
    POLICY_SIGN = "policy.sign"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORT = "audit.export"
    SYSTEM_SOURCES = "system.sources"
    SYSTEM_PLUGINS = "system.plugins"
    SYSTEM_UPDATE = "system.update"
    SYSTEM_BACKUP = "system.backup"
    SYSTEM_STOP = "system.stop"


class Office(enum.StrEnum):
    """The three administrations that nobody holds two of (GB/T 22239 level 3: 三员分立)."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


OFFICE_OF: Final[dict[Action, Office]] = {
    Action.PEOPLE_EDIT: Office.SECURITY,
    Action.PEOPLE_REVOKE: Office.SECURITY,
    Action.POLICY_SIGN: Office.SECURITY,
    Action.AUDIT_READ: Office.AUDIT,
    Action.AUDIT_EXPORT: Office.AUDIT,
    Action.SYSTEM_SOURCES: Office.SYSTEM,
    Action.SYSTEM_PLUGINS: Office.SYSTEM,
    Action.SYSTEM_UPDATE: Office.SYSTEM,
    Action.SYSTEM_BACKUP: Office.SYSTEM,
    Action.SYSTEM_STOP: Office.SYSTEM,
}
"""Who holds one of these actions anywhere holds the office."""

VIEW_ONLY: Final = frozenset({Action.VIEW})
"""All that a wall, or a person with a view-only role, can ever do."""

EMERGENCY: Final = frozenset(
    {
        Action.VIEW,
        Action.ACKNOWLEDGE,
        Action.SHELVE,
        Action.INCIDENT_REPORT,
        Action.INCIDENT_VERIFY,
        Action.INCIDENT_GRADE,
        Action.INCIDENT_RESPOND,
        Action.INCIDENT_CONTROL,
        Action.INCIDENT_SEND_REPORT,
        Action.ORDER_ISSUE,
        Action.ORDER_RECEIPT,
        Action.CONSULT_OPEN,
        Action.CONSULT_SPEAK,
        Action.WARNING_ISSUE,
        Action.HANDOVER,
        Action.CAMERA_STEER,
        Action.BREAK_GLASS,
    }
)
"""What a node may still let be done in its own area while its policy is past its validity."""

_LASTING: Final = {Action.BREAK_GLASS, Action.EXPORT, Action.LIMITS, Action.WALL_RULE}
BREAKABLE: Final = frozenset(Action) - set(OFFICE_OF) - _LASTING
"""What breaking the glass gives: all that is done in the field; no administration, and nothing is carried away."""
