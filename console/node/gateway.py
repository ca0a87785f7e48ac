"""The node's door: websocket connections, their credentials, requests and bounded queues; knows no source.

Listens on loopback only. A connection that does not say a valid hello within `HELLO_S` is closed.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from console.api import LIVE, Columns, RefusedError, ResourceError, Span, Text, WireError
from console.node.answers import Answers, Past_, no_past
from console.node.contexts import Contexts
from console.node.feeds import Feed, Parcel
from console.node.hub import Hub
from console.node.outbox import Crowd, Outbox
from console.node.parent import refusal_of_node
from console.tasks import Tasks
from console.wire.codec import decode_up, encode
from console.wire.frames import (
    CAPABILITIES,
    MAX_UP_BYTES,
    WIRE_VERSION,
    Backfill,
    FileRequest,
    Hello,
    Intent,
    IntentAnswer,
    Message,
    Ping,
    Pong,
    Query,
    Refusal,
    Replay,
    ReplayState,
    Subscribe,
    Subscribed,
    TicketRequest,
    Unknown,
    Unsubscribe,
    Welcome,
)

__all__ = ["Contexts", "Gateway"]
log = logging.getLogger(__name__)
HELLO_S: Final = 5.0
SILENCE_S: Final = 10.0
"""A console that sends nothing, not even a ping, for so long is taken for dead."""
SUBSCRIPTIONS: Final = 1000
"""Most subscriptions of one connection."""
ASKED: Final = 1000
"""Most queries and files that one connection may have open."""
STRATEGIES: Final = ("latest", "every")
DIRECT_BYTES: Final = 64 << 10
"""What may wait in the socket's own buffer before messages queue here, where they can still be dropped."""


class Reading(NamedTuple):
    """One subscription: what it reads, of which hub."""

    context: str
    hub: Hub
    feed: Feed


