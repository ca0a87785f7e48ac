"""A replay on a stage: a player, its store, one reader, and time that goes on when told."""

from __future__ import annotations

import asyncio

from console.api import (
    NS,
    Selector,
)
from console.node.feeds import Feed
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.node.replay.player import Player
from console.wire.codec import decode_down, unpack_batch
from console.wire.frames import Batch, Message, Replay, ReplayState
from tests.unit.node.replay.archives import FakeArchive

T = 1_700_000_000 * NS
CONTEXT = "replay:a"


class Stage:
    """A player, its store, one reader, and time that goes on when told."""

    def __init__(self) -> None:
        self.archive = FakeArchive()
        self.mono_ns = 5_000
        self.live = Hub(lambda: T + 10_000 * NS)
        self.player = Player(CONTEXT, self.archive, self.live, lambda: self.mono_ns)
        self.messages: list[Message] = []
        self.outbox = Outbox(self._write)

    def _write(self, data: bytes) -> bool:
        message = decode_down(data)
        assert isinstance(message, Message)
        assert message.context == CONTEXT
        self.messages.append(message)
        return True

    async def act(self, op: str, at_ns: int = 0, speed: float = 1.0) -> None:
        """Ask, and do what was asked."""
        message = Replay(req=1, context=CONTEXT, op=op, at_ns=at_ns, speed=speed)
        await asyncio.gather(self.player.ask(message), self.player.once())

    async def open(self, at_ns: int) -> None:
        """Open and join, as the gateway does."""
        await self.act("open", at_ns)
        self.player.enter(self.outbox)
        self.messages.append(self.player.state())
        self.player.hub.join(self.outbox)
        await self.settle()

    def subscribe(self, strategy: str = "every", ids: tuple[str, ...] = (), kinds: tuple[str, ...] = ()) -> Feed:
        """Subscribe as the gateway does."""
        hub = self.player.hub
        feed, _ = hub.subscribe(self.outbox, Selector(ids=ids, kinds=kinds), strategy)
        for batch in hub.snapshot(feed):
            self.messages.append(batch)
        return feed

    async def settle(self) -> None:
        """Read what can be read now."""
        for _ in range(1000):
            if not await self.player.once():
                return
        raise AssertionError("it never has enough")

    async def after(self, seconds: float, tick_s: float = 0.05) -> None:
        """Let time go by."""
        for _ in range(round(seconds / tick_s)):
            self.mono_ns += round(tick_s * NS)
            await self.settle()
            await self.player.show()
        await self.settle()

    def samples(self, messages: list[Message] | None = None) -> list[tuple[str, int, float, int]]:
        """(id, t, v, q) of all samples that came, in order."""
        hub, found = self.player.hub, []
        for batch in self.messages if messages is None else messages:
            if isinstance(batch, Batch) and (columns := unpack_batch(batch, len(hub.ids))) is not None:
                rows = zip(
                    columns.ids.tolist(), columns.t_ns.tolist(), columns.v.tolist(), columns.q.tolist(), strict=True
                )
                found += [(hub.ids[id_], t, v, q) for id_, t, v, q in rows]
        return found

    def times(self, id_: str) -> list[float]:
        """When the samples of a sensor that came are of, in seconds after T."""
        return [(t - T) / NS for name, t, _, _ in self.samples() if name == id_]

    def states(self) -> list[ReplayState]:
        """What was told of the replay."""
        return [message for message in self.messages if isinstance(message, ReplayState)]
