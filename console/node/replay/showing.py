"""Puts into a replay's hub what comes due, in the order of its times; knows neither store nor clock."""

from __future__ import annotations

import asyncio
from typing import Final

from console.api import ENTITY_CLASSES, Area, Entity, Sensor
from console.node.hub import Hub
from console.node.replay.ahead import Ahead
from console.node.replay.picture import Entities, decoded, with_standing

LOG_BYTES: Final = 16 << 20
"""Most bytes of batches kept of all feeds, for readers that are slow or come back."""
PIECE_ROWS: Final = 10_000
"""Live data get their turn after so many rows."""
PIECE_ENTITIES: Final = 500
SOURCE: Final = "replay"
_CHOOSING: Final = ("", Sensor.CLS, Area.CLS)
"""Classes of which a change may change what a selector means."""


class Showing:
    """Args:
    live: the hub of the present, for what stands in the city.

    Attributes:
        shown_ns: all up to and with this time is shown.
        born: when sensors came that are not read ahead yet.
    """

    def __init__(self, hub: Hub, live: Hub) -> None:
        self.hub, self._live = hub, live
        self.shown_ns = 0
        self.born: dict[str, int] = {}

    async def become(self, entities: Entities) -> None:
        """All entities are these now; in pieces, between which live data get their turn."""
        for cls in (Area.CLS, *(cls for cls in ENTITY_CLASSES if cls != Area.CLS)):
            known = entities.get(cls, {})
            self.hub.drop(ENTITY_CLASSES[cls], [id_ for id_ in self.hub.entities.get(cls, {}) if id_ not in known])
            put = list(known.values())
            for start in range(0, len(put), PIECE_ENTITIES):
                self.hub.put(SOURCE, put[start : start + PIECE_ENTITIES])
                await asyncio.sleep(0)
        self.hub.flush()

    async def due(self, ahead: Ahead, at_ns: int) -> None:
        """Publish everything up to and with `at_ns`."""
        for t_ns, cls, id_, raw in ahead.changes(at_ns):
            if cls in _CHOOSING and t_ns > self.shown_ns + 1:
                # what a selector means may change: samples of before go to those who were meant before
                await self._samples(ahead, t_ns - 1)
            if cls:
                self._change(t_ns, cls, id_, raw)
            else:  # the node had ended, and began to record knowing nothing
                await self.become(with_standing({}, self._live.entities))
        await self._samples(ahead, at_ns)

    def _change(self, t_ns: int, cls: str, id_: str, raw: bytes | None) -> None:
        known = ENTITY_CLASSES.get(cls)
        if known is None:
            return
        if raw is None:
            self.hub.drop(known, [id_])
            return
        entity: Entity | None = decoded(cls, id_, raw)
        if entity is not None:
            if isinstance(entity, Sensor) and id_ not in self.hub.entities.get(Sensor.CLS, {}):
                self.born[id_] = t_ns
            self.hub.put(SOURCE, [entity])

    async def _samples(self, ahead: Ahead, to_ns: int) -> None:
        """Publish samples up to and with `to_ns`; others get their turn after PIECE_ROWS."""
        rows = 0
        for kind, columns in ahead.samples(to_ns, PIECE_ROWS):
            self.hub.samples(kind, columns)
            rows += len(columns)
            if rows >= PIECE_ROWS:
                rows = 0
                self.hub.flush()
                self._let_go()
                await asyncio.sleep(0)
        self.hub.flush()
        self._let_go()
        self.shown_ns = max(self.shown_ns, to_ns)

    def _let_go(self) -> None:
        """Keep little for who was cut off: eight replays are not to hold what one present may."""
        feeds = self.hub.feeds
        for feed in feeds:
            while feed.log_bytes > LOG_BYTES // len(feeds):
                feed.let_go()
