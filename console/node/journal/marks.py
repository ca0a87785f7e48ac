"""What the journal says of itself: epochs, wrong clocks, forks, bodies withheld or erased; knows no store.

Each mark is an entry like any other, so it travels with the exchange, and every node that holds the same entries sees
the same past. Marks are a set: their order means nothing.
"""

from __future__ import annotations

from typing import Final

from console.api import Notice, Severity, Text, Value
from console.node.journal.entry import SYSTEM, UNREADABLE, Draft, Entry, Origin, Stamp

EPOCH, AHEAD, FORK = "journal.epoch", "journal.ahead", "journal.fork"
ERASED, WITHHELD = "journal.erased", "journal.withheld"
TAKEN: Final = "authority.taken"
"""Kind of an entry, of any class with an authority, by which a node takes the next term."""


class EpochAct(Value, frozen=True, kw_only=True):
    """First entry of every epoch: why it began, the key that signs its seals, and where the epoch before it stood."""

    why: str
    public_key: bytes
    before: str = ""
    before_seq: int = 0
    before_hash: bytes = b""


class AheadAct(Value, frozen=True, kw_only=True):
    """Entries first…last of (node, epoch) came with stamps too far ahead: they are ordered by when they came here."""

    node: str
    epoch: str
    first: int
    last: int
    wall_ns: int
    counter: int


class ForkAct(Value, frozen=True, kw_only=True):
    """Two entries bear the number `seq` of (node, epoch): what this origin said from there on is in quarantine.

    `hashes`, ascending, name both; `headers` are the evidence, empty where only a hash is known.
    """

    node: str
    epoch: str
    seq: int
    hashes: tuple[bytes, bytes]
    headers: tuple[bytes, bytes] = (b"", b"")


class ErasedAct(Value, frozen=True, kw_only=True):
    """The body of an entry was erased; `law` says on what ground, the header's `actor` who did it."""

    node: str
    epoch: str
    seq: int
    hash: bytes
    law: str


class WithheldAct(Value, frozen=True, kw_only=True):
    """The bodies of these entries of (node, epoch) were not given to the node that says so."""

    node: str
    epoch: str
    seqs: tuple[int, ...]


Mark = EpochAct | AheadAct | ForkAct | ErasedAct | WithheldAct
ACTS: Final[dict[str, type[Mark]]] = {
    EPOCH: EpochAct,
    AHEAD: AheadAct,
    FORK: ForkAct,
    ERASED: ErasedAct,
    WITHHELD: WithheldAct,
}


class Reach(Value, frozen=True, kw_only=True):
    """Entries first…last of an origin (both included) that a mark speaks of."""

    origin: tuple[str, str]
    first: int
    last: int = 1 << 62


def draft_of(kind: str, origin: Origin, act: Mark, actor: str = "") -> Draft:
    """The entry by which a mark is made."""
    return Draft(kind=kind, cls=SYSTEM, entity=str(origin), act=act, actor=actor)


def fork_notice(origin: Origin, act: ForkAct, now_ns: int) -> Notice:
    """Names both entries that bear one number."""
    one, other = (hash_.hex()[:12] for hash_ in act.hashes)
    return Notice(
        key=f"journal.fork:{origin}",
        severity=Severity.ERROR,
        summary=Text(
            f"节点 {origin.node} 的记录分叉，自第 {act.seq} 条起已隔离",
            f"Node {origin.node}'s journal has forked: set aside from entry {act.seq} on",
        ),
        detail=f"{origin} entry {act.seq} is both {one} and {other}",
        tip=Text("是否有两台机器用了同一份磁盘？请停用其中一台", "Do two machines run from one copied disk? Stop one"),
        since_ns=now_ns,
    )


class Marks:
    """All marks known. Asked for each entry when its entity is folded."""

    def __init__(self) -> None:
        self._ahead: dict[Origin, list[AheadAct]] = {}
        self.forks: dict[Origin, ForkAct] = {}
        """By origin the earliest fork known of it."""
        self.erased: dict[bytes, ErasedAct] = {}
        self._withheld: dict[Origin, set[int]] = {}

    def learn(self, entry: Entry) -> Reach | None:
        """Take in a mark; what it reaches must be folded anew. None: not a mark, or one that changes nothing."""
        type_ = ACTS.get(entry.header.kind)
        if type_ is None or entry.header.cls != SYSTEM or entry.body is None:
            return None
        try:
            act = entry.act(type_)
        except UNREADABLE:
            return None
        if isinstance(act, EpochAct):
            return None
        origin = Origin(act.node, act.epoch)
        match act:
            case AheadAct():
                self._ahead.setdefault(origin, []).append(act)
                return Reach(origin=origin, first=act.first, last=act.last)
            case ForkAct():
                return self._fork(origin, act)
            case ErasedAct():
                self.erased[act.hash] = act
                return Reach(origin=origin, first=act.seq, last=act.seq)
            case WithheldAct():
                self._withheld.setdefault(origin, set()).update(act.seqs)
                return None

    def _fork(self, origin: Origin, act: ForkAct) -> Reach | None:
        known = self.forks.get(origin)
        if known is not None and known.seq <= act.seq:
            return None
        self.forks[origin] = act
        return Reach(origin=origin, first=act.seq)

    def quarantined(self, origin: Origin, seq: int) -> bool:
        """Whether this number of the origin stands for more than one entry, or follows one that does."""
        fork = self.forks.get(origin) if self.forks else None
        return fork is not None and seq >= fork.seq

    def claims_ahead(self, entry: Entry) -> bool:
        """Whether its stamp is only a claim."""
        return any(a.first <= entry.header.seq <= a.last for a in self._ahead.get(entry.origin, ()))

    def stamp_of(self, entry: Entry) -> Stamp:
        """The time that orders it: the origin's, or when it was received where that was not to be believed.

        Of several receipts the earliest counts, so that one who hears of it late does not change the past again.
        """
        acts = self._ahead.get(entry.origin) if self._ahead else None
        if acts is None:
            return entry.stamp
        seq = entry.header.seq
        return min((Stamp(a.wall_ns, a.counter) for a in acts if a.first <= seq <= a.last), default=entry.stamp)

    def excuses(self, entry: Entry) -> bool:
        """Whether an entry says why this one has no body."""
        return entry.hash in self.erased or entry.header.seq in self._withheld.get(entry.origin, ())
