"""Small secret files: whole and durable or not at all, for their owner only; knows not what they hold."""

from __future__ import annotations

import os
from pathlib import Path

from console.api import ResourceError
from console.posix import sync_folder


def write_secret(path: Path, content: bytes) -> None:
    """Replace `path`, mode 0600, fsynced with its folder. Raises ResourceError; the old one stands then."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise ResourceError(
            f"{path} cannot be written ({error.strerror}); what was there before still stands"
        ) from error


def read_secret(path: Path) -> bytes | None:
    """What the file holds, None where there is none. Raises ResourceError where others may read it."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise ResourceError(f"{path} can be read by others: make it readable by its owner only (chmod 600)")
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ResourceError(f"{path} cannot be read ({error.strerror})") from error
