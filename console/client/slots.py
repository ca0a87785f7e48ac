"""Three slots of pixels in shared memory, newest wins: one process writes, one reads; knows neither video nor Qt.

The writer never waits: it takes the slot that is neither the newest nor held by the reader. Each slot carries a
sequence that is odd while it is being written, so that a torn slot can be told even if the rule above were broken.
"""

from __future__ import annotations

import mmap
import struct
from typing import Final

SLOTS: Final = 3
_HEAD: Final = struct.Struct("<II")
"""Newest slot + 1 (0: none yet), written by the writer alone; held slot + 1, written by the reader alone."""
_SLOT: Final = struct.Struct("<QQQII")
"""Sequence, serial, decoded at (UTC ns), width, height."""
_SLOT_AT: Final = 64
_PIXELS_AT: Final = 256


def size_for(width_px: int, height_px: int) -> int:
    """Bytes of shared memory that frames up to this size need."""
    return _PIXELS_AT + SLOTS * slot_bytes(width_px, height_px)


def slot_bytes(width_px: int, height_px: int) -> int:
    """Bytes of one slot's pixels, BGRA, rounded up to a page."""
    return -(-width_px * height_px * 4 // mmap.PAGESIZE) * mmap.PAGESIZE


class Slots:
    """Both ends' view of the memory behind `fd`; the descriptor is not kept.

    Args:
        fd: shared memory of at least `size_for(width_px, height_px)` bytes.
        width_px, height_px: the largest frame that fits.
    """

    def __init__(self, fd: int, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._each = slot_bytes(width_px, height_px)
        self.memory = mmap.mmap(fd, size_for(width_px, height_px))
        self._view = memoryview(self.memory)

    # ------------------------------------------------------------------ writer

    def write(self, pixels: memoryview, line_bytes: int, width_px: int, height_px: int, t_ns: int, serial: int) -> None:
        """Publish a frame of BGRA rows that are `line_bytes` apart; raises ValueError where it does not fit."""
        row = width_px * 4
        if row * height_px > self._each:
            raise ValueError(f"frame {width_px}×{height_px} in slots for {self.width_px}×{self.height_px}")
        newest, held = _HEAD.unpack_from(self.memory, 0)
        slot = next(i for i in range(SLOTS) if i + 1 not in (newest, held))
        at = _SLOT_AT + slot * _SLOT.size
        sequence = _SLOT.unpack_from(self.memory, at)[0]
        sequence += 1 + sequence % 2
        _SLOT.pack_into(self.memory, at, sequence, serial, t_ns, width_px, height_px)
        start = _PIXELS_AT + slot * self._each
        if line_bytes == row:
            self._view[start : start + row * height_px] = pixels[: row * height_px]
        else:
            for y in range(height_px):
                self._view[start + y * row : start + (y + 1) * row] = pixels[y * line_bytes : y * line_bytes + row]
        _SLOT.pack_into(self.memory, at, sequence + 1, serial, t_ns, width_px, height_px)
        struct.pack_into("<I", self.memory, 0, slot + 1)

    # ------------------------------------------------------------------ reader

    def newest(self) -> tuple[int, int]:
        """(serial, decoded at) of the newest frame without holding it; (0, 0) before the first."""
        newest, _ = _HEAD.unpack_from(self.memory, 0)
        if not newest:
            return 0, 0
        _, serial, t_ns, _, _ = _SLOT.unpack_from(self.memory, _SLOT_AT + (newest - 1) * _SLOT.size)
        return serial, t_ns

    def hold(self) -> tuple[memoryview, int, int, int, int] | None:
        """Hold the newest frame until the next call: (pixels, width, height, decoded at, serial), None before any."""
        for _ in range(8):
            newest, _ = _HEAD.unpack_from(self.memory, 0)
            if not newest:
                return None
            struct.pack_into("<I", self.memory, 4, newest)
            slot = newest - 1
            sequence, serial, t_ns, width, height = _SLOT.unpack_from(self.memory, _SLOT_AT + slot * _SLOT.size)
            if (
                _HEAD.unpack_from(self.memory, 0)[0] == newest
                and sequence % 2 == 0
                and width * height * 4 <= self._each
            ):
                start = _PIXELS_AT + slot * self._each
                return self._view[start : start + width * height * 4], width, height, t_ns, serial
        return None
