"""The notices that are up now, raised and cleared by key; knows no window and not what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from PySide6.QtCore import QObject, Signal

from console.api import Notice, Severity

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Notices(QObject):
    """Notices of this console and of its node, worst and newest first; `changed` has no payload.

    Args:
        clock: gives the node's time in UTC ns, for notices that bear none.
    """

    changed = Signal()

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__()
        self._clock = clock
        self._own: dict[str, Notice] = {}
        self._node: dict[str, Notice] = {}

    def raise_(self, notice: Notice) -> None:
        """Put a notice up, or replace the one with its key; its `since_ns` is kept while it only changes."""
        before = self._own.get(notice.key)
        since = before.since_ns if before is not None else notice.since_ns or self._clock()
        stamped = msgspec.structs.replace(notice, since_ns=since)
        if stamped != before:
            self._own[notice.key] = stamped
            self.changed.emit()

    def clear(self, key: str) -> None:
        """Take a notice down; a key that is not up changes nothing."""
        if self._own.pop(key, None) is not None:
            self.changed.emit()

    def set_node(self, notices: Iterable[Notice]) -> None:
        """Replace what the node has up."""
        fresh = {notice.key: notice for notice in notices}
        if fresh != self._node:
            self._node = fresh
            self.changed.emit()

    def all(self) -> tuple[Notice, ...]:
        """All that are up, worst first, then newest."""
        merged = {**self._node, **self._own}
        return tuple(sorted(merged.values(), key=lambda n: (_RANK[n.severity], -n.since_ns, n.key)))
