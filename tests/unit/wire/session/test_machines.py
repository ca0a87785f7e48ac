"""Both ends of a session against each other over connections cut anywhere: nothing twice, nothing silently lost.

The node's feed is a log that forgets its oldest, the queue of a connection drops oldest batches and tells the gap, a
node begins a new run, subscriptions come and go; whatever the order, the invariants hold.
"""

from __future__ import annotations

import collections
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.api import LIVE, Access, Selector
from console.wire.access import AccessFrame
from console.wire.frames import (
    CAPABILITIES,
    Batch,
    Credential,
    Gap,
    Hello,
    Message,
    Ping,
    Pong,
    Subscribe,
    Subscribed,
    Unknown,
    Welcome,
)
from console.wire.session.acts import Action, Close, Deliver, Down, Ended, Missed, Pulse, Send
from console.wire.session.console import ConsoleSession
from console.wire.session.console import State as Link
from console.wire.session.node import NodeSession, State

GOOD: Final = Credential(kind="secret", value="good")
KEPT: Final = 6
"""Batches that a feed's log keeps."""
MANY = st.integers(0, 12)
ALL = st.sampled_from((12, 12, 12, 1, 0))
SELECTORS: Final = (Selector(), Selector(ids=("x",)))


class Feed:
    """One feed of one run of the node: every batch that it ever sent is the pair (key, sequence)."""

    def __init__(self, number: int, key: str) -> None:
        self.number, self.key, self.seq = number, key, 0


