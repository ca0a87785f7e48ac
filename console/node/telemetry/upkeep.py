"""Closes days and lets go of what is too old: orders the worker, then has reader and files changed over.

Runs as a task in the node's loop; all that touches a file happens in the worker or in the threads it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple

import duckdb
import msgspec

from console.api import NS
from console.node.telemetry import database, hotday
from console.node.telemetry.hot import FOLDER, Named, Piece, Segment, Stored
from console.node.telemetry.inbox import Inbox, Live
from console.node.telemetry.layout import DAY_NS, HOUR_NS, Part, day_of, part_at, part_named
from console.node.telemetry.reader import Reader
from console.node.telemetry.retention import Keep, Retention
from console.node.telemetry.seal import Order, Outcome
from console.node.telemetry.worker import Failed, Worker

log = logging.getLogger(__name__)
ROUND_S: Final = 600.0
GRACE_S: Final = 60.0
"""After midnight, before the day is closed: the machine has other things to do at that moment."""
FLAT_RUNS: Final = 240
"""So many of the youngest runs of the live day stay as they are (4 GB): they are asked in 20 µs each, a segment, which
takes a quarter of the bytes, in 1–2 ms."""
GATHER_RUNS: Final = 36
GATHER_MOST: Final = 72
FOLD_ROWS: Final = 5_000_000
FOLD_LOOSE: Final = 28
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Upkeep:
    """Keeps the folder in order.

    Args:
        reading: the reader's thread, in which files are changed over.
        numbers_of: sensor numbers of a board.
        boards: boards that sensors have.
        importing: the file that an import writes now.
        kept: days (since 1970) of which no sample is let go.
        trouble: told a notice's key and what failed, or None.
        patience_s: so long the clock must have gone steadily before anything is deleted by it: a clock that is wrong
            for a while (a machine just started, a mistyped date) must not cost the history.
    """

    def __init__(
        self,
        folder: Path,
        keep: Retention,
        *,
        clock: Callable[[], int],
        db: duckdb.DuckDBPyConnection,
        inbox: Inbox,
        reader: Reader,
        reading: ThreadPoolExecutor,
        numbers_of: Callable[[str], list[int]],
        boards: Callable[[], Iterable[str]],
        importing: Callable[[], Path | None],
        kept: Callable[[], Set[int]],
        trouble: Callable[[str, Exception | None], None],
        patience_s: float,
    ) -> None:
        self._folder, self._keep, self._clock = folder.absolute(), keep, clock  # the worker runs elsewhere
        self._db, self._inbox, self._reader, self._reading = db.cursor(), inbox, reader, reading
        self._numbers_of, self._boards, self._trouble = numbers_of, boards, trouble
        self._importing, self._kept = importing, kept
        self._patience_s = patience_s
        self._clock_began_ns = 0
        self._steady_since_s = time.monotonic()
        self._copying = ThreadPoolExecutor(1, "telemetry.upkeep")
        self._due = asyncio.Event()
        self._one = asyncio.Lock()
        self.failed = ""
        self._worker = Worker()

    # ------------------------------------------------------------------ when

    def wake(self) -> None:
        """A day is over: close it soon."""
        self._due.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.round()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await self._due.wait()
                self._due.clear()
                await asyncio.sleep(GRACE_S)

    async def round(self) -> None:
        """Close all that can be closed, take in what was imported, let go of what is too old."""
        async with self._one:
            self.failed = ""
            for birth in self._inbox.view().hot:
                await self._try(self._gather(birth))
            for live in self._inbox.view().lives[:-1]:
                await self._try(self._close_day(live))
            for path in sorted(self._folder.glob("bulk-*.duckdb")):
                if path != self._importing():
                    await self._try(self._take_in(path))
            await self._try(self._fold())
            if self._steady():
                await self._try(self._let_go())
            await self._worker.end()
            if not self.failed:
                self._trouble("store.upkeep", None)

    async def _try(self, work: Coroutine[None, None, None]) -> None:
        """One thing that fails keeps nothing else from being done; it is tried again with the next round."""
        try:
            await work
        except (Failed, OSError, duckdb.Error) as error:
            self.failed = str(error)
            self._trouble("store.upkeep", error)

    async def close(self) -> None:
        """End the worker and the copying; the task of `run` has been cancelled before."""
        await self._worker.close()
        self._db.interrupt()
        self._copying.shutdown(wait=True)
        self._db.close()

    # ------------------------------------------------------------------ closing a day

    async def _close_day(self, live: Live) -> None:
        """A live file that is no longer written becomes part of the files of its samples' days."""
        await self._in_reader(lambda: self._read_only(live))
        live = self._inbox.live(live.birth)
        order = self._order(live.part.name)
        if not self._steady():
            order.raw_from_ns = 0
        outcome = await self._worker.work(order)
        await self._in_reader(lambda: self._adopt(live, outcome))
        await self._add_pyramid(outcome, live)
        await self._in_reader(lambda: self._forget(live))

    def _order(self, source: str) -> Order:
        now_ns = self._clock()
        raw_from_ns = now_ns - int(self._keep.longest().raw_days * DAY_NS)
        return Order(folder=str(self._folder), source=source, raw_from_ns=raw_from_ns, today_ns=day_of(now_ns) * DAY_NS)

    def _read_only(self, live: Live) -> None:
        """The worker may open a file that we have open too, if both only read. In the reader's thread."""
        if live.alias.startswith("ro_"):
            return
        self._db.execute(f"DETACH {live.alias}")
        alias = f"ro_{live.alias}"
        database.attach(self._db, self._folder / live.part.name, alias, read_only=True)
        self._inbox.replace_live(live.birth, msgspec.structs.replace(live, alias=alias))

    def _adopt(self, live: Live, outcome: Outcome) -> None:
        """From here on the new files bear the samples, the live file those days no longer. In the reader's thread."""
        made = [part for name in outcome.files if (part := part_named(name)) is not None]
        for part in made:
            self._reader.attach(part)
        self._inbox.replace_live(live.birth, msgspec.structs.replace(live, moved=live.moved | set(made)))

    def _forget(self, live: Live) -> None:
        """Nothing of the live file is needed any more. In the reader's thread."""
        self._inbox.replace_live(live.birth, None)
        pieces = self._inbox.view().hot.get(live.birth, ())
        self._inbox.change_hot(live.birth, lambda _: ())
        for piece in pieces:
            if isinstance(piece, Segment):
                self._db.execute(f"DETACH {piece.alias}")
        for path in (self._folder / FOLDER).glob(f"{live.birth}-*"):
            path.unlink()
        self._db.execute(f"DETACH {live.alias}")
        self._remove(self._folder / live.part.name)

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)

    # ------------------------------------------------------------------ the live day

    async def _gather(self, birth: str) -> None:
        """Many runs of a live file become one segment, which is smaller and quicker to ask."""
        runs = [piece for piece in self._inbox.view().hot.get(birth, ()) if isinstance(piece, Stored)]
        runs = runs[: min(len(runs) - FLAT_RUNS, GATHER_MOST)] if len(runs) >= FLAT_RUNS + GATHER_RUNS else []
        if not runs:
            return
        names = [Named(birth, run.after, run.last, "run").name for run in runs]
        made = Named(birth, runs[0].after, runs[-1].last, "duckdb")
        await self._worker.work(Order(folder=str(self._folder), runs=names, segment=made.name))
        await self._in_reader(lambda: self._take_segment(birth, made))
        for name in names:
            (self._folder / FOLDER / name).unlink(missing_ok=True)

    def _take_segment(self, birth: str, made: Named) -> None:
        """From here on the segment bears the samples, the runs no longer. In the reader's thread."""
        segment = hotday.attached(self._db, self._folder / FOLDER / made.name, made)

        def change(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
            before = tuple(piece for piece in pieces if piece.last <= segment.after)
            return (*before, segment, *(piece for piece in pieces if piece.after >= segment.last))

        self._inbox.change_hot(birth, change)

    # ------------------------------------------------------------------ pyramids

    async def _add_pyramid(self, outcome: Outcome, live: Live | None) -> None:
        """The draft's buckets into the files of months and years, each once."""
        if not outcome.pyramid:
            return
        draft = self._folder / outcome.pyramid
        birth = outcome.pyramid.removeprefix("pyramid-").removesuffix(".draft")
        await self._in_copier(lambda: database.attach(self._db, draft, "draft", read_only=True))
        try:
            for level in ("minute", "hour"):
                for part in await self._in_copier(self._parts_of, level):
                    if live is not None or level == "hour" or self._wanted(part):
                        await self._add(part, birth, live)
        finally:
            await self._in_copier(lambda: self._db.execute("DETACH draft"))
        draft.unlink(missing_ok=True)

    def _wanted(self, part: Part) -> bool:
        """Whether any board keeps the minutes of a month: those that were imported are else not made at all."""
        return part.end_ns > self._clock() - int(self._keep.longest().minute_days * DAY_NS)

    def _parts_of(self, level: str) -> list[Part]:
        both = f"SELECT t FROM draft.{level} UNION ALL SELECT t FROM draft.{level}_position"
        days = self._db.execute(f"SELECT DISTINCT t // {DAY_NS} FROM ({both})").fetchall()
        return sorted({part_at(level, day * DAY_NS) for (day,) in days})

    async def _add(self, part: Part, birth: str, live: Live | None) -> None:
        alias = await self._in_reader(lambda: self._writable(part))
        if alias is None:
            return
        known = await self._in_copier(
            lambda: self._db.execute(f"SELECT 1 FROM {alias}.merged WHERE source = ?", [birth]).fetchone()
        )
        if known is None:
            await self._in_copier(lambda: self._copy(part, alias, birth, live))
            await self._in_reader(lambda: self._commit(part, live))
        else:
            await self._in_reader(lambda: self._moved(part, live))

    def _writable(self, part: Part) -> str | None:
        """The name of a month's or year's file, made where there is none. In the reader's thread."""
        if part not in self._reader.files:
            path = self._folder / part.name
            if not path.exists():
                made = path.with_suffix(".draft")
                database.attach_draft(self._db, made, "made", part.role)
                self._db.execute("CHECKPOINT made")
                self._db.execute("DETACH made")
                made.replace(path)
            self._reader.attach(part, read_only=False)
        return self._reader.files.get(part)

    def _copy(self, part: Part, alias: str, birth: str, live: Live | None) -> None:
        """Rows of the part's span, not yet committed. In the copying thread."""
        db, level = self._db, part.role
        span = f"t >= {part.start_ns} AND t < {part.end_ns}"
        db.execute("BEGIN")
        try:
            for table in (level, f"{level}_position"):
                db.execute(f"INSERT INTO {alias}.{table} SELECT * FROM draft.{table} WHERE {span}")
            if live is not None:
                lacking = f"number NOT IN (SELECT number FROM {alias}.sensor)"
                source = self._inbox.live(live.birth).alias
                db.execute(f"INSERT INTO {alias}.sensor SELECT * FROM {source}.sensor WHERE {lacking}")
            db.execute(f"INSERT INTO {alias}.merged VALUES (?)", [birth])
        except BaseException:
            database.rollback(db)
            raise

    def _commit(self, part: Part, live: Live | None) -> None:
        """In the reader's thread, so that no reader sees the rows twice or not at all."""
        try:
            self._db.execute("COMMIT")
        except duckdb.Error:
            database.rollback(self._db)
            raise
        self._moved(part, live)

    def _moved(self, part: Part, live: Live | None) -> None:
        if live is not None:
            now = self._inbox.live(live.birth)
            self._inbox.replace_live(now.birth, msgspec.structs.replace(now, moved=now.moved | {part}))

    # ------------------------------------------------------------------ what was imported

    async def _take_in(self, path: Path) -> None:
        """A file of imported samples, complete or left by a node that was killed."""
        await self._in_copier(lambda: self._tidy(path))
        order = self._order(path.name)
        if self._kept():
            order.raw_from_ns = 0  # days that nobody keeps go with the next round
        outcome = await self._worker.work(order)
        await self._in_reader(lambda: self._adopt_bulk(outcome))
        await self._add_pyramid(outcome, None)
        self._remove(path)

    def _tidy(self, path: Path) -> None:
        """What a killed import left in the write-ahead log goes into the file, which the worker only reads."""
        database.attach(self._db, path, "bulk")
        self._db.execute("CHECKPOINT bulk")
        self._db.execute("DETACH bulk")

    def _adopt_bulk(self, outcome: Outcome) -> None:
        for name in outcome.files:
            part = part_named(name)
            if part is not None:
                self._reader.attach(part)

    async def _fold(self) -> None:
        """Sort months and years as a whole: after each day where that is little work, else once many came to them."""
        for part in sorted(self._reader.files):
            if part.role in ("minute", "hour") and await self._in_reader(self._worth_it, part):
                await self._anew(part, Order(folder=str(self._folder), anew=part.name))

    def _worth_it(self, part: Part) -> bool:
        loose = self._reader.loose(part)
        over = part.end_ns + DAY_NS < self._clock()
        return loose >= FOLD_LOOSE or (loose > 0 and (over or self._reader.rows(part) <= FOLD_ROWS))

    async def _anew(self, part: Part, order: Order) -> None:
        """Have a file made anew while it is only read."""
        await self._in_reader(lambda: self._reader.attach(part))
        try:
            await self._worker.work(order)
        finally:
            await self._in_reader(lambda: self._reader.attach(part, read_only=part.role in ("raw", "late")))

    # ------------------------------------------------------------------ too old

    def _steady(self) -> bool:
        """Whether the clock has gone on as time does, for long enough."""
        now_s = time.monotonic()
        began_ns = self._clock() - int(now_s * NS)
        if abs(began_ns - self._clock_began_ns) > HOUR_NS:
            self._clock_began_ns, self._steady_since_s = began_ns, now_s
        return now_s - self._steady_since_s >= self._patience_s

    async def _let_go(self) -> None:
        """Delete files that no board wants, and make anew those that some boards want no longer."""
        now_ns = self._clock()
        for part in sorted(self._reader.files):
            over = {board for board in ("", *self._boards()) if self._days(board, part) * DAY_NS < now_ns - part.end_ns}
            if {"", *self._boards()} <= over:
                await self._in_reader(self._delete, part)
            elif over and self._keep.boards:
                await self._prune(part, sorted(over))

    def _days(self, board: str, part: Part) -> float:
        keep: Keep = self._keep.of(board)
        if part.role in ("raw", "late") and day_of(part.start_ns) in self._kept():
            return max(keep.hour_days, keep.raw_days)
        return {"minute": keep.minute_days, "hour": keep.hour_days}.get(part.role, keep.raw_days)

    def _delete(self, part: Part) -> None:
        self._reader.detach(part)
        self._remove(self._folder / part.name)

    async def _prune(self, part: Part, boards: list[str]) -> None:
        gone = await self._in_reader(lambda: self._reader.gone(part))
        fresh = [board for board in boards if board not in gone]
        numbers = [number for board in fresh for number in self._numbers_of(board)]
        if not fresh:
            return
        order = Order(folder=str(self._folder), anew=part.name, numbers=numbers, boards=fresh)
        await self._anew(part, order)

    # ------------------------------------------------------------------ who works

    async def _in_reader(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, work, *arguments)

    async def _in_copier(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._copying, work, *arguments)
