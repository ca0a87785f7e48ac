"""Of which days samples were imported, and from when to when; knows no samples.

A source may publish times of long ago, and a clock may be wrong: neither was recorded then. So an import says itself
which days it brought, in a file beside the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from console.api import I64, ResourceError
from console.node.telemetry.extent import wider
from console.node.telemetry.layout import DAY_NS

NAME: Final = "imported.json"


class Imported:
    """The list; each change is on disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._days: dict[int, tuple[int, int]] = {}

    def load(self) -> None:
        """Take what the file says. Raises ResourceError where it cannot be read."""
        try:
            self._days = msgspec.json.decode(self._path.read_bytes(), type=dict[int, tuple[int, int]])
        except FileNotFoundError:
            self._days = {}
        except (OSError, msgspec.DecodeError) as error:
            tip = "restore the file, or remove it: replay then no longer offers the imported days"
            raise ResourceError(f"{self._path} cannot be read ({error}); {tip}") from error

    def add(self, t_ns: I64) -> None:
        """Samples of these times are being imported. Raises OSError."""
        days = dict(self._days)
        t_ns = np.sort(t_ns)
        edges = np.flatnonzero(np.diff(t_ns // DAY_NS)) + 1
        for part in np.split(t_ns, edges):
            day, span = int(part[0]) // DAY_NS, (int(part[0]), int(part[-1]))
            days[day] = wider(days.get(day, (0, 0)), span)
        if days != self._days:
            self._save(days)

    def _save(self, days: dict[int, tuple[int, int]]) -> None:
        partial = self._path.with_suffix(".new")
        with partial.open("wb") as file:
            file.write(msgspec.json.encode(days))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)
        self._days = days

    def spans(self, days: Iterable[int]) -> list[tuple[int, int]]:
        """[first, last] time of each imported day among `days`."""
        return [self._days[day] for day in days if day in self._days]