class Visit:
    """One connection's state: what it is fed, what it has open."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.reads: dict[int, Reading] = {}
        self.hubs: dict[str, Hub] = {}
        """Joined hubs by context."""
        self.resume: dict[str, int] = {}
        self.asked = 0
        self.replaying, self.filling = asyncio.Lock(), asyncio.Lock()
        """Replays are told what to do in the order asked; one back-fill streams at a time."""


class Gateway:
    """Serves `hub` to consoles.

    Args:
        secret: the credential that this embedded node takes.
        query: answers a history span.
        act: applies an intent; raises RefusedError naming the rule.
        backfill: reads samples of the store; by default it is said that there is none.
        contexts: replays; None: this node serves the live context alone.
    """

    def __init__(
        self,
        hub: Hub,
        tasks: Tasks,
        *,
        node: str,
        name: Text,
        secret: str,
        simulated: Callable[[], bool],
        query: Callable[[Span], Awaitable[Columns]],
        act: Callable[[Intent], IntentAnswer],
        backfill: Past_ = no_past,
        contexts: Contexts | None = None,
    ) -> None:
        self._hub, self._tasks = hub, tasks
        self._node, self._name, self._secret, self._simulated = node, name, secret, simulated
        self._query, self._contexts = query, contexts
        self._answers = Answers(hub, self._history, act, backfill)
        self._server: Server | None = None
        self._crowd = Crowd()
        self.unknown_messages = 0

    async def open(self, port: int = 0) -> int:
        """Listen on 127.0.0.1 and return the port. Raises ResourceError when the port is taken."""
        try:
            self._server = await serve(
                self._serve,
                "127.0.0.1",
                port,
                origins=[None],  # a browser always sends Origin: no page may talk to the node, on loopback too
                compression=None,
                max_size=MAX_UP_BYTES,
                ping_interval=None,
                server_header=None,
            )
        except OSError as error:
            raise ResourceError(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}); give another --port"
            ) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Close every connection and the port."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        outbox = Outbox(partial(_written, connection), connection.transport.abort, self._crowd)
        visit = Visit(outbox)
        try:
            if not await self._greet(connection):
                return
            visit.hubs[LIVE] = self._hub
            self._hub.join(outbox)
            outbox.greeted()
            self._tasks.start("gateway.drain", self._drain(outbox, connection.send), owner=outbox)
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(SILENCE_S) as silence:
                while True:  # not wait_for, which starts a task for every message
                    data = await connection.recv()
                    silence.reschedule(loop.time() + SILENCE_S)
                    self._take(data, visit)
        except WireError as error:
            refusal = Refusal(code="malformed", what=error.what, found=error.found, expected=error.expected)
            await self._refuse(connection, refusal)
        except (ConnectionClosed, TimeoutError):
            pass
        finally:
            self._tasks.cancel(outbox)
            outbox.close()
            for hub in visit.hubs.values():
                hub.leave(outbox)
            if self._contexts is not None:
                self._contexts.left(outbox)

    @staticmethod
    async def _drain(outbox: Outbox, send: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            await outbox.drain(send)
        except ConnectionClosed:
            pass

    async def _greet(self, connection: ServerConnection) -> bool:
        hello = decode_up(await asyncio.wait_for(connection.recv(), HELLO_S))
        refusal = self._judge(hello)
        if refusal is not None:
            log.warning("refused a connection: %s, %s", refusal.code, refusal.what)
            await self._refuse(connection, refusal)
            return False
        welcome = Welcome(
            version=WIRE_VERSION,
            node=self._node,
            name=self._name,
            session=secrets.token_hex(8),
            capabilities=CAPABILITIES,
            t_ns=self._hub.clock(),
            simulated=self._simulated(),
            run=self._hub.run,
        )
        await connection.send(encode(welcome))
        return True

    def _judge(self, hello: object) -> Refusal | None:
        if not isinstance(hello, Hello):
            return Refusal(code="malformed", what="first message", found=type(hello).__name__, expected="hello")
        if not hello.min_version <= WIRE_VERSION <= hello.version:
            found = f"{hello.min_version} to {hello.version}"
            return Refusal(code="version", what="wire version", found=found, expected=str(WIRE_VERSION))
        credential = hello.credential
        given = credential.value.encode()
        if credential.kind != "secret" or not hmac.compare_digest(given, self._secret.encode()):
            return Refusal(code="credential", what="the credential is not the one this node was started with")
        return refusal_of_node(hello, name=self._name.of("en"), simulated=self._simulated())

    @staticmethod
    async def _refuse(connection: ServerConnection, refusal: Refusal) -> None:
        try:
            await connection.send(encode(refusal))
            await connection.close(1008, refusal.code)
        except ConnectionClosed:
            pass

    def _take(self, data: bytes | str, visit: Visit) -> None:
        message = decode_up(data)
        outbox = visit.outbox
        match message:
            case Ping():
                pong = Pong(t_ns=message.t_ns, node_ns=self._hub.clock(), dropped=outbox.dropped)
                outbox.send(encode(msgspec.structs.replace(pong, conflated=outbox.conflated)))
            case Subscribe():
                self._subscribe(message, visit)
            case Unsubscribe():
                self._unsubscribe(message.sub, visit)
            case Query():
                self._ask(visit, "query", message.req, self._answers.history(message, self._hub_of(message), outbox))
            case Backfill():
                self._ask(visit, "backfill", message.req, self._fill(message, visit))
            case Replay():
                self._ask(visit, "replay", message.req, self._replay(message, visit))
            case FileRequest():
                self._ask(visit, "file", message.req, self._answers.file(message, outbox))
            case TicketRequest():
                outbox.send(encode(self._answers.ticket(message)))
            case Intent():
                outbox.send(encode(self._answers.intent(message)))
            case Unknown():
                self.unknown_messages += 1
            case Hello():
                raise WireError("message", found="a second hello", expected="one hello a connection")

    # ------------------------------------------------------------------ subscriptions

    def _subscribe(self, message: Subscribe, visit: Visit) -> None:
        self._unsubscribe(message.sub, visit)
        refusal = _refused(message, visit)
        if refusal is not None:
            visit.outbox.send(encode(refusal))
            return
        hub, outbox = visit.hubs[message.context], visit.outbox
        feed, missed = _joined(hub, message, outbox, visit.resume.get(message.key))
        visit.reads[message.sub] = Reading(message.context, hub, feed)
        resumed = missed is not None
        seq = visit.resume[message.key] if resumed else feed.seq
        answer = Subscribed(sub=message.sub, feed=feed.number, key=feed.key, seq=seq, resumed=resumed)
        outbox.send(encode(msgspec.structs.replace(answer, context=message.context)))
        for parcel in missed or ():
            outbox.deliver(parcel)
        for batch in hub.snapshot(feed) if missed is None else ():
            outbox.send(encode(batch))

    def _unsubscribe(self, sub: int, visit: Visit) -> None:
        ended = visit.reads.pop(sub, None)
        if ended is not None and all(reading.feed is not ended.feed for reading in visit.reads.values()):
            ended.hub.unsubscribe(visit.outbox, ended.feed)

    # ------------------------------------------------------------------ questions

    def _ask(self, visit: Visit, name: str, req: int, work: Coroutine[Any, Any, None]) -> None:
        """Answer in a task of its own; who asks without reading the answers is refused, not remembered."""
        if visit.asked >= ASKED:
            work.close()
            what = f"{name}: {ASKED} questions are open already"
            visit.outbox.send(encode(Refusal(code="too_big", what=what, req=req)))
            return
        visit.asked += 1
        task = self._tasks.start(f"gateway.{name}", work, owner=visit.outbox)
        task.add_done_callback(lambda _: setattr(visit, "asked", visit.asked - 1))

    def _hub_of(self, message: Message) -> Hub:
        known = self._contexts.hub(message.context) if self._contexts is not None else None
        return known or self._hub

    async def _history(self, context: str, span: Span) -> Columns:
        if context == LIVE:
            return await self._query(span)
        if self._contexts is None or self._contexts.hub(context) is None:
            raise RefusedError(f"there is no context {context!r} here")
        return await self._contexts.query(context, span)

    async def _fill(self, message: Backfill, visit: Visit) -> None:
        async with visit.filling:
            reading = visit.reads.get(message.sub)
            if reading is None or reading.context != message.context:
                found, expected = f"{message.sub} in {message.context}", "a subscription of this connection"
                refusal = Refusal(code="unknown", what="subscription", found=found, expected=expected, req=message.req)
                visit.outbox.send(encode(refusal))
                return
            await self._answers.past(message, reading.hub, reading.feed, visit.outbox)

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
        try:
            return await self._contexts.replay(message, visit.outbox)
        except RefusedError as error:
            return Refusal(code="rule", what=str(error))
        except Exception as error:  # a replay's own fault must not end the connection of who asked
            log.exception("replay %s failed", message.op)
            return Refusal(code="unavailable", what="the replay failed", found=repr(error))

    def _enter(self, context: str, visit: Visit, *, closed: bool) -> None:
        """Join the hub of a context that was opened, leave that of one that was closed."""
        hub = None if closed or self._contexts is None else self._contexts.hub(context)
        if hub is visit.hubs.get(context):
            return
        for sub in [sub for sub, reading in visit.reads.items() if reading.context == context]:
            self._unsubscribe(sub, visit)
        old = visit.hubs.pop(context, None)
        if old is not None:
            old.leave(visit.outbox)
        if hub is not None:
            visit.hubs[context] = hub
            hub.join(visit.outbox)


def _refused(message: Subscribe, visit: Visit) -> Refusal | None:
    """Why a subscription cannot be had."""
    if message.context not in visit.hubs:
        expected = f"{LIVE!r} or a replay that this connection has opened"
        return Refusal(code="unknown", what="context", found=message.context, expected=expected, req=message.sub)
    if message.strategy not in STRATEGIES:
        expected = " or ".join(STRATEGIES)
        return Refusal(code="unavailable", what="strategy", found=message.strategy, expected=expected, req=message.sub)
    if len(visit.reads) >= SUBSCRIPTIONS:
        expected = f"at most {SUBSCRIPTIONS} at a time"
        return Refusal(code="too_big", what="subscriptions", expected=expected, req=message.sub)
    return None


def _joined(hub: Hub, message: Subscribe, outbox: Outbox, resume: int | None) -> tuple[Feed, list[Parcel] | None]:
    """The feed, and what was missed of it since `resume`, None where that cannot be told."""
    feed, missed = hub.subscribe(outbox, message.selector, message.strategy, message.context, resume)
    # A feed that ended and began anew counts from 1 again: what came of the earlier says nothing of this one.
    return feed, missed if feed.key == message.key else None


def _written(connection: ServerConnection, data: bytes) -> bool:
    """Write a message at once, without a task in between, to a reader that keeps up."""
    if connection.transport.get_write_buffer_size() >= DIRECT_BYTES:
        return False
    broadcast((connection,), data)
    return True
