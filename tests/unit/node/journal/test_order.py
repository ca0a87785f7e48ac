"""The canonical order sorts by hybrid time where that keeps causes first, and keeps them first where it does not."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from console.node.journal.entry import ZERO, Entry, Header, sealed_entry
from console.node.journal.order import canonical


def history(walls: list[int], chance: random.Random) -> list[Entry]:
    """Entries of three origins, each having seen some of those before it, with clocks as they happen to stand."""
    made: list[Entry] = []
    seqs = dict.fromkeys("abc", 0)
    for wall_ns in walls:
        node = chance.choice("abc")
        seqs[node] += 1
        parents = tuple(sorted({e.hash for e in made if chance.random() < 0.3}))
        header = Header(
            1, node, "e", seqs[node], wall_ns, 0, "k", "c", "x", parents, "", "", "live", "", "", 0, ZERO, ZERO
        )  # fmt: skip
        made.append(sealed_entry(header, None))
    return made


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=20), st.randoms(use_true_random=False))
def test_causes_come_first_and_shuffling_changes_nothing(walls: list[int], chance: random.Random) -> None:
    entries = history(walls, chance)
    ordered = canonical(entries, lambda entry: entry.stamp)
    place = {entry.hash: number for number, entry in enumerate(ordered)}
    assert len(ordered) == len(entries)
    for entry in entries:
        assert all(place[parent] < place[entry.hash] for parent in entry.header.parents)
    for node in "abc":
        mine = [entry.header.seq for entry in ordered if entry.header.node == node]
        assert mine == sorted(mine)
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert canonical(shuffled, lambda entry: entry.stamp) == ordered


@settings(deadline=None)
@given(st.integers(0, 20), st.randoms(use_true_random=False))
def test_with_right_clocks_it_is_the_sort_by_time_and_origin(many: int, chance: random.Random) -> None:
    entries = history(list(range(many)), chance)
    chance.shuffle(entries)
    ordered = canonical(entries, lambda entry: entry.stamp)
    assert ordered == sorted(entries, key=lambda entry: (entry.stamp, entry.origin, entry.header.seq))
