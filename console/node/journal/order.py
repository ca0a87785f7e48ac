"""The canonical order: the same for the same entries however they came; knows neither store nor state."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

from console.node.journal.entry import Entry, Origin, Stamp

Key = tuple[Stamp, str, str, int]


def key_of(entry: Entry, stamp: Stamp) -> Key:
    """What orders entries that have not seen each other: hybrid time, node, epoch, sequence."""
    header = entry.header
    return (stamp, header.node, header.epoch, header.seq)


def canonical(entries: Iterable[Entry], stamp_of: Callable[[Entry], Stamp]) -> list[Entry]:
    """Entries by (hybrid time, node, epoch, seq), but never before a parent or an earlier one of the same origin.

    With clocks that follow what they saw the second half changes nothing; it keeps cause before effect where a clock
    was wrong. Entries by hash; the same hash twice counts once.
    """
    by_hash = {entry.hash: entry for entry in entries}
    by_key = sorted(by_hash.values(), key=lambda entry: key_of(entry, stamp_of(entry)))
    if _causal(by_key, by_hash):
        return by_key
    return _sorted_by_cause(by_hash, stamp_of)


def _causal(entries: list[Entry], among: dict[bytes, Entry]) -> bool:
    """Whether each stands behind its parents and the earlier ones of its origin: always so where clocks are right."""
    before: set[bytes] = set()
    seqs: dict[tuple[str, str], int] = {}
    for entry in entries:
        header = entry.header
        origin = (header.node, header.epoch)
        if header.seq < seqs.get(origin, 0):
            return False
        for parent in header.parents:
            if parent not in before and parent in among:
                return False
        seqs[origin] = header.seq
        before.add(entry.hash)
    return True


def _sorted_by_cause(by_hash: dict[bytes, Entry], stamp_of: Callable[[Entry], Stamp]) -> list[Entry]:
    """Of those whose causes are all placed, always the one with the least key."""
    waits_for = {hash_: {p for p in entry.header.parents if p in by_hash} for hash_, entry in by_hash.items()}
    chains: defaultdict[Origin, list[Entry]] = defaultdict(list)
    for entry in by_hash.values():
        chains[entry.origin].append(entry)
    for chain in chains.values():
        chain.sort(key=lambda e: e.header.seq)
        for before, entry in pairwise(chain):
            waits_for[entry.hash].add(before.hash)
    followers: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for hash_, before_it in waits_for.items():
        for before_hash in before_it:
            followers[before_hash].append(hash_)
    open_ = {hash_: len(before_it) for hash_, before_it in waits_for.items()}
    ready = [(key_of(by_hash[h], stamp_of(by_hash[h])), h) for h, count in open_.items() if count == 0]
    heapq.heapify(ready)
    ordered: list[Entry] = []
    while ready:
        _, hash_ = heapq.heappop(ready)
        ordered.append(by_hash[hash_])
        for follower in followers[hash_]:
            open_[follower] -= 1
            if open_[follower] == 0:
                entry = by_hash[follower]
                heapq.heappush(ready, (key_of(entry, stamp_of(entry)), follower))
    return ordered
