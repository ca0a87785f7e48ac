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
