"""Answers to what a console asks: history, back-fill, files, tickets, acts; knows the hub and the outbox, no socket."""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import (
    LIVE,
    NS,
    BadInput,
    ChannelKind,
    Columns,
    RefusedError,
    ResourceError,
    Sensor,
    Span,
    Text,
    YilanError,
)
from console.model.errors import JournalError
from console.node.hub import Feed, Hub
from console.node.outbox import Outbox
from console.node.rows import Rows, parts, take
from console.wire.codec import encode, pack_history
from console.wire.frames import (
    MAX_FRAME_BYTES,
    Backfill,
    FilePart,
    FileRequest,
    Intent,
    IntentAnswer,
    Message,
    Query,
    Refusal,
    Ticket,
    TicketRequest,
)
from console.wire.past import pack_past

log = logging.getLogger(__name__)
FILE_PART_BYTES: Final = 256 << 10
TICKET_S: Final = 60
ANSWERS_KEPT: Final = 10_000
ACTS_MOST: Final = 10_000
"""Acts that may be under way at once; one more is refused."""
BACKFILL_SPAN_NS: Final = 24 * 3600 * NS
BACKFILL_ROWS: Final = 2_000_000
"""Most rows of one back-fill; who needs more asks for the rest."""
TIMES_NS: Final = 1 << 62
_KINDS: Final = (ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION)


class ReadsPast(Protocol):
    """Reads the store: sensor ids, kind, [start_ns, end_ns), of what arrived since `since_ns` at least.

    Raises RefusedError where it keeps none.
    """

    def __call__(
        self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0, /
    ) -> Awaitable[Rows]: ...


async def no_past(ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0, /) -> Rows:
    """Of a node without a store."""
    raise RefusedError("this node keeps no samples")


Acting = Callable[[Intent], Awaitable[IntentAnswer]]
"""Applies an act: RefusedError names the rule, ResourceError why it was not saved; it may then be sent again."""

Refusing = Callable[[Intent], Awaitable[object]]
REPLAYED: Final = Text(
    "规则：操作只在实时中进行，回放中不接受", "rule: acts are done in the live context only, never in a replay"
)


async def no_audit(intent: Intent) -> None:
    """Of a node without a journal."""


async def hand_out(content: bytes | None, message: FileRequest, outbox: Outbox) -> None:
    """The file that was asked for, in parts as the reader takes them; None: it is not here."""
    if content is None:
        outbox.send(encode(Refusal(code="unknown", what="file", found=message.sha256[:16], req=message.req)))
        return
    for offset in range(0, max(len(content), 1), FILE_PART_BYTES):
        await outbox.room()
        part = content[offset : offset + FILE_PART_BYTES]
        outbox.send(encode(FilePart(req=message.req, offset=offset, size=len(content), data=part)))


