"""The node's door: moves bytes and time between websocket connections and their sessions; knows no source.

Listens on loopback, or by TLS on a network. What may be said when is decided by `console.wire.session.node`.
"""

from __future__ import annotations

import asyncio
import hmac
import http
import logging
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import msgspec
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from console.api import LIVE, Columns, ResourceError, Span, Text, WireError
from console.node.answers import Acting, ReadsPast, Refusing, no_audit, no_past
from console.node.attaching import Attaching
from console.node.attendance import Attendance
from console.node.contexts import Contexts
from console.node.door import CLOSE_S, Door
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.outbox import Crowd, Outbox
from console.node.parent import refusal_of_node
from console.node.presenting import Presentations
from console.node.questions import Questions
from console.node.reception import BAD, STRANGER_BYTES
from console.node.revealing import Revealing
from console.node.visit import Reading, Visit
from console.node.wall_room import WallRooms
from console.tasks import Tasks
from console.wire.codec import decode_up, encode
from console.wire.frames import (
    CAPABILITIES,
    MAX_UP_BYTES,
    WIRE_VERSION,
    Hello,
    Message,
    Ping,
    Pong,
    Refusal,
    Subscribe,
    Unknown,
    Welcome,
)
from console.wire.session.acts import POLICY, Action, Close, Deliver, Ended, Pulse, Send
from console.wire.session.node import NodeSession, State, door

__all__ = ["Contexts", "Gateway", "Visit"]
log = logging.getLogger(__name__)
TICK_S: Final = 1.0
DIRECT_BYTES: Final = 64 << 10
"""What may wait in the socket's own buffer before messages queue here, where they can still be dropped."""

WAITING: Final = 256
WAITING_OF_ONE: Final = 128
"""Connections at a time that have not said hello, and of them from one address; who comes then is turned away unheard.
"""


