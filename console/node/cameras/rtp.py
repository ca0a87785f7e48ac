"""H.264 in RTP (RFC 6184): access units to payloads, headers, interleaved frames; pure functions, no I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

CLOCK_HZ: Final = 90_000
PAYLOAD_TYPE: Final = 96
MOST_PAYLOAD_BYTES: Final = 1400
_HEADER: Final = struct.Struct(">BBHII")
_FRAMED: Final = struct.Struct(">cBHBBHII")
SPS, PPS, AUD, FILLER, IDR = 7, 8, 9, 12, 5


def split_avcc(data: bytes, length_bytes: int) -> list[bytes]:
    """NAL units of an access unit as MP4 stores it; raises ValueError where a length points past the end."""
    units, at = [], 0
    while at + length_bytes <= len(data):
        size = int.from_bytes(data[at : at + length_bytes], "big")
        at += length_bytes
        if at + size > len(data):
            raise ValueError(f"NAL unit of {size} bytes, {len(data) - at} left")
        units.append(data[at : at + size])
        at += size
    return units


def split_annex_b(data: bytes) -> list[bytes]:
    """NAL units between start codes (00 00 01)."""
    parts = data.split(b"\x00\x00\x01")
    return [unit for part in parts[1:] if (unit := part.rstrip(b"\x00"))]


def parameter_sets(extradata: bytes) -> tuple[list[bytes], int]:
    """(SPS and PPS units, bytes of a length; 0 for Annex B) of a codec's extradata, avcC or Annex B."""
    if not extradata or extradata[0] != 1:
        return [u for u in split_annex_b(extradata) if u[0] & 0x1F in (SPS, PPS)], 0
    units, at = [], 6
    for mask in (0x1F, 0xFF):
        count = extradata[at - 1] & mask
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            units.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
        at += 1
    return units, (extradata[4] & 3) + 1


def payloads(units: Sequence[bytes], most_bytes: int = MOST_PAYLOAD_BYTES) -> Iterator[bytes]:
    """RTP payloads of an access unit: single NAL units, larger ones as FU-A fragments."""
    for unit in units:
        if len(unit) <= most_bytes:
            yield unit
            continue
        indicator, kind = (unit[0] & 0xE0) | 28, unit[0] & 0x1F
        body, room = unit[1:], most_bytes - 2
        for at in range(0, len(body), room):
            start, end = at == 0, at + room >= len(body)
            yield bytes((indicator, kind | (0x80 if start else 0) | (0x40 if end else 0))) + body[at : at + room]


def interleaved(parts: Sequence[bytes], sequence: int, timestamp: int, source: int, channel: int = 0) -> bytes:
    """An access unit's payloads as `$`-framed RTP packets (RFC 2326, 10.12); the last one bears the marker."""
    out = bytearray()
    last = len(parts) - 1
    for i, part in enumerate(parts):
        marker = 0x80 if i == last else 0
        number = (sequence + i) & 0xFFFF
        size = _HEADER.size + len(part)
        out += _FRAMED.pack(b"$", channel, size, 0x80, marker | PAYLOAD_TYPE, number, timestamp & 0xFFFFFFFF, source)
        out += part
    return bytes(out)


def on_channel(framed: bytes, channel: int) -> bytes:
    """The same frames on another interleaved channel."""
    if channel == 0:
        return framed
    out, at = bytearray(framed), 0
    while at < len(out):
        out[at + 1] = channel
        at += 4 + int.from_bytes(out[at + 2 : at + 4], "big")
    return bytes(out)