class Answers:
    """Args:
    query: answers a span of one sensor's history in a context.
    act: applies an intent, however often it is sent.
    refuse: told of acts that are refused before they come to `act`.
    backfill: reads the store.
    """

    def __init__(
        self,
        hub: Hub,
        query: Callable[[str, Span], Awaitable[Columns]],
        act: Acting,
        backfill: ReadsPast,
        refuse: Refusing,
    ) -> None:
        self._hub, self._query, self._act, self._backfill, self._refuse = hub, query, act, backfill, refuse
        self._acts: collections.OrderedDict[tuple[str, str], IntentAnswer] = collections.OrderedDict()
        """The last answers, in front of the journal; by actor and id, so that nobody is told of another's act."""
        self._under_way: dict[tuple[str, str], asyncio.Future[IntentAnswer]] = {}

    async def history(self, message: Query, hub: Hub, outbox: Outbox) -> None:
        """One sensor's history, of a replay never beyond its now."""
        await outbox.room()
        try:
            span = _span(message, hub.clock() if message.context != LIVE else TIMES_NS)
            columns = await self._query(message.context, span)
            answer: Message = msgspec.structs.replace(pack_history(message.req, columns), context=message.context)
            data = encode(answer)
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

    async def past(self, message: Backfill, hub: Hub, feed: Feed, outbox: Outbox) -> None:
        """All samples of a feed's sensors in a span, kind by kind, in parts that wait for room in the outbox."""
        start_ns, end_ns = _times(message.start_ns, message.end_ns)
        if message.context != LIVE:
            end_ns = min(end_ns, hub.clock())
        if end_ns - start_ns > BACKFILL_SPAN_NS:
            hours = BACKFILL_SPAN_NS // (3600 * NS)
            outbox.send(encode(_refused(message, "too_big", "back-fill", f"at most {hours} hours at once")))
            return
        try:
            await self._parts(message, hub, feed, outbox, (start_ns, end_ns))
        except RefusedError as error:
            outbox.send(encode(_refused(message, "unavailable", str(error))))
        except Exception as error:  # the store's own fault must not end the connection of who asked
            log.exception("back-fill failed")
            outbox.send(encode(_refused(message, "unavailable", f"the store could not answer: {error!r}")))

    async def _parts(self, message: Backfill, hub: Hub, feed: Feed, outbox: Outbox, span: tuple[int, int]) -> None:
        rows = 0
        since_ns = max(0, min(message.since_ns, TIMES_NS)) if message.context == LIVE else 0
        for kind, ids in _wanted(hub, feed).items():
            start_ns = span[0]
            while start_ns < span[1]:
                await outbox.room()
                read = await self._backfill(ids, kind, start_ns, span[1], since_ns)
                _still_read(feed, outbox)
                rows += len(read.columns)
                if rows > BACKFILL_ROWS:
                    outbox.send(encode(_refused(message, "too_big", "back-fill", f"at most {BACKFILL_ROWS} rows")))
                    return
                for part in parts(_with_handles(read, hub)):
                    await outbox.room()
                    _still_read(feed, outbox)
                    outbox.send(encode(pack_past(message.req, kind, part, context=message.context, more=True)))
                start_ns = read.next_ns or span[1]
        none = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8), ids=np.empty(0, np.uint32))
        outbox.send(encode(pack_past(message.req, ChannelKind.SCALAR, none, context=message.context)))

    async def file(self, message: FileRequest, outbox: Outbox) -> None:
        """A source's file by content hash, in parts."""
        await hand_out(self._hub.files.get(message.sha256), message, outbox)

    def ticket(self, message: TicketRequest) -> Ticket | Refusal:
        """Where a camera's stream may be read."""
        if message.context != LIVE:
            return Refusal(code="unavailable", what="pictures of cameras are live only", req=message.req)
        url = self._hub.camera_urls.get((message.camera, message.stream))
        if url is None:
            what = f"camera {message.camera!r} has no stream {message.stream!r}"
            return Refusal(code="unknown", what=what, req=message.req)
        return Ticket(req=message.req, url=url, expires_ns=self._hub.clock() + TICKET_S * NS)

    def known(self, message: Intent) -> IntentAnswer | None:
        """What became of the actor's own act lately; sent again the same is said, whatever they may by now."""
        return self._acts.get(_key(message)) if message.context == LIVE else None

    async def intent(self, message: Intent, outbox: Outbox) -> None:
        """What becomes of an act, applied once however often it is sent; outside the live context of none."""
        outbox.send(encode(await self._answer(message)))

    async def _answer(self, message: Intent) -> IntentAnswer:
        if message.context != LIVE:
            return await self._replayed(message)
        if (known := self._acts.get(_key(message))) is not None:
            return known
        if (others := self._under_way.get(_key(message))) is not None:
            return await asyncio.shield(others)
        if len(self._under_way) >= ACTS_MOST:
            return _refusal(
                message, Text("未保存：节点正忙，请稍后重做", "Not saved: the node is busy; do it again later")
            )
        mine = self._under_way[_key(message)] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._done(message)
        except asyncio.CancelledError:
            mine.cancel()
            raise
        finally:
            del self._under_way[_key(message)]
        mine.set_result(answer)
        return answer

    async def _replayed(self, message: Intent) -> IntentAnswer:
        """Refused whatever the act says of it, and not remembered: it may well be done in the present."""
        try:
            await self._refuse(message)
        except YilanError as error:  # then there is no audit line of it, and a notice that says why
            log.warning("a refusal was not journalled: %s", error)
        return _refusal(message, REPLAYED)

    async def _done(self, message: Intent) -> IntentAnswer:
        try:
            answer = self._acts[_key(message)] = await self._act(message)
        except RefusedError as error:
            answer = self._acts[_key(message)] = _refusal(message, Text(str(error)))
        except JournalError as error:
            if error.reason == "unknown":  # sent again by itself, it is found or saved
                reason = Text(f"尚不知是否已存：{error}", f"Not known to be saved yet: {error}")
                return IntentAnswer(id=message.id, state="pending", reason=reason)
            return _refusal(message, Text(f"未保存：{error}", f"Not saved: {error}"))
        except (ResourceError, BadInput) as error:  # not remembered: sent again it may well be saved
            return _refusal(message, Text(f"未保存：{error}", f"Not saved: {error}"))
        except Exception as error:  # a rule's own fault is the answer to the act, not the end of the link
            log.exception("act %s failed", message.name)
            return _refusal(message, Text(f"节点内部错误：{error!r}", f"internal error of the node: {error!r}"))
        while len(self._acts) > ANSWERS_KEPT:
            self._acts.popitem(last=False)
        return answer


