"""The real program as a process of its own: starts main.py, hears its events, finds its processes, ends them all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
ROLES = {
    "console.app": "console",
    "console.node.serve": "node",
    "console.node.cameras": "cameras",
    "console.client.decode": "decoder",
    "QtWebEngineProcess": "web",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One line of the program: `at_s` monotonic seconds of its arrival; `line` {} where it was not JSON."""

    at_s: float
    text: str
    line: Mapping[str, Any]


class Program:
    """main.py with `--events --state STATE`; a context manager that leaves no process behind.

    Args:
        environment: of the process, with its display.
        setup: run the set-up check first, as `make run` does; it counts as part of the start.
    """

    def __init__(
        self, state: Path, environment: Mapping[str, str], *arguments: str, setup: bool = False, events: bool = True
    ) -> None:
        self.state = state
        self.heard: list[Heard] = []
        self._changed = threading.Condition()
        self._ended = False
        self._known: set[psutil.Process] = set()
        argv = [sys.executable, "main.py", *(["--events"] if events else []), "--state", str(state), *arguments]
        if setup:
            check = f'"{sys.executable}" -S -m console.bootstrap >/dev/null && echo \'{{"setup": true}}\' && exec "$@"'
            argv = ["sh", "-c", check, "sh", *argv]
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, name="program events")
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            heard = Heard(time.monotonic(), text.rstrip("\n"), _object(text))
            with self._changed:
                self.heard.append(heard)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    # ------------------------------------------------------------------ hearing

    def mark(self) -> int:
        """How many lines were heard by now, for `wait(since=…)`."""
        return len(self.heard)

    def wait(self, wanted: Callable[[Heard], object], within_s: float, since: int = 0) -> Heard:
        """The first line from number `since` on that is wanted. Raises TimeoutError with what was heard."""
        until = time.monotonic() + within_s
        seen = since
        with self._changed:
            while True:
                for heard in self.heard[seen:]:
                    if wanted(heard):
                        return heard
                seen = len(self.heard)
                left = until - time.monotonic()
                if left <= 0 or self._ended:
                    raise TimeoutError(f"not heard within {within_s} s; the last lines:\n{self.last_lines()}")
                self._changed.wait(left)

    def event(self, key: str, value: object = None, *, within_s: float = 30.0, since: int = 0) -> Heard:
        """The first event that has `key`, and there `value` unless that is None."""
        return self.wait(
            lambda heard: key in heard.line and (value is None or heard.line[key] == value), within_s, since
        )

    def stats(self, from_s: float, within_s: float) -> Heard:
        """The console's first counts that were heard at or after a monotonic time."""
        return self.wait(lambda heard: "stats" in heard.line and heard.at_s >= from_s, within_s)

    def last_lines(self) -> str:
        """What it said last, and the ends of its logs, for a failed test."""
        said = [heard.text[:300] for heard in self.heard[-12:]]
        for log in sorted((self.state / "logs").glob("*.log")):
            said += [f"--- {log.name}", *log.read_text("utf-8", "replace").splitlines()[-6:]]
        return "\n".join(said)

    @property
    def text(self) -> str:
        """All that it said."""
        return "\n".join(heard.text for heard in self.heard)

    # ------------------------------------------------------------------ processes

    def processes(self) -> dict[psutil.Process, str]:
        """Every live process of the program with its role: supervisor, console, node, cameras, decoder, web, other."""
        try:
            top = psutil.Process(self.process.pid)
            found = {top: "supervisor", **{child: _role(child) for child in top.children(recursive=True)}}
        except psutil.NoSuchProcess:
            found = {}
        self._known |= found.keys()
        return {process: role for process, role in found.items() if role}

    def of_role(self, role: str) -> list[psutil.Process]:
        """Its live processes of one role."""
        return [process for process, is_ in self.processes().items() if is_ == role]

    def kill(self, role: str) -> None:
        """kill -9 the first process of a role."""
        self.of_role(role)[0].kill()

    def left(self) -> list[psutil.Process]:
        """Which of all processes that were ever seen still live."""
        return [process for process in self._known if process.is_running() and process.status() != "zombie"]

    # ------------------------------------------------------------------ end

    def finish(self, within_s: float = 20.0) -> int:
        """Ask it to end as a closed terminal does; returns its exit code."""
        self.processes()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.ended(within_s)

    def ended(self, within_s: float = 20.0) -> int:
        """Wait until it ends by itself; returns its exit code."""
        code = self.process.wait(within_s)
        self._reader.join()
        return code

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.processes()
        if self.process.poll() is None:
            self.process.kill()
        for process in self.left():
            process.kill()
        psutil.wait_procs(self.left(), 5.0)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _object(text: str) -> Mapping[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def _role(process: psutil.Process) -> str:
    """ "" for one that has just gone."""
    try:
        words = " ".join(process.cmdline())
    except psutil.Error:
        return ""
    if not words:
        return ""
    return next((role for sign, role in ROLES.items() if sign in words), "other")


def shared_memory() -> set[str]:
    """Names in the system's shared memory."""
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def left_in_shared_memory(before: set[str], within_s: float = 5.0) -> set[str]:
    """Names in the system's shared memory that were not there before and stay; other programs' come and go."""
    until = time.monotonic() + within_s
    while (left := shared_memory() - before) and time.monotonic() < until:
        threading.Event().wait(0.05)
    return left
