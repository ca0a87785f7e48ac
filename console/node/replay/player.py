"""One replay: a hub of its own, whose time is the replay's, fed from the store as that time comes; knows no socket.

Acts and reads are done one after another by `work`, which may wait for the store; `show` publishes what is due and
never waits for it. So a slow disk holds the replay's clock, and nothing else.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import (
    NS,
    ChannelKind,
    Notice,
    RefusedError,
    Severity,
    Text,
)
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.node.replay.acts import ENDED, Act, NothingStored
from console.node.replay.ahead import Ahead
from console.node.replay.archive import Archive
from console.node.replay.clock import ReplayClock
from console.node.replay.picture import by_kind, entities_at, last_before
from console.node.replay.reading import Wanted, read_all, read_piece
from console.node.replay.showing import Showing
from console.node.replay.wanted import know, meant, of_mask, read_by_feeds
from console.wire.codec import encode
from console.wire.frames import Replay, ReplayState

log = logging.getLogger(__name__)
SHOW_S: Final = 0.05
"""What is due is shown so often, at every speed."""
TELL_NS: Final = NS
"""Readers are told so often how the clock stands while it runs."""
AHEAD_S: Final = 2.0
"""So much of the replay's running is read before it comes."""
AHEAD_BYTES: Final = 8 << 20
"""Most bytes read ahead, one read more or less."""
FRESH_NS: Final = NS // 2
"""How far the store reaches is asked so often at its end."""
EDGE_NS: Final = NS
"""A replay ends so long before now: what is on its way into the store is not missed."""
RUNS_MOST: Final = 100
"""So many of the last spans in which the node was recording are told."""
STEP_MOST_NS: Final = 24 * 3600 * NS
RETRY_NS: Final = 2 * NS
ACTS: Final = 100
"""Most acts that may wait."""
UNREADABLE: Final = "replay:store"
_MOVES: Final = ("open", "seek")


