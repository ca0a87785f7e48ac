"""The telemetry store as the node sees it: append, record, query, read; knows no hub and no socket.

All methods are called in the node's loop. One thread writes, one reads; a process of its own closes days.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import duckdb
import msgspec
import numpy as np

from console.api import BadInput, ChannelKind, Columns, Notice, Quality, ResourceError, Sensor, Span
from console.node.telemetry import database
from console.node.telemetry.bulk import Bulk
from console.node.telemetry.catalogue import Catalogue
from console.node.telemetry.entitylog import Standing
from console.node.telemetry.imported import Imported
from console.node.telemetry.inbox import BYTES_MOST, Change, Inbox, Samples, View
from console.node.telemetry.layout import DAY_NS, Part, check_format, made_since, parts_in
from console.node.telemetry.reader import Past, Reader
from console.node.telemetry.retention import Retention, remember
from console.node.telemetry.rows import table_of
from console.node.telemetry.trouble import damaged, trouble
from console.node.telemetry.upkeep import Upkeep
from console.node.telemetry.writer import Writer
from console.posix import lock_file
from console.tasks import Tasks

OLDEST_NS: Final = 10 * 366 * DAY_NS
NEWEST_NS: Final = DAY_NS
"""A claimed time further back or ahead than this is no time: the sample is stored at its arrival, marked CLOCK."""
DEFAULT: Final = Retention()
T = TypeVar("T")
log = logging.getLogger(__name__)
EMPTY: Final = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


class Telemetry:
    """Samples and entities of the past, in files below `folder`.

    Args:
        keep: how long which part is kept.
        clock: the node's, UTC ns.
        on_notice, on_clear: told in the node's loop; keys begin with "store".
        buffer_bytes: the most that waits in memory while nothing can be written; then the oldest goes.
        patience_s: so long the clock must have gone steadily before anything is deleted by it.
        remember: note `keep` in the folder, for imports beside this store.
        keep_imported: what is imported stays as it came, whoever opens the folder later.
    """

    def __init__(
        self,
        folder: Path,
        keep: Retention = DEFAULT,
        *,
        clock: Callable[[], int] = time.time_ns,
        on_notice: Callable[[Notice], None],
        on_clear: Callable[[str], None],
        buffer_bytes: int = BYTES_MOST,
        patience_s: float = 3_600.0,
        remember: bool = False,
        keep_imported: bool = False,
    ) -> None:
        self._folder, self._keep, self._clock = folder, keep, clock
        self._on_notice, self._on_clear = on_notice, on_clear
        self._inbox = Inbox(buffer_bytes)
        self._patience_s = patience_s
        self._catalogue = Catalogue()
        self._standing = Standing()
        self._pool = ThreadPoolExecutor(1, "telemetry.reader")
        self._bulk_pool = ThreadPoolExecutor(1, "telemetry.import")
        self._db: duckdb.DuckDBPyConnection | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._lock: int | None = None
        self._savers: list[tuple[int, asyncio.Future[None]]] = []
        self._raised: set[str] = set()
        self._upkeep: Upkeep | None = None
        self._tasks = Tasks()
        self._importing = Bulk(folder)
        self._imported = Imported(folder)
        self._remember, self._keep_imported = remember, keep_imported

    # ------------------------------------------------------------------ open and close

    async def open(self) -> None:
        """Take the store, or make it. Raises ResourceError: another node has it, a newer version wrote it, the disk."""
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._pool, self._open)
        assert self._writer is not None
        self._inbox.put(Change(self._clock(), "", "", None))
        self._inbox.hurry()
        assert self._upkeep is not None
        upkeep = self._upkeep
        self._writer.on_closed = lambda live: self._soon(upkeep.wake)
        self._writer.start()
        self._tasks.start("telemetry.upkeep", upkeep.run())

    def _open(self) -> None:
        """In the reader's thread."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            check_format(self._folder)
            self._imported.load()
            self._lock = lock_file(self._folder / "store.lock")
            if self._lock is None:
                raise ResourceError(
                    f"telemetry store {self._folder}: another node has it open; end that node, or give this one "
                    "another state folder"
                )
            if self._remember:
                remember(self._folder, self._keep)
            self._db = database.connect()
            self._reader = Reader(self._db, self._folder, self._damaged)
            self._writer = Writer(
                self._db, self._folder, self._inbox, clock=self._clock, trouble=self._trouble, damaged=self._damaged
            )
            self._writer.on_saved = self._saved_soon
            self._throw_away()
            parts = parts_in(self._folder)
            for part in parts:
                if part.role != "live":
                    self._reader.attach(part, read_only=part.role in ("raw", "late"))
            lives = [part for part in parts if part.role == "live"]
            self._catalogue.load(self._reader.sensors())
            for live in self._writer.open(lives, self._catalogue):
                moved = frozenset(part for part in tuple(self._reader.files) if self._reader.merged(part, live.birth))
                self._inbox.replace_live(live.birth, msgspec.structs.replace(live, moved=moved))
            self._upkeep = Upkeep(
                self._folder,
                self._keep,
                clock=self._clock,
                db=self._db,
                inbox=self._inbox,
                reader=self._reader,
                reading=self._pool,
                numbers_of=self._catalogue.of_board,
                boards=self._catalogue.boards,
                importing=lambda: self._importing.path,
                kept=lambda: self._imported.kept,
                trouble=self._tell_trouble,
                patience_s=self._patience_s,
            )
        except (OSError, duckdb.Error) as error:
            self._let_go()
            raise ResourceError(
                f"telemetry store {self._folder} cannot be opened: {error}; see that the disk has room and that the "
                "folder may be written"
            ) from error
        except ResourceError:
            self._let_go()
            raise

    def _throw_away(self) -> None:
        """What a worker was making when it died."""
        for path in (*self._folder.glob("*.draft"), *self._folder.glob("*.draft.wal")):
            path.unlink(missing_ok=True)
        shutil.rmtree(self._folder / "spill", ignore_errors=True)

    def _let_go(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def close(self) -> None:
        """Commit what waits, end the threads and the worker, free the folder."""
        await self._tasks.close()
        if self._upkeep is not None:
            await self._upkeep.close()
        if self._writer is not None:
            await self._loop.run_in_executor(self._pool, self._writer.close)
        await self._loop.run_in_executor(self._pool, self._let_go)
        self._wake_savers()
        await self._loop.run_in_executor(self._bulk_pool, self._importing.finish)
        self._bulk_pool.shutdown()
        self._pool.shutdown()

    # ------------------------------------------------------------------ in

    @property
    def saved_rows(self) -> int:
        """Samples that are on disk, of those appended since `open`."""
        return self._writer.saved_rows if self._writer is not None else 0

    @property
    def dropped_rows(self) -> int:
        """Samples and changes given up because nothing could be written for too long."""
        return self._inbox.dropped_rows

    def enrol(self, sensors: Iterable[Sensor]) -> None:
        """Give sensors their durable numbers; told again, what names them is brought up to date."""
        for sensor in sensors:
            entry = self._catalogue.enrol(sensor)
            if entry is not None:
                self._inbox.put(entry)

    def append(self, kind: ChannelKind, columns: Columns, ids: Sequence[str]) -> None:
        """Take samples; `ids[handle]` is the sensor that a handle in `columns.ids` means. Never blocks.

        Times that cannot be (ten years back, a day ahead) become the arrival's, marked CLOCK.
        """
        if len(columns) == 0:
            return
        for entry in self._catalogue.settle(ids, kind, columns.ids):
            self._inbox.put(entry)
        now_ns = self._clock()
        t, q = np.array(columns.t_ns, np.int64), np.array(columns.q, np.uint8)
        strange = (t < now_ns - OLDEST_NS) | (t > now_ns + NEWEST_NS)
        if np.count_nonzero(strange):
            t[strange] = now_ns
            q[strange] |= np.uint8(Quality.CLOCK)
        v = np.array(columns.v, np.float64) if columns.v.size else np.full(len(t), np.nan)
        numbers = self._catalogue.numbers(ids, kind)[columns.ids]
        self._inbox.put(Samples(table_of(kind), Columns(t_ns=t, v=v, q=q, ids=numbers)))

    def record(self, cls: str, id: str, raw: bytes | None, t_ns: int) -> None:
        """Log an entity as put (`raw` its MessagePack) or dropped (None); one that stands so already is passed over."""
        if self._standing.change(cls, id, raw):
            self._inbox.put(Change(t_ns, cls, id, raw))

    async def saved(self) -> None:
        """Return when all that was appended so far is on disk (or was given up)."""
        wanted = self._inbox.hurry()
        if self._db is None:
            return  # closed: nothing more will be written
        if self._inbox.done_to < wanted:
            waiter = self._loop.create_future()
            self._savers.append((wanted, waiter))
            self._wake_savers()
            await waiter

    def _saved_soon(self) -> None:
        """In the writer's thread."""
        if self._savers:
            self._soon(self._wake_savers)

    def _wake_savers(self) -> None:
        done = self._inbox.done_to
        closed = self._db is None
        for wanted, waiter in self._savers:
            if not waiter.done() and (done >= wanted or closed):
                waiter.set_result(None)
        self._savers = [(wanted, waiter) for wanted, waiter in self._savers if not waiter.done()]

    def _soon(self, call: Callable[..., None], *arguments: object) -> None:
        """Call in the node's loop, from any thread."""
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            pass  # the loop has ended: nobody is left to be told

    async def import_columns(
        self, sensors: Iterable[Sensor], kind: ChannelKind, columns: Columns, ids: Sequence[str]
    ) -> None:
        """Take samples of the past in bulk, any order and any time since 1970; on disk when it returns.

        They are found by readers after `settle`, or once the upkeep has come by. `ids[handle]` is the sensor that a
        handle in `columns.ids` means. Raises BadInput for times before 1970 or in the future, ResourceError where the
        disk does not take them.
        """
        if len(columns) == 0:
            return
        first, last = int(columns.t_ns.min()), int(columns.t_ns.max())
        if first < 0 or last > self._clock() + NEWEST_NS:
            raise BadInput("imported times", found=f"{first} to {last} ns", expected="since 1970 and not of the future")
        self.enrol(sensors)
        for entry in self._catalogue.settle(ids, kind, columns.ids):
            self._inbox.put(entry)
        await self.saved()
        numbers = self._catalogue.numbers(ids, kind)[columns.ids]
        v = columns.v if columns.v.size else np.full(len(columns), np.nan)
        rows = Columns(t_ns=columns.t_ns, v=v, q=columns.q, ids=numbers)
        try:
            await self._loop.run_in_executor(self._bulk_pool, self._import, table_of(kind), rows)
        except (OSError, duckdb.Error) as error:
            raise ResourceError(f"telemetry store {self._folder}: the import cannot be written: {error}") from error

    def _import(self, table: str, rows: Columns) -> None:
        """In the thread of the import."""
        self._imported.add(rows.t_ns, keep=self._keep_imported)
        self._importing.add(table, rows)

    def unsettled(self, days: Iterable[int], since_s: float) -> int:
        """How many of the days (counted from 1970) have no file made since then, s since 1970: `settle` has them yet.

        `close` ends what `settle` does between two of them; the next start goes on there.
        """
        from_ns = self._clock() - int(self._keep.longest().raw_days * DAY_NS)
        held = (day for day in days if (day + 1) * DAY_NS > from_ns)
        return sum(not made_since(self._folder, day, since_s) for day in held)

    async def settle(self) -> None:
        """Return when what was imported is where readers find it, closed days are closed, and what is too old is gone.

        Raises ResourceError where that failed; it is tried again by itself.
        """
        assert self._upkeep is not None
        await self._loop.run_in_executor(self._bulk_pool, self._importing.finish)
        await self._upkeep.round()
        if self._upkeep.failed:
            raise ResourceError(f"telemetry store {self._folder}: {self._upkeep.failed}")

    # ------------------------------------------------------------------ trouble

    def _trouble(self, key: str, error: Exception | None) -> None:
        """In the writer's thread."""
        self._soon(self._tell_trouble, key, error)

    def _tell_trouble(self, key: str, error: Exception | None) -> None:
        if error is None:
            if key in self._raised:
                self._raised.discard(key)
                self._on_clear(key)
            return
        self._raised.add(key)
        self._on_notice(trouble(key, self._folder, error))

    def _damaged(self, part: Part, error: Exception) -> None:
        """In the reader's or the writer's thread."""
        log.error("%s is damaged: %s", part.name, error)
        self._soon(self._on_notice, damaged(self._folder / part.name, error))

    # ------------------------------------------------------------------ out

    async def _read(self, work: Callable[[Reader, View], T]) -> T:
        """Have the reader's thread do something with what stands together then."""
        reader = self._reader
        if reader is None:
            raise ResourceError("the telemetry store is not open")

        def locked() -> T:
            assert self._writer is not None
            with self._writer.files:
                return work(reader, self._inbox.view())

        try:
            return await self._loop.run_in_executor(self._pool, locked)
        except duckdb.Error as error:
            raise ResourceError(f"telemetry store {self._folder} cannot be read: {error}") from error

    async def query(self, span: Span) -> Columns:
        """One sensor, ascending: as it came where that fits in `max_points`, else min and max of each bucket."""
        kinds = self._catalogue.kinds(span.sensor)
        if not kinds:
            return EMPTY
        kind = kinds[-1]
        number = self._catalogue.number(span.sensor, kind)
        assert number is not None
        start, end, most = span.start_ns, span.end_ns, span.max_points
        return await self._read(lambda reader, view: reader.query(view, kind, number, start, end, most))

    async def read(
        self,
        ids: Sequence[str],
        kind: ChannelKind,
        start_ns: int,
        end_ns: int,
        limit_rows: int = 100_000,
        since_ns: int = 0,
    ) -> Past:
        """Samples of many sensors in [start_ns, end_ns), ascending in t, at most about `limit_rows` of them.

        `since_ns`: all of those that arrived since then, and of the others as many as are quicker read than left out.
        """
        names = tuple(ids)
        wanted = [
            (number, i) for i, id_ in enumerate(names) if (number := self._catalogue.number(id_, kind)) is not None
        ]
        columns, next_ns = await self._read(
            lambda reader, view: reader.read(view, kind, wanted, (start_ns, end_ns), limit_rows, since_ns)
        )
        return Past(columns=columns, ids=names, next_ns=next_ns)

    def sensors(self) -> list[Sensor]:
        """All sensors ever enrolled, live or imported: id, kind of channel, board, area, name and unit, no more."""
        return self._catalogue.sensors()

    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]:
        """Entities by class and id, MessagePack, as they stood at `t_ns`."""
        return await self._read(lambda reader, view: reader.entities_at(view, t_ns))

    async def entity_changes(self, start_ns: int, end_ns: int) -> list[tuple[int, str, str, bytes | None]]:
        """(t, class, id, value or None) of each change in [start_ns, end_ns), ascending. Class "": a run began."""
        return await self._read(lambda reader, view: reader.entity_changes(view, start_ns, end_ns))

    async def covered(self) -> tuple[int, int]:
        """Times of the first and the last sample that is held as it came, whatever its time; (0, 0) for none."""
        return await self._read(lambda reader, view: reader.covered(view))

    async def recorded(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Intervals within [start_ns, end_ns) that can be shown again: the runs, and imported days, ascending, apart.

        Not what a source told of times before it began, nor what a wrong clock says.
        """
        now_ns = self._clock()
        return await self._read(lambda reader, view: reader.recorded(view, self._imported, start_ns, end_ns, now_ns))

    async def runs(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Intervals within [start_ns, end_ns) in which this store was recording; between them it was not."""
        return await self._read(lambda reader, view: reader.runs(view, start_ns, end_ns))