def _still_read(feed: Feed, outbox: Outbox) -> None:
    """A locked screen, or one of lesser rights than before, is told nothing more of what it asked for."""
    if outbox not in feed.readers:
        raise RefusedError("the subscription has ended")


def _key(message: Intent) -> tuple[str, str]:
    return message.actor, message.id


def _refusal(message: Intent, reason: Text) -> IntentAnswer:
    return IntentAnswer(id=message.id, state="refused", reason=reason, context=message.context)


def _refused(message: Backfill, code: str, what: str, expected: str = "") -> Refusal:
    return Refusal(code=code, what=what, expected=expected, req=message.req, context=message.context)


def _times(start_ns: int, end_ns: int) -> tuple[int, int]:
    """Times that fit in i64, in order."""
    start_ns, end_ns = (max(-TIMES_NS, min(t_ns, TIMES_NS)) for t_ns in (start_ns, end_ns))
    return start_ns, max(start_ns, end_ns)


def _span(message: Query, now_ns: int) -> Span:
    """What is asked of a source: times that make sense, none after `now_ns`, and a sane number of points."""
    start_ns, end_ns = _times(message.start_ns, message.end_ns)
    points = max(2, min(message.max_points, 20_000))
    end_ns = min(end_ns, now_ns)
    return Span(sensor=message.sensor, start_ns=min(start_ns, end_ns), end_ns=end_ns, max_points=points)


def _wanted(hub: Hub, feed: Feed) -> dict[ChannelKind, list[str]]:
    """The feed's sensors by channel kind."""
    sensors, wanted = hub.entities.get(Sensor.CLS, {}), dict[ChannelKind, list[str]]()
    for handle in np.flatnonzero(feed.mask):
        sensor = sensors.get(hub.ids[handle])
        if isinstance(sensor, Sensor) and sensor.channel in _KINDS:
            wanted.setdefault(sensor.channel, []).append(sensor.id)
    return wanted


def _with_handles(read: Rows, hub: Hub) -> Columns:
    """Rows of the store with the hub's handles; of sensors that it does not know, none."""
    handles = np.array([hub.handles.get(id_, -1) for id_ in read.ids], np.int64)
    columns = read.columns
    of_row = handles[columns.ids] if len(columns) else np.empty(0, np.int64)
    known = of_row >= 0
    if not known.all():
        columns, of_row = take(columns, known), of_row[known]
    return Columns(t_ns=columns.t_ns, v=columns.v, q=columns.q, ids=of_row.astype(np.uint32))
