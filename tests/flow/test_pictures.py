"""From a camera over RTSP through a worker process to a picture: content, faults, deaths, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from console.api import PictureState, RefusedError
from console.client.feed import GetUrl, MediaFeed
from console.client.media import Media
from console.node.cameras.server import CameraServer
from console.tasks import Tasks
from tests.coded_clip import number_of, write_clip
from tests.flow.nodes import until
from widgets.video.cell import reason_text


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one clip whose pictures say their number, and one of another codec."""
    folder = tmp_path_factory.mktemp("clips")
    write_clip(folder / "coded.mp4")
    write_clip(folder / "old.avi", 50, "mpeg4")
    return folder


@asynccontextmanager
async def cameras(clips: Path, port: int = 0) -> AsyncIterator[tuple[CameraServer, str]]:
    server = CameraServer(clips)
    try:
        yield server, f"rtsp://127.0.0.1:{await server.open(port)}"
    finally:
        await server.close()


def shared_memories() -> list[str]:
    """Shared memory that this process still holds."""
    gc.collect()
    held = []
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            held.append(str(handle.readlink()))
    return [link for link in held if "yilan-pictures" in link]


@asynccontextmanager
async def media() -> AsyncIterator[Media]:
    tasks = Tasks()
    made = Media(tasks)
    try:
        yield made
    finally:
        pids = made.worker_pids
        await made.close()
        await tasks.close()
        assert not [pid for pid in pids if psutil.pid_exists(pid)]
        assert not shared_memories()


def number(feed: MediaFeed) -> int:
    picture = feed.picture()
    return -1 if picture is None else number_of(picture.bgra)


def at(url: str) -> GetUrl:
    async def get() -> str:
        return url

    return get


