"""Questions that a console has open at its node, and who waits for the answers; knows no socket and no panel."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, TypeVar

from console.api import LIVE, Answer, BadInput, Columns, IntentState, LinkError, RefusedError, WireError
from console.wire.codec import encode, unpack_history
from console.wire.frames import (
    MAX_UP_BYTES,
    Backfill,
    FileHeld,
    FilePart,
    FilePut,
    FileRequest,
    History,
    Intent,
    IntentAnswer,
    Message,
    Past,
    Query,
    Replay,
    ReplayState,
    Ticket,
    TicketRequest,
)

ANSWER_S: Final = 10.0
UP_PART_BYTES: Final = 256 << 10
FILE_BYTES_MAX: Final = 256 << 20
R = TypeVar("R")


class Asking:
    """Args:
    send: sends a message; raises LinkError where the link is down, RefusedError where this node cannot answer it.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self.numbers = itertools.count(1)
        """Of requests and subscriptions alike: a refusal names one of them."""
        self._waiting: dict[int | str, asyncio.Future[Message]] = {}
        self._files: dict[int, bytearray] = {}
        self._pasts: dict[int, asyncio.Queue[Past | Exception]] = {}

    # ------------------------------------------------------------------ answers in

    def answered(self, key: int | str | None, message: Message) -> None:
        """An answer came; one that nobody waits for any more is left out."""
        waiting = self._waiting.pop(key, None) if key is not None else None
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def refused(self, req: int, text: str, code: str = "", zh: str = "") -> None:
        """The node refused a question; `zh` is `text` in Chinese, "" where the node says it in English alone."""
        self._files.pop(req, None)
        self._fail(req, RefusedError(text, code=code, zh=zh))

    def part(self, part: FilePart) -> None:
        """A part of a file came."""
        content = self._files.get(part.req)
        if content is None:
            return
        content += part.data
        if len(content) >= min(part.size, FILE_BYTES_MAX):
            self.answered(part.req, part)

    def past(self, past: Past) -> None:
        """A part of a back-fill came."""
        if (parts := self._pasts.get(past.req)) is not None:
            parts.put_nowait(past)

    def lost(self) -> None:
        """The link is lost: no answer can come any more."""
        for key in (*self._waiting, *self._pasts):
            self._fail(key, LinkError("the link to the node was lost before the answer came"))
        self._files.clear()

    def _fail(self, key: int | str, error: Exception) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
        parts = self._pasts.pop(key, None) if isinstance(key, int) else None
        if parts is not None:
            parts.put_nowait(error)

    # ------------------------------------------------------------------ questions out

    async def ask(self, message: Message, key: int | str, kind: type[R]) -> R:
        """Send a question and wait for its answer. Raises LinkError or RefusedError."""
        fits(message)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        try:
            self._send(message)
            async with asyncio.timeout(ANSWER_S):
                answer = await future
        except TimeoutError as error:
            raise LinkError(f"no answer from the node within {ANSWER_S:.0f} s") from error
        finally:
            self._waiting.pop(key, None)
        if not isinstance(answer, kind):
            raise WireError("answer", found=type(answer).__name__, expected=kind.__name__)
        return answer

    async def query(self, sensor: str, start_ns: int, end_ns: int, max_points: int, context: str = LIVE) -> Columns:
        """History as it was known at the context's now; raises LinkError or RefusedError."""
        req = next(self.numbers)
        message = Query(
            req=req, sensor=sensor, start_ns=start_ns, end_ns=end_ns, max_points=max_points, context=context
        )
        return unpack_history(await self.ask(message, req, History))

    async def replay(self, context: str, op: str, at_ns: int = 0, speed: float = 1.0) -> ReplayState:
        """Tell a replay what to do, see `Replay`; its state afterwards. Raises LinkError or RefusedError."""
        req = next(self.numbers)
        message = Replay(req=req, op=op, at_ns=at_ns, speed=speed, context=context)
        return await self.ask(message, req, ReplayState)

    async def backfill(
        self, sub: int, start_ns: int, end_ns: int, context: str, since_ns: int = 0
    ) -> AsyncIterator[Past]:
        """What a subscription would have brought of [start_ns, end_ns), part by part; see `Backfill`.

        Raises LinkError or RefusedError, also between parts.
        """
        req = next(self.numbers)
        with self._parts(req) as parts:
            span = Backfill(req=req, sub=sub, start_ns=start_ns, end_ns=end_ns, since_ns=since_ns, context=context)
            self._send(span)
            more = True
            while more:
                try:
                    async with asyncio.timeout(ANSWER_S):
                        part = await parts.get()
                except TimeoutError as error:
                    raise LinkError(f"no part of the back-fill within {ANSWER_S:.0f} s") from error
                if isinstance(part, Exception):
                    raise part
                more = part.more
                yield part

    @contextlib.contextmanager
    def _parts(self, req: int) -> Iterator[asyncio.Queue[Past | Exception]]:
        parts = self._pasts[req] = asyncio.Queue()
        try:
            yield parts
        finally:
            self._pasts.pop(req, None)

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash; raises LinkError, RefusedError, or BadInput when the content is another."""
        req = next(self.numbers)
        content = self._files[req] = bytearray()
        try:
            await self.ask(FileRequest(req=req, sha256=sha256), req, FilePart)
        finally:
            self._files.pop(req, None)
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise BadInput("file from the node", found=f"sha256 {found[:12]}…", expected=f"{sha256[:12]}…")
        return bytes(content)

    async def attach(self, content: bytes) -> str:
        """Send a file up and return its sha256 once the node has it on disk; goes on where a cut left it.

        Raises LinkError, or RefusedError naming the bound.
        """
        sha256, size = hashlib.sha256(content).hexdigest(), len(content)
        held, done = await self._put(FilePut(req=next(self.numbers), sha256=sha256, size=size))
        while not done:
            part = content[held : held + UP_PART_BYTES]
            before = held
            put = FilePut(req=next(self.numbers), sha256=sha256, size=size, offset=held, data=part)
            held, done = await self._put(put)
            if not done and held <= before:
                raise LinkError(f"the node does not take the file: {held} of {size} bytes are there")
        return sha256

    async def _put(self, put: FilePut) -> tuple[int, bool]:
        answer = await self.ask(put, put.req, FileHeld)
        return answer.held, answer.done

    async def ticket(self, camera: str, stream: str) -> str:
        """An address from which the camera's stream may be read for 60 s; raises LinkError or RefusedError."""
        req = next(self.numbers)
        return (await self.ask(TicketRequest(req=req, camera=camera, stream=stream), req, Ticket)).url

    async def intent(
        self, name: str, entity: str, actor: str, arguments: dict[str, Any], context: str = LIVE
    ) -> Answer:
        """Send a person's act once and wait for its answer; raises LinkError when none can come now."""
        id_ = uuid.uuid4().hex
        message = Intent(id=id_, name=name, entity=entity, actor=actor, arguments=arguments, context=context)
        answer = await self.ask(message, id_, IntentAnswer)
        known = answer.state in tuple(IntentState)
        # A word this version does not know is no refusal: the act may well be under way.
        return Answer(id=id_, state=IntentState(answer.state) if known else IntentState.PENDING, reason=answer.reason)


def fits(message: Message) -> None:
    """Raise BadInput where a message is longer than a node takes, before the node ends the link for it."""
    size = len(encode(message))
    if size > MAX_UP_BYTES:
        name = str(type(message).__struct_config__.tag)
        raise BadInput(f"{name} to the node", found=f"{size} bytes", expected=f"at most {MAX_UP_BYTES} bytes")
