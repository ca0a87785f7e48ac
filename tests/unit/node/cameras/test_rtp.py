"""H.264 into RTP: what is cut comes together again, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ResourceError
from console.node.cameras.clip import codec_of, load
from console.node.cameras.rtp import (
    interleaved,
    on_channel,
    parameter_sets,
    payloads,
    split_annex_b,
    split_avcc,
)
from tests.coded_clip import FPS, write_clip


def joined(parts: list[bytes]) -> list[bytes]:
    """NAL units out of payloads, as a receiver reads RFC 6184."""
    units: list[bytes] = []
    for part in parts:
        if part[0] & 0x1F != 28:
            units.append(part)
        elif part[1] & 0x80:
            units.append(bytes((part[0] & 0xE0 | part[1] & 0x1F,)) + part[2:])
        else:
            units[-1] += part[2:]
    return units


@given(st.lists(st.binary(min_size=1, max_size=5000).map(lambda b: bytes((b[0] & 0x60 | 5,)) + b[1:]), max_size=6))
def test_fragments_join_to_the_same_units(units: list[bytes]) -> None:
    parts = list(payloads(units, 100))
    assert all(len(part) <= 100 for part in parts)
    assert joined(parts) == units


@given(
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=8), st.integers(0, 0xFFFF), st.integers(0, 254)
)
def test_interleaved_frames_are_whole(parts: list[bytes], sequence: int, channel: int) -> None:
    framed = on_channel(interleaved(parts, sequence, 2**32 + 7, 99), channel)
    at = 0
    seen: list[bytes] = []
    while at < len(framed):
        assert framed[at : at + 1] == b"$"
        assert framed[at + 1] == channel
        size = int.from_bytes(framed[at + 2 : at + 4], "big")
        packet = framed[at + 4 : at + 4 + size]
        assert packet[0] == 0x80
        assert int.from_bytes(packet[2:4], "big") == (sequence + len(seen)) & 0xFFFF
        assert int.from_bytes(packet[4:8], "big") == 7
        assert bool(packet[1] & 0x80) == (len(seen) == len(parts) - 1)
        seen.append(packet[12:])
        at += 4 + size
    assert seen == parts


def test_units_of_both_containers() -> None:
    units = [b"\x67abc", b"\x68d", b"\x65" + b"x" * 9]
    assert split_avcc(b"".join(len(u).to_bytes(4, "big") + u for u in units), 4) == units
    assert split_annex_b(b"".join(b"\x00\x00\x00\x01" + u for u in units)) == units
    extra = b"\x01\x42\x00\x1e\xff\xe1\x00\x04\x67abc\x01\x00\x02\x68d"
    assert parameter_sets(extra) == (units[:2], 4)
    with pytest.raises(ValueError, match="NAL unit of 9 bytes"):
        split_avcc(b"\x00\x00\x00\x09abc", 4)


def test_a_clip_is_read_whole(tmp_path: Path) -> None:
    clip = load(write_clip(tmp_path / "clip.mp4", pictures=30))
    assert len(clip.units) == 30
    assert clip.period == 30 * 90_000 // FPS
    assert [unit.key for unit in clip.units] == [i % 10 == 0 for i in range(30)]
    assert clip.units[0].parts[0] == clip.sps
    assert clip.units[10].timestamp == 36_000


def test_what_cannot_be_served_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"no video" * 99)
    with pytest.raises(ResourceError, match=r"no\.mp4 cannot be read as video"):
        codec_of(tmp_path / "no.mp4")
    other = write_clip(tmp_path / "old.avi", 5, "mpeg4")
    assert codec_of(other) == "mpeg4"
    with pytest.raises(ResourceError, match=r"old\.avi is mpeg4"):
        load(other)
