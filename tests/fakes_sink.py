"""A sink that remembers what a source put, for tests of sources; knows no node."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import numpy as np

from console.api import ChannelKind, Columns, Entity, Notice, Sensor


class RecordingSink:
    """Keeps everything in the order it came; `now` gives the node's time, UTC ns.

    Attributes:
        entities: class name → id → entity, as they stand now.
        puts: every entity put, in order.
        batches: (channel, columns) in order.
        handles: sensor id → u32 handle, from 1.
    """

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        self._now = now
        self.entities: dict[str, dict[str, Entity]] = {}
        self.puts: list[Entity] = []
        self.dropped: list[tuple[str, str]] = []
        self.batches: list[tuple[ChannelKind, Columns]] = []
        self.handles: dict[str, int] = {}
        self.files: dict[str, bytes] = {}
        self.urls: dict[tuple[str, str], str] = {}
        self.notices: dict[str, Notice] = {}

    @property
    def now_ns(self) -> int:
        return self._now()

    def put(self, *entities: Entity) -> None:
        for entity in entities:
            self.puts.append(entity)
            self.entities.setdefault(entity.CLS, {})[entity.id] = entity
            if isinstance(entity, Sensor):
                self.handles.setdefault(entity.id, len(self.handles) + 1)

    def drop(self, cls: type[Entity], *ids: str) -> None:
        for id_ in ids:
            self.entities.get(cls.CLS, {}).pop(id_, None)
            self.dropped.append((cls.CLS, id_))

    def handle(self, sensor_id: str) -> int:
        return self.handles[sensor_id]

    def samples(self, channel: ChannelKind, columns: Columns) -> None:
        n = len(columns.t_ns)
        assert len(columns.v) == len(columns.q) == n, "columns of unequal length"
        assert len(columns.ids) in (0, n), "ids of another length"
        self.batches.append((channel, columns))

    def file(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        self.files[name] = content
        return name

    def camera_url(self, camera_id: str, stream: str, url: str) -> None:
        self.urls[camera_id, stream] = url

    def camera_file(self, camera_id: str, stream: str, file: str, *, loop: bool = True) -> None:
        self.urls[camera_id, stream] = f"file:{file}{'' if loop else '#once'}"

    def notice(self, notice: Notice) -> None:
        self.notices[notice.key] = notice

    def clear_notice(self, key: str) -> None:
        self.notices.pop(key, None)

    def of(self, sensor_id: str) -> Columns:
        """All samples of one sensor, in the order they came."""
        handle = self.handles[sensor_id]
        parts = [(c, c.ids == handle) for _, c in self.batches]
        parts = [(c, mine) for c, mine in parts if mine.any()]
        if not parts:
            return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
        return Columns(
            t_ns=np.concatenate([c.t_ns[mine] for c, mine in parts]),
            v=np.concatenate([c.v[mine] for c, mine in parts]),
            q=np.concatenate([c.q[mine] for c, mine in parts]),
        )
