"""Slots: newest wins, and what the reader holds is never written."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.client.decode import JUMP_S, Edge, fit
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


def test_a_picture_that_waited_is_late() -> None:
    edge = Edge()
    assert [edge.lag_s(t, 100 + t) for t in (0.0, 0.04, 0.08)] == pytest.approx([0, 0, 0], abs=1e-4)
    assert edge.lag_s(0.12, 102.12) == pytest.approx(2.0, abs=1e-3)
    assert edge.lag_s(2.2, 102.2) == pytest.approx(0.0, abs=1e-3)
    assert edge.lag_s(0.0, 102.2 + JUMP_S + 5) == 0.0


def test_a_slow_clock_of_the_camera_is_no_lag() -> None:
    edge = Edge()
    assert max(edge.lag_s(t * (1 - 1e-4), float(t)) for t in range(20_000)) < 0.01


def test_a_burst_that_brings_the_past_first_is_not_late() -> None:
    edge = Edge()
    assert [edge.lag_s(k * 0.04, 50.0) for k in range(20)] == [0.0] * 20
