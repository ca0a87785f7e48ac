"""A person's acts on disk until the node has answered for good: a console that dies sends them again; knows no socket.

Each act is written and synced before it is first sent, bears its own id from then on, and is sent again with that id
until an answer settles it: the node applies an id once, so that however often it is sent it has one effect. An act
belongs to the node and the person it was written for and is never sent to or for another.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import apsw
import msgspec

from console import versions
from console.api import LIVE, RefusedError, ResourceError
from console.wire.frames import Intent

ACTS_MOST: Final = 10_000
"""More acts than any person does while cut off: beyond it something sends in a circle."""
STEPS: Final = (
    # 1: never edited; a change of layout is a step of its own
    """
    CREATE TABLE act(
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, node TEXT NOT NULL, actor TEXT NOT NULL,
        at_ns INTEGER NOT NULL, body BLOB NOT NULL)
    """,
)


class Outbox:
    """The file at `path`; all calls are short and in one thread. Raises ResourceError when it cannot be used.

    Args:
        vfs: SQLite's way to files; "" is the system's. exclusive: take the whole file (a VFS without shared memory).
    """

    def __init__(self, path: Path, *, vfs: str = "", exclusive: bool = False) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = apsw.Connection(str(path), vfs=vfs or None)
        except (apsw.Error, OSError) as error:
            raise self._unusable(error) from error
        try:
            self._open(exclusive=exclusive)
        except (apsw.Error, versions.NewerFile, versions.StrangeFile) as error:
            self.close()
            raise self._unusable(error) from error

    def _open(self, *, exclusive: bool) -> None:
        self._db.set_busy_timeout(1000)
        if exclusive:
            self._db.pragma("locking_mode", "EXCLUSIVE")
        version = versions.version_of(self._db, STEPS)
        self._db.pragma("journal_mode", "wal")
        self._db.pragma("synchronous", "FULL")
        if version < len(STEPS):  # else nothing is written, and a start waits for no sync
            versions.migrate(self._db, STEPS)

    def _unusable(self, error: Exception) -> ResourceError:
        if isinstance(error, versions.NewerFile):
            what = f"the file of unsent acts {self._path.name} is of a newer version: {error}; start the newer console"
            return ResourceError(what)
        return ResourceError(f"the file of unsent acts {self._path.name} cannot be used ({error})")

    def add(self, intent: Intent, *, node: str, at_ns: int) -> None:
        """Keep an act; it is on disk when this returns.

        Raises RefusedError for one of another context than live (a replay commands nobody), ResourceError where the
        disk does not take it: then nothing was sent, and the person must hear so.
        """
        if intent.context != LIVE:
            raise RefusedError(f"acts are refused in {intent.context}: go back to the present first")
        try:
            if self.count() >= ACTS_MOST:
                raise ResourceError(f"{ACTS_MOST} acts wait for the node already")
            self._db.execute(
                "INSERT OR IGNORE INTO act(id, node, actor, at_ns, body) VALUES(?, ?, ?, ?, ?)",
                (intent.id, node, intent.actor, at_ns, msgspec.msgpack.encode(intent)),
            )
        except apsw.Error as error:
            tip = "" if self._undone(error) else "; started again it may still be sent: look before you do it again"
            raise ResourceError(f"the act could not be kept on disk and was not sent ({error}){tip}") from error

    def _undone(self, error: apsw.Error) -> bool:
        """Whether nothing of a failed act is in the file: a failed sync leaves in the log what a next start would read.

        Another commit, of whatever, takes its place there.
        """
        if isinstance(error, apsw.FullError):
            return True
        try:
            self._db.pragma("user_version", len(STEPS))
        except apsw.Error:
            return False
        return True

    def settle(self, id_: str) -> None:
        """The node has answered for good: forget the act. Failing costs a repetition, which has no second effect."""
        try:
            self._db.execute("DELETE FROM act WHERE id = ?", (id_,))
        except apsw.Error:
            return

    def waiting(self, *, node: str, actor: str) -> list[Intent]:
        """Acts for this node and person without a final answer, in the order they were done."""
        rows = self._db.execute("SELECT body FROM act WHERE node = ? AND actor = ? ORDER BY place", (node, actor))
        return [msgspec.msgpack.decode(body, type=Intent) for (body,) in rows]

    def count(self) -> int:
        """How many acts wait, for whatever node and person."""
        return int(next(self._db.execute("SELECT count(*) FROM act"))[0])

    def others(self, *, node: str, actor: str) -> int:
        """How many acts wait for another node or person: shown, never sent by this one."""
        rows = self._db.execute("SELECT count(*) FROM act WHERE node != ? OR actor != ?", (node, actor))
        return int(next(rows)[0])

    def close(self) -> None:
        """Give the file back; a disk that fails now keeps what it had: the acts wait in its log."""
        with contextlib.suppress(apsw.Error):
            self._db.close(True)
