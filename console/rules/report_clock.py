"""When which report on an incident is due 初报 续报 终报, and how much of its time is gone; reads no clock.

The limits differ from place to place, so all are settings per grade; the defaults follow one city's notice (grades I
and II 15 min by phone and 30 min in writing, III 30 and 60) and are nobody's standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from console.api import NS, REPORT_NAMES, RefusedError, ReportKind, Text, Value
from console.rules.elapsed import Elapsed

_MINUTE: Final = 60.0
WARN_SHARES: Final = (0.5, 0.8, 1.0)
"""Shares of a limit at which the officer is warned."""
_DIGITS: Final = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")


class ReportLimits(Value, frozen=True, kw_only=True):
    """Limits of one grade, seconds; 0: none is asked for. `final_s` counts from when the incident was controlled."""

    first_phone_s: float = 60 * _MINUTE
    first_written_s: float = 120 * _MINUTE
    follow_up_every_s: float = 0.0
    final_s: float = 24 * 60 * _MINUTE


DEFAULT_LIMITS: Final[Mapping[int, ReportLimits]] = {
    1: ReportLimits(first_phone_s=15 * _MINUTE, first_written_s=30 * _MINUTE, follow_up_every_s=60 * _MINUTE),
    2: ReportLimits(first_phone_s=15 * _MINUTE, first_written_s=30 * _MINUTE, follow_up_every_s=120 * _MINUTE),
    3: ReportLimits(first_phone_s=30 * _MINUTE, first_written_s=60 * _MINUTE, follow_up_every_s=240 * _MINUTE),
    4: ReportLimits(),
}


class Sent(Value, frozen=True, kw_only=True):
    """A report that was sent; `ago`: how long since, `number`: of a follow-up as it stands on the paper."""

    kind: ReportKind
    ago: Elapsed
    number: int = 1


class ReportClock(Value, frozen=True, kw_only=True):
    """One running limit. `left_s` may be below nothing; `uncertain_s` of what has passed only the wall clock tells.

    `warning`: the greatest share of WARN_SHARES that is reached, 0.0 for none. `number` counts follow-ups from 1
    (续报一, 续报二, …).
    """

    kind: ReportKind
    limit_s: float
    left_s: float
    uncertain_s: float = 0.0
    warning: float = 0.0
    number: int = 0

    @property
    def overdue(self) -> bool:
        """Whether the limit has passed."""
        return self.left_s <= 0


def running(
    grade: int,
    known: Elapsed,
    sent: Sequence[Sent],
    *,
    ended: Elapsed | None = None,
    limits: Mapping[int, ReportLimits] = DEFAULT_LIMITS,
) -> tuple[ReportClock, ...]:
    """The limits that run now, the most pressing first.

    Args:
        grade: 1 gravest … 4; 0, not graded yet, runs by the shortest limits: what is not known may be grave.
        known: time since the report reached the room.
        sent: reports that were sent, in any order.
        ended: time since it was controlled, None while it is not.
    """
    allowed = limits.get(grade) or shortest(limits)
    kinds = {report.kind for report in sent}
    clocks: list[ReportClock] = []
    if ReportKind.FIRST_PHONE not in kinds:
        clocks += _clock(ReportKind.FIRST_PHONE, allowed.first_phone_s, known)
    if ReportKind.FIRST_WRITTEN not in kinds:
        clocks += _clock(ReportKind.FIRST_WRITTEN, allowed.first_written_s, known)
    elif ended is None:
        texts = [report for report in sent if report.kind in (ReportKind.FIRST_WRITTEN, ReportKind.FOLLOW_UP)]
        newest = min(texts, key=lambda report: report.ago.likely_ns)
        number = next_follow_up(report.number for report in sent if report.kind is ReportKind.FOLLOW_UP)
        clocks += _clock(ReportKind.FOLLOW_UP, allowed.follow_up_every_s, newest.ago, number)
    if ended is not None and ReportKind.FINAL not in kinds:
        clocks += _clock(ReportKind.FINAL, allowed.final_s, ended)
    return tuple(sorted(clocks, key=lambda clock: clock.left_s))


def next_follow_up(sent: Iterable[int]) -> int:
    """The number of the next follow-up after those numbered `sent`: 续报一 is 1."""
    return 1 + max(sent, default=0)


def may_send(kind: ReportKind, sent: Sequence[ReportKind], *, ended: bool) -> None:
    """Ask before a report of `kind` goes out; `ended`: whether the incident is under control. Raises RefusedError.

    What did go out is a fact and is on record, whatever this says of it.
    """
    if kind in (ReportKind.FIRST_PHONE, ReportKind.FIRST_WRITTEN) and kind in sent:
        raise RefusedError(
            f"report rule: the {_words(kind)} was sent before; send a follow-up",
            zh=f"报告规则：{REPORT_NAMES[kind].zh}已报送；请报续报",
        )
    if kind is ReportKind.FOLLOW_UP and not {ReportKind.FIRST_PHONE, ReportKind.FIRST_WRITTEN} & set(sent):
        raise RefusedError("report rule: a follow-up needs a first report before it", zh="报告规则：续报之前须有初报")
    if kind is ReportKind.FINAL and not ended:
        raise RefusedError(
            "report rule: the final report comes when the incident is under control",
            zh="报告规则：事件得到控制后方可报终报",
        )
    if kind is ReportKind.FINAL and kind in sent:
        raise RefusedError("report rule: the final report was sent before", zh="报告规则：终报已报送")


def _words(kind: ReportKind) -> str:
    return REPORT_NAMES[kind].en.lower()


def report_name(kind: ReportKind, number: int = 0) -> Text:
    """How a report is called: 续报一, 续报二 … where it has a number."""
    name = REPORT_NAMES[kind]
    return Text(f"{name.zh}{numeral(number)}", f"{name.en} {number}") if number else name


def numeral(number: int) -> str:
    """A number from 1 to 99 as Chinese counts it, others in digits."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + _DIGITS[ones]


def shortest(limits: Mapping[int, ReportLimits]) -> ReportLimits:
    """Of each limit the shortest that any grade has."""
    names = [field.name for field in msgspec.structs.fields(ReportLimits)]
    given = {name: [getattr(each, name) for each in limits.values() if getattr(each, name) > 0] for name in names}
    return ReportLimits(**{name: min(values, default=0.0) for name, values in given.items()})


def _clock(kind: ReportKind, limit_s: float, since: Elapsed, number: int = 0) -> list[ReportClock]:
    if limit_s <= 0:
        return []
    passed_s = since.likely_ns / NS
    warning = max((share for share in WARN_SHARES if passed_s >= share * limit_s), default=0.0)
    clock = ReportClock(
        kind=kind,
        limit_s=limit_s,
        left_s=limit_s - passed_s,
        uncertain_s=since.uncertain_ns / NS,
        warning=warning,
        number=number,
    )
    return [clock]
