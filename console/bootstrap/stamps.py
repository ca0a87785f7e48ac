"""Remembers what a finished step was made from, so that it runs again only when that has changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """A hash over the names and contents of files (a missing one counts as such) and over further facts."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"missing")
    for fact in facts:
        digest.update(b"\0" + fact.encode())
    return digest.hexdigest()


def identity(path: Path) -> str:
    """What tells this very file or folder from one made later under the same name."""
    try:
        stat = path.stat()
    except OSError:
        return "missing"
    return f"{stat.st_ino}:{stat.st_mtime_ns}"


class Stamps:
    """One small file per finished step in a folder; a step counts as done when its stamp and its outputs are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, step: str, key: str, outputs: Iterable[Path]) -> bool:
        """Whether the step was finished with this key and everything that it made is still there."""
        try:
            stamped = (self._folder / step).read_text(encoding="utf-8")
        except OSError:
            return False
        return stamped == key and all(path.exists() for path in outputs)

    def put(self, step: str, key: str) -> None:
        """Note that the step was finished with this key."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / step).write_text(key, encoding="utf-8")

    def drop(self, step: str) -> None:
        """Forget the step, so that a broken attempt is never taken for a finished one."""
        (self._folder / step).unlink(missing_ok=True)
