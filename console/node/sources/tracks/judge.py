"""Raw fixes of one mover to an ascending track with quality: clock faults and impossible jumps are BAD; no I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from console.api import F64, I64, NS, U8, Quality, Value
from console.node.sources.tracks.read import Fix

EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""
SLACK_M = 150.0
"""Error of a good fix: two fixes of one instant may lie this far apart."""
AGREE = 3
"""This many rejected fixes in a row that agree with each other outvote what came before."""
REORDER_NS = NS
"""Two receivers in one device may hand over fixes this much out of order; that is no clock fault."""
CLOCK_BAD = Quality.BAD | Quality.CLOCK


class Track(Value, frozen=True, eq=False):
    """t_ns i64 (n,) ascending; v f64 (n, 5) lon, lat, alt m, heading degrees, speed m/s, NaN where BAD; q u8 (n,)."""

    t_ns: I64
    v: F64
    q: U8
    jumps: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance (haversine) in metres of two positions in degrees."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, half)))


def bearing_deg(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Initial course from the first to the second position, degrees from north, [0, 360)."""
    phi1, phi2, turn = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    east = math.sin(turn) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360


def judged(fixes: Sequence[Fix], max_speed_m_s: float, in_order: bool) -> Track:
    """The track of one mover's fixes, which must have positions.

    `in_order`: the file's order is the order of recording, so a time that goes back is a clock fault; else they are
    only sorted. Fixes that repeat time and position are left out.
    """
    odd = clock_faults([fix.t_ns for fix in fixes]) if in_order else set()
    order = sorted(range(len(fixes)), key=lambda i: (fixes[i].t_ns, i))
    seen: set[tuple[int, float, float]] = set()
    rows = []
    for i in order:
        mark = (fixes[i].t_ns, fixes[i].lon, fixes[i].lat)
        if mark not in seen:
            seen.add(mark)
            rows.append(i)
    steady = [i for i in rows if i not in odd]
    far = {steady[i] for i in jumps([fixes[i] for i in steady], max_speed_m_s)}
    good = [fixes[i] for i in steady if i not in far]
    moved = dict(zip((i for i in steady if i not in far), _derived(good), strict=True))
    q = [CLOCK_BAD if i in odd else Quality.BAD if i in far else Quality.GOOD for i in rows]
    v = [moved.get(i, (math.nan,) * 5) for i in rows]
    return Track(
        t_ns=np.array([fixes[i].t_ns for i in rows], np.int64),
        v=np.array(v, np.float64).reshape(-1, 5),
        q=np.array([int(one) for one in q], np.uint8),
        jumps=tuple(fixes[i].where for i in sorted(far)),
        clocks=tuple(fixes[i].where for i in sorted(odd)),
    )


def clock_faults(times_ns: Sequence[int]) -> set[int]:
    """Which of the times, in recording order, cannot be right: a spike ahead, or a step back behind the rest."""
    odd: set[int] = set()
    last = times_ns[0] if times_ns else 0
    for i, t_ns in enumerate(times_ns):
        ahead = i + 1 < len(times_ns) and last <= times_ns[i + 1] < t_ns - REORDER_NS
        if t_ns < last - REORDER_NS or ahead:
            odd.add(i)
        else:
            last = max(last, t_ns)
    return odd


def jumps(fixes: Sequence[Fix], max_speed_m_s: float) -> set[int]:
    """Which fixes, ascending in time, could only be reached faster than possible from the good ones before."""
    bad: set[int] = set()
    doubted: list[int] = []
    good: int | None = None
    run = 0
    for i, fix in enumerate(fixes):
        if good is None or _reachable(fixes[good], fix, max_speed_m_s):
            bad.update(doubted)
            doubted, good, run = [], i, run + 1
            continue
        if doubted and not _reachable(fixes[doubted[-1]], fix, max_speed_m_s):
            bad.update(doubted)
            doubted = []
        doubted.append(i)
        if len(doubted) == AGREE:  # the crowd is right: it was the few before that were wrong
            if run < AGREE:
                bad.update(j for j in range(doubted[0]) if j not in bad)
            doubted, good, run = [], i, AGREE
    return bad | set(doubted)


def _reachable(a: Fix, b: Fix, max_speed_m_s: float) -> bool:
    return metres(a.lon, a.lat, b.lon, b.lat) <= max_speed_m_s * (b.t_ns - a.t_ns) / NS + SLACK_M


def _derived(good: Sequence[Fix]) -> list[tuple[float, float, float, float, float]]:
    """Rows of v; a missing heading or speed is taken from the way since the fix before."""
    rows = []
    before: Fix | None = None
    for fix in good:
        heading, speed = fix.heading, fix.speed
        if before is not None and fix.t_ns > before.t_ns:
            way_m = metres(before.lon, before.lat, fix.lon, fix.lat)
            if math.isnan(speed):
                speed = way_m * NS / (fix.t_ns - before.t_ns)
            if math.isnan(heading) and way_m > 1:
                heading = bearing_deg(before.lon, before.lat, fix.lon, fix.lat)
        rows.append((fix.lon, fix.lat, fix.alt, heading, speed))
        before = fix
    return rows
