"""Capture devices of this machine: which there are, and which may be read; knows neither tiles nor pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from console.api import Device, Value

PREFIX: Final = "capture:"
"""A feed of a device is asked for as "capture:/dev/video0"."""
NOT_ALLOWED: Final = "not allowed"
NOT_FOUND: Final = "not found"
REASONS: Final = frozenset({NOT_ALLOWED, NOT_FOUND})
"""Why a device is not even tried: the operator's file does not name it, or it is not there."""
_SYSTEM: Final = Path("/sys/class/video4linux")
_LONGEST: Final = 64


class Grab(Value, frozen=True):
    """How a device is to be read: `size` as "1920x1080", `rate` pictures a second, `format` v4l2's word; "" its own."""

    device: str
    size: str = ""
    rate: str = ""
    format: str = ""


def found(folder: Path = _SYSTEM) -> tuple[Device, ...]:
    """Devices that can give pictures, by path; what gives only metadata is left out."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: (len(entry.name), entry.name))
    except OSError:
        return ()
    # of one camera the first gives pictures, the others words on them
    shown = [entry for entry in entries if _word(entry / "index") in ("", "0")]
    return tuple(Device(path=f"/dev/{entry.name}", name=_word(entry / "name")) for entry in shown)


def _word(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()[:_LONGEST]
    except OSError:
        return ""


def options_of(stream: str) -> dict[str, str]:
    """A stream's words, e.g. "1920x1080 30 mjpeg", as `Grab` names them; unknown words are left out."""
    made: dict[str, str] = {}
    for word in stream.split():
        if "x" in word and word.replace("x", "", 1).isdigit():
            made["size"] = word
        elif word.replace(".", "", 1).isdigit():
            made["rate"] = word
        elif word.isascii() and word.replace("_", "").isalnum() and word not in ("main", "sub"):
            made["format"] = word
    return made
