"""The node's end of the worker that closes days: starts it when there is work, ends it after; knows no file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from console.node.telemetry.seal import Order, Outcome

ANSWER_BYTES: Final = 64 * 1024 * 1024
"""A worker's answer names each file that it made: 30 years of days are more than asyncio's 64 KiB."""


class Failed(Exception):
    """The worker could not do what was ordered; it is tried again with the next round."""


class Worker:
    """One process at a time, for the orders of one round; nothing is ordered of it by two at once."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False

    async def work(self, order: Order) -> Outcome:
        """Have the order carried out. Raises Failed."""
        try:
            outcome = await self._ask(self._process or await self._start(), order)
        except (OSError, msgspec.DecodeError, ValueError) as error:
            outcome = Outcome(failed=str(error))
        except asyncio.CancelledError:
            await self.end()
            raise
        if outcome.failed:
            await self.end()
            raise Failed(f"{order.source or order.anew or order.segment}: {outcome.failed}")
        return outcome

    async def _start(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise OSError("the store is being closed")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "console.node.telemetry.seal", "--parent-pid", str(os.getpid())),
            cwd=Path(__file__).parents[3],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=ANSWER_BYTES,
        )
        return self._process

    async def _ask(self, process: asyncio.subprocess.Process, order: Order) -> Outcome:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        return msgspec.json.decode(line, type=Outcome) if line else Outcome(failed="the worker died")

    async def end(self) -> None:
        """Free what it holds; the next order starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()

    async def close(self) -> None:
        """End it, and start no other: who still waits for it is told that it failed."""
        self._closed = True
        await self.end()
