"""A recording as one time-sorted reel of samples, and the player that feeds it to a sink; knows no file format."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from console.api import F64, I64, NS, U8, U32, ChannelKind, Columns, Notice, Sensor, Severity, Sink, Span, Text, Value
from console.node.sources.replay.clockwork import Clockwork, ReplaySettings, thin, usual_step_ns

TICK_NS = NS // 20
"""Rows nearer together than this travel in one batch."""
LONGEST_NAP_NS = 5 * NS
MIN_STALE_S = 10.0


class Series(Value, frozen=True, eq=False):
    """All recorded samples of one sensor: t_ns i64 (n,) ascending UTC ns, v f64 (n,) or (n, 5), q u8 (n,)."""

    sensor: Sensor
    t_ns: I64
    v: F64
    q: U8


class Fault(Value, frozen=True):
    """Something in a file that could not be used: `where` names the first place, `count` how many there are."""

    what: Text
    count: int
    where: str


_PLACES = {"line": "第 {} 行", "record": "第 {} 条记录", "trace": "第 {} 点", "feature": "第 {} 个要素"}


def place_zh(where: str) -> str:
    """A place of a file, "line 12", in Chinese."""
    word, _, number = where.partition(" ")
    return _PLACES[word].format(number) if word in _PLACES else f" {where}"


class Recording(Value, frozen=True, eq=False):
    """What a file holds: its series (all of one channel kind), and what was wrong with it."""

    series: tuple[Series, ...]
    channel: ChannelKind = ChannelKind.SCALAR
    faults: tuple[Fault, ...] = ()


class Reel:
    """A recording on its clockwork: what is shown when."""

    def __init__(self, recording: Recording, settings: ReplaySettings, local: dt.tzinfo) -> None:
        series = recording.series
        times = np.concatenate([s.t_ns for s in series]) if series else np.empty(0, np.int64)
        first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
        steps_ns = [usual_step_ns(s.t_ns) for s in series]
        self.first_ns, self.last_ns, self.local = first, last, local
        self.usual_step_s = float(np.median(steps_ns)) / NS if steps_ns else 0.0
        self.clock = Clockwork(settings, first, last, max(steps_ns, default=0), local)
        order = np.argsort(times, kind="stable")
        self.channel = recording.channel
        self.offsets: I64 = self.clock.offsets(times[order])
        self.owner: I64 = np.repeat(np.arange(len(series)), [len(s.t_ns) for s in series])[order]
        values = [s.v for s in series]
        self.v: F64 = np.concatenate(values)[order] if values else np.empty(0, np.float64)
        self.q: U8 = np.concatenate([s.q for s in series])[order] if series else np.empty(0, np.uint8)
        stales = [self._stale_s(s.sensor, step, settings.speed) for s, step in zip(series, steps_ns, strict=True)]
        self.sensors = tuple(
            msgspec.structs.replace(s.sensor, stale_after_s=stale) for s, stale in zip(series, stales, strict=True)
        )
        self._rows_of = {s.id: np.flatnonzero(self.owner == i) for i, s in enumerate(self.sensors)}

    @staticmethod
    def _stale_s(sensor: Sensor, step_ns: int, speed: float) -> float:
        """As declared, else two and a half of the usual shown spacing: one missed sample is not yet silence."""
        return sensor.stale_after_s if sensor.stale_after_s > 0 else max(MIN_STALE_S, 2.5 * step_ns / NS / speed)

    def columns(self, span: Span, now_ns: int) -> Columns:
        """What was shown of a sensor in the span, up to now: the future of a recording is nobody's business yet."""
        mine = self._rows_of.get(span.sensor)
        end_ns = min(span.end_ns, now_ns + 1)
        if mine is None or end_ns <= span.start_ns:
            return nothing(self.channel)
        rows, t_ns = self.clock.rows(self.offsets[mine], span.start_ns, end_ns)
        taken = mine[rows]
        return thin(Columns(t_ns=t_ns, v=self.v[taken], q=self.q[taken]), span.start_ns, end_ns, span.max_points)

    def last_before(self, now_ns: int) -> I64:
        """Of each series the last row shown in the first cycle up to now, in time order."""
        until = int(np.searchsorted(self.offsets, now_ns - self.clock.anchor_ns, side="right"))
        reversed_owners = self.owner[:until][::-1]
        _, at = np.unique(reversed_owners, return_index=True)
        return np.sort(until - 1 - at)


def nothing(channel: ChannelKind) -> Columns:
    """No rows, in the shape of the channel."""
    shape = (0, 5) if channel is ChannelKind.POSITION else (0,)
    return Columns(t_ns=np.empty(0, np.int64), v=np.empty(shape), q=np.empty(0, np.uint8))


