"""How the rows that a batch means are addressed in arrays; knows no batch."""

from __future__ import annotations

import numpy as np


def one_each(rows: np.ndarray) -> np.ndarray | slice | None:
    """The index for arrays by row where `rows`, whole numbers (n,), n > 0, ascend and none comes twice, else None.

    A slice where none is left out between them: arrays are read and written many times faster by it.
    """
    first, last = int(rows[0]), int(rows[-1])
    if last - first < len(rows) - 1 or not every(rows[1:] > rows[:-1]):
        return None
    return slice(first, last + 1) if last - first == len(rows) - 1 else rows


def every(mask: np.ndarray) -> bool:
    """Whether all of a bool array, of any shape, are true: of a thousand many times faster than `all`."""
    return int(np.count_nonzero(mask)) == mask.size
