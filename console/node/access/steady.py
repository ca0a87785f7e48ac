"""A clock that only goes forward, over restarts and over clocks that are set; reads the machine's through a callable.

Ages, locks and idle times are counted on it: setting the wall clock neither ends a session nor prolongs a policy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from console.api import NS, Value
from console.posix import awake_s
from console.rules.elapsed import Mark, elapsed


class Kept(Value, frozen=True, kw_only=True):
    """What has to outlive the process: how far the clock had come, and when."""

    total_ns: int
    mark: Mark


class Steady:
    """Nanoseconds since this node first counted.

    Args:
        read: both clocks now.
        kept: what an earlier run kept; None begins at 0.
    """

    def __init__(self, read: Callable[[], Mark], kept: Kept | None = None) -> None:
        self._read = read
        self._total_ns = kept.total_ns if kept else 0
        self._mark = kept.mark if kept else read()

    def now_ns(self) -> int:
        """Never less than before."""
        mark = self._read()
        self._total_ns += elapsed((self._mark, mark)).likely_ns
        if mark.boot != self._mark.boot or mark.boot_ns > self._mark.boot_ns:
            self._mark = mark  # a boot clock read backwards must not be counted again on its way up
        return self._total_ns

    def wall_ns(self) -> int:
        """What the wall clock says, for people to read."""
        return self._read().wall_ns

    def kept(self) -> Kept:
        """What to write down, every minute or so."""
        return Kept(total_ns=self.now_ns(), mark=self._mark)


def machine_mark() -> Mark:
    """Both clocks of this machine now."""
    return Mark(boot=_boot(), boot_ns=int(awake_s() * NS), wall_ns=time.time_ns())


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:  # without an id each process counts as a boot of its own: the wall clock bridges them
        return f"process-{time.monotonic_ns()}"
