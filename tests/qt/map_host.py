"""A host for trying the map alone: entities and samples put in by hand; knows no node and no shell."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from console.api import (
    LIVE,
    NS,
    ActStanding,
    Answer,
    Columns,
    Entity,
    Feed,
    Freshness,
    Header,
    IntentState,
    Latest,
    LinkError,
    LinkStatus,
    Notice,
    Selector,
)
from tests.seated import Seated

E_ = TypeVar("E_", bound=Entity)
Role = Literal["desk", "wall", "vehicle"]
START_NS = 1_784_315_667 * NS


class MapHost(Seated):
    """Everything a map asks for, from dictionaries."""

    def __init__(
        self, *, role: Literal["desk", "wall", "vehicle"] = "desk", language: str = "zh", text_px: float = 13
    ) -> None:
        self.role: Literal["desk", "wall", "vehicle"] = role
        self.language = language
        self.text_px = text_px
        self.visible = True
        self.context = LIVE
        self.now_ns = START_NS
        self.link = LinkStatus(up=True, since_ns=START_NS)
        self.selection = ""
        self.store: dict[type[Entity], dict[str, Entity]] = {}
        self.samples: dict[str, tuple[int, Any, float]] = {}
        self.files: dict[str, bytes] = {}
        self.headers: list[Header] = []
        self.raised: dict[str, Notice] = {}
        self.commands: list[str] = []
        self.selectors: tuple[Selector, ...] = ()

    def put(self, *entities: Entity) -> None:
        for entity in entities:
            self.store.setdefault(type(entity), {})[entity.id] = entity

    def file(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256] = content
        return sha256

    def sample(self, sensor_id: str, value: Any, *, rate_per_s: float = 0.0, age_s: float = 0.0) -> None:
        self.samples[sensor_id] = (self.now_ns - round(age_s * NS), value, rate_per_s)

    # ---- Host

    def select(self, ref: str) -> None:
        self.selection = ref

    def subscribe(self, *selectors: Selector, strategy: Literal["latest", "every"] = "latest") -> None:
        self.selectors = selectors

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        found: Any = self.store.get(cls, {})
        return dict(found)

    def latest(self, ids: Sequence[str]) -> Latest:
        rows = [self.samples.get(i, (0, np.nan, np.nan)) for i in ids]
        wide = any(isinstance(v, tuple) for _, v, _ in rows)
        values = [v if isinstance(v, tuple) else (v,) * 5 for _, v, _ in rows] if wide else [v for _, v, _ in rows]
        return Latest(
            t_ns=np.array([t for t, _, _ in rows], np.int64),
            v=np.array(values, np.float64),
            q=np.zeros(len(rows), np.uint8),
            rate_per_s=np.array([r for _, _, r in rows], np.float64),
        )

    def freshness(self, sensor_id: str) -> Freshness:
        return Freshness.LIVE if sensor_id in self.samples else Freshness.NEVER

    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        return ()

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        return self.window(sensor_id, start_ns, end_ns)

    async def attach(self, content: bytes) -> str:
        raise LinkError("no node here")

    async def fetch(self, sha256: str) -> bytes:
        if sha256 not in self.files:
            raise LinkError("no such file")
        return self.files[sha256]

    def act(self, entity: str) -> ActStanding | None:
        return None

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        return Answer(id="1", state=IntentState.SAVED)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        raise LinkError("no cameras here")

    def command(self, command_id: str) -> None:
        self.commands.append(command_id)

    def header(self, header: Header) -> None:
        self.headers.append(header)

    def notice(self, notice: Notice) -> None:
        self.raised[notice.key] = notice

    def clear_notice(self, key: str) -> None:
        self.raised.pop(key, None)

    def notices(self) -> Sequence[Notice]:
        return list(self.raised.values())

    def spawn(self, name: str, work: Any) -> None:
        """To its end at once: these tests run no loop of their own."""
        asyncio.run(work)
