"""Keeps the live days' sorted copies: in memory, then in files, taken up again at start; decides no commit.

Used by the writer's thread (and, before that runs, by the one that opens the store). What goes wrong here costs speed,
never samples: the copies are forgotten and readers ask the live file.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import duckdb

from console.api import Columns
from console.node.telemetry import database
from console.node.telemetry.hot import FOLDER, Fresh, Named, Piece, Run, Segment, named, stored, write
from console.node.telemetry.inbox import Inbox, Live
from console.node.telemetry.rows import columns_of, filled

SPILL_ROWS: Final = 1_000_000
"""So many samples are held in memory before they become a file: 21 MB."""
REST_MOST: Final = 4 * SPILL_ROWS
"""So many samples are sorted again at start; more were left only by a version that sorted none."""
log = logging.getLogger(__name__)


class HotDay:
    """See the module."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, inbox: Inbox) -> None:
        self._db, self._folder, self._inbox = db, folder / FOLDER, inbox
        self._birth, self._fresh = "", Fresh(0)

    @property
    def fresh(self) -> tuple[str, tuple[Run, ...]]:
        """What the view says of it."""
        return self._birth, self._fresh.runs

    # ------------------------------------------------------------------ at start

    def tidy(self, births: set[str]) -> None:
        """Make the folder; drafts, and copies of live files that are gone, are thrown away."""
        self._folder.mkdir(exist_ok=True)
        for path in self._folder.iterdir():
            known = named(path.name)
            if known is None or known.birth not in births:
                path.unlink()

    def take_up(self, live: Live, last: int) -> None:
        """Go on where a node ended: the files, and what was in its memory from the live file."""
        chain = self._chain(live.birth)
        if chain and chain[-1].last > last:  # the live file was put back from a backup
            chain = ()
        after = chain[-1].last if chain else 0
        rest = f"FROM {live.alias}.scalar WHERE n > {after}"
        count = self._db.execute(f"SELECT count(*) {rest}").fetchall()[0][0]
        if count > REST_MOST:
            self.forget(live.birth)
            chain, after, count = (), last, 0
        self.spill(1)
        self._birth, self._fresh = live.birth, Fresh(after)
        if count:
            try:  # in order of insertion, which DuckDB keeps; asked for by ORDER BY it would sort, past its memory
                rows = filled(self._db.execute(f"SELECT id, t, v, q {rest}").fetchnumpy())
            except duckdb.Error as error:
                log.error("%s: %s", live.alias, error)
                self.forget(live.birth)
                chain, self._fresh = (), Fresh(last)
            else:
                self._fresh.add(columns_of(rows, "scalar"), last)
        self._fresh.last = last
        self._inbox.change_hot(live.birth, lambda _: chain, fresh=self.fresh)

    def _chain(self, birth: str) -> tuple[Piece, ...]:
        """The files that follow one another without a hole, up to the youngest; the rest is thrown away."""
        files = [known for path in self._folder.glob(f"{birth}-*") if (known := named(path.name)) is not None]
        chain: list[Piece] = []
        for file in sorted(files, key=lambda file: (file.after, -file.last)):
            if chain and file.last <= chain[-1].last:  # gathered, but its maker was killed before it threw this away
                (self._folder / file.name).unlink()
            elif (piece := self._load(file)) is not None:
                if chain and chain[-1].last != piece.after:
                    chain.clear()
                chain.append(piece)
        return tuple(chain)

    def _load(self, file: Named) -> Piece | None:
        path = self._folder / file.name
        try:
            piece = stored(path) if file.kind == "run" else attached(self._db, path, file)
        except (OSError, duckdb.Error) as error:
            log.error("%s: %s", path.name, error)
            piece = None
        if piece is None:
            path.unlink(missing_ok=True)
        return piece

    # ------------------------------------------------------------------ while recording

    def begin(self, live: Live) -> None:
        """Another live file: what there is of the old one goes into its file."""
        self.spill(1)
        self._birth, self._fresh = live.birth, Fresh(0)

    def add(self, columns: Columns | None, n: int) -> None:
        """What commit `n` wrote."""
        try:
            self._fresh.add(columns, n)
        except Exception:  # the commit stands, and must be told as written
            log.exception("commit %d is not sorted", n)
            self._fresh = Fresh(n)
            self.forget(self._birth)

    def spill(self, least: int = 0) -> None:
        """Make a file of what is in memory once it is enough."""
        fresh = self._fresh
        if fresh.rows < (least or SPILL_ROWS):
            return
        run = fresh.whole()
        path = self._folder / Named(self._birth, run.after, run.last, "run").name
        try:
            write(run, path)
            made = stored(path)
        except OSError as error:
            log.error("%s: %s", path.name, error)
            made = None
        self._fresh = Fresh(run.last)
        if made is None:
            self.forget(self._birth)
        else:
            self._inbox.change_hot(self._birth, lambda pieces: (*pieces, made), fresh=self.fresh)

    def forget(self, birth: str) -> None:
        """Have readers ask the live file; the files are thrown away at the next start."""
        fresh = {"fresh": self.fresh} if birth == self._birth else {}
        self._inbox.change_hot(birth, lambda _: (), **fresh)


def attached(db: duckdb.DuckDBPyConnection, path: Path, file: Named) -> Segment:
    """A gathered file, ready to be asked. Raises duckdb.Error."""
    alias = f"hot_{file.birth}_{file.after}_{file.last}"
    database.attach(db, path, alias, read_only=True)
    first, last = db.execute(f"SELECT first, last FROM {alias}.extent").fetchall()[0]
    return Segment(file.after, file.last, first, last, alias)
