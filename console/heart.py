"""Whether a program's own loop still turns: it beats, and who watches counts; knows not which program it is.

Silence is counted in turns of the watcher and not on a clock: where both were suspended, stopped or starved together,
neither turned. A program that somebody stopped (a debugger, job control) is held, not hung.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from console.child import Child
from console.posix import ask_for_stacks, is_held, kill

BEAT_S: Final = 4.0
"""How often a console beats."""
TURN_S: Final = 1.0
SILENT_TURNS: Final = 20
"""A loop that has not turned for so many turns of ours is hung."""
FIRST_TURNS: Final = 300
"""So many until its first beat: a slow machine's first start of all."""
STACKS_S: Final = 0.5
"""How long it has to write where it hangs into its log."""


class Heart:
    """Watches one child. `hung`: it was killed by us for its silence; `leaving`: it said that it ends by itself.

    Args:
        held: whether somebody has stopped the process of that id.
    """

    def __init__(
        self,
        child: Child,
        *,
        turn_s: float = TURN_S,
        silent: int = SILENT_TURNS,
        first: int = FIRST_TURNS,
        held: Callable[[int], bool] = is_held,
    ) -> None:
        self._child, self._held = child, held
        self._turn_s, self._silent_most, self._first_most = turn_s, silent, first
        self._silent, self._beaten = 0, False
        self.hung = self.leaving = False

    def begin(self) -> None:
        """The child was started anew."""
        self._silent, self._beaten = 0, False
        self.hung = self.leaving = False

    def beat(self) -> None:
        """It was heard."""
        self._silent, self._beaten = 0, True

    async def watch(self) -> None:
        """Kill the child where its loop does not turn any more; who waits for its end starts it again."""
        while True:
            await asyncio.sleep(self._turn_s)
            process = self._child.process
            if process is None or process.returncode is not None or self.hung or self._held(process.pid):
                continue
            self._silent += 1
            if self._silent >= (self._silent_most if self._beaten else self._first_most):
                self.hung = True
                ask_for_stacks(process.pid)
                await asyncio.sleep(STACKS_S)
                if process.returncode is None:
                    kill(process.pid)
