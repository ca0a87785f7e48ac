"""Which files were imported, and how far: so that the same file twice doubles nothing; knows no samples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from console.api import ResourceError
from console.posix import write_whole

NAME: Final = "imports.json"
PIECE_BYTES: Final = 4 << 20


class Imported(msgspec.Struct, kw_only=True):
    """One file: `days` ("20404.scalar") are in the store; `begun` is one that may be there in part or whole."""

    name: str
    rows: int = 0
    days: list[str] = []
    begun: str = ""
    done: bool = False


class Ledger:
    """The list beside the store, by content hash; each change is on disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Imported])
        except FileNotFoundError:
            found = {}
        except (OSError, msgspec.DecodeError) as error:
            tip = "restore the file, or remove it if nothing is to be imported twice"
            raise ResourceError(f"{self._path} cannot be read ({error}); {tip}") from error
        self._files = found

    def of(self, key: str, name: str) -> Imported:
        """The entry of a file, made when it is new."""
        return self._files.setdefault(key, Imported(name=name))

    def save(self) -> None:
        """Write the list, whole or not at all. Raises ResourceError."""
        try:
            write_whole(self._path, msgspec.json.format(msgspec.json.encode(self._files)))
        except OSError as error:
            raise ResourceError(
                f"{self._path} cannot be written ({error.strerror}); make room and try again"
            ) from error


def content_key(file: Path, mapping: bytes, stopped: Callable[[], bool] = bool) -> str:
    """What names an import: the file's bytes and how its columns are read; "" where it was stopped meanwhile."""
    content = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            if stopped():
                return ""
            content.update(piece)
    content.update(mapping)
    return content.hexdigest()
