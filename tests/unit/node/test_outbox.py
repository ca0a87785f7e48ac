"""The outbox: what a slow reader gets, what it is told of the rest, and what it costs the node."""

from __future__ import annotations

import asyncio
import collections
import functools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import Selector
from console.node.feeds import FEED_BYTES, Feed, Parcel
from console.node.outbox import BATCH_BYTES, BATCHES, CROWD_BYTES, LATEST_NS, OTHER_BYTES, Crowd, Outbox
from console.wire.codec import decode_down
from console.wire.frames import MAX_FRAME_BYTES, Gap

SECOND = 10**9
SIZE = BATCH_BYTES // 64


def never(data: bytes) -> bool:
    """A reader that takes nothing at once."""
    return False


def feed(strategy: str = "every") -> Feed:
    """A feed of all."""
    return Feed("key", Selector(), strategy, "live")


class Sender:
    """One feed's batches as the hub makes them: each bears its number in its bytes."""

    def __init__(self, strategy: str = "every") -> None:
        self.feed = feed(strategy)
        self.rows: dict[int, int] = {}

    def make(self, rows: int = 1, size: int = SIZE) -> Parcel:
        """The next batch, kept in the feed's log."""
        self.feed.seq += 1
        seq = self.feed.seq
        self.rows[seq] = rows
        data = b"b,%d,%d,".ljust(size, b".") % (self.feed.number, seq)
        parcel = Parcel(self.feed, seq, data, rows, seq * SECOND, seq * SECOND + 9, seq)
        self.feed.keep(parcel)
        return parcel


def place(data: bytes) -> tuple[int, int] | None:
    """Feed and sequence of a batch, None for another message."""
    if data[:2] != b"b,":
        return None
    _, number, seq, _ = data.split(b",", 3)
    return int(number), int(seq)


def gap(data: bytes) -> Gap | None:
    """The gap that a message tells, None for another message."""
    if data[:1] in (b"b", b"e", b"p", b"\0"):
        return None
    message = decode_down(data)
    return message if isinstance(message, Gap) else None


async def taken(outbox: Outbox, most: int = 100_000) -> list[bytes]:
    """What a reader gets that comes back to life."""
    got: list[bytes] = []

    async def send(data: bytes) -> None:
        got.append(data)
        if len(got) >= most:
            raise EOFError

    drain = asyncio.ensure_future(outbox.drain(send))
    while not drain.done() and not outbox.idle:
        await asyncio.sleep(0)
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    return got


async def test_a_reader_that_keeps_up_is_written_to_at_once() -> None:
    written: list[bytes] = []

    def write(data: bytes) -> bool:
        written.append(data)
        return True

    outbox, sender = Outbox(write), Sender()
    outbox.send(b"e1")
    outbox.deliver(sender.make())
    assert written[0] == b"e1"
    assert place(written[1]) == (sender.feed.number, 1)
    assert outbox.queued_bytes == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=100, max_size=300))
async def test_of_every_only_the_oldest_is_dropped_and_each_gap_is_exact_and_told_before_what_stays(
    sent: list[tuple[int, int]],
) -> None:
    outbox = Outbox(never)
    senders = [Sender() for _ in range(3)]
    others = 0
    for which, n in sent:
        if which == 0:
            others += 1
            outbox.send(b"e%d" % others)
        else:
            outbox.deliver(senders[which - 1].make(n))
        assert outbox.queued_bytes <= BATCH_BYTES + 10_000
    told = await taken(outbox)
    assert [d for d in told if d[:1] == b"e"] == [b"e%d" % (i + 1) for i in range(others)]
    by_number = {sender.feed.number: sender for sender in senders}
    reached = dict.fromkeys(by_number, 0)
    dropped = 0
    for data in told:
        if (lost := gap(data)) is not None:
            missed = range(lost.from_seq, lost.to_seq + 1)
            assert lost.from_seq == reached[lost.feed] + 1
            assert lost.samples == sum(by_number[lost.feed].rows[s] for s in missed)
            assert (lost.from_ns, lost.to_ns) == (missed[0] * SECOND, missed[-1] * SECOND + 9)
            assert not lost.conflated
            reached[lost.feed] = lost.to_seq
            dropped += lost.samples
        elif (at := place(data)) is not None:
            assert at[1] == reached[at[0]] + 1, "a jump nobody told of"
            reached[at[0]] = at[1]
    assert reached == {number: sender.feed.seq for number, sender in by_number.items()}
    assert (outbox.dropped, outbox.conflated) == (dropped, 0)


async def test_one_feed_has_one_gap_however_often_batches_were_dropped() -> None:
    outbox, sender = Outbox(never), Sender()
    for _ in range(1000):
        outbox.deliver(sender.make())
    first, *rest = await taken(outbox)
    lost = gap(first)
    assert lost is not None
    assert (lost.from_seq, lost.to_seq, lost.samples) == (1, 1000 - len(rest), 1000 - len(rest))
    assert all(gap(data) is None for data in rest)


