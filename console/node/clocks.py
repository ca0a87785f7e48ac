"""Which sensors' clocks are wrong, from the times that their samples claim; knows neither limits nor readers.

Two kinds of wrong: a time more than `AHEAD_NS` ahead of the node's, of each sample by itself; and a clock that lags
steadily, by more than both `AHEAD_NS` and the sensor's stale limit, while samples keep arriving and their times go on
as fast as ours. History that a source brings late is neither: it goes faster, or stands still, or bears LATE, and is
given LATE where its source did not say so: it must not raise a new alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import NS, Columns, Notice, Quality, Sensor, Severity, Text

AHEAD_NS: Final = 60 * NS
WATCH_NS: Final = 10 * NS
"""A lag is believed after it was watched for so long, `SAMPLES` samples and at a steady pace."""
SAMPLES: Final = 4
PACE: Final = (0.5, 2.0)
"""A clock runs, however wrong: claimed seconds a second of ours."""
NAMED: Final = 5
TELL_NS: Final = NS
KEY: Final = "clock"
_FAR: Final = 1 << 62


class Clocks:
    """Judges samples as they arrive.

    Args:
        ids: sensor ids by handle.
        notice, clear: raise and clear the one notice that names wrong clocks.
    """

    def __init__(self, ids: Sequence[str], notice: Callable[[Notice], None], clear: Callable[[str], None]) -> None:
        self._ids, self._notice, self._clear = ids, notice, clear
        self._stale_ns = np.zeros(0, np.int64)
        self._since = np.zeros(0, np.int64)
        """Our time when a sensor's lag was first seen, 0 where it does not lag."""
        self._since_t = np.zeros(0, np.int64)
        """The time that it claimed then."""
        self._seen = np.zeros(0, np.int32)
        self._behind = np.zeros(0, bool)
        self._ahead = np.zeros(0, bool)
        self._suspects = 0
        """Sensors that lag or are wrong: only while there are some every sample is looked at."""
        self._told: tuple[int, ...] = ()
        self._told_ns = 0

    def describe(self, handle: int, stale_after_s: float) -> None:
        """How old a sensor's last sample may be before it counts as silent."""
        have = len(self._stale_ns)
        if handle >= have:
            room = max(2 * have, handle + 1, 64) - have
            self._stale_ns = np.concatenate([self._stale_ns, np.full(room, AHEAD_NS)])
            self._since = np.concatenate([self._since, np.zeros(room, np.int64)])
            self._since_t = np.concatenate([self._since_t, np.zeros(room, np.int64)])
            self._seen = np.concatenate([self._seen, np.zeros(room, np.int32)])
            self._behind = np.concatenate([self._behind, np.zeros(room, bool)])
            self._ahead = np.concatenate([self._ahead, np.zeros(room, bool)])
        stale_s = stale_after_s if 0.0 <= stale_after_s < 1e9 else 1e9
        self._stale_ns[handle] = max(AHEAD_NS, int(stale_s * NS))

    def forget(self, handle: int) -> None:
        """A sensor was dropped: nobody need see to its clock."""
        if handle < len(self._since):
            self._since[handle] = 0
            self._behind[handle] = self._ahead[handle] = False

    def judge(self, columns: Columns, oldest_ns: int, newest_ns: int, now_ns: int) -> Columns:
        """The samples, those of wrong clocks flagged CLOCK, others that lag flagged LATE.

        `oldest_ns` and `newest_ns` are of their times.
        """
        if newest_ns <= now_ns + AHEAD_NS and oldest_ns >= now_ns - AHEAD_NS and not self._suspects and not self._told:
            return columns
        ids, t_ns = columns.ids, columns.t_ns
        ahead = t_ns > now_ns + AHEAD_NS
        late = (columns.q & Quality.LATE) != 0
        behind = ~ahead & ~late & (t_ns < now_ns - self._stale_ns[ids])
        good = ~ahead & ~late & ~behind
        self._ahead[ids[good]] = False
        self._ahead[ids[ahead]] = True
        self._behind[ids[good]] = False
        self._since[ids[good]] = 0
        if behind.any():
            fresh = np.zeros(len(self._since), bool)
            fresh[ids[good]] = True  # who brings an hour at once ends with the present
            lags = behind & ~fresh[ids]
            self._watch(ids[lags], t_ns[lags], now_ns)
        self._suspects = int(np.count_nonzero(self._ahead | (self._since > 0)))
        self.tell(now_ns)
        wrong = ahead | (self._behind[ids] & behind)
        flags = np.where(wrong, Quality.CLOCK, np.where(behind, Quality.LATE, 0)).astype(np.uint8)
        return msgspec.structs.replace(columns, q=columns.q | flags) if flags.any() else columns

    def _watch(self, ids: np.ndarray, t_ns: np.ndarray, now_ns: int) -> None:
        """Sensors that lag now: since when, and whether their clocks run as ours does."""
        newest = np.full(len(self._since), -_FAR)
        np.maximum.at(newest, ids, t_ns)
        rows = np.unique(ids)
        newest = newest[rows]
        first = self._since[rows] == 0
        self._since[rows[first]], self._since_t[rows[first]], self._seen[rows[first]] = now_ns, newest[first], 0
        self._seen[rows] += 1
        watched, gone = now_ns - self._since[rows], newest - self._since_t[rows]
        ripe = (watched >= WATCH_NS) & (self._seen[rows] >= SAMPLES)
        pace = gone / np.maximum(watched, 1)
        steady = (pace >= PACE[0]) & (pace <= PACE[1])
        self._behind[rows[ripe & steady]] = True
        off = ripe & ~steady
        self._behind[rows[off]] = False
        self._since[rows[off]], self._since_t[rows[off]], self._seen[rows[off]] = now_ns, newest[off], 0

    def tell(self, now_ns: int) -> None:
        """Raise, change or clear the notice; a change at most once a second."""
        if abs(now_ns - self._told_ns) < TELL_NS:
            return
        wrong = tuple(np.flatnonzero(self._ahead | self._behind).tolist())
        if wrong == self._told:
            return
        self._told, self._told_ns = wrong, now_ns
        if not wrong:
            self._clear(KEY)
            return
        names = "、".join(self._ids[handle] for handle in wrong[:NAMED])
        more = len(wrong) > NAMED
        self._notice(
            Notice(
                key=KEY,
                about=tuple(f"{Sensor.CLS}:{self._ids[handle]}" for handle in wrong[:50]),
                severity=Severity.WARNING,
                summary=Text(
                    f"{len(wrong)} 个传感器时钟不对：{names}{'等' if more else ''}",
                    f"Clocks of {len(wrong)} sensors are wrong: {names.replace('、', ', ')}{' …' if more else ''}",
                ),
                detail=", ".join(self._ids[handle] for handle in wrong[:50]),
                tip=Text("其数据照存，不判报警；请校准时钟", "Their samples are kept but not judged; set the clocks"),
            )
        )
