"""Persons' acts into the journal: rule, entry, sync, then the answer and the effect; knows no socket and no entity.

What an act means is declared as `Act`. The journal is opened beside the door: acts that come before it is open wait;
where it cannot be opened they are refused with the reason, while live data goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from console.api import LIVE, Notice, RefusedError, Severity, Text, YilanError
from console.model.errors import JournalError
from console.node.act import Act, Asked, MovedError, RuleError, as_it_is, heads_of
from console.node.journal.entry import Draft, Entry, Saved
from console.node.journal.fold import View
from console.node.refusals import AUDIT, CONFLICT, REFUSED, SHORT, Refusals, RefusedAct, refusal
from console.wire.frames import Intent, IntentAnswer

if TYPE_CHECKING:
    from console.node.journal.journal import Journal
    from console.node.journal.ledger import Ledger

__all__ = ["Act", "Asked", "Intents", "MovedError", "RuleError", "Written", "key_of"]
log = logging.getLogger(__name__)
WAITING_MOST: Final = 1_000
"""Acts that may wait for the journal to be open."""
OPEN_S: Final = 8.0
"""So long an act waits for it: less than a console waits for an answer."""
REOPEN_S: Final = 15.0
CLOSE_S: Final = 3.0
CLOSED: Final = "journal.closed"
NOT_YOURS: Final = Text("此操作编号已被他人使用", "the id of this act is that of somebody else's act")
HEALING: Final = ("full", "io", "unknown", "busy")
"""Reasons for which opening is tried again."""
R = TypeVar("R")


class Written(NamedTuple):
    """What became of an act. `kind` tells whether it was done; `saved` is None of a refusal that was only counted."""

    kind: str
    saved: Saved | None
    view: View
    rule: Text
    versions: list[tuple[bytes, Any]]


class Intents:
    """See the module.

    Args:
        make: a new, unopened journal; called again after it could not be opened.
        refusals: which refusals get an entry.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[Journal]],
        *,
        on_notice: Callable[[Notice], None],
        on_clear: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        refusals: Refusals | None = None,
    ) -> None:
        self._refusals = refusals or Refusals()
        self._make, self._on_notice, self._on_clear, self._sleep = make, on_notice, on_clear, sleep
        self._on_open: list[Callable[[Journal], Awaitable[None]]] = []
        self._acts: dict[str, Act] = {}
        self._journal: Journal | None = None
        self._why: JournalError | None = None
        self._tried = asyncio.Event()
        self._waiting = 0
        self._running = False

    def declare(self, name: str, act: Act) -> None:
        """From now on acts of this name are taken."""
        self._acts[name] = act

    def when_open(self, told: Callable[[Journal], Awaitable[None]]) -> None:
        """Have `told` be called in the loop once the journal is open, in order, before any act that waits for it."""
        self._on_open.append(told)

    def asked(self, intent: Intent) -> Asked | None:
        """What an act asks to be allowed; None of one that nobody knows: `act` refuses it with the rule."""
        act = self._acts.get(intent.name)
        if act is None or act.asks is None:
            return None
        first, *more = act.asks(intent)
        return first._replace(more=tuple(more))

    async def tried(self, within_s: float) -> bool:
        """Wait until opening the journal has succeeded or failed once; whether it has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._tried.wait()
        return self._tried.is_set()

    # ------------------------------------------------------------------ open and close

    async def run(self) -> None:
        """Open the journal; where that fails for what may pass, try again until cancelled."""
        self._running = True
        while self._journal is None:
            try:
                self._journal, self._why = await self._opened(), None
                self._on_clear(CLOSED)
            except YilanError as error:
                self._why = error if isinstance(error, JournalError) else JournalError("io", str(error))
                log.error("the journal cannot be opened: %s", error)
                self._on_notice(_closed(self._why))
            self._tried.set()
            if self._why is None or self._why.reason not in HEALING:
                return
            await self._sleep(REOPEN_S)

    async def _opened(self) -> Journal:
        journal = await self._make()
        await journal.open()
        try:
            for told in self._on_open:
                await told(journal)
        except BaseException:
            await journal.close()
            raise
        return journal

    async def close(self) -> None:
        """Seal and give the files back; what is just being opened is waited for."""
        if self._running:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._tried.wait()
        journal, self._journal = self._journal, None
        self._why = JournalError("io", "the node is ending")
        self._tried.set()
        if journal is not None:
            await journal.close()

    async def _open(self) -> Journal:
        if not self._tried.is_set():
            if self._waiting >= WAITING_MOST:
                raise JournalError("busy", f"{self._waiting} acts wait for the journal to be opened")
            self._waiting += 1
            try:
                async with asyncio.timeout(OPEN_S):
                    await self._tried.wait()
            except TimeoutError:
                raise JournalError("busy", "the journal is still being opened; do it again in a while") from None
            finally:
                self._waiting -= 1
        if self._journal is None:
            raise self._why or JournalError("io", "the journal is not open")
        return self._journal

    # ------------------------------------------------------------------ acts

    async def act(self, intent: Intent) -> IntentAnswer:
        """What becomes of an act, however often it is sent. Raises JournalError where nothing was saved."""
        act = self._acts.get(intent.name)
        facts = act.look(intent) if act is not None and intent.context == LIVE else None
        written = await self.write(partial(_write, intent, act, facts, self._refusals))
        if act is not None and written.kind not in (REFUSED, CONFLICT):
            act.done(intent, written.view)
        return _answer(intent, act, written)

    async def write(self, work: Callable[[Ledger], R]) -> R:
        """Have `work` done in the journal's turn; returns once what it put is durable. Raises JournalError."""
        journal = await self._open()
        try:
            return await journal.call(work)
        except JournalError as error:
            if error.reason not in ("io", "unknown"):
                raise
            # a failed sync does not tell whether the entry is there: asked again, an act that is answers as saved
            try:
                return await journal.call(work)
            except JournalError as again:
                raise error if error.reason == "unknown" else again from again


