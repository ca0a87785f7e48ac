"""A disk in memory for SQLite whose power can be cut, and that can fail: it keeps for sure only what was synced.

At a cut each write since the file's last sync is there, gone, or torn at a sector, as chance has it. A sync that fails
forgets, as Linux does: what it should have written can be read until the cut, and is not on the disk.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

import apsw

SECTOR = 512
_names = itertools.count()
Write = tuple[int, bytes]
TRUNCATE = -1


class Cut(apsw.IOError):
    """The power is off."""


class File:
    """One file: what is on the disk, what was written since, and what programs read."""

    def __init__(self, durable: bytes = b"") -> None:
        self.durable = bytearray(durable)
        self.seen = bytearray(durable)
        self.writes: list[Write] = []

    def write(self, offset: int, content: bytes) -> None:
        """Into the cache."""
        apply(self.seen, offset, content)
        self.writes.append((offset, content))

    def sync(self) -> None:
        """All that was written since the last time is on the disk."""
        for offset, content in self.writes:
            apply(self.durable, offset, content)
        self.writes.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """What the disk holds after a cut now."""
        image = bytearray(self.durable)
        for offset, content in self.writes:
            fate = chance.random()
            if fate < 0.4:
                apply(image, offset, content)
            elif fate < 0.6 and offset != TRUNCATE:
                for at in range(0, len(content), SECTOR):
                    if chance.random() < 0.5:
                        apply(image, offset + at, content[at : at + SECTOR])
        return bytes(image)


def apply(image: bytearray, offset: int, content: bytes) -> None:
    """One write, or a truncation (offset TRUNCATE, the size as content's number)."""
    if offset == TRUNCATE:
        size = int.from_bytes(content, "big")
        del image[size:]
        image.extend(bytes(size - len(image)))
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(content)] = content


class Disk(apsw.VFS):
    """Files by name. `fails(operation, number)` is asked before each write, sync, truncate, delete, and may raise."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {name: File(content) for name, content in (files or {}).items()}
        self.operations = 0
        self.off = False
        self.fails: Callable[[str, int], None] = lambda _operation, _number: None
        self.name = f"power-{next(_names)}"
        super().__init__(self.name, "")

    def count(self, operation: str) -> None:
        """One more operation; raises where the power is off or the disk fails."""
        if self.off:
            raise Cut("the power is off")
        self.operations += 1
        self.fails(operation, self.operations)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """Cut the power; what the disk holds then, by name."""
        self.off = True
        return {name: file.after_cut(chance) for name, file in self.files.items()}

    def dump(self, folder: Path) -> Path:
        """Write the files as read now below `folder`; the path of the database."""
        for name, file in self.files.items():
            (folder / name.strip("/")).write_bytes(bytes(file.seen))
        return folder / "j.db"

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        """A file; made where there is none."""
        text = name.filename() if isinstance(name, apsw.URIFilename) else name or f"temporary-{next(_names)}"
        flags[1] = flags[0]
        # apsw asks for these methods, not for this class
        return cast(apsw.VFSFile, Handle(self, self.files.setdefault(text, File())))

    def xDelete(self, name: str, syncdir: bool) -> None:
        """At once and for good; a dead program's last connection, swept up later, deletes nothing."""
        if self.off:
            return
        self.count("delete")
        self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:
        """Whether it is there."""
        return name in self.files

    def xFullPathname(self, name: str) -> str:
        """There are no folders."""
        return name


class Handle:
    """An open file, as SQLite uses it."""

    def __init__(self, disk: Disk, file: File) -> None:
        self.disk, self.file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:
        if self.disk.off:
            raise Cut("the power is off")
        return bytes(self.file.seen[offset : offset + amount])

    def xWrite(self, content: bytes, offset: int) -> None:
        self.disk.count("write")
        self.file.write(offset, bytes(content))

    def xTruncate(self, size: int) -> None:
        self.disk.count("truncate")
        self.file.write(TRUNCATE, size.to_bytes(8, "big"))

    def xSync(self, flags: int) -> None:
        try:
            self.disk.count("sync")
        except Cut:
            raise
        except apsw.Error:
            self.file.writes.clear()
            raise
        self.file.sync()

    def xFileSize(self) -> int:
        return len(self.file.seen)

    def xLock(self, level: int) -> None: ...
    def xUnlock(self, level: int) -> None: ...
    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None: ...
