"""All replays of a node, by id: opened, shared, bounded, ended when nobody reads them; knows no socket."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import numpy as np

from console.api import Columns, RefusedError, Span
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.node.replay.acts import ENDED, NothingStored
from console.node.replay.archive import Archive
from console.node.replay.player import Player
from console.tasks import Tasks
from console.wire.frames import Refusal, Replay, ReplayState

log = logging.getLogger(__name__)
MOST: Final = 8
"""Replays that a node plays at once: each reads ahead some megabytes and keeps its own picture of the city."""
LINGER_S: Final = 30.0
"""A replay waits so long for a console that was cut off."""
_CONTEXT: Final = re.compile(r"replay:[\w.-]{1,64}")


class Replays:
    """`console.node.contexts.Contexts` of replays.

    Args:
        live: the hub of the present.
        archive: the store, None while there is none.
        query: history of the present; see `console.node.history`.
        most: replays at once; `linger_s`: how long one goes on without readers.
    """

    def __init__(
        self,
        live: Hub,
        tasks: Tasks,
        archive: Callable[[], Archive | None],
        query: Callable[[Span], Awaitable[Columns]],
        *,
        most: int = MOST,
        linger_s: float = LINGER_S,
        mono_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._live, self._tasks, self._archive, self._query = live, tasks, archive, query
        self._most, self._linger_s, self._mono_ns = most, linger_s, mono_ns
        self._players: dict[str, Player] = {}

    @property
    def count(self) -> int:
        """Replays that are open, or wait for a console that was cut off."""
        return len(self._players)

    def hub(self, context: str) -> Hub | None:
        """The hub of an open replay; its clock is the replay's."""
        player = self._players.get(context)
        return player.hub if player is not None else None

    async def replay(self, message: Replay, outbox: Outbox) -> ReplayState | Refusal:
        """Do what a connection asks. Raises RefusedError naming the rule.

        Everybody who shares the replay is told first, who asked among them; the answer repeats it.
        """
        context = message.context
        player = self._players.get(context)
        try:
            if message.op == "open":
                return await self._open(message, outbox, player)
        except NothingStored as error:
            return Refusal(code="unavailable", what="replay", found=str(error), tip="wait until some data are stored")
        if player is None or outbox not in player.readers:
            return Refusal(code="unknown", what="replay", found=context, expected="one that this connection has opened")
        if message.op == "close":
            closed = msgspec.structs.replace(player.state(), playing=False, closed=True)
            self._leave(context, player, outbox)
            return closed
        await player.ask(message)
        return player.told

    async def _open(self, message: Replay, outbox: Outbox, player: Player | None) -> ReplayState | Refusal:
        """Who opens what others read joins them where they are; else it is the opener's to say where it begins."""
        context = message.context
        if player is None:
            made = self._made(context)
            if isinstance(made, Refusal):
                return made
            player = made
            await self._begin(context, player, message)
        elif not player.readers or outbox in player.readers:
            await player.ask(message if message.at_ns else msgspec.structs.replace(message, op="play"))
        if self._players.get(context) is not player:
            raise RefusedError(ENDED)
        player.enter(outbox)
        return player.told

    def _made(self, context: str) -> Player | Refusal:
        if not _CONTEXT.fullmatch(context):
            expected = "replay: and 1 to 64 letters, digits, dots, dashes"
            return Refusal(code="malformed", what="context", found=context[:80], expected=expected)
        archive = self._archive()
        if archive is None:
            return Refusal(code="unavailable", what="replay", found="no store", tip="this node keeps no history now")
        if len(self._players) >= self._most:
            expected = f"at most {self._most} at a time"
            tip = "join one that is open, or close one"
            return Refusal(code="too_big", what="replays", found=str(len(self._players)), expected=expected, tip=tip)
        player = self._players[context] = Player(context, archive, self._live, self._mono_ns)
        self._tasks.start(f"{context}.work", player.work(), owner=player)
        self._tasks.start(f"{context}.play", player.play(), owner=player)
        return player

    async def _begin(self, context: str, player: Player, message: Replay) -> None:
        try:
            await player.ask(message)
        except BaseException:
            if not player.readers:
                self._end(context, player)
            raise

    async def query(self, context: str, span: Span) -> Columns:
        """History as it was known at the replay's now. Raises RefusedError for a context that is not open."""
        player = self._players.get(context)
        if player is None:
            raise RefusedError(f"there is no context {context!r} here")
        most_ns = player.now_ns() + 1
        if span.start_ns >= most_ns:
            return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
        return await self._query(msgspec.structs.replace(span, end_ns=min(span.end_ns, most_ns)))

    def left(self, outbox: Outbox) -> None:
        """The connection is gone."""
        for context, player in list(self._players.items()):
            if outbox in player.readers:
                self._leave(context, player, outbox)

    def _leave(self, context: str, player: Player, outbox: Outbox) -> None:
        player.leave(outbox)
        if not player.readers:
            self._tasks.start(f"{context}.linger", self._linger(context, player), owner=self)

    async def _linger(self, context: str, player: Player) -> None:
        emptied = player.left_count
        await asyncio.sleep(self._linger_s)
        if not player.readers and player.left_count == emptied:
            self._end(context, player)

    def _end(self, context: str, player: Player) -> None:
        if self._players.get(context) is player:
            del self._players[context]
        self._tasks.cancel(player)
        player.close()

    def close(self) -> None:
        """End all replays; their readers are told."""
        for context, player in list(self._players.items()):
            self._end(context, player)
        self._tasks.cancel(self)
