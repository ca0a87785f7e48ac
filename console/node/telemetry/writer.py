"""The writer's thread: commits what waits into the live file of the day; never runs in the node's loop."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from console.api import Columns
from console.node.telemetry import database, livefile
from console.node.telemetry.catalogue import Catalogue, sensors_of
from console.node.telemetry.entitylog import Standing
from console.node.telemetry.extent import extent_of, wider
from console.node.telemetry.hotday import HotDay
from console.node.telemetry.inbox import Change, Chunk, Enrolled, Inbox, Live, Samples
from console.node.telemetry.layout import HOUR_NS, Part, part_at, set_aside
from console.node.telemetry.tail import ROWS_MOST, Tail, chained

log = logging.getLogger(__name__)
COMMIT_S: Final = 0.5
IDLE_BEAT_S: Final = 5.0
RETRY_S: Final = 1.0
HOLE_NS: Final = 20_000_000_000
"""So long without a beat, the store was not recording."""
BACK_NS: Final = HOUR_NS
"""So much before midnight a clock may be put back without another file."""
Damaged = Callable[[Part, Exception], None]
Trouble = Callable[[str, Exception | None], None]
"""Told a notice's key and what went wrong, or None once it goes right again."""


class Dropped(Exception):
    """What had to be given up because nothing could be written."""


