"""Keeps sources running: anew after each failure, with back-off and a notice; knows no particular source."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final

from console.api import Notice, Severity, Sink, Source, Text, YilanError
from console.node.hub import Hub
from console.tasks import Tasks

log = logging.getLogger(__name__)
BACKOFF_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
WORKS_S: Final = 5.0
"""A source that has run so long after a failure works again: its notice is cleared."""
SETTLED_S: Final = 60.0
"""After so long a run the next failure waits the shortest time again."""


class SourceKeeper:
    """Runs sources one task each.

    Attributes:
        running: the present instance of each source, by id; it stays when the source has ended, for its history.
    """

    def __init__(self, hub: Hub, tasks: Tasks, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._hub, self._tasks, self._sleep = hub, tasks, sleep
        self.running: dict[str, Source] = {}

    async def keep(self, id_: str, where: str, make: Callable[[], Source], sink: Sink) -> None:
        """Run a source until it ends by itself; `where` is told to who has to mend it."""
        loop = asyncio.get_running_loop()
        key = f"source:{id_}"
        failures = 0
        while True:
            began_s = loop.time()
            clear = self._tasks.start(f"{key}.clear", self._clear_later(key)) if failures else None
            try:
                source = self.running[id_] = make()
                await source.run(sink)
                self._hub.clear_notice(key)
                return
            except (Exception, SystemExit, asyncio.CancelledError) as error:
                # Whatever a source does wrong, a cancelled task of its own included, the node and the others go on.
                mine = asyncio.current_task()
                if isinstance(error, asyncio.CancelledError) and mine is not None and mine.cancelling():
                    raise
                log.exception("source %s failed", id_)
                if loop.time() - began_s > SETTLED_S:
                    failures = 0
                wait_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * random.uniform(0.8, 1.2)
                failures += 1
                self._hub.notice(_failed(key, id_, where, error, wait_s))
            finally:
                if clear is not None:
                    clear.cancel()
            await self._sleep(wait_s)

    async def _clear_later(self, key: str) -> None:
        await self._sleep(WORKS_S)
        self._hub.clear_notice(key)


def _failed(key: str, id_: str, where: str, error: BaseException, wait_s: float) -> Notice:
    return Notice(
        key=key,
        severity=Severity.ERROR,
        summary=Text(f"数据源 {id_} 中断，{wait_s:.0f} s 后重试", f"Source {id_} failed, retry in {wait_s:.0f} s"),
        detail=str(error) if isinstance(error, YilanError) else repr(error),
        tip=Text(f"见 {where}", f"See {where}"),
    )
