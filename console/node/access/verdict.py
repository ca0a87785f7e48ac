"""The answer to "may they?": allowed, allowed in an emergency with its marks, or refused, always naming the rule."""

from __future__ import annotations

import enum
from typing import Final

from console.api import BadInput, RefusedError, Text, Value, YilanError


class Leave(enum.StrEnum):
    """The three answers."""

    ALLOWED = "allowed"
    EMERGENCY = "allowed_emergency"
    REFUSED = "refused"


class Verdict(Value, frozen=True, kw_only=True):
    """`rule` names what decided; `marks`, in an emergency only, are written on the act and its audit line."""

    leave: Leave
    rule: str
    marks: tuple[str, ...] = ()

    @property
    def may(self) -> bool:
        """Whether the act may be done, with or without a mark."""
        return self.leave is not Leave.REFUSED


MARK_EXPIRED: Final = "policy_expired"
MARK_GLASS: Final = "break_glass"


def allowed(rule: str) -> Verdict:
    """Allowed by `rule`, e.g. "role.duty_officer"."""
    return Verdict(leave=Leave.ALLOWED, rule=rule)


def emergency(rule: str, *marks: str) -> Verdict:
    """Allowed, and every trace of it bears the marks."""
    return Verdict(leave=Leave.EMERGENCY, rule=rule, marks=marks)


def refused(rule: str) -> Verdict:
    """Refused by `rule`, one of RULES."""
    return Verdict(leave=Leave.REFUSED, rule=rule)


RULES: Final[dict[str, Text]] = {
    "unknown_person": Text("策略中没有此人", "the policy knows no such person"),
    "revoked": Text("此人的权限已撤销", "this person's access has been revoked"),
    "view_only": Text("只读会话（大屏）不能操作", "a view-only session (a wall) can never command"),
    "no_grant": Text("没有角色授予此权限", "no role grants this"),
    "denied": Text("角色明确禁止此操作", "a role denies this"),
    "policy_expired": Text(
        "权限策略已过期，仅限本区应急操作", "the policy is too old: emergency acts in the own area only"
    ),
    "no_policy": Text("本节点没有权限策略", "this node has no policy"),
    "locked": Text("屏幕已锁定，请先解锁", "the screen is locked: unlock it first"),
    "session_ended": Text("会话已结束，请重新登录", "the session has ended: log in again"),
    "no_reason": Text("破窗必须说明理由", "breaking the glass needs a reason"),
    "office": Text("管理员不能破窗", "administrators cannot break the glass"),
    "no_area": Text("没有自己的区域", "no area of one's own"),
}
"""What a refusal says on screen, by its rule."""


def why(error: YilanError) -> Text:
    """Why what a person asked for was not done, in both languages."""
    if isinstance(error, BadInput | RefusedError) and error.zh:
        return Text(error.zh, str(error))
    prefix = "不符合要求" if isinstance(error, BadInput) else "未生效"
    return Text(f"{prefix}：{error}", str(error))


def words(verdict: Verdict) -> Text:
    """The refusal in both languages."""
    return RULES.get(verdict.rule, Text(verdict.rule))
