"""What nodes make of each other's entries: the same state, whatever came when, and no harm by a wrong peer."""

from __future__ import annotations

import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import NS
from console.node.journal.entry import Draft
from console.node.journal.exchange import have, missing, take
from console.node.journal.fold import Fold, TakenAct
from console.node.journal.folds import NOTE, NoteAct
from console.node.journal.ledger import Ledger
from console.node.journal.marks import FORK, TAKEN
from console.node.journal.order import canonical
from tests.unit.node.journal.ledgers import START_NS, Wall, exchange, ledger, lines, standing, tell, write

YEAR_NS = 365 * 86_400 * NS
TASK = Fold(cls="task", start=NOTE.start, step=NOTE.step, authority=True)
CLOCKS_NS = [-YEAR_NS, -90 * NS, 30 * NS, 90 * NS, YEAR_NS]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("tell"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("doubled"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("clock"), st.integers(0, 2), st.sampled_from(CLOCKS_NS)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_nodes_that_hold_the_same_entries_see_the_same(steps: list[tuple[str, int, int]]) -> None:
    """Clocks a year off included: whoever wrote, told and forgot in what order, after a full exchange all agree."""
    walls = [Wall(), Wall(), Wall()]
    nodes = [ledger(f"n{i}", walls[i], (NOTE,)) for i in range(3)]
    for count, (what, one, other) in enumerate(steps):
        if what == "write":
            write(nodes[one], str(count), f"note-{other}", intent=f"i{count}")
        elif what == "doubled":
            for number in {one, other}:
                write(nodes[number], str(count), "note-0", intent=f"i{count}")
        elif what == "tell" and one != other:
            tell(nodes[one], nodes[other], limit=3)
        elif what == "clock":
            walls[one].ns = START_NS + other
    exchange(*nodes)
    first = standing(nodes[0])
    assert standing(nodes[1]) == first
    assert standing(nodes[2]) == first
    for node in nodes:
        node.projections.rebuild()
        assert standing(node) == first, "the state from zero is the running one"


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(2, 4))
def test_every_interleaving_of_the_origins_gives_the_same_state(chance: random.Random, many: int) -> None:
    nodes = [ledger(f"n{i}") for i in range(many)]
    for count in range(12):
        write(chance.choice(nodes), str(count), chance.choice("ab"))
        if chance.random() < 0.4:
            giver, taker = chance.sample(nodes, 2)
            tell(giver, taker)
    chains = [[e for e in node.store.all() if e.origin == node.origin] for node in nodes]
    seen = set()
    for _ in range(4):
        left = [list(chain) for chain in chains]
        taker = ledger("taker")
        while any(left):
            chain = chance.choice([chain for chain in left if chain])
            take(taker, [chain.pop(0)])
            if chance.random() < 0.3:
                taker.commit()
        taker.commit()
        seen.add(msgspec.msgpack.encode(standing(taker)))
    assert len(seen) == 1


def test_taking_twice_or_in_pieces_changes_nothing() -> None:
    one, other = ledger("one"), ledger("other")
    for count in range(10):
        write(one, str(count))
    parcel = missing(one, have(other))
    assert take(other, parcel).accepted == 11
    other.commit()
    again = take(other, parcel[3:] + parcel)
    other.commit()
    assert (again.accepted, again.doubled) == (0, 19)
    assert other.store.last == 1 + 11
    assert lines(other) == lines(one)


def test_a_gap_is_told_and_nothing_behind_it_taken() -> None:
    one, other = ledger("one"), ledger("other")
    for count in range(4):
        write(one, str(count))
    parcel = missing(one, have(other))
    taken = take(other, parcel[:2] + parcel[3:])
    assert taken.accepted == 2
    assert taken.gaps == (str(one.origin),)
    other.commit()
    assert tell(one, other).accepted == 3
    assert lines(other) == ["0", "1", "2", "3"]


def test_a_changed_entry_is_refused_and_named_and_the_rest_of_the_parcel_taken() -> None:
    one, two, other = ledger("one"), ledger("two"), ledger("other")
    write(one, "a", "x")
    write(two, "b", "y")
    bad = [
        msgspec.structs.replace(e, body=b"\x92\xc4\x00\xa0") if e.header.cls == "note" else e for e in missing(one, {})
    ]
    taken = take(other, [*bad, *missing(two, {})], "one")
    other.commit()
    assert "from one: entry 2 of one/" in taken.refused[0]
    assert standing(other).keys() == {"y"}
    assert tell(one, other).accepted == 1, "the true one is taken when it comes"


def test_parcels_end_with_everything_in_order() -> None:
    one, other = ledger("one"), ledger("other")
    for count in range(50):
        write(one, str(count))
    rounds = 0
    while tell(one, other, limit=7).accepted:
        rounds += 1
    assert rounds == 8
    assert lines(other) == [str(count) for count in range(50)]


# ----------------------------------------------------------------------------------------------- clocks


def test_a_peer_a_year_ahead_moves_nobodys_clock_and_its_entry_sorts_by_receipt() -> None:
    wall = Wall()
    fast, here, third = ledger("fast", Wall(START_NS + YEAR_NS)), ledger("here", wall), ledger("third", wall)
    write(here, "before")
    write(fast, "from the future")
    assert tell(fast, here).ahead == 2
    assert here.clock.tick().wall_ns < START_NS + 60 * NS
    write(here, "after", seen=())
    exchange(fast, here, third)
    (future,) = [e for e in here.store.of_entity("note", "n") if e.origin == fast.origin]
    assert here.marks.claims_ahead(future)
    assert future.stamp.wall_ns > START_NS + YEAR_NS, "what it claims is kept"
    for node in (fast, here, third):
        assert lines(node) == ["before", "from the future", "after"]


def test_a_clock_that_is_behind_takes_nothing_out_of_causal_order() -> None:
    slow, here = ledger("slow", Wall(START_NS - YEAR_NS)), ledger("here")
    write(here, "first")
    tell(here, slow)
    write(slow, "second, having seen the first")
    exchange(slow, here)
    assert lines(here) == lines(slow) == ["first", "second, having seen the first"]


# ----------------------------------------------------------------------------------------------- heads and intents


def test_acts_that_had_not_seen_each_other_are_a_conflict_until_one_has_seen_both() -> None:
    one, other = ledger("one"), ledger("other")
    write(one, "start")
    exchange(one, other)
    write(one, "mine")
    write(other, "yours")
    exchange(one, other)
    view = one.projections.view("note", "n")
    assert view.conflict
    assert view == other.projections.view("note", "n")
    ends = sorted(state.lines[-1][1] for state in one.projections.versions(view).values())
    assert ends == ["mine", "yours"], "both versions can be shown"
    assert all(state.lines[0][1] == "start" for state in one.projections.versions(view).values())
    write(one, "settled", seen=view.heads)
    exchange(one, other)
    assert not other.projections.view("note", "n").conflict


def test_an_intent_sent_to_two_nodes_has_one_effect() -> None:
    one, other = ledger("one"), ledger("other")
    write(one, "close the valve", intent="i-1")
    write(other, "close the valve", intent="i-1")
    exchange(one, other)
    assert lines(one) == lines(other) == ["close the valve"]
    assert one.projections.view("note", "n").doubled == 1


def test_an_intent_that_came_from_elsewhere_is_answered_with_what_it_did_there() -> None:
    one, other = ledger("one"), ledger("other")
    there = write(one, "close the valve", intent="i-1")
    tell(one, other)
    here = write(other, "close the valve", intent="i-1")
    assert here.again
    assert (here.node, here.seq, here.head) == (there.node, there.seq, there.head)
    assert lines(other) == ["close the valve"]


# ----------------------------------------------------------------------------------------------- authority


def act(to: Ledger, text: str, authority: str, term: int) -> None:
    to.append(
        [Draft(kind="note.write", cls="task", entity="t", act=NoteAct(text=text), authority=authority, term=term)]
    )
    to.commit()


def take_over(to: Ledger, term: int) -> None:
    to.append([Draft(kind=TAKEN, cls="task", entity="t", act=TakenAct(authority=to.node, term=term))])
    to.commit()


def test_acts_of_a_lower_term_are_listed_and_not_applied() -> None:
    centre, post = ledger("centre", folds=(TASK,)), ledger("post", folds=(TASK,))
    take_over(centre, 1)
    act(centre, "go north", "centre", 1)
    exchange(centre, post)
    take_over(post, 2)
    act(post, "go south", "post", 2)
    exchange(centre, post)
    act(centre, "go west", "centre", 1)  # it had not noticed
    exchange(centre, post)
    for node in (centre, post):
        view = node.projections.view("task", "t")
        assert [text for _, text in view.state.lines] == ["go north", "go south"]
        assert (view.authority, view.term) == ("post", 2)
        (contested,) = view.contested
        assert "term 1" in contested.rule
        assert "post had taken term 2" in contested.rule


def test_of_two_that_take_the_same_term_one_holds_it_everywhere() -> None:
    one, other = ledger("one", folds=(TASK,)), ledger("other", folds=(TASK,))
    take_over(one, 1)
    take_over(other, 1)
    act(one, "a", "one", 1)
    act(other, "b", "other", 1)
    exchange(one, other)
    views = [node.projections.view("task", "t") for node in (one, other)]
    assert views[0] == views[1]
    assert len(views[0].state.lines) == 1
    assert len(views[0].contested) == 2


# ----------------------------------------------------------------------------------------------- forks and epochs


def copy_of(original: Ledger, name: str = "copy") -> Ledger:
    """A node that goes on from the same bytes, as a cloned disk does."""
    clone = ledger(original.node)
    clone.store.connection.execute("DELETE FROM entry; DELETE FROM meta WHERE key = 'epoch'")
    for row in original.store.connection.execute("SELECT * FROM entry"):
        clone.store.connection.execute("INSERT INTO entry VALUES(?,?,?,?,?)", row)
    clone.store._read_recent()
    clone._load()
    clone.origin = original.origin
    clone.store.set_meta("epoch", original.origin.epoch)
    clone.commit()
    return clone


@pytest.mark.parametrize("ahead", [0, 1, 9])
def test_a_copied_disk_is_a_fork_and_both_ends_are_set_aside(ahead: int) -> None:
    one, third = ledger("one"), ledger("third")
    write(one, "shared")
    clone = copy_of(one)
    old = one.origin
    write(one, "from the one")
    for count in range(1 + ahead):
        write(clone, f"from the copy {count}")
    tell(one, third)
    found = tell(clone, third)
    assert [fork.seq for fork in found.forks] == [3]
    exchange(one, clone, third)
    for node in (one, clone, third):
        assert lines(node) == ["shared"], "both are set aside, on every node"
        assert node.marks.forks[old].seq == 3
        (notice,) = {n.key: n for n in node.take_notices()}.values()
        assert all(hash_.hex()[:12] in notice.detail for hash_ in node.marks.forks[old].hashes)
    assert one.origin != old, "who finds itself forked goes on under a new epoch"
    write(one, "and goes on")
    exchange(one, clone, third)
    assert lines(third) == ["shared", "and goes on"]
    kept = {hash_ for _, _, hash_, _ in third.store.aside()} | {e.hash for e in third.store.all()}
    assert set(third.marks.forks[old].hashes) <= kept, "nothing is thrown away"


def test_a_forked_origins_exchange_stops() -> None:
    one, third = ledger("one"), ledger("third")
    write(one, "shared")
    clone = copy_of(one)
    write(one, "a")
    write(clone, "b")
    tell(one, third)
    tell(clone, third)
    later = Draft(kind="note.write", cls="note", entity="n", act=NoteAct(text="more"))
    one.append([later])
    one.commit()
    assert tell(one, third).accepted == 0
    fourth = ledger("fourth")
    tell(third, fourth)
    assert lines(fourth) == ["shared"]
    assert fourth.marks.forks[one.origin].seq == 3


def test_a_node_that_was_put_back_learns_of_it_from_a_peer_and_takes_its_past_again() -> None:
    one, peer = ledger("one"), ledger("peer")
    write(one, "kept in the backup")
    restored = copy_of(one)
    write(one, "after the backup")
    tell(one, peer)
    old = restored.origin
    assert tell(peer, restored).accepted >= 1
    assert restored.origin != old
    assert lines(restored) == ["kept in the backup", "after the backup"]
    write(restored, "new")
    exchange(restored, peer)
    assert lines(peer) == ["kept in the backup", "after the backup", "new"]
    assert not peer.marks.forks


def test_a_peer_that_only_says_it_knows_more_is_enough() -> None:
    one, peer = ledger("one"), ledger("peer")
    restored = copy_of(one)
    write(one, "later")
    tell(one, peer)
    old = restored.origin
    missing(restored, have(peer))
    restored.commit()
    assert restored.origin != old


# ----------------------------------------------------------------------------------------------- bodies


def test_an_erased_body_goes_from_every_node_and_the_chain_holds() -> None:
    one, other, late = ledger("one"), ledger("other"), ledger("late")
    write(one, "a name")
    saved = write(one, "a fact")
    exchange(one, other)
    (entry,) = [e for e in one.store.all() if e.header.seq == 2 and e.origin == one.origin]
    one.erase(one.origin, 2, "PIPL art. 47", "data officer")
    one.commit()
    exchange(one, other)
    exchange(other, late)
    for node in (one, other, late):
        assert lines(node) == ["a fact"]
        assert node.store.at(node.store.spot(one.origin, 2)).body is None
        assert node.store.hash_of(one.origin, 2) == entry.hash
        assert node.store.hash_of(one.origin, saved.seq) == saved.head
        (act_,) = node.marks.erased.values()
        assert act_.law == "PIPL art. 47"


def test_a_body_that_is_withheld_is_said_to_be() -> None:
    one, other = ledger("one"), ledger("other")
    write(one, "secret")
    write(one, "plain")
    parcel = [msgspec.structs.replace(e, body=None) if e.header.seq == 2 else e for e in missing(one, have(other))]
    take(other, parcel)
    other.commit()
    assert lines(other) == ["plain"]
    assert other.projections.view("note", "n").hidden == 1
    (bare,) = [e for e in other.store.all() if e.body is None]
    assert other.marks.excuses(bare)


# ----------------------------------------------------------------------------------------------- order


def test_the_canonical_order_is_by_hybrid_time_where_clocks_are_right() -> None:
    one, other = ledger("one"), ledger("other", Wall(START_NS + 500_000))
    for count in range(6):
        write((one, other)[count % 2], str(count))
    exchange(one, other)
    entries = [e for e in one.store.all() if e.header.cls == "note"]
    ordered = canonical(reversed(entries), one.marks.stamp_of)
    keys = [(e.stamp, e.origin, e.header.seq) for e in ordered]
    assert keys == sorted(keys)


def test_positions_are_the_order_in_which_entries_came_here_without_holes() -> None:
    one, other = ledger("one"), ledger("other")
    write(one, "a")
    write(other, "b")
    tell(one, other)
    write(other, "c")
    came = other.store.entries()
    assert [e.position for e in came] == list(range(1, len(came) + 1))
    assert all(a.position + 1 == b.position for a, b in pairwise(came))
    assert [e.header.node for e in came] == ["other", "other", "one", "one", "other"]


def test_marks_travel_as_entries() -> None:
    one, third = ledger("one"), ledger("third")
    write(one, "shared")
    clone = copy_of(one)
    write(one, "a")
    write(clone, "b")
    tell(one, third)
    tell(clone, third)
    kinds = [e.header.kind for e in third.store.all() if e.origin == third.origin]
    assert FORK in kinds
