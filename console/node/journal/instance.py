"""Tells a journal that goes on from one that was copied or restored; knows no entry.

A token stands in the database and, with what names this place, in a file beside it. Both change at every start and
end, so a database put back from elsewhere or from earlier bears another token, and a copied folder has another place.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = "instance"
KEY: Final = "instance"
_MACHINE: Final = Path("/etc/machine-id")


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """The file's content: `place` names machine and file, `token` what the database must bear too."""

    place: str
    token: str


def place_of(path: Path) -> str:
    """A text that changes when the marker is copied: from the machine's id and the file's number."""
    try:
        machine = _MACHINE.read_text("utf-8").strip()
    except OSError:
        machine = ""
    return sha256(f"{machine}:{path.stat().st_ino}".encode()).hexdigest()[:32]


class Instance:
    """The marker file of one folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def same(self, token: str | None) -> bool:
        """Whether a database that bears `token` is the one that was here last, in this very place."""
        try:
            marker = msgspec.json.decode(self._path.read_bytes(), type=Marker)
        except (OSError, msgspec.MsgspecError):
            return False
        return token is not None and marker.token == token and marker.place == place_of(self._path)

    def renew(self) -> str:
        """A new token, durable in the file; the database is to bear it next. A cut in between costs an epoch only."""
        token = secrets.token_hex(16)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            content = msgspec.json.encode(Marker(place=place_of(self._path), token=token))
            os.pwrite(handle, content, 0)
            os.ftruncate(handle, len(content))
            os.fsync(handle)
        finally:
            os.close(handle)
        return token
