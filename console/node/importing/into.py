"""From a reader into the store, whole days at a time, none twice; knows no file format."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import ChannelKind, Columns, Sensor
from console.node.importing.ledger import Imported, Ledger
from console.node.importing.lot import Reader
from console.node.importing.spool import DAY_NS, Spool
from console.node.rows import Rows, take
from console.tasks import Tasks
from console.wire.codec import encode_value

READING: Final = 0.6
"""The part of the whole work that reading a file is taken for, before its days go into the store."""
LOOK_S: Final = 0.2


class Store(Protocol):
    """What an import needs of `console.node.telemetry.store.Telemetry`."""

    async def import_columns(
        self, sensors: Iterable[Sensor], kind: ChannelKind, columns: Columns, ids: Sequence[str]
    ) -> None: ...
    async def read(self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int) -> Rows: ...
    def record(self, cls: str, id: str, raw: bytes | None, t_ns: int) -> None: ...
    async def saved(self) -> None: ...
    async def settle(self) -> None: ...
    def unsettled(self, days: Iterable[int], since_s: float) -> int: ...


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one file: samples stored now, of one sensor and time again (the last one stands), of no time;
    `before`: those that an earlier start of the same import had stored."""

    rows: int = 0
    before: int = 0
    hidden: int = 0
    strange: int = 0
    days: int = 0
    cancelled: bool = False
    already: bool = False


class Import:
    """One file's way into the store.

    Args:
        key: what the ledger knows the file by.
        spool: a folder of this import's own, emptied and removed.
        show: told rows and 0 … 1 of the work.
        settling: told how many days are not in their places yet, of how many.
        stop: set, the import ends after the day at hand. What has begun to settle then goes on until the store closes,
            which ends it between days; the next start goes on there.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        reader: Reader,
        *,
        key: str,
        name: str,
        spool: Path,
        show: Callable[[int, float], None],
        stop: asyncio.Event,
        settling: Callable[[int, int], None] = lambda left, of: None,
    ) -> None:
        self._store, self._ledger, self._reader = store, ledger, reader
        self._entry: Imported = ledger.of(key, name)
        self._folder, self._show, self._stop = spool, show, stop
        self._settling, self.tasks = settling, Tasks()
        """`tasks` are to be closed after the store is."""
        self._strange = 0

    async def run(self, now_ns: int) -> Outcome:
        """Read, then store day by day. Raises BadInput for the file, ResourceError for the disk."""
        if self._entry.done:
            return Outcome(already=True, rows=self._entry.rows)
        # what a killed import left is found from here on
        if self._entry.begun and not await self._settle():
            return Outcome(cancelled=True)
        spool = Spool(self._folder)
        try:
            if not await self._read(spool, now_ns + DAY_NS):
                return Outcome(cancelled=True)
            outcome = await self._write(spool)
            outcome.strange = self._strange
            if not outcome.cancelled:
                await self._enrol(now_ns)
                outcome.cancelled = not await self._settle()
            if not outcome.cancelled:
                self._entry.done = True
                self._ledger.save()
            return outcome
        finally:
            spool.close()

    async def _settle(self) -> bool:
        """Have all days in their places; False when it was stopped before."""
        days = {int(name.partition(".")[0]) for name in self._entry.days}
        began_s = time.time()
        work = self.tasks.start("import.settle", self._settled())
        while not (await asyncio.wait({work}, timeout=LOOK_S))[0]:
            self._settling(self._store.unsettled(days, began_s), len(days))
            if self._stop.is_set():
                return False
        return bool(work.result())

    async def _settled(self) -> bool:
        """False where it was stopped: the store was closed under it, or Ctrl-C also ended the store's worker."""
        try:
            await self._store.settle()
        except Exception:
            if not self._stop.is_set():
                raise
            return False
        return True

    async def _read(self, spool: Spool, latest_ns: int) -> bool:
        for lot in self._reader.lots():
            columns = lot.columns
            past = (columns.t_ns >= 0) & (columns.t_ns < latest_ns)
            if not past.all():
                self._strange += int(len(past) - past.sum())
                columns = take(columns, past)
            spool.add(lot.kind, columns)
            self._show(spool.rows, READING * lot.done)
            await asyncio.sleep(0)
            if self._stop.is_set():
                return False
        return True

    async def _write(self, spool: Spool) -> Outcome:
        outcome, seen, latest = Outcome(before=self._entry.rows), 0, -1
        for day, kind in spool.days():
            if self._stop.is_set():
                outcome.cancelled = True
                return outcome
            columns, hidden = spool.take(day, kind)
            seen += len(columns) + hidden
            outcome.hidden += hidden
            name = f"{day}.{kind.value}"
            if name not in self._entry.days:
                outcome.rows += await self._day(name, day, kind, columns)
                outcome.days += day != latest  # a day has a turn for each kind of channel
                latest = day
            self._show(spool.rows, READING + (1 - READING) * seen / max(1, spool.rows))
        return outcome

    async def _day(self, name: str, day: int, kind: ChannelKind, columns: Columns) -> int:
        """Store one day; one that was begun before, and never noted as done, is first compared."""
        ids = [sensor.id for sensor in self._reader.sensors]
        if self._entry.begun == name:
            columns = await self._missing(day, kind, columns, ids)
        self._entry.begun = name
        self._ledger.save()
        if len(columns):
            await self._store.import_columns(self._reader.sensors, kind, columns, ids)
        self._entry.begun = ""
        self._entry.days.append(name)
        self._entry.rows += len(columns)
        self._ledger.save()
        return len(columns)

    async def _missing(self, day: int, kind: ChannelKind, columns: Columns, ids: Sequence[str]) -> Columns:
        """The rows that the store does not have, by sensor and time."""
        number = {id_: i for i, id_ in enumerate(ids)}
        known: list[np.ndarray] = []
        begin_ns, end_ns = day * DAY_NS, (day + 1) * DAY_NS
        start_ns = begin_ns
        while start_ns < end_ns:
            page = await self._store.read(ids, kind, start_ns, end_ns)
            numbers = np.array([number[id_] for id_ in page.ids], np.int64)
            known.append(_keys(numbers[page.columns.ids], page.columns.t_ns - begin_ns))
            start_ns = page.next_ns or end_ns
        mine = _keys(columns.ids.astype(np.int64), columns.t_ns - begin_ns)
        return take(columns, ~np.isin(mine, np.concatenate(known)))

    async def _enrol(self, now_ns: int) -> None:
        """The file's sensors, so that who reads the store alone knows what the numbers mean."""
        for sensor in self._reader.sensors:
            self._store.record(Sensor.CLS, sensor.id, bytes(encode_value(sensor)), now_ns)
        await self._store.saved()


def _keys(numbers: np.ndarray, within_day_ns: np.ndarray) -> np.ndarray:
    """One comparable number a row, i64 (n,): sensor and time; fits for a hundred thousand sensors."""
    keys: np.ndarray = numbers * DAY_NS + within_day_ns
    return keys
