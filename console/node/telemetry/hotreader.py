"""Asks the sorted copies of the live days; knows no file of days. Runs in the reader's thread."""

from __future__ import annotations

import logging
from typing import Final

import duckdb
import numpy as np

from console.api import Columns
from console.node.telemetry import database
from console.node.telemetry.hot import Segment
from console.node.telemetry.inbox import Live, View
from console.node.telemetry.layout import Part
from console.node.telemetry.rows import columns_of, filled
from console.node.telemetry.tail import some

log = logging.getLogger(__name__)
ROLES: Final = ("raw", "late")


class HotReader:
    """One sensor's samples of the live days, and up to which commit the live files must be asked themselves."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._distrusted: set[str] = set()

    def of(self, view: View, number: int, start: int, end: int) -> tuple[list[Columns], dict[Part, int]]:
        """What is sorted of [start, end), in order of arrival; by live file, the last commit that is not in it."""
        floors: dict[Part, int] = {}
        found: list[Columns] = []
        for live in view.lives:
            pieces = view.pieces(live)
            if not pieces or live.birth in self._distrusted:
                continue
            segments = [p for p in pieces if isinstance(p, Segment) and p.first_ns < end and p.last_ns >= start]
            try:
                mine = [self._ask(segments, number, start, end)] if segments else []
                rows = [run.of(number, start, end) for run in pieces if not isinstance(run, Segment)]
            except (duckdb.Error, OSError) as error:
                if isinstance(error, duckdb.Error) and not database.is_damage(error):
                    raise
                log.error("a sorted copy of %s is damaged: %s", live.part.name, error)
                self._distrusted.add(live.birth)  # until the next start; the live file has it all
                continue
            mine += [Columns(t_ns=row[0], v=row[1], q=row[2]) for row in rows if row is not None]
            floors[live.part] = pieces[0].after
            found += [_not_moved(live, columns) for columns in mine]
        return found, floors

    def _ask(self, segments: list[Segment], number: int, start: int, end: int) -> Columns:
        selects = [
            f"SELECT t, v, q FROM {segment.alias}.scalar WHERE id = {number} AND t >= {start} AND t < {end}"
            for segment in segments
        ]
        return columns_of(filled(self._db.execute(" UNION ALL ".join(selects)).fetchnumpy()), "scalar")


def _not_moved(live: Live, columns: Columns) -> Columns:
    """Without the days whose samples are in files of their own by now."""
    for part in live.moved:
        if part.role in ROLES:
            columns = some(columns, (columns.t_ns < part.start_ns) | (columns.t_ns >= part.end_ns))
    return columns if len(columns) else Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
