"""The console's connection to its nearest node: connect, say hello, ask, answer, come back; knows no panel and no Qt.

Loss is noticed after `SILENCE_S` without a byte; reconnecting never stops, its back-off jittered and short.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from console.api import (
    LIVE,
    Answer,
    BadInput,
    Columns,
    IntentState,
    LinkError,
    LinkStatus,
    RefusedError,
    Selector,
    Severity,
    WireError,
)
from console.client.offset import TIMES_END_NS, ClockOffset
from console.client.replica import Replica
from console.tasks import Tasks
from console.wire.codec import decode_down, encode, peek, unpack_history
from console.wire.frames import (
    CAPABILITIES,
    MAX_FRAME_BYTES,
    MAX_UP_BYTES,
    WIRE_VERSION,
    Backfill,
    Batch,
    Credential,
    Down,
    Entities,
    FilePart,
    FileRequest,
    Gap,
    Handles,
    Hello,
    History,
    Intent,
    IntentAnswer,
    Message,
    NoticeFrame,
    Past,
    Ping,
    Pong,
    Query,
    Refusal,
    Replay,
    ReplayState,
    Subscribe,
    Subscribed,
    Ticket,
    TicketRequest,
    Unknown,
    Unsubscribe,
    Welcome,
)

log = logging.getLogger(__name__)
PING_S: Final = 1.0
SILENCE_S: Final = 2.5
CONNECT_S: Final = 3.0
ANSWER_S: Final = 10.0
BACKOFF_S: Final = (0.1, 0.2, 0.5, 1.0, 1.5)
FILE_BYTES_MAX: Final = 256 << 20
SETTLED_S: Final = 5.0
"""A link that lasted so long was a good one: the next wait is the shortest again."""
_NEEDED: Final = frozenset({"welcome", "handles", "subscribed"})
"""Messages without which those after them would be misunderstood: when one cannot be read, the link starts anew."""
R = TypeVar("R")


class Wanted(NamedTuple):
    """One subscription, kept over reconnects."""

    selector: Selector
    strategy: str
    context: str


class Link:
    """One node, one connection at a time; all calls and callbacks are in the loop that runs `run`.

    Args:
        on_change: called after `status` changed.
    """

    def __init__(self, replica: Replica, tasks: Tasks, on_change: Callable[[], None], *, role: str = "desk") -> None:
        self._replica, self._tasks, self._on_change, self._role = replica, tasks, on_change, role
        self.replicas: dict[str, Replica] = {LIVE: replica}
        """By context: what comes for a context that is not here is left out."""
        self.on_replay: Callable[[ReplayState], None] | None = None
        """Told of every state of a replay, asked for or not, before anything that comes after it is taken."""
        self.status = LinkStatus(up=False, since_ns=time.time_ns())
        self._url, self._secret = "", ""
        self._addressed = asyncio.Event()
        self._connection: ClientConnection | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Down]] = {}
        self._intents: dict[str, asyncio.Future[Down]] = {}
        self._files: dict[int, bytearray] = {}
        self._subs: dict[int, Wanted] = {}
        self._pasts: dict[int, asyncio.Queue[Past | Exception]] = {}
        self._entered: set[str] = set()
        """Contexts that the node feeds on this connection."""
        self._seq: dict[int, int] = {}
        self._heard = 0.0
        self._offset = ClockOffset()
        self.lost_samples = 0
        self._welcomed = False
        self._welcomed_s = 0.0
        self._hurried = asyncio.Event()

    # ------------------------------------------------------------------ life

    def address(self, url: str, secret: str) -> None:
        """Where the node is, and the credential it takes; may change while running."""
        self._url, self._secret = url, secret
        self._addressed.set()

    async def run(self) -> None:
        """Keep connected until cancelled."""
        failures = 0
        while True:
            await self._addressed.wait()
            try:
                await self._once()
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidURI, WireError) as error:
                log.info("link: %r", error)
            except Exception:  # whatever a node makes us do wrong: reconnecting never stops
                log.exception("link failed")
            finally:
                self._down()
            lasted = self._welcomed and time.monotonic() - self._welcomed_s > SETTLED_S
            failures = 0 if lasted else failures + 1
            wait_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * random.uniform(0.7, 1.3)
            self._hurried.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), wait_s)

    def retry(self) -> None:
        """Connect again at once instead of waiting out the back-off."""
        self._hurried.set()

    async def _once(self) -> None:
        self._welcomed = False
        async with connect(
            self._url,
            compression=None,
            max_size=MAX_FRAME_BYTES,
            open_timeout=CONNECT_S,
            close_timeout=0.5,
            ping_interval=None,
            user_agent_header=None,
            proxy=None,
        ) as connection:
            hello = Hello(
                version=WIRE_VERSION,
                client="yilan-console",
                role=self._role,
                capabilities=CAPABILITIES,
                credential=Credential(kind="secret", value=self._secret),
            )
            await connection.send(encode(hello))
            self._heard = time.monotonic()
            beat = self._tasks.start("link.heartbeat", self._beat(connection), owner=self)
            try:
                async for data in connection:
                    self._heard = time.monotonic()
                    self._read(data, connection)
            finally:
                beat.cancel()

    async def _beat(self, connection: ClientConnection) -> None:
        """Ping from the loop that paints: a heartbeat of a dead loop would be a lie."""
        try:
            while time.monotonic() - self._heard < SILENCE_S:
                await connection.send(encode(Ping(t_ns=time.time_ns())))
                await asyncio.sleep(PING_S / 2)
            log.info("link: %.1f s of silence", SILENCE_S)
            connection.transport.abort()
        except ConnectionClosed:
            pass

    def _down(self) -> None:
        self._connection = None
        self._files.clear()
        for parts in self._pasts.values():
            parts.put_nowait(LinkError("the link to the node was lost before all had come"))
        self._pasts.clear()
        for waiting in (*self._waiting.values(), *self._intents.values()):
            if not waiting.done():
                waiting.set_exception(LinkError("the link to the node was lost before the answer came"))
        self._waiting.clear()
        self._intents.clear()
        if self.status.up:
            self._set(up=False, since_ns=time.time_ns())

    def _set(self, **changes: Any) -> None:
        self.status = msgspec.structs.replace(self.status, **changes)
        self._on_change()

    # ------------------------------------------------------------------ frames in

    def _read(self, data: bytes | str, connection: ClientConnection) -> None:
        """Take one message. What cannot be read is left out and said so: a cut would bring the same again."""
        message: Down | Unknown | None = None
        try:
            message = decode_down(data)
            self._take(message, connection)
        except WireError as error:
            name = peek(data) if message is None else str(type(message).__struct_config__.tag)
            if name in _NEEDED:
                raise
            log.warning("link: %s left out: %s", name or "a message", error)
            self._replica.skip(f"{name}: {error}", Severity.WARNING)
            self._on_change()

    def _take(self, message: Down | Unknown, connection: ClientConnection) -> None:
        match message:
            case Batch():
                self._count(message)
                if (replica := self.replicas.get(message.context)) is not None:
                    replica.take_batch(message)
            case Entities():
                if (replica := self.replicas.get(message.context)) is not None:
                    replica.take_entities(message)
            case Pong():
                self._time(message)
            case Handles():
                if (replica := self.replicas.get(message.context)) is not None:
                    replica.take_handles(message)
            case NoticeFrame():
                if message.context == LIVE:  # the notices of a replay's time are not the operator's now
                    self._replica.take_notice(message)
                    self._on_change()
            case Gap():
                self.lost_samples += message.samples
                self._seq[message.feed] = message.to_seq
            case Subscribed():
                wanted = self._subs.get(message.sub)
                if wanted is not None:  # else it was ended before the answer came
                    if (replica := self.replicas.get(wanted.context)) is not None:
                        replica.feed_begins(message.sub, message.feed)
                    self._seq[message.feed] = message.seq
            case Welcome():
                self._welcome(message, connection)
            case Refusal():
                self._refused(message)
            case History() | Ticket():
                self._settle(self._waiting.pop(message.req, None), message)
            case ReplayState():
                self._replayed(message)
            case Past():
                if (parts := self._pasts.get(message.req)) is not None:
                    parts.put_nowait(message)
            case IntentAnswer():
                self._settle(self._intents.pop(message.id, None), message)
            case FilePart():
                self._gather(message)
            case Unknown():
                self._replica.skip(f"message {message.m}")
                self._on_change()

    def _count(self, batch: Batch) -> None:
        """A jump of the sequence is a loss nobody told us of."""
        if batch.snapshot:
            return
        expected = self._seq.get(batch.feed, batch.seq - 1) + 1
        if batch.seq > expected:
            self.lost_samples += batch.seq - expected
        self._seq[batch.feed] = batch.seq

    def _welcome(self, welcome: Welcome, connection: ClientConnection) -> None:
        self._welcomed, self._welcomed_s = True, time.monotonic()
        self._connection = connection
        for replica in self.replicas.values():
            replica.begin()
        self._seq.clear()
        self._offset.clear()
        self._entered = set()
        self._enter(LIVE)
        credible = 0 < welcome.t_ns < TIMES_END_NS
        offset_ms = (welcome.t_ns - time.time_ns()) / 1e6 if credible else 0.0
        self._set(
            up=True,
            since_ns=time.time_ns(),
            node_name=welcome.name.zh,
            node_title=welcome.name,
            simulated=welcome.simulated,
            offset_ms=offset_ms if abs(offset_ms) > 50 else self.status.offset_ms,
            refusal="",
        )

    def _time(self, pong: Pong) -> None:
        known = self._offset.take(pong.t_ns, pong.node_ns, time.time_ns())
        if known is not None:
            self._set(rtt_ms=known[0], offset_ms=known[1], dropped=self.lost_samples)

    def _enter(self, context: str) -> None:
        """The node feeds a context on this connection from now on: ask for what is wanted of it."""
        if context in self._entered:
            return
        self._entered.add(context)
        for sub, wanted in self._subs.items():
            if wanted.context == context:
                self._send(Subscribe(sub=sub, selector=wanted.selector, strategy=wanted.strategy, context=context))

    def _replayed(self, state: ReplayState) -> None:
        if self.on_replay is not None:
            self.on_replay(state)
        if state.closed:
            self._entered.discard(state.context)
        elif state.context in self.replicas:
            self._enter(state.context)
        if state.req is not None:
            self._settle(self._waiting.pop(state.req, None), state)

    def _refused(self, refusal: Refusal) -> None:
        named = (("", refusal.what), ("found ", refusal.found), ("expected ", refusal.expected))
        text = "; ".join(name + said for name, said in named if said)
        if refusal.req is None:
            log.error("the node refused the link: %s", text)
            self._set(refusal=text)
            return
        self._files.pop(refusal.req, None)
        if refusal.req in self._subs:
            log.warning("the node refused subscription %d: %s", refusal.req, text)
            self._replica.skip(text, Severity.WARNING)
            self._on_change()
        waiting = self._waiting.pop(refusal.req, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(RefusedError(text))
        if (parts := self._pasts.pop(refusal.req, None)) is not None:
            parts.put_nowait(RefusedError(text))

    def _gather(self, part: FilePart) -> None:
        content = self._files.get(part.req)
        if content is None:
            return
        content += part.data
        if len(content) >= min(part.size, FILE_BYTES_MAX):
            self._settle(self._waiting.pop(part.req, None), part)

    @staticmethod
    def _settle(waiting: asyncio.Future[Down] | None, message: Down) -> None:
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    # ------------------------------------------------------------------ requests out

    def _send(self, message: Message) -> None:
        connection = self._connection
        if connection is None:
            raise LinkError("the node cannot be reached now")
        self._tasks.start("link.send", self._sent(connection, _short(message)), owner=self)

    @staticmethod
    async def _sent(connection: ClientConnection, data: bytes) -> None:
        try:
            await connection.send(data)
        except ConnectionClosed:
            pass

    async def _ask(self, message: Message, waiting: dict[Any, asyncio.Future[Down]], key: Any, kind: type[R]) -> R:
        future: asyncio.Future[Down] = asyncio.get_running_loop().create_future()
        waiting[key] = future
        try:
            self._send(message)
            answer = await asyncio.wait_for(future, ANSWER_S)
        except TimeoutError as error:
            raise LinkError(f"no answer from the node within {ANSWER_S:.0f} s") from error
        finally:
            waiting.pop(key, None)
        if not isinstance(answer, kind):
            raise WireError("answer", found=type(answer).__name__, expected=kind.__name__)
        return answer

    def open_context(self, context: str, replica: Replica) -> None:
        """What comes of `context` goes to `replica` from now on; ask the node for it by `replay(context, "open")`."""
        self.replicas[context] = replica

    def close_context(self, context: str) -> None:
        """What comes of `context` is left out from now on, its subscriptions end here; the live one stays."""
        if context == LIVE:
            return
        self.replicas.pop(context, None)
        self._entered.discard(context)
        for sub in [sub for sub, wanted in self._subs.items() if wanted.context == context]:
            self.unsubscribe(sub)

    def subscribe(self, selector: Selector, strategy: str, context: str = LIVE) -> int:
        """Ask for samples; kept over reconnects; returns the subscription's number.

        Those of a replay are asked for once it is open. Raises BadInput when the selector is longer than a message
        may be.
        """
        sub = next(self._numbers)
        message = Subscribe(sub=sub, selector=selector, strategy=strategy, context=context)
        _short(message)
        self._subs[sub] = Wanted(selector, strategy, context)
        if self._connection is not None and context in self._entered:
            self._send(message)
        return sub

    def unsubscribe(self, sub: int) -> None:
        """End a subscription."""
        wanted = self._subs.pop(sub, None)
        context = wanted.context if wanted is not None else LIVE
        if (replica := self.replicas.get(context)) is not None:
            replica.feed_ends(sub)
        if self._connection is not None:
            self._send(Unsubscribe(sub=sub, context=context))

    async def query(self, sensor: str, start_ns: int, end_ns: int, max_points: int, context: str = LIVE) -> Columns:
        """History as it was known at the context's now; raises LinkError or RefusedError."""
        req = next(self._numbers)
        span = {"start_ns": start_ns, "end_ns": end_ns, "max_points": max_points}
        message = Query(req=req, sensor=sensor, **span, context=context)
        return unpack_history(await self._ask(message, self._waiting, req, History))

    async def replay(self, context: str, op: str, at_ns: int = 0, speed: float = 1.0) -> ReplayState:
        """Tell a replay what to do, see `Replay`; its state afterwards. Raises LinkError or RefusedError."""
        req = next(self._numbers)
        message = Replay(req=req, op=op, at_ns=at_ns, speed=speed, context=context)
        return await self._ask(message, self._waiting, req, ReplayState)

    async def backfill(self, sub: int, start_ns: int, end_ns: int) -> AsyncIterator[Past]:
        """What subscription `sub` would have brought of [start_ns, end_ns), part by part.

        Raises LinkError or RefusedError, also between parts.
        """
        wanted = self._subs.get(sub)
        if wanted is None:
            raise BadInput("back-fill", found=f"subscription {sub}", expected="one that has not ended")
        req = next(self._numbers)
        parts = self._pasts[req] = asyncio.Queue()
        try:
            self._send(Backfill(req=req, sub=sub, start_ns=start_ns, end_ns=end_ns, context=wanted.context))
            more = True
            while more:
                part = await asyncio.wait_for(parts.get(), ANSWER_S)
                if isinstance(part, Exception):
                    raise part
                more = part.more
                yield part
        except TimeoutError as error:
            raise LinkError(f"no part of the back-fill within {ANSWER_S:.0f} s") from error
        finally:
            self._pasts.pop(req, None)

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash; raises LinkError, RefusedError, or BadInput when the content is another."""
        req = next(self._numbers)
        content = self._files[req] = bytearray()
        try:
            await self._ask(FileRequest(req=req, sha256=sha256), self._waiting, req, FilePart)
        finally:
            self._files.pop(req, None)
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise BadInput("file from the node", found=f"sha256 {found[:12]}…", expected=f"{sha256[:12]}…")
        return bytes(content)

    async def ticket(self, camera: str, stream: str) -> str:
        """An address from which the camera's stream may be read for 60 s; raises LinkError or RefusedError."""
        req = next(self._numbers)
        answer = await self._ask(TicketRequest(req=req, camera=camera, stream=stream), self._waiting, req, Ticket)
        return answer.url

    async def intent(
        self, name: str, entity: str, actor: str, arguments: dict[str, Any], context: str = LIVE
    ) -> Answer:
        """Send a person's act once and wait for its answer; raises LinkError when none can come now."""
        id_ = uuid.uuid4().hex
        message = Intent(id=id_, name=name, entity=entity, actor=actor, arguments=arguments, context=context)
        answer = await self._ask(message, self._intents, id_, IntentAnswer)
        known = answer.state in tuple(IntentState)
        # A word this version does not know is no refusal: the act may well be under way.
        return Answer(id=id_, state=IntentState(answer.state) if known else IntentState.PENDING, reason=answer.reason)


def _short(message: Message) -> bytes:
    """A message's bytes. Raises BadInput where they are more than a node takes, before it ends the link for them."""
    data = encode(message)
    if len(data) > MAX_UP_BYTES:
        name = str(type(message).__struct_config__.tag)
        raise BadInput(f"{name} to the node", found=f"{len(data)} bytes", expected=f"at most {MAX_UP_BYTES} bytes")
    return data
