"""A small recording for tests: a scalar, a state and a position sensor, an area and a team that becomes busy."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from console.api import NS, Area, ChannelKind, Columns, Entity, Resource, Sensor
from console.node.recording.writer import Change, RecordingWriter

BEGIN_NS = 1_700_000_000 * NS
SECONDS = 600


def a_recording(path: Path, *, simulated: bool = False) -> None:
    """Ten minutes, a sample a second of each; the team is busy after five, and goes after nine."""
    out = RecordingWriter(path, {"simulated": "1" if simulated else ""})
    sensors = [
        Sensor(id="gas", unit="kPa", area="north"),
        Sensor(id="pump", channel=ChannelKind.STATE),
        Sensor(id="bus", channel=ChannelKind.POSITION),
    ]
    team = Resource(id="team", area="north", position="bus")
    out.sensors(sensors)
    out.changes([_put(0, entity) for entity in (*sensors, Area(id="north"), team)])
    out.changes([_put(300, msgspec.structs.replace(team, busy=True)), (_at(540), "resource", "team", None)])
    t_ns = BEGIN_NS + np.arange(SECONDS, dtype=np.int64) * NS
    for sensor in sensors:
        v = np.arange(SECONDS, dtype=np.float64)
        if sensor.channel is ChannelKind.POSITION:
            v = np.column_stack([108 + v / 1e4, 34 + v / 1e4, v, v % 360, v])
        q, ids = np.zeros(SECONDS, np.uint8), np.zeros(SECONDS, np.uint32)
        out.samples(sensor.channel, Columns(t_ns=t_ns, v=v, q=q, ids=ids), [sensor.id])
    out.finish()


def _at(second: int) -> int:
    return BEGIN_NS + second * NS


def _put(second: int, entity: Entity) -> Change:
    return _at(second), entity.CLS, entity.id, msgspec.msgpack.encode(entity)
