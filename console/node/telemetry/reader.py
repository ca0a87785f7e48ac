"""Reads the store: one sensor thinned for a chart, many sensors in order, entities, runs; changes nothing.

Runs in the reader's thread. What is read fits together: commits after the view was taken are left out by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import numpy as np

from console.api import NS, U32, ChannelKind, Columns
from console.node.telemetry.attached import Attached, Damaged
from console.node.telemetry.extent import extent_of, wider
from console.node.telemetry.extremes import Extremes, drawn, of_buckets, of_columns, of_rows, slotted
from console.node.telemetry.hotreader import HotReader
from console.node.telemetry.imported import Imported
from console.node.telemetry.inbox import View
from console.node.telemetry.layout import DAY_NS, HOUR_NS, MINUTE_NS, Part, day_of, part_at, step_of
from console.node.telemetry.livefile import PLACE
from console.node.telemetry.pyramid import of_samples
from console.node.telemetry.rows import (
    apart,
    apply,
    columns_of,
    grouped,
    in_order,
    of_numbers,
    one_of,
    table_of,
    thin,
)
from console.node.telemetry.tail import chained, some

RAW_MOST: Final = 200_000
"""The most samples that are read to be thinned here."""


class Past(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Samples of many sensors, ascending in t: `columns.ids` index into `ids`. `next_ns`: go on there; 0: all read."""

    columns: Columns
    ids: tuple[str, ...]
    next_ns: int