async def test_short_batches_are_bounded_by_their_number() -> None:
    outbox, sender = Outbox(never), Sender()
    for _ in range(BATCHES + 1):
        outbox.deliver(sender.make(size=40))
    assert outbox.dropped > BATCHES // 3
    told = await taken(outbox)
    assert outbox.dropped + len(told) - 1 == BATCHES + 1


class Newest:
    """What the hub would say of a `latest` feed: one message a part, with the sequence reached when it was asked."""

    def __init__(self, sender: Sender, parts: int = 3) -> None:
        self.sender, self.parts = sender, parts
        self.since: list[int] = []
        sender.feed.newest = self

    def __call__(self, turn: int, first: int) -> tuple[list[bytes], int] | None:
        """The next part."""
        if first == 0:
            self.since.append(turn)
        return ([b"p%d,%d" % (first, self.sender.feed.seq)], first + 1) if first < self.parts else None


async def test_of_latest_what_waits_is_taken_out_and_the_newest_is_sent_once_there_is_room() -> None:
    outbox, sender = Outbox(never), Sender("latest")
    newest = Newest(sender)
    outbox.deliver(sender.make(rows=5))
    await taken(outbox, 1)
    for _ in range(100):
        outbox.deliver(sender.make(rows=5))
    assert outbox.queued_bytes < BATCH_BYTES
    first, *parts = await taken(outbox)
    lost = gap(first)
    assert lost is not None
    assert lost.conflated
    assert (lost.from_seq, lost.to_seq, lost.samples) == (2, 101, 500)
    assert (lost.from_ns, lost.to_ns) == (2 * SECOND, 101 * SECOND + 9)
    assert parts == [b"p0,101", b"p1,101", b"p2,101"]
    assert newest.since == [2], "of the sensors in what was left out, no others"
    assert (outbox.dropped, outbox.conflated) == (0, 500)
    outbox.deliver(sender.make())
    assert [place(data) for data in await taken(outbox)] == [(sender.feed.number, 102)], "and then as before"


async def test_what_comes_while_the_newest_is_being_sent_makes_another_round_and_others_go_between() -> None:
    outbox, sender, other = Outbox(never), Sender("latest"), Sender()
    Newest(sender, parts=4)
    for _ in range(65):
        outbox.deliver(sender.make())
    got: list[bytes] = []

    async def send(data: bytes) -> None:
        got.append(data)
        if data == b"p1,65":
            outbox.deliver(sender.make())
            outbox.deliver(other.make())
            outbox.send(b"e1")

    drain = asyncio.ensure_future(outbox.drain(send))
    while not outbox.idle:
        await asyncio.sleep(0)
    drain.cancel()
    await asyncio.gather(drain, return_exceptions=True)
    gaps = [(lost.from_seq, lost.to_seq) for data in got if (lost := gap(data)) is not None]
    assert gaps == [(1, 65), (66, 66)]
    pictures = [data for data in got if data[:1] == b"p"]
    assert [data[:2] for data in pictures] == [b"p0", b"p1", b"p2", b"p3"] * 2
    assert got.index(b"e1") < got.index(b"p0,66"), "what is urgent does not wait for another round"
    assert any(place(data) == (other.feed.number, 1) for data in got)


async def test_names_of_new_sensors_go_before_the_newest_samples_that_may_bear_them() -> None:
    outbox, sender = Outbox(never), Sender("latest")
    Newest(sender, parts=1)
    for _ in range(65):
        outbox.deliver(sender.make())
    outbox.send(b"e handles")
    told = await taken(outbox)
    assert told[0] == b"e handles"
    assert told[-1] == b"p0,65"


async def test_latest_feeds_are_conflated_before_anything_of_every_is_dropped() -> None:
    outbox, every, latest = Outbox(never), Sender(), Sender("latest")
    Newest(latest, parts=0)
    for _ in range(30):
        outbox.deliver(every.make())
    for _ in range(40):
        outbox.deliver(latest.make())
    assert outbox.conflated > 0
    assert outbox.dropped == 0
    assert [at[1] for data in await taken(outbox) if (at := place(data))] == list(range(1, 31))


async def test_a_latest_feed_that_lags_some_seconds_is_conflated_though_there_is_room() -> None:
    outbox, sender = Outbox(never), Sender("latest")
    Newest(sender, parts=1)
    for lag_ns in (0, LATEST_NS, LATEST_NS + 1):
        parcel = sender.make(size=100)
        parcel.made_ns = lag_ns
        outbox.deliver(parcel)
    first, part = await taken(outbox)
    lost = gap(first)
    assert lost is not None
    assert lost.samples == 3
    assert part == b"p0,3"


