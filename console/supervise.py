"""Starts, watches, restarts and ends node, camera server and console, or those of them that are wanted; no Qt.

Each child has a control pipe as standard input (its end ends the child, so that the supervisor's death ends all) and
tells us JSON lines on standard output; its standard error goes to a log file. The console's exit code 0 ends all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from console.child import ROOT, Child
from console.deaths import died, gave_up
from console.heart import Heart
from console.model.errors import ResourceError
from console.posix import kill, lock_file, process_start, unlock_file
from console.tasks import Tasks

BUILD: Final = Path(os.environ.get("YILAN_BUILD", ROOT / "build"))
BACKOFF_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
DEATHS: Final = 5
WITHIN_S: Final = 60.0
"""After so many deaths within so many seconds a child is given up, and the screen says so."""
TOLD_S: Final = 600.0
"""So long a console says that the one before it ended unexpectedly."""
DISK_MIN_BYTES: Final = 64 << 20
FIRST_CODE: Final = "first-code"
LOGIN: Final = (
    "log-in: none is needed here; to name people: Ctrl+K, Create the first administrator (a new code each start)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run of the product is asked to be: node and console, a console to a node elsewhere, or a node alone.

    `connect`: fields of the console's `NodeAddress`, {} for a node of its own. `headless`: no console; the node listens
    at `listen` with the certificate of `tls`, in `area`. `role` "desk" or "wall".
    """

    state: str
    connect: Mapping[str, str] = field(default_factory=dict)
    role: str = "desk"
    wall: str = ""
    """Id of the wall whose scenes the console shows; `machine`: which of its machines it is."""
    machine: str = ""
    headless: bool = False
    listen: str = ""
    tls: str = ""
    area: str = ""
    trust: str = ""
    sources: str = ""
    layout: str = ""
    language: str = "zh"
    theme: str = "night"
    scenario: str = ""
    port: int = 0
    parent: str = ""
    """Address of the node above ours, "" for none."""
    events: bool = False
    console: str = "console.app"
    """The console's module: another one walks the same console through something."""