class Gateway:
    """Serves `hub` to consoles.

    Args:
        secret: the credential that this embedded node takes.
        query: answers a history span.
        act: applies an intent; RefusedError names the rule, ResourceError why it could not be saved.
        guard: asks what each session may. None is for tests, and is said, never left out: whoever has the secret may
            anything, and nobody logs in.
        refuse: told of acts in a replay, which are refused; by default nobody is.
        backfill: reads samples of the store; by default it is said that there is none.
        contexts: replays; None: this node serves the live context alone.
        attaching: takes files that persons attach; None: none are taken.
        revealing: tells personal data to who asks and may; None: nobody is told any.
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
        act: Acting,
        guard: Guard | None,
        refuse: Refusing = no_audit,
        backfill: ReadsPast = no_past,
        contexts: Contexts | None = None,
        attaching: Attaching | None = None,
        revealing: Revealing | None = None,
    ) -> None:
        self._hub, self._tasks = hub, tasks
        self._node, self._name, self._secret, self._simulated = node, name, secret, simulated
        kept = backfill is not no_past
        here = (
            ("backfill", kept),
            ("late", kept),
            ("replay", contexts),
            ("files.up", attaching),
            ("reveal", revealing),
        )
        self._lacks = {name for name, has in here if not has}
        self._server: Server | None = None
        self.door: Door | None = None
        """Of TLS, where it is spoken."""
        self._crowd = Crowd()
        self._visits: dict[Visit, ServerConnection] = {}
        self._pulse = Pulse()
        self.attendance: Attendance | None = None
        """Of persons, where there may be some."""
        if guard is not None:
            self.attendance = Attendance(guard, hub, tasks, secret, self._visits, join=self._join, feed=self._feed)
        self.rooms = WallRooms(hub, guard)
        """Who watches which wall; what presenters do is taken by its `presents`."""
        self.presentations = Presentations(self.rooms, hub, guard)
        self._questions = Questions(
            hub,
            tasks,
            query=query,
            act=act,
            refuse=refuse,
            backfill=backfill,
            contexts=contexts,
            attaching=attaching,
            revealing=revealing,
            guard=guard,
            reception=self.attendance.reception if self.attendance is not None else None,
            rooms=self.rooms,
            do=self._do,
        )
        self.unknown_messages = 0

    async def open(self, port: int = 0, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> int:
        """Listen and return the port; by TLS where given its context. Raises ResourceError when the port is taken."""
        self.door = Door(tls, self._tasks) if tls is not None else None
        try:
            self._server = await serve(
                self._serve,
                host,
                port,
                process_request=_door,
                create_connection=self.door.connection if self.door is not None else None,
                close_timeout=CLOSE_S if self.door is not None else 10.0,
                compression=None,
                max_size=MAX_UP_BYTES,
                ping_interval=None,
                server_header=None,
            )
        except OSError as error:
            taken = f"port {port} on {host} cannot be used ({error.strerror}); give another port"
            raise ResourceError(taken) from error
        self._tasks.start("gateway.tick", self._tick(), owner=self)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Close every connection and the port."""
        self._tasks.cancel(self)
        self._questions.close()
        self.presentations.close()
        if self.attendance is not None:
            self.attendance.close()
        if self.door is not None:
            self.door.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def flushed(self) -> None:
        """The loop that sends samples has turned; once called, pings are answered only while it goes on turning."""
        self._pulse.beat(time.monotonic())

    # ------------------------------------------------------------------ connections

    async def _serve(self, connection: ServerConnection) -> None:
        if self.door is not None:
            self.door.arrived(connection)
        origin = _origin(connection)
        if self._crowded(origin):
            connection.transport.abort()
            return
        visit = self.visit(Outbox(partial(_written, connection), connection.transport.abort, self._crowd))
        visit.origin = origin
        if self.attendance is not None:
            self.attendance.meet(visit, connection)
        self._visits[visit] = connection
        self._tasks.start("gateway.drain", _drained(visit.outbox, connection.send), owner=visit.outbox)
        try:
            while visit.closing is None:
                self.take(await connection.recv(), visit)
            log.warning("closing a connection: %s", visit.closing.why)
            await connection.close(visit.closing.code, visit.closing.why)
        except ConnectionClosed:
            pass
        finally:
            self._leave(visit)

    def _crowded(self, origin: str) -> bool:
        """Whether too many have not said hello yet, in all or from where this one comes from."""
        waiting = [visit for visit in self._visits if visit.session.state is State.WAITING]
        alike = sum(visit.origin == origin for visit in waiting)
        return len(waiting) >= WAITING or alike >= WAITING_OF_ONE

    def visit(self, outbox: Outbox) -> Visit:
        """A connection begins: its messages are for `take`, what it is told leaves by `outbox`."""
        welcome = Welcome(
            version=WIRE_VERSION,
            node=self._node,
            name=self._name,
            session=secrets.token_hex(8),
            capabilities=tuple(name for name in CAPABILITIES if name not in self._lacks),
            t_ns=self._hub.clock(),
            simulated=self._simulated(),
            run=self._hub.run,
        )
        session = NodeSession(welcome, lambda hello: self._judge(hello, visit), self._pulse, time.monotonic())
        visit = Visit(session, outbox)
        return visit

    def _judge(self, hello: Hello, visit: Visit) -> Refusal | None:
        refusal = self._shown(hello, visit)
        refusal = refusal or refusal_of_node(hello, name=self._name.of("en"), simulated=self._simulated())
        if refusal is None and self.attendance is not None:
            self.attendance.greet(visit)
        return refusal

    def _shown(self, hello: Hello, visit: Visit) -> Refusal | None:
        if self.attendance is not None:
            return self.attendance.reception.judge(hello, visit)
        visit.role = hello.role
        given = hello.credential.value.encode()
        good = hello.credential.kind == "secret" and hmac.compare_digest(given, self._secret.encode())
        return None if good else BAD

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def tick(self) -> None:
        """Time passed, about a second: silence, strangers, locks."""
        now_s = time.monotonic()
        for visit, connection in list(self._visits.items()):
            for action in visit.session.tick(now_s):
                if isinstance(action, Close):
                    self._tasks.start("gateway.close", connection.close(action.code, action.why), owner=self)
        if self.attendance is not None:
            self.attendance.tick(now_s)
        self.rooms.tick()

    def _leave(self, visit: Visit) -> None:
        self._visits.pop(visit, None)
        visit.closing = visit.closing or Close(POLICY, "gone")
        visit.session.gone(time.monotonic())
        self._tasks.cancel(visit.outbox)
        visit.outbox.close()
        for hub in visit.hubs.values():
            hub.leave(visit.outbox)
        self._questions.left(visit)

    def _arrived(self, hello: Hello, visit: Visit) -> None:
        """Welcome is said."""
        if self.attendance is None or self.attendance.arrived(hello, visit):
            self._join(visit)

    def _join(self, visit: Visit) -> None:
        visit.hubs[LIVE] = self._hub
        self._hub.join(visit.outbox, visit.session.resume, visit.scope)
        visit.outbox.greeted()

    # ------------------------------------------------------------------ messages

    def take(self, data: bytes | str, visit: Visit) -> None:
        """One message of a connection."""
        if visit.closing is not None:
            return
        now_s = time.monotonic()
        if self.attendance is not None and visit.in_lobby and not visit.trusted:
            visit.early_bytes += len(data)
            if visit.early_bytes > STRANGER_BYTES:
                visit.closing = Close(POLICY, "too much before anybody has logged in")
                visit.outbox.give_up()  # at once: it would not listen to a farewell
                return
        try:
            actions = visit.session.received(decode_up(data), now_s)
        except WireError as error:
            actions = visit.session.garbled(error, now_s)
        self._do(actions, visit)

    def _do(self, actions: list[Action], visit: Visit) -> None:
        for action in actions:
            match action:
                case Send():
                    visit.outbox.send(encode(action.message))
                case Deliver():
                    self._answer(action.message, visit)
                case Ended():
                    self._end(action.sub, visit)
                case Close():
                    visit.closing = action
                case _:
                    pass  # what only the console's end asks for

    def _answer(self, message: Message | Unknown, visit: Visit) -> None:
        outbox = visit.outbox
        match message:
            case Ping():
                dropped, conflated = outbox.dropped, outbox.conflated
                pong = Pong(t_ns=message.t_ns, node_ns=self._hub.clock(), dropped=dropped, conflated=conflated)
                outbox.send(encode(pong))
            case Subscribe():
                self._feed(message, visit)
            case Hello():
                self._arrived(message, visit)
            case _:
                known = self._questions.take(message, visit)
                if not known and (self.attendance is None or not self.attendance.take(message, visit)):
                    self.unknown_messages += 1

    # ------------------------------------------------------------------ subscriptions

    def _feed(self, message: Subscribe, visit: Visit) -> None:
        if visit.locked:
            visit.resting[message.sub] = message
            return
        hub, outbox, session = visit.hubs[message.context], visit.outbox, visit.session
        resume = session.resume.get(message.key)
        feed, missed = hub.subscribe(outbox, message.selector, message.strategy, message.context, resume)
        visit.reads[message.sub] = Reading(message, hub, feed)
        answer = session.fed(message, feed.number, feed.key, feed.seq, missed=missed is not None)
        outbox.send(encode(answer))
        for parcel in (missed or ()) if answer.resumed else ():
            outbox.deliver(parcel)
        for batch in () if answer.resumed else hub.snapshot(feed):
            outbox.send(encode(batch))

    def _end(self, sub: int, visit: Visit) -> None:
        visit.resting.pop(sub, None)
        read = visit.reads.pop(sub, None)
        if read is not None and all(reading.feed is not read.feed for reading in visit.reads.values()):
            read.hub.unsubscribe(visit.outbox, read.feed)


def _door(connection: ServerConnection, request: Request) -> Response | None:
    refusal = door(next(iter(request.headers.get_all("Origin")), None))
    if refusal is None:
        return None
    log.warning("refused a web page of %s", refusal.found)
    return connection.respond(http.HTTPStatus.FORBIDDEN, msgspec.json.encode(refusal).decode())


def _origin(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if address else ""


async def _drained(outbox: Outbox, send: Callable[[bytes], Awaitable[None]]) -> None:
    try:
        await outbox.drain(send)
    except ConnectionClosed:
        pass


def _written(connection: ServerConnection, data: bytes) -> bool:
    """Write a message at once, without a task in between, to a reader that keeps up."""
    waits = connection.transport.get_write_buffer_size()
    if waits and waits + len(data) > DIRECT_BYTES:  # put behind what waits, a long message would be copied again
        return False
    broadcast((connection,), data)
    return True
