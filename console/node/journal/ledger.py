"""The journal's rules over a store: who numbers, what follows what, what an intent has done; for one thread at a time.

Nothing here waits or knows an event loop: `append` and the like put entries, `commit` makes them durable all at once.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from console.api import BadInput, Notice, RefusedError
from console.model.errors import JournalError
from console.node.journal.check import Recheck, check_recent, damage_notice
from console.node.journal.clock import AHEAD_NS, HybridClock
from console.node.journal.entry import (
    HEADER_VERSION,
    MAX_PARENTS,
    SYSTEM,
    ZERO,
    Draft,
    Entry,
    Header,
    Origin,
    Prepared,
    Saved,
    prepare,
    sealed_entry,
)
from console.node.journal.fold import Fold, View
from console.node.journal.instance import KEY, Instance
from console.node.journal.marks import EPOCH, ERASED, EpochAct, ErasedAct, Marks, draft_of, fork_notice
from console.node.journal.projections import Name, Projections
from console.node.journal.seals import NodeKey, make_seal
from console.node.journal.snapshot import AT_CLOSE, AT_REST, Snapshots
from console.node.journal.store import Seal, Store

log = logging.getLogger(__name__)
Rule = Callable[[Callable[[str, str], View]], None]
"""Looks at entities by (class, id) and raises RefusedError; nothing comes between its look and the entry."""
_EPOCH: Final = "epoch"
LOOK_BACK: Final = 2_000
"""Old entries that are looked at in a quiet second: some 30 ms of work."""


class HeadsMoved(RefusedError):
    """The entity has changed since the actor saw it; `view` is how it stands, nothing was written."""

    def __init__(self, view: View) -> None:
        self.view = view
        super().__init__(f"{view.cls} {view.id} has changed since it was looked at")


class Ledger:
    """One node's journal.

    Attributes:
        origin: under which this node numbers now.
        tips: last sequence and hash of each origin, those put but not committed included.
        notices: conditions raised since they were last taken away.

    Args:
        now_ns: the machine's clock, UTC ns.
        instance: tells a copied or restored folder; None: never a new epoch for that.
        snapshots: keeps how all stands for a quick start; None: every start folds from the first entry.
    """

    def __init__(
        self,
        store: Store,
        node: str,
        key: NodeKey,
        folds: Iterable[Fold],
        *,
        now_ns: Callable[[], int] = time.time_ns,
        ahead_ns: int = AHEAD_NS,
        instance: Instance | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self.store, self.node, self._key, self._instance = store, node, key, instance
        self._snapshots = snapshots
        self._recheck: Recheck | None = None
        self._folds = tuple(folds)
        self.clock = HybridClock(now_ns, ahead_ns)
        self.origin = Origin(node, "")
        self.tips: dict[Origin, tuple[int, bytes]] = {}
        self.marks = Marks()
        self.projections = Projections(self._folds, store, self.marks)
        self.notices: list[Notice] = []
        self._uncommitted: list[Entry] = []
        self._last_seal: Seal | None = None
        self._scrub = False
        self._settled = 0

    # ------------------------------------------------------------------------------------------- open and close

    def open(self) -> None:
        """Open the store, check what came since the last seal, go on in the last epoch or begin one.

        Raises JournalError, naming the first bad entry where one is found.
        """
        self.store.open()
        try:
            check_recent(self.store)
            self._load()
            epoch = self.store.meta(_EPOCH)
            known = self._instance is None or self._instance.same(self.store.meta(KEY))
            self.origin = Origin(self.node, epoch or "")
            if epoch is None or not known or self.origin in self.marks.forks:
                self.begin_epoch("first start" if epoch is None else "copied or restored" if not known else "fork")
            self._renew()
            self.commit()
        except JournalError:
            self.store.close()
            raise

    def _load(self) -> None:
        self.tips = self.store.tips()
        self._last_seal = self.store.last_seal()
        self.marks = Marks()
        for entry in self.store.of_class(SYSTEM):
            self.marks.learn(entry)
        for origin, (seq, _) in self.tips.items():
            for entry in self.store.chain(origin, seq, seq):
                self.clock.meet(entry.stamp)
        self.projections = Projections(self._folds, self.store, self.marks)
        snapshot = self._snapshots.read(self.store) if self._snapshots is not None else None
        if snapshot is None:
            self.projections.rebuild()
        else:
            self.projections.resume(snapshot)
        self._recheck = Recheck(self.store, self.store.last, self.store.running) if self.store.last else None

    def _renew(self) -> None:
        if self._instance is not None:
            self.store.set_meta(KEY, self._instance.renew())

    def close(self) -> None:
        """Seal and end; what was committed stays whatever this raises."""
        if not self.store.is_open:
            return
        failed = True
        try:
            self.seal()
            self._renew()
            self.store.look_up()
            self._snap(AT_CLOSE)
            failed = False
        finally:
            self.store.close(failed=failed)

    # ------------------------------------------------------------------------------------------- write

    def append(self, drafts: Sequence[Draft | Prepared], *, strict: bool = False, rule: Rule | None = None) -> Saved:
        """Put entries, to be durable with the next `commit`; the answer names the last of them.

        An intent that was saved before, here or elsewhere, puts nothing and answers with what it did then.
        Raises RefusedError by `rule`; HeadsMoved where `strict` and an entity's heads are not those a draft has seen;
        BadInput where a draft is too long. Nothing is put then.
        """
        if not drafts:
            raise BadInput("nothing to append")
        ready = [draft if isinstance(draft, Prepared) else prepare(draft) for draft in drafts]
        if (saved := self._again(ready)) is not None:
            return saved
        if strict:
            for draft, *_ in ready:
                if draft.seen is not None and set(draft.seen) != set(self.projections.heads(draft.cls, draft.entity)):
                    raise HeadsMoved(self.projections.view(draft.cls, draft.entity))
        if rule is not None:
            rule(self.projections.view)
        entries = [self._put_prepared(prepared) for prepared in ready]
        return saved_of(entries[-1])

    def _again(self, ready: Sequence[Prepared]) -> Saved | None:
        for prepared in ready:
            intent = prepared.draft.intent
            if intent and (found := self.store.of_intent(intent)):
                first = found[0].origin
                return saved_of([e for e in found if e.origin == first][-1], again=True)
        return None

    def _put_prepared(self, prepared: Prepared) -> Entry:
        draft, body, body_hash = prepared
        seen = draft.seen if draft.seen is not None else self.projections.heads(draft.cls, draft.entity)
        stamp = self.clock.tick()
        seq, previous = self.tips.get(self.origin, (0, ZERO))
        header = Header(
            HEADER_VERSION,
            self.origin.node,
            self.origin.epoch,
            seq + 1,
            stamp.wall_ns,
            stamp.counter,
            draft.kind,
            draft.cls,
            draft.entity,
            seen if draft.seen is None and len(seen) <= MAX_PARENTS else tuple(sorted(set(seen))[:MAX_PARENTS]),
            draft.actor,
            draft.place,
            draft.context,
            draft.intent,
            draft.authority,
            draft.term,
            body_hash,
            previous,
        )
        return self.put(sealed_entry(header, body, received_ns=stamp.wall_ns))

    def put(self, entry: Entry) -> Entry:
        """Add an entry that continues its origin's chain; marks among them take effect."""
        entry = self.store.put(entry)
        self._uncommitted.append(entry)
        self.tips[entry.origin] = (entry.header.seq, entry.hash)
        self.projections.learn(entry)
        if entry.header.cls == SYSTEM:
            self._mark(entry)
        return entry

    def _mark(self, entry: Entry) -> None:
        reach = self.marks.learn(entry)
        if reach is None:
            return
        origin = Origin(*reach.origin)
        touched: set[Name] = set()
        for reached in self.store.chain(origin, reach.first, reach.last):
            touched.add((reached.header.cls, reached.header.entity))
            if reached.hash in self.marks.erased and reached.body is not None:
                self.store.erase(reached.position)
                self._scrub = True
        self.projections.refold(touched)
        if entry.header.kind == "journal.fork":
            self._fork_known(origin)

    def _fork_known(self, origin: Origin) -> None:
        act = self.marks.forks[origin]
        self.notices.append(fork_notice(origin, act, self.clock.now_ns()))
        if origin == self.origin:
            self.begin_epoch("fork")

    def begin_epoch(self, why: str) -> None:
        """Number anew from 1 under a new epoch: our own past is in doubt. To be committed."""
        before = self.origin
        seq, hash_ = self.tips.get(before, (0, b""))
        self.origin = Origin(self.node, secrets.token_hex(8))
        self.store.set_meta(_EPOCH, self.origin.epoch)
        act = EpochAct(
            why=why,
            public_key=self._key.public,
            before=before.epoch if seq else "",
            before_seq=seq,
            before_hash=hash_,
        )
        self._put_prepared(prepare(draft_of(EPOCH, self.origin, act)))

    def erase(self, origin: Origin, seq: int, law: str, actor: str) -> Saved:
        """Erase a body under an entry that says by what law and who; every node that takes it erases too.

        Raises BadInput where there is no such entry, or it is a mark: these bear no personal data.
        """
        position = self.store.spot(origin, seq)
        entry = self.store.at(position) if position else None
        if entry is None or entry.header.cls == SYSTEM:
            raise BadInput(
                f"entry {seq} of {origin}", found="no entry with a body to erase", expected="one of an entity"
            )
        act = ErasedAct(node=origin.node, epoch=origin.epoch, seq=seq, hash=entry.hash, law=law)
        return self.append([draft_of(ERASED, origin, act, actor)])

    # ------------------------------------------------------------------------------------------- make durable

    def commit(self) -> list[Entry]:
        """All that was put, in one transaction; returns the entries once they are durable.

        Raises JournalError: nothing of it is saved then, and the journal stands as before. Reason `unknown`: the disk
        does not let itself be asked what it has; the next call of `ready` opens the journal and finds out.
        """
        uncommitted, self._uncommitted = self._uncommitted, []
        if self.store.waiting == 0:
            return uncommitted
        try:
            self.store.commit()
            self._scrub_log()
        except JournalError as error:
            if not self._recover(error, uncommitted):
                raise error if self.store.is_open else _unknown(self.store.path, error) from error
        return uncommitted

    def _scrub_log(self) -> None:
        """Take erased bodies out of what is kept beside the entries too: the snapshot, and the log; that not while
        another reads the file: then it is tried again when idle."""
        if not self._scrub:
            return
        if self._snapshots is not None:
            self._snapshots.forget()
        try:
            self.store.checkpoint(wait=False)
            self._scrub = False
        except JournalError as error:
            if error.reason != "busy":
                raise
            log.info("erased bodies are in the log until nobody else reads it: %s", error)

    def _recover(self, error: JournalError, lost: list[Entry]) -> bool:
        """Begin again from what the disk holds; whether it has all of `lost` after all, durable."""
        try:
            self.store.reopen(doubt=error.reason != "full")
            there = bool(lost) and self.store.holds(lost[-1])
            if there and error.reason == "full":
                self.store.settle()
            self._back_to_store(lost)
        except JournalError:
            self.store.close(failed=True)
            return False
        return there

    def _back_to_store(self, lost: list[Entry]) -> None:
        self._uncommitted, self._scrub = [], False
        epoch = self.store.meta(_EPOCH)
        if any(entry.header.cls == SYSTEM for entry in lost) or epoch != self.origin.epoch:
            self._load()
            self.origin = Origin(self.node, epoch or self.origin.epoch)
            return
        self.tips = self.store.tips()
        self._last_seal = self.store.last_seal()
        self.projections.refold({(entry.header.cls, entry.header.entity) for entry in lost})

    def ready(self) -> None:
        """Open again after a failure that left the journal closed. Raises JournalError."""
        if not self.store.is_open:
            self.store.reopen()
            self._load()
            self.origin = Origin(self.node, self.store.meta(_EPOCH) or self.origin.epoch)

    def doubt(self) -> None:
        """After a fault of our own: nothing in memory is believed, the next `ready` begins from what the disk holds."""
        self._uncommitted, self._scrub = [], False
        self.store.close(failed=True)

    @property
    def unfinished(self) -> bool:
        """Whether a quiet second has something to do: a seal to set, erased bodies to take out of the log, old entries
        to look at."""
        return bool(self.unsealed) or self._scrub or self._recheck is not None

    @property
    def unsealed(self) -> int:
        """Entries since the last seal."""
        return self.store.last - (self._last_seal.position if self._last_seal is not None else 0)

    @property
    def unsettled(self) -> int:
        """Entries since `take_changed`, and notices not yet taken away; 0 while the file is closed."""
        if not self.store.is_open:
            return 0
        return self.store.last - self._settled + len(self.notices)

    def take_changed(self) -> list[View]:
        """How the entities stand that have changed since the last call."""
        self._settled = self.store.last
        return self.projections.take_changed()

    def seal(self) -> None:
        """Sign how all chains stand, where anything was added since the last time; durable when this returns."""
        if self.unsealed == 0:
            return
        seal = make_seal(
            self._key,
            origin=self.origin,
            position=self.store.last,
            running=self.store.running,
            wall_ns=self.clock.now_ns(),
            tips=self.tips,
            before=self._last_seal,
        )
        self.store.also("INSERT INTO seal VALUES(?,?,?,?)", seal)
        self.commit()
        self._last_seal = seal

    def tidy(self, *, idle: bool = False) -> None:
        """What can wait until the answers are out; after a failure the journal stands as before."""
        try:
            self.store.tidy(idle=idle)
            if idle:
                self._scrub_log()
                self._look_back()
                self._snap(AT_REST)
        except JournalError as error:
            self._recover(error, [])
            raise

    def _snap(self, after: int) -> None:
        """Keep how all stands where so many entries came since the last time."""
        if self._snapshots is not None and self.store.last - self._snapshots.position >= after:
            views = {fold.cls: self.projections.views(fold.cls) for fold in self._folds}
            self._snapshots.write(views, self.store.last, self.store.running)

    def _look_back(self) -> None:
        """A second's worth of the entries that no check at the start has looked at."""
        if self._recheck is None:
            return
        try:
            self._recheck.step(LOOK_BACK)
        except JournalError as error:
            if error.reason != "damaged":
                raise
            self._recheck = None
            if self._snapshots is not None:
                self._snapshots.forget()  # the next start folds all anew, and none is made of what is damaged
                self._snapshots = None
            self.notices.append(damage_notice(error, self.clock.now_ns()))
        else:
            if self._recheck.done:
                self._recheck = None

    def take_notices(self) -> list[Notice]:
        """Conditions raised since the last call."""
        notices, self.notices = self.notices, []
        return notices


def saved_of(entry: Entry, *, again: bool = False) -> Saved:
    """The answer that an entry is worth once it is durable."""
    header = entry.header
    return Saved(
        node=header.node, epoch=header.epoch, seq=header.seq, head=entry.hash, position=entry.position, again=again
    )


def _unknown(path: str, error: JournalError) -> JournalError:
    """A sync that fails does not tell whether what it was to make durable will be there."""
    return JournalError(
        "unknown", f"{path}: whether the last acts are saved is not known yet ({error}); they are asked for again"
    )
