"""The journal as the node's loop sees it: awaitable, one writer thread behind it; knows neither hub nor gateway.

What waits while one transaction is made durable goes into the next one together, so a burst costs few syncs and a
single act one. An answer is given only after the sync.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from console.api import Notice, Severity, Text, YilanError
from console.model.errors import JournalError
from console.node.journal import exchange
from console.node.journal.backup import back_up
from console.node.journal.entry import Draft, Entry, Origin, Saved, prepare
from console.node.journal.exchange import Have, Taken
from console.node.journal.fold import Fold, View
from console.node.journal.folds import FOLDS
from console.node.journal.instance import Instance
from console.node.journal.ledger import Ledger, Rule
from console.node.journal.seals import SEAL_AFTER_S, SEAL_EVERY, NodeKey
from console.node.journal.snapshot import Snapshots
from console.node.journal.store import FILE, Store
from console.posix import lock_file, unlock_file

log = logging.getLogger(__name__)
MOST_WAITING: Final = 10_000
"""Calls that may wait for the writer; one more is refused at once."""
GROUP: Final = 256
"""Calls that share one transaction at most."""
SETTLE_AFTER_S: Final = 0.002
SETTLE_EVERY: Final = 64
"""Views follow their entries when nobody has asked for 2 ms, or after so many entries."""
R = TypeVar("R")


class _Call(NamedTuple):
    """Work for the writer thread; `done` bears its result once what it put is durable."""

    work: Callable[[Ledger], Any]
    done: asyncio.Future[Any]


class Growth(NamedTuple):
    """What a commit brought: its entries in the order of the journal; then, in a call of its own, how the entities that
    it touched stand."""

    entries: list[Entry]
    views: list[View]


class Journal:
    """One node's journal in a folder of its own: `journal.db`, `node.key`, `instance`, `states`.

    Args:
        folder: made where there is none; nobody else may write in it.
        node: this node's id.
        folds: by entity class; others keep heads only.
        on_growth: called in the loop after each commit, in order; entries come once in a run.
        on_notice: called in the loop with conditions to raise; `on_clear` with the key of one that ended.
        now_ns: the machine's clock, UTC ns.
        vfs, exclusive, synchronous: see `Store`.
    """

    def __init__(
        self,
        folder: Path,
        node: str,
        folds: Iterable[Fold] = FOLDS,
        *,
        on_growth: Callable[[Growth], None] = lambda _growth: None,
        on_notice: Callable[[Notice], None] = lambda _notice: None,
        on_clear: Callable[[str], None] = lambda _key: None,
        now_ns: Callable[[], int] = time.time_ns,
        vfs: str = "",
        exclusive: bool = False,
        synchronous: str = "FULL",
    ) -> None:
        self.folder, self.node = folder, node
        self._folds, self._now_ns = tuple(folds), now_ns
        self._on_growth, self._on_notice, self._on_clear = on_growth, on_notice, on_clear
        self._store = Store(folder / FILE, vfs=vfs, exclusive=exclusive, synchronous=synchronous)
        self._queue: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock: int | None = None
        self._told: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._waking = False
        self._waiting = 0
        self._failing = False

    # ------------------------------------------------------------------------------------------- open and close

    async def open(self) -> None:
        """Open, check and go on. Raises JournalError naming what to do: held by another, damaged, newer, disk."""
        self._loop = asyncio.get_running_loop()
        self._queue = queue.SimpleQueue()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="journal", daemon=True)
        self._thread.start()
        try:
            await opened
        except asyncio.CancelledError:
            # what is just being opened is given back too: no thread and no lock outlive who asked for it
            await self.close()
            raise
        except BaseException:
            self._thread = None
            raise

    async def close(self) -> None:
        """Wait until all that was asked is done, seal, give the file back."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(thread.join)

    # ------------------------------------------------------------------------------------------- ask

    def call(self, work: Callable[[Ledger], R]) -> asyncio.Future[R]:
        """Have the writer thread do `work` in its turn; the result comes once what it put is durable.

        Raises JournalError at once where the journal is closed or too much waits.
        """
        if self._thread is None or self._loop is None:
            raise JournalError("io", f"the journal in {self.folder} is not open")
        if self._waiting >= MOST_WAITING:
            raise JournalError("busy", f"{self._waiting} acts wait to be saved: the disk is too slow; try again later")
        self._waiting += 1
        done: asyncio.Future[R] = self._loop.create_future()
        self._queue.put(_Call(work, done))
        return done

    def append(
        self, drafts: Sequence[Draft], *, strict: bool = False, rule: Rule | None = None
    ) -> asyncio.Future[Saved]:
        """Save entries: the future bears `Saved` once they are durable; see `Ledger.append` for what it raises.

        Raises JournalError where nothing was saved: full, io, damaged.
        """
        ready = [prepare(draft) for draft in drafts]
        return self.call(lambda ledger: ledger.append(ready, strict=strict, rule=rule))

    async def view(self, cls: str, id_: str) -> View:
        """How an entity stands."""
        return await self.call(lambda ledger: ledger.projections.view(cls, id_))

    async def views(self, cls: str) -> list[View]:
        """How all entities of a class with a fold stand, by id."""
        return await self.call(lambda ledger: ledger.projections.views(cls))

    async def versions(self, view: View) -> dict[bytes, Any]:
        """The state as each of a view's heads left it, by head hash."""
        return await self.call(lambda ledger: ledger.projections.versions(view))

    async def rebuild(self) -> None:
        """Fold the whole journal anew, from its first entry."""
        await self.call(lambda ledger: ledger.projections.rebuild())

    async def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Entries in the order in which this node saved them, from position `after` + 1 on."""
        return await self.call(lambda ledger: ledger.store.entries(after, limit))

    async def have(self) -> Have:
        """Where we stand, for a peer."""
        return await self.call(exchange.have)

    async def missing(self, theirs: Have, limit: int = exchange.PARCEL) -> list[Entry]:
        """What a peer lacks; call again with what it has then, until nothing comes."""
        return await self.call(lambda ledger: exchange.missing(ledger, theirs, limit))

    async def take(self, entries: Sequence[Entry], peer: str = "") -> Taken:
        """Take a parcel of a peer; durable when this returns."""
        return await self.call(lambda ledger: exchange.take(ledger, entries, peer))

    async def erase(self, origin: Origin, seq: int, law: str, actor: str) -> Saved:
        """Erase a body by law, under an entry that says so."""
        return await self.call(lambda ledger: ledger.erase(origin, seq, law, actor))

    async def backup(self, to: Path) -> str:
        """Copy the journal as it stands into a file, checked entry by entry; returns its sha256.

        Writing goes on meanwhile. The copy begins a new epoch when it is put back. Raises JournalError.
        """
        await self.call(lambda ledger: ledger.seal())
        return await asyncio.to_thread(back_up, self.folder / FILE, to)

    # ------------------------------------------------------------------------------------------- the writer thread

    def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            ledger = self._open()
        except Exception as error:
            self._unlock()
            self._tell(_fail, [opened], _as_journal(error, self.folder))
            return
        self._tell(_succeed, opened, None)
        try:
            self._serve(ledger)
        finally:
            try:
                ledger.close()
            except YilanError:
                log.exception("the journal could not be sealed at its end")
            self._unlock()

    def _open(self) -> Ledger:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = lock_file(self.folder / "lock")
        if self._lock is None:
            raise JournalError("busy", f"another program has the journal in {self.folder} open; close it")
        key = NodeKey(self.folder)
        ledger = Ledger(
            self._store,
            self.node,
            key,
            self._folds,
            now_ns=self._now_ns,
            instance=Instance(self.folder),
            snapshots=Snapshots(self.folder, key, self._folds),
        )
        ledger.open()
        return ledger

    def _unlock(self) -> None:
        if self._lock is not None:
            unlock_file(self._lock)
            self._lock = None

    def _serve(self, ledger: Ledger) -> None:
        sealed_s, ended = time.monotonic(), False
        while not ended:
            calls, ended = self._next_group(SETTLE_AFTER_S if ledger.unsettled else 1.0 if ledger.unfinished else None)
            if calls:
                self._do(ledger, calls)
                if ledger.unsettled < SETTLE_EVERY and not ended:
                    # who waits for the answer, and asks again at once, goes first
                    continue
            now_s = time.monotonic()
            due = ledger.unsealed >= SEAL_EVERY or (ledger.unsealed and now_s - sealed_s > SEAL_AFTER_S)
            self._after(ledger, idle=not calls, seal=bool(due))
            if due or not ledger.unsealed:
                sealed_s = now_s

    def _next_group(self, wait_s: float | None) -> tuple[list[_Call], bool]:
        calls: list[_Call] = []
        try:
            call = self._queue.get(timeout=wait_s)
            while call is not None:
                calls.append(call)
                if len(calls) >= GROUP:
                    return calls, False
                call = self._queue.get_nowait()
        except queue.Empty:
            return calls, False
        return calls, True

    def _do(self, ledger: Ledger, calls: list[_Call]) -> None:
        done: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        try:
            ledger.ready()
            for call in calls:
                try:
                    done.append((call.done, call.work(ledger), None))
                except Exception as error:
                    done.append((call.done, None, error))
            entries = ledger.commit()
        except Exception as error:
            if not isinstance(error, JournalError):  # a fault of ours must not end the one thread that saves
                log.exception("the journal failed")
                ledger.doubt()
            self._tell(self._failed, [call.done for call in calls], _as_journal(error, self.folder))
            return
        self._tell(self._saved, done, entries)

    def _after(self, ledger: Ledger, *, idle: bool, seal: bool) -> None:
        """What nobody waits for. A failure here is told by the next act that cannot be saved."""
        try:
            if ledger.store.is_open:
                # told before the disk is asked again: what was saved stands, whatever fails from here on
                views = ledger.take_changed()
                if views or ledger.notices:
                    self._tell(self._grown, views, ledger.take_notices())
                if seal:
                    ledger.seal()
                ledger.tidy(idle=idle)
        except JournalError:
            log.exception("the journal could not be tidied")
        except Exception:
            log.exception("the journal failed between two acts")
            ledger.doubt()

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        """Have the loop know, in order; a loop that is awake to it is not woken again, one that ended is left alone."""
        assert self._loop is not None
        self._told.append((what, arguments))
        if not self._waking:
            self._waking = True
            try:
                self._loop.call_soon_threadsafe(self._hear)
            except RuntimeError:
                log.warning("the loop ended before its journal")

    # ------------------------------------------------------------------------------------------- in the loop

    def _hear(self) -> None:
        # lowered first: what is told after the last look wakes the loop again
        self._waking = False
        while self._told:
            what, arguments = self._told.popleft()
            try:
                what(*arguments)
            except Exception:
                # the answers behind it are awaited by others
                log.exception("who was told of the journal's growth failed")

    def _saved(self, done: list[tuple[asyncio.Future[Any], Any, Exception | None]], entries: list[Entry]) -> None:
        self._waiting -= len(done)
        for future, result, error in done:
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        if self._failing and entries:
            self._failing = False
            self._on_clear("journal")
        if entries:
            self._on_growth(Growth(entries, []))

    def _grown(self, views: list[View], notices: list[Notice]) -> None:
        if views:
            self._on_growth(Growth([], views))
        for notice in notices:
            self._on_notice(notice)

    def _failed(self, futures: list[asyncio.Future[Any]], error: YilanError) -> None:
        self._waiting -= len(futures)
        _fail(futures, error)
        self._failing = True
        self._on_notice(
            Notice(
                key="journal",
                severity=Severity.ERROR,
                summary=Text("记录无法保存", "The journal cannot save"),
                detail=str(error),
                tip=Text(
                    "已确认保存的内容不受影响；请按说明处理后重试",
                    "What was saved is safe; do as it says, then try again",
                ),
                since_ns=self._now_ns(),
            )
        )


def _as_journal(error: Exception, folder: Path) -> YilanError:
    if isinstance(error, YilanError):
        return error
    return JournalError("io", f"{folder} cannot be used ({error!r}); check the folder and its disk")


def _succeed(future: asyncio.Future[None], result: None) -> None:
    if not future.done():
        future.set_result(result)


def _fail(futures: list[asyncio.Future[Any]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
