"""The worker that closes days (`python -m console.node.telemetry.seal`): sorts what arrived into files of its time.

Standard input is the control pipe: a JSON line is an `Order`, its end ends the worker. Standard output gets a JSON line
for each, the `Outcome`. The node has what is read here open for reading only. A file is made under another name,
synced, and renamed: whoever dies at whatever moment, the old one is there or the new one. Each new file names the live
files whose samples are in it, so that they are taken in once however often this is begun again.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb
import msgspec

from console.node.telemetry import database
from console.node.telemetry.gather import gather
from console.node.telemetry.hot import FOLDER
from console.node.telemetry.layout import DAY_NS, HOUR_NS, MINUTE_NS, Part, part_at, part_named, step_of
from console.node.telemetry.livefile import PLACE, bucketed, first_known
from console.posix import die_with_parent, lower_priority, sync_folder

MEMORY_MB: Final = 320
SORT_ROWS: Final = 3_000_000
"""So many rows are sorted at once, in memory."""
BLOCK_ROWS: Final = 2_000_000
"""A busy day is cut into blocks of whole hours of about so many rows: replay reads an hour without the whole day."""
FEW_ROWS: Final = 50_000
"""A day of so few samples lies in small blocks: of 24 samples 78 kB in place of 1.1 MB; 100,000 take as much in both,
more take up to twice as much."""


class Order(msgspec.Struct, kw_only=True):
    """What to do. `source`: a live or bulk file's name; then its samples from `raw_from_ns` on go into files of days.

    Else `anew`, a file's name: made anew without the samples of `numbers`, whose `boards` are then gone.
    Else `runs`, names of files of the live day, in order: gathered into `segment`.
    """

    folder: str
    source: str = ""
    raw_from_ns: int = 0
    today_ns: int = 0
    anew: str = ""
    numbers: list[int] = []
    boards: list[str] = []
    runs: list[str] = []
    segment: str = ""


class Outcome(msgspec.Struct, kw_only=True):
    """`files`: names made or found complete. `pyramid`: a draft with the buckets. `failed`: why not."""

    files: list[str] = []
    pyramid: str = ""
    failed: str = ""


class Sealer:
    """One order, carried out."""

    def __init__(self, order: Order) -> None:
        self._order, self._folder = order, Path(order.folder)
        self._db = database.connect(MEMORY_MB, self._folder / "spill")
        self._drafts = 0

    def carry_out(self) -> Outcome:
        """Raises duckdb.Error and OSError."""
        if self._order.segment:
            return self._gather()
        return self._anew() if self._order.anew else self._seal()

    def close(self) -> None:
        """Free what the order needed."""
        self._db.close()

    def _gather(self) -> Outcome:
        folder, name = self._folder / FOLDER, self._order.segment
        draft = folder / f"{os.getpid()}.draft"
        gather(self._db, folder, self._order.runs, draft)
        self._finish(draft, folder / name, [])
        return Outcome(files=[name])

    # ------------------------------------------------------------------ a live file into files of days

    def _seal(self) -> Outcome:
        database.attach(self._db, self._folder / self._order.source, "src", read_only=True)
        birth = str(self._rows("SELECT name FROM src.birth")[0][0])
        own = part_named(self._order.source)
        days = {part_at("raw", t) for (t,) in self._rows(_DAYS)}
        arrival = part_at("raw", own.start_ns) if own is not None else None
        targets = sorted(self._target(day, arrival, birth) for day in days | ({arrival} if arrival else set()))
        files = []
        for part in targets:
            if part.end_ns > self._order.raw_from_ns or part == arrival:
                self._merge(part, birth, log=part == arrival)
                files.append(part.name)
        return Outcome(files=files, pyramid=self._pyramid(birth, sorted(days)))

    def _target(self, day: Part, arrival: Part | None, birth: str) -> Part:
        """The file for this day's samples: `late` where the day is not over or was closed before this source came."""
        if day == arrival or self._holds(day, birth):
            return day
        late = part_at("late", day.start_ns)
        over = day.start_ns < self._order.today_ns
        closed = (self._folder / day.name).exists() or (self._folder / part_at("live", day.start_ns).name).exists()
        return day if over and not closed and not (self._folder / late.name).exists() else late

    def _merge(self, part: Part, birth: str, *, log: bool) -> None:
        """The file made anew: what it held, and what the source has of its span."""
        path = self._folder / part.name
        if self._holds(part, birth):
            return
        if path.exists():
            database.attach(self._db, path, "old", read_only=True)
        sources = ["old", "src"] if path.exists() else ["src"]
        draft = self._draft(part.role, few=self._few(sources, part))
        for table, values in (("scalar", "v"), ("position", PLACE)):
            self._sorted(table, values, sources, part)
        if "old" in sources:
            self._db.execute("INSERT INTO new.merged SELECT * FROM old.merged")
            self._db.execute("INSERT INTO new.gone SELECT * FROM old.gone")
        self._db.execute(f"INSERT INTO new.merged VALUES ({database.quoted(birth)})")
        if part.role == "raw":
            self._log(sources, log=log)
        self._extent()
        self._finish(draft, path, sources)

    def _holds(self, part: Part, birth: str) -> bool:
        """Whether the file has this source's samples already: a round that was stopped began with it."""
        path = self._folder / part.name
        if not path.exists():
            return False
        database.attach(self._db, path, "old", read_only=True)
        found = bool(self._rows(f"SELECT 1 FROM old.merged WHERE source = {database.quoted(birth)}"))
        self._db.execute("DETACH old")
        return found

    def _log(self, sources: list[str], *, log: bool) -> None:
        """Entities, runs and sensors, so that the file can be read alone."""
        for name in sources:
            if name == "old" or log:
                self._db.execute(f"INSERT INTO new.change SELECT t, cls, id, raw FROM {name}.change")
                runs = (
                    "* FROM old.run" if name == "old" else "run, min(t), max(t) FROM src.beat GROUP BY run ORDER BY 1"
                )
                self._db.execute(f"INSERT INTO new.run SELECT {runs}")
        if "old" in sources:
            self._db.execute("INSERT INTO new.standing SELECT * FROM old.standing")
        if log and not self._rows("SELECT 1 FROM new.standing LIMIT 1"):
            self._db.execute("INSERT INTO new.standing SELECT * FROM src.standing")
        for name in sources:
            self._db.execute(f"INSERT INTO new.sensor SELECT * FROM {name}.sensor")

    def _sorted(self, table: str, values: str, sources: list[str], part: Part) -> None:
        """Rows of the part's span by block, sensor and time; of one time in order of arrival."""
        for start, end in self._blocks(table, sources, part.start_ns, part.end_ns):
            for ids in self._shares(table, sources, start, end):
                where = f"t >= {start} AND t < {end} AND id >= {ids[0]} AND id < {ids[1]}"
                selects = " UNION ALL ".join(
                    f"SELECT id, t, {values}, q, {i} AS s, rowid AS r FROM {name}.{table} WHERE {where}"
                    for i, name in enumerate(sources)
                )
                self._db.execute(
                    f"INSERT INTO new.{table} SELECT id, t, {values}, q FROM ({selects}) ORDER BY id, t, s, r"
                )

    def _blocks(self, table: str, sources: list[str], start: int, end: int) -> Iterator[tuple[int, int]]:
        rows = self._count(table, sources, start, end)
        if not rows:
            return
        fewest = min(24, -(-rows // BLOCK_ROWS))
        hours = next(hours for hours in (24, 12, 8, 6, 4, 3, 2, 1) if hours * fewest <= 24)
        for at in range(start, end, hours * HOUR_NS):
            yield at, min(at + hours * HOUR_NS, end)

    def _count(self, table: str, sources: list[str], start: int, end: int) -> int:
        span = f"t >= {start} AND t < {end}"
        return sum(int(self._rows(f"SELECT count(*) FROM {name}.{table} WHERE {span}")[0][0]) for name in sources)

    def _few(self, sources: list[str], part: Part) -> bool:
        """Whether there is so little of this day that blocks of the usual size would be mostly empty."""
        span = part.start_ns, part.end_ns
        return sum(self._count(table, sources, *span) for table in ("scalar", "position")) <= FEW_ROWS

    def _shares(self, table: str, sources: list[str], start: int, end: int) -> Iterator[tuple[int, int]]:
        """Ranges of sensor numbers with few enough rows to be sorted at once."""
        selects = " UNION ALL ".join(f"SELECT id FROM {n}.{table} WHERE t >= {start} AND t < {end}" for n in sources)
        first = had = 0
        for id_, rows in self._rows(f"SELECT id, count(*) FROM ({selects}) GROUP BY id ORDER BY id"):
            if had and had + rows > SORT_ROWS:
                yield first, id_
                first, had = id_, 0
            had += rows
        if had:
            yield first, 1 << 32

    # ------------------------------------------------------------------ the source's buckets

    def _pyramid(self, birth: str, days: list[Part]) -> str:
        """A draft with all buckets of the source by (month, sensor, time)."""
        path = self._folder / f"pyramid-{birth}.draft"
        database.attach_draft(self._db, path, "new", "minute")
        self._db.execute(database.SCHEMAS["hour"].format(db="new").split("CREATE TABLE new.sensor")[0])
        flushed = int(self._rows("SELECT coalesce(max(n), 0) FROM src.flushed")[0][0])
        for day in days:
            for start, end in self._blocks("scalar", ["src"], day.start_ns, day.end_ns):
                span = f"t >= {start} AND t < {end}"
                self._db.execute(f"INSERT INTO new.minute {_minutes('src', span, flushed)}")
            self._db.execute(f"INSERT INTO new.hour {_hours(f't >= {day.start_ns} AND t < {day.end_ns}')}")
            span = f"t >= {day.start_ns} AND t < {day.end_ns}"
            for level, step in (("minute", MINUTE_NS), ("hour", HOUR_NS)):
                self._db.execute(f"INSERT INTO new.{level}_position {_track(level, step, span, flushed)}")
        self._db.execute("CHECKPOINT new")
        self._db.execute("DETACH new")
        return path.name

    # ------------------------------------------------------------------ files made anew

    def _anew(self) -> Outcome:
        """The same file without some sensors; of a month or year also sorted as a whole, each bucket in one row."""
        part = part_named(self._order.anew)
        assert part is not None
        path = self._folder / part.name
        database.attach(self._db, path, "old", read_only=True)
        draft = self._draft(part.role, few=part.role in ("raw", "late") and self._few(["old"], part))
        if part.role in ("raw", "late"):
            self._kept(part)
        else:
            self._folded(part.role)
        self._plain("gone", "merged", *(("sensor",) if part.role != "late" else ()))
        for board in self._order.boards:
            self._db.execute(f"INSERT INTO new.gone VALUES ({database.quoted(board)})")
        self._finish(draft, path, ["old"])
        return Outcome(files=[part.name])

    def _kept(self, part: Part) -> None:
        gone = f" WHERE id NOT IN ({', '.join(map(str, self._order.numbers))})" if self._order.numbers else ""
        for table in ("scalar", "position"):
            self._db.execute(f"INSERT INTO new.{table} SELECT * FROM old.{table}{gone}")
        if part.role == "raw":
            self._plain("change", "standing", "run")
        self._extent()

    def _plain(self, *tables: str) -> None:
        for table in tables:
            self._db.execute(f"INSERT INTO new.{table} SELECT * FROM old.{table}")

    def _folded(self, level: str) -> None:
        gone = f" AND id NOT IN ({', '.join(map(str, self._order.numbers))})" if self._order.numbers else ""
        step = step_of(level)
        for first, last in self._shares(level, ["old"], 0, 1 << 62):
            where = f"id >= {first} AND id < {last}{gone}"
            rows = f"SELECT id, t, lo, hi, total, count, bad, q FROM old.{level} WHERE {where}"
            self._db.execute(f"INSERT INTO new.{level} {_again(rows, 't')}")
        table = f"{level}_position"
        for first, last in self._shares(table, ["old"], 0, 1 << 62):
            rows = f"SELECT id, t, {PLACE}, q FROM old.{table} WHERE id >= {first} AND id < {last}{gone}"
            self._db.execute(f"INSERT INTO new.{table} {first_known(f'({rows})', step)}")
        self._db.execute("INSERT INTO new.folded SELECT count(*) FROM old.merged")

    # ------------------------------------------------------------------ drafts

    def _draft(self, role: str, *, few: bool = False) -> Path:
        self._drafts += 1
        path = self._folder / f"{os.getpid()}-{self._drafts}.draft"
        block_bytes = database.SMALL_BLOCK_BYTES if few else database.BLOCK_BYTES
        database.attach_draft(self._db, path, "new", role, block_bytes)
        return path

    def _extent(self) -> None:
        both = "SELECT t FROM new.scalar UNION ALL SELECT t FROM new.position"
        self._db.execute(f"INSERT INTO new.extent SELECT min(t), max(t) FROM ({both}) HAVING count(*) > 0")

    def _finish(self, draft: Path, path: Path, sources: list[str]) -> None:
        """From here on the new file is the file."""
        self._db.execute("CHECKPOINT new")
        self._db.execute("DETACH new")
        if "old" in sources:
            self._db.execute("DETACH old")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._db.execute(sql).fetchall()


_DAYS: Final = (
    f"SELECT DISTINCT t // {DAY_NS} * {DAY_NS} FROM (SELECT t FROM src.scalar UNION ALL SELECT t FROM src.position)"
)


def _minutes(db: str, span: str, flushed: int) -> str:
    """The buckets that the live file holds already, and those of commits whose buckets it does not."""
    fresh = bucketed(f"{db}.scalar WHERE {span} AND n > {flushed}", MINUTE_NS)
    kept = f"SELECT id, t, lo, hi, total, count, bad, q FROM {db}.minute WHERE {span}"
    return _again(f"{kept} UNION ALL {fresh}", "t")


def _hours(span: str) -> str:
    return _again(f"SELECT * FROM new.minute WHERE {span}", f"t - t % {HOUR_NS}")


def _again(rows: str, bucket: str) -> str:
    """Parts of buckets as one row each."""
    return (
        f"SELECT id, {bucket} AS b, min(lo), max(hi), sum(total), sum(count)::BIGINT, sum(bad)::BIGINT, bit_or(q)"
        f" FROM ({rows}) GROUP BY id, b ORDER BY id, b"
    )


def _track(level: str, step: int, span: str, flushed: int) -> str:
    """The first known position of each bucket of the live file."""
    kept = f"SELECT id, t, {PLACE}, q FROM src.{level}_position WHERE {span}"
    fresh = f"SELECT id, t, {PLACE}, q FROM src.position WHERE {span} AND n > {flushed}"
    return first_known(f"({kept} UNION ALL {fresh})", step)


def _read_orders(orders: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        orders.put(line)
    os._exit(0)


def main() -> NoReturn:
    """Entry point; ends with the pipe."""
    parser = argparse.ArgumentParser(prog="python -m console.node.telemetry.seal", description="closes a day")
    parser.add_argument("--parent-pid", type=int, required=True, help="process to die with, besides the pipe's end")
    die_with_parent(parser.parse_args().parent_pid)
    lower_priority()
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_orders, args=[orders], name="control", daemon=True).start()
    while True:
        outcome = _carried_out(msgspec.json.decode(orders.get(), type=Order))
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.flush()


def _carried_out(order: Order) -> Outcome:
    sealer = Sealer(order)
    try:
        return sealer.carry_out()
    except (duckdb.Error, OSError) as error:
        return Outcome(failed=f"{type(error).__name__}: {error}")
    finally:
        sealer.close()


if __name__ == "__main__":
    main()