class Player:
    """See the module.

    Args:
        live: the hub of the present, for what stands in the city and for the node's clock.
        mono_ns: monotonic time, ns.

    Attributes:
        readers: connections that share the replay.
        left_count: how often one has left.
        told: how it stood when it was last told: who asks gets the same, so that all who share it go by one clock.
    """

    def __init__(
        self, context: str, archive: Archive, live: Hub, mono_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self.context = context
        self._archive, self._live, self._mono_ns = archive, live, mono_ns
        self._clock = ReplayClock(base_ns=0, since_ns=0, most_ns=0)
        self.hub = Hub(self.now_ns, context=context)
        self.hub.files = live.files
        self._showing = Showing(self.hub, live)
        self.readers: set[Outbox] = set()
        self.left_count = 0
        self.told = ReplayState(context=context, at_ns=0, node_ns=0)
        self._acts: collections.deque[Act] = collections.deque()
        self._asked = asyncio.Event()
        self._ahead = Ahead(0)
        self._still = asyncio.Lock()
        """Nothing is shown while the time jumps or sensors are added."""
        self._wanted: Wanted = {}
        self._reading = np.zeros(0, bool)
        """Handles that are read ahead."""
        self._jump = 0
        self._from_ns = self._to_ns = 0
        self._runs: tuple[tuple[int, int], ...] = ()
        self._covered_at_ns = self._told_at_ns = self._retry_at_ns = -(1 << 62)

    # ------------------------------------------------------------------ what is asked

    def now_ns(self) -> int:
        """The replay's time, UTC ns."""
        return self._clock.at(self._mono_ns())

    def state(self) -> ReplayState:
        """How it stands now."""
        return ReplayState(
            context=self.context,
            at_ns=self.now_ns(),
            node_ns=self._live.clock(),
            speed=self._clock.speed,
            playing=self._clock.playing,
            jump=self._jump,
            from_ns=self._from_ns,
            to_ns=self._to_ns,
            runs=self._runs,
            readers=len(self.readers),
        )

    def tell(self) -> None:
        """Tell all readers how it stands."""
        self._told_at_ns = self._mono_ns()
        self._tell(tuple(self.readers))

    def _tell(self, readers: Sequence[Outbox]) -> None:
        self.told = self.state()
        data = encode(self.told)
        for reader in readers:
            reader.send(data)

    def enter(self, reader: Outbox) -> None:
        """One more reader; the others are told."""
        if reader not in self.readers:
            others = tuple(self.readers)
            self.readers.add(reader)
            self._tell(others)

    def leave(self, reader: Outbox) -> None:
        """A reader less; without any the clock stands."""
        if reader in self.readers:
            self.readers.discard(reader)
            self.left_count += 1
            self.tell()
        if not self.readers:
            self._clock = self._clock.paused(self._mono_ns())

    async def ask(self, message: Replay) -> None:
        """Do one act; returns once it is done. Raises RefusedError naming the rule."""
        if len(self._acts) >= ACTS:
            raise RefusedError(f"{ACTS} acts on this replay wait already")
        act = Act(message.op, message.at_ns, message.speed)
        self._acts.append(act)
        self._asked.set()
        await act.done

    # ------------------------------------------------------------------ two loops

    async def work(self) -> None:
        """Do what is asked and read ahead, until cancelled."""
        while True:
            self._asked.clear()
            if not await self.once():
                try:
                    async with asyncio.timeout(SHOW_S):
                        await self._asked.wait()
                except TimeoutError:
                    pass

    async def play(self) -> None:
        """Show what is due, until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + SHOW_S, loop.time())
            await asyncio.sleep(due - loop.time())
            await self.show()

    def close(self) -> None:
        """It ends; whoever still reads it is told."""
        data = encode(msgspec.structs.replace(self.state(), playing=False, closed=True))
        for reader in self.readers:
            reader.send(data)
        self.readers.clear()
        for act in self._acts:
            act.end(RefusedError(ENDED))

    async def once(self) -> bool:
        """Do one thing that waits to be done; False when there is none."""
        if self._acts:
            await self._obey(self._acts.popleft())
            return True
        if not self.readers or self._mono_ns() < self._retry_at_ns:
            return False
        try:
            return await self._keep_up()
        except Exception as error:  # a store's fault ends no replay: it stands, says so, and is tried again
            log.exception("%s: the store could not be read", self.context)
            self._failed(error)
            return False

    async def _keep_up(self) -> bool:
        reading = read_by_feeds(self.hub)
        fresh = reading.copy()
        fresh[: len(self._reading)] &= ~self._reading
        if fresh.any():
            await self._take_up(reading, fresh)
            return True
        if len(reading) != len(self._reading) or (reading != self._reading).any():
            self._reading, self._wanted = reading, of_mask(self.hub, reading)
        self._showing.born.clear()
        if await self._at_end():
            return True
        if self._short():
            await self._read_on(self._lead_ns())
            return True
        return False

    def _failed(self, error: Exception) -> None:
        self._retry_at_ns = self._mono_ns() + RETRY_NS
        summary = Text("历史存储读不出，回放停住", "The store cannot be read: the replay stands")
        self._live.notice(Notice(key=UNREADABLE, severity=Severity.ERROR, summary=summary, detail=repr(error)))

    # ------------------------------------------------------------------ acts

    async def _obey(self, act: Act) -> None:
        if act.op in _MOVES and self._acts and self._acts[0].op in _MOVES:
            self._acts[0].same += [act, *act.same]
            return
        try:
            await self._do(act)
        except Exception as error:  # whatever it was, who asked is told
            act.end(error)
        except asyncio.CancelledError:
            act.end(RefusedError(ENDED))
            raise
        else:
            act.end()

    async def _do(self, act: Act) -> None:
        mono_ns = self._mono_ns
        match act.op:
            case "open":
                await self._leap(act.at_ns, playing=True)
            case "seek":
                await self._leap(act.at_ns, playing=self._clock.playing)
            case "play":
                await self._cover()
                if self.now_ns() < self._to_ns:
                    self._clock = self._clock.played(mono_ns())
            case "pause":
                self._clock = self._clock.paused(mono_ns())
            case "speed":
                self._clock = self._clock.paced(mono_ns(), act.speed)
            case "step":
                await self._step()
            case op:
                raise RefusedError(f"a replay knows no act {op!r}: open, seek, play, pause, step, speed, close")
        self.tell()

    async def _leap(self, at_ns: int, *, playing: bool) -> None:
        """To another time: all is read first, then everything changes at once."""
        await self._cover()
        at_ns = min(max(at_ns, self._from_ns), self._to_ns)
        entities = await entities_at(self._archive, at_ns, self._live.entities)
        sensors = by_kind(meant(self.hub, entities))
        last = [(kind, ids, await last_before(self._archive, ids, kind, at_ns)) for kind, ids in sensors.items()]
        async with self._still:
            self._jump += 1
            self._ahead, self._showing.shown_ns = Ahead(at_ns + 1), at_ns
            clock = self._clock.moved(self._mono_ns(), at_ns, at_ns)
            self._clock = clock.played(self._mono_ns()) if playing else clock.paused(self._mono_ns())
            self.hub.forget_samples()
            for feed in self.hub.feeds:
                for reader in feed.readers:
                    reader.forget(feed)
            self.tell()
            await self._showing.become(entities)
            self.hub.retell()
            for kind, ids, columns in last:
                know(self.hub, kind, ids, columns)
            self.hub.flush()
            self._showing.born.clear()
            self._reading = read_by_feeds(self.hub)
            self._wanted = of_mask(self.hub, self._reading)

    async def _step(self) -> None:
        """To the next sample's time, over whatever hole; to the end where there is none."""
        self._clock = self._clock.paused(self._mono_ns())
        await self.show()
        await self._cover()
        while self._keeping_up_late():
            await self._keep_up()
        span_ns = NS
        while (at_ns := self._ahead.next_ns(self._reading)) is None:
            if self._ahead.horizon_ns > self._to_ns or self._ahead.bytes > AHEAD_BYTES or not self._reading.any():
                at_ns = self._ahead.horizon_ns - 1 if self._reading.any() else self.now_ns()
                break
            await self._read_on(span_ns)
            span_ns = min(2 * span_ns, STEP_MOST_NS)
        self._clock = self._clock.moved(self._mono_ns(), at_ns, self._ahead.horizon_ns - 1)
        await self.show()

    def _keeping_up_late(self) -> bool:
        """Whether somebody has subscribed what is not read yet."""
        reading = read_by_feeds(self.hub)
        reading[: len(self._reading)] &= ~self._reading
        return bool(reading.any())

    # ------------------------------------------------------------------ reading ahead

    def _lead_ns(self) -> int:
        return int(max(1.0, self._clock.speed) * AHEAD_S * NS)

    def _short(self) -> bool:
        ahead = self._ahead
        far = ahead.horizon_ns - self.now_ns() >= self._lead_ns()
        return not far and ahead.bytes < AHEAD_BYTES and ahead.horizon_ns <= self._to_ns

    async def _cover(self) -> None:
        """From when to when was recorded. Raises RefusedError when nothing was.

        Samples of before the first run or of the future say what a source or a wrong clock claims: nobody saw them so.
        """
        spans = await self._archive.recorded(0, self._live.clock() - EDGE_NS)
        self._covered_at_ns = self._mono_ns()
        if not spans:
            raise NothingStored("nothing to replay is stored yet")
        self._from_ns, self._to_ns = spans[0][0], max(spans[-1][1], self._to_ns)
        self._runs = tuple(spans[-RUNS_MOST:])

    async def _at_end(self) -> bool:
        """Look how far the store reaches meanwhile; stand where it does not reach further."""
        if not self._clock.playing or self._ahead.horizon_ns <= self._to_ns:
            return False
        over = self.now_ns() >= self._to_ns
        if not over and self._mono_ns() - self._covered_at_ns < FRESH_NS:
            return False
        before_ns = self._to_ns
        await self._cover()
        if not over:
            return False
        if self._to_ns == before_ns or self._to_ns > self._live.clock() - 2 * EDGE_NS:
            self._clock = self._clock.paused(self._mono_ns())
            self.tell()
        return True

    async def _read_on(self, span_ns: int) -> None:
        start_ns = self._ahead.horizon_ns
        end_ns = min(start_ns + span_ns, self._to_ns + 1)
        piece = await read_piece(self._archive, self._wanted, self.hub.handles, start_ns, end_ns)
        self._ahead.add(piece.rows, piece.changes, piece.end_ns)
        held = self._clock.held(self._mono_ns())
        self._clock = self._clock.known_to(self._mono_ns(), piece.end_ns - 1)
        if held:
            self.tell()
        self._live.clear_notice(UNREADABLE)

    async def _take_up(self, reading: np.ndarray, fresh: np.ndarray) -> None:
        """Sensors that were not read so far: what they last said, and everything from here on anew with them.

        The clock stands meanwhile, so that nothing is told twice or left out.
        """
        async with self._still:
            self._clock = self._clock.known_to(self._mono_ns(), self.now_ns())
            at_ns = self.now_ns()
            await self._showing.due(self._ahead, at_ns)
            last = []
            for kind, ids in of_mask(self.hub, fresh).items():
                old = [id_ for id_ in ids if id_ not in self._showing.born]
                last.append((kind, old, await last_before(self._archive, old, kind, at_ns)))
                if len(old) < len(ids):
                    await self._catch_up(kind, [id_ for id_ in ids if id_ in self._showing.born], at_ns)
            self._ahead = Ahead(at_ns + 1)
            self._reading, self._wanted = reading, of_mask(self.hub, reading)
            self._showing.born.clear()
            for kind, ids, columns in last:
                know(self.hub, kind, ids, columns)
            self.hub.flush()

    async def _catch_up(self, kind: ChannelKind, ids: list[str], at_ns: int) -> None:
        """All that sensors have said since they came into being."""
        since_ns = min(self._showing.born[id_] for id_ in ids)
        columns = await read_all(self._archive, ids, kind, self.hub.handles, since_ns, at_ns + 1)
        if len(columns):
            self.hub.samples(kind, columns)

    # ------------------------------------------------------------------ showing

    async def show(self) -> None:
        """Publish what is due, and tell from time to time how the clock stands."""
        if not self.readers:
            return
        async with self._still:
            await self._showing.due(self._ahead, self.now_ns())
        if self._clock.playing and self._mono_ns() - self._told_at_ns >= TELL_NS:
            self.tell()