class _Attempt(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A commit on its way: what there will be once it is on disk."""

    n: int
    now_ns: int
    run: int
    dropped: int
    chunks: Sequence[Chunk]
    scalar: Columns | None
    position: Columns | None
    tail: Tail
    flush: bool


class Writer:
    """Owns the current live file.

    Args:
        trouble, damaged: called in the writer's thread.
    """

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        folder: Path,
        inbox: Inbox,
        clock: Callable[[], int],
        trouble: Trouble,
        damaged: Damaged,
    ) -> None:
        self._db, self._folder, self._inbox, self._clock, self._trouble = db.cursor(), folder, inbox, clock, trouble
        self._damaged = damaged
        self._hot = HotDay(self._db, folder, inbox)
        self._thread = threading.Thread(target=self._run, name="telemetry.writer", daemon=True)
        self._sensors: dict[int, Enrolled] = {}
        self.standing = Standing()
        self._live: Live | None = None
        self._attempt: _Attempt | None = None
        self.files = threading.Lock()
        """Held while a file that is read may change its name, and by who reads."""
        self._n = self._run_number = 0
        self._aliases = 0
        self._flushed = 0
        self._tail = Tail()
        self._runs: list[tuple[int, int]] = []
        self._this_run: list[tuple[int, int]] = []
        self._extent = (0, 0)
        self._hour = 0
        self._beat_s = 0.0
        self._troubled = False
        self._told_dropped = 0
        self._dropped = 0
        self.saved_rows = 0
        self.on_saved: Callable[[], None] = lambda: None
        self.on_closed: Callable[[Live], None] = lambda live: None

    # ------------------------------------------------------------------ before the thread runs

    def open(self, lives: Sequence[Part], catalogue: Catalogue) -> list[Live]:
        """Take up the live files that there are and begin today's; all of them, today's last. Raises duckdb.Error.

        What they know of sensors goes into the catalogue.
        """
        today = part_at("live", self._clock())
        found = [live for part in lives if (live := self._attach(part)) is not None]
        for live in found:
            catalogue.load(sensors_of(self._db, live.alias))
        self._sensors = dict(catalogue.by_number)
        for live in found:
            self._recover(live)
        self._runs = [run for live in found for run in livefile.runs_of(self._db, live.alias)]
        self._extent = wider((0, 0), *(livefile.extent_of(self._db, live.alias) for live in found))
        current = next((live for live in found if live.part == today), None) or self._begin(today)
        others = [live for live in found if live is not current]
        self._hot.tidy({live.birth for live in (*others, current)})
        for live in (*others, current):  # the current one last: what is written from now on follows it
            self._hot.take_up(live, self._commits(live.alias))
        self._take_up(current)
        self._run_number = int(livefile.one(self._db, f"SELECT coalesce(max(run), 0) FROM {current.alias}.beat")) + 1
        self._inbox.change_lives(lambda _: (*others, current))
        self._publish(written=False)
        return [*others, current]

    def start(self) -> None:
        """Begin to commit."""
        self._thread.start()

    def close(self) -> None:
        """Commit what waits and end; blocks until it has."""
        self._inbox.close()
        if self._thread.is_alive():
            self._thread.join()

    def alias(self, part: Part) -> str:
        """A name that no attached file has had yet."""
        self._aliases += 1
        return f"{part.role}_{self._aliases}"

    def _attach(self, part: Part) -> Live | None:
        """A live file of an earlier run; None where it is damaged, or was never more than begun."""
        alias, path = self.alias(part), self._folder / part.name
        if not path.stat().st_size:
            path.unlink()
            return None
        try:
            database.attach(self._db, path, alias)
        except duckdb.Error as error:
            if not database.is_damage(error):
                raise
            set_aside(path)
            self._damaged(part, error)
            return None
        if not database.has_tables(self._db, alias):
            self._make(alias)
        birth = livefile.one(self._db, f"SELECT name FROM {alias}.birth")
        return Live(part, alias, str(birth))

    def _begin(self, part: Part) -> Live:
        alias = self.alias(part)
        database.attach(self._db, self._folder / part.name, alias)
        try:
            self._make(alias)
        except duckdb.Error:
            self._db.execute(f"DETACH {alias}")
            (self._folder / part.name).unlink(missing_ok=True)
            raise
        return Live(part, alias, str(livefile.one(self._db, f"SELECT name FROM {alias}.birth")))

    def _make(self, alias: str) -> None:
        """Tables, and all that makes the file stand alone: its sensors and the entities that there are."""
        db = self._db
        db.execute("BEGIN")
        try:
            db.execute(database.SCHEMAS["live"].format(db=alias))
            db.execute(f"INSERT INTO {alias}.birth VALUES (?)", [secrets.token_hex(16)])
            livefile.insert_sensors(self._db, alias, self._sensors.values())
            for _, until in self._this_run:  # midnight is no hole
                db.execute(f"INSERT INTO {alias}.beat VALUES (0, {self._run_number}, {until})")
            now_ns = self._clock()
            standing = list(self.standing.all())
            if standing:
                database.insert(
                    db, f"{alias}.standing", f"{now_ns}, *", livefile.objects(("cls", "id", "raw"), standing)
                )
            db.execute("COMMIT")
        except duckdb.Error:
            database.rollback(db)
            raise

    def _recover(self, live: Live) -> None:
        """Bring the tables of buckets up to the last commit: what a killed node held in memory only."""
        flushed = int(livefile.one(self._db, f"SELECT coalesce(max(n), 0) FROM {live.alias}.flushed"))
        last = self._commits(live.alias)
        if last > flushed:
            livefile.in_one(self._db, lambda: livefile.rebuild(self._db, live.alias, flushed, last))

    def _take_up(self, live: Live) -> None:
        self._live = live
        self._n = self._flushed = self._commits(live.alias)
        self._hour = self._clock() // HOUR_NS
        self._tail = Tail()

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        going, pause_s = True, COMMIT_S
        while going:
            going = self._inbox.wait(pause_s)
            pause_s = COMMIT_S if self._turn(last=not going) else RETRY_S
            self.on_saved()

    def _turn(self, *, last: bool) -> bool:
        """Commit what waits, if anything does; False where that failed."""
        dropped = self._inbox.dropped_rows
        if dropped != self._told_dropped:
            self._told_dropped = dropped
            self._trouble("store.dropped", Dropped(f"{dropped} samples and changes"))
        try:
            if self._attempt is not None or not self._whole():
                self._mend()
            self._roll_over()
            chunks = self._inbox.take()
            if chunks or last or time.monotonic() - self._beat_s >= IDLE_BEAT_S:
                self._commit(chunks, last=last)
            if self._troubled:
                self._trouble("store", None)
            self._troubled = False
            return True
        except Exception as error:  # whatever it was: a writer that ended would lose all that comes, and tell nobody
            if not isinstance(error, (duckdb.Error, OSError)):
                log.exception("commit")
            self._inbox.give_back(keep=self._attempt is not None)
            self._troubled = True
            self._trouble("store", error)
            return False

    def _commit(self, chunks: Sequence[Chunk], *, last: bool = False) -> None:
        """Everything at once or nothing. `last`: the tail goes into the file too."""
        assert self._live is not None
        scalar, position = _columns(chunks, "scalar"), _columns(chunks, "position")
        now_ns, tail = self._clock(), self._tail.with_samples(scalar, position)
        attempt = _Attempt(
            n=self._n + 1,
            now_ns=now_ns,
            run=self._run_of(now_ns),
            dropped=self._inbox.dropped_rows,
            chunks=chunks,
            scalar=scalar,
            position=position,
            tail=tail,
            flush=last or now_ns // HOUR_NS != self._hour or tail.rows > ROWS_MOST,
        )
        alias = self._live.alias
        self._db.execute("BEGIN")
        try:
            self._write(alias, attempt)
        except BaseException:
            database.rollback(self._db)
            raise
        self._attempt = attempt  # from here on only the file knows whether it was written
        self._db.execute("COMMIT")
        self._written()

    def _written(self) -> None:
        """The attempt is on disk."""
        attempt, self._attempt = self._attempt, None
        assert attempt is not None
        self._n, self._hour = attempt.n, attempt.now_ns // HOUR_NS
        self._beat(attempt)
        for columns in (attempt.scalar, attempt.position):
            if columns is not None:
                self._extent = wider(self._extent, extent_of(columns))
                self.saved_rows += len(columns)
        self._tail, self._flushed = (Tail(), attempt.n) if attempt.flush else (attempt.tail, self._flushed)
        self._hot.add(attempt.scalar, attempt.n)
        self._note(attempt.chunks)
        self._publish(written=True)
        self._hot.spill()

    def _whole(self) -> bool:
        return self._live is not None and bool(self._live.alias)

    def _mend(self) -> None:
        """Find out whether a commit that failed counted, from the file itself."""
        try:
            last = self._last_commit()
        except duckdb.Error:  # DuckDB lets go of a file whose checkpoint had no room
            self._attach_anew()
            last = self._last_commit()
        if self._attempt is not None and last >= self._attempt.n:
            self._written()
        self._attempt = None
        self._inbox.give_back(keep=False)

    def _last_commit(self) -> int:
        assert self._live is not None
        return self._commits(self._live.alias or "nothing")

    def _commits(self, alias: str) -> int:
        return int(livefile.one(self._db, f"SELECT coalesce(max(n), 0) FROM {alias}.beat"))

    def _attach_anew(self) -> None:
        """While nobody reads, for the file has no name meanwhile."""
        live = self._live
        assert live is not None
        with self.files:
            if live.alias:
                self._live = msgspec.structs.replace(live, alias="")
                self._inbox.replace_live(live.birth, self._live)
                with contextlib.suppress(duckdb.IOException):  # detached, but not checkpointed: there is no room
                    self._db.execute(f"DETACH {live.alias}")
            alias = self.alias(live.part)
            database.attach(self._db, self._folder / live.part.name, alias)
            self._live = msgspec.structs.replace(live, alias=alias)
            self._inbox.replace_live(live.birth, self._live)

    def _publish(self, *, written: bool) -> None:
        self._inbox.publish(
            written=written,
            committed=self._n,
            flushed=self._flushed,
            tail=self._tail,
            extent=self._extent,
            runs=(*self._runs, *self._this_run),
            fresh=self._hot.fresh,
        )

    def _run_of(self, now_ns: int) -> int:
        """Another run where something was lost, or the clock jumped (a suspended machine): that is a hole."""
        jumped = bool(self._this_run) and not 0 <= now_ns - self._this_run[0][1] <= HOLE_NS
        return self._run_number + (self._inbox.dropped_rows != self._dropped or jumped)

    def _beat(self, attempt: _Attempt) -> None:
        """Note that all up to then is recorded."""
        run, now_ns = attempt.run, attempt.now_ns
        if run != self._run_number or not self._this_run:
            self._runs += self._this_run
            self._this_run = [(now_ns, now_ns)]
        self._this_run = [(self._this_run[0][0], now_ns)]
        self._run_number, self._dropped, self._beat_s = run, attempt.dropped, time.monotonic()

    def _note(self, chunks: Sequence[Chunk]) -> None:
        """What the next file begins with."""
        for chunk in chunks:
            if isinstance(chunk, Enrolled):
                self._sensors[chunk.number] = chunk
            elif isinstance(chunk, Change):
                self.standing.change(chunk.cls, chunk.id, chunk.raw)

    def _write(self, alias: str, attempt: _Attempt) -> None:
        n, chunks = attempt.n, attempt.chunks
        livefile.insert_sensors(self._db, alias, [chunk for chunk in chunks if isinstance(chunk, Enrolled)])
        for table, columns in (("scalar", attempt.scalar), ("position", attempt.position)):
            if columns is not None and len(columns):
                livefile.insert(self._db, f"{alias}.{table}", n, livefile.sample_rows(columns))
        changes = [msgspec.structs.astuple(chunk) for chunk in chunks if isinstance(chunk, Change)]
        if changes:
            livefile.insert(self._db, f"{alias}.change", n, livefile.objects(("t", "cls", "id", "raw"), changes))
        if attempt.flush:
            livefile.flush(self._db, alias, n, attempt.tail)
        self._db.execute(f"INSERT INTO {alias}.beat VALUES ({n}, {attempt.run}, {attempt.now_ns})")

    def _roll_over(self) -> None:
        """Begin another file where the UTC day is another; what waits goes into it."""
        assert self._live is not None
        now_ns, old = self._clock(), self._live
        if old.part.start_ns - BACK_NS <= now_ns < old.part.end_ns:
            return
        part = part_at("live", now_ns)
        if (self._folder / part.name).exists():
            return  # the clock was put back into a day that is being closed: it goes on here until that is done
        self._commit([], last=True)
        new = self._begin(part)
        self._hot.begin(new)
        self._take_up(new)
        self._inbox.change_lives(lambda lives: (*lives, new))
        self._publish(written=False)
        self.on_closed(old)


def _columns(chunks: Sequence[Chunk], table: str) -> Columns | None:
    parts = [chunk.columns for chunk in chunks if isinstance(chunk, Samples) and chunk.table == table]
    return chained(parts) if parts else None
