"""Opens capture devices of this machine and nothing else; the standard library and libav alone, for a quick start."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer

MAJOR: Final = 81
"""The kernel's number of video4linux devices."""
OPEN_S: Final = 5.0


def is_capture_device(path: str) -> bool:
    """Whether it is a video4linux device, wherever links lead. Raises OSError where nothing is there."""
    status = Path(path).stat()
    return stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == MAJOR


def open_device(grab: dict[str, Any]) -> InputContainer:
    """Open `grab["device"]` with its optional size ("1920x1080"), rate and format. Raises OSError, LookupError."""
    path = str(grab["device"])
    if not path.startswith("/dev/") or not is_capture_device(path):
        raise LookupError("no capture device")
    given = {"video_size": grab.get("size"), "framerate": grab.get("rate"), "input_format": grab.get("format")}
    options = {key: str(value) for key, value in given.items() if value}
    return av.open(path, format="v4l2", options=options, timeout=(OPEN_S, OPEN_S))
