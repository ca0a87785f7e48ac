"""Slots: newest wins, and what the reader holds is never written."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.client.decode import fit
from console.client.slots import Slots, size_for
from console.posix import shared_memory


@pytest.fixture
def ends() -> Iterator[tuple[Slots, Slots]]:
    """Writer and reader of the same memory, frames of at most 4 × 2."""
    handle = shared_memory("test", size_for(4, 2))
    writer, reader = Slots(handle, 4, 2), Slots(handle, 4, 2)
    os.close(handle)
    yield writer, reader


def put(writer: Slots, level: int, serial: int) -> None:
    """A frame of one level, its rows padded to 20 bytes."""
    writer.write(memoryview(bytes([level]) * 40), 20, 4, 2, 1000 + serial, serial)


def test_nothing_before_the_first(ends: tuple[Slots, Slots]) -> None:
    assert ends[1].hold() is None
    assert ends[1].newest() == (0, 0)


def test_newest_wins_and_a_held_one_stays(ends: tuple[Slots, Slots]) -> None:
    writer, reader = ends
    put(writer, 1, 1)
    held = reader.hold()
    assert held is not None
    pixels = held[0]
    assert held[1:] == (4, 2, 1001, 1)
    for serial in range(2, 60):
        put(writer, serial, serial)
        assert bytes(pixels) == bytes([1]) * 32
        assert reader.newest() == (serial, 1000 + serial)
    newest = reader.hold()
    assert newest is not None
    assert (bytes(newest[0]), newest[4]) == (bytes([59]) * 32, 59)


def test_a_frame_too_large_is_refused(ends: tuple[Slots, Slots]) -> None:
    with pytest.raises(ValueError, match="frame 64×64 in slots for 4×2"):
        ends[0].write(memoryview(bytes(64 * 64 * 4)), 256, 64, 64, 1, 1)


@given(st.integers(2, 5000), st.integers(2, 5000), st.integers(16, 3840), st.integers(16, 2160))
def test_fit_never_exceeds_what_was_asked(width: int, height: int, most_width: int, most_height: int) -> None:
    w, h = fit(width, height, most_width, most_height)
    assert 0 < w <= max(2, min(width, most_width))
    assert 0 < h <= max(2, min(height, most_height))
