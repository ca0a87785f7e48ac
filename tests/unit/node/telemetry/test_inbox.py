"""What waits for the writer: bounded, the oldest goes first, also while the writer is at work."""

from __future__ import annotations

import numpy as np

from console.api import Columns
from console.node.telemetry.inbox import Inbox, Samples

ROWS = 100
MOST = 10_000
"""Four chunks of so many rows fit."""


def chunk(n: int) -> Samples:
    t_ns = n * ROWS + np.arange(ROWS)
    quality, numbers = np.zeros(ROWS, np.uint8), np.ones(ROWS, np.uint32)
    return Samples("scalar", Columns(t_ns=t_ns, v=t_ns.astype(float), q=quality, ids=numbers))


def held(inbox: Inbox) -> list[int]:
    """Numbers of the chunks that a reader sees."""
    return [int(one.columns.t_ns[0]) // ROWS for one in inbox.view().waiting]


def filled(inbox: Inbox, first: int, last: int) -> None:
    for n in range(first, last):
        inbox.put(chunk(n))


def test_past_the_bound_the_oldest_goes_and_is_counted() -> None:
    inbox = Inbox(MOST)
    filled(inbox, 0, 10)
    assert held(inbox) == [6, 7, 8, 9]
    assert inbox.dropped_rows == 6 * ROWS


def test_while_the_writer_is_at_work_the_newest_stays_too() -> None:
    inbox = Inbox(MOST)
    filled(inbox, 0, 4)
    assert len(inbox.take()) == 4
    filled(inbox, 4, 50)
    assert held(inbox) == [0, 1, 2, 3, 48, 49], "what is being written, and the newest"
    inbox.publish(written=True)
    assert held(inbox) == [48, 49]
    filled(inbox, 50, 52)
    assert held(inbox) == [48, 49, 50, 51], "all the room is there again"
    assert inbox.dropped_rows == 44 * ROWS


def test_what_could_not_be_written_waits_in_front_and_goes_first() -> None:
    inbox = Inbox(MOST)
    filled(inbox, 0, 3)
    inbox.take()
    filled(inbox, 3, 5)
    inbox.give_back(keep=False)
    assert held(inbox) == [0, 1, 2, 3, 4]
    inbox.put(chunk(5))
    assert held(inbox) == [2, 3, 4, 5]
    assert inbox.dropped_rows == 2 * ROWS


def test_a_disk_that_fails_for_ever_never_fills_the_memory() -> None:
    inbox = Inbox(MOST)
    for n in range(0, 400, 4):
        filled(inbox, n, n + 4)
        inbox.take()
        inbox.give_back(keep=False)
    assert held(inbox)[-1] == 399
    assert len(held(inbox)) <= 6