class Reader(Attached):
    """Answers what is asked of the store; every method runs in the one reader's thread."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, damaged: Damaged) -> None:
        super().__init__(db, folder, damaged)
        self._hot = HotReader(self._db)
        self._span_ns = 10 * NS

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
            return self._raw_or(view, level, number, (start, end), most, found, wide)
        points = drawn(found, wide)
        return msgspec.structs.replace(points, t_ns=np.maximum(points.t_ns, start))

    def _raw_or(
        self, view: View, level: str, number: int, span: tuple[int, int], most: int, found: Extremes, wide: int
    ) -> Columns:
        """As it came, and by buckets on the days of which not all samples are kept; `found`: of all, `wide` ns each."""
        step = step_of(level)
        start, end = span
        whole = self._raw(view, "scalar", number, start - start % step, end + -end % step)
        raw = some(whole, (whole.t_ns >= start) & (whole.t_ns < end))
        if len(whole) >= int(found.n.sum()):
            return thin(raw, start, end, most)
        buckets = found if wide == step else self._extremes(view, level, number, start, end, step)
        days, places = np.unique(buckets.t // DAY_NS, return_inverse=True)
        had = np.bincount(places, buckets.n, len(days))
        kept = whole.t_ns.searchsorted((days + 1) * DAY_NS) - whole.t_ns.searchsorted(days * DAY_NS)
        older = days[kept < had]
        coarse = drawn(buckets.at(np.isin(buckets.t // DAY_NS, older)), step)
        raw = some(raw, np.isin(raw.t_ns // DAY_NS, older, invert=True))
        return thin(in_order(chained([coarse, raw]), "scalar"), start, end, most)

    def _days(self, view: View) -> set[int]:
        """Days of which samples are held as they came."""
        days = {part.start_ns // DAY_NS for part in self.files if part.role == "raw"}
        return days | {live.part.start_ns // DAY_NS for live in view.lives}

    def _raw(self, view: View, table: str, number: int, start: int, end: int) -> Columns:
        values = "v" if table == "scalar" else PLACE
        hot, floors = self._hot.of(view, number, start, end) if table == "scalar" else ([], {})
        selects = []
        for part, name, also in self._selects(view, ("raw", "late"), table, start, end):
            floor = floors.get(part)
            if floor != 0:  # else all of it is sorted
                also += "" if floor is None else f" AND n <= {floor}"
                sql = f"SELECT t, {values}, q FROM {name} WHERE id = {number} AND t >= {start} AND t < {end}{also}"
                selects.append((part, sql))
        found = [columns_of(rows, table) for rows in self._fetch_all(selects)] + hot
        for waiting in view.waiting:
            if waiting.table == table:
                mine = one_of(waiting.columns, number, start, end)
                found.append(Columns(t_ns=mine.t_ns, v=mine.v, q=mine.q))
        return in_order(chained(found), table)

    def _extremes(self, view: View, level: str, number: int, start: int, end: int, wide: int) -> Extremes:
        """One row each `wide` ns, a multiple of the level's step; the first may begin before `start`."""
        first = start - start % step_of(level)
        found: list[Extremes] = []
        selects: list[tuple[Part, str]] = []
        for name, since, until in self._closing(view, level, first, end):
            if since >= until:
                continue
            if name == "raw":
                found.append(of_columns(self._raw(view, "scalar", number, since, until)))
            else:
                selects += self._buckets(view, name, number, (since, until), first, wide)
                found += self._young(view, step_of(name), number, since, until)
        found += [of_rows(rows) for rows in self._fetch_all(selects)]  # in one statement: each takes 1 ms by itself
        return slotted(found, first, wide)

    def _closing(self, view: View, level: str, first: int, end: int) -> Iterable[tuple[str, int, int]]:
        """What [first, end) is put together from, so that no bucket tells what came after `end`.

        The bucket that `end` lies in counts as far as its samples lie before; as a whole only where nothing came
        after, or where its samples are no longer kept.
        """
        if self.covered(view)[1] < end:
            yield level, first, end
            return
        hour = max(first, end - end % HOUR_NS) if level == "hour" else first
        minute = max(hour, end - end % MINUTE_NS) if end // DAY_NS in self._days(view) else end
        yield "hour", first, hour
        yield "minute", hour, minute
        yield "raw", minute, end

    def _buckets(
        self, view: View, level: str, number: int, span: tuple[int, int], first: int, wide: int
    ) -> list[tuple[Part, str]]:
        """What to ask for buckets that begin in the span; `first` is where slots of `wide` ns are counted."""
        start, end = span
        step = step_of(level)
        rows = (end - start) // step
        selects = [
            (part, grouped(name, f"id = {number} AND t >= {start} AND t < {end}{also}", first, wide, step, rows))
            for part, name, also in self._selects(view, (level,), level, start, end)
        ]
        if level == "minute":
            selects += self._hours_instead(number, span, first, wide)
        return selects

    def _young(self, view: View, step: int, number: int, start: int, end: int) -> list[Extremes]:
        """Buckets that begin in the span of what is not in any file's buckets yet."""
        found = [of_buckets(view.tail.of(number, start, end))] if view.may_hold(start, end) else []
        for waiting in view.waiting:
            if waiting.table == "scalar":
                mine = one_of(waiting.columns, number, start, end)
                if len(mine):
                    found.append(of_buckets(of_samples(mine, step)))
        return found

    def _hours_instead(self, number: int, span: tuple[int, int], first: int, wide: int) -> list[tuple[Part, str]]:
        """What is asked of the hours where minutes are no longer kept."""
        start, end = span
        months = [part for part, _ in self._of("minute", start, end)]
        spans = "".join(f" AND NOT (t >= {month.start_ns} AND t < {month.end_ns})" for month in months)
        years = self._of("hour", start, end)
        if not years or (months and sum(min(m.end_ns, end) - max(m.start_ns, start) for m in months) >= end - start):
            return []
        where = f"id = {number} AND t >= {start} AND t < {end}{spans}"
        return [
            (part, grouped(f"{alias}.hour", where, first, wide, HOUR_NS, (end - start) // HOUR_NS))
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
            sql = f"SELECT t, {PLACE}, q FROM {name} WHERE {where}"
            found.append(columns_of(self._fetch(part, sql), "position"))
        found.append(view.tail.track_of(number, start, end))
        for waiting in view.waiting:
            if waiting.table == "position":
                found += [one_of(waiting.columns, number, start, end)]
        found = [Columns(t_ns=f.t_ns, v=f.v, q=f.q) for f in found]
        return thin(in_order(chained(found), "position"), start, end, most)

    # ------------------------------------------------------------------ many sensors

    def read(
        self,
        view: View,
        kind: ChannelKind,
        wanted: Sequence[tuple[int, int]],
        span: tuple[int, int],
        most: int,
        since: int = 0,
    ) -> tuple[Columns, int]:
        """Samples of `wanted` (number, index that stands for it), ascending in t, and where to go on (0: all read)."""
        table = table_of(kind)
        start, end = span
        arrived = self._arrived(view, since) if since else None
        numbers = np.array([number for number, _ in wanted], np.uint32)
        index = np.array([index for _, index in wanted], np.uint32)
        order = np.argsort(numbers)
        numbers, index = numbers[order], index[order]
        found: list[Columns] = []
        had, at = 0, start
        while at < end and len(numbers):
            until = min(end, at + self._span_ns)
            part = self._slice(view, table, numbers, at, until, arrived)
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

    def _arrived(self, view: View, since: int) -> dict[Part, str]:
        """The files that may have what arrived since then, and which of their rows did.

        A closed day no longer tells when its rows came; it is left out where all of them came before.
        """
        found: dict[Part, str] = {}
        for live in view.lives:
            if live.alias:
                sql = f"SELECT coalesce(min(n), {1 << 62}) FROM {live.alias}.beat WHERE t >= {since}"
                found[live.part] = "".join(f" AND n >= {n}" for (n,) in self._rows(live.part, sql))
            found |= dict.fromkeys(live.moved, "")
        if not view.lives or since < view.lives[0].part.start_ns:
            found |= {part: "" for part in self.files if part.role in ("raw", "late")}
        return found

    def _slice(
        self, view: View, table: str, numbers: U32, start: int, end: int, arrived: dict[Part, str] | None
    ) -> Columns:
        values = "v" if table == "scalar" else PLACE
        few = f" AND id IN ({', '.join(map(str, numbers.tolist()))})" if len(numbers) <= 64 else ""
        found = []
        for part, name, also in self._selects(view, ("raw", "late"), table, start, end):
            if arrived is not None and part not in arrived:
                continue
            where = f"t >= {start} AND t < {end}{few}{also}{arrived[part] if arrived is not None else ''}"
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

    def runs(self, view: View, start: int, end: int) -> list[tuple[int, int]]:
        """Intervals in which the store was recording, within [start, end), ascending and apart."""
        found = [*view.runs, *(run for runs in self._runs.values() for run in runs)]
        return apart((max(a, start), min(b, end)) for a, b in found if a < end and b >= start)

    def recorded(self, view: View, imported: Imported, start: int, end: int, now_ns: int) -> list[tuple[int, int]]:
        """Intervals within [start, end) of which samples are held as they were recorded or imported; see the store."""
        found = self.runs(view, start, end)
        if found and view.runs and view.runs[-1][1] <= found[-1][1]:
            # what waits to be written can be read as well
            waiting = (extent_of(chunk.columns)[1] for chunk in view.waiting)
            newest = max((t_ns for t_ns in waiting if t_ns <= now_ns), default=0)
            found[-1] = (found[-1][0], max(found[-1][1], min(newest, end)))
        days = {part.start_ns // DAY_NS for part in self.files if part.role in ("raw", "late")}
        brought = imported.spans(days)
        return apart([*found, *((max(a, start), min(b, end)) for a, b in brought if a < end and b >= start)])

    def covered(self, view: View) -> tuple[int, int]:
        """Time of the first and the last sample held as it came; (0, 0) for none."""
        waiting = (extent_of(chunk.columns) for chunk in view.waiting)
        return wider(view.extent, *self._extents.values(), *waiting)


def _upto(view: View, alias: str) -> str:
    return f" AND n <= {view.committed}" if view.lives and alias == view.lives[-1].alias else ""
