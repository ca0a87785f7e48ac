"""Which page covers the tiles, and what is to be said of policy, session and glass; knows no window."""

from __future__ import annotations

import enum
from typing import Final

from console.api import NS, Access, Notice, Severity, Text
from widgets.kit.text import clock_text, duration_text

NEAR_SHARE: Final = 6
"""A policy in the last sixth of its validity is told: of 72 h the last 12."""
ENDS_SOON_S: Final = 600.0
MINUTE_NS: Final = 60 * NS
POLICY: Final = "access.policy"
ENDING: Final = "access.ending"
RIGHTS: Final = "access.wall"


class Page(enum.StrEnum):
    """What covers the tiles of every window; NONE: nothing does."""

    NONE = "none"
    LOGIN = "login"
    FIRST = "first"
    CHANGE = "change"
    FACTOR = "factor"
    """One's own second factor."""
    LOCKED = "locked"
    LOST = "lost"
    """A wall that may not look any more says so; it has no hands to log in with."""


OPTIONAL: Final = frozenset({Page.FIRST, Page.CHANGE, Page.FACTOR})
"""Pages that a person may ask for, and leave again."""


def page_of(access: Access, *, locked_here: bool = False, asked: Page = Page.NONE) -> Page:
    """The page that has to be there; `asked`: the one that a person wants, where none has to be."""
    if access.wall:
        return Page.NONE if access.person else Page.LOST
    if not access.person:
        return Page.FIRST if access.first else Page.LOGIN
    if access.local:
        return asked if asked is Page.FIRST and access.first else Page.NONE
    if access.locked or locked_here:
        return Page.LOCKED
    if access.change_next or asked is Page.CHANGE:
        return Page.CHANGE
    return asked if asked is Page.FACTOR else Page.NONE


class Validity(enum.StrEnum):
    """How the policy stands; NONE: there is none."""

    NONE = "none"
    GOOD = "good"
    NEAR = "near"
    PAST = "past"


def validity(access: Access, now_ns: int) -> Validity:
    """How near the policy is to its end, at node time."""
    if not access.policy_version:
        return Validity.NONE
    if not access.policy_expires_ns:
        return Validity.GOOD
    left_ns = access.policy_expires_ns - now_ns
    if left_ns <= 0:
        return Validity.PAST
    whole_ns = access.policy_expires_ns - access.policy_issued_ns
    return Validity.NEAR if left_ns * NEAR_SHARE <= whole_ns else Validity.GOOD


def ends_in_s(access: Access, now_ns: int) -> float:
    """Seconds until this session ends by itself; infinite where it does not."""
    return max(0.0, (access.ends_ns - now_ns) / NS) if access.ends_ns else float("inf")


def glass_left_s(access: Access, now_ns: int) -> float:
    """Seconds for which the broken glass still holds, 0 for a whole one."""
    return max(0.0, (access.glass_until_ns - now_ns) / NS) if access.glass_until_ns else 0.0


def standing(access: Access, now_ns: int) -> dict[str, Notice | None]:
    """What of policy, session and a wall's rights has to be told of itself, by key, worded for now; None: nothing."""
    told = access.person and not access.local
    return {
        POLICY: _policy(access, now_ns) if told else None,
        ENDING: _ending(access, now_ns) if told and not access.wall else None,
        RIGHTS: _lost(access) if access.wall and not access.person else None,
    }


def _policy(access: Access, now_ns: int) -> Notice | None:
    match validity(access, now_ns):
        case Validity.PAST:
            since = now_ns - access.policy_expires_ns
            return Notice(
                key=POLICY,
                severity=Severity.ERROR,
                summary=Text(
                    f"权限策略已过期 {_span(since, 'zh')}：仅限本区应急操作，每次都留痕",
                    f"The policy expired {_span(since, 'en')} ago: emergency acts in the own area only, each marked",
                ),
                tip=Text(
                    "仍可：看、确认报警、报告和处置事件、交接班；接通上级或请安全管理员重新签发",
                    "Still possible: look, acknowledge, report and handle incidents, hand over; "
                    "reach the node above, or have the security administrator issue it anew",
                ),
            )
        case Validity.NEAR:
            left = access.policy_expires_ns - now_ns
            return Notice(
                key=POLICY,
                severity=Severity.WARNING,
                summary=Text(
                    f"权限策略 {_span(left, 'zh')}后过期", f"The policy is valid for another {_span(left, 'en')}"
                ),
                tip=Text(
                    "过期后仅限本区应急操作；接通上级即自动更新",
                    "Then emergency acts in the own area only; it renews itself once the node above is reached",
                ),
            )
        case _:
            return None


def _ending(access: Access, now_ns: int) -> Notice | None:
    left_s = ends_in_s(access, now_ns)
    if left_s > ENDS_SOON_S:
        return None
    at = clock_text(access.ends_ns, seconds=False)
    return Notice(
        key=ENDING,
        severity=Severity.WARNING,
        summary=Text(f"本次登录 {at} 结束", f"This session ends at {at}"),
        tip=Text(
            "请先交接或完成手头操作，然后退出并重新登录",
            "Hand over or finish what is under way, then log out and in again",
        ),
    )


def _lost(access: Access) -> Notice:
    return Notice(
        key=RIGHTS,
        severity=Severity.ERROR,
        summary=Text("大屏无权查看", "This wall may not look any more"),
        detail=access.reason.of("en"),
        tip=Text(
            "请安全管理员核对大屏的证书与角色", "Have the security administrator look at its certificate and role"
        ),
    )


def _span(span_ns: int, language: str) -> str:
    # to the minute: a notice that changed each second would never stand still
    return duration_text(max(span_ns // MINUTE_NS, 1) * 60.0, language)


def role_words(access: Access, language: str) -> str:
    """The roles in one line."""
    return ("、" if language == "zh" else ", ").join(role.of(language) for role in access.roles)