Shown = Callable[[I64, I64], None]
"""Told after each batch: rows of the reel i64 (m,), and when they are shown, UTC ns i64 (m,)."""


class Player:
    """Plays a reel into a sink; `step` is the whole of it, `run` only waits.

    Args:
        shown: told after each batch.
        history_ns: how much of the past is published at the start.
        lasting: sensors stand from the start on, with what they said last; else each is put with its first row, and
            again after `forget`.
    """

    def __init__(
        self, sink: Sink, reel: Reel, shown: Shown | None = None, history_ns: int = 0, lasting: bool = True
    ) -> None:
        self._sink, self._reel, self._shown = sink, reel, shown
        self._history_ns, self._lasting = history_ns, lasting
        self._handles: U32 = np.zeros(len(reel.sensors), np.uint32)
        self._known = np.zeros(len(reel.sensors), bool)
        self._done_ns = 0

    def begin(self) -> None:
        """Show how things stand when the replay begins, so that no sensor is empty at first."""
        now_ns = self._sink.now_ns
        reel = self._reel
        reel.clock.begin(now_ns)
        rows, _ = reel.clock.rows(reel.offsets, now_ns - self._history_ns, now_ns + 1)
        if self._lasting:
            self._declare(np.arange(len(reel.sensors)))
            rows = np.union1d(reel.last_before(now_ns), rows)
        self._emit(rows, reel.offsets[rows] + reel.clock.anchor_ns)
        self._done_ns = now_ns + 1

    def forget(self, sensor: int) -> None:
        """The sensor of this number was dropped: put it again with its next row."""
        self._known[sensor] = False

    def _declare(self, numbers: I64) -> None:
        """Put the sensors of these numbers that are not known yet."""
        new = numbers[~self._known[numbers]].tolist()
        self._known[new] = True
        self._sink.put(*(self._reel.sensors[i] for i in new))
        for i in new:
            self._handles[i] = self._sink.handle(self._reel.sensors[i].id)

    def step(self) -> None:
        """Publish what is due by now."""
        now_ns = self._sink.now_ns
        if now_ns < self._done_ns:
            return
        rows, t_ns = self._reel.clock.rows(self._reel.offsets, self._done_ns, now_ns + 1)
        self._emit(rows, t_ns)
        self._done_ns = now_ns + 1

    def nap_s(self) -> float | None:
        """How long to wait for the next row; None when the recording has ended."""
        due_ns = self._reel.clock.next_ns(self._reel.offsets, self._done_ns)
        if due_ns is None:
            return None
        return min(max(due_ns - self._sink.now_ns, TICK_NS), LONGEST_NAP_NS) / NS

    async def run(self) -> None:
        """Play to the end; a looped reel has none."""
        self.begin()
        while (nap_s := self.nap_s()) is not None:
            await asyncio.sleep(nap_s)
            self.step()

    def _emit(self, rows: I64, t_ns: I64) -> None:
        if len(rows):
            reel = self._reel
            self._declare(np.unique(reel.owner[rows]))
            ids = self._handles[reel.owner[rows]]
            self._sink.samples(reel.channel, Columns(t_ns=t_ns, v=reel.v[rows], q=reel.q[rows], ids=ids))
        if self._shown is not None:
            self._shown(rows, t_ns)


def tell(sink: Sink, settings: ReplaySettings, name: str, reel: Reel, faults: Sequence[Fault]) -> None:
    """Say openly that a recording is played and from when, and what in its file could not be used."""
    day = dt.datetime.fromtimestamp(reel.first_ns / NS, reel.local).date().isoformat()
    fast = "" if settings.speed == 1 else f" ×{settings.speed:g}"
    if settings.times == "shift":
        sink.notice(
            Notice(
                key="replay",
                severity=Severity.INFO,
                summary=Text(
                    f"{settings.id}：回放 {day} 起的记录{fast}", f"{settings.id}: replays a record of {day}{fast}"
                ),
                detail=name,
                since_ns=sink.now_ns,
            )
        )
    if not faults:
        sink.clear_notice("rows")
        return
    total = sum(f.count for f in faults)
    sink.notice(
        Notice(
            key="rows",
            severity=Severity.WARNING,
            summary=Text(
                f"{settings.id}：{name} 有 {total} 处不能用，首处在{place_zh(faults[0].where)}",
                f"{settings.id}: {total} flaw{'s' * (total > 1)} in {name}, the first at {faults[0].where}",
            ),
            detail="\n".join(f"{f.what.of('en')}: {f.count}, first at {f.where}" for f in faults),
            since_ns=sink.now_ns,
        )
    )
