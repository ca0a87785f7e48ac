"""Hands what the hub hears to the store: opens it beside the loop, gathers meanwhile; knows no file format.

A store that cannot be opened never stops live data: a notice says that nothing is kept, and it is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol

from console.api import ENTITY_CLASSES, ChannelKind, Columns, Entity, Notice, Sensor, Severity, Span, Text, YilanError
from console.node.hub import Hub
from console.node.rows import Rows
from console.wire.codec import encode_value

log = logging.getLogger(__name__)
GATHER_BYTES: Final = 64 << 20
"""What may wait for the store to be open; later samples are dropped and counted."""
REOPEN_S: Final = 30.0
CLOSE_S: Final = 3.0
UNKEPT: Final = "store.unkept"
CLOSED: Final = "store.closed"


class Store(Protocol):
    """What a node needs of `console.node.telemetry.store.Telemetry`; see there."""

    async def open(self) -> None: ...
    def enrol(self, sensors: Iterable[Sensor]) -> None: ...
    def append(self, kind: ChannelKind, columns: Columns, ids: Sequence[str]) -> None: ...
    def record(self, cls: str, id: str, raw: bytes | None, t_ns: int) -> None: ...
    async def saved(self) -> None: ...
    async def query(self, span: Span) -> Columns: ...
    async def read(
        self,
        ids: Sequence[str],
        kind: ChannelKind,
        start_ns: int,
        end_ns: int,
        limit_rows: int = 100_000,
        since_ns: int = 0,
    ) -> Rows: ...
    async def runs(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]: ...
    async def recorded(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]: ...
    async def covered(self) -> tuple[int, int]: ...
    def sensors(self) -> Sequence[Sensor]: ...
    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]: ...
    async def entity_changes(self, start_ns: int, end_ns: int) -> list[tuple[int, str, str, bytes | None]]: ...
    async def close(self) -> None: ...


class Recorder:
    """Records one hub.

    Args:
        make: a new, unopened store; called again after it could not be opened.
        sleep: waits so many seconds (tests give their own).

    Attributes:
        dropped: samples that were never handed to a store.
    """

    def __init__(
        self,
        hub: Hub,
        make: Callable[[], Awaitable[Store]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._hub, self._make, self._sleep = hub, make, sleep
        self._store: Store | None = None
        self._since_ns = hub.clock()
        self._gathered: list[tuple[ChannelKind, Columns]] | None = []
        self._gathered_bytes = 0
        self._new: list[Sensor] = []
        self._opened = asyncio.Event()
        self.dropped = 0

    @property
    def store(self) -> Store | None:
        """The open store, None before and where it cannot be opened."""
        return self._store

    def stored(self) -> tuple[Store, int] | None:
        """The open store and when this run began to record into it, UTC ns."""
        return (self._store, self._since_ns) if self._store is not None else None

    # ------------------------------------------------------------------ what the hub tells

    def samples(self, kind: ChannelKind, columns: Columns) -> None:
        """Keep samples; returns at once. Columns of the hub: ids are its handles."""
        if self._store is not None:
            self._enrol(self._store)
            self._store.append(kind, columns, self._hub.ids)
            return
        size = columns.t_ns.nbytes + columns.v.nbytes + columns.q.nbytes + columns.ids.nbytes
        if self._gathered is None or self._gathered_bytes + size > GATHER_BYTES:
            self._drop(len(columns))
            return
        self._gathered.append((kind, columns))
        self._gathered_bytes += size

    def entity(self, cls: str, id_: str, entity: Entity | None) -> None:
        """Keep a change of an entity; before the store is open the hub itself remembers how they stand."""
        if self._store is None:
            return
        if isinstance(entity, Sensor):
            self._new.append(entity)
        raw = bytes(encode_value(entity)) if entity is not None else None
        self._store.record(cls, id_, raw, self._hub.clock())

    def _enrol(self, store: Store) -> None:
        if self._new:
            new, self._new = self._new, []
            store.enrol(new)

    def _drop(self, rows: int) -> None:
        if self._gathered is not None:
            summary = Text("历史存储尚未打开，部分数据未保存", "The store is not open yet: some samples are not kept")
            self._hub.notice(Notice(key=UNKEPT, severity=Severity.WARNING, summary=summary))
        self.dropped += rows

    # ------------------------------------------------------------------ opening and closing

    async def run(self) -> None:
        """Open the store, trying again until it can be."""
        while not await self._open():
            await self._sleep(REOPEN_S)

    async def _open(self) -> bool:
        try:
            store = await self._make()
            await store.open()
        except Exception as error:  # whatever is wrong with the disk, live data go on
            log.exception("the store could not be opened")
            self._unopened(error)
            return False
        self._take(store)
        self._opened.set()
        self._hub.clear_notice(CLOSED)
        self._hub.clear_notice(UNKEPT)
        return True

    def _unopened(self, error: Exception) -> None:
        """Say so; what was gathered goes, as nobody knows when the store comes."""
        if self._gathered is not None:
            self.dropped += sum(len(columns) for _, columns in self._gathered)
        self._gathered, self._gathered_bytes = None, 0
        self._opened.set()
        summary = Text("历史存储打不开：实时数据正常，但未保存", "The store cannot be opened: live data go on, unkept")
        detail = str(error) if isinstance(error, YilanError) else repr(error)
        tip = Text(f"每 {REOPEN_S:.0f} s 重试一次", f"It is tried again every {REOPEN_S:.0f} s")
        self._hub.notice(Notice(key=CLOSED, severity=Severity.ERROR, summary=summary, detail=detail, tip=tip))

    def _take(self, store: Store) -> None:
        """From here on the store gets everything: first how all stands, then what was gathered.

        With each opening a store begins anew to know entities, so that none of an earlier run haunts a replay.
        """
        now_ns = self._hub.clock()
        sensors = self._hub.entities.get(Sensor.CLS, {}).values()
        store.enrol(sensor for sensor in sensors if isinstance(sensor, Sensor))
        for cls in ENTITY_CLASSES:
            for id_, entity in self._hub.entities.get(cls, {}).items():
                store.record(cls, id_, bytes(encode_value(entity)), now_ns)
        gathered, self._gathered = self._gathered, None
        if gathered is None:
            self._since_ns = now_ns
        for kind, columns in gathered or ():
            store.append(kind, columns, self._hub.ids)
        self._gathered_bytes = 0
        self._store = store

    async def close(self) -> None:
        """Everything that was handed over is durable when this returns; waits a little for a store just opening."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._opened.wait()
        except TimeoutError:
            log.warning("the store did not open in time; what was gathered is lost")
        if self._store is not None:
            store, self._store = self._store, None
            await store.close()
