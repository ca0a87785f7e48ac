"""A person's acts from keystroke to final answer: on disk first, sent when the link is up, again after each cut.

Knows no socket and no panel. An act is for the node and the person it was done for, and goes to no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from console.api import (
    ENTITY_CLASSES,
    LIVE,
    NS,
    ActStanding,
    Answer,
    Entity,
    IntentState,
    LinkError,
    LinkStatus,
    Notice,
    RefusedError,
    ResourceError,
    Severity,
    Text,
)
from console.client.act_titles import TITLES
from console.client.asking import ANSWER_S, fits
from console.client.outbox import Outbox
from console.client.witness import FILE, Witnesses
from console.wire.frames import Intent, IntentAnswer

log = logging.getLogger(__name__)
AGAIN_S: Final = 10.0
"""So long after it was sent an act without a final answer is sent again."""
SHOWN_S: Final = {
    IntentState.SAVED: 8.0,
    IntentState.APPLIED: 8.0,
    IntentState.REFUSED: 60.0,
    IntentState.CONFLICT: 60.0,
}
"""How long the end of an act is shown where it was done."""
FINAL: Final = tuple(SHOWN_S)
OTHERS: Final = "acts.others"
UNUSABLE: Final = "acts.outbox"
NO_REASON: Final = Text("")
_MEMORY: Final = Path(":memory:")


class Acts:
    """See the module.

    Args:
        send: sends a message at once; raises LinkError where the link is down.
        status: the link's state; its `node` is the one that acts are for.
        folder: where the unsent acts and the witnesses lie; None: in memory.
        on_change: told the class of the entity of which an act changed.
        on_notice, on_clear: raise and clear notices.
        box: opens the file of unsent acts.
    """

    def __init__(
        self,
        send: Callable[[Intent], None],
        status: Callable[[], LinkStatus],
        folder: Path | None,
        *,
        on_change: Callable[[str], None],
        on_notice: Callable[[Notice], None],
        on_clear: Callable[[str], None],
        box: Callable[[Path], Outbox] = Outbox,
    ) -> None:
        self._send, self._status = send, status
        self._on_change, self._on_notice, self._on_clear = on_change, on_notice, on_clear
        self.witnesses = Witnesses(folder / FILE if folder is not None else None)
        self._box: Outbox | None = None
        self._flaw: ResourceError | None = None
        try:
            self._box = box(folder / "acts.db" if folder is not None else _MEMORY)
        except ResourceError as error:
            self._flaw = error
        self._actor = ""
        self._open: dict[str, Intent] = {}
        """Acts for this node and person without a final answer, in the order they were done."""
        self._awaited: dict[str, asyncio.Future[Answer]] = {}
        self._standing: dict[str, ActStanding] = {}
        self._sent_s = 0.0
        self.waiting = self._count()
        """Acts on disk that no node has answered for good."""

    def _count(self) -> int:
        return self._box.count() if self._box is not None else 0

    def close(self) -> None:
        """Give the file back."""
        if self._box is not None:
            self._box.close()

    # ------------------------------------------------------------------ done by a person

    def of(self, entity: str) -> ActStanding | None:
        """How the last act on an entity stands; None where none is under way and none has ended lately."""
        return self._standing.get(entity)

    async def do(self, name: str, entity: str, arguments: dict[str, Any], heads: tuple[str, ...] = ()) -> Answer:
        """Keep an act on disk, send it, and wait a while for what becomes of it; PENDING where that is not known yet.

        `heads`: the journal entries of the entity that the actor has seen. Raises LinkError where no node was ever
        known, ResourceError where the disk does not take it, BadInput where it is too long: nothing was sent then.
        """
        node = self._status().node
        if not node:
            raise LinkError("no node has been reached yet")
        if self._box is None:
            raise self._flaw or ResourceError("acts cannot be kept on disk")
        intent = Intent(
            id=uuid.uuid4().hex, name=name, entity=entity, actor=self._actor, heads=heads, arguments=arguments
        )
        fits(intent)
        self._box.add(intent, node=node, at_ns=time.time_ns())
        self._open[intent.id] = intent
        self.waiting = self._count()
        self._stands(intent, IntentState.PENDING)
        if not self._go(intent):
            return Answer(id=intent.id, state=IntentState.PENDING)
        return await self._answer_of(intent)

    async def _answer_of(self, intent: Intent) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._awaited[intent.id] = future
        try:
            async with asyncio.timeout(ANSWER_S):
                return await future
        except TimeoutError:
            return Answer(id=intent.id, state=IntentState.PENDING)
        finally:
            self._awaited.pop(intent.id, None)

    def _go(self, intent: Intent) -> bool:
        """Send it if it can be sent now."""
        try:
            self._send(intent)
        except (LinkError, RefusedError):
            return False
        self._sent_s = time.monotonic()
        return True

    # ------------------------------------------------------------------ the link

    def as_(self, actor: str) -> None:
        """Who acts here from now on."""
        self._actor = actor
        self.up()

    def up(self) -> None:
        """The link is up, or another person acts: what waits for this node and person is sent again, in order."""
        status = self._status()
        if self._flaw is not None:
            self._on_notice(_unusable(self._flaw))
        if self._box is None or not status.up or not status.node:
            return
        self._open = {intent.id: intent for intent in self._box.waiting(node=status.node, actor=self._actor)}
        for intent in self._open.values():
            if (known := self._standing.get(intent.entity)) is None or known.state is not IntentState.PENDING:
                self._stands(intent, IntentState.PENDING)
            self._go(intent)
        others = self._box.others(node=status.node, actor=self._actor)
        if others and self._actor:
            self._on_notice(_others(others))
        else:
            self._on_clear(OTHERS)

    def down(self) -> None:
        """The link is lost: who awaits an answer hears that the act waits."""
        for id_ in tuple(self._awaited):
            self._waits(id_)

    def _waits(self, id_: str) -> None:
        future = self._awaited.get(id_)
        if future is not None and not future.done():
            future.set_result(Answer(id=id_, state=IntentState.PENDING))

    def tick(self) -> None:
        """Time passed: send again what was not answered, forget what was shown long enough."""
        now_s = time.monotonic()
        if self._open and self._status().up and now_s - self._sent_s > AGAIN_S:
            for intent in self._open.values():
                self._go(intent)
        now_ns = time.time_ns()
        for entity, standing in list(self._standing.items()):
            shown_s = SHOWN_S.get(standing.state)
            if shown_s is not None and now_ns - standing.since_ns > shown_s * NS:
                del self._standing[entity]
                self._on_change(_class_of(standing.name))

    def answered(self, message: IntentAnswer) -> None:
        """An answer of the node came."""
        intent = self._open.get(message.id)
        state = IntentState(message.state) if message.state in tuple(IntentState) else IntentState.PENDING
        if intent is None or message.context != LIVE or state not in FINAL:
            if message.state == IntentState.PENDING and message.context == LIVE:
                self._waits(message.id)
            return
        del self._open[message.id]
        if self._box is not None:
            self._box.settle(message.id)
        self.waiting = self._count()
        if state is IntentState.SAVED:
            self.witnesses.take(message)
        self._stands(intent, state, message.reason)
        future = self._awaited.get(message.id)
        if future is not None and not future.done():
            versions = _versions(intent, message)
            future.set_result(Answer(id=message.id, state=state, reason=message.reason, versions=versions))
        elif state in (IntentState.REFUSED, IntentState.CONFLICT):
            self._on_notice(_refused(intent, message.reason))

    def _stands(self, intent: Intent, state: IntentState, reason: Text = NO_REASON) -> None:
        self._standing[intent.entity] = ActStanding(
            name=intent.name, entity=intent.entity, state=state, since_ns=time.time_ns(), reason=reason
        )
        self._on_change(_class_of(intent.name))


def _class_of(name: str) -> str:
    """Class of the entities that an act is done on: the first word of its name."""
    return name.partition(".")[0]


def _versions(intent: Intent, message: IntentAnswer) -> tuple[Entity, ...]:
    """The entity as each version has it; what this version of ours cannot read is left out."""
    found: list[Entity] = []
    for raw in message.versions:
        with contextlib.suppress(KeyError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            found.append(msgspec.msgpack.decode(raw, type=ENTITY_CLASSES[_class_of(intent.name)]))
    return tuple(found)


def _refused(intent: Intent, reason: Text) -> Notice:
    title = TITLES.get(intent.name, Text(intent.name))
    return Notice(
        key=f"act.{intent.entity}",
        severity=Severity.WARNING,
        summary=Text(f"“{title.zh}”被拒：{reason.zh}", f"{title.of('en')} was refused: {reason.of('en')}"),
        detail=intent.entity,
        tip=Text(
            "先前待发的操作未生效；请查看现状后再决定",
            "What waited to be sent had no effect; look before you act again",
        ),
    )


def _others(count: int) -> Notice:
    return Notice(
        key=OTHERS,
        severity=Severity.WARNING,
        summary=Text(
            f"{count} 项待发操作属于其他人员或节点，未发送",
            f"{count} acts wait for another person or node and are not sent",
        ),
        tip=Text("由当时的人员在当时的节点上继续", "They go on when that person is back at that node"),
    )


def _unusable(error: ResourceError) -> Notice:
    return Notice(
        key=UNUSABLE,
        severity=Severity.ERROR,
        summary=Text("操作无法保存在本机：一切操作都不被接受", "Acts cannot be kept on this machine: none is accepted"),
        detail=str(error),
        tip=Text("请检查磁盘与数据文件夹", "Check the disk and the data folder"),
    )
