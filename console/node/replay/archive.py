"""What a replay asks of the store, as protocols; knows no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from console.api import ChannelKind
from console.node.rows import Rows


class Archive(Protocol):
    """`console.node.telemetry` as a replay sees it; all times UTC ns, all spans [start, end)."""

    async def read(
        self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, limit_rows: int = 100_000
    ) -> Rows: ...
    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]:
        """MessagePack of each entity as it was, by class and id."""
        ...

    async def entity_changes(self, start_ns: int, end_ns: int) -> list[tuple[int, str, str, bytes | None]]:
        """(time, class, id, entity or None where it was dropped), ascending."""
        ...

    async def recorded(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Intervals in which the store was recording, and imported days, ascending and apart."""
        ...
