"""The matrix as numbers: which sensor counts in which cell, how near each cell is to its limit; paints nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from console.api import NS, Alarm, Area, Domain, Latest, Quality, Sensor, Value
from widgets.kit.alarm_groups import SHOWN, urgency, waiting


class Cell(Value, frozen=True):
    """What one cell shows. `near` 0…1 of the way from normal to the nearest limit, NaN where no stream has a limit.

    `priority` 0: no alarm; `stopped`: streams stale, disconnected, never received or bad; `sensors` 0: no cell.
    `worst`: the sensor of the most urgent alarm, "" none.
    """

    sensors: int = 0
    near: float = float("nan")
    priority: int = 0
    alarms: int = 0
    open: bool = False
    stopped: int = 0
    worst: str = ""


class Grid:
    """Rows are domains, columns areas; built once a change of entities, `cells` once a second.

    Args:
        domains: the rows, in order.
        columns: area ids, in order.
        sensors: all there are; those that fit no row or no column do not count.
        areas: all there are, by id.
        row_of_domain: row id of a domain that is no row of its own (a wall shows whole boards).
    """

    def __init__(
        self,
        domains: Sequence[Domain],
        columns: Sequence[str],
        sensors: Iterable[Sensor],
        areas: Mapping[str, Area],
        row_of_domain: Mapping[str, str],
    ) -> None:
        self.rows = [domain.id for domain in domains]
        self.columns = list(columns)
        column_of = _columns(columns, areas)
        row_of = {domain: i for i, domain in enumerate(self.rows)}
        row_of.update({domain: row_of[row] for domain, row in row_of_domain.items() if row in row_of})
        self.ids: list[str] = []
        self._cell_of_id: dict[str, int] = {}
        cell, stale, pairs = [], [], []
        for sensor in sensors:
            row, column = row_of.get(sensor.domain), column_of.get(sensor.area)
            if row is None or column is None:
                continue
            index, place = len(self.ids), row * len(self.columns) + column
            self.ids.append(sensor.id)
            self._cell_of_id[sensor.id] = place
            cell.append(place)
            stale.append(int(sensor.stale_after_s * NS))
            if sensor.normal is not None:
                pairs += [
                    (index, sensor.normal, limit.value) for limit in sensor.limits if limit.value != sensor.normal
                ]
        self._cell = np.array(cell, np.int64)
        self._stale_ns = np.array(stale, np.int64)
        table = np.array(pairs, float).reshape(len(pairs), 3)
        self._pair, self._normal = table[:, 0].astype(np.int64), table[:, 1]
        self._span = table[:, 2] - table[:, 1]
        self.size = len(self.rows) * len(self.columns)
        self._count = np.bincount(self._cell, minlength=self.size)
        self.streams = [
            int(self._count[i * len(columns) : (i + 1) * len(columns)].sum()) for i in range(len(self.rows))
        ]

    def cells(self, latest: Latest, alarms: Iterable[Alarm], now_ns: int, listening_ns: int) -> list[Cell]:
        """All cells, row by row; `latest` is that of `ids`.

        `listening_ns`: since when samples could come: a sensor not heard yet is given its own time before it is lost.
        """
        near = np.full(self.size, np.nan)
        bad = (latest.q & np.uint8(Quality.BAD)) != 0
        if len(self._pair):
            v = latest.v if latest.v.ndim == 1 else latest.v[:, 0]
            share = (v[self._pair] - self._normal) / self._span
            good = np.isfinite(share) & ~bad[self._pair]
            np.fmax.at(near, self._cell[self._pair[good]], np.clip(share[good], 0.0, 1.0))
        late = bad | (now_ns - np.maximum(latest.t_ns, listening_ns) > self._stale_ns)
        stopped = np.bincount(self._cell[late], minlength=self.size)
        worst, count, unread = self._alarms(alarms)
        return [
            Cell(
                sensors=int(self._count[i]),
                near=float(near[i]),
                priority=worst[i].priority if i in worst else 0,
                worst=worst[i].sensor if i in worst else "",
                alarms=count.get(i, 0),
                open=i in unread,
                stopped=int(stopped[i]),
            )
            for i in range(self.size)
        ]

    def _alarms(self, alarms: Iterable[Alarm]) -> tuple[dict[int, Alarm], dict[int, int], set[int]]:
        worst: dict[int, Alarm] = {}
        count: dict[int, int] = {}
        unread: set[int] = set()
        for alarm in alarms:
            place = self._cell_of_id.get(alarm.sensor)
            if place is None or alarm.state not in SHOWN:
                continue
            worst[place] = min(worst.get(place, alarm), alarm, key=urgency)
            count[place] = count.get(place, 0) + 1
            if waiting(alarm):
                unread.add(place)
        return worst, count, unread

    def place_of(self, sensor_id: str) -> int:
        """The cell that a sensor counts in, −1 for none."""
        return self._cell_of_id.get(sensor_id, -1)

    def sensors_of(self, place: int) -> list[str]:
        """The sensors that count in a cell."""
        return [id_ for id_, at in self._cell_of_id.items() if at == place]


def _columns(columns: Sequence[str], areas: Mapping[str, Area]) -> dict[str, int]:
    """Area id → column, for every area at or below a column's."""
    found = {area: i for i, area in enumerate(columns)}
    for area in areas.values():
        path, at = [], area.id
        while at and at not in found and at in areas and at not in path:
            path.append(at)
            at = areas[at].parent
        if at in found:
            found.update(dict.fromkeys(path, found[at]))
    return found
