"""How samples and entities lie in an MCAP file: topics, schemas, rows of fixed length; knows no file and no store.

A channel a sensor ("sensor/<id>"), a message a sample: MessagePack of {"v", "q"}, of a position {"lon", "lat", "alt",
"heading", "speed", "q"}, of an event {"q"}; log time and publish time are the sample's. A channel a class of entities
("entity/<class>"): {"id", "entity"}, nil where it was dropped; the state at the beginning comes first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from console.api import Board, ChannelKind, Columns, Sensor, Text

SENSOR_TOPIC: Final = "sensor/"
ENTITY_TOPIC: Final = "entity/"
ENCODING: Final = "msgpack"
ABOUT: Final = "yilan"
"""Name of the metadata record that says what the file is."""
VERSION: Final = "1"
MESSAGE: Final = 5
"""MCAP's opcode of a message."""
LOOK_ROWS: Final = 16
"""So many rows are looked at first, then four times as many: in a file of another program a run may end at once."""
VALUES: Final[dict[ChannelKind, tuple[str, ...]]] = {
    ChannelKind.SCALAR: ("v",),
    ChannelKind.STATE: ("v",),
    ChannelKind.POSITION: ("lon", "lat", "alt", "heading", "speed"),
    ChannelKind.EVENT: (),
}
_SAID: Final = {
    "v": "the value; NaN where there is none",
    "lon": "degrees, WGS 84",
    "lat": "degrees, WGS 84",
    "alt": "m",
    "heading": "degrees from north",
    "speed": "m/s",
}
_QUALITY: Final = "bits: 1 uncertain, 2 bad (do not use the value), 4 late, 8 the sensor's clock is wrong, 16 simulated"


def schema_of(kind: ChannelKind) -> bytes:
    """The JSON Schema of a kind's messages."""
    values = {name: {"type": "number", "description": _SAID[name]} for name in VALUES[kind]}
    quality = {"type": "integer", "minimum": 0, "maximum": 255, "description": _QUALITY}
    return _schema(f"yilan.{kind.value}", {**values, "q": quality})


def entity_schema() -> bytes:
    """The JSON Schema of a change of an entity."""
    entity = {"type": ["object", "null"], "description": "as put; null where it was dropped"}
    return _schema("yilan.entity", {"id": {"type": "string"}, "entity": entity})


def _schema(title: str, properties: Mapping[str, Any]) -> bytes:
    schema = {"title": title, "type": "object", "properties": properties, "required": list(properties)}
    return json.dumps(schema).encode()


def row_of(kind: ChannelKind) -> np.dtype[np.void]:
    """One message record of a chunk, byte for byte; `constants_of` says what stands in the fields between."""
    values: list[tuple[str, str]] = []
    for name in VALUES[kind]:
        values += [(f"_{name}", f"S{len(name) + 2}"), (name, ">f8")]
    head = [("op", "u1"), ("size", "<u8"), ("channel", "<u2"), ("number", "<u4"), ("t", "<u8"), ("published", "<u8")]
    return np.dtype([*head, ("_map", "S1"), *values, ("_q", "S3"), ("q", "u1")])


def constants_of(kind: ChannelKind) -> dict[str, bytes]:
    """What MessagePack says between the numbers, by field of `row_of`."""
    fields = {f"_{name}": bytes([0xA0 | len(name)]) + name.encode() + b"\xcb" for name in VALUES[kind]}
    return {"_map": bytes([0x80 | len(VALUES[kind]) + 1]), **fields, "_q": b"\xa1q\xcc"}


def packed(kind: ChannelKind, columns: Columns, channels: np.ndarray) -> np.ndarray:
    """Message records of samples; `channels` u16 (n,)."""
    form = row_of(kind)
    rows = np.zeros(len(columns), form)
    rows["op"], rows["size"], rows["channel"] = MESSAGE, form.itemsize - 9, channels
    rows["t"] = rows["published"] = columns.t_ns
    for field, value in constants_of(kind).items():
        rows[field] = value
    for i, name in enumerate(VALUES[kind]):
        rows[name] = columns.v[:, i] if columns.v.ndim > 1 else columns.v
    rows["q"] = columns.q
    return rows


def unpacked(kind: ChannelKind, data: memoryview, at: int) -> np.ndarray:
    """The message records of a kind that stand one behind the other from `at` on; none where the first is no such."""
    form = row_of(kind)
    most, count, look = (len(data) - at) // form.itemsize, 0, LOOK_ROWS
    while count < most:
        rows = np.frombuffer(data, form, min(look, most - count), at + count * form.itemsize)
        wrong = np.flatnonzero(~_fits(kind, rows))
        if len(wrong):
            count += int(wrong[0])
            break
        count, look = count + len(rows), 4 * look
    return np.frombuffer(data, form, count, at)


def _fits(kind: ChannelKind, rows: np.ndarray) -> np.ndarray:
    fits: np.ndarray = (rows["op"] == MESSAGE) & (rows["size"] == rows.dtype.itemsize - 9)
    for field, value in constants_of(kind).items():
        fits &= rows[field] == value
    return fits


def values_of(kind: ChannelKind, rows: np.ndarray) -> np.ndarray:
    """f64 (n,) or (n, 5) of message records."""
    names = VALUES[kind]
    if not names:
        return np.full(len(rows), np.nan)
    if len(names) == 1:
        return rows[names[0]].astype(np.float64)
    return np.stack([rows[name] for name in names], axis=1).astype(np.float64)


def about_sensor(sensor: Sensor) -> dict[str, str]:
    """A channel's metadata: what a stranger wants to know of it."""
    told = {
        "id": sensor.id,
        "channel": sensor.channel.value,
        "kind": sensor.kind,
        "unit": sensor.unit,
        "name_zh": sensor.name.zh,
        "name_en": sensor.name.en,
        "board": sensor.board.value,
        "domain": sensor.domain,
        "area": sensor.area,
        "lon": "" if sensor.lon is None else repr(sensor.lon),
        "lat": "" if sensor.lat is None else repr(sensor.lat),
        "source": sensor.source,
        "simulated": "1" if sensor.simulated else "",
    }
    return {key: text for key, text in told.items() if text}


def sensor_from(topic: str, about: Mapping[str, str]) -> Sensor | None:
    """The sensor of a channel; None for a channel that is none of ours."""
    if not topic.startswith(SENSOR_TOPIC):
        return None
    try:
        return Sensor(
            id=about.get("id", topic.removeprefix(SENSOR_TOPIC)),
            channel=ChannelKind(about.get("channel", "scalar")),
            kind=about.get("kind", ""),
            unit=about.get("unit", ""),
            name=Text(about.get("name_zh", ""), about.get("name_en", "")),
            board=Board(about.get("board", Board.LIFELINE)),
            domain=about.get("domain", ""),
            area=about.get("area", ""),
            source=about.get("source", ""),
            simulated=bool(about.get("simulated")),
            lon=float(about["lon"]) if "lon" in about else None,
            lat=float(about["lat"]) if "lat" in about else None,
        )
    except ValueError:
        return None


def entity_message(id_: str, raw: bytes | None) -> bytes:
    """A change of an entity as a message."""
    return msgspec.msgpack.encode({"id": id_, "entity": msgspec.Raw(raw) if raw is not None else None})
