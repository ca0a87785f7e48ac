"""Understands a time that a person types: "14:05", "昨天 14:05", "-2h", ISO; knows no clock and no window."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from console.api import NS, BadInput
from widgets.kit.text import BEIJING, beijing

_DAYS: Final = {"": None, "今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
_UNIT_S: Final = {
    "s": 1, "秒": 1, "sec": 1, "m": 60, "min": 60, "分": 60, "分钟": 60, "h": 3600, "小时": 3600, "时": 3600,
    "d": 86_400, "天": 86_400,
}  # fmt: skip
_BACK: Final = re.compile(r"[-−](?P<parts>(?:\d+(?:\.\d+)?\s*[a-z秒分钟小时天]+\s*)+)")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z秒分钟小时天]+)")
_CLOCK: Final = re.compile(r"(?P<day>[^\d\s]*)\s*(?P<h>\d{1,2})[:：](?P<m>\d{2})(?:[:：](?P<s>\d{2}))?")
_DATE: Final = re.compile(
    r"(?:(?P<y>\d{4})[-/年])?(?P<mo>\d{1,2})[-/月](?P<d>\d{1,2})日?[\sT]*"
    r"(?:(?P<h>\d{1,2})[:：](?P<m>\d{2})(?:[:：](?P<s>\d{2}))?)?"
)
EXPECTED: Final = "14:05, 昨天 14:05, 7-18 14:05, -2h 30min, 2026-07-18T14:05:00+08:00"


def moment(text: str, now_ns: int) -> int:
    """The time meant, UTC ns; Beijing time where no zone is said, never after `now_ns`.

    A clock time without a day is the last one that has passed; a date without a year the last such date.
    Raises BadInput when it is none of these.
    """
    said = text.strip().lower()
    found = _back(said, now_ns) or _clock(said, now_ns) or _date(said, now_ns) or _iso(text.strip())
    if found is None:
        raise BadInput("time", found=text.strip()[:40] or "nothing", expected=EXPECTED)
    return min(found, now_ns)


def _back(said: str, now_ns: int) -> int | None:
    matched = _BACK.fullmatch(said)
    if matched is None:
        return None
    parts = [(float(n), _UNIT_S.get(unit)) for n, unit in _PART.findall(matched["parts"])]
    seconds = sum(n * unit for n, unit in parts if unit is not None)
    return now_ns - int(seconds * NS) if all(unit for _, unit in parts) else None


def _clock(said: str, now_ns: int) -> int | None:
    matched = _CLOCK.fullmatch(said)
    if matched is None or matched["day"] not in _DAYS:
        return None
    days = _DAYS[matched["day"]]
    now = beijing(now_ns)
    at = _at(now.year, now.month, now.day, matched)
    if at is None:
        return None
    if days is None:
        days = 1 if at > now else 0
    return _ns(at - timedelta(days=days))


def _date(said: str, now_ns: int) -> int | None:
    matched = _DATE.fullmatch(said)
    if matched is None:
        return None
    now = beijing(now_ns)
    years = [int(matched["y"])] if matched["y"] else [now.year, now.year - 1]
    days = [_at(year, int(matched["mo"]), int(matched["d"]), matched) for year in years]
    known = [day for day in days if day is not None]
    past = [day for day in known if day <= now] or known
    return _ns(past[0]) if past else None


def _iso(said: str) -> int | None:
    try:
        at = datetime.fromisoformat(said)
        return _ns(at if at.tzinfo is not None else at.replace(tzinfo=BEIJING))
    except (ValueError, OverflowError):
        return None


def _at(year: int, month: int, day: int, matched: re.Match[str]) -> datetime | None:
    try:
        h, m, s = (int(matched[k] or 0) for k in ("h", "m", "s"))
        return datetime(year, month, day, h, m, s, tzinfo=BEIJING)
    except ValueError:
        return None


def _ns(at: datetime) -> int:
    return int(at.timestamp()) * NS
