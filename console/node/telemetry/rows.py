"""Rows as DuckDB gives them, made into columns, ordered and thinned; knows no file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from console.api import U32, ChannelKind, Columns
from console.node.telemetry.extremes import drawn, of_columns, slotted
from console.node.telemetry.tail import NO_TRACK, some

GROUP_ROWS: Final = 12_000
"""From so many buckets on, DuckDB joins them quicker than it hands them over."""
Rows = dict[str, np.ndarray]
"""Columns by name."""


def apply(entities: dict[str, dict[str, bytes]], cls: str, id_: str, raw: bytes | None) -> None:
    """Carry out one change of the log; class "": a run began, knowing nothing."""
    if not cls:
        entities.clear()
    elif raw is None:
        entities.get(cls, {}).pop(id_, None)
    else:
        entities.setdefault(cls, {})[id_] = bytes(raw)


def table_of(kind: ChannelKind) -> str:
    """The table that holds samples of this kind."""
    return "position" if kind is ChannelKind.POSITION else "scalar"


def filled(rows: Rows) -> Rows:
    """DuckDB takes NaN in as NULL and gives it back masked, over a zero: missing is never zero."""
    return {n: c.filled(np.nan) if isinstance(c, np.ma.MaskedArray) else c for n, c in rows.items()}


def grouped(name: str, where: str, first: int, wide: int, step: int, rows: int) -> str:
    """Buckets of a table; as wide as they are asked for already where that is less work than to fetch `rows`."""
    if wide <= step or rows < GROUP_ROWS:
        return f"SELECT t, lo, hi, (count + bad)::BIGINT AS n, q FROM {name} WHERE {where}"
    return (
        "SELECT min(t) AS t, min(lo) AS lo, max(hi) AS hi, sum(count + bad)::BIGINT AS n, bit_or(q) AS q"
        f" FROM {name} WHERE {where} GROUP BY (t - {first}) // {wide}"
    )


def columns_of(rows: Rows, table: str) -> Columns:
    """Samples of a table; `ids` where the rows have them."""
    if not rows:
        return NO_TRACK if table == "position" else Columns(t_ns=NO_TRACK.t_ns, v=np.empty(0), q=NO_TRACK.q)
    names = ("lon", "lat", "alt", "heading", "speed")
    v = np.stack([rows[name] for name in names], axis=1) if table == "position" else rows["v"]
    return Columns(t_ns=rows["t"], v=v, q=rows["q"], ids=rows.get("id", np.empty(0, np.uint32)))


def one_of(columns: Columns, number: int, start: int, end: int) -> Columns:
    """One sensor's samples of [start, end)."""
    return some(columns, (columns.ids == number) & (columns.t_ns >= start) & (columns.t_ns < end))


def of_numbers(columns: Columns, numbers: U32) -> Columns:
    """Rows of these numbers (ascending) only."""
    if not len(columns):
        return columns
    place = np.minimum(np.searchsorted(numbers, columns.ids), len(numbers) - 1)
    return some(columns, numbers[place] == columns.ids)


def in_order(columns: Columns, table: str) -> Columns:
    """Ascending in t, in order of arrival where times are equal."""
    if not len(columns):
        return columns_of({}, table)
    t = columns.t_ns
    if len(t) < 2 or bool((t[1:] >= t[:-1]).all()):
        return columns
    return some(columns, np.argsort(t, kind="stable"))


def thin(columns: Columns, start: int, end: int, most: int) -> Columns:
    """At most about 2 × `most` rows: minimum and maximum of each bucket, or of positions the first."""
    if len(columns) <= most:
        return columns
    step = max((end - start + most - 1) // most, 1)
    if columns.v.ndim > 1:
        slot = (columns.t_ns - start) // step
        return some(columns, np.concatenate(([True], slot[1:] != slot[:-1])))
    return drawn(slotted([of_columns(columns)], start, step), step)


def apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Intervals that do not touch, ascending."""
    joined_: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined_ and start <= joined_[-1][1]:
            joined_[-1] = (joined_[-1][0], max(end, joined_[-1][1]))
        else:
            joined_.append((start, end))
    return joined_
