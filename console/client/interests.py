"""Who of a console wants which samples of one context, as few subscriptions; knows no panel and no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from console.api import LIVE, Area, Selector, Sensor
from console.rules.areas import subtree

EVERYTHING: Final = Selector()
Asked = tuple[tuple[Selector, ...], str]
"""What an owner asks for: selectors and strategy."""


class Subscriber(Protocol):
    """What it needs of the link."""

    def subscribe(self, selector: Selector, strategy: str, context: str = LIVE) -> int: ...
    def unsubscribe(self, sub: int) -> None: ...


class Interests:
    """Equal selectors of several owners share one subscription; one that another of its strategy covers has none."""

    def __init__(
        self,
        link: Subscriber,
        sensors: Callable[[], Mapping[str, Sensor]],
        areas: Callable[[], Mapping[str, Area]],
        context: str = LIVE,
    ) -> None:
        self._link, self._sensors, self._areas, self._context = link, sensors, areas, context
        self._asked: dict[object, Asked] = {}
        self._matched: dict[object, frozenset[str]] = {}
        self._subs: dict[tuple[Selector, str], int] = {}

    def take(self, asked: Mapping[object, Asked]) -> None:
        """Replace what each of these owners is fed."""
        self._asked.update(asked)
        for owner in asked:
            self._matched.pop(owner, None)
        self._merge()

    def drop(self, owners: Iterable[object]) -> None:
        """End the interests of these owners; one that has none changes nothing."""
        for owner in owners:
            self._asked.pop(owner, None)
            self._matched.pop(owner, None)
        self._merge()

    def entities_changed(self) -> None:
        """Sensors or areas are others now: so is what selectors match and cover."""
        self._matched.clear()
        self._merge()

    @property
    def whole(self) -> bool:
        """Whether somebody is fed all sensors."""
        return any(selector == EVERYTHING for selector, _ in self._subs)

    def matches(self, owner: object) -> frozenset[str]:
        """Ids of the known sensors that the owner's selectors match."""
        found = self._matched.get(owner)
        if found is None:
            found = self._match(self._asked.get(owner, ((), ""))[0])
            self._matched[owner] = found
        return found

    # ------------------------------------------------------------------ subscriptions

    def _merge(self) -> None:
        wanted = self._wanted()
        # first what covers, then what it covers ends: no sensor is without a feed in between
        for selector, strategy in wanted - set(self._subs):
            self._subs[selector, strategy] = self._link.subscribe(selector, strategy, self._context)
        for key in set(self._subs) - wanted:
            self._link.unsubscribe(self._subs.pop(key))

    def _wanted(self) -> set[tuple[Selector, str]]:
        """All that is asked, without what another of its strategy covers; of two alike one stays."""
        asked = {(s, strategy) for selectors, strategy in self._asked.values() for s in selectors}
        kept = set(asked)
        for key in sorted(asked, key=repr):
            rivals = kept - {key}
            if any(strategy == key[1] and self._covers(wide, key[0]) for wide, strategy in rivals):
                kept.discard(key)
        return kept

    def _covers(self, wide: Selector, narrow: Selector) -> bool:
        """Whether each sensor that `narrow` matches is matched by `wide` too."""
        if wide == EVERYTHING:
            return True
        if wide.ids and not (narrow.ids and set(narrow.ids) <= set(wide.ids)):
            return False
        if self._fields_cover(wide, narrow):
            return True
        if not narrow.ids:
            return False
        # ids say nothing of boards and areas: the known sensors do
        sensors, inside = self._sensors(), self._subtree(wide.area) if wide.area else None
        return all(id_ in sensors and _fits(sensors[id_], wide, inside) for id_ in narrow.ids)

    def _fields_cover(self, wide: Selector, narrow: Selector) -> bool:
        return (
            _within(narrow.boards, wide.boards)
            and _within(narrow.kinds, wide.kinds)
            and _within(narrow.channels, wide.channels)
            and (not wide.area or (bool(narrow.area) and narrow.area in self._subtree(wide.area)))
        )

    # ------------------------------------------------------------------ matching

    def _match(self, selectors: tuple[Selector, ...]) -> frozenset[str]:
        sensors = self._sensors()
        if EVERYTHING in selectors:
            return frozenset(sensors)
        found: set[str] = set()
        for selector in selectors:
            areas = self._subtree(selector.area) if selector.area else None
            pool = [sensors[i] for i in selector.ids if i in sensors] if selector.ids else list(sensors.values())
            found.update(s.id for s in pool if _fits(s, selector, areas))
        return frozenset(found)

    def _subtree(self, root: str) -> frozenset[str]:
        return subtree(root, self._areas().values())


def _within(narrow: tuple[object, ...], wide: tuple[object, ...]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _fits(sensor: Sensor, selector: Selector, areas: frozenset[str] | None) -> bool:
    """Whether a sensor that the selector's ids (if any) name fits all else."""
    return (
        (not selector.boards or sensor.board in selector.boards)
        and (areas is None or sensor.area in areas)
        and (not selector.kinds or sensor.kind in selector.kinds)
        and (not selector.channels or sensor.channel in selector.channels)
    )
