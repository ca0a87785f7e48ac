"""The node's door: websocket connections, their credentials, requests and bounded queues; knows no source.

Listens on loopback only. A connection that does not say a valid hello within `HELLO_S` is closed.
"""

from __future__ import annotations

import asyncio
import collections
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import msgspec
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from console.api import LIVE, NS, Columns, RefusedError, ResourceError, Span, Text, WireError
from console.node.hub import Feed, Hub
from console.node.outbox import Outbox
from console.node.parent import refusal_of_node
from console.tasks import Tasks
from console.wire.codec import decode_up, encode, pack_history
from console.wire.frames import (
    CAPABILITIES,
    MAX_FRAME_BYTES,
    MAX_UP_BYTES,
    WIRE_VERSION,
    Backfill,
    FilePart,
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
    Subscribe,
    Subscribed,
    Ticket,
    TicketRequest,
    Unknown,
    Unsubscribe,
    Welcome,
)

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
FILE_PART_BYTES: Final = 256 << 10
TICKET_S: Final = 60
ANSWERS_KEPT: Final = 10_000


class Visit:
    """One connection's state: what it is fed, what it has open."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.feeds: dict[int, Feed] = {}
        self.asked = 0


class Gateway:
    """Serves `hub` to consoles.

    Args:
        secret: the credential that this embedded node takes.
        query: answers a history span.
        act: applies an intent; raises RefusedError naming the rule.
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
    ) -> None:
        self._hub, self._tasks = hub, tasks
        self._node, self._name, self._secret, self._simulated = node, name, secret, simulated
        self._query, self._act = query, act
        self._server: Server | None = None
        self._answers: collections.OrderedDict[str, IntentAnswer] = collections.OrderedDict()
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
        outbox = Outbox(partial(_written, connection), connection.transport.abort)
        visit = Visit(outbox)
        try:
            if not await self._greet(connection):
                return
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
            self._hub.leave(outbox)
            self._tasks.cancel(outbox)

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
                outbox.send(encode(pong))
            case Subscribe():
                self._subscribe(message, visit)
            case Unsubscribe():
                self._unsubscribe(message.sub, visit)
            case Query():
                self._ask(visit, "query", message.req, self._history(message, outbox))
            case FileRequest():
                self._ask(visit, "file", message.req, self._file(message, outbox))
            case TicketRequest():
                self._ticket(message, outbox)
            case Intent():
                self._intent(message, outbox)
            case Backfill() | Replay():
                outbox.send(encode(Refusal(code="unavailable", what=type(message).__name__.lower(), req=message.req)))
            case Unknown():
                self.unknown_messages += 1
            case Hello():
                raise WireError("message", found="a second hello", expected="one hello a connection")

    def _subscribe(self, message: Subscribe, visit: Visit) -> None:
        self._unsubscribe(message.sub, visit)
        refusal: Refusal | None = None
        if message.context != LIVE or message.strategy not in STRATEGIES:
            found = f"context {message.context!r}, strategy {message.strategy!r}"
            expected = f"context {LIVE!r}, strategy {' or '.join(STRATEGIES)}"
            refusal = Refusal(code="unavailable", what="subscription", found=found, expected=expected, req=message.sub)
        elif len(visit.feeds) >= SUBSCRIPTIONS:
            expected = f"at most {SUBSCRIPTIONS} at a time"
            refusal = Refusal(code="too_big", what="subscriptions", expected=expected, req=message.sub)
        if refusal is not None:
            visit.outbox.send(encode(refusal))
            return
        feed = self._hub.subscribe(visit.outbox, message.selector, message.strategy, message.context)
        visit.feeds[message.sub] = feed
        visit.outbox.send(encode(Subscribed(sub=message.sub, feed=feed.number, key=feed.key, seq=feed.seq)))
        for batch in self._hub.snapshot(feed):
            visit.outbox.send(encode(batch))

    def _unsubscribe(self, sub: int, visit: Visit) -> None:
        feed = visit.feeds.pop(sub, None)
        if feed is not None and feed not in visit.feeds.values():
            self._hub.unsubscribe(visit.outbox, feed)

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

    async def _history(self, message: Query, outbox: Outbox) -> None:
        await outbox.room()
        answer: Message
        try:
            data = encode(pack_history(message.req, await self._query(_span(message))))
            if len(data) <= MAX_FRAME_BYTES:
                outbox.send(data)
                return
            answer = Refusal(code="too_big", what="history", tip="ask for fewer points", req=message.req)
        except RefusedError as error:
            answer = Refusal(code="unknown", what=str(error), req=message.req)
        except Exception as error:  # a source's own fault must not end the connection of who asked
            log.exception("query %s failed", message.sensor)
            answer = Refusal(code="unavailable", what="the source could not answer", found=repr(error), req=message.req)
        outbox.send(encode(answer))

    async def _file(self, message: FileRequest, outbox: Outbox) -> None:
        content = self._hub.files.get(message.sha256)
        if content is None:
            outbox.send(encode(Refusal(code="unknown", what="file", found=message.sha256[:16], req=message.req)))
            return
        for offset in range(0, max(len(content), 1), FILE_PART_BYTES):
            await outbox.room()
            part = content[offset : offset + FILE_PART_BYTES]
            outbox.send(encode(FilePart(req=message.req, offset=offset, size=len(content), data=part)))

    def _ticket(self, message: TicketRequest, outbox: Outbox) -> None:
        url = self._hub.camera_urls.get((message.camera, message.stream))
        if url is None:
            what = f"camera {message.camera!r} has no stream {message.stream!r}"
            outbox.send(encode(Refusal(code="unknown", what=what, req=message.req)))
            return
        expires_ns = self._hub.clock() + TICKET_S * NS
        outbox.send(encode(Ticket(req=message.req, url=url, expires_ns=expires_ns)))

    def _intent(self, message: Intent, outbox: Outbox) -> None:
        answer = self._answers.get(message.id)
        if answer is None:
            try:
                answer = self._act(message)
            except RefusedError as error:
                answer = IntentAnswer(id=message.id, state="refused", reason=Text(str(error)))
            except Exception as error:  # a rule's own fault is the answer to the act, not the end of the link
                log.exception("act %s failed", message.name)
                reason = Text(f"节点内部错误：{error!r}", f"internal error of the node: {error!r}")
                answer = IntentAnswer(id=message.id, state="refused", reason=reason)
            self._answers[message.id] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        outbox.send(encode(msgspec.structs.replace(answer, context=message.context)))


def _written(connection: ServerConnection, data: bytes) -> bool:
    """Write a message at once, without a task in between, to a reader that keeps up."""
    if connection.transport.get_write_buffer_size() >= DIRECT_BYTES:
        return False
    broadcast((connection,), data)
    return True


def _span(message: Query) -> Span:
    """What is asked of a source: times that fit in i64, in order, and a sane number of points."""
    if message.context != LIVE:
        raise RefusedError(f"there is no history in the context {message.context!r} here")
    start_ns, end_ns = (max(-(1 << 62), min(t_ns, 1 << 62)) for t_ns in (message.start_ns, message.end_ns))
    points = max(2, min(message.max_points, 20_000))
    return Span(sensor=message.sensor, start_ns=start_ns, end_ns=max(start_ns, end_ns), max_points=points)
