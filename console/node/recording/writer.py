"""Writes an MCAP file chunk by chunk from columns, under a name of its own until it is whole; knows no store."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)
from mcap.writer import MCAP0_MAGIC

from console.api import ChannelKind, Columns, ResourceError, Sensor
from console.node.recording.form import (
    ABOUT,
    ENCODING,
    ENTITY_TOPIC,
    MESSAGE,
    SENSOR_TOPIC,
    about_sensor,
    entity_message,
    entity_schema,
    packed,
    schema_of,
)
from console.node.rows import take

CHUNK_ROWS: Final = 20_000
"""About a megabyte: what a reader has to unpack for one look."""
CHANNELS_MOST: Final = 65_535
LIBRARY: Final = "yilan"
Change = tuple[int, str, str, bytes | None]
"""t_ns, class, id, MessagePack of the entity or None."""


class RecordingWriter:
    """A file being written; `finish` gives it its name, `abandon` removes it. All calls may block: use a thread.

    Samples before 1970 do not fit in MCAP: they are left out and counted in `before_1970`.
    """

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._records = RecordBuilder()
        self._taken: Callable[[], bytes] = self._records.end
        self._schemas: dict[str, Schema] = {}
        self._channels: dict[tuple[str, str], Channel] = {}
        self._chunks: list[ChunkIndex] = []
        self._counts: dict[int, int] = {}
        self._first_ns, self._last_ns = 2**63 - 1, 0
        self._numbers: dict[int, int] = {}
        self.before_1970 = 0
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise ResourceError(f"{path} cannot be written ({error.strerror}); name another file") from error
        self._write(MCAP0_MAGIC)
        self._put(Header(profile="", library=LIBRARY))
        self._about = MetadataIndex(offset=self._file.tell(), length=0, name=ABOUT)
        self._about.length = self._put(Metadata(name=ABOUT, metadata=dict(about)))

    @property
    def rows(self) -> int:
        """Messages so far."""
        return sum(self._counts.values())

    def sensors(self, sensors: Iterable[Sensor]) -> None:
        """Make the channels of sensors that have none yet. Raises ResourceError past what MCAP can number."""
        for sensor in sensors:
            self._channel(
                SENSOR_TOPIC + sensor.id, sensor.channel.value, schema_of(sensor.channel), about_sensor(sensor)
            )

    def samples(self, kind: ChannelKind, columns: Columns, ids: Sequence[str]) -> None:
        """Add samples, ascending in time; `ids[columns.ids]` are sensors whose channels there are."""
        early = columns.t_ns < 0
        if early.any():
            self.before_1970 += int(early.sum())
            columns = take(columns, ~early)
        used = np.unique(columns.ids).tolist()
        channels = np.zeros(len(ids), np.uint16)
        for i in used:
            channels[i] = self._channels[SENSOR_TOPIC + ids[i], kind.value].id
        for start in range(0, len(columns), CHUNK_ROWS):
            part = take(columns, slice(start, start + CHUNK_ROWS))
            rows = packed(kind, part, channels[part.ids])
            at = np.arange(len(rows)) * rows.dtype.itemsize
            self._chunk(rows.tobytes(), rows["channel"], part.t_ns, at)

    def changes(self, changes: Iterable[Change]) -> None:
        """Add changes of entities, ascending in time."""
        parts: list[bytes] = []
        channels: list[int] = []
        times: list[int] = []
        for t_ns, cls, id_, raw in changes:
            channel = self._channel(ENTITY_TOPIC + cls, "entity", entity_schema(), {"class": cls}).id
            t_ns = max(0, t_ns)
            data = entity_message(id_, raw)
            number = self._numbers[channel] = self._numbers.get(channel, 0) + 1
            head = struct.pack("<BQHIQQ", MESSAGE, 22 + len(data), channel, number, t_ns, t_ns)
            parts.append(head + data)
            channels.append(channel)
            times.append(t_ns)
        if parts:
            at = np.cumsum([0, *map(len, parts[:-1])])
            self._chunk(b"".join(parts), np.array(channels, np.uint16), np.array(times, np.int64), at)

    def finish(self) -> None:
        """Write the index, make it durable, give the file its name. Raises ResourceError."""
        self._put(DataEnd(data_section_crc=0))
        self._summary()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            self.abandon()
            raise _full(self._path, error) from error

    def abandon(self) -> None:
        """Remove what was written; a file of that name from before stays."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    # ------------------------------------------------------------------ records

    def _channel(self, topic: str, kind: str, schema: bytes, about: dict[str, str]) -> Channel:
        known = self._channels.get((topic, kind))
        if known is not None:
            return known
        if len(self._channels) >= CHANNELS_MOST:
            raise ResourceError(f"a recording holds at most {CHANNELS_MOST} channels; choose with --select")
        form = self._schemas.get(kind)
        if form is None:
            name = f"yilan.{kind}"
            form = Schema(id=len(self._schemas) + 1, data=schema, encoding="jsonschema", name=name)
            self._schemas[kind] = form
            self._put(form)
        channel = Channel(
            id=len(self._channels) + 1, topic=topic, message_encoding=ENCODING, schema_id=form.id, metadata=about
        )
        self._channels[topic, kind] = channel
        self._put(channel)
        return channel

    def _chunk(self, data: bytes, channels: np.ndarray, times: np.ndarray, at: np.ndarray) -> None:
        """Write message records as one chunk, with an index of where each channel's messages stand in it."""
        first_ns, last_ns = int(times.min()), int(times.max())
        self._first_ns, self._last_ns = min(self._first_ns, first_ns), max(self._last_ns, last_ns)
        chunk = Chunk(
            compression="zstd",
            data=zstandard.compress(data),
            message_start_time=first_ns,
            message_end_time=last_ns,
            uncompressed_crc=zlib.crc32(data),
            uncompressed_size=len(data),
        )
        start = self._file.tell()
        length = self._put(chunk)
        offsets, size = self._message_index(channels, times, at)
        self._chunks.append(
            ChunkIndex(
                chunk_start_offset=start,
                chunk_length=length,
                compression=chunk.compression,
                compressed_size=len(chunk.data),
                uncompressed_size=len(data),
                message_start_time=first_ns,
                message_end_time=last_ns,
                message_index_offsets=offsets,
                message_index_length=size,
            )
        )

    def _message_index(self, channels: np.ndarray, times: np.ndarray, at: np.ndarray) -> tuple[dict[int, int], int]:
        order = np.argsort(channels, kind="stable")
        entries = np.empty(len(order), np.dtype([("t", "<u8"), ("at", "<u8")]))
        entries["t"], entries["at"] = times[order], at[order]
        found, starts, counts = np.unique(channels[order], return_index=True, return_counts=True)
        offsets: dict[int, int] = {}
        parts: list[bytes] = []
        begin = size = self._file.tell()
        for channel, start, count in zip(found.tolist(), starts.tolist(), counts.tolist(), strict=True):
            body = entries[start : start + count].tobytes()
            record = struct.pack("<BQHI", Opcode.MESSAGE_INDEX, 6 + len(body), channel, len(body)) + body
            offsets[channel] = size
            size += len(record)
            parts.append(record)
            self._counts[channel] = self._counts.get(channel, 0) + count
        self._write(b"".join(parts))
        return offsets, size - begin

    def _summary(self) -> None:
        start = self._file.tell()
        statistics = Statistics(
            attachment_count=0,
            channel_count=len(self._channels),
            channel_message_counts=self._counts,
            chunk_count=len(self._chunks),
            message_count=self.rows,
            metadata_count=1,
            message_start_time=self._first_ns if self._chunks else 0,
            message_end_time=self._last_ns,
            schema_count=len(self._schemas),
        )
        groups: list[tuple[int, Sequence[McapRecord]]] = [
            (Opcode.SCHEMA, list(self._schemas.values())),
            (Opcode.CHANNEL, list(self._channels.values())),
            (Opcode.STATISTICS, [statistics]),
            (Opcode.METADATA_INDEX, [self._about]),
            (Opcode.CHUNK_INDEX, self._chunks),
        ]
        summary = bytearray()
        offsets: list[SummaryOffset] = []
        for opcode, records in groups:
            begin = len(summary)
            for record in records:
                summary += self._bytes(record)
            if records:
                length = len(summary) - begin
                offsets.append(SummaryOffset(group_opcode=opcode, group_start=start + begin, group_length=length))
        offsets_start = start + len(summary)
        for offset in offsets:
            summary += self._bytes(offset)
        head = struct.pack("<BQQQ", Opcode.FOOTER, 20, start, offsets_start)
        footer = Footer(
            summary_start=start, summary_offset_start=offsets_start, summary_crc=zlib.crc32(head, zlib.crc32(summary))
        )
        self._write(bytes(summary) + self._bytes(footer) + MCAP0_MAGIC)

    def _put(self, record: McapRecord) -> int:
        """Write a record; returns its length."""
        data = self._bytes(record)
        self._write(data)
        return len(data)

    def _bytes(self, record: McapRecord) -> bytes:
        record.write(self._records)
        return self._taken()

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise _full(self._path, error) from error


def _full(path: Path, error: OSError) -> ResourceError:
    return ResourceError(f"{path} cannot be written ({error.strerror}); make room or name another file")
