"""One supervised program: started with a control pipe, heard line by line, ended or killed; knows not which it is.

Standard input is its control pipe, standard output bears JSON lines, standard error goes to a log file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from console.posix import kill

ROOT: Final = Path(__file__).resolve().parent.parent
END_S: Final = 6.0
LINE_BYTES: Final = 1 << 20
"""The longest line that a child may say."""
LOG_BYTES: Final = 8 << 20
ALWAYS: Final = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
"""Of every child's environment. Compiled files are kept even where the machine says no: without them every start
compiles all of our code anew, a quarter of the time to the first window."""


class Child:
    """One supervised program: `argv` after the interpreter, `boot` its first line, `told` gets its JSON lines."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        boot: Callable[[], dict[str, Any]],
        told: Callable[[dict[str, Any]], None],
        log: Path,
    ) -> None:
        self.name, self._argv, self._boot, self._told, self.log = name, argv, boot, told, log
        self.process: asyncio.subprocess.Process | None = None
        self.replay: list[dict[str, Any]] = []
        """Lines told to every new instance after its boot line."""

    async def start(self) -> None:
        """Start the program and hand it its boot line."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **ALWAYS},
                start_new_session=True,
                limit=LINE_BYTES,
            )
        self.send(self._boot())
        for line in self.replay:
            self.send(line)

    def send(self, line: dict[str, Any]) -> None:
        """One JSON line to the child; nothing happens where it is dead."""
        process = self.process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    async def listen(self) -> int:
        """Pass on what the child says until it ends; returns its exit code."""
        process = self.process
        assert process is not None and process.stdout is not None
        while line := await process.stdout.readline():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict):
                self._told(told)
        return await process.wait()

    async def end(self) -> None:
        """Close the control pipe, wait, and kill what does not end."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            kill(process.pid)
            await process.wait()

    def tail(self) -> str:
        """The last line of the child's log, for a message to the operator."""
        try:
            lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""
