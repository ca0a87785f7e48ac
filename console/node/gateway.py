"""The node's door: websocket connections, their credentials, requests and bounded queues; knows no source.

Listens on loopback only. A connection that does not say a valid hello within `HELLO_S` is closed.
"""

from __future__ import annotations

import asyncio
import collections
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from console.api import NS, Columns, RefusedError, ResourceError, Span, Text, WireError
from console.node.hub import Feed, Hub
from console.tasks import Tasks
from console.wire.codec import decode_up, encode, pack_history
from console.wire.frames import (
    CAPABILITIES,
    MAX_UP_BYTES,
    WIRE_VERSION,
    FilePart,
    FileRequest,
    Gap,
    Hello,
    Intent,
    IntentAnswer,
    Message,
    Ping,
    Pong,
    Query,
    Refusal,
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
QUEUE_BYTES: Final = 8 << 20
DIRECT_BYTES: Final = 64 << 10
"""What may wait in the socket's own buffer before messages queue here, where they can still be dropped."""
FILE_PART_BYTES: Final = 256 << 10
TICKET_S: Final = 60
ANSWERS_KEPT: Final = 10_000


class Outbox:
    """The bounded queue of one connection; drops its oldest batches when the reader is too slow, and says so.

    To a reader that keeps up a message is written at once, without a task in between.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._queue: collections.deque[tuple[bytes, int, int, int]] = collections.deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self.dropped = 0

    @property
    def queued_bytes(self) -> int:
        """What waits for a slow reader."""
        return self._bytes

    def send(self, data: bytes, *, feed: int = 0, seq: int = 0, rows: int = 0) -> None:
        """Write or queue one message; see `console.node.hub.Outlet`."""
        connection = self._connection
        if not self._queue and connection.transport.get_write_buffer_size() < DIRECT_BYTES:
            broadcast((connection,), data)
            return
        self._queue.append((data, feed, seq, rows))
        self._bytes += len(data)
        if self._bytes > QUEUE_BYTES:
            self._shed()
        self._filled.set()

    def _shed(self) -> None:
        """Drop oldest batches until half the room is free; put one gap a feed in front of what stays."""
        gaps: dict[int, tuple[int, int, int]] = {}
        kept: list[tuple[bytes, int, int, int]] = []
        goal = QUEUE_BYTES // 2
        for item in self._queue:
            data, feed, seq, rows = item
            if feed == 0 or self._bytes <= goal:
                kept.append(item)
                continue
            first, _, lost = gaps.get(feed, (seq, seq, 0))
            gaps[feed] = (first, seq, lost + rows)
            self._bytes -= len(data)
            self.dropped += rows
        told = [encode(Gap(feed=f, from_seq=a, to_seq=b, samples=n)) for f, (a, b, n) in gaps.items()]
        self._bytes += sum(map(len, told))
        self._queue = collections.deque([(data, 0, 0, 0) for data in told] + kept)

    async def drain(self) -> None:
        """Send for as long as the connection lives."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                data = self._queue.popleft()[0]
                self._bytes -= len(data)
                await self._connection.send(data)


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
        outbox = Outbox(connection)
        feeds: dict[int, Feed] = {}
        try:
            if not await self._greet(connection):
                return
            self._hub.join(outbox)
            self._tasks.start("gateway.drain", self._drain(outbox), owner=outbox)
            while True:
                data = await asyncio.wait_for(connection.recv(), SILENCE_S)
                self._take(data, outbox, feeds)
        except WireError as error:
            refusal = Refusal(code="malformed", what=error.what, found=error.found, expected=error.expected)
            await self._refuse(connection, refusal)
        except (ConnectionClosed, TimeoutError):
            pass
        finally:
            self._hub.leave(outbox)
            self._tasks.cancel(outbox)

    @staticmethod
    async def _drain(outbox: Outbox) -> None:
        try:
            await outbox.drain()
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
        return None

    @staticmethod
    async def _refuse(connection: ServerConnection, refusal: Refusal) -> None:
        try:
            await connection.send(encode(refusal))
            await connection.close(1008, refusal.code)
        except ConnectionClosed:
            pass

    def _take(self, data: bytes | str, outbox: Outbox, feeds: dict[int, Feed]) -> None:
        message = decode_up(data)
        match message:
            case Ping():
                pong = Pong(t_ns=message.t_ns, node_ns=self._hub.clock(), dropped=outbox.dropped)
                outbox.send(encode(pong))
            case Subscribe():
                self._subscribe(message, outbox, feeds)
            case Unsubscribe():
                if (feed := feeds.pop(message.sub, None)) is not None and feed not in feeds.values():
                    self._hub.unsubscribe(outbox, feed)
            case Query():
                self._tasks.start("gateway.query", self._history(message, outbox), owner=outbox)
            case FileRequest():
                self._file(message, outbox)
            case TicketRequest():
                self._ticket(message, outbox)
            case Intent():
                self._intent(message, outbox)
            case Unknown():
                self.unknown_messages += 1
            case Hello():
                raise WireError("message", found="a second hello", expected="one hello a connection")

    def _subscribe(self, message: Subscribe, outbox: Outbox, feeds: dict[int, Feed]) -> None:
        feed = self._hub.subscribe(outbox, message.selector, message.strategy, message.context)
        feeds[message.sub] = feed
        outbox.send(encode(Subscribed(sub=message.sub, feed=feed.number, key=feed.key, seq=feed.seq)))
        for batch in self._hub.snapshot(feed):
            outbox.send(encode(batch))

    async def _history(self, message: Query, outbox: Outbox) -> None:
        span = Span(
            sensor=message.sensor,
            start_ns=message.start_ns,
            end_ns=message.end_ns,
            max_points=max(2, min(message.max_points, 20_000)),
        )
        answer: Message
        try:
            answer = pack_history(message.req, await self._query(span))
        except RefusedError as error:
            answer = Refusal(code="unknown", what=str(error), req=message.req)
        except Exception as error:  # a source's own fault must not end the connection of who asked
            log.exception("query %s failed", message.sensor)
            answer = Refusal(code="unavailable", what="the source could not answer", found=repr(error), req=message.req)
        outbox.send(encode(answer))

    def _file(self, message: FileRequest, outbox: Outbox) -> None:
        content = self._hub.files.get(message.sha256)
        if content is None:
            outbox.send(encode(Refusal(code="unknown", what="file", found=message.sha256[:16], req=message.req)))
            return
        for offset in range(0, max(len(content), 1), FILE_PART_BYTES):
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
            self._answers[message.id] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        outbox.send(encode(msgspec.structs.replace(answer, context=message.context)))
