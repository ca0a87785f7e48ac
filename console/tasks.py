"""The one place that starts asyncio tasks: named, owned, cancelled with their owner, failures told; knows no Qt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)
OnFailure = Callable[[str, BaseException], None]


class Tasks:
    """Tasks by owner; all run in the loop that calls `start`.

    Args:
        on_failure: told the task's name and its exception; cancelled tasks are no failures.
    """

    def __init__(self, on_failure: OnFailure | None = None) -> None:
        self._tasks: dict[asyncio.Task[Any], object] = {}
        self.on_failure = on_failure

    def start(self, name: str, work: Coroutine[Any, Any, Any], owner: object = None) -> asyncio.Task[Any]:
        """Run `work` until it ends, `cancel(owner)` or `close()`."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[task] = owner
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("task %s failed", task.get_name(), exc_info=error)
        if self.on_failure is not None:
            self.on_failure(task.get_name(), error)

    def cancel(self, owner: object) -> None:
        """Cancel what `owner` started; returns at once."""
        for task, who in list(self._tasks.items()):
            if who is owner:
                task.cancel()

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        mine = asyncio.current_task()
        rest = [task for task in self._tasks if task is not mine]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def __len__(self) -> int:
        return len(self._tasks)