async def test_pictures_come_in_their_order_and_go_round(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        feed = made.feed("c", "main", at(f"{base}/coded"))
        seen: list[int] = []
        feed.on_picture(lambda: seen.append(number(feed)))
        assert feed.state is PictureState.CONNECTING
        await until(lambda: feed.state is PictureState.LIVE)
        await until(lambda: len(seen) > 75 and len(set(seen)) > 40 and feed.fps > 5)
        steps = [(b - a) % 50 for a, b in pairwise(seen[15:])]
        assert all(step < 25 for step in steps), f"a busy machine leaves some out, and none goes back: {seen}"
        feed.resize(128, 72)
        await until(lambda: (p := feed.picture()) is not None and p.bgra.shape == (72, 128, 4))
        assert 0 <= number(feed) < 50
        feed.close()


async def test_two_viewers_see_the_same_moment(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        one = made.feed("c", "main", at(f"{base}/coded"))
        await until(lambda: one.state is PictureState.LIVE)
        await until(lambda: number(one) > 5)
        two = made.feed("c", "main", at(f"{base}/coded"))
        await until(lambda: two.state is PictureState.LIVE)
        await until(lambda: (number(one) - number(two)) % 50 in (48, 49, 0, 1, 2))


async def test_a_silent_camera_goes_stale(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        feed = made.feed("c", "main", at(f"{base}/coded?stall=0.5"))
        await until(lambda: feed.state is PictureState.LIVE)
        await until(lambda: feed.state is PictureState.STALE)
        assert feed.detail == "silent"
        assert feed.picture() is not None


async def test_a_dropped_connection_is_a_loss_and_comes_back(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        feed = made.feed("c", "main", at(f"{base}/coded?drop=0.6"))
        states: list[PictureState] = []
        feed.on_picture(lambda: states.append(feed.state))
        await until(lambda: PictureState.LOST in states)
        states.clear()
        await until(lambda: PictureState.LIVE in states)


async def test_a_refusal_says_why(clips: Path) -> None:
    async with cameras(clips) as (server, base), media() as made:
        refused = made.feed("c", "main", at(f"{base}/coded?refuse=1"))
        unknown = made.feed("d", "main", at(f"{base}/nobody"))
        nobody = made.feed("e", "main", at("rtsp://127.0.0.1:9/coded"))
        await until(lambda: all(f.state is PictureState.LOST for f in (refused, unknown, nobody)))
        assert [refused.detail, unknown.detail, nobody.detail] == ["not found", "not found", "refused"]
        server.order({"path": "nobody", "file": str(clips / "coded.mp4")})
        await until(lambda: unknown.state is PictureState.LIVE)
        server.order({"path": "nobody", "off": True})
        await until(lambda: unknown.state is PictureState.LOST)
        server.order({"path": "nobody", "off": False})
        await until(lambda: unknown.state is PictureState.LIVE)


async def test_a_node_that_gives_no_address_is_said_in_a_known_word() -> None:
    """As one that has just begun and has not heard of its cameras yet."""

    async def none() -> str:
        raise RefusedError("camera 'c' has no stream 'main'")

    async with media() as made:
        feed = made.feed("c", "main", none)
        await until(lambda: feed.state is PictureState.LOST)
        assert feed.detail == "no address"
        assert reason_text(feed.detail) == "the node does not give it now"


async def test_corrupt_data_ends_nothing(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        feed = made.feed("c", "main", at(f"{base}/coded?corrupt=0.3"))
        await until(lambda: feed.state is PictureState.LIVE)
        first_t_ns = feed.last_t_ns
        await until(lambda: feed.last_t_ns > first_t_ns + 1_500_000_000)
        assert made.deaths == 0


async def test_a_killed_worker_is_replaced(clips: Path) -> None:
    async with cameras(clips) as (_, base), media() as made:
        feeds = [made.feed(str(i), "main", at(f"{base}/coded")) for i in range(3)]
        await until(lambda: all(f.state is PictureState.LIVE for f in feeds))
        [worker] = made.worker_pids
        before = feeds[0].last_t_ns
        os.kill(worker, signal.SIGKILL)
        await until(lambda: all(f.state is PictureState.LOST for f in feeds))
        assert feeds[0].detail == "decoder restarts"
        assert feeds[0].picture() is not None
        await until(lambda: all(f.state is PictureState.LIVE for f in feeds))
        assert feeds[0].last_t_ns > before
        assert worker not in made.worker_pids


async def test_a_hanging_worker_shows_and_is_killed(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.client.media.SILENT_S", 2.0)
    async with cameras(clips) as (_, base), media() as made:
        feed = made.feed("c", "main", at(f"{base}/coded"))
        await until(lambda: feed.state is PictureState.LIVE)
        deaths = made.deaths  # a worker that a busy machine is slow to start may have been one
        os.kill(made.worker_pids[0], signal.SIGSTOP)
        await until(lambda: feed.state is PictureState.STALE)
        await until(lambda: made.deaths > deaths and feed.state is PictureState.LIVE)


async def test_a_dead_camera_server_comes_back(clips: Path) -> None:
    async with media() as made:
        async with cameras(clips) as (_, base):
            feed = made.feed("c", "main", at(f"{base}/coded"))
            await until(lambda: feed.state is PictureState.LIVE)
        await until(lambda: feed.state is PictureState.LOST)
        async with cameras(clips, int(base.rpartition(":")[2])):
            await until(lambda: feed.state is PictureState.LIVE)


async def test_another_codec_is_transcoded_and_a_broken_file_refused(clips: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing" * 100)
    async with cameras(clips) as (server, base), media() as made:
        server.order({"path": "old", "file": str(clips / "old.avi")})
        server.order({"path": "broken", "file": str(tmp_path / "broken.mp4")})
        old = made.feed("o", "main", at(f"{base}/old"))
        broken = made.feed("b", "main", at(f"{base}/broken"))
        await until(lambda: old.state is PictureState.LIVE and broken.state is PictureState.LOST)
        assert 0 <= number(old) < 50


async def test_a_clip_played_once_ends_as_a_loss(clips: Path) -> None:
    async with cameras(clips) as (server, base), media() as made:
        server.order({"path": "once", "file": str(clips / "coded.mp4"), "loop": False})
        feed = made.feed("c", "main", at(f"{base}/once"))
        await until(lambda: feed.state is PictureState.LIVE)
        assert number(feed) < 48
        await until(lambda: feed.state is PictureState.LOST)
        await until(lambda: feed.detail == "not found")


async def test_a_strangers_client_plays_it(clips: Path) -> None:
    def watch(url: str) -> list[int]:
        with av.open(url, options={"rtsp_transport": "tcp"}, timeout=5) as container:
            frames = container.decode(video=0)
            return [number_of(next(frames).to_ndarray(format="bgra").astype(np.uint8)) for _ in range(12)]

    async with cameras(clips) as (_, base):
        seen = await asyncio.to_thread(watch, f"{base}/coded")
    assert [(b - a) % 50 for a, b in pairwise(seen)] == [1] * 11


async def test_the_server_as_a_program_ends_with_its_pipe(clips: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.node.cameras.server", "--clips", str(clips),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    ready = await asyncio.wait_for(child.stdout.readline(), 30)
    assert b'"ready"' in ready
    child.stdin.write(b'{}\nnot json\n{"path": "a/../b", "file": "x"}\n')
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 30) == 0
