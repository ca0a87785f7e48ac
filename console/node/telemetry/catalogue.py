"""Durable numbers of sensors, by id and channel kind; knows no samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import duckdb
import numpy as np

from console.api import Board, ChannelKind, Sensor, Text
from console.node.telemetry.inbox import Enrolled

NOBODY: Final = 0xFFFFFFFF


class Catalogue:
    """Which number means which sensor; lives in the node's loop, readers get what they need from there."""

    def __init__(self) -> None:
        self.by_number: dict[int, Enrolled] = {}
        self._numbers: dict[tuple[str, ChannelKind], int] = {}
        self._kind: dict[str, ChannelKind] = {}
        """What a sensor is now, or was last."""
        self._last = 0
        self._of_handle: dict[ChannelKind, np.ndarray] = {}
        self._ids: Sequence[str] = ()

    def load(self, sensors: Iterable[Enrolled]) -> None:
        """Take what a file knows, oldest first: what is said of a number last is true now."""
        for sensor in sensors:
            self._keep(sensor)

    def _keep(self, sensor: Enrolled) -> None:
        self.by_number[sensor.number] = sensor
        self._numbers[sensor.id, sensor.kind] = sensor.number
        self._last = max(self._last, sensor.number)
        if sensor.board or sensor.id not in self._kind:
            self._kind[sensor.id] = sensor.kind

    def enrol(self, sensor: Sensor) -> Enrolled | None:
        """Give a sensor its number, or note what else is new about it; None where nothing is."""
        number = self._numbers.get((sensor.id, sensor.channel), self._next())
        entry = Enrolled(
            number=number,
            id=sensor.id,
            kind=sensor.channel,
            board=sensor.board.value,
            area=sensor.area,
            zh=sensor.name.zh,
            en=sensor.name.en,
            unit=sensor.unit,
        )
        again = self._kind.get(sensor.id) is not sensor.channel
        self._kind[sensor.id] = sensor.channel
        return self._note(entry) or (entry if again else None)

    def unknown(self, id_: str, kind: ChannelKind) -> Enrolled:
        """Give a sensor that nobody put a number all the same: its samples are kept."""
        entry = Enrolled(number=self._next(), id=id_, kind=kind)
        self._note(entry)
        return entry

    def _next(self) -> int:
        return self._last + 1

    def _note(self, entry: Enrolled) -> Enrolled | None:
        if self.by_number.get(entry.number) == entry:
            return None
        self._keep(entry)
        return entry

    def numbers(self, ids: Sequence[str], kind: ChannelKind) -> np.ndarray:
        """By handle (an index into `ids`, which only ever grows) the number, u32; NOBODY where there is none."""
        if ids is not self._ids:
            self._ids = ids
            self._of_handle.clear()
        known = self._of_handle.get(kind)
        if known is None or len(known) < len(ids):
            more = [self._numbers.get((id_, kind), NOBODY) for id_ in ids[0 if known is None else len(known) :]]
            fresh = np.array(more, np.uint32)
            known = self._of_handle[kind] = fresh if known is None else np.concatenate([known, fresh])
        return known

    def settle(self, ids: Sequence[str], kind: ChannelKind, handles: np.ndarray) -> list[Enrolled]:
        """Number the sensors behind handles that have none of this kind; they are written before their samples."""
        known = self.numbers(ids, kind)
        fresh = []
        for handle in np.unique(handles).tolist():
            if known[handle] == NOBODY:
                number = self._numbers.get((ids[handle], kind))
                if number is None:
                    fresh.append(entry := self.unknown(ids[handle], kind))
                    number = entry.number
                known[handle] = number
        return fresh

    def number(self, id_: str, kind: ChannelKind) -> int | None:
        """The number of a sensor; None where the store never heard of it."""
        return self._numbers.get((id_, kind))

    def of_board(self, board: str) -> list[int]:
        """Numbers of a board's sensors."""
        return [number for number, sensor in self.by_number.items() if sensor.board == board]

    def boards(self) -> set[str]:
        """Boards that sensors have; "" for sensors that nobody put."""
        return {sensor.board for sensor in self.by_number.values()}

    def sensors(self) -> list[Sensor]:
        """The sensors that somebody put, once each, with what the store itself knows of them."""
        newest = {sensor.id: sensor for _, sensor in sorted(self.by_number.items()) if sensor.board}
        return [
            Sensor(
                id=sensor.id,
                channel=sensor.kind,
                board=Board(sensor.board),
                area=sensor.area,
                name=Text(sensor.zh, sensor.en),
                unit=sensor.unit,
            )
            for sensor in newest.values()
        ]

    def kinds(self, id_: str) -> list[ChannelKind]:
        """The kinds that a sensor has had, the one that it has now last."""
        now = self._kind.get(id_)
        return sorted((kind for kind in ChannelKind if (id_, kind) in self._numbers), key=lambda kind: kind is now)


def sensors_of(db: duckdb.DuckDBPyConnection, alias: str) -> Iterable[Enrolled]:
    """The sensors that a file knows, in the order in which it learned them."""
    for row in db.execute(f"SELECT * FROM {alias}.sensor").fetchall():
        yield Enrolled(row[0], row[1], ChannelKind(row[2]), *row[3:])
