"""Of which days samples were imported, from when to when, and which stay as they came; knows no samples.

A source may publish times of long ago, and a clock may be wrong: neither was recorded then. So an import says itself
which days it brought, in a file beside the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np

from console.api import I64, ResourceError
from console.node.telemetry.extent import wider
from console.node.telemetry.layout import DAY_NS
from console.posix import write_whole

NAME: Final = "imported.json"
KEPT: Final = "kept.json"
T = TypeVar("T")


class Imported:
    """The list; each change is on disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self._path, self._kept_path = folder / NAME, folder / KEPT
        self._days: dict[int, tuple[int, int]] = {}
        self.kept: Set[int] = frozenset()
        """Days whose samples stay as they came for as long as anything is kept of them."""

    def load(self) -> None:
        """Take what the files say. Raises ResourceError where one cannot be read."""
        tip = "restore the file, or remove it: replay then no longer offers the imported days"
        self._days = _read(self._path, dict[int, tuple[int, int]], tip) or {}
        tip = "restore the file, or remove it: imported days then go when recorded ones do"
        self.kept = frozenset(_read(self._kept_path, list[int], tip) or ())

    def add(self, t_ns: I64, *, keep: bool = False) -> None:
        """Samples of these times are being imported; `keep`: they stay as they came. Raises OSError."""
        t_ns = np.sort(t_ns)
        edges = np.flatnonzero(np.diff(t_ns // DAY_NS)) + 1
        mine = {int(part[0]) // DAY_NS: (int(part[0]), int(part[-1])) for part in np.split(t_ns, edges)}
        kept = self.kept | mine.keys()
        if keep and kept != self.kept:
            write_whole(self._kept_path, msgspec.json.encode(sorted(kept)))
            self.kept = kept
        days = self._days | {day: wider(self._days.get(day, (0, 0)), span) for day, span in mine.items()}
        if days != self._days:
            write_whole(self._path, msgspec.json.encode(days))
            self._days = days

    def spans(self, days: Iterable[int]) -> list[tuple[int, int]]:
        """[first, last] time of each imported day among `days`."""
        return [self._days[day] for day in days if day in self._days]


def _read(path: Path, kind: type[T], tip: str) -> T | None:
    """What a file says, None where there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ResourceError(f"{path} cannot be read ({error}); {tip}") from error
