"""One replay as a console sees it: its clock, its control, its view, and how it comes back after a cut; no Qt."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from console.api import NS, RefusedError, Value
from console.client.offset import TIMES_END_NS
from console.client.replica import Replica
from console.client.view import Upstream, View
from console.wire.frames import ReplayState

SPEEDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
PREFIX: Final = "replay:"
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of a group's short name, which people tell each other: none that is taken for another."""
UNDER_WAY_S: Final = 0.5
"""Samples may be so long under way, in real time; at 100 times the speed that is 50 s of the replay."""
SLACK_NS: Final = 5 * NS
"""A run is told a little late, and a store a little behind."""
WRITTEN_NS: Final = 60 * NS
"""A store whose newest sample is no older is being written."""
STORE_OPENS_S: Final = 15.0
"""So long a replay waits for the store of a node that has just started."""
RETRY_S: Final = 0.25
ANEW: Final = -1
"""No jump bears this number: whatever the node says next is of another time."""


class Playback(Value, frozen=True, kw_only=True):
    """How a replay stands: `at_ns` its clock at node time `node_ns`. `from_ns`, `to_ns`: what the store holds.

    `group`: the short name by which others join it; `readers`: connections that share it.
    """

    group: str
    at_ns: int
    node_ns: int = 0
    speed: float = 1.0
    playing: bool = False
    from_ns: int = 0
    to_ns: int = 0
    readers: int = 1
    runs: tuple[tuple[int, int], ...] = ()
    """When the node was recording, ascending; empty where it does not say."""

    @property
    def ended(self) -> bool:
        """Whether it stands where the recording ends."""
        return not self.playing and self.at_ns >= self.to_ns > 0

    def recorded(self, at_ns: int) -> bool:
        """Whether the node was recording then; what is being written counts to its end."""
        last_ns = self.runs[-1][1] if self.runs else 0
        return not self.runs or at_ns >= last_ns - SLACK_NS or any(a - SLACK_NS <= at_ns <= b for a, b in self.runs)

    def holes(self) -> list[tuple[int, int]]:
        """Spans between `from_ns` and the last run in which it was not."""
        ends = [self.from_ns, *(b for _, b in self.runs)]
        pairs = zip(ends, (a for a, _ in self.runs), strict=False)
        return [(end, start) for end, start in pairs if start - end > SLACK_NS]

    def now_ns(self, node_now_ns: int) -> int:
        """Its clock at node time `node_now_ns`; it ends where the store does."""
        if not self.playing:
            return self.at_ns
        at_ns = self.at_ns + int(max(0, node_now_ns - self.node_ns) * self.speed)
        return max(self.at_ns, min(at_ns, self.end_ns(node_now_ns)))

    def end_ns(self, node_now_ns: int) -> int:
        """The end of what the store holds; where it is still being written that moves on with the node's clock."""
        written = self.node_ns - self.to_ns < WRITTEN_NS
        return max(self.to_ns, node_now_ns) if written else self.to_ns


class Control(Upstream, Protocol):
    """What a replay needs of the link."""

    def open_context(self, context: str, replica: Replica) -> None: ...
    def close_context(self, context: str) -> None: ...
    async def replay(self, context: str, op: str, at_ns: int = 0, speed: float = 1.0) -> ReplayState: ...


class Replay:
    """See the module.

    Args:
        group: short name of the group, "" for one of its own.
        node_now_ns: gives the node's clock, UTC ns, which stands still while the link is cut.
    """

    def __init__(self, link: Control, group: str, node_now_ns: Callable[[], int]) -> None:
        self._link, self._node_now_ns = link, node_now_ns
        self.group = group or "".join(secrets.choice(LETTERS) for _ in range(4))
        self.context = PREFIX + self.group
        self.playback = Playback(group=self.group, at_ns=0)
        self._jump: int | None = None
        self._closed = False
        self.view = View(link, Replica(), self.context, self._now_ns, self._slack_ns)

    def _now_ns(self) -> int:
        """The replay's clock; at high speed it waits for samples that are under way, or all would look old."""
        now_ns = self.playback.now_ns(self._node_now_ns())
        return min(now_ns, max(self.view.newest_ns, now_ns - self._slack_ns(), self.playback.at_ns))

    def _slack_ns(self) -> int:
        playback = self.playback
        return int(UNDER_WAY_S * NS * playback.speed) if playback.playing and playback.speed > 1 else 0

    async def open(self, at_ns: int) -> None:
        """Begin at `at_ns`, 0 for where the group stands. Raises LinkError, or RefusedError with the node's words."""
        self._link.open_context(self.context, self.view.replica)
        try:
            self.take(await self._link.replay(self.context, "open", at_ns))
        except BaseException:
            self._link.close_context(self.context)
            raise

    async def control(self, op: str, at_ns: int = 0, speed: float = 1.0) -> None:
        """seek | play | pause | step | speed. Raises LinkError or RefusedError."""
        self.take(await self._link.replay(self.context, op, at_ns, speed))

    def take(self, state: ReplayState) -> None:
        """The node says how it stands, asked or not; in the order of arrival, or twice: the second changes nothing."""
        self.playback = Playback(
            group=self.group,
            at_ns=_credible(state.at_ns),
            node_ns=_credible(state.node_ns),
            speed=min(max(state.speed, SPEEDS[0]), SPEEDS[-1]) if math.isfinite(state.speed) else 1.0,
            playing=state.playing,
            from_ns=_credible(state.from_ns),
            to_ns=_credible(state.to_ns),
            readers=max(0, state.readers),
            runs=tuple((_credible(a), _credible(b)) for a, b in state.runs),
        )
        if self._jump is not None and state.jump != self._jump:
            self._forget()
        self._jump = state.jump

    def _forget(self) -> None:
        self.view.replica.forget()
        self.view.newest_ns = 0
        self.view.seeked = True

    # ------------------------------------------------------------------ a cut

    def cut(self) -> None:
        """The link is cut: what was shown stays, at the time where it stood."""
        now_ns = self._now_ns()
        self.playback = msgspec.structs.replace(self.playback, at_ns=now_ns, node_ns=self._node_now_ns())

    async def resume(self) -> None:
        """The link is back: the node may have ended the replay meanwhile. Raises LinkError or RefusedError."""
        before = self.playback
        self._jump = ANEW
        self.take(await self._reopened(before.at_ns))
        if self.playback.speed != before.speed:
            await self.control("speed", speed=before.speed)
        if not before.playing:
            await self.control("pause")

    async def _reopened(self, at_ns: int) -> ReplayState:
        """A node that has just started opens its store beside other work, and says until then that there is none."""
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + STORE_OPENS_S
        while True:
            try:
                return await self._link.replay(self.context, "open", at_ns)
            except RefusedError as error:
                if error.code != "unavailable" or self._closed or loop.time() >= give_up_s:
                    raise
            await asyncio.sleep(RETRY_S)

    def close(self) -> None:
        """Its context is over here; telling the node is `say_closed`."""
        self._closed = True
        self._link.close_context(self.context)

    async def say_closed(self) -> None:
        """Let the node know that this console has left. Raises LinkError or RefusedError."""
        await self._link.replay(self.context, "close")


def _credible(t_ns: int) -> int:
    """A broken node's time that is none must not stop the loop that paints."""
    return min(max(t_ns, 0), TIMES_END_NS)
