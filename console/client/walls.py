"""This console's part in walls: what it watches, pictures of their screens, what a wall machine says; no Qt, no panel.

What is watched is asked for again after each cut and each change of rights. Nothing here is kept: what stands on a wall
is its `Wall` entity.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from console.api import LinkError, LinkStatus, Picture, PictureState, RefusedError
from console.tasks import Tasks
from console.wire.frames import Message
from console.wire.walls import (
    Present,
    Presenting,
    PresentRefused,
    WallPicture,
    WallScreen,
    WallSeen,
    WallWatch,
    WallWatched,
)

PREFIX: Final = "wall:"
"""Feeds of walls are named "wall:<wall>/<screen>"."""
LIVE_NS: Final = 3_000_000_000
"""A picture that is older is no longer how the screen looks; `LOST_NS`: nobody knows any more how it does."""
LOST_NS: Final = 15_000_000_000
BACKLOG_BYTES: Final = 256 << 10
"""While so much waits to be sent, pictures of a wall machine's own screens are left out."""
LOOK_S: Final = 0.5
LARGEST: Final = (1920, 1080)
Decode = Callable[[bytes, int, int], npt.NDArray[np.uint8] | None]
"""A JPEG scaled to fit width and height, as u8 (height, width, 4) BGRA; None where it is none."""
Said = Present | Presenting | PresentRefused


class Line(Protocol):
    """What of console.client.link is asked here."""

    status: LinkStatus
    on_wall: Callable[[Message], None] | None

    @property
    def backlog_bytes(self) -> int: ...
    def say(self, message: Message) -> None: ...


