"""Sources that fail: back-off, one clear notice, cleared when the source works again, nobody else disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import numpy as np
import pytest

from console.api import Columns, Sink, SourceError, Span
from console.node.hub import Hub
from console.node.keeper import BACKOFF_S, WORKS_S, SourceKeeper
from console.tasks import Tasks
from tests.fakes_sink import RecordingSink
from tests.flow.nodes import until


class Flaw:
    """A source that does `run` instead of its work."""

    def __init__(self, run: Callable[[], None] | None) -> None:
        self._run = run

    async def run(self, sink: Sink) -> None:
        """Fail, or go on for ever."""
        if self._run is None:
            await asyncio.Event().wait()
        else:
            self._run()

    async def query(self, span: Span) -> Columns:
        """Nothing."""
        return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


class Room:
    """A keeper whose waits the test ends."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.hub = Hub(clock=lambda: 10**18)
        self.waits: list[float] = []
        self.go = asyncio.Semaphore(0)
        self.keeper = SourceKeeper(self.hub, self.tasks, sleep=self._sleep)
        self.made = 0
        self.flaw: Callable[[], None] | None = None

    async def _sleep(self, wait_s: float) -> None:
        if wait_s == WORKS_S:
            await asyncio.sleep(0.05)
            return
        self.waits.append(wait_s)
        await self.go.acquire()

    def waited(self, times: int) -> bool:
        """Whether so many waits have begun."""
        return len(self.waits) == times

    def make(self) -> Flaw:
        """One more instance."""
        self.made += 1
        return Flaw(self.flaw)

    def start(self) -> asyncio.Task[None]:
        """Keep the source."""
        return self.tasks.start("source.s", self.keeper.keep("s", "sources.toml line 3", self.make, RecordingSink()))


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """See Room."""
    room = Room()
    yield room
    await room.tasks.close()


def broken() -> None:
    """What a source may raise on purpose."""
    raise SourceError("the feed is gone")


async def test_a_source_that_fails_at_once_for_ever_waits_longer_and_longer_under_one_notice(room: Room) -> None:
    room.flaw = broken
    room.start()
    for n in range(1, 9):
        await until(partial(room.waited, n))
        assert room.hub.notices["source:s"].detail == "the feed is gone"
        room.go.release()
    for wait_s, planned_s in zip(room.waits, (*BACKOFF_S, BACKOFF_S[-1], BACKOFF_S[-1]), strict=False):
        assert 0.79 * planned_s <= wait_s <= 1.21 * planned_s
    await asyncio.sleep(0.15)
    notice = room.hub.notices["source:s"]
    assert notice.since_ns == 10**18
    assert notice.tip.en == "See sources.toml line 3"


async def test_the_notice_goes_when_the_source_works_again(room: Room) -> None:
    room.flaw = broken
    room.start()
    await until(lambda: "source:s" in room.hub.notices)
    room.flaw = None
    room.go.release()
    await until(lambda: "source:s" not in room.hub.notices)
    assert room.made == 2


def cancelled() -> None:
    """What a source lets through that awaits a cancelled task of its own."""
    raise asyncio.CancelledError


def left() -> None:
    """What a library does that takes itself for the program."""
    raise SystemExit(3)


def divided() -> None:
    """A plain mistake."""
    raise ZeroDivisionError("slip")


@pytest.mark.parametrize("flaw", [cancelled, left, divided])
async def test_whatever_it_raises_it_is_started_anew(room: Room, flaw: Callable[[], None]) -> None:
    room.flaw = flaw
    task = room.start()
    room.go.release()
    await until(lambda: room.made == 2)
    assert "Error" in room.hub.notices["source:s"].detail or "Exit" in room.hub.notices["source:s"].detail
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_source_that_cannot_even_be_made_is_tried_again(room: Room) -> None:
    def fails() -> Flaw:
        room.made += 1
        raise TypeError("settings")

    room.tasks.start("source.s", room.keeper.keep("s", "here", fails, RecordingSink()))
    room.go.release()
    await until(lambda: room.made == 2)
    assert "settings" in room.hub.notices["source:s"].detail


async def test_a_source_that_ends_stays_ended(room: Room) -> None:
    room.flaw = lambda: None
    await room.start()
    assert room.made == 1
    assert "s" in room.keeper.running
    assert "source:s" not in room.hub.notices
