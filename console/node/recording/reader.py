"""Reads an MCAP file chunk by chunk into columns, up to where it is cut; knows no store and keeps nothing."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import lz4.frame
import msgspec
import numpy as np
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, McapError
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata
from mcap.stream_reader import StreamReader

from console.api import ENTITY_CLASSES, BadInput, ChannelKind, Columns, Sensor, Text, Value
from console.node.importing.lot import Faults, Lot, unreadable
from console.node.recording.form import (
    ABOUT,
    ENCODING,
    ENTITY_TOPIC,
    MESSAGE,
    VALUES,
    row_of,
    sensor_from,
    unpacked,
    values_of,
)
from console.node.sources.replay.reel import Fault

CHUNK_BYTES: Final = 256 << 20
"""A chunk that would be larger unpacked is no recording of ours."""
_KINDS: Final = tuple(ChannelKind)
_HEAD: Final = struct.Struct("<HIQQ")
_LENGTHS: Final = {row_of(kind).itemsize - 9: kind for kind in _KINDS}
_LATEST_NS: Final = 2**62
_NIL: Final = b"\xc0"
_DAMAGE: Final = (
    EndOfFile,
    struct.error,
    McapError,
    ValueError,
    zstandard.ZstdError,
    RuntimeError,
    OverflowError,
    MemoryError,
)
"""What a wrong byte becomes; the last two where it stands in a length: nobody has that much to read into."""


class Change(Value, frozen=True, eq=False):
    """An entity as put at `t_ns`, or dropped (`raw` None)."""

    t_ns: int
    cls: str
    id: str
    raw: bytes | None


class _EntityMessage(msgspec.Struct):
    id: str
    entity: msgspec.Raw


class _Track(msgspec.Struct):
    """A sensor's channel: which of `sensors` it is."""

    index: int
    kind: ChannelKind


