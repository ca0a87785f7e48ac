"""An act on a replay that waits to be done, and how who asked learns of it; knows no replay."""

from __future__ import annotations

import asyncio
from typing import Final

from console.api import RefusedError

ENDED: Final = "the replay has ended"


class NothingStored(RefusedError):
    """There is no time to go to."""


class Act:
    """One asked act; `done` has no result."""

    def __init__(self, op: str, at_ns: int, speed: float) -> None:
        self.op, self.at_ns, self.speed = op, at_ns, speed
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.same: list[Act] = []
        """Acts that this one makes needless; they are done with it."""

    def end(self, error: Exception | None = None) -> None:
        """Tell who asked, unless they are gone."""
        for act in (self, *self.same):
            if act.done.done():
                continue
            if error is None:
                act.done.set_result(None)
            else:
                act.done.set_exception(error)
