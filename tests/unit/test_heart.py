"""The watch over a console's loop: silence is ended, whoever beats, is held or still starts is left alone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.child import Child
from console.heart import Heart
from console.posix import is_held

TURN_S = 0.01


@asynccontextmanager
async def sleeper(tmp_path: Path) -> AsyncIterator[Child]:
    """A child that does nothing until its control pipe ends."""
    child = Child("console", ["-c", "import sys; sys.stdin.read()"], dict, lambda _line: None, tmp_path / "log")
    await child.start()
    try:
        yield child
    finally:
        await child.end()


async def until(condition: object) -> None:
    """Wait for a condition, generously."""
    assert callable(condition)
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(TURN_S)


async def test_a_child_that_beat_and_fell_silent_is_killed(tmp_path: Path) -> None:
    async with sleeper(tmp_path) as child:
        heart = Heart(child, turn_s=TURN_S, silent=5, first=1_000_000)
        heart.begin()
        heart.beat()
        watch = asyncio.ensure_future(heart.watch())
        code = await child.listen()
        assert (heart.hung, code < 0) == (True, True)
        watch.cancel()


async def test_before_its_first_beat_a_child_has_longer(tmp_path: Path) -> None:
    async with sleeper(tmp_path) as child:
        turns: list[int] = []

        def turn(pid: int) -> bool:
            turns.append(pid)
            return False

        heart = Heart(child, turn_s=TURN_S, silent=3, first=20, held=turn)
        heart.begin()
        watch = asyncio.ensure_future(heart.watch())
        await until(lambda: heart.hung)
        assert len(turns) == 20
        watch.cancel()


async def test_a_child_that_somebody_stopped_is_held_and_not_hung(tmp_path: Path) -> None:
    async with sleeper(tmp_path) as child:
        assert child.process is not None
        pid = child.process.pid
        asked: list[bool] = []

        def held(of: int) -> bool:
            asked.append(is_held(of))
            return asked[-1]

        os.kill(pid, signal.SIGSTOP)
        await until(lambda: is_held(pid))
        heart = Heart(child, turn_s=TURN_S, silent=3, first=3, held=held)
        heart.begin()
        heart.beat()
        watch = asyncio.ensure_future(heart.watch())
        await until(lambda: len(asked) > 20)
        assert not heart.hung and all(asked)
        os.kill(pid, signal.SIGCONT)
        await until(lambda: heart.hung)
        watch.cancel()
