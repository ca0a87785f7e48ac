"""Which sensors a selector means: areas expanded, sets ready for look-up; knows neither hub nor readers."""

from __future__ import annotations

from collections.abc import Iterable

from console.api import Entity, Selector, Sensor
from console.rules.areas import subtree


class Choice:
    """A selector made ready for asking often; `areas` are all areas known now."""

    def __init__(self, selector: Selector, areas: Iterable[Entity]) -> None:
        self._all = selector == Selector()
        self._boards, self._kinds = frozenset(selector.boards), frozenset(selector.kinds)
        self._ids, self._channels = frozenset(selector.ids), frozenset(selector.channels)
        self._areas = subtree(selector.area, areas) if selector.area else None

    def __call__(self, sensor: Sensor) -> bool:
        """Whether the sensor is meant."""
        return self._all or (
            (not self._boards or sensor.board in self._boards)
            and (self._areas is None or sensor.area in self._areas)
            and (not self._kinds or sensor.kind in self._kinds)
            and (not self._ids or sensor.id in self._ids)
            and (not self._channels or sensor.channel in self._channels)
        )
