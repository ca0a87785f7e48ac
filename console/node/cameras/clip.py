"""A clip in memory, cut into RTP payloads once; knows no clock and no viewer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av

from console.api import ResourceError, Value
from console.node.cameras.rtp import (
    AUD,
    CLOCK_HZ,
    FILLER,
    PPS,
    SPS,
    parameter_sets,
    payloads,
    split_annex_b,
    split_avcc,
)

MOST_BYTES: Final = 512 << 20


class AccessUnit(Value, frozen=True):
    """One coded picture: when it is to be sent (s from the clip's start), its time stamp in 90 kHz, its payloads."""

    send_s: float
    timestamp: int
    key: bool
    parts: tuple[bytes, ...]


class Clip(Value, frozen=True):
    """A clip ready to be served; `period` in 90 kHz ticks is when it begins anew."""

    units: tuple[AccessUnit, ...]
    period: int
    sps: bytes
    pps: bytes
    width: int
    height: int

    @property
    def period_s(self) -> float:
        """Length in seconds."""
        return self.period / CLOCK_HZ


def codec_of(file: Path) -> str:
    """The video codec's name, "h264" for what can be served as it is; raises ResourceError where it is no video."""
    try:
        with av.open(str(file)) as container:
            return str(container.streams.video[0].codec_context.name)
    except (OSError, IndexError, av.error.FFmpegError) as error:
        raise ResourceError(f"{file.name} cannot be read as video ({type(error).__name__})") from error


def load(file: Path) -> Clip:
    """Read an H.264 file; raises ResourceError naming what is wrong. Blocks: call it off the event loop."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ResourceError(f"{file.name} is larger than {MOST_BYTES >> 20} MB; serve a shorter clip")
        return _read(file)
    except (OSError, IndexError, ValueError, av.error.FFmpegError) as error:
        raise ResourceError(f"{file.name} cannot be read as video ({type(error).__name__})") from error


def _read(file: Path) -> Clip:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        if context.name != "h264":
            raise ResourceError(f"{file.name} is {context.name}, only H.264 is served as it is")
        sets, length_bytes = parameter_sets(bytes(context.extradata or b""))
        base = stream.time_base
        if base is None:
            raise ResourceError(f"{file.name} has no time base")
        tick = float(base) * CLOCK_HZ
        rows: list[tuple[float, float, float, bool, list[bytes]]] = []
        for packet in container.demux(stream):
            if packet.size == 0 or packet.pts is None:
                continue
            dts = packet.dts if packet.dts is not None else packet.pts
            data = bytes(packet)
            units = split_avcc(data, length_bytes) if length_bytes else split_annex_b(data)
            sets = sets or [u for u in units if u[0] & 0x1F in (SPS, PPS)]
            rows.append((dts * tick, packet.pts * tick, (packet.duration or 0) * tick, packet.is_keyframe, units))
        sps = next((u for u in sets if u[0] & 0x1F == SPS), b"")
        pps = next((u for u in sets if u[0] & 0x1F == PPS), b"")
        if not rows or not sps or not pps:
            raise ResourceError(f"{file.name} has no pictures that can be served")
        return _cut(rows, sps, pps, context.width, context.height)


def _cut(
    rows: list[tuple[float, float, float, bool, list[bytes]]], sps: bytes, pps: bytes, width: int, height: int
) -> Clip:
    first = rows[0][0]
    mean = (rows[-1][0] - first) / max(1, len(rows) - 1)
    period = round(rows[-1][0] - first + (rows[-1][2] or mean or CLOCK_HZ / 25))
    units = []
    for dts, pts, _, key, nals in rows:
        own = [u for u in nals if u and u[0] & 0x1F not in (AUD, FILLER, SPS, PPS)]
        parts = tuple(payloads([sps, pps, *own] if key else own))
        units.append(AccessUnit(send_s=(dts - first) / CLOCK_HZ, timestamp=round(pts - first), key=key, parts=parts))
    return Clip(units=tuple(units), period=period, sps=sps, pps=pps, width=width, height=height)
