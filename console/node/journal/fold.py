"""Entries of one entity folded into its state, in canonical order; pure: knows no store, clock or kind of entity."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from console.api import Value
from console.node.journal.entry import UNREADABLE, Entry, Origin
from console.node.journal.marks import TAKEN, Marks
from console.node.journal.order import Key, canonical, key_of

log = logging.getLogger(__name__)


class Passed(Value, frozen=True, kw_only=True):
    """A step's answer where an entry means nothing in this state: it is listed with the rule, and nothing changes."""

    rule: str


class Fold(Value, frozen=True, kw_only=True):
    """How the entries of a class make the state of one entity.

    `start` gives the state before the first entry, by entity id; `step` the state after one more, or Passed. Both are
    pure, and states are frozen values that can be compared. `authority`: only acts of the authority in charge count.
    """

    cls: str
    start: Callable[[str], Any]
    step: Callable[[Any, Entry], Any]
    authority: bool = False


class TakenAct(Value, frozen=True, kw_only=True):
    """A node takes an entity over, in a term higher than the one before."""

    authority: str
    term: int


class Contested(Value, frozen=True, kw_only=True):
    """An entry that is kept and listed for a person, and not applied; `rule` says why."""

    hash: bytes
    kind: str
    actor: str
    rule: str


class View(Value, frozen=True, kw_only=True):
    """How an entity stands. More than one of `heads`: acts that had not seen each other, both kept, for a person.

    `quarantined`, `hidden`, `doubled` count entries that changed nothing: of a forked origin, without a body, and of an
    intent that another origin had saved too.
    """

    cls: str
    id: str
    state: Any = None
    heads: tuple[bytes, ...] = ()
    contested: tuple[Contested, ...] = ()
    authority: str = ""
    term: int = 0
    entries: int = 0
    quarantined: int = 0
    hidden: int = 0
    doubled: int = 0

    @property
    def conflict(self) -> bool:
        """Whether acts stand side by side that had not seen each other."""
        return len(self.heads) > 1


BLANK = Fold(cls="", start=lambda _id: None, step=lambda state, _entry: state)
"""For classes without a fold: heads are kept, and nothing else."""


class EntityFold:
    """The running fold of one entity: `apply` in canonical order; `follow` what comes later where that is the same."""

    def __init__(self, fold: Fold, cls: str, id_: str, marks: Marks) -> None:
        self._fold, self._cls, self._id, self._marks = fold, cls, id_, marks
        self._state = fold.start(id_)
        self._heads: set[bytes] = set()
        self._wanted: set[bytes] = set()
        self._seen: set[bytes] = set()
        self._intents: dict[str, Origin] = {}
        self._last: Key | None = None
        self._authority, self._term = "", 0
        self._contested: list[Contested] = []
        self._quarantined = self._hidden = self._doubled = 0

    def follow(self, entry: Entry) -> bool:
        """Apply it where the canonical order of all with this one is that of the rest and then this one."""
        hash_ = entry.hash
        if hash_ in self._wanted or hash_ in self._seen:
            return False
        key = key_of(entry, self._marks.stamp_of(entry))
        if self._last is not None and key <= self._last:
            return False
        self._apply(entry, key)
        return True

    def holds(self, entry: Entry) -> bool:
        """Whether it was applied."""
        return entry.hash in self._seen

    @property
    def heads(self) -> tuple[bytes, ...]:
        """Hashes of the entries that no other names as seen, ascending."""
        return tuple(sorted(self._heads))

    def apply(self, entry: Entry) -> None:
        """The next entry in canonical order."""
        key = key_of(entry, self._marks.stamp_of(entry))
        self._apply(entry, key if self._last is None else max(self._last, key))

    def _apply(self, entry: Entry, last: Key) -> None:
        self._seen.add(entry.hash)
        self._last = last
        header, origin = entry.header, entry.origin
        if self._marks.quarantined(origin, header.seq):
            self._quarantined += 1
            return
        for parent in header.parents:
            if parent not in self._seen:
                self._wanted.add(parent)
            self._heads.discard(parent)
        self._heads.add(entry.hash)
        if header.intent and self._intents.setdefault(header.intent, origin) != origin:
            self._doubled += 1
            return
        if entry.body is None or entry.hash in self._marks.erased:
            self._hidden += 1
            return
        try:
            self._step(entry)
        except UNREADABLE as error:
            self._contest(entry, f"its body cannot be read: {error}")
        except Exception as error:
            # one entry must not keep the others from being seen
            log.exception("the fold of %s failed", header.cls)
            self._contest(entry, f"this version cannot apply it: {error!r}")

    def _step(self, entry: Entry) -> None:
        header = entry.header
        if self._fold.authority and header.kind == TAKEN:
            self._take_over(entry, entry.act(TakenAct))
        elif self._fold.authority and (rule := self._out_of_term(entry)):
            self._contest(entry, rule)
        else:
            after = self._fold.step(self._state, entry)
            if isinstance(after, Passed):
                self._contest(entry, after.rule)
            else:
                self._state = after

    def _take_over(self, entry: Entry, act: TakenAct) -> None:
        if act.term > self._term:
            self._authority, self._term = act.authority, act.term
        else:
            self._contest(entry, f"{act.authority} took term {act.term}, but {self._authority} had term {self._term}")

    def _out_of_term(self, entry: Entry) -> str:
        header = entry.header
        if header.term < self._term:
            return f"done in term {header.term}, after {self._authority} had taken term {self._term}"
        if header.term == self._term and header.authority != self._authority:
            return f"done under {header.authority or 'nobody'} in term {header.term}, which is {self._authority}'s"
        return ""

    def _contest(self, entry: Entry, rule: str) -> None:
        header = entry.header
        self._contested.append(Contested(hash=entry.hash, kind=header.kind, actor=header.actor, rule=rule))

    def view(self) -> View:
        """How it stands now; the same on every node that holds the same entries with their bodies."""
        return View(
            cls=self._cls,
            id=self._id,
            state=self._state,
            heads=self.heads,
            contested=tuple(self._contested),
            authority=self._authority,
            term=self._term,
            entries=len(self._seen),
            quarantined=self._quarantined,
            hidden=self._hidden,
            doubled=self._doubled,
        )


def fold_entity(fold: Fold, cls: str, id_: str, entries: Iterable[Entry], marks: Marks) -> EntityFold:
    """The fold of all entries of an entity, from nothing."""
    running = EntityFold(fold, cls, id_, marks)
    for entry in canonical(entries, marks.stamp_of):
        running.apply(entry)
    return running


def versions(fold: Fold, view: View, entries: list[Entry], marks: Marks) -> Mapping[bytes, Any]:
    """The state as each head left it: what it and the entries before it make alone, by head hash."""
    by_hash = {entry.hash: entry for entry in entries}
    found: dict[bytes, Any] = {}
    for head in view.heads:
        mine, open_ = set[bytes](), [head]
        while open_:
            if (hash_ := open_.pop()) in by_hash and hash_ not in mine:
                mine.add(hash_)
                open_.extend(by_hash[hash_].header.parents)
        found[head] = fold_entity(fold, view.cls, view.id, (by_hash[h] for h in mine), marks).view().state
    return found