@pytest.mark.parametrize("strategy", ["every", "latest"])
async def test_what_the_log_let_go_while_it_waited_is_told(strategy: str) -> None:
    outbox, sender = Outbox(never), Sender(strategy)
    Newest(sender, parts=1)
    for _ in range(10):
        outbox.deliver(sender.make(size=100))
    sender.feed.let_go()
    sender.feed.let_go()
    first, *rest = await taken(outbox)
    lost = gap(first)
    assert lost is not None
    if strategy == "every":
        assert (lost.from_seq, lost.to_seq, lost.conflated) == (1, 2, False)
        assert [place(data) for data in rest] == [(sender.feed.number, seq) for seq in range(3, 11)]
    else:
        assert (lost.from_seq, lost.to_seq, lost.conflated) == (1, 10, True)
        assert rest == [b"p0,10"]


async def test_batches_cost_a_thousand_slow_readers_the_log_and_no_more() -> None:
    sender = Sender()
    outboxes = [Outbox(never) for _ in range(1000)]
    for _ in range(2 * FEED_BYTES // SIZE):
        parcel = sender.make()
        for outbox in outboxes:
            outbox.deliver(parcel)
    held = {id(item): item for outbox in outboxes for item in waiting(outbox)}
    assert sum(len(item.data) for item in held.values()) <= FEED_BYTES
    assert all(outbox.queued_bytes <= BATCH_BYTES for outbox in outboxes)


def waiting(outbox: Outbox) -> Iterator[Parcel]:
    """The batches in its queue."""
    return (item for item in outbox._queue if isinstance(item, Parcel))


async def test_nothing_of_a_feed_that_is_not_wanted_any_more_is_sent_or_told() -> None:
    outbox, latest, every, stays = Outbox(never), Sender("latest"), Sender(), Sender()
    Newest(latest)
    for sender in (latest, every):
        for _ in range(70):
            outbox.deliver(sender.make())
    outbox.deliver(stays.make())
    outbox.forget(latest.feed)
    outbox.forget(every.feed)
    assert [place(data) for data in await taken(outbox)] == [(stays.feed.number, 1)]
    assert outbox.queued_bytes == 0


async def test_who_takes_nothing_of_what_may_not_be_dropped_is_given_up_once() -> None:
    given_up: list[int] = []
    outbox = Outbox(never, lambda: given_up.append(1))
    first_picture = bytes(MAX_FRAME_BYTES)
    for _ in range(20):
        outbox.send(first_picture)
        outbox.greeted()
    assert not given_up, "a large city's first picture is no backlog"
    for _ in range(2 * OTHER_BYTES // len(first_picture)):
        outbox.send(first_picture)
    assert given_up == [1]
    assert outbox.queued_bytes == 0


async def test_all_readers_together_hold_no_more_than_the_crowd_may_and_the_largest_is_given_up() -> None:
    crowd = Crowd()
    given_up: collections.Counter[int] = collections.Counter()
    outboxes = [Outbox(never, functools.partial(given_up.update, [i]), crowd) for i in range(40)]
    shared = bytes(MAX_FRAME_BYTES)
    for outbox in outboxes:
        outbox.send(shared)
        outbox.greeted()
    assert crowd.bytes == len(shared), "what all hold counts once"
    for round_ in range(8):
        for i, outbox in enumerate(outboxes[:20]):
            outbox.send(bytes(MAX_FRAME_BYTES - i - round_ * 20))
            assert crowd.bytes <= CROWD_BYTES
    assert given_up
    assert set(given_up.values()) == {1}
    assert max(given_up) < 20, "who holds little stays"
    for outbox in outboxes:
        outbox.close()
    assert crowd.bytes == 0


async def test_what_was_sent_is_not_held() -> None:
    crowd = Crowd()
    outbox = Outbox(never, None, crowd)
    for i in range(5):
        outbox.send(b"e%d" % i)
    assert crowd.bytes == 10
    await taken(outbox)
    assert crowd.bytes == 0


async def test_a_message_that_no_reader_could_take_is_not_sent() -> None:
    outbox = Outbox(never)
    outbox.send(bytes(MAX_FRAME_BYTES + 1))
    assert outbox.queued_bytes == 0


async def test_long_answers_wait_for_room() -> None:
    outbox = Outbox(never)
    outbox.send(bytes(3 << 20))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(outbox.room(), 0.05)
    await asyncio.gather(taken(outbox), asyncio.wait_for(outbox.room(), 30))


async def test_what_counts_only_while_newest_waits_once_a_name_and_goes_after_all_else() -> None:
    sent: list[bytes] = []
    outbox = Outbox(lambda _data: False)
    for i in range(10):
        outbox.offer("a", b"a%d" % i)
        outbox.offer("b", b"b%d" % i)
    outbox.send(b"an answer")

    async def send(data: bytes) -> None:
        sent.append(data)

    drain = asyncio.ensure_future(outbox.drain(send))
    async with asyncio.timeout(30):
        while not outbox.idle:
            await asyncio.sleep(0)
    drain.cancel()
    assert sent == [b"an answer", b"a9", b"b9"] and outbox.replaced == 18


def test_what_counts_only_while_newest_takes_a_bounded_room() -> None:
    outbox = Outbox(lambda _data: False)
    for i in range(100):
        outbox.offer(str(i), b"." * (256 << 10))
    assert outbox.replaced == 84 and outbox.queued_bytes == 0
