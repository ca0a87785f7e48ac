"""Samples of a file laid aside by UTC day until the whole file was read; knows no store and no file format."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import numpy as np

from console.api import NS, ChannelKind, Columns, ResourceError
from console.wire.codec import WIDTH

DAY_NS: Final = 86_400 * NS


class Spool:
    """A folder of its own with one file a day and kind; it is emptied first and removed by `close`.

    So a file in any order is imported day by day, in memory for one day, and a cancelled import leaves whole days.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise ResourceError(f"{folder} cannot be made ({error.strerror})") from error
        self._rows: dict[tuple[int, str], int] = {}

    @property
    def rows(self) -> int:
        """Samples laid aside."""
        return sum(self._rows.values())

    def days(self) -> list[tuple[int, ChannelKind]]:
        """UTC days since 1970 with their kinds, ascending."""
        return [(day, ChannelKind(kind)) for day, kind in sorted(self._rows)]

    def add(self, kind: ChannelKind, columns: Columns) -> None:
        """Lay samples aside. Raises ResourceError on a full disk."""
        days = columns.t_ns // DAY_NS
        order = np.argsort(days, kind="stable")
        edges = np.flatnonzero(np.diff(days[order])) + 1
        rows = _packed(kind, columns)
        try:
            for part in np.split(order, edges) if len(order) else ():
                key = (int(days[part[0]]), kind.value)
                with self._path(*key).open("ab") as file:
                    rows[part].tofile(file)
                self._rows[key] = self._rows.get(key, 0) + len(part)
        except OSError as error:
            raise ResourceError(
                f"{self._folder}: {error.strerror or error}; the import needs about 25 bytes a sample for a while"
            ) from error

    def take(self, day: int, kind: ChannelKind) -> tuple[Columns, int]:
        """A day's samples by (id, t), of two of one sensor and time the later in the file; and how many that hid."""
        rows = np.fromfile(self._path(day, kind.value), _row(kind))
        order = np.lexsort((rows["t"], rows["id"]))  # stable: what came later stays behind what came before
        rows = rows[order]
        last = np.ones(len(rows), bool)
        last[:-1] = (rows["id"][1:] != rows["id"][:-1]) | (rows["t"][1:] != rows["t"][:-1])
        hidden = int(len(rows) - last.sum())
        rows = rows[last]
        ids = np.ascontiguousarray(rows["id"])
        columns = Columns(t_ns=rows["t"].copy(), v=rows["v"].copy(), q=rows["q"].copy(), ids=ids)
        return columns, hidden

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, day: int, kind: str) -> Path:
        return self._folder / f"{day}.{kind}"


def _row(kind: ChannelKind) -> np.dtype[np.void]:
    shape = (WIDTH[kind],) if WIDTH[kind] > 1 else ()
    return np.dtype([("id", "<u4"), ("t", "<i8"), ("v", "<f8", shape), ("q", "u1")])


def _packed(kind: ChannelKind, columns: Columns) -> np.ndarray:
    rows = np.empty(len(columns), _row(kind))
    rows["id"], rows["t"], rows["v"], rows["q"] = columns.ids, columns.t_ns, columns.v, columns.q
    return rows
