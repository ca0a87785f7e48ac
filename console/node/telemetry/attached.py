"""The store's files as attached for reading: which there are, what they say of themselves; knows no question.

Everything runs in the reader's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from console.node.telemetry import database
from console.node.telemetry.catalogue import sensors_of
from console.node.telemetry.extent import wider
from console.node.telemetry.inbox import Enrolled, View
from console.node.telemetry.layout import Part, set_aside
from console.node.telemetry.rows import Rows, filled

Damaged = Callable[[Part, Exception], None]


class Attached:
    """See the module.

    Args:
        damaged: told of a file that cannot be read; it is no longer looked at.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, damaged: Damaged) -> None:
        self._db, self._folder, self._damaged = db.cursor(), folder, damaged
        self.files: dict[Part, str] = {}
        self._extents: dict[Part, tuple[int, int]] = {}
        self._runs: dict[Part, list[tuple[int, int]]] = {}
        self._aliases = 0

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
            if not live.alias or not view.may_hold(start, end):
                continue
            also = "".join(f" AND NOT (t >= {m.start_ns} AND t < {m.end_ns})" for m in live.moved if m.role in roles)
            if live is view.lives[-1]:
                buckets = table.startswith(("minute", "hour"))
                also += f" AND n <= {view.flushed if buckets else view.committed}"
            yield live.part, f"{live.alias}.{table}", also

    def _rows(self, part: Part, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql).fetchall()
        except duckdb.Error as error:
            self._set_aside(part, error)
            return []

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
