"""What was: the rows of the store and, where it did not record, of the source itself; knows no file and no wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import Columns, RefusedError, Sensor, Source, Span
from console.node.hub import Hub
from console.node.sources.replay.clockwork import thin
from console.node.sources.replay.reel import nothing
from console.wire.codec import WIDTH

log = logging.getLogger(__name__)
HOLES_MOST: Final = 32
"""So many holes of one span are asked of the source, the longest ones."""
SOURCE_S: Final = 5.0
"""A source that thinks longer loses its turn where the store has something to say."""
Interval = tuple[int, int]


class Stored(Protocol):
    """What is asked of a store; see `console.node.telemetry`."""

    async def query(self, span: Span) -> Columns: ...
    async def runs(self, start_ns: int, end_ns: int) -> list[Interval]: ...
    async def covered(self) -> Interval: ...


class Sources(Protocol):
    """Who runs the sources."""

    @property
    def running(self) -> Mapping[str, Source]: ...


class History:
    """Answers for any span of any sensor.

    Args:
        stored: the store, None while there is none; `since_ns` (its second) is when this run began to record.
    """

    def __init__(self, stored: Callable[[], tuple[Stored, int] | None], hub: Hub, sources: Sources) -> None:
        self._stored, self._hub, self._sources = stored, hub, sources

    async def query(self, span: Span) -> Columns:
        """One sensor's samples in the span, ascending, at most about 2 × max_points rows: min and max of each bucket.

        What the store has comes first; its holes are filled from the source where it has a past of its own. A hole
        that neither can fill stays one. Raises RefusedError for a sensor that neither knows.
        """
        known = self._stored()
        source = self._sources.running.get(self._hub.owner.get(span.sensor, ""))
        if known is None:
            return await self._of_source_alone(span, source)
        store, since_ns = known
        now_ns = self._hub.clock()
        if span.end_ns > now_ns:  # points are for where samples are, not for a future without end
            span = msgspec.structs.replace(span, end_ns=min(span.end_ns, max(now_ns, (await store.covered())[1]) + 1))
        kept = await store.query(span)
        if source is None:
            if not len(kept) and span.sensor not in self._hub.owner:
                raise _unknown(span.sensor)
            return self._fitting(span, kept)
        runs = [*await store.runs(span.start_ns, span.end_ns), (since_ns, max(span.end_ns, since_ns) + 1)]
        holes = holes_of(span, runs, kept)
        found = await self._fill(span, source, holes) if holes else []
        return self._fitting(span, *([kept] if len(kept) else []), *found)

    async def _of_source_alone(self, span: Span, source: Source | None) -> Columns:
        if span.sensor not in self._hub.owner:
            raise _unknown(span.sensor)
        return self._fitting(span, *([await source.query(span)] if source is not None else []))

    async def _fill(self, span: Span, source: Source, holes: Sequence[Interval]) -> list[Columns]:
        """What the source says of the holes, as far as it gets; its failure costs nothing but itself."""
        found: list[Columns] = []
        whole = max(1, span.end_ns - span.start_ns)
        try:
            async with asyncio.timeout(SOURCE_S):
                for start_ns, end_ns in holes:
                    points = max(2, round(span.max_points * (end_ns - start_ns) / whole))
                    asked = Span(sensor=span.sensor, start_ns=start_ns, end_ns=end_ns, max_points=points)
                    found.append(_inside(await source.query(asked), start_ns, end_ns))
        except Exception:
            log.exception("the source of %s could not say what was before", span.sensor)
        return found

    def _fitting(self, span: Span, *parts: Columns) -> Columns:
        """The parts as one series, ascending, each time once, thinned; a part of another shape is left out."""
        sensor = self._hub.entities.get(Sensor.CLS, {}).get(span.sensor)
        parts = tuple(part for part in parts if len(part))
        width = WIDTH[sensor.channel] if isinstance(sensor, Sensor) else (parts[0].v[0].size if parts else 1)
        fit = [part for part in parts if (part.v.shape[1] if part.v.ndim > 1 else 1) == max(1, width)]
        if not fit:
            return nothing(sensor.channel) if isinstance(sensor, Sensor) else _none(width)
        whole = merged(fit)
        start_ns, end_ns = max(span.start_ns, int(whole.t_ns[0])), min(span.end_ns, int(whole.t_ns[-1]) + 1)
        return thin(whole, start_ns, end_ns, max(2, span.max_points))


def merged(parts: Sequence[Columns]) -> Columns:
    """Parts of one sensor as one series ascending in t; where two parts have the same time the earlier part stands."""
    taken = [parts[0]]
    for part in parts[1:]:
        new = ~np.isin(part.t_ns, np.concatenate([one.t_ns for one in taken]))
        taken.append(Columns(t_ns=part.t_ns[new], v=part.v[new], q=part.q[new]))
    t_ns = np.concatenate([part.t_ns for part in taken])
    order = np.argsort(t_ns, kind="stable")
    v = np.concatenate([part.v for part in taken])[order]
    return Columns(t_ns=t_ns[order], v=v, q=np.concatenate([part.q for part in taken])[order])


def holes_of(span: Span, runs: Sequence[Interval], kept: Columns) -> list[Interval]:
    """Where in the span the store says nothing of the sensor: outside its runs, and in a run outside its rows.

    Before a run's first row, because a source that was added to a node later may well know what was before; after
    the last row of a run that ended in the span, because what was measured just before a node ended was on its way.
    At most HOLES_MOST, the longest, ascending.
    """
    holes: list[Interval] = []
    at = span.start_ns
    for start_ns, end_ns in sorted(runs):
        first, past_last = np.searchsorted(kept.t_ns, (max(start_ns, at), min(end_ns, span.end_ns)))
        if first >= past_last:
            continue
        holes.append((at, int(kept.t_ns[first])))
        at = int(kept.t_ns[past_last - 1]) + 1 if end_ns < span.end_ns else span.end_ns
    holes.append((at, span.end_ns))
    holes = [hole for hole in holes if hole[1] > hole[0]]
    return sorted(sorted(holes, key=lambda hole: hole[0] - hole[1])[:HOLES_MOST])


def _inside(columns: Columns, start_ns: int, end_ns: int) -> Columns:
    inside = (columns.t_ns >= start_ns) & (columns.t_ns < end_ns)
    return msgspec.structs.replace(columns, t_ns=columns.t_ns[inside], v=columns.v[inside], q=columns.q[inside])


def _none(width: int) -> Columns:
    return Columns(t_ns=np.empty(0, np.int64), v=np.empty((0, width) if width > 1 else 0), q=np.empty(0, np.uint8))


def _unknown(sensor: str) -> RefusedError:
    return RefusedError(f"no sensor {sensor!r} is known here")
