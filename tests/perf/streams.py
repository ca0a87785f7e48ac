"""Child processes of stream benchmarks, told and answering by JSON lines; measures nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from tests.program import ROOT

SECRET = "bench-secret"


class Child:
    """A running `python -m module`: `ask` writes one line and reads one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, **question: Any) -> dict[str, Any]:
        """One line there, one line back. Raises RuntimeError when the child has ended."""
        self.tell(json.dumps(question))
        return await self.answer()

    def tell(self, line: str) -> None:
        """One line there."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")

    async def answer(self) -> dict[str, Any]:
        """One line back."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the benchmark's child process ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.asynccontextmanager
async def child(module: str) -> AsyncIterator[Child]:
    """Run a module of the benchmarks; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=4 << 20,
    )
    try:
        yield Child(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
