"""Run inside node or console: it kills itself at its n-th write, sync, truncation or deletion by SQLite, or rename."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any, Final, cast

import apsw

from console.client.acts import Acts
from console.client.outbox import Outbox
from console.node.journal.journal import Journal

NAME: Final = "dying"
UNIX: Final = "unix"


class Count:
    """Counts down to the end."""

    def __init__(self, left: int) -> None:
        self._left = left

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class File(apsw.VFSFile):
    """A real file, each change of which is counted before it is made."""

    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], count: Count) -> None:
        self._count = count
        super().__init__(UNIX, cast(str, name), flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._count()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._count()
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:
        self._count()
        super().xTruncate(newsize)


class Files(apsw.VFS):
    """The system's files."""

    def __init__(self, count: Count) -> None:
        self._count = count
        super().__init__(NAME, UNIX)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return File(name, flags, self._count)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._count()
        super().xDelete(filename, syncdir)


def counted(count: Count, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is counted before it is done."""

    def call(*arguments: Any, **named: Any) -> Any:
        count()
        return real(*arguments, **named)

    return call


def default_to(function: object, **defaults: Any) -> None:
    """What a call leaves out is this from now on."""
    assert isinstance(function, FunctionType)
    known = function.__kwdefaults__
    assert known is not None
    assert known.keys() >= defaults.keys()
    known.update(defaults)


def install(nth: int) -> Files:
    """From now on journals and files of unsent acts are on files that count; the result must be kept."""
    count = Count(nth)
    files = Files(count)
    os.replace, os.rename, os.fsync = (counted(count, real) for real in (os.replace, os.rename, os.fsync))
    defaults: dict[str, Any] = {"vfs": NAME, "exclusive": True}
    default_to(Journal.__init__, **defaults)
    default_to(Acts.__init__, box=partial(Outbox, **defaults))
    return files