class Wire(RuleBasedStateMachine):
    """Rules are what can happen; a message under way is a value in one of two queues."""

    def __init__(self) -> None:
        super().__init__()
        self.console = ConsoleSession("test", "desk", Pulse())
        self.node: NodeSession | None = None
        self.run, self.runs, self.now_s, self.feed_count, self.sub_count = "r1", 1, 0.0, 0, 0
        self.slept_s = 0.0
        self.feeds: dict[Selector, Feed] = {}
        self.reads: dict[int, Feed] = {}
        self.up: collections.deque[Any] = collections.deque()
        self.down: collections.deque[Any] = collections.deque()
        self.welcomed = False
        self.got: dict[str, list[int]] = collections.defaultdict(list)
        """Sequences delivered, by feed key."""
        self.known: dict[str, set[int]] = collections.defaultdict(set)
        """Sequences delivered, or told as a gap, or covered by a hole that was told or a snapshot."""
        self.begun: dict[int, str] = {}
        self.key_of: dict[int, str] = {}
        self.holes = self.resumed = 0

    # ------------------------------------------------------------------ what actions mean

    def at_console(self, actions: list[Action]) -> None:
        """What the console's end asks for."""
        for action in actions:
            if isinstance(action, Send):
                assert self.node is not None, "nothing is sent without a connection"
                assert isinstance(action.message, Hello) or self.welcomed, "only hello goes before welcome"
                self.up.append(action.message)
            elif isinstance(action, Deliver):
                self.taken(action.message)
            elif isinstance(action, Missed):
                self.missed(action.sub)
            elif isinstance(action, Close | Down):
                self.lost()

    def taken(self, message: Message | Unknown) -> None:
        """The application is given a message."""
        if isinstance(message, Welcome):
            self.welcomed = True
            self.key_of.clear()
        assert self.welcomed, "nothing is delivered before welcome"
        if isinstance(message, Subscribed):
            self.subscribed(message)
        elif isinstance(message, Gap) and message.feed in self.key_of:
            self.known[self.key_of[message.feed]].update(range(message.from_seq, message.to_seq + 1))
        elif isinstance(message, Batch) and message.feed in self.key_of:
            key = self.key_of[message.feed]
            assert message.seq not in self.got[key], "no batch is delivered twice"
            assert not self.got[key] or message.seq > self.got[key][-1], "in order"
            self.got[key].append(message.seq)
            self.known[key].add(message.seq)

    def subscribed(self, message: Subscribed) -> None:
        """A feed begins or goes on."""
        assert message.sub in self.console.wanted
        key = message.key
        self.key_of[message.feed] = key
        if message.resumed:
            assert key.startswith(f"{self.run}."), "resumed only within a run"
            assert key in self.known, "resumed only what was had"
            self.resumed += 1
        elif message.sub not in self.begun:
            self.known[key].update(range(message.seq + 1))  # the snapshot says how all stands
        self.begun[message.sub] = key

    def missed(self, sub: int) -> None:
        """A hole is known: all that the feed sent until now may lie in it."""
        self.holes += 1
        key = self.begun[sub]
        reached = self.console.sequences.last
        for feed, of in self.key_of.items():
            if of == key and feed in reached:
                self.known[key].update(range(reached[feed] + 1))

    def at_node(self, actions: list[Action]) -> None:
        """What the node's end asks for, done as the gateway and the hub do."""
        node = self.node
        assert node is not None
        for action in actions:
            if isinstance(action, Send):
                self.down.append(action.message)
            elif isinstance(action, Deliver) and isinstance(action.message, Subscribe):
                self.feed_it(action.message, node)
            elif isinstance(action, Deliver) and isinstance(action.message, Ping):
                self.down.append(Pong(t_ns=action.message.t_ns, node_ns=0))
            elif isinstance(action, Ended):
                self.reads.pop(action.sub)
            assert not isinstance(action, Close), "two ends that speak version 1 never refuse each other"

    def feed_it(self, message: Subscribe, node: NodeSession) -> None:
        """Begin a feed or go on with it, as hub and gateway do."""
        feed = self.feeds.get(message.selector)
        if feed is None:
            self.feed_count += 1
            feed = self.feeds[message.selector] = Feed(self.feed_count, f"{self.run}.{self.feed_count}")
        resume = node.resume.get(message.key)
        has_all = resume is not None and feed.key == message.key and feed.seq - resume <= KEPT
        fresh = feed not in self.reads.values()
        self.reads[message.sub] = feed
        answer = node.fed(message, feed.number, feed.key, feed.seq, missed=has_all)
        self.down.append(answer)
        if has_all and answer.resumed and fresh:
            assert resume is not None
            self.down.extend(batch(feed, seq) for seq in range(resume + 1, feed.seq + 1))

    def lost(self) -> None:
        """The connection is gone; what was under way is lost."""
        if self.node is not None:
            self.node.gone(self.now_s)
        self.node, self.welcomed = None, False
        self.reads.clear()
        self.up.clear()
        self.down.clear()

    # ------------------------------------------------------------------ what can happen

    @precondition(lambda self: self.node is None)
    @rule(up=ALL, down=ALL, lobby=st.sampled_from((False, False, True)))
    def connect(self, up: int, down: int, lobby: bool = False) -> None:
        """A connection opens; sometimes nobody is logged in yet."""
        run = "" if lobby else self.run
        welcome = Welcome(version=1, node="n", run=run, capabilities=CAPABILITIES, lobby=lobby)
        self.node = NodeSession(welcome, lambda hello: None, Pulse(), self.now_s)
        self.at_console(self.console.connected(GOOD, self.now_s, self.now_s + self.slept_s))
        self.messages_pass(1, 1)
        self.messages_pass(up, down)

    @precondition(lambda self: self.node is not None and self.node.state is State.LOBBY)
    @rule(down=MANY)
    def enter(self, down: int) -> None:
        """Somebody logs in: the node says who, and from then on it takes everything."""
        assert self.node is not None
        self.node.admitted()
        self.down.append(AccessFrame(access=Access(person="p"), run=self.run))
        self.messages_pass(0, down)

    @precondition(lambda self: self.node is not None)
    @rule(up=MANY, down=MANY)
    def cut(self, up: int, down: int) -> None:
        """The connection is cut, wherever it was."""
        self.messages_pass(up, down)
        self.at_console(self.console.cut("cut"))

    @rule()
    def restart(self) -> None:
        """The node ends and begins anew: another run, other feeds."""
        if self.node is not None:
            self.at_console(self.console.cut("cut"))
        self.runs += 1
        self.run = f"r{self.runs}"
        self.feeds.clear()

    @rule(up=MANY, down=MANY)
    def messages_pass(self, up: int, down: int) -> None:
        """Some messages reach the node, then some the console."""
        for _ in range(min(up, len(self.up))):
            if self.node is not None and self.up:
                self.at_node(self.node.received(self.up.popleft(), self.now_s))
        for _ in range(min(down, len(self.down))):
            if not self.down:
                break
            message = self.down.popleft()
            self.console.heard(self.now_s)
            if isinstance(message, Batch) and self.console.follows(message):
                self.taken(message)
            else:
                self.at_console(self.console.received(message))

    @precondition(lambda self: len(self.console.wanted) < 4)
    @rule(selector=st.sampled_from(SELECTORS))
    def want(self, selector: Selector) -> None:
        """A panel opens."""
        self.sub_count += 1
        self.at_console(self.console.want(self.sub_count, selector, "every", LIVE))

    @precondition(lambda self: self.console.wanted)
    @rule(data=st.data())
    def unwant(self, data: st.DataObject) -> None:
        """A panel closes."""
        sub = data.draw(st.sampled_from(sorted(self.console.wanted)))
        self.at_console(self.console.unwant(sub))

    @precondition(lambda self: self.feeds)
    @rule(count=st.integers(1, 4), down=MANY)
    def publish(self, count: int, down: int) -> None:
        """Samples come; a feed goes on whether it is read or not."""
        for feed in self.feeds.values():
            for _ in range(count):
                feed.seq += 1
                if feed in self.reads.values():
                    self.down.append(batch(feed, feed.seq))
        self.messages_pass(0, down)

    @precondition(lambda self: any(isinstance(m, Batch) for m in self.down))
    @rule()
    def shed(self) -> None:
        """The reader is slow: the oldest batch that waits is dropped and told."""
        place = next(i for i, m in enumerate(self.down) if isinstance(m, Batch))
        lost = self.down[place]
        assert isinstance(lost, Batch)
        self.down[place] = Gap(feed=lost.feed, from_seq=lost.seq, to_seq=lost.seq, samples=1)

    @rule(passed_s=st.floats(0.1, 1.0), slept_s=st.sampled_from((0.0, 0.0, 0.0, 60.0)))
    def time_passes(self, passed_s: float, slept_s: float) -> None:
        """Both tick; once in a while the machine was asleep."""
        self.now_s += passed_s
        self.slept_s += slept_s
        self.at_console(self.console.tick(self.now_s, self.now_s + self.slept_s, 1))
        if self.node is not None:
            for action in self.node.tick(self.now_s):
                if isinstance(action, Close):
                    self.at_console(self.console.cut("closed by the node"))

    # ------------------------------------------------------------------ what holds

    @invariant()
    def nothing_is_silently_lost(self) -> None:
        """Up to the last sequence of a feed that is read, each is delivered, told as a gap, or lies in a known hole."""
        for feed, reached in self.console.sequences.last.items():
            key = self.key_of.get(feed)
            if key is not None:
                assert set(range(1, reached + 1)) <= self.known[key]

    @invariant()
    def both_ends_agree_on_what_is_under_way(self) -> None:
        """No end is up without a connection, and the node opens before the console is up."""
        if self.console.state is not Link.DOWN:
            assert self.node is not None
        if self.console.state is Link.UP:
            assert self.node is not None
            assert self.node.state is State.OPEN

    def teardown(self) -> None:
        """Left in peace, the two come to an end where every batch has arrived."""
        for _ in range(3):
            if self.node is None:
                self.connect(12, 12)
            if self.node is not None and self.node.state is State.LOBBY:
                self.enter(12)
            while self.up or self.down:
                self.messages_pass(20, 20)
        assert self.console.state is Link.UP
        assert set(self.reads) == set(self.console.wanted)
        for feed in self.reads.values():
            assert self.console.sequences.last[feed.number] == feed.seq
        self.nothing_is_silently_lost()


def batch(feed: Feed, seq: int) -> Batch:
    """A batch without rows."""
    return Batch(feed=feed.number, seq=seq, kind="scalar", n=0, id=b"", t=b"", v=b"", q=b"")


Wire.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestWire = Wire.TestCase
