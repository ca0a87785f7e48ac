"""Reads the store in bounded pieces: samples of many sensors and changes of entities; knows neither hub nor clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from console.api import ChannelKind, Columns, Value
from console.node.replay.ahead import Change
from console.node.replay.archive import Archive
from console.node.replay.picture import READ_ROWS, nothing
from console.node.rows import Rows, take

Wanted = Mapping[ChannelKind, Sequence[str]]
"""Sensor ids by channel kind."""


class Piece(Value, frozen=True, kw_only=True, eq=False):
    """All of [start, `end_ns`): samples by kind, ascending, `ids` the hub's handles; and changes, ascending."""

    rows: dict[ChannelKind, Columns]
    changes: Sequence[Change]
    end_ns: int


async def read_piece(
    archive: Archive, wanted: Wanted, handles: Mapping[str, int], start_ns: int, end_ns: int, *, changes: bool = True
) -> Piece:
    """As much of [start_ns, end_ns) as fits in one read of each kind."""
    rows: dict[ChannelKind, Columns] = {}
    for kind, ids in wanted.items():
        if ids:
            read = await archive.read(ids, kind, start_ns, end_ns, READ_ROWS)
            if start_ns < read.next_ns < end_ns:
                end_ns = read.next_ns
            rows[kind] = with_handles(read, handles)
    rows = {kind: _before(columns, end_ns) for kind, columns in rows.items()}
    changed = await archive.entity_changes(start_ns, end_ns) if changes else ()
    return Piece(rows=rows, changes=changed, end_ns=end_ns)


async def read_all(
    archive: Archive, ids: Sequence[str], kind: ChannelKind, handles: Mapping[str, int], start_ns: int, end_ns: int
) -> Columns:
    """All samples of [start_ns, end_ns), for spans that are known to be short."""
    parts = []
    while start_ns < end_ns:
        piece = await read_piece(archive, {kind: ids}, handles, start_ns, end_ns, changes=False)
        parts.append(piece.rows[kind])
        start_ns = piece.end_ns
    if not parts:
        return nothing(kind)
    return Columns(
        t_ns=np.concatenate([part.t_ns for part in parts]),
        v=np.concatenate([part.v for part in parts]),
        q=np.concatenate([part.q for part in parts]),
        ids=np.concatenate([part.ids for part in parts]),
    )


def with_handles(read: Rows, handles: Mapping[str, int]) -> Columns:
    """Rows of the store with the hub's handles; of sensors that it does not know, none."""
    columns = read.columns
    of_id = np.array([handles.get(id_, -1) for id_ in read.ids], np.int64)
    ids = of_id[columns.ids] if len(columns) else np.empty(0, np.int64)
    known = Columns(t_ns=columns.t_ns, v=columns.v, q=columns.q, ids=ids.astype(np.uint32))
    return known if (ids >= 0).all() else take(known, ids >= 0)


def _before(columns: Columns, end_ns: int) -> Columns:
    count = int(np.searchsorted(columns.t_ns, end_ns, "left"))
    return columns if count == len(columns) else take(columns, slice(count))
