"""From when to when samples reach; knows no file."""

from __future__ import annotations

from console.api import Columns


def extent_of(columns: Columns | None) -> tuple[int, int]:
    """Times of the first and the last sample; (0, 0) for none."""
    return (0, 0) if columns is None or not len(columns) else (int(columns.t_ns.min()), int(columns.t_ns.max()))


def wider(*extents: tuple[int, int]) -> tuple[int, int]:
    """The extent of all; (0, 0) means nothing."""
    some = [extent for extent in extents if extent != (0, 0)]
    return (min(first for first, _ in some), max(last for _, last in some)) if some else (0, 0)
