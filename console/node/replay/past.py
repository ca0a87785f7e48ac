"""History up to a replay's now, with nothing of what came after; knows neither store nor hub."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import msgspec
import numpy as np

from console.api import NS, Columns, Span
from console.node.sources.replay.clockwork import thin

MINUTE_NS: Final = 60 * NS
HOUR_NS: Final = 60 * MINUTE_NS
LEAST_POINTS: Final = 10
TAIL_POINTS: Final = 20_000
"""So many that a minute is answered as it came."""


async def past(query: Callable[[Span], Awaitable[Columns]], span: Span) -> Columns:
    """What `query` says of a span that ends at now.

    Its buckets are whole hours and minutes: the one that now lies in would tell what came later. So what ends within
    an hour, and within a minute, is asked by itself.
    """
    parts = [part for piece in _pieces(span) if len(part := await query(piece))]
    if not parts:
        return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
    whole = Columns(
        t_ns=np.concatenate([part.t_ns for part in parts]),
        v=np.concatenate([part.v for part in parts]),
        q=np.concatenate([part.q for part in parts]),
    )
    return thin(whole, max(span.start_ns, int(whole.t_ns[0])), span.end_ns, max(2, span.max_points))


def _pieces(span: Span) -> Iterator[Span]:
    end_ns = span.end_ns
    edges = [span.start_ns, end_ns - end_ns % HOUR_NS, end_ns - end_ns % MINUTE_NS, end_ns]
    width = max(1, end_ns - span.start_ns)
    for place, (start_ns, until_ns) in enumerate(itertools.pairwise(edges)):
        start_ns = max(start_ns, span.start_ns)
        if start_ns < until_ns:
            share = span.max_points * (until_ns - start_ns) // width
            points = TAIL_POINTS if place == 2 else max(LEAST_POINTS, share)
            yield msgspec.structs.replace(span, start_ns=start_ns, end_ns=until_ns, max_points=points)
