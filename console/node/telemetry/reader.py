"""Reads the store: one sensor thinned for a chart, many sensors in order, entities, runs; changes nothing.

Runs in the reader's thread. What is read fits together: commits after the view was taken are left out by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import numpy as np

from console.api import NS, U32, ChannelKind, Columns
from console.node.telemetry import database
from console.node.telemetry.catalogue import sensors_of
from console.node.telemetry.extent import extent_of, wider
from console.node.telemetry.extremes import Extremes, drawn, of_buckets, of_rows, slotted
from console.node.telemetry.inbox import Enrolled, View
from console.node.telemetry.layout import DAY_NS, HOUR_NS, MINUTE_NS, Part, day_of, part_at, set_aside, step_of
from console.node.telemetry.pyramid import of_samples
from console.node.telemetry.rows import (
    Rows,
    apart,
    apply,
    columns_of,
    filled,
    grouped,
    in_order,
    of_numbers,
    one_of,
    table_of,
    thin,
)
from console.node.telemetry.tail import chained, some

RAW_AT_ONCE_NS: Final = 20 * NS
"""So short a span is read as it came without asking how many samples it has."""
RAW_MOST: Final = 400_000
"""The most samples that are read to be thinned here."""
Damaged = Callable[[Part, Exception], None]


class Past(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Samples of many sensors, ascending in t: `columns.ids` index into `ids`. `next_ns`: go on there; 0: all read."""

    columns: Columns
    ids: tuple[str, ...]
    next_ns: int


