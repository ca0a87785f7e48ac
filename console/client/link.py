"""The console's connection to its nearest node: moves bytes and time to its session, and what comes to the replicas.

It knows no panel and no Qt. When what may be said, what is resumed and when the link counts as lost is decided by
`console.wire.session.console`; reconnecting never stops, its back-off jittered and short.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from console.api import LIVE, Answer, Columns, LinkStatus, Selector, Severity, Text, WireError, YilanError
from console.client.access import ENDED
from console.client.asking import Asking, fits
from console.client.fill import Filling
from console.client.holes import Holes
from console.client.offset import TIMES_END_NS, ClockOffset
from console.client.replica import Replica
from console.posix import awake_s
from console.tasks import Tasks
from console.wire.access import AccessAnswer, AccessFrame, Administered, Revealed, RosterAnswer
from console.wire.codec import decode_down, encode, peek
from console.wire.frames import (
    MAX_FRAME_BYTES,
    Batch,
    Credential,
    Entities,
    FileHeld,
    FilePart,
    Gap,
    Handles,
    History,
    Intent,
    IntentAnswer,
    Message,
    NoticeFrame,
    Past,
    Pong,
    Refusal,
    ReplayState,
    Subscribe,
    Subscribed,
    Ticket,
    Unknown,
    Welcome,
)
from console.wire.session.acts import Action, Close, Deliver, Down, Missed, Pulse, Send
from console.wire.session.console import ConsoleSession, Event
from console.wire.walls import Present, Presenting, PresentRefused, WallPicture, WallWatched

if TYPE_CHECKING:
    from console.client.dial import Dial
    from console.client.trouble import Trouble

log = logging.getLogger(__name__)
TICK_S: Final = 0.25
CONNECT_S: Final = 3.0
BACKOFF_S: Final = (0.1, 0.2, 0.5, 0.8, 1.2)
SETTLED_S: Final = 5.0
"""A link that lasted so long was a good one: the next wait is the shortest again."""
M = TypeVar("M", bound=Message)


class Link:
    """One node, one connection at a time; all calls and callbacks are in the loop that runs `run`.

    Args:
        on_change: called after `status` changed.
        awake_s: a clock that runs on while the machine is suspended.

    Attributes:
        replicas: by context; what comes for a context that is not here is left out.
        on_answer: told of every answer to an act, asked for on this connection or before.
        on_access: told who is logged in, before anything that comes by their rights is taken.
        on_wall: told what is said of walls that are watched, and to a wall machine.
        on_replay: told of every state of a replay, asked for or not, before anything that comes after it is taken.
    """

    def __init__(
        self,
        replica: Replica,
        tasks: Tasks,
        on_change: Callable[[], None],
        *,
        role: str = "desk",
        place: str = "",
        awake_s: Callable[[], float] = awake_s,
    ) -> None:
        self._replica, self._tasks, self._on_change, self._awake_s = replica, tasks, on_change, awake_s
        self.status = LinkStatus(up=False, since_ns=time.time_ns())
        self.replicas: dict[str, Replica] = {LIVE: replica}
        self.on_replay: Callable[[ReplayState], None] | None = None
        self.on_answer: Callable[[IntentAnswer], None] | None = None
        self.on_wall: Callable[[Message], None] | None = None
        self.on_access: Callable[[AccessFrame], None] | None = None
        self._shown = Pulse(2.0)
        self.session = ConsoleSession("yilan-console", role, self._shown, place)
        self._asking = Asking(self._ask)
        self._filling = Filling(self.backfill, tasks)
        self._holes = Holes(self.session, self.replicas, self._filling)
        self._url, self._secret = "", ""
        self._dial: Dial | None = None
        self.on_trouble: Callable[[Trouble | None], None] | None = None
        """Of a node over a network: told why an attempt failed, None once it is up."""
        self._token = ""
        """Of the session that goes on after a cut; in memory alone."""
        self._addressed, self._hurried = asyncio.Event(), asyncio.Event()
        self._connection: ClientConnection | None = None
        self._offset = ClockOffset()
        self._welcomed_s = math.inf

    @property
    def lost_samples(self) -> int:
        """Samples, or batches of which no more is known, that never came."""
        return self._holes.lost

    # ------------------------------------------------------------------ life

    def address(self, url: str, secret: str, dial: Dial | None = None) -> None:
        """Where the node is, and the secret it takes, "" where persons log in; `dial`: of one over a network.

        May change while running.
        """
        self._url, self._secret, self._dial = url, secret, dial
        self._addressed.set()

    def ticked(self) -> None:
        """The loop that paints has turned; once called, the node is only pinged while it goes on turning."""
        self._shown.beat(time.monotonic())

    def retry(self) -> None:
        """Connect again at once instead of waiting out the back-off; nothing happens while the link is up."""
        if not self.status.up:
            self._hurried.set()

    async def run(self) -> None:
        """Keep connected until cancelled."""
        failures = 0
        while True:
            await self._addressed.wait()
            self._hurried.clear()
            self._welcomed_s = math.inf
            try:
                await self._once()
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidURI) as error:
                log.info("link: %r", error)
                self._troubled(error)
            except YilanError as error:
                if self._connection is not None:
                    log.exception("link failed")
                else:
                    self._troubled(error)  # of the certificate's files, before there is a connection
            except Exception:  # whatever a node makes us do wrong: reconnecting never stops
                log.exception("link failed")
            finally:
                self._do(self.session.cut("the connection is gone"))
            lasted = time.monotonic() - self._welcomed_s > SETTLED_S
            failures = 0 if lasted else failures + 1
            wait_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * random.uniform(0.7, 1.3)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._hurried.wait()

    def _troubled(self, error: Exception) -> None:
        if self._dial is None or isinstance(error, ConnectionClosed):
            return  # the embedded node is started again by who started it; a node that was reached has said why
        trouble = self._dial.trouble(error)
        log.warning("link: %s (%s)", trouble.summary.en, trouble.detail)
        self._set(trouble=trouble.summary if trouble.refused else Text(""))
        if self.on_trouble is not None:
            self.on_trouble(trouble)

    async def _once(self) -> None:
        async with connect(
            self._url,
            compression=None,
            max_size=MAX_FRAME_BYTES,
            close_timeout=0.5,
            ping_interval=None,
            user_agent_header=None,
            proxy=None,
            **(self._dial.begin() if self._dial is not None else {"open_timeout": CONNECT_S}),
        ) as connection:
            self._connection = connection
            self._do(self.session.connected(self._credential(), time.monotonic(), self._awake_s()))
            beat = self._tasks.start("link.heartbeat", self._beat(connection), owner=self)
            try:
                async for data in connection:
                    self.session.heard(time.monotonic())
                    self._read(data)
            finally:
                beat.cancel()

    def _credential(self) -> Credential:
        if self._token:
            return Credential(kind="token", value=self._token)
        if self._dial is not None and self._dial.certified:
            return Credential(kind="certificate")
        return Credential(kind="secret", value=self._secret) if self._secret else Credential(kind="none")

    async def _beat(self, connection: ClientConnection) -> None:
        """Time passes for the session, in the loop that paints: a heartbeat of a dead loop would be a lie."""
        while self._connection is connection:
            await asyncio.sleep(TICK_S)
            self._do(self.session.tick(time.monotonic(), self._awake_s(), time.time_ns()))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Deliver():
                    self._take(action.message)
                case Send():
                    self._send(action.message)
                case Missed():
                    self._holes.missed(action.sub, self._node_ns())
                case Close():
                    self._close(action)
                case Down():
                    self._down(action.why)
                case _:
                    pass  # what only the node's end asks for

    def _send(self, message: Message) -> None:
        if self._connection is not None:
            broadcast((self._connection,), encode(message))  # writes at once, or nothing where it is closing

    def _close(self, close: Close) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if close.abort:
            connection.transport.abort()
        else:
            self._tasks.start("link.close", connection.close(close.code, close.why[:100]), owner=self)

    def _down(self, why: str) -> None:
        log.info("link: %s", why)
        self._connection = None
        if why == Event.SLEPT:  # the network is likely as it was: no reason to wait
            self._hurried.set()
        self._asking.lost()
        if self.status.up:
            self._set(up=False, since_ns=time.time_ns())

    def _set(self, **changes: Any) -> None:
        self.status = msgspec.structs.replace(self.status, **changes)
        self._on_change()

    # ------------------------------------------------------------------ frames in

    def _read(self, data: bytes | str) -> None:
        """Take one message. What cannot be read is left out and said so: a cut would bring the same again."""
        message: Message | Unknown | None = None
        try:
            message = decode_down(data)
            if type(message) is Batch and self.session.follows(message):
                if (replica := self.replicas.get(message.context)) is not None:
                    replica.take_batch(message)
                return
            self._do(self.session.received(message))
        except WireError as error:
            name = peek(data) if message is None else str(type(message).__struct_config__.tag)
            log.warning("link: %s left out: %s", name or "a message", error)
            self._replica.skip(f"{name}: {error}", Severity.WARNING)
            self._do(self.session.garbled(name))
            self._on_change()

    def _take(self, message: Message | Unknown) -> None:
        replica = None if isinstance(message, Unknown) else self.replicas.get(message.context)
        match message:
            case Batch() if replica is not None:
                replica.take_batch(message)
            case Entities() if replica is not None:
                replica.take_entities(message)
            case Handles() if replica is not None:
                replica.take_handles(message)
            case Subscribed() if replica is not None:
                replica.feed_begins(message.sub, message.feed, self.session.wanted[message.sub].strategy)
            case Gap():
                self._holes.gap(message, self._node_ns())
            case Pong():
                self._time(message)
            case NoticeFrame() if message.context == LIVE:  # those of a replay's time are not the operator's now
                self._replica.take_notice(message)
                self._on_change()
            case Welcome():
                self._welcome(message)
            case AccessFrame():
                self._access(message)
            case AccessAnswer() | Administered() | Revealed() | RosterAnswer():
                self._asking.answered(message.req, message)
            case Refusal():
                self._refused(message)
            case ReplayState():
                if self.on_replay is not None:
                    self.on_replay(message)
                self._asking.answered(message.req, message)
            case WallWatched() | WallPicture() | Present() | Presenting() | PresentRefused():
                if self.on_wall is not None:
                    self.on_wall(message)
            case History() | Ticket() | FileHeld():
                self._asking.answered(message.req, message)
            case IntentAnswer():
                if self.on_answer is not None:
                    self.on_answer(message)
                self._asking.answered(message.id, message)
            case FilePart():
                self._asking.part(message)
            case Past():
                self._asking.past(message)
            case Unknown():
                self._replica.skip(f"message {message.m}")
                self._on_change()
            case _:
                pass  # of a context that was closed meanwhile

    def _access(self, frame: AccessFrame) -> None:
        self._token = (frame.token or self._token) if frame.access.person else ""
        if self.on_access is not None:
            self.on_access(frame)

    def _welcome(self, welcome: Welcome) -> None:
        self._welcomed_s = time.monotonic()
        self._token = welcome.token or self._token
        self._hurried.clear()
        for replica in self.replicas.values():
            replica.begin()
        self._offset.clear()
        credible = 0 < welcome.t_ns < TIMES_END_NS
        self._holes.heard_ns = self._holes.heard_ns or (welcome.t_ns if credible else time.time_ns())
        offset_ms = (welcome.t_ns - time.time_ns()) / 1e6 if credible else 0.0
        self._set(
            up=True,
            since_ns=time.time_ns(),
            node=welcome.node,
            node_name=welcome.name.zh,
            node_title=welcome.name,
            simulated=welcome.simulated,
            offset_ms=offset_ms if abs(offset_ms) > 50 else self.status.offset_ms,
            refusal=Text(""),
            trouble=Text(""),
        )
        if self.on_trouble is not None:
            self.on_trouble(None)
        self._filling.go_on()

    def _node_ns(self) -> int:
        """Node time as estimated here, UTC ns."""
        return time.time_ns() + int(self.status.offset_ms * 1e6)

    def _time(self, pong: Pong) -> None:
        known = self._offset.take(pong.t_ns, pong.node_ns, time.time_ns())
        if known is not None:
            lost = self._holes.lost + self.session.sequences.untold
            self._set(
                rtt_ms=known[0],
                offset_ms=known[1],
                dropped=lost,
                conflated=self._holes.conflated,
                filled=self._filling.filled,
            )
            self._holes.heard_ns = self._node_ns()
            self._filling.go_on()  # with what the node, or its store, was too slow for

    def _refused(self, refusal: Refusal) -> None:
        said = _said(refusal)
        text = said.of("en")
        if refusal.req is None and refusal.code in ("login", "session"):
            log.info("the session has ended: %s", text)
            if self._token or refusal.code == "session":
                self._hurried.set()  # without it there is somebody to log in
            if self._token:
                self._access(ENDED)
            self._token = ""
            return
        if refusal.req is None:
            log.error("the node refused the link: %s", text)
            self._set(refusal=said)
            return
        if refusal.req in self.session.wanted:
            log.warning("the node refused subscription %d: %s", refusal.req, text)
            self._replica.skip(text, Severity.WARNING)
            self._on_change()
        self._asking.refused(refusal.req, text, refusal.code, refusal.zh)

    # ------------------------------------------------------------------ contexts and subscriptions

    def open_context(self, context: str, replica: Replica) -> None:
        """What comes of `context` goes to `replica` from now on; ask the node for it by `replay(context, "open")`."""
        self.replicas[context] = replica

    def close_context(self, context: str) -> None:
        """What comes of `context` is left out from now on, its subscriptions end here; the live one stays."""
        if context == LIVE:
            return
        for sub in [sub for sub, wanted in self.session.wanted.items() if wanted.context == context]:
            self.unsubscribe(sub)
        self.replicas.pop(context, None)
        self.session.left(context)

    def subscribe(self, selector: Selector, strategy: str, context: str = LIVE) -> int:
        """Ask for samples; kept over reconnects; returns the subscription's number.

        Those of a replay are asked for once it is open. Raises BadInput when the selector is longer than a message
        may be.
        """
        sub = next(self._asking.numbers)
        fits(Subscribe(sub=sub, selector=selector, strategy=strategy, context=context))
        self._do(self.session.want(sub, selector, strategy, context))
        return sub

    def unsubscribe(self, sub: int) -> None:
        """End a subscription."""
        wanted = self.session.wanted.get(sub)
        self._do(self.session.unwant(sub))
        replica = self.replicas.get(wanted.context) if wanted is not None else None
        if replica is not None:
            replica.feed_ends(sub)

    # ------------------------------------------------------------------ questions

    def _ask(self, message: Message) -> None:
        self._do(self.session.asks(message))

    def number(self) -> int:
        """A number for the next question."""
        return next(self._asking.numbers)

    @property
    def backlog_bytes(self) -> int:
        """What was sent and is still on this machine, because the node, or the way to it, takes it slowly."""
        connection = self._connection
        return connection.transport.get_write_buffer_size() if connection is not None else 0

    def say(self, message: Message) -> None:
        """Send a message that has no answer. Raises LinkError, RefusedError where nobody is logged in."""
        self._ask(message)

    async def ask(self, message: Message, req: int, kind: type[M]) -> M:
        """Send a question and wait for its answer. Raises LinkError, RefusedError."""
        return await self._asking.ask(message, req, kind)

    async def query(self, sensor: str, start_ns: int, end_ns: int, max_points: int, context: str = LIVE) -> Columns:
        """History as it was known at the context's now; raises LinkError or RefusedError."""
        return await self._asking.query(sensor, start_ns, end_ns, max_points, context)

    async def replay(self, context: str, op: str, at_ns: int = 0, speed: float = 1.0) -> ReplayState:
        """Tell a replay what to do, see `Replay`; its state afterwards. Raises LinkError or RefusedError."""
        return await self._asking.replay(context, op, at_ns, speed)

    def backfill(self, sub: int, start_ns: int, end_ns: int, since_ns: int = 0) -> AsyncIterator[Past]:
        """What subscription `sub` would have brought of [start_ns, end_ns), part by part; see `Backfill`.

        Raises BadInput where it has ended; LinkError or RefusedError, also between parts.
        """
        return self._asking.backfill(sub, start_ns, end_ns, self.session.context_of(sub), since_ns)

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash; raises LinkError, RefusedError, or BadInput when the content is another."""
        return await self._asking.fetch(sha256)

    async def attach(self, content: bytes) -> str:
        """Send a file up; see `Asking.attach`."""
        return await self._asking.attach(content)

    async def ticket(self, camera: str, stream: str) -> str:
        """An address from which the camera's stream may be read for 60 s; raises LinkError or RefusedError."""
        return await self._asking.ticket(camera, stream)

    def send_act(self, intent: Intent) -> None:
        """Send a person's act; what becomes of it comes to `on_answer`. Raises LinkError when the link is down."""
        self._ask(intent)

    async def intent(
        self, name: str, entity: str, actor: str, arguments: dict[str, Any], context: str = LIVE
    ) -> Answer:
        """Send a person's act once and wait for its answer; raises LinkError when none can come now."""
        return await self._asking.intent(name, entity, actor, arguments, context)


def _said(refusal: Refusal) -> Text:
    en = (("", refusal.what), ("found ", refusal.found), ("expected ", refusal.expected))
    zh = (("", refusal.zh or refusal.what), ("现为 ", refusal.found), ("应为 ", refusal.expected))
    return Text(
        "；".join(name + said for name, said in zh if said), "; ".join(name + said for name, said in en if said)
    )
