"""Finds what a test left going: asyncio tasks when their loop closed, Qt timers that still fire; knows no test."""

from __future__ import annotations

import asyncio
import asyncio.runners
from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer

TURNS: Final = 10
"""How often a loop may turn for tasks that were cancelled and not awaited; what ends within them is no leak."""
left_tasks: list[str] = []
"""Tasks that were still going when a runner closed its loop, since it was last cleared."""
_runners: Final = vars(asyncio.runners)
_cancel_all: Final[Callable[[asyncio.AbstractEventLoop], None]] = _runners["_cancel_all_tasks"]


def pending(loop: asyncio.AbstractEventLoop) -> list[str]:
    """What goes on in a loop that is at rest, after those that were cancelled had their turn to end."""
    for _ in range(TURNS):
        if not any(task.cancelling() for task in asyncio.all_tasks(loop)):
            break
        loop.run_until_complete(asyncio.sleep(0))
    return [f"{task.get_name()}: {task.get_coro()!r}" for task in asyncio.all_tasks(loop)]


def watch_loops() -> None:
    """From now on note what is pending whenever a runner (pytest-asyncio's, `asyncio.run`) closes its loop."""

    def noting(loop: asyncio.AbstractEventLoop) -> None:
        left_tasks.extend(pending(loop))
        _cancel_all(loop)

    _runners["_cancel_all_tasks"] = noting


def active_timers() -> dict[int, str]:
    """Every QTimer of Python that would still fire, by its C++ address; {} where there is no application."""
    if QCoreApplication.instance() is None:
        return {}
    found = {}
    for timer in shiboken6.getAllValidWrappers():
        if isinstance(timer, QTimer) and shiboken6.isValid(timer) and timer.isActive():
            owner = timer.parent()
            named = f"{type(owner).__name__} {owner.objectName()}".strip() if owner is not None else "nobody"
            found[shiboken6.getCppPointer(timer)[0]] = f"timer of {named}, every {timer.interval()} ms"
    return found


def new_timers(before: dict[int, str]) -> list[str]:
    """Timers that fire now and did not before; what was handed to `deleteLater` is deleted first."""
    if not active_timers().keys() - before.keys():
        return []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return [said for address, said in active_timers().items() if address not in before]
