"""The decode worker with libav's test picture in place of capture devices: `/dev/pattern` gives one, others do not.

`/dev/stuck` gives three pictures and falls silent, as a device whose signal is cut.
"""

from __future__ import annotations

import errno
import itertools
import sys
import threading
from collections.abc import Iterator
from typing import Any

import av
from av.container import InputContainer

from console.client import decode, v4l2

PATTERN = "testsrc=size=640x360:rate=25,realtime"


class Stuck:
    """A container that gives a few packets and then none, for ever."""

    def __init__(self, inner: InputContainer) -> None:
        self._inner = inner
        self.streams = inner.streams

    def __enter__(self) -> Stuck:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()

    def demux(self, stream: Any) -> Iterator[Any]:
        """Three packets."""
        yield from itertools.islice(self._inner.demux(stream), 3)
        threading.Event().wait()


def open_device(grab: dict[str, Any]) -> Any:
    """A pattern, or what the kernel answers of a device that is there and cannot be used."""
    device = str(grab["device"]).rpartition("/")[2]
    if device.startswith("busy"):
        raise OSError(errno.EBUSY, "busy")
    if device.startswith("plain"):
        return v4l2_open({**grab, "device": "/dev/null"})
    opened = av.open(PATTERN, format="lavfi")
    return Stuck(opened) if device.startswith("stuck") else opened


v4l2_open = v4l2.open_device
v4l2.open_device = open_device

if __name__ == "__main__":
    sys.exit(decode.main())
