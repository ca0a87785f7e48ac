"""Keeps the screens of a wall on: no screen saver, no power saving, no suspend, until it lets go; knows no window.

Asked for are, as far as they are there: the session's screen saver and the system's log-in manager over D-Bus, and the
X server. What we asked for ends with this process, even if it is killed, except the X server's, which only a console
that ends in order puts back.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

log = logging.getLogger(__name__)
APP: Final = "yilan"
WHY: Final = "A wall shows the situation"
CALL_MS: Final = 2_000
XSET_S: Final = 5.0
SAVERS: Final = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
)


class Means(Protocol):
    """One way to keep a screen on."""

    def take(self) -> str:
        """Ask for it; says how in words, "" where it is not there or refuses."""
        ...

    def release(self) -> None:
        """Ask no longer; nothing happens where nothing was taken."""
        ...


class Awake:
    """All means together; `how` says which took. One that raises is as one that is not there."""

    def __init__(self, means: Sequence[Means] | None = None) -> None:
        self._means = tuple(means) if means is not None else (ScreenSaver(), LogIn(), XServer())
        self._taken: list[Means] = []
        self.how: tuple[str, ...] = ()

    def take(self) -> None:
        """Keep the screens on from now on."""
        for one in self._means:
            try:
                said = one.take()
            except Exception:
                log.exception("%s", type(one).__name__)
                continue
            if said:
                self._taken.append(one)
                self.how = (*self.how, said)
        log.info("screens are kept on by: %s", ", ".join(self.how) or "nothing that is here")

    def release(self) -> None:
        """Let them sleep again; part of the written shutdown."""
        for one in reversed(self._taken):
            try:
                one.release()
            except Exception:
                log.exception("%s", type(one).__name__)
        self._taken.clear()
        self.how = ()


class Bus(Protocol):
    """A message bus, as far as it is needed here."""

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> list[Any] | None:
        """The answer's values; None: nobody is there, or it refuses."""
        ...

    def leave(self) -> None:
        """Whoever gave us something takes it back."""
        ...


class QtBus:
    """The session's or the system's bus through Qt, by a connection of its own."""

    def __init__(self, *, system: bool) -> None:
        self._system = system
        self._name = f"yilan-awake-{'system' if system else 'session'}"
        self._connection: QDBusConnection | None = None

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> list[Any] | None:
        if not self._system and not has_session_bus():
            return None  # libdbus would start one, and nobody would end it
        if self._connection is None:
            which = QDBusConnection.BusType.SystemBus if self._system else QDBusConnection.BusType.SessionBus
            self._connection = QDBusConnection.connectToBus(which, self._name)
        if not self._connection.isConnected():
            return None
        message = QDBusMessage.createMethodCall(service, path, interface, method)
        message.setArguments(list(arguments))
        answer = self._connection.call(message, timeout=CALL_MS)
        if answer.type() is not QDBusMessage.MessageType.ReplyMessage:
            log.debug("%s.%s: %s", interface, method, answer.errorMessage())
            return None
        return list(answer.arguments())

    def leave(self) -> None:
        if self._connection is not None:
            self._connection = None
            QDBusConnection.disconnectFromBus(self._name)


def has_session_bus() -> bool:
    """Whether a session bus runs, without starting one."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(folder) and (Path(folder) / "bus").exists()


class ScreenSaver:
    """org.freedesktop.ScreenSaver of the session: KDE, GNOME, Xfce, Deepin and UKUI answer to it."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or QtBus(system=False)

    def take(self) -> str:
        for name, path in SAVERS:
            if self._bus.call(name, path, name, "Inhibit", APP, WHY):
                return "screen saver"
        return ""

    def release(self) -> None:
        # UnInhibit wants an unsigned number, and Python's would go as a signed one: leaving gives back as well
        self._bus.leave()


class LogIn:
    """systemd-logind: neither idle nor suspended while the descriptor that it gives is open."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or QtBus(system=True)
        self._held: Any = None

    def take(self) -> str:
        name, path = "org.freedesktop.login1", "/org/freedesktop/login1"
        answer = self._bus.call(name, path, f"{name}.Manager", "Inhibit", "idle:sleep", APP, WHY, "block")
        self._held = answer[0] if answer else None
        return "log-in manager" if answer else ""

    def release(self) -> None:
        held, self._held = self._held, None
        if isinstance(held, QDBusUnixFileDescriptor):
            held.setFileDescriptor(-1)
        self._bus.leave()


Run = Callable[[Sequence[str]], str | None]
"""Runs a program; its output, None where it is not there or fails."""


class XServer:
    """The X server's own screen saver and power saving, by `xset`; put back as they were."""

    def __init__(self, run: Run | None = None) -> None:
        self._run = run or _xset
        self._before: tuple[tuple[str, ...], ...] = ()

    def take(self) -> str:
        told = self._run(("q",))
        if told is None:
            return ""
        self._before = before(told)
        if self._run(("s", "off", "s", "noblank")) is None:
            return ""
        self._run(("-dpms",))  # a server without power saving refuses it
        return "X server"

    def release(self) -> None:
        for arguments in self._before:
            self._run(arguments)
        self._before = ()


def before(told: str) -> tuple[tuple[str, ...], ...]:
    """The calls of `xset` that bring back what its `q` told."""
    calls: list[tuple[str, ...]] = []
    if saver := re.search(r"timeout:\s+(\d+)\s+cycle:\s+(\d+)", told):
        calls.append(("s", saver[1], saver[2]))
    if blanking := re.search(r"prefer blanking:\s+(yes|no)", told):
        calls.append(("s", "blank" if blanking[1] == "yes" else "noblank"))
    if "DPMS is Enabled" in told:
        calls.append(("+dpms",))
    return tuple(calls)


def _xset(arguments: Sequence[str]) -> str | None:
    program = shutil.which("xset")
    if program is None or not os.environ.get("DISPLAY"):
        return None
    try:
        ran = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=XSET_S, check=False, env=os.environ
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None