class Supervisor:
    """See the module. `say` prints one line to the person who started us; `on_terminal`: and nobody keeps it."""

    def __init__(self, run: Run, say: Callable[[str], None], *, on_terminal: bool = False) -> None:
        self._run, self._say = run, say
        self._state = Path(run.state)
        self._secret = secrets.token_urlsafe(32)
        self._camera_port = _free_port()
        self._node_port = run.port
        self._ending = asyncio.Event()
        self._exit = 0
        self._tasks = Tasks(self._failed)
        self._began = time.monotonic()
        self._children: dict[str, Child] = {}
        self._heart: Heart | None = None
        """The console's."""
        self._layout = run.layout
        """What the console is started with: once it has told which layout is open there, that one."""
        self._node_was_up = False
        self._on_terminal = on_terminal
        self._standing: dict[str, dict[str, Any]] = {}
        """What every console is told, now or when it is started, until it is cleared: by what it is about."""

    async def run(self) -> int:
        """Until the console ends, or a signal; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._ending.set)
        self._make_children()
        for name in ("console", "node"):
            if name in self._children:
                self._tasks.start(name, self._watch(self._children[name]))
        await self._ending.wait()
        for name in ("console", "node", "cameras"):
            if name in self._children:
                await self._children[name].end()
        await self._tasks.close()
        for child in self._children.values():
            await child.end()  # one that was just being started again
        (self._state / "run.json").unlink(missing_ok=True)
        (self._state / FIRST_CODE).unlink(missing_ok=True)  # it was good for that run of the node alone
        return self._exit

    def _failed(self, name: str, error: BaseException) -> None:
        self._say(f"{name} could not be started: {error}")
        self._exit = 1
        self._ending.set()

    def _make_children(self) -> None:
        logs = self._state / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        module = ["-m"]
        clips = str(BUILD / "clips")
        if not self._run.connect:
            argv = [*module, "console.node.cameras.server", "--clips", clips, "--port", str(self._camera_port)]
            self._children["cameras"] = Child("cameras", argv, dict, self._cameras_told, logs / "cameras.log")
            argv = [*module, "console.node.serve"]
            self._children["node"] = Child("node", argv, self._node_boot, self._node_told, logs / "node.log")
        if not self._run.headless:
            argv = [*module, self._run.console]
            console = Child("console", argv, self._console_boot, self._console_told, logs / "console.log")
            self._children["console"] = console
            self._heart = Heart(console)
            if self._run.connect:
                self._tell_console("node", {"node": dict(self._run.connect)})

    def _node_boot(self) -> dict[str, Any]:
        return {
            "secret": self._secret,
            "state": str(self._state),
            "sources": self._run.sources,
            "scenario": self._run.scenario,
            "port": self._node_port,
            "listen": self._run.listen,
            "tls": self._run.tls,
            "headless": self._run.headless,
            "area": self._run.area,
            "trust": self._run.trust,
            "parent": self._run.parent,
            "camera_base": f"rtsp://127.0.0.1:{self._camera_port}",
        }

    def _console_boot(self) -> dict[str, Any]:
        return {
            "state": str(self._state),
            "build": str(BUILD),
            "layout": self._layout,
            "language": self._run.language,
            "theme": self._run.theme,
            "events": self._run.events,
            "role": self._run.role,
            "wall": self._run.wall,
            "machine": self._run.machine,
            "began_ns": time.time_ns(),
        }

    async def _watch(self, child: Child) -> None:
        """Keep one child running, with back-off; say so when it does not stay up."""
        deaths: list[float] = []
        heart = self._heart if child.name == "console" else None
        if heart is not None:
            self._tasks.start("heart", heart.watch())
        while not self._ending.is_set():
            if heart is not None:
                heart.begin()
            await child.start()
            self._note_processes()
            code = await child.listen()
            if self._ending.is_set():
                return
            if heart is not None and (code == 0 or heart.leaving):  # also where it could not end by itself
                self._ending.set()
                return
            hung = heart is not None and heart.hung
            now = time.monotonic()
            deaths = [t for t in deaths if now - t < WITHIN_S] + [now]
            self._event({"died": child.name, "code": code, "hung": hung})
            if len(deaths) >= DEATHS:
                self._give_up(child, code)
                return
            how = "hung and was ended" if hung else f"ended unexpectedly (exit code {code})"
            self._say(f"{child.name} {how} and is started again; its log: {child.log}")
            self._tell_console(f"child:{child.name}", died(child, code, hung=hung))
            if child.name == "console":
                self._tasks.cancel(child)  # of an earlier death
                self._tasks.start("told", self._told_for_a_while(child.name), owner=child)
            await asyncio.sleep(BACKOFF_S[min(len(deaths) - 1, len(BACKOFF_S) - 1)])

    def _give_up(self, child: Child, code: int) -> None:
        self._say(f"{child.name} ended {DEATHS} times within {WITHIN_S:.0f} s (exit code {code}): {child.tail()}")
        self._say(f"log: {child.log}")
        if child.name == "console" or (child.name == "node" and self._run.headless):
            self._exit = 1
            self._ending.set()
        else:
            self._tell_console(f"child:{child.name}", gave_up(child))

    async def _told_for_a_while(self, name: str) -> None:
        await asyncio.sleep(TOLD_S)
        self._clear(name)

    def _note_processes(self) -> None:
        """Write down who runs, so that the next start can clear up after our sudden death."""
        pids = [
            c.process.pid for c in self._children.values() if c.process is not None and c.process.returncode is None
        ]
        content = json.dumps({"processes": [[pid, process_start(pid)] for pid in pids]})
        partial = self._state / "run.json.new"
        # on a full disk the program goes on; every child ends with us anyway
        with contextlib.suppress(OSError):
            partial.write_text(content, "utf-8")
            partial.replace(self._state / "run.json")

    # ------------------------------------------------------------------ what children say

    def _cameras_told(self, line: dict[str, Any]) -> None:
        if "ready" in line:
            self._up("cameras")

    def _node_told(self, line: dict[str, Any]) -> None:
        if "failed" in line and self._node_was_up:
            # it has been up before: its port was taken meanwhile, or its files went; the watch starts it again
            self._node_port = self._run.port
            self._event({"node": line["failed"]})
        elif "failed" in line:
            self._say(f"node: {line['failed']}")
            self._exit = 1
            self._ending.set()
        elif "ready" in line:
            self._node_ready(line["ready"])
            # nobody asks for a picture before: until then the cores belong to window and node
            if self._children["cameras"].process is None:
                self._tasks.start("cameras", self._watch(self._children["cameras"]))
        elif "first_code" in line:
            self._first_code(line["first_code"])
        elif "camera" in line:
            cameras = self._children["cameras"]
            if line["camera"] not in cameras.replay:
                cameras.replay.append(line["camera"])
                cameras.send(line["camera"])

    def _node_ready(self, ready: dict[str, Any]) -> None:
        self._node_port = int(ready["port"])
        if "console" in self._children:
            self._tell_console("node", {"node": {"url": ready["url"], "secret": self._secret}})
        elif not self._node_was_up:
            self._say(f"listening: {ready['url']}")
        self._node_was_up = True
        self._up("node")

    def _first_code(self, code: str) -> None:
        """To a person's eyes alone: the terminal, or, where output may be kept as a log, a file of the owner's."""
        # where a console of ours stands, whoever sits there needs none of it
        what = "first administrator: nobody was named here yet" if self._run.headless else LOGIN
        if self._on_terminal and code:
            self._say(f"{what}; the code, shown this once: {code}")
            return
        file = self._state / FIRST_CODE
        file.unlink(missing_ok=True)
        if not code:
            return  # it was used
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as kept:
            kept.write(code + "\n")
        self._say(f"{what}; the code is in {file}")

    def _console_told(self, line: dict[str, Any]) -> None:
        assert self._heart is not None
        self._heart.beat()
        if "alive" in line:
            return
        self._heart.leaving = self._heart.leaving or "leaving" in line
        self._layout = line.get("layout", self._layout)
        if "failed" in line:
            self._say(f"console: {line['failed']}")
            self._exit = 1
            self._ending.set()
        if "first_value" in line:
            self._say(f"first live value after {time.monotonic() - self._began:.1f} s")
        self._event(line)

    def _up(self, name: str) -> None:
        self._clear(name)
        self._event({"up": name})

    def _clear(self, name: str) -> None:
        about = f"child:{name}"
        if self._standing.pop(about, None) is not None:
            self._replay({"clear": about})

    def _tell_console(self, about: str, line: dict[str, Any]) -> None:
        self._standing[about] = line
        self._replay(line)

    def _replay(self, line: dict[str, Any]) -> None:
        """`line` to the console that runs, what stands to each that is started."""
        if "console" in self._children:
            self._children["console"].send(line)
            self._children["console"].replay = list(self._standing.values())

    def _event(self, line: dict[str, Any]) -> None:
        if self._run.events:
            self._say(json.dumps({**line, "after_s": round(time.monotonic() - self._began, 3)}))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clear_up(state: Path) -> int:
    """End what a killed supervisor left running in `state`, and its code; returns how many processes that were."""
    (state / FIRST_CODE).unlink(missing_ok=True)
    try:
        left = json.loads((state / "run.json").read_text("utf-8"))["processes"]
    except (OSError, ValueError, KeyError):
        return 0
    ended = 0
    for pid, began in left:
        if began and process_start(int(pid)) == began:
            kill(int(pid))
            ended += 1
    (state / "run.json").unlink(missing_ok=True)
    return ended


def _prepare(state: Path) -> int:
    """Check folder, disk and lock; returns the lock. Raises ResourceError in one clear line."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(state).free
        if free < DISK_MIN_BYTES:
            raise ResourceError(
                f"{state}: {free >> 20} MB free, at least {DISK_MIN_BYTES >> 20} MB needed; make room or give --state"
            )
        lock = lock_file(state / "lock")
    except OSError as error:
        raise ResourceError(f"{state} cannot be used ({error.strerror}); give another folder with --state") from error
    if lock is None:
        raise ResourceError(f"a console or node already runs with its data in {state}; end it or give another --state")
    return lock


def has_display() -> bool:
    """Whether a window can be shown."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    return bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or platform.startswith(("offscreen", "vnc"))
    )


def _started(run: Run) -> str:
    if run.connect:
        return f"started: {run.role} console to {run.connect['url']}"
    on = f"on {run.sources}" if run.sources else "on the demo city (simulated, and marked so on every screen)"
    return f"started: node, camera server {on}" if run.headless else f"started: node, camera server, console {on}"


def start(run: Run) -> int:
    """Run the product until it ends; returns the exit code."""

    def say(line: str) -> None:
        # the terminal may go before we do
        with contextlib.suppress(OSError):
            print(line, flush=True)

    if not run.headless and not has_display():
        say("no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it in a desktop session,")
        say("or render every panel to pictures with `make shots`.")
        return 2
    state = Path(run.state)
    lock = _prepare(state)
    try:
        left = clear_up(state)
        if left:
            say(f"ended {left} process(es) that the last run left behind")
        say(_started(run))
        say(f"data: {state}   logs: {state / 'logs'}")
        if not run.headless:
            say(f"to begin anew: close the window, then rm -r {state}")
        return asyncio.run(Supervisor(run, say, on_terminal=sys.stdout.isatty()).run())
    finally:
        unlock_file(lock)
