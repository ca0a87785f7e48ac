"""Chooses the rows: keeps watch over how near all streams are to their limits; paints nothing and keeps no curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.api import Alarm, Area, ChannelKind, Host, Selector, Sensor
from widgets.kit.alarm_groups import alarm_groups
from widgets.kit.areas import below
from widgets.kit.subject import Asking
from widgets.strips.ranking import Nearness, worst
from widgets.strips.spec import StripsSettings

SWEEP_FRAMES: Final = 40
"""All streams are looked at for nearness once in this many frames, a part in each."""
LEAST: Final = 65
"""Of fewer the host would also work out how fast each changes, which costs far more than their values."""


class Choice:
    """Which sensors the settings mean, and which of them come first."""

    def __init__(self, host: Host, settings: StripsSettings) -> None:
        self._host = host
        self._settings = settings
        self._pool: frozenset[str] = frozenset()
        self._nearness = Nearness(())
        self.asking = Asking(host, settings.about if settings.mode != "ids" else "")

    def area(self) -> str:
        """The area that restricts the choice, "" for none."""
        if self.asking.subject is not None:
            return self.asking.subject.area
        if self._settings.mode != "area":
            return ""
        kind, _, id_ = self._host.selection.partition(":")
        return self._settings.area or (id_ if kind == "area" else "")

    def selectors(self) -> tuple[Selector, ...]:
        """What the panel has to be fed."""
        if self._settings.mode == "ids":
            return (Selector(ids=self._settings.ids),)
        inside = Selector(channels=(ChannelKind.SCALAR,), area=self.area())
        return (inside, Selector(ids=self._own())) if self._own() else (inside,)

    def _own(self) -> tuple[str, ...]:
        subject = self.asking.subject
        return subject.incident.sensors if subject is not None else ()

    def watch(self) -> None:
        """Take the sensors anew; the first look is at all of them at once, so that the first picture is right."""
        inside = self._inside() if self._settings.mode != "ids" else {}
        self._pool = frozenset(inside)
        self._nearness = Nearness(inside.values())
        if self._nearness.ids:
            self._take(slice(0, len(self._nearness.ids)))

    def _inside(self) -> dict[str, Sensor]:
        sensors = self._host.entities(Sensor)
        area = self.area()
        if not area:
            return dict(sensors)
        wanted = below(area, self._host.entities(Area))
        own = self._own()
        return {i: s for i, s in sensors.items() if s.area in wanted or i in own}

    def sweep(self) -> None:
        """Look at the next few streams."""
        count = len(self._nearness.ids)
        if count:
            self._take(self._nearness.due(max(LEAST, -(-count // SWEEP_FRAMES))))

    def _take(self, places: slice) -> None:
        values = self._host.latest(self._nearness.ids[places]).v
        if values.ndim == 1:
            self._nearness.take(places, values)

    def wanted(self, shown: Sequence[str]) -> list[str]:
        """The rows in order; `shown` is the order on screen now."""
        sensors = self._host.entities(Sensor)
        if self._settings.mode == "ids":
            return [i for i in self._settings.ids if i in sensors][: self._settings.count]
        alarms = (a for a in self._host.entities(Alarm).values() if a.sensor in self._pool)
        groups = alarm_groups(alarms, sensors)
        heads = [g.head.sensor for g in groups if _drawn(sensors.get(g.head.sensor))]
        members = [a.sensor for g in groups for a in g.members if _drawn(sensors.get(a.sensor))]
        count = self._settings.count
        # so many that `count` remain when all that are alarmed or shown are among them
        shares = self._nearness.shares(count + len(heads) + len(members) + len(shown), also=shown)
        own = [i for i in self._own() if _drawn(sensors.get(i))]
        own.sort(key=(heads + members + own).index)
        return list(dict.fromkeys([*own, *worst(heads, members, shares, shown, count)]))[:count]


def _drawn(sensor: Sensor | None) -> bool:
    return sensor is not None and sensor.channel in (ChannelKind.SCALAR, ChannelKind.STATE)
