"""What was read ahead comes out in order, once, and when its time has come."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.api import ChannelKind, Columns
from console.node.replay.ahead import Ahead

SCALAR = ChannelKind.SCALAR


def columns(*rows: tuple[int, int]) -> Columns:
    """Rows of (t, id); the value is the row's number."""
    n = len(rows)
    return Columns(
        t_ns=np.array([t for t, _ in rows], np.int64),
        v=np.arange(n, dtype=float),
        q=np.zeros(n, np.uint8),
        ids=np.array([id_ for _, id_ in rows], np.uint32),
    )


def times(ahead: Ahead, to_ns: int, most: int = 1000) -> list[int]:
    """Times taken."""
    return [t for _, part in ahead.samples(to_ns, most) for t in part.t_ns.tolist()]


@given(
    st.lists(st.lists(st.integers(0, 99), max_size=20), max_size=5),
    st.lists(st.integers(0, 600), max_size=8),
    st.integers(1, 30),
)
def test_every_row_comes_once_in_order_and_not_before_its_time(
    parts: list[list[int]], asked: list[int], most: int
) -> None:
    ahead, put = Ahead(0), []
    for number, part in enumerate(parts):
        rows = sorted(100 * number + t for t in part)
        put += rows
        ahead.add({SCALAR: columns(*((t, 0) for t in rows))}, (), 100 * (number + 1))
    taken: list[int] = []
    for to_ns in sorted(asked):
        taken += times(ahead, to_ns, most)
        assert taken == [t for t in put if t <= to_ns]
    taken += times(ahead, 1 << 62, most)
    assert taken == put
    assert ahead.bytes == 0


def test_pieces_are_no_longer_than_asked() -> None:
    ahead = Ahead(0)
    ahead.add({SCALAR: columns(*((t, 0) for t in range(25)))}, (), 100)
    assert [len(part) for _, part in ahead.samples(99, 10)] == [10, 10, 5]


def test_the_next_sample_is_one_that_somebody_wants() -> None:
    ahead = Ahead(0)
    ahead.add({SCALAR: columns((5, 0), (7, 1))}, (), 10)
    ahead.add({SCALAR: columns((12, 2))}, (), 20)
    assert ahead.next_ns(np.array([True, True, True])) == 5
    assert ahead.next_ns(np.array([False, True, False])) == 7
    assert ahead.next_ns(np.array([False, False, True])) == 12
    assert ahead.next_ns(np.array([False, False, False])) is None


def test_changes_come_in_order_up_to_the_time_asked() -> None:
    ahead = Ahead(0)
    ahead.add({}, [(1, "alarm", "a", b"x"), (5, "alarm", "a", None), (9, "alarm", "b", b"yy")], 10)
    assert ahead.bytes == 3
    assert [change[:3] for change in ahead.changes(5)] == [(1, "alarm", "a"), (5, "alarm", "a")]
    assert [change[0] for change in ahead.changes(100)] == [9]
    assert ahead.bytes == 0
