"""The last sequence received of each feed and class: what is new, what comes twice, what to resume from; no I/O."""

from __future__ import annotations

from console.wire.frames import Entities, Gap, Subscribed


class Sequences:
    """Of one console, over all its connections; sequences of another run of the node mean nothing.

    Attributes:
        run: of the node, in which these sequences were received.
        last: last sequence by feed number of this connection; a batch is taken where its own is one more.
        doubled: batches left out because they had come before.
        untold: batches that never came, of which the node said nothing.
    """

    def __init__(self) -> None:
        self.run = ""
        self.last: dict[int, int] = {}
        self.doubled = self.untold = 0
        self._key_of: dict[int, str] = {}
        self._kept: dict[str, int] = {}
        """By feed key, of feeds of earlier connections."""
        self._classes: dict[str, int] = {}

    def cut(self) -> None:
        """The connection ended: numbers of feeds mean nothing any more, their keys do."""
        self._kept.update({key: self.last[feed] for feed, key in self._key_of.items() if key})
        self.last.clear()
        self._key_of.clear()

    def begin(self, run: str) -> None:
        """A connection begins; nothing of another run is gone on with."""
        if run != self.run:
            self._kept.clear()
            self._classes.clear()
        self.run = run

    def resume(self, keys: set[str]) -> dict[str, int]:
        """What to tell the node in hello, of the feeds with these keys, which alone are still wanted."""
        self._kept = {key: seq for key, seq in self._kept.items() if key in keys}
        return {**self._kept, **self._classes}

    def fed(self, subscribed: Subscribed) -> bool:
        """A subscription is fed; False where it goes on with a hole, or where the node resumes what never was."""
        feed, key = subscribed.feed, subscribed.key
        kept = self._kept.pop(key, None)
        if subscribed.resumed and feed not in self.last:
            if kept is None:
                self._begin(feed, key, subscribed.seq)
                return False
            self._begin(feed, key, kept)
            return True
        self._begin(feed, key, max(subscribed.seq, self.last.get(feed, subscribed.seq)))
        return subscribed.resumed

    def _begin(self, feed: int, key: str, seq: int) -> None:
        self.last[feed], self._key_of[feed] = seq, key

    def ended(self, key: str) -> None:
        """Nothing wants the feed with this key any more: what still comes of it is no loss to anybody."""
        self._kept.pop(key, None)
        for feed in [feed for feed, of in self._key_of.items() if of == key]:
            del self.last[feed], self._key_of[feed]

    def key_of(self, feed: int) -> str:
        """Key of the feed with this number on this connection, "" for none."""
        return self._key_of.get(feed, "")

    def jump(self, feed: int, seq: int) -> int:
        """Take a batch's sequence: 0 as expected, n > 0: so many before it are missing, −1: it came before.

        A feed of which nothing is known (its subscription has ended) is as expected.
        """
        last = self.last.get(feed)
        if last is None:
            return 0
        if seq <= last:
            self.doubled += 1
            return -1
        self.last[feed] = seq
        self.untold += seq - last - 1
        return seq - last - 1

    def gap(self, gap: Gap) -> None:
        """The node told what is missing."""
        last = self.last.get(gap.feed)
        if last is not None and gap.to_seq > last:
            self.last[gap.feed] = gap.to_seq

    def entities(self, frame: Entities) -> None:
        """A change of a class: it counts once its last part is here; of a full state in parts nothing does before."""
        name = f"entities:{frame.cls}"
        if not frame.more:
            self._classes[name] = frame.seq
        elif frame.full:
            self._classes.pop(name, None)

    def distrust(self) -> None:
        """A change of some class could not be read: all classes are to be told anew."""
        self._classes.clear()
