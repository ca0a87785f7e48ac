"""What two journals tell each other so that both end with the same entries; knows no wire and waits for nothing.

Each says where it stands (`have`), gives what the other lacks (`missing`) and takes what it is given (`take`). Any
order, loss and doubling between these is fine; each origin's own order is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from console.api import Value, WireError
from console.node.journal.entry import SYSTEM, ZERO, Entry, Origin, name_of, read_entry
from console.node.journal.ledger import Ledger
from console.node.journal.marks import AHEAD, FORK, WITHHELD, AheadAct, ForkAct, WithheldAct, draft_of

Have = Mapping[Origin, tuple[tuple[int, bytes], ...]]
"""By origin (sequence, hash) of its last entry here, then of earlier ones (1, 2, 4 … before it) down to the first."""
PARCEL: Final = 1000
"""Entries of one `missing` by default; `parcel_bytes` bounds it too."""
PARCEL_BYTES: Final = 4 << 20
KEEP_ASIDE: Final = 1000
"""So many entries of a forked origin are kept beside the journal; more are counted only."""


class Taken(Value, frozen=True, kw_only=True):
    """What became of a parcel: entries `accepted`, had already (`doubled`), of forked origins (`quarantined`).

    `gaps`: origins of which entries before these are lacking: ask again. `refused`: why an entry was not taken; the
    rest of its origin is left too. `forks`: found now.
    """

    accepted: int = 0
    doubled: int = 0
    quarantined: int = 0
    ahead: int = 0
    gaps: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    forks: tuple[ForkAct, ...] = ()


def have(ledger: Ledger) -> Have:
    """Where we stand, in a few dozen hashes an origin."""
    found: dict[Origin, tuple[tuple[int, bytes], ...]] = {}
    for origin, (last, _) in ledger.tips.items():
        found[origin] = tuple((seq, ledger.store.hash_of(origin, seq)) for seq in _ladder(last))
    return found


def _ladder(last: int) -> list[int]:
    seqs, step = [last], 1
    while (seq := last - step) > 1:
        seqs.append(seq)
        step *= 2
    return [*seqs, 1] if last > 1 else seqs


def missing(ledger: Ledger, theirs: Have, limit: int = PARCEL, parcel_bytes: int = PARCEL_BYTES) -> list[Entry]:
    """Entries that who says `theirs` lacks, in the order of our journal, as many as fit a parcel.

    Where they hold another entry under a number that we have too, ours from before it on, so that they find the fork.
    Of an origin in quarantine nothing from the fork on.
    """
    _meet(ledger, theirs)
    lacking: list[Entry] = []
    for origin, (last, _) in ledger.tips.items():
        fork = ledger.marks.forks.get(origin)
        last = last if fork is None else min(last, fork.seq - 1)
        both = [
            (seq, hash_ == ledger.store.hash_of(origin, seq)) for seq, hash_ in theirs.get(origin, ()) if seq <= last
        ]
        agreed = max((seq for seq, same in both if same), default=0)
        if theirs.get(origin) and max(s for s, _ in theirs[origin]) >= last and all(same for _, same in both):
            continue
        lacking.extend(ledger.store.chain(origin, agreed + 1, min(last, agreed + limit)))
    lacking.sort(key=lambda entry: entry.position)
    return _parcel(lacking[:limit], parcel_bytes)


def _parcel(entries: list[Entry], parcel_bytes: int) -> list[Entry]:
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.raw) + len(entry.body or b"")
        if size > parcel_bytes and count:
            return entries[:count]
    return entries


def _meet(ledger: Ledger, theirs: Have) -> None:
    """A peer that knows more of our own present than we do: our past was put back, we go on under a new epoch."""
    known = theirs.get(ledger.origin, ())
    if known and max(seq for seq, _ in known) > ledger.tips[ledger.origin][0]:
        ledger.begin_epoch("a peer knows later entries")


class Taking:
    """One parcel being taken; `result` puts what we have to say of it."""

    def __init__(self, ledger: Ledger, peer: str) -> None:
        self._ledger, self._peer = ledger, peer
        self._stopped: set[Origin] = set()
        self._gaps: dict[Origin, None] = {}
        self._refused: list[str] = []
        self._forks: list[ForkAct] = []
        self._ahead: defaultdict[Origin, list[int]] = defaultdict(list)
        self._bare: defaultdict[Origin, list[Entry]] = defaultdict(list)
        self._kept: dict[Origin, int] = {}
        self._counts = {"accepted": 0, "doubled": 0, "quarantined": 0}

    def take(self, given: Entry) -> None:
        """One entry of the parcel."""
        origin = given.origin
        if origin in self._stopped:
            return
        try:
            entry = read_entry(given.raw, given.body, received_ns=self._ledger.clock.now_ns())
            if entry.body is None and entry.header.cls == SYSTEM:
                raise WireError(f"{name_of(entry.header)}: a mark without its body")
        except WireError as error:
            self._refused.append(f"from {self._peer}: {error}")
            self._stopped.add(origin)
            return
        seq = entry.header.seq
        if seq <= (tip := self._ledger.tips.get(entry.origin, (0, ZERO)))[0]:
            self._known(entry)
        elif self._ledger.marks.quarantined(entry.origin, seq):
            self._aside(entry)
        elif seq > tip[0] + 1:
            self._gaps[entry.origin] = None
        elif entry.header.previous != tip[1]:
            self._fork(entry, tip[0], (tip[1], entry.header.previous))
        else:
            self._accept(entry)

    def _known(self, entry: Entry) -> None:
        store, seq = self._ledger.store, entry.header.seq
        if store.hash_of(entry.origin, seq) == entry.hash:
            self._counts["doubled"] += 1
        elif self._ledger.marks.quarantined(entry.origin, seq):
            self._aside(entry)
        else:
            ours = store.at(store.spot(entry.origin, seq))
            self._fork(entry, seq, (ours.hash, entry.hash), (ours.raw, entry.raw))

    def _accept(self, entry: Entry) -> None:
        ledger, origin = self._ledger, entry.origin
        if origin == ledger.origin:
            ledger.begin_epoch("a peer knows later entries")
        if not ledger.clock.meet(entry.stamp):
            self._ahead[origin].append(entry.header.seq)
        if entry.hash in ledger.marks.erased and entry.header.cls != SYSTEM:
            entry = read_entry(entry.raw, None, received_ns=entry.received_ns)
        elif entry.body is None:
            self._bare[origin].append(entry)
        ledger.put(entry)
        self._counts["accepted"] += 1

    def _fork(
        self, entry: Entry, seq: int, hashes: tuple[bytes, bytes], headers: tuple[bytes, bytes] = (b"", b"")
    ) -> None:
        one, other = sorted(zip(hashes, headers, strict=True))
        node, epoch = entry.origin
        act = ForkAct(node=node, epoch=epoch, seq=seq, hashes=(one[0], other[0]), headers=(one[1], other[1]))
        self._forks.append(act)
        if entry.origin == self._ledger.origin:
            # what we say of it must not be part of it
            self._ledger.begin_epoch("fork")
        self._ledger.append([draft_of(FORK, entry.origin, act)])
        self._aside(entry)

    def _aside(self, entry: Entry) -> None:
        self._counts["quarantined"] += 1
        if entry.origin not in self._kept:
            self._kept[entry.origin] = sum(origin == entry.origin for origin, *_ in self._ledger.store.aside())
        self._kept[entry.origin] += 1
        if self._kept[entry.origin] > KEEP_ASIDE:
            return
        row = (*entry.origin, entry.header.seq, entry.hash, entry.raw, entry.body, entry.received_ns, self._peer)
        self._ledger.store.also("INSERT OR IGNORE INTO aside VALUES(?,?,?,?,?,?,?,?)", row)

    def result(self) -> Taken:
        """Put the marks that the parcel asks for: wrong clocks, bodies that were not given. Then what became of it."""
        ledger = self._ledger
        for origin, seqs in self._ahead.items():
            if unmarked := [
                s for s in seqs if not ledger.marks.claims_ahead(ledger.store.at(ledger.store.spot(origin, s)))
            ]:
                stamp = ledger.clock.tick()
                act = AheadAct(
                    node=origin.node,
                    epoch=origin.epoch,
                    first=min(unmarked),
                    last=max(unmarked),
                    wall_ns=stamp.wall_ns,
                    counter=stamp.counter,
                )
                ledger.append([draft_of(AHEAD, origin, act)])
        for origin, entries in self._bare.items():
            if bare := tuple(e.header.seq for e in entries if not ledger.marks.excuses(e)):
                act_ = WithheldAct(node=origin.node, epoch=origin.epoch, seqs=bare)
                ledger.append([draft_of(WITHHELD, origin, act_)])
        return Taken(
            **self._counts,
            ahead=sum(map(len, self._ahead.values())),
            gaps=tuple(map(str, self._gaps)),
            refused=tuple(self._refused),
            forks=tuple(self._forks),
        )


def take(ledger: Ledger, entries: Iterable[Entry], peer: str = "") -> Taken:
    """Take a parcel, to be durable with the ledger's next `commit`. What it contains is checked, whoever gave it."""
    taking = Taking(ledger, peer)
    for entry in entries:
        taking.take(entry)
    return taking.result()
