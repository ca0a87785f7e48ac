"""How everything stood at a time, read from the store: entities and the last sample of each sensor; knows no hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import (
    ENTITY_CLASSES,
    NS,
    Area,
    Camera,
    ChannelKind,
    Columns,
    Domain,
    Entity,
    IncidentRecord,
    MapLayer,
    Sensor,
)
from console.node.acts.incident_record import masked
from console.node.replay.archive import Archive
from console.node.rows import Rows

log = logging.getLogger(__name__)
STANDING: Final = (Area, Domain, Sensor, Camera, MapLayer)
"""Classes of what stands in the city: where the log begins later than the replay, the ones of now are better than
none. What people did and what alarmed is never taken from another time."""
LOOK_BACK_NS: Final = (3 * NS, 30 * NS, 300 * NS, 3600 * NS, 6 * 3600 * NS)
"""A sensor's last sample is looked for so far back, further only for those of which nothing was found nearer."""
READ_ROWS: Final = 50_000
"""Most rows read at once: a live sample waits no longer than they take to be handed over."""
LOOK_BACK_READS: Final = 200
"""Most reads of one look-back; what was not found by then is shown as never received."""
YIELD_AFTER: Final = 500
"""Entities decoded before others get their turn."""
Entities = dict[str, dict[str, Entity]]


def decoded(cls: str, id_: str, raw: bytes) -> Entity | None:
    """An entity as recorded, less personal data; None (and a line in the log) where this version cannot read it."""
    known = ENTITY_CLASSES.get(cls)
    if known is None:
        return None
    try:
        entity = msgspec.msgpack.decode(raw, type=known)
    except msgspec.DecodeError as error:
        log.warning("replay: %s %s cannot be read: %s", cls, id_, error)
        return None
    return masked(entity) if isinstance(entity, IncidentRecord) else entity


async def entities_at(archive: Archive, t_ns: int, now: Mapping[str, Mapping[str, Entity]]) -> Entities:
    """All entities as they were at `t_ns`, by class and id.

    `now`: what the node knows now. A sensor of it that the log lacks then is taken from it, and so are the other
    standing classes of which the log lacks all: a year imported today has its sensors' entities from today.
    """
    found: Entities = {}
    for cls, raws in (await archive.entities_at(t_ns)).items():
        for number, (id_, raw) in enumerate(raws.items()):
            if number % YIELD_AFTER == 0:
                await asyncio.sleep(0)
            entity = decoded(cls, id_, raw)
            if entity is not None:
                found.setdefault(cls, {})[id_] = entity
    return with_standing(found, now)


def with_standing(found: Entities, now: Mapping[str, Mapping[str, Entity]]) -> Entities:
    """`found` with what stands in for what the log lacks; see `entities_at`."""
    for standing in STANDING:
        later = now.get(standing.CLS, {})
        if standing is Sensor:
            found[Sensor.CLS] = {**later, **found.get(Sensor.CLS, {})}
        elif later and not found.get(standing.CLS):
            found[standing.CLS] = dict(later)
    return found


def by_kind(sensors: Iterable[Sensor]) -> dict[ChannelKind, list[str]]:
    """Ids of sensors by channel kind."""
    found: dict[ChannelKind, list[str]] = {}
    for sensor in sensors:
        found.setdefault(sensor.channel, []).append(sensor.id)
    return found


async def last_before(archive: Archive, ids: Sequence[str], kind: ChannelKind, t_ns: int) -> Columns:
    """The newest sample of each sensor at or before `t_ns`; ids of the columns index into `ids`.

    Where several have the newest time the last stored stands. Sensors of which nothing is found are left out.
    """
    newest = _Newest(ids, kind)
    end_ns, reads = t_ns + 1, 0
    for back_ns in LOOK_BACK_NS:
        asked = newest.missing()
        at_ns, start_ns = t_ns + 1 - back_ns, t_ns + 1 - back_ns
        while asked and at_ns < end_ns and reads < LOOK_BACK_READS:
            rows = await archive.read(asked, kind, at_ns, end_ns, READ_ROWS)
            reads += 1
            newest.take(rows)
            at_ns = rows.next_ns if at_ns < rows.next_ns else end_ns
        end_ns = start_ns
    return newest.columns()


class _Newest:
    """One row a sensor; what is taken later replaces what is not newer."""

    def __init__(self, ids: Sequence[str], kind: ChannelKind) -> None:
        none = nothing(kind)
        self._ids, self._place = ids, {id_: place for place, id_ in enumerate(ids)}
        self._had = np.zeros(len(ids), bool)
        self._t, self._q = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.uint8)
        self._v = np.zeros((len(ids), *none.v.shape[1:]))

    def missing(self) -> list[str]:
        """Sensors of which nothing came yet."""
        return [self._ids[place] for place in np.flatnonzero(~self._had).tolist()]

    def take(self, rows: Rows) -> None:
        """Rows ascending in t; numpy's assignment keeps the last of each sensor."""
        columns = rows.columns
        if not len(columns):
            return
        places = np.array([self._place[id_] for id_ in rows.ids], np.int64)[columns.ids]
        self._had[places] = True
        self._t[places], self._v[places], self._q[places] = columns.t_ns, columns.v, columns.q

    def columns(self) -> Columns:
        """What came, a row a sensor."""
        places = np.flatnonzero(self._had)
        return Columns(t_ns=self._t[places], v=self._v[places], q=self._q[places], ids=places.astype(np.uint32))


def nothing(kind: ChannelKind) -> Columns:
    """No rows of a kind."""
    v = np.empty((0, 5)) if kind is ChannelKind.POSITION else np.empty(0)
    return Columns(t_ns=np.empty(0, np.int64), v=v, q=np.empty(0, np.uint8), ids=np.empty(0, np.uint32))
