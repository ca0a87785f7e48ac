"""What every reader of a file hands on: lots of samples, and what it could not use; knows no file format."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from console.api import BadInput, ChannelKind, Columns, Sensor, Value
from console.node.sources.columns_csv.spec import ValueColumn
from console.node.sources.replay.reel import Fault


class Lot(Value, frozen=True, eq=False):
    """Samples of one kind; `columns.ids` index into the reader's `sensors`. `done`: 0 … 1 of the file was read."""

    kind: ChannelKind
    columns: Columns
    done: float


class Reader(Protocol):
    """A file being read once, lot by lot; bad rows are counted and named by line, never fatal."""

    @property
    def sensors(self) -> Sequence[Sensor]:
        """All sensors of the lots so far."""
        ...

    @property
    def simulated(self) -> bool:
        """The file says of itself that nothing in it was measured."""
        ...

    def lots(self) -> Iterator[Lot]:
        """The samples. Raises BadInput where the file cannot be read at all."""
        ...

    def faults(self) -> Sequence[Fault]:
        """What could not be used, each with its first place."""
        ...


class Faults:
    """Counts faults of many lots by what they are."""

    def __init__(self) -> None:
        self._found: dict[str, Fault] = {}

    def add(self, fault: Fault) -> None:
        """Count one more; the first place stays."""
        old = self._found.get(fault.what.en)
        count = fault.count + (old.count if old else 0)
        self._found[fault.what.en] = Fault(what=fault.what, count=count, where=old.where if old else fault.where)

    def all(self) -> tuple[Fault, ...]:
        """Everything counted, in the order found."""
        return tuple(self._found.values())


def stacked(t_ns: np.ndarray, parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> Columns:
    """One time column and a (v, q) each sensor, sensor after sensor, as one set of columns."""
    count = len(parts)
    return Columns(
        t_ns=np.tile(t_ns, count),
        v=np.concatenate([v for v, _ in parts]) if parts else np.empty(0),
        q=np.concatenate([q for _, q in parts]) if parts else np.empty(0, np.uint8),
        ids=np.repeat(np.arange(count, dtype=np.uint32), len(t_ns)),
    )


def bounds_of(column: ValueColumn) -> tuple[float, float]:
    """Values outside are bad."""
    return (
        column.lowest if column.lowest is not None else -np.inf,
        column.highest if column.highest is not None else np.inf,
    )


def unreadable(file: os.PathLike[str], error: Exception, expected: str) -> BadInput:
    """An error for a file that cannot be read at all."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return BadInput(str(file), found=reason.splitlines()[0][:200] if reason else repr(error), expected=expected)
