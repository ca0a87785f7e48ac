"""One line that says how far a long work has come, and whether it shall stop; knows no work."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

EVERY_S: Final = 0.2
EVERY_LOG_S: Final = 5.0


class Progress:
    """A line that is written over on a terminal, and repeated now and then elsewhere.

    Args:
        name: what is worked on.
        out: where the line goes; standard error by default, so that results may be piped.
    """

    def __init__(self, name: str, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._out, self._clock = name, out if out is not None else sys.stderr, clock
        self._began = self._last = clock()
        self._terminal = self._out.isatty()
        self._every_s = EVERY_S if self._terminal else EVERY_LOG_S
        self._shown = False

    def show(self, rows: int, done: float) -> None:
        """`rows` so far and 0 … 1 of the work; most calls write nothing."""
        self._write(lambda: self.line(rows, done))

    def days(self, left: int, of: int) -> None:
        """The last part, which has no rows: so many days are not in their places yet."""
        took = _span(self._clock() - self._began)
        what = f"sorting days, {left:,} of {of:,} left" if left else "minutes and hours of all days"
        self._write(lambda: f"{self._name}  {what}  {took} so far")

    def step(self, what: str, done: int, of: int) -> None:
        """A work of several steps: what is done in this one, so many of so many."""
        self._write(lambda: f"{self._name}  {what}, {done:,} of {of:,}")

    def _write(self, line: Callable[[], str]) -> None:
        now = self._clock()
        if now - self._last >= self._every_s:
            self._last = now
            text, end = (f"\r\x1b[2K{line()}", "") if self._terminal else (line(), "\n")
            print(text, end=end, file=self._out)
            self._out.flush()
            self._shown = True

    def line(self, rows: int, done: float) -> str:
        """What is shown."""
        took_s = max(1e-9, self._clock() - self._began)
        left = f"{_span(took_s * (1 - done) / done)} left" if done > 0.005 else ""
        return f"{self._name}  {rows:,} rows  {rows / took_s:,.0f} rows/s  {100 * done:.0f} %  {left}".rstrip()

    def end(self) -> float:
        """Leave a clean line; returns the seconds since the beginning."""
        if self._shown and self._terminal:
            print("\r\x1b[2K", end="", file=self._out, flush=True)
        return self._clock() - self._began


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def stop_on_signals() -> asyncio.Event:
    """An event that Ctrl-C or a termination sets, in place of tearing the work apart; call it in the loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
