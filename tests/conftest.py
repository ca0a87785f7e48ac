"""Guards of every test: an unexpected Qt message, a leaked task, thread, timer, process or socket fails it."""

from __future__ import annotations

import gc
import os
import re
import threading
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.application import qapp
from tests.leaks import active_timers, left_tasks, new_timers, watch_loops

__all__ = ["qapp"]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("DISPLAY", None)
# how long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

ALLOWED_QT = (
    # offscreen has no keyboard layout to ask for, no vsync and no window manager
    re.compile(r"This plugin does not support"),
    # Chromium without a GPU says so once a process
    re.compile(r"(?i)vulkan|gpu process|gbm|libva|GLES|OpenGL|dri|EGL|GPUInfo"),
    # Chromium as root
    re.compile(r"(?i)sandbox"),
    re.compile(r"js: "),
    # the first WebEngine profile of a process, on a machine without a session bus
    re.compile(r"(?i)dbus"),
    # our own path of the locale's font fallback on a bare machine
    re.compile(r"(?i)fontconfig|Populating font family aliases"),
    re.compile(r"propagateSizeHints"),
)
LASTING_THREADS = re.compile(r"pytest_timeout|asyncio_|ThreadPoolExecutor|pymon|QDBus|Dummy-|MainThread")
"""The executor's threads live as long as the process; Qt's own threads are seen as Dummy."""
qt_messages: list[str] = []


def _install_message_handler() -> None:
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    def note(kind: QtMsgType, _context: object, message: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            qt_messages.append(message)

    qInstallMessageHandler(note)


_install_message_handler()
watch_loops()


def _threads() -> set[int]:
    return {t.ident or 0 for t in threading.enumerate() if not LASTING_THREADS.search(t.name)}


def _children() -> set[int]:
    return {c.pid for c in psutil.Process().children() if c.status() != psutil.STATUS_ZOMBIE and _counts(c)}


def _counts(process: psutil.Process) -> bool:
    """WebEngine's own processes live as long as the application does."""
    try:
        return "QtWebEngineProcess" not in process.name() and "resource_tracker" not in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _listening() -> set[int]:
    return {c.laddr.port for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN}


def _set_aside() -> None:
    """Leave what lasts (imported modules, above all) out of every later collection: looking at it again after each of
    two thousand tests took most of the suite's time. A test of the console's own collector brings it back."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def pytest_sessionfinish() -> None:
    """What was set aside is collected with the rest when Python ends."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Threads, timers, child processes and listening sockets after a test are those from before it.

    No task was left to its loop's end, and Qt had nothing to say.
    """
    _set_aside()
    threads, children, ports, timers = _threads(), _children(), _listening(), active_timers()
    qt_messages.clear()
    left_tasks.clear()
    yield
    gc.collect()
    assert not left_tasks, f"tasks nobody ended: {left_tasks}"
    fires = new_timers(timers)
    assert not fires, f"Qt timers that still fire: {fires}"
    for thread in threading.enumerate():
        if thread.ident not in threads and not LASTING_THREADS.search(thread.name):
            thread.join(2.0)
    left = _threads() - threads
    assert not left, [t.name for t in threading.enumerate() if t.ident in left]
    _, alive = psutil.wait_procs([psutil.Process(p) for p in _children() - children if psutil.pid_exists(p)], 3.0)
    assert not alive, [" ".join(p.cmdline())[:200] for p in alive if p.is_running()]
    assert not _listening() - ports, "a socket still listens"
    said = [m for m in qt_messages if not any(allowed.search(m) for allowed in ALLOWED_QT)]
    assert not said, said
