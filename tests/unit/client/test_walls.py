"""What a console watches of walls: asked once for all, again after a cut; pictures that grow old, a link too slow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from console.api import NS, LinkError, LinkStatus, PictureState
from console.client.walls import BACKLOG_BYTES, LIVE_NS, LOST_NS, WallFeed, Walls
from console.tasks import Tasks
from console.wire.frames import Message
from console.wire.walls import Present, WallPicture, WallScreen, WallSeen, WallWatch, WallWatched

NOW = 1_700_000_000 * NS
LEFT = WallScreen(name="left")


class FakeLink:
    """What was said over it."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.status = LinkStatus(up=True, since_ns=0)
        self.backlog_bytes = 0
        self.on_wall: Callable[[Message], None] | None = None

    def hear(self, message: Message) -> None:
        assert self.on_wall is not None
        self.on_wall(message)

    def say(self, message: Message) -> None:
        if not self.status.up:
            raise LinkError("cut")
        self.said.append(message)

    def cut(self) -> None:
        self.status = msgspec.structs.replace(self.status, up=False)


class Desk:
    """Walls over a fake link, at a clock moved by hand; `decoded` are the sizes that were asked for."""

    def __init__(self) -> None:
        self.link, self.tasks, self.now_ns = FakeLink(), Tasks(), NOW
        self.walls = Walls(self.link, self.tasks, lambda: self.now_ns)
        self.decoded: list[tuple[int, int]] = []
        self.walls.decode = self.decode

    def decode(self, jpeg: bytes, width: int, height: int) -> npt.NDArray[np.uint8] | None:
        self.decoded.append((width, height))
        return None if jpeg == b"broken" else np.zeros((height, width, 4), np.uint8)

    def asked(self) -> list[tuple[str, bool, bool]]:
        """What was asked since the last call."""
        said, self.link.said = self.link.said, []
        return [(one.wall, one.on, one.pictures) for one in said if isinstance(one, WallWatch)]

    def picture(self, screen: str = "left", age_s: float = 0.0, jpeg: bytes = b"x") -> None:
        self.link.hear(WallPicture(wall="w", screen=screen, t_ns=self.now_ns - int(age_s * NS), jpeg=jpeg))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    made.walls.close()
    await made.tasks.close()


def state(feed: WallFeed) -> PictureState:
    """How it stands now."""
    return feed.state


async def test_a_wall_is_asked_for_once_however_many_watch_it(desk: Desk) -> None:
    desk.walls.watch("w", "overlay")
    desk.walls.watch("w", "window")
    assert desk.asked() == [("w", True, False)]
    desk.walls.watch("w", "panel", pictures=True)
    assert desk.asked() == [("w", True, True)]
    desk.walls.release("overlay")
    assert desk.asked() == []
    desk.walls.release("panel")
    assert desk.asked() == [("w", True, False)]
    desk.walls.release("window")
    desk.walls.release("window")
    assert desk.asked() == [("w", False, False)]


async def test_what_is_wanted_during_a_cut_is_asked_for_afterwards(desk: Desk) -> None:
    desk.link.cut()
    desk.walls.watch("w", "panel", pictures=True)
    desk.walls.seen("w", "a", 3, NOW, [LEFT])
    assert desk.link.said == []
    desk.link.status = LinkStatus(up=True, since_ns=0)
    desk.walls.up()
    (seen,) = [one for one in desk.link.said if isinstance(one, WallSeen)]
    assert (seen.number, seen.screens) == (3, (LEFT,))
    assert desk.asked() == [("w", True, True)]


async def test_a_picture_is_live_then_stale_then_lost_and_each_is_told(desk: Desk) -> None:
    feed = desk.walls.feed("wall:w/left")
    told: list[PictureState] = []
    feed.on_picture(lambda: told.append(feed.state))
    assert state(feed) is PictureState.CONNECTING
    desk.picture()
    for later_ns, expected in ((LIVE_NS + 1, PictureState.STALE), (LOST_NS + 1, PictureState.LOST)):
        desk.now_ns = NOW + later_ns
        feed.look()
        feed.look()
        assert state(feed) is expected
    assert told == [PictureState.LIVE, PictureState.STALE, PictureState.LOST]
    feed.close()


async def test_a_cut_link_makes_every_picture_lost_at_once(desk: Desk) -> None:
    feed = desk.walls.feed("wall:w/left")
    desk.picture()
    desk.link.cut()
    desk.walls.down()
    assert state(feed) is PictureState.LOST
    feed.close()


async def test_a_picture_that_cannot_be_read_never_makes_the_last_one_look_live(desk: Desk) -> None:
    feed = desk.walls.feed("wall:w/left")
    desk.picture()
    first = feed.picture()
    desk.now_ns = NOW + LIVE_NS + 1
    desk.picture(jpeg=b"broken")
    assert feed.picture() is first
    assert (state(feed), feed.last_t_ns) == (PictureState.STALE, NOW)
    desk.picture()
    assert feed.picture() is not first and state(feed) is PictureState.LIVE
    feed.close()


async def test_only_what_is_looked_at_is_decoded(desk: Desk) -> None:
    feed, other = desk.walls.feed("wall:w/left"), desk.walls.feed("wall:w/right")
    desk.picture()
    desk.picture("third")
    assert desk.decoded == []
    first = feed.picture()
    assert first is not None and feed.picture() is first and desk.decoded == [(640, 360)]
    assert other.picture() is None
    feed.close()
    other.close()
    assert desk.walls.newest("w", "left") is None, "nobody looks: nothing is kept"


async def test_a_machine_sends_pictures_only_while_they_are_wanted_and_the_link_takes_them(desk: Desk) -> None:
    turned: list[bool] = []
    desk.walls.on_wanted = lambda: turned.append(desk.walls.wanted)
    desk.walls.seen("w", "a", 3, NOW, [LEFT])

    def sent() -> int:
        desk.walls.picture("left", b"x", NOW)
        return sum(isinstance(one, WallPicture) for one in desk.link.said)

    assert sent() == 0
    desk.link.hear(WallWatched(wall="another", pictures=True))
    assert sent() == 0
    desk.link.hear(WallWatched(wall="w", pictures=True))
    assert sent() == 1
    desk.link.backlog_bytes = BACKLOG_BYTES + 1
    assert sent() == 1 and desk.walls.left_out == 1
    desk.walls.down()
    assert turned == [True, False]


async def test_what_presenters_do_is_told_and_an_act_during_a_cut_fails(desk: Desk) -> None:
    heard: list[object] = []
    desk.walls.on_present = heard.append
    message = Present(wall="w", op="clear")
    desk.link.hear(message)
    assert heard == [message]
    desk.link.cut()
    with pytest.raises(LinkError):
        desk.walls.present(message)