class Reader:
    """The store's files as attached for reading; every method runs in the one reader's thread.

    Args:
        damaged: told of a file that cannot be read; it is no longer looked at.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, damaged: Damaged) -> None:
        self._db, self._folder, self._damaged = db.cursor(), folder, damaged
        self.files: dict[Part, str] = {}
        self._extents: dict[Part, tuple[int, int]] = {}
        self._runs: dict[Part, list[tuple[int, int]]] = {}
        self._aliases = 0
        self._span_ns = 10 * NS

    # ------------------------------------------------------------------ files

    def attach(self, part: Part, *, read_only: bool = True) -> bool:
        """Have a file read from now on, in place of one of the same name; False where it is damaged."""
        self.detach(part)
        self._aliases += 1
        alias = f"r{part.role}_{self._aliases}"
        try:
            database.attach(self._db, self._folder / part.name, alias, read_only=read_only)
        except duckdb.Error as error:
            self._set_aside(part, error)
            return False
        self.files[part] = alias
        if part.role in ("raw", "late"):
            self._extents[part] = wider(*self._rows(part, f"SELECT first, last FROM {alias}.extent"))
        if part.role == "raw":
            self._runs[part] = [(a, b) for a, b in self._rows(part, f"SELECT start, until FROM {alias}.run")]
        return part in self.files

    def detach(self, part: Part) -> None:
        """Look at a file no more."""
        self._extents.pop(part, None)
        self._runs.pop(part, None)
        alias = self.files.pop(part, None)
        if alias is not None:
            self._db.execute(f"DETACH {alias}")

    def _set_aside(self, part: Part, error: Exception) -> None:
        """A file that cannot be read is looked at no more and kept under another name; the rest works."""
        if not database.is_damage(error):
            raise error
        if part.role != "live":  # the writer goes on with a live one as long as it can
            self.detach(part)
            set_aside(self._folder / part.name)
        self._damaged(part, error)

    def sensors(self) -> Iterable[Enrolled]:
        """Sensors that the files know, oldest file first."""
        for part, alias in sorted(self.files.items()):
            if part.role != "late":
                yield from sensors_of(self._db, alias)

    def _of(self, role: str, start_ns: int, end_ns: int) -> Iterable[tuple[Part, str]]:
        parts = [
            (p, a) for p, a in self.files.items() if p.role == role and p.start_ns < end_ns and p.end_ns > start_ns
        ]
        return sorted(parts)

    def _fetch_all(self, selects: Sequence[tuple[Part, str]]) -> list[Rows]:
        """The rows of all at once, which is quicker; one by one where a file turns out to be damaged."""
        if len(selects) < 2:
            return [self._fetch(part, sql) for part, sql in selects]
        try:
            return [filled(self._db.execute(" UNION ALL ".join(f"({sql})" for _, sql in selects)).fetchnumpy())]
        except duckdb.Error:
            return [self._fetch(part, sql) for part, sql in selects]

    def _fetch(self, part: Part, sql: str) -> Rows:
        """The rows; none where the file turns out to be damaged."""
        try:
            return filled(self._db.execute(sql).fetchnumpy())
        except duckdb.Error as error:
            self._set_aside(part, error)
            return {}

    def _selects(
        self, view: View, roles: Sequence[str], table: str, start: int, end: int
    ) -> Iterable[tuple[Part, str, str]]:
        """Of each file that may have rows of [start, end): itself, its table, and what else to ask of its rows.

        Oldest first, what came late after what came in time.
        """
        for role in roles:
            for part, alias in self._of(role, start, end):
                yield part, f"{alias}.{table}", ""
        for live in view.lives:
            if not live.alias:
                continue
            also = "".join(f" AND NOT (t >= {m.start_ns} AND t < {m.end_ns})" for m in live.moved if m.role in roles)
            if live is view.lives[-1]:
                buckets = table.startswith(("minute", "hour"))
                also += f" AND n <= {view.flushed if buckets else view.committed}"
            yield live.part, f"{live.alias}.{table}", also

    # ------------------------------------------------------------------ one sensor

    def query(self, view: View, kind: ChannelKind, number: int, start: int, end: int, most: int) -> Columns:
        """One sensor's [start, end), ascending: as it came where that is at most `most` rows, else thinned."""
        most, end = max(most, 1), max(end, start)
        if table_of(kind) == "position":
            return self._positions(view, number, start, end, most)
        if end - start <= min(most, 2_000) * 10_000_000:
            return thin(self._raw(view, "scalar", number, start, end), start, end, most)
        level = "hour" if (end - start) // HOUR_NS >= most // 2 else "minute"
        step = step_of(level)
        wide = -(-(end - start) // (most * step)) * step
        found = self._extremes(view, level, number, start, end, wide)
        count = int(found.n.sum())
        if count <= most or (len(found) * 4 < most and count <= RAW_MOST):
            return self._raw_or(view, level, number, start, end, most)
        points = drawn(found, wide)
        return msgspec.structs.replace(points, t_ns=np.maximum(points.t_ns, start))

    def _raw_or(self, view: View, level: str, number: int, start: int, end: int, most: int) -> Columns:
        """As it came, and by buckets on the days of which the samples are no longer kept."""
        raw = self._raw(view, "scalar", number, start, end)
        held = self._days(view)
        if all(day in held for day in range(day_of(start), min(day_of(end), day_of(start) + len(held)) + 1)):
            return thin(raw, start, end, most)
        buckets = self._extremes(view, level, number, start, end, step_of(level))
        older = buckets.at(np.isin(buckets.t // DAY_NS, list(held), invert=True))
        raw = some(raw, np.isin(raw.t_ns // DAY_NS, np.unique(older.t // DAY_NS), invert=True))
        return thin(in_order(chained([drawn(older, step_of(level)), raw]), "scalar"), start, end, most)

    def _days(self, view: View) -> set[int]:
        """Days of which samples are held as they came."""
        days = {part.start_ns // DAY_NS for part in self.files if part.role == "raw"}
        return days | {live.part.start_ns // DAY_NS for live in view.lives}

    def _raw(self, view: View, table: str, number: int, start: int, end: int) -> Columns:
        values = "v" if table == "scalar" else "lon, lat, alt, heading, speed"
        selects = [
            (part, f"SELECT t, {values}, q FROM {name} WHERE id = {number} AND t >= {start} AND t < {end}{also}")
            for part, name, also in self._selects(view, ("raw", "late"), table, start, end)
        ]
        found = [columns_of(rows, table) for rows in self._fetch_all(selects)]
        for waiting in view.waiting:
            if waiting.table == table:
                mine = one_of(waiting.columns, number, start, end)
                found.append(Columns(t_ns=mine.t_ns, v=mine.v, q=mine.q))
        return in_order(chained(found), table)

    def _extremes(self, view: View, level: str, number: int, start: int, end: int, wide: int) -> Extremes:
        """One row each `wide` ns, a multiple of the level's step; the first may begin before `start`."""
        step = step_of(level)
        first = start - start % step
        selects = [
            (
                part,
                grouped(
                    name,
                    f"id = {number} AND t >= {first} AND t < {end}{also}",
                    first,
                    wide,
                    step,
                    (end - first) // step,
                ),
            )
            for part, name, also in self._selects(view, (level,), level, first, end)
        ]
        if level == "minute":
            selects += self._hours_instead(number, first, end, wide)
        found = [of_rows(rows) for rows in self._fetch_all(selects)]
        found.append(of_buckets(view.tail.of(number, first, end)))
        for waiting in view.waiting:
            if waiting.table == "scalar":
                mine = one_of(waiting.columns, number, first, end)
                found.append(of_buckets(of_samples(mine, step)))
        return slotted(found, first, wide)

    def _hours_instead(self, number: int, start: int, end: int, wide: int) -> list[tuple[Part, str]]:
        """What is asked of the hours where minutes are no longer kept."""
        months = [part for part, _ in self._of("minute", start, end)]
        spans = "".join(f" AND NOT (t >= {month.start_ns} AND t < {month.end_ns})" for month in months)
        years = self._of("hour", start, end)
        if not years or (months and sum(min(m.end_ns, end) - max(m.start_ns, start) for m in months) >= end - start):
            return []
        where = f"id = {number} AND t >= {start} AND t < {end}{spans}"
        return [
            (part, grouped(f"{alias}.hour", where, start, wide, HOUR_NS, (end - start) // HOUR_NS))
            for part, alias in years
        ]

    def _positions(self, view: View, number: int, start: int, end: int, most: int) -> Columns:
        width = end - start
        if width <= most * MINUTE_NS // 4:
            raw = self._raw(view, "position", number, start, end)
            if len(raw) or day_of(start) in self._days(view):
                return thin(raw, start, end, most)
        level = "hour" if width // HOUR_NS >= most else "minute"
        found = []
        for part, name, also in self._selects(view, (level,), f"{level}_position", start, end):
            where = f"id = {number} AND t >= {start} AND t < {end}{also}"
            sql = f"SELECT t, lon, lat, alt, heading, speed, q FROM {name} WHERE {where}"
            found.append(columns_of(self._fetch(part, sql), "position"))
        found.append(view.tail.track_of(number, start, end))
        for waiting in view.waiting:
            if waiting.table == "position":
                found += [one_of(waiting.columns, number, start, end)]
        found = [Columns(t_ns=f.t_ns, v=f.v, q=f.q) for f in found]
        return thin(in_order(chained(found), "position"), start, end, most)

    # ------------------------------------------------------------------ many sensors

    def read(
        self, view: View, kind: ChannelKind, wanted: Sequence[tuple[int, int]], start: int, end: int, most: int
    ) -> tuple[Columns, int]:
        """Samples of `wanted` (number, index that stands for it), ascending in t, and where to go on (0: all read)."""
        table = table_of(kind)
        numbers = np.array([number for number, _ in wanted], np.uint32)
        index = np.array([index for _, index in wanted], np.uint32)
        order = np.argsort(numbers)
        numbers, index = numbers[order], index[order]
        found: list[Columns] = []
        had, at = 0, start
        while at < end and len(numbers):
            until = min(end, at + self._span_ns)
            part = self._slice(view, table, numbers, at, until)
            if had + len(part) > most:
                keep = max(most - had, 0)
                cut = int(part.t_ns[keep])  # whole instants only: what is left out begins here
                if cut > at:
                    kept = int(np.searchsorted(part.t_ns, cut))
                    part, until = some(part, slice(0, kept)), cut
                elif had:
                    break
                else:  # one instant alone is more than asked for
                    kept = int(np.searchsorted(part.t_ns, cut, side="right"))
                    part, until = some(part, slice(0, kept)), cut + 1
                self._span_ns = max(NS // 10, self._span_ns // 4)
                found.append(part)
                at = until
                break
            if len(part) * 8 < most:
                self._span_ns = min(self._span_ns * 4, 400 * DAY_NS)
            found.append(part)
            had += len(part)
            at = until
        columns = chained(found)
        if not len(columns):
            columns = columns_of({}, table)
            columns = Columns(t_ns=columns.t_ns, v=columns.v, q=columns.q, ids=np.empty(0, np.uint32))
        else:
            ids = index[np.searchsorted(numbers, columns.ids)]
            columns = Columns(t_ns=columns.t_ns, v=columns.v, q=columns.q, ids=ids)
        return columns, at if at < end and len(numbers) else 0

    def _slice(self, view: View, table: str, numbers: U32, start: int, end: int) -> Columns:
        values = "v" if table == "scalar" else "lon, lat, alt, heading, speed"
        few = f" AND id IN ({', '.join(map(str, numbers.tolist()))})" if len(numbers) <= 64 else ""
        found = []
        for part, name, also in self._selects(view, ("raw", "late"), table, start, end):
            where = f"t >= {start} AND t < {end}{few}{also}"
            rows = self._fetch(part, f"SELECT id, t, {values}, q FROM {name} WHERE {where}")
            found.append(of_numbers(columns_of(rows, table), numbers))
        for waiting in view.waiting:
            c = waiting.columns
            if waiting.table == table:
                found.append(of_numbers(some(c, (c.t_ns >= start) & (c.t_ns < end)), numbers))
        return in_order(chained(found), table)

    # ------------------------------------------------------------------ entities, runs, extent

    def entities_at(self, view: View, t_ns: int) -> dict[str, dict[str, bytes]]:
        """Entities by class and id as they stood at `t_ns`."""
        begun = [(part, alias) for part, alias in self._logs(view) if part.start_ns <= t_ns]
        found: dict[str, dict[str, bytes]] = {}
        if not begun:
            return found
        part, alias = begun[-1]
        for cls, id_, raw in self._rows(part, f"SELECT cls, id, raw FROM {alias}.standing WHERE t <= {t_ns}"):
            found.setdefault(cls, {})[id_] = bytes(raw)
        sql = f"SELECT t, cls, id, raw FROM {alias}.change WHERE t <= {t_ns}{_upto(view, alias)}"
        for _, cls, id_, raw in self._rows(part, sql):
            apply(found, cls, id_, raw)
        return {cls: known for cls, known in found.items() if known}

    def entity_changes(self, view: View, start: int, end: int) -> list[tuple[int, str, str, bytes | None]]:
        """Changes in [start, end), in the order in which they came."""
        changes: list[tuple[int, str, str, bytes | None]] = []
        for part, alias in self._logs(view):
            if part.start_ns < end and part.end_ns > start - DAY_NS:
                sql = f"SELECT t, cls, id, raw FROM {alias}.change WHERE t >= {start} AND t < {end}{_upto(view, alias)}"
                changes += [(t, cls, id_, raw) for t, cls, id_, raw in self._rows(part, sql)]
        return sorted(changes, key=lambda change: change[0])

    def _logs(self, view: View) -> list[tuple[Part, str]]:
        """Files with a log of entities, oldest first: closed days, then live files that are not yet closed."""
        logs = [(part, alias) for part, alias in self.files.items() if part.role == "raw"]
        logs += [
            (live.part, live.alias)
            for live in view.lives
            if live.alias and part_at("raw", live.part.start_ns) not in live.moved
        ]
        return sorted(logs)

    def _rows(self, part: Part, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql).fetchall()
        except duckdb.Error as error:
            self._set_aside(part, error)
            return []

    def runs(self, view: View, start: int, end: int) -> list[tuple[int, int]]:
        """Intervals in which the store was recording, within [start, end), ascending and apart."""
        found = [*view.runs, *(run for runs in self._runs.values() for run in runs)]
        return apart((max(a, start), min(b, end)) for a, b in found if a < end and b >= start)

    def covered(self, view: View) -> tuple[int, int]:
        """Time of the first and the last sample held as it came; (0, 0) for none."""
        waiting = (extent_of(chunk.columns) for chunk in view.waiting)
        return wider(view.extent, *self._extents.values(), *waiting)

    # ------------------------------------------------------------------ for the upkeep

    def merged(self, part: Part, birth: str) -> bool:
        """Whether a file has taken in a live file's samples."""
        found = self._rows(part, f"SELECT 1 FROM {self.files[part]}.merged WHERE source = {database.quoted(birth)}")
        return bool(found)

    def gone(self, part: Part) -> set[str]:
        """Boards whose samples were taken out of a file."""
        return {board for (board,) in self._rows(part, f"SELECT board FROM {self.files[part]}.gone")}

    def loose(self, part: Part) -> int:
        """How many live files were added to a month or year since it was last sorted as a whole."""
        alias = self.files[part]
        sql = f"SELECT (SELECT count(*) FROM {alias}.merged) - (SELECT coalesce(max(sources), 0) FROM {alias}.folded)"
        return sum(count for (count,) in self._rows(part, sql))

    def rows(self, part: Part) -> int:
        """How many buckets a month or year has."""
        return sum(count for (count,) in self._rows(part, f"SELECT count(*) FROM {self.files[part]}.{part.role}"))


def _upto(view: View, alias: str) -> str:
    return f" AND n <= {view.committed}" if view.lives and alias == view.lives[-1].alias else ""
