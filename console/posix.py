"""The one module of POSIX-only calls, behind names that another system can fill; knows nothing of ours."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import faulthandler
import fcntl
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def lock_file(path: Path) -> int | None:
    """Take an exclusive lock that the kernel frees with the process; None when another process holds it.

    Raises OSError where the folder, or its file system, gives no locks.
    """
    try:
        return _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def wait_for_lock(path: Path) -> int:
    """The same, once whoever holds it has given it back; blocks. Raises OSError."""
    return _locked(path, fcntl.LOCK_EX)


def _locked(path: Path, how: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
    except BaseException:
        os.close(handle)
        raise
    return handle


def process_start(pid: int) -> str:
    """A text that changes when the number is given to another process; "" where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def kill(pid: int) -> None:
    """End a process at once; nothing happens where it is gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def is_held(pid: int) -> bool:
    """Whether somebody has stopped the process (a debugger, job control); False where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in ("T", "t")


def tell_stacks() -> None:
    """From now on `ask_for_stacks` has this process write on its standard error where each thread is, hung or not."""
    faulthandler.register(signal.SIGUSR1, all_threads=True)


def ask_for_stacks(pid: int) -> None:
    """Have a process that calls `tell_stacks` write them; nothing happens where it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGUSR1)


def is_root() -> bool:
    """Whether we run as root (Chromium's sandbox refuses to)."""
    return os.geteuid() == 0


def shared_memory(name: str, size: int) -> int:
    """A descriptor of `size` bytes of memory that can be handed to another process; it has no name in any folder.

    The kernel frees it with its last descriptor and mapping, so that no killed process can leave any behind.
    """
    handle = os.memfd_create(name, os.MFD_CLOEXEC)
    os.ftruncate(handle, size)
    return handle


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel end this process with its parent; ends at once where the parent is gone already."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(0)


def unlock_file(handle: int) -> None:
    """Give back a lock that `lock_file` took."""
    os.close(handle)


def lower_priority() -> None:
    """Let everything else on the machine go first: for work that nobody waits for."""
    os.nice(15)


def awake_s() -> float:
    """Seconds on a clock that runs on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


Door = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def serve_locally(path: Path, door: Door) -> asyncio.Server:
    """Be reachable at `path` for this user's programs on this machine, nobody else. Raises OSError."""
    _vacate(path)
    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(door, path)
    finally:
        os.umask(before)


def _vacate(path: Path) -> None:
    """Remove what a process that was killed has left."""
    path.unlink(missing_ok=True)


async def reach_locally(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Reach who serves at `path`. Raises OSError where nobody does."""
    return await asyncio.open_unix_connection(path)


def sync_folder(folder: Path) -> None:
    """Make names that were given or taken in a folder durable; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file, whole and durable, or leave the one before; raises OSError."""
    partial = path.with_suffix(".new")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
