"""What one console sees: link, replica and media behind one face, interests merged; knows no panel and no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec

from console.api import (
    LIVE,
    Answer,
    Area,
    Columns,
    Entity,
    Feed,
    Freshness,
    Latest,
    LinkStatus,
    Notice,
    Selector,
    Sensor,
    Value,
)
from console.client.link import Link
from console.client.media import Media
from console.client.replica import Replica
from console.tasks import Tasks

E = TypeVar("E", bound=Entity)
EVERYTHING: Final = Selector()


class Drained(Value, frozen=True, kw_only=True):
    """What changed since the last drain. `sensors`: ids with new samples; `entities`: wire names of classes."""

    sensors: set[str]
    entities: set[str]
    seeked: bool = False
    link_changed: bool = False


class Desk:
    """See the module.

    Args:
        on_wake: called when something may have changed that the pacer does not poll for (link, notices).
    """

    def __init__(self, tasks: Tasks, *, role: str = "desk", media: Media | None = None) -> None:
        self.replica = Replica()
        self.link = Link(self.replica, tasks, self._link_changed, role=role)
        self.media = media if media is not None else Media(tasks, lambda: int(self.link.status.offset_ms * 1e6))
        self.actor = ""
        self.context = LIVE
        self._changed = True
        self._seeked = False
        self._interests: dict[object, tuple[Selector, ...]] = {}
        self._matched: dict[object, frozenset[str]] = {}
        self._subs: dict[tuple[Selector, str], int] = {}
        self._strategies: dict[object, str] = {}
        self._was_up = False
        self.on_notices: Callable[[], None] | None = None

    @property
    def now_ns(self) -> int:
        """Node time, UTC ns, as this console estimates it."""
        return time.time_ns() + int(self.link.status.offset_ms * 1e6)

    @property
    def status(self) -> LinkStatus:
        """The link's state with the streams' counts."""
        known, live, newest = self.replica.counts(self.now_ns)
        return msgspec.structs.replace(self.link.status, streams_known=known, streams_live=live, last_data_ns=newest)

    def _link_changed(self) -> None:
        if self.link.status.up != self._was_up:
            self._was_up = self.link.status.up
            self._changed = True
        if self.replica.notices_changed and self.on_notices is not None:
            self.replica.notices_changed = False
            self.on_notices()

    # ------------------------------------------------------------------ interest

    def interest(self, owner: object, *selectors: Selector, strategy: str = "latest") -> None:
        """Replace what `owner` is fed; equal or covered selectors of several owners share one subscription."""
        self._interests[owner] = selectors
        self._strategies[owner] = strategy
        self._matched.pop(owner, None)
        self._merge()

    def release(self, owner: object) -> None:
        """End an owner's interest."""
        self._interests.pop(owner, None)
        self._strategies.pop(owner, None)
        self._matched.pop(owner, None)
        self._merge()

    def _merge(self) -> None:
        wanted = {(s, self._strategies[o]) for o, selectors in self._interests.items() for s in selectors}
        for strategy in {strategy for _, strategy in wanted}:
            if (EVERYTHING, strategy) in wanted:
                wanted = {(s, st) for s, st in wanted if st != strategy or s == EVERYTHING}
        for key in wanted - set(self._subs):
            self._subs[key] = self.link.subscribe(*key)
        for key in set(self._subs) - wanted:
            self.link.unsubscribe(self._subs.pop(key))

    def matches(self, owner: object) -> frozenset[str]:
        """Ids of the known sensors that the owner's selectors match."""
        found = self._matched.get(owner)
        if found is None:
            found = self._match(self._interests.get(owner, ()))
            self._matched[owner] = found
        return found

    def _match(self, selectors: tuple[Selector, ...]) -> frozenset[str]:
        sensors = self.entities(Sensor)
        if EVERYTHING in selectors:
            return frozenset(sensors)
        found: set[str] = set()
        for selector in selectors:
            areas = self._subtree(selector.area) if selector.area else None
            pool = [sensors[i] for i in selector.ids if i in sensors] if selector.ids else list(sensors.values())
            found.update(s.id for s in pool if _fits(s, selector, areas))
        return frozenset(found)

    def _subtree(self, root: str) -> frozenset[str]:
        areas = self.entities(Area)
        inside = {root}
        for area in areas.values():
            path, at = [area.id], area.parent
            while at and at not in inside and at in areas and at not in path:
                path.append(at)
                at = areas[at].parent
            if at in inside:
                inside.update(path)
        return frozenset(inside)

    # ------------------------------------------------------------------ reading

    def drain(self) -> Drained:
        """All that changed since the last drain."""
        sensors, entities = self.replica.drain()
        if entities & {Sensor.CLS, Area.CLS}:
            self._matched.clear()
        drained = Drained(sensors=sensors, entities=entities, seeked=self._seeked, link_changed=self._changed)
        self._changed = self._seeked = False
        return drained

    def entities(self, cls: type[E]) -> Mapping[str, E]:
        """All entities of the class, by id; a live view."""
        return cast("Mapping[str, E]", self.replica.all(cls))

    def latest(self, ids: Sequence[str]) -> Latest:
        """The last sample of each id."""
        return self.replica.latest(ids, self.now_ns)

    def freshness(self, id_: str) -> Freshness:
        """How a sensor's last value stands now."""
        return self.replica.freshness(id_, self.now_ns, self.link.status.up)

    def window(self, id_: str, start_ns: int, end_ns: int) -> Columns:
        """What the ring holds."""
        return self.replica.window(id_, start_ns, end_ns)

    def notices(self) -> list[Notice]:
        """The node's notices."""
        return list(self.replica.notices.values())

    # ------------------------------------------------------------------ asking

    async def query(self, id_: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        """History from the node; raises LinkError or RefusedError."""
        return await self.link.query(id_, start_ns, end_ns, max_points)

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash."""
        return await self.link.fetch(sha256)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        """A person's act."""
        return await self.link.intent(name, entity, self.actor, arguments)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        """A camera's pictures; the address is asked anew at each connection."""
        return self.media.feed(camera_id, stream, lambda: self.link.ticket(camera_id, stream))

    async def close(self) -> None:
        """End the decode workers."""
        await self.media.close()


def _fits(sensor: Sensor, selector: Selector, areas: frozenset[str] | None) -> bool:
    """Whether a sensor that the selector's ids (if any) name fits all else."""
    return (
        (not selector.boards or sensor.board in selector.boards)
        and (areas is None or sensor.area in areas)
        and (not selector.kinds or sensor.kind in selector.kinds)
        and (not selector.channels or sensor.channel in selector.channels)
    )
