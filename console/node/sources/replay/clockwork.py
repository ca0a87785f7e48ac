"""The clock of a replay: recorded times to times shown now, at a speed, looped or once; knows no file and no sink."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Literal

import numpy as np

from console.api import F64, I64, NS, U8, Columns, Quality, Value

DAY_NS = 86_400 * NS
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ReplaySettings(Value, frozen=True):
    """What every recorded file is told.

    Attributes:
        id: the source's id; prefix of all ids it makes.
        file: path of the recording.
        speed: recorded seconds a second; 1 is the original speed.
        loop: after the end begin again, times going on; else once, and then its sensors go stale.
        start_at: recorded instant (ISO) played when the node starts; what lies before is history. "" the first.
        times: "shift" moves recorded times to now; "keep" leaves them as they are (speed 1, no loop).
    """

    id: str = ""
    file: str = ""
    speed: float = 1.0
    loop: bool = False
    start_at: str = ""
    times: Literal["shift", "keep"] = "shift"


def zone(name: str) -> dt.tzinfo:
    """A time zone by IANA name, "UTC", or offset such as "+08:00"; raises ValueError."""
    if name in ("", "UTC", "Z"):
        return dt.UTC
    if name[0] in "+-":
        moved = dt.datetime.fromisoformat(f"2000-01-01T00:00:00{name}").utcoffset()
        return dt.timezone(moved) if moved is not None else dt.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone '{name}'") from error


def utc_ns(moment: dt.datetime, local: dt.tzinfo) -> int:
    """UTC ns of a datetime; a naive one is taken as local to `local` (the first of two equal wall times)."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=local)
    span = aware.astimezone(dt.UTC) - _EPOCH
    return ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * 1_000


def instant_ns(text: str, local: dt.tzinfo) -> int:
    """UTC ns of an ISO 8601 text (micros at best); raises ValueError."""
    return utc_ns(dt.datetime.fromisoformat(text.strip()), local)


class Clockwork:
    """Recorded instants as instants shown. Offsets are shown ns since `anchor_ns`, which is when the replay began.

    A looped replay repeats all its rows every `period_ns`: cycle k of offset o is shown at anchor + o + k × period.
    """

    def __init__(self, settings: ReplaySettings, first_ns: int, last_ns: int, step_ns: int, local: dt.tzinfo) -> None:
        """`first_ns` … `last_ns` is the recording's span, `step_ns` its usual spacing (the pause before it loops)."""
        self._speed = settings.speed
        self._kept = settings.times == "keep"
        self._start_ns = instant_ns(settings.start_at, local) if settings.start_at else first_ns
        self.period_ns = max(1, self._scaled(last_ns - first_ns + max(step_ns, NS // 1000))) if settings.loop else 0
        self.anchor_ns = self._start_ns if self._kept else 0

    def begin(self, now_ns: int) -> None:
        """The replay begins now."""
        if not self._kept:
            self.anchor_ns = now_ns

    def offsets(self, recorded_ns: I64) -> I64:
        """Shown ns since the replay's begin, i64 (n,), for recorded UTC ns."""
        moved = recorded_ns - self._start_ns
        return moved if self._speed == 1 else np.rint(moved / self._speed).astype(np.int64)

    def shown(self, recorded_ns: int) -> int:
        """The shown instant of a recorded one in the first cycle."""
        return self.anchor_ns + int(self.offsets(np.array([recorded_ns], np.int64))[0])

    def rows(self, offsets: I64, start_ns: int, end_ns: int) -> tuple[I64, I64]:
        """Which rows are shown in [start, end), and when: indices i64 (m,) and shown UTC ns i64 (m,), ascending.

        `offsets` must be ascending.
        """
        picked: list[I64] = []
        times: list[I64] = []
        for cycle in self._cycles(offsets, start_ns, end_ns):
            base = self.anchor_ns + cycle * self.period_ns
            low, high = np.searchsorted(offsets, (start_ns - base, end_ns - base))
            if high > low:
                picked.append(np.arange(low, high, dtype=np.int64))
                times.append(offsets[low:high] + base)
        if not picked:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate(picked), np.concatenate(times)

    def next_ns(self, offsets: I64, after_ns: int) -> int | None:
        """When the first row at or after `after_ns` is shown; None when there is none any more."""
        if not len(offsets):
            return None
        for cycle in self._cycles(offsets, after_ns, after_ns + self.period_ns + 1) if self.period_ns else range(1):
            base = self.anchor_ns + cycle * self.period_ns
            at = int(np.searchsorted(offsets, after_ns - base))
            if at < len(offsets):
                return int(offsets[at]) + base
        return None

    def _cycles(self, offsets: I64, start_ns: int, end_ns: int) -> range:
        if not self.period_ns or not len(offsets):
            return range(1)
        first = (start_ns - self.anchor_ns - int(offsets[-1])) // self.period_ns
        last = (end_ns - self.anchor_ns - int(offsets[0])) // self.period_ns
        return range(max(0, first), max(0, last) + 1)

    def _scaled(self, span_ns: int) -> int:
        return span_ns if self._speed == 1 else round(span_ns / self._speed)


def thin(columns: Columns, start_ns: int, end_ns: int, max_points: int) -> Columns:
    """At most about 2 × `max_points` rows: the lowest and highest value of each bucket, and where it first fails.

    Positions (n, 5) are thinned evenly instead, keeping the first and the last.
    """
    n = len(columns)
    if n <= 2 * max_points or n == 0:
        return columns
    if columns.v.ndim == 2:
        return _picked(columns, np.unique(np.linspace(0, n - 1, 2 * max_points).astype(np.int64)))
    bad = ~np.isfinite(columns.v) | ((columns.q & Quality.BAD) != 0)
    buckets = max(1, max_points * 2 // 3 if bad.any() else max_points)
    width = max(1, -(-(end_ns - start_ns) // buckets))
    bucket = (columns.t_ns - start_ns) // width
    keep = [_firsts(bucket[bad], np.flatnonzero(bad))] if bad.any() else []
    good = np.flatnonzero(~bad)
    order = good[np.lexsort((columns.v[good], bucket[good]))]  # by bucket, then by value: lowest first, highest last
    if len(order):
        edge = np.flatnonzero(np.diff(bucket[order])) + 1
        keep.append(order[np.concatenate(([0], edge))])
        keep.append(order[np.concatenate((edge - 1, [len(order) - 1]))])
    return _picked(columns, np.unique(np.concatenate(keep)))


def _firsts(bucket: I64, rows: I64) -> I64:
    return rows[np.unique(bucket, return_index=True)[1]]


def _picked(columns: Columns, rows: I64) -> Columns:
    v: F64 = columns.v[rows]
    q: U8 = columns.q[rows]
    return Columns(t_ns=columns.t_ns[rows], v=v, q=q)


def usual_step_ns(times_ns: I64) -> int:
    """The median spacing of ascending times, 0 for fewer than two."""
    return int(np.median(np.diff(times_ns))) if len(times_ns) > 1 else 0
