"""What a connection asks and does, each in a task of its own, a few of a kind at a time; knows no socket.

Whether it may is asked of the guard first; what is answered is made by `console.node.answers` and its like.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import msgspec

from console.api import LIVE, Columns, RefusedError, Span
from console.node.answers import Acting, Answers, ReadsPast, Refusing
from console.node.attaching import Attaching
from console.node.contexts import Contexts
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.reception import Reception
from console.node.revealing import Revealing
from console.node.visit import Visit
from console.node.wall_room import WallRooms
from console.tasks import Tasks
from console.wire.access import Administer, Reveal, RosterRequest
from console.wire.codec import encode
from console.wire.frames import (
    Backfill,
    FilePut,
    FileRequest,
    Intent,
    IntentAnswer,
    Message,
    Query,
    Refusal,
    Replay,
    ReplayState,
    TicketRequest,
    Unknown,
)
from console.wire.session.acts import Action

log = logging.getLogger(__name__)
PARTS: Final = 16
"""Parts of files that a connection may have sent up before the first is on disk."""
ACTS: Final = 1_000
"""Acts of a connection that may be under way; more are answered `pending`, and are sent again."""


class Questions:
    """Args, beside those of the gateway that are the same:
    reception: knows people and roles; None: there are none.
    rooms: who watches which wall.
    do: does what the session of a connection asks for.
    """

    def __init__(
        self,
        hub: Hub,
        tasks: Tasks,
        *,
        query: Callable[[Span], Awaitable[Columns]],
        act: Acting,
        refuse: Refusing,
        backfill: ReadsPast,
        contexts: Contexts | None,
        attaching: Attaching | None,
        revealing: Revealing | None,
        guard: Guard | None,
        reception: Reception | None,
        rooms: WallRooms,
        do: Callable[[list[Action], Visit], None],
    ) -> None:
        self._hub, self._tasks, self._query, self._contexts = hub, tasks, query, contexts
        self._attaching, self._revealing = attaching, revealing
        self._guard, self._reception, self._rooms, self._do = guard, reception, rooms, do
        self.answers = Answers(hub, self._history, act, backfill, refuse)

    def take(self, message: Message | Unknown, visit: Visit) -> bool:
        """One question or act; False where it is none."""
        match message:
            case Query() | Backfill() | Replay() | FileRequest() | FilePut() | TicketRequest():
                self._question(message, visit)
            case Reveal():
                self._ask(visit, "reveal", self._reveal(message, visit))
            case RosterRequest() | Administer():
                self._ask(visit, "people", self._people(message, visit))
            case Intent():
                self._intent(message, visit)
            case _:
                return self._rooms.take(message, visit)
        return True

    def left(self, visit: Visit) -> None:
        """The connection is gone."""
        if self._contexts is not None:
            self._contexts.left(visit.outbox)
        self._rooms.left(visit)

    def close(self) -> None:
        """The node ends."""
        self._tasks.cancel(self)

    # ------------------------------------------------------------------ acts

    def _intent(self, message: Intent, visit: Visit) -> None:
        # not of this connection: an act that is being saved is done whether its console waits or not
        if visit.acts >= ACTS:
            visit.outbox.send(encode(IntentAnswer(id=message.id, state="pending", context=message.context)))
            return
        visit.acts += 1
        task = self._tasks.start("gateway.act", self._act(message, visit), owner=self)
        task.add_done_callback(visit.acted)

    async def _act(self, message: Intent, visit: Visit) -> None:
        """An act is the session's, whoever it says it is of."""
        guard, seat = self._guard, visit.seat
        if guard is not None:
            if seat is None:
                return
            message = guard.signed(message, seat, visit.place)
            guard.gate.sessions.acted(seat.number, guard.gate.steady.now_ns())
            answer = self.answers.known(message) or guard.act(message, seat)
            if answer is not None:
                visit.outbox.send(encode(answer))
                return
        await self.answers.intent(message, visit.outbox)

    # ------------------------------------------------------------------ questions

    def _question(
        self, message: Query | Backfill | Replay | FileRequest | FilePut | TicketRequest, visit: Visit
    ) -> None:
        outbox, seat = visit.outbox, visit.seat
        if self._guard is not None:
            ended = Refusal(code="session", what="nobody is logged in any more", req=message.req)
            refusal = self._guard.forbids(message, seat, self._hub_of(message)) if seat is not None else ended
            if refusal is not None:
                outbox.send(encode(refusal))
                if not isinstance(message, TicketRequest):
                    visit.session.answered()
                return
        match message:
            case Query():
                self._ask(visit, "query", self._tell_history(message, visit))
            case Backfill():
                self._ask(visit, "backfill", self._fill(message, visit))
            case Replay():
                self._ask(visit, "replay", self._replay(message, visit))
            case FilePut():
                self._ask(visit, "file_put", self._put(message, visit))
            case FileRequest():
                self._ask(visit, "file", self._file(message, visit))
            case TicketRequest():
                outbox.send(encode(self.answers.ticket(message)))

    async def _put(self, message: FilePut, visit: Visit) -> None:
        if self._attaching is None:  # then it was never agreed on, and the session has said so
            return
        if visit.parts >= PARTS:
            expected = f"at most {PARTS} at a time"
            visit.outbox.send(encode(Refusal(code="too_big", what="file parts", expected=expected, req=message.req)))
            return
        visit.parts += 1
        try:
            await self._attaching.put(message, visit.outbox, visit.seat.person if visit.seat is not None else "")
        finally:
            visit.parts -= 1

    async def _reveal(self, message: Reveal, visit: Visit) -> None:
        if self._revealing is None or visit.seat is None:
            ended = Refusal(code="session", what="nobody is logged in any more", req=message.req)
            visit.outbox.send(encode(ended))
            return
        visit.outbox.send(encode(await self._revealing.answer(message, visit.seat)))

    async def _file(self, message: FileRequest, visit: Visit) -> None:
        attached = self._attaching if message.sha256 not in self._hub.files else None
        async with visit.fetching:
            await (attached or self.answers).file(message, visit.outbox)

    async def _people(self, message: RosterRequest | Administer, visit: Visit) -> None:
        if self._reception is not None:
            await self._reception.people(message, visit)
            return
        visit.outbox.send(encode(Refusal(code="unavailable", what="this node has no people", req=message.req)))

    def _ask(self, visit: Visit, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Answer in a task of its own."""
        task = self._tasks.start(f"gateway.{name}", work, owner=visit.outbox)
        task.add_done_callback(lambda _: visit.session.answered())

    def _hub_of(self, message: Message) -> Hub:
        known = self._contexts.hub(message.context) if self._contexts is not None else None
        return known or self._hub

    async def _history(self, context: str, span: Span) -> Columns:
        if context == LIVE:
            return await self._query(span)
        if self._contexts is None or self._contexts.hub(context) is None:
            raise RefusedError(f"there is no context {context!r} here")
        return await self._contexts.query(context, span)

    async def _tell_history(self, message: Query, visit: Visit) -> None:
        async with visit.asking:
            await self.answers.history(message, self._hub_of(message), visit.outbox)

    async def _fill(self, message: Backfill, visit: Visit) -> None:
        async with visit.filling:
            reading = visit.reads.get(message.sub)
            if reading is None or reading.message.context != message.context:
                found, expected = f"{message.sub} in {message.context}", "a subscription of this connection"
                refusal = Refusal(code="unknown", what="subscription", found=found, expected=expected, req=message.req)
                visit.outbox.send(encode(refusal))
                return
            await self.answers.past(message, reading.hub, reading.feed, visit.outbox)

    async def _replay(self, message: Replay, visit: Visit) -> None:
        async with visit.replaying:
            answer = await self._replayed(message, visit)
            visit.outbox.send(encode(msgspec.structs.replace(answer, req=message.req, context=message.context)))
            if isinstance(answer, ReplayState):
                self._enter(message.context, visit, closed=answer.closed)

    async def _replayed(self, message: Replay, visit: Visit) -> ReplayState | Refusal:
        if self._contexts is None:
            return Refusal(code="unavailable", what="replay", tip="this node keeps no history to replay")
        if not message.context.startswith("replay:"):
            return Refusal(code="malformed", what="context", found=message.context, expected="replay:<id>")
        wall = visit.seat.wall if visit.seat is not None else visit.role == "wall"
        if wall and message.op == "open" and self._contexts.hub(message.context) is None:
            expected, tip = "one that a desk has opened", "put the wall back to live, or open the replay again"
            return Refusal(code="unknown", what="replay", found=message.context[:80], expected=expected, tip=tip)
        try:
            return await self._contexts.replay(message, visit.outbox)
        except RefusedError as error:
            return Refusal(code="rule", what=str(error), zh=error.zh)
        except Exception as error:  # a replay's own fault must not end the connection of who asked
            log.exception("replay %s failed", message.op)
            return Refusal(code="unavailable", what="the replay failed", found=repr(error))

    def _enter(self, context: str, visit: Visit, *, closed: bool) -> None:
        """Join the hub of a context that was opened, leave that of one that was closed."""
        hub = None if closed or self._contexts is None else self._contexts.hub(context)
        if hub is visit.hubs.get(context):
            return
        self._do(visit.session.left(context), visit)
        old = visit.hubs.pop(context, None)
        if old is not None:
            old.leave(visit.outbox)
        if hub is not None:
            visit.session.entered(context)
            visit.hubs[context] = hub
            if not visit.locked:
                hub.join(visit.outbox, scope=visit.scope)