class Walls:
    """See the module; every call is for the loop's thread.

    Args:
        clock_ns: node time.
        decode: makes pixels of what a wall machine sent; without it there are no pictures.

    Attributes:
        on_present: told what presenters of watched walls do.
        on_wanted: called when `wanted` changed.
        wanted: of a wall machine: somebody looks at its screens.
        left_out: pictures that were not sent, for want of room on the link.
    """

    def __init__(self, link: Line, tasks: Tasks, clock_ns: Callable[[], int]) -> None:
        self._link, self._tasks, self._clock_ns = link, tasks, clock_ns
        self.decode: Decode = lambda _jpeg, _width, _height: None
        self.on_present: Callable[[Said], None] | None = None
        self.on_wanted: Callable[[], None] | None = None
        self.wanted = False
        self.left_out = 0
        self._owners: dict[str, dict[Hashable, bool]] = {}
        """By wall who watches it, and whether with pictures."""
        self._feeds: set[WallFeed] = set()
        self._last: dict[tuple[str, str], WallPicture] = {}
        """The newest picture of each screen that a feed reads."""
        self._seen: WallSeen | None = None
        link.on_wall = self.take

    # ------------------------------------------------------------------ watching

    def watch(self, wall: str, owner: Hashable, *, pictures: bool = False) -> None:
        """Have the node tell of a wall, until `release`; an owner may watch several."""
        before = self._asked(wall)
        self._owners.setdefault(wall, {})[owner] = pictures
        if self._asked(wall) != before:
            self._ask(wall)

    def release(self, owner: Hashable) -> None:
        """An owner watches no wall any more."""
        for wall in [wall for wall, owners in self._owners.items() if owner in owners]:
            before = self._asked(wall)
            del self._owners[wall][owner]
            if not self._owners[wall]:
                del self._owners[wall]
            if self._asked(wall) != before:
                self._ask(wall)

    def _asked(self, wall: str) -> WallWatch:
        owners = self._owners.get(wall, {})
        return WallWatch(wall=wall, on=bool(owners), pictures=any(owners.values()))

    def _ask(self, wall: str) -> None:
        self._say(self._asked(wall))

    def _say(self, message: Message) -> None:
        """Say it now, or not at all: what is wanted is asked again when the link is back."""
        with contextlib.suppress(LinkError, RefusedError):
            self._link.say(message)

    def up(self) -> None:
        """The node is there (again), or the rights are others: all that is wanted is asked for."""
        for wall in self._owners:
            self._ask(wall)
        if self._seen is not None:
            self._say(self._seen)

    def down(self) -> None:
        """The node is not there: nobody looks at this wall machine's screens any more, as far as it knows."""
        self._want(wanted=False)
        self._nudge()

    # ------------------------------------------------------------------ presenting

    def present(self, message: Present) -> None:
        """What a presenter does here, to all who watch the wall. Raises LinkError, RefusedError."""
        self._link.say(message)

    # ------------------------------------------------------------------ a wall machine

    def seen(self, wall: str, machine: str, number: int, shown_ns: int, screens: Sequence[WallScreen]) -> None:
        """How this machine's screens stand; `shown_ns`: since when they show the scene `number`, node time."""
        screens = tuple(screens)
        self._seen = WallSeen(wall=wall, machine=machine, number=number, shown_ns=shown_ns, screens=screens)
        self._say(self._seen)

    def picture(self, screen: str, jpeg: bytes, t_ns: int) -> None:
        """How one of this machine's screens looked at `t_ns`, node time; left out where the link is slow."""
        if self._seen is None or not self.wanted:
            return
        if self._link.backlog_bytes > BACKLOG_BYTES:
            self.left_out += 1
            return
        self._say(WallPicture(wall=self._seen.wall, machine=self._seen.machine, screen=screen, t_ns=t_ns, jpeg=jpeg))

    # ------------------------------------------------------------------ what the node says

    def take(self, message: Message) -> None:
        """A message of the node about walls."""
        match message:
            case WallWatched():
                if self._seen is not None and message.wall == self._seen.wall:
                    self._want(wanted=message.pictures)
            case WallPicture():
                self._pictured(message)
            case Present() | Presenting() | PresentRefused():
                if self.on_present is not None:
                    self.on_present(message)
            case _:
                pass

    def _want(self, *, wanted: bool) -> None:
        if wanted is not self.wanted:
            self.wanted = wanted
            if self.on_wanted is not None:
                self.on_wanted()

    # ------------------------------------------------------------------ pictures

    def feed(self, id_: str) -> WallFeed:
        """How the screen "wall:<wall>/<screen>" looks, about once a second; see console.api.Feed. Close it."""
        wall, _, screen = id_.removeprefix(PREFIX).partition("/")
        made = WallFeed(self, wall, screen)
        self._feeds.add(made)
        self.watch(wall, made, pictures=True)
        if len(self._feeds) == 1:
            self._tasks.start("walls.look", self._look(), owner=self)
        return made

    def newest(self, wall: str, screen: str) -> WallPicture | None:
        """The newest picture of a screen that a feed reads."""
        return self._last.get((wall, screen))

    def closed(self, feed: WallFeed) -> None:
        """A feed was closed by who read it."""
        self._feeds.discard(feed)
        self.release(feed)
        if all(other.of != feed.of for other in self._feeds):
            self._last.pop(feed.of, None)
        if not self._feeds:
            self._tasks.cancel(self)

    def state_of(self, t_ns: int) -> PictureState:
        """How a picture of that time stands now."""
        if not t_ns:
            return PictureState.CONNECTING if self._link.status.up else PictureState.LOST
        age_ns = self._clock_ns() - t_ns
        if age_ns > LOST_NS or not self._link.status.up:
            return PictureState.LOST
        return PictureState.LIVE if age_ns <= LIVE_NS else PictureState.STALE

    def _pictured(self, picture: WallPicture) -> None:
        of = (picture.wall, picture.screen)
        readers = [feed for feed in self._feeds if feed.of == of]
        if readers:
            self._last[of] = picture
        for feed in readers:
            feed.arrived()

    def _nudge(self) -> None:
        for feed in list(self._feeds):
            feed.look()

    async def _look(self) -> None:
        """Find what no message tells: pictures that grow old."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._nudge()

    def close(self) -> None:
        """Watch and tell nothing more."""
        for feed in list(self._feeds):
            feed.close()
        self._owners.clear()
        self._seen = None


class WallFeed:
    """One screen of a wall, see console.api.Feed; its picture is decoded when it is asked for, at the size asked."""

    def __init__(self, walls: Walls, wall: str, screen: str) -> None:
        self._walls, self.of = walls, (wall, screen)
        self._size = (640, 360)
        self._made: tuple[WallPicture, tuple[int, int]] | None = None
        self._picture: Picture | None = None
        self._broken: WallPicture | None = None
        self._serial = 0
        self._callback: Callable[[], None] | None = None
        self._arrivals: deque[float] = deque(maxlen=16)
        self._was = self.state

    @property
    def state(self) -> PictureState:
        return self._walls.state_of(self.last_t_ns)

    @property
    def detail(self) -> str:
        return {PictureState.LOST: "the wall's machine is not heard", PictureState.STALE: "silent"}.get(self.state, "")

    @property
    def last_t_ns(self) -> int:
        """Of the newest picture, or of the last that could be read, once one could not."""
        newest = self._walls.newest(*self.of)
        if newest is not None and newest is not self._broken:
            return newest.t_ns
        return self._picture.t_ns if self._picture is not None else 0

    @property
    def fps(self) -> float:
        since_s = time.monotonic() - 4.0
        return sum(t_s > since_s for t_s in self._arrivals) / 4.0

    def picture(self) -> Picture | None:
        """The newest picture; one that cannot be read is none, and `state` is that of the last one from then on."""
        newest = self._walls.newest(*self.of)
        if newest is None or (self._made is not None and self._made[0] is newest and self._made[1] == self._size):
            return self._picture
        bgra = self._walls.decode(newest.jpeg, *self._size)
        self._made = (newest, self._size)
        self._broken = newest if bgra is None else None
        if bgra is not None:
            self._serial += 1
            self._picture = Picture(bgra=bgra, t_ns=newest.t_ns, serial=self._serial)
        return self._picture

    def resize(self, width_px: int, height_px: int) -> None:
        """Ask for pictures of at most this size."""
        self._size = (max(16, min(width_px, LARGEST[0])), max(16, min(height_px, LARGEST[1])))

    def on_picture(self, callback: Callable[[], None]) -> None:
        """Call back after a new picture, and when the state is another."""
        self._callback = callback

    def arrived(self) -> None:
        """A new picture is there."""
        self._arrivals.append(time.monotonic())
        self._was = self.state
        if self._callback is not None:
            self._callback()

    def look(self) -> None:
        """Time passed: the picture may have grown old."""
        was, self._was = self._was, self.state
        if was is not self._was and self._callback is not None:
            self._callback()

    def close(self) -> None:
        """Read it no more."""
        self._callback = self._picture = self._made = self._broken = None
        self._walls.closed(self)