def key_of(intent: Intent) -> str:
    """Under which an act is found again: what is refused in a replay may well be done in the present."""
    return intent.id if intent.context == LIVE else f"{intent.context} {intent.id}"


def _write(intent: Intent, act: Act | None, facts: Any, refusals: Refusals, ledger: Ledger) -> Written:
    """In the writer's thread: nothing comes between the look at how the entity stands and the entry."""
    key = key_of(intent)
    cls = act.cls if act is not None else AUDIT
    if found := ledger.store.of_intent(key):
        if found[0].header.actor != intent.actor:  # neither done nor told of: an id is not found by chance
            return Written(REFUSED, None, ledger.projections.view(cls, intent.entity), NOT_YOURS, [])
        return _again([e for e in found if e.origin == found[0].origin][-1], cls, intent, ledger)
    view = ledger.projections.view(cls, intent.entity)
    kind, rule = "", Text("")
    try:
        drafts = _decided(intent, act, facts, view)
        if act is not None and act.also is not None:
            drafts = [*act.also(intent, facts, view, drafts, ledger.projections.view), *drafts]
        kind = drafts[-1].kind
    except RefusedError as error:
        kind = CONFLICT if isinstance(error, MovedError) else REFUSED
        rule = Text(error.zh, str(error))
        alike = refusals.one_more(intent)
        if alike is None:
            return _written(kind, None, rule, cls, intent, ledger)
        drafts = [refusal(kind, intent, key, cls, rule, alike)]
    saved = ledger.append(drafts)
    return _written(kind, saved, rule, cls, intent, ledger)


def _decided(intent: Intent, act: Act | None, facts: Any, view: View) -> list[Draft]:
    if intent.context != LIVE:
        raise RuleError("操作只在实时中进行，回放中不接受", "acts are done in the live context only, never in a replay")
    if act is None:
        name = intent.name[:SHORT]
        raise RuleError(f"此节点不认识操作 {name}", f"no act {name!r} is known here")
    return act.decide(intent, facts, view)


def _again(entry: Entry, cls: str, intent: Intent, ledger: Ledger) -> Written:
    """What the first of the same id did."""
    header = entry.header
    rule = Text("")
    if header.kind in (REFUSED, CONFLICT) and entry.body is not None:
        rule = entry.act(RefusedAct).rule
    saved = Saved(node=header.node, epoch=header.epoch, seq=header.seq, head=entry.hash, position=entry.position)
    return _written(header.kind, saved, rule, cls, intent, ledger)


def _written(kind: str, saved: Saved | None, rule: Text, cls: str, intent: Intent, ledger: Ledger) -> Written:
    view = ledger.projections.view(cls, intent.entity)
    versions = _versions(intent, view, ledger) if kind == CONFLICT else []
    return Written(kind, saved, view, rule, versions)


def _versions(intent: Intent, view: View, ledger: Ledger) -> list[tuple[bytes, Any]]:
    """How the entity stood when the actor looked, where that is known, then how it stands."""
    seen = msgspec.structs.replace(view, heads=tuple(sorted(heads_of(intent) - set(view.heads))))
    entries = {entry.hash for entry in ledger.store.of_entity(view.cls, view.id)} if seen.heads else set()
    known = msgspec.structs.replace(seen, heads=tuple(head for head in seen.heads if head in entries))
    return [*ledger.projections.versions(known).items(), *ledger.projections.versions(view).items()]


def _answer(intent: Intent, act: Act | None, written: Written) -> IntentAnswer:
    if written.kind == CONFLICT:
        heads = tuple(head.hex() for head, _ in written.versions)
        shown = act.shown if act is not None else as_it_is
        versions = [msgspec.Raw(msgspec.msgpack.encode(shown(state))) for _, state in written.versions]
        return IntentAnswer(id=intent.id, state="conflict", reason=written.rule, heads=heads, versions=versions)
    saved = written.saved
    if saved is None or written.kind == REFUSED:
        return IntentAnswer(id=intent.id, state="refused", reason=written.rule, context=intent.context)
    return IntentAnswer(
        id=intent.id,
        state="saved",
        origin=saved.node,
        epoch=saved.epoch,
        entry=saved.seq,
        head=saved.head.hex(),
        heads=tuple(head.hex() for head in written.view.heads),
    )


_TIPS: Final = {
    "damaged": Text(
        "保留该文件，运行 audit verify，恢复最近的备份", "Keep the file, run audit verify, restore a backup"
    ),
    "newer": Text("请启动较新的版本", "Start the newer version"),
    "full": Text("请清理磁盘；随后自动重试", "Free disk space; it is tried again by itself"),
}


def _closed(error: JournalError) -> Notice:
    return Notice(
        key=CLOSED,
        severity=Severity.ERROR,
        summary=Text("记录无法打开：一切操作都不被接受", "The journal cannot be opened: no act is accepted"),
        detail=str(error),
        tip=_TIPS.get(error.reason, Text("请检查磁盘与文件夹", "Check the disk and the folder")),
        since_ns=time.time_ns(),
    )