class RecordingFile:
    """An MCAP file; see `console.node.importing.lot.Reader`. `cut` says where one that is not whole ends, else ""."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._faults = Faults()
        self._tracks: dict[int, _Track] = {}
        self._classes: dict[int, str] = {}
        self._sensors: list[Sensor] = []
        self._numbers: dict[tuple[str, ChannelKind], int] = {}
        self._last_ns = 0
        self.simulated = False
        self._look()

    @property
    def sensors(self) -> Sequence[Sensor]:
        """Sensors met so far; what a later message of the file says of one replaces what its channel said."""
        return self._sensors

    def faults(self) -> Sequence[Fault]:
        """What could not be used so far."""
        return self._faults.all()

    def lots(self) -> Iterator[Lot]:
        """The samples, chunk by chunk. Raises BadInput where the file is no MCAP file or has no sensor."""
        for part in self.parts():
            if isinstance(part, Lot):
                yield part
        if not self._sensors:
            expected = 'a recording with channels "sensor/…" of MessagePack, as docs/howto/recordings.md describes'
            raise BadInput(str(self._file), found="an MCAP file without any", expected=expected)

    def parts(self) -> Iterator[Lot | Change]:
        """Samples and changes of entities in the order of the file."""
        try:
            size = max(1, self._file.stat().st_size)
            with self._file.open("rb") as opened:
                records = StreamReader(opened, emit_chunks=True, record_size_limit=CHUNK_BYTES).records
                try:
                    for record in records:
                        yield from self._record(record, min(1.0, opened.tell() / size))
                except _DAMAGE as error:
                    self._cut(error)
        except OSError as error:
            raise unreadable(self._file, error, "a readable MCAP file") from error

    def _look(self) -> None:
        """Read the beginning: is it an MCAP file, and is what it holds simulated? Raises BadInput."""
        try:
            with self._file.open("rb") as opened:
                for number, record in enumerate(StreamReader(opened, emit_chunks=True).records):
                    if isinstance(record, Metadata) and record.name == ABOUT:
                        self.simulated = record.metadata.get("simulated") == "1"
                        return
                    if number > 10 or isinstance(record, Chunk):
                        return
        except (OSError, *_DAMAGE) as error:
            raise unreadable(self._file, error, "an MCAP file") from error

    def _cut(self, error: Exception) -> None:
        said = f"it ends in the middle or is damaged ({type(error).__name__}); read up to there"
        at = f"{np.datetime64(self._last_ns, 'ns')}Z" if self._last_ns else "the beginning"
        self._faults.add(Fault(what=Text("记录不完整，已读到断点", said), count=1, where=f"after {at}"))

    # ------------------------------------------------------------------ records

    def _record(self, record: McapRecord, done: float) -> Iterator[Lot | Change]:
        match record:
            case Channel():
                self._channel(record)
            case Chunk():
                yield from self._chunk(_contents(record), done)
            case Message():
                data = struct.pack("<BQ", MESSAGE, 22 + len(record.data)) + _HEAD.pack(
                    record.channel_id, record.sequence, record.log_time, record.publish_time
                )
                yield from self._chunk(data + record.data, done)
            case _:
                pass

    def _channel(self, channel: Channel) -> None:
        if channel.message_encoding == ENCODING:
            if channel.topic.startswith(ENTITY_TOPIC):
                self._classes[channel.id] = channel.topic.removeprefix(ENTITY_TOPIC)
                return
            sensor = sensor_from(channel.topic, channel.metadata)
            if sensor is not None:
                self._tracks[channel.id] = _Track(self._index(sensor), sensor.channel)

    def _index(self, sensor: Sensor) -> int:
        index = self._numbers.setdefault((sensor.id, sensor.channel), len(self._sensors))
        if index == len(self._sensors):
            self._sensors.append(sensor)
        return index

    def _chunk(self, content: bytes, done: float) -> Iterator[Lot | Change]:
        data, at = memoryview(content), 0
        while at < len(data):
            opcode, length = struct.unpack_from("<BQ", data, at)
            kind = _LENGTHS.get(length) if opcode == MESSAGE else None
            if kind is not None and len(rows := unpacked(kind, data, at)):
                yield from self._rows(kind, rows, done)
                at += rows.nbytes
                continue
            body = data[at + 9 : at + 9 + length]
            if len(body) < length:
                raise EndOfFile
            at += 9 + length
            yield from self._single(opcode, body, done)

    def _rows(self, kind: ChannelKind, rows: np.ndarray, done: float) -> Iterator[Lot]:
        """Messages of fixed length, all laid out as those of `kind`."""
        tracks = np.full(int(rows["channel"].max()) + 1, -1, np.int64)
        kinds = np.zeros(len(tracks), np.int8)
        for channel in np.unique(rows["channel"]).tolist():
            track = self._tracks.get(channel)
            if track is not None and VALUES[track.kind] == VALUES[kind]:
                tracks[channel], kinds[channel] = track.index, _KINDS.index(track.kind)
        index, of_kind = tracks[rows["channel"]], kinds[rows["channel"]]
        usable = (index >= 0) & (rows["t"] < _LATEST_NS)
        self._strange(int(len(rows) - usable.sum()))
        for number in np.unique(of_kind[usable]).tolist():
            mine = usable & (of_kind == number)
            columns = Columns(
                t_ns=rows["t"][mine].astype(np.int64),
                v=values_of(kind, rows[mine]),
                q=rows["q"][mine],
                ids=index[mine].astype(np.uint32),
            )
            self._last_ns = max(self._last_ns, int(columns.t_ns[-1]))
            yield Lot(kind=_KINDS[number], columns=columns, done=done)

    def _single(self, opcode: int, body: memoryview, done: float) -> Iterator[Lot | Change]:
        """A record that is none of our rows: a channel inside a chunk, an entity, another program's sample."""
        if opcode == 4:
            self._channel(Channel.read(ReadDataStream(io.BytesIO(body))))
        if opcode != MESSAGE:
            return
        channel, _, t_ns, _ = _HEAD.unpack_from(body)
        data = bytes(body[_HEAD.size :])
        try:
            if channel in self._classes and t_ns < _LATEST_NS:
                yield self._change(self._classes[channel], t_ns, data)
            elif channel in self._tracks and t_ns < _LATEST_NS:
                yield self._sample(self._tracks[channel], t_ns, msgspec.msgpack.decode(data), done)
            else:
                self._strange(1)
        except (msgspec.DecodeError, ValueError, TypeError, KeyError, OverflowError):
            self._strange(1)

    def _change(self, cls: str, t_ns: int, data: bytes) -> Change:
        message = msgspec.msgpack.decode(data, type=_EntityMessage)
        raw = None if bytes(message.entity) == _NIL else bytes(message.entity)
        self._last_ns = max(self._last_ns, t_ns)
        if cls == Sensor.CLS and raw is not None:
            sensor = msgspec.msgpack.decode(raw, type=ENTITY_CLASSES[cls])
            if isinstance(sensor, Sensor):
                self._sensors[self._index(sensor)] = sensor
        return Change(t_ns=t_ns, cls=cls, id=message.id, raw=raw)

    def _sample(self, track: _Track, t_ns: int, message: Any, done: float) -> Lot:
        names = VALUES[track.kind]
        values = [float(message[name]) for name in names]
        v = np.array([values]) if len(names) > 1 else np.array(values or [np.nan])
        quality = np.array([int(message.get("q", 0)) & 0xFF], np.uint8)
        ids = np.array([track.index], np.uint32)
        self._last_ns = max(self._last_ns, t_ns)
        return Lot(
            kind=track.kind, columns=Columns(t_ns=np.array([t_ns], np.int64), v=v, q=quality, ids=ids), done=done
        )

    def _strange(self, count: int) -> None:
        if count:
            what = Text("不认识的消息", "messages of other channels or layouts, left out")
            self._faults.add(Fault(what=what, count=count, where=self._file.name))


def _contents(chunk: Chunk) -> bytes:
    """A chunk unpacked. Raises ValueError, ZstdError or RuntimeError for a damaged one."""
    if chunk.uncompressed_size > CHUNK_BYTES:
        raise ValueError(f"a chunk of {chunk.uncompressed_size} bytes")
    if chunk.compression == "zstd":
        data = zstandard.ZstdDecompressor().decompress(chunk.data, max_output_size=chunk.uncompressed_size)
    elif chunk.compression == "lz4":
        data = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=chunk.uncompressed_size)
    elif chunk.compression == "":
        data = chunk.data
    else:
        raise ValueError(f"compression {chunk.compression!r}")
    if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
        raise ValueError("a chunk whose check sum is wrong")
    return data
