"""Files that persons attach, by content hash, on disk before they are acknowledged; knows no socket and no act.

A file comes in parts, in order; what came before a cut is kept, and the sender hears where to go on.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from console.api import BadInput, RefusedError, ResourceError, Value
from console.posix import sync_folder

MOST_BYTES: Final = 64 << 20
"""Of one file: a minute of video, an hour of speech."""
MOST_TOTAL: Final = 20 << 30
MOST_OF_ONE: Final = 2 << 30
"""Of one person within a day: half an hour of video; the rest of the room is for others."""
DAY_S: Final = 24 * 3600.0
LEFT_FREE: Final = 2 << 30
"""So much of the disk stays free for journal and store: an attachment must not cost an order."""
MOST_PARTS: Final = 64
"""Files that may be under way at once."""
PART_KEPT_S: Final = 24 * 3600.0
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Held(Value, frozen=True, kw_only=True):
    """How much of a file is here; `done`: all of it, checked and durable."""

    held: int
    done: bool = False


class Files:
    """See the module. `folder` is made where there is none; `now_s` is the wall clock, `free_bytes` of its disk."""

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int = MOST_BYTES,
        most_total: int = MOST_TOTAL,
        most_of_one: int = MOST_OF_ONE,
        now_s: Callable[[], float] = time.time,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._folder, self._most_bytes, self._most_total, self._now_s = folder, most_bytes, most_total, now_s
        self._most_of_one, self._free_bytes = most_of_one, free_bytes
        self._begun: dict[str, deque[tuple[float, int]]] = {}
        """By person when they began a file within the last day, and its bytes; of this run."""
        self._total: int | None = None
        """Bytes of all whole files; None: not counted yet in this run."""
        self._lock = asyncio.Lock()

    def has(self, sha256: str) -> bool:
        """Whether all of it is here."""
        return bool(_HASH.fullmatch(sha256)) and (self._folder / sha256).is_file()

    def read(self, sha256: str) -> bytes | None:
        """The content, None where it is not here; reads the disk."""
        return (self._folder / sha256).read_bytes() if self.has(sha256) else None

    async def put(self, sha256: str, size: int, offset: int, data: bytes, who: str = "") -> Held:
        """Take bytes [offset, offset + len(data)) of a file of `size` from the person `who`; with no data only asks
        where to go on.

        Raises BadInput (found, expected), RefusedError where a bound is reached, ResourceError where the disk fails.
        """
        if not _HASH.fullmatch(sha256):
            raise BadInput("file", found=f"sha256 {sha256[:70]!r}", expected="64 digits 0-9a-f")
        if not 0 < size <= self._most_bytes:
            raise BadInput("file", found=f"{size} bytes", expected=f"1 to {self._most_bytes}")
        if offset < 0 or offset + len(data) > size:
            raise BadInput("file part", found=f"bytes {offset} to {offset + len(data)}", expected=f"within {size}")
        async with self._lock:
            return await asyncio.to_thread(self._put, sha256, size, offset, data, who)

    def _put(self, sha256: str, size: int, offset: int, data: bytes, who: str) -> Held:
        if self.has(sha256):
            return Held(held=size, done=True)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._folder / f"{sha256}.part"
            held = part.stat().st_size if part.exists() else 0
            if not held:
                self._make_room(size, who)
            if offset != held or not data:
                return Held(held=held)
            if not held:
                self._begun.setdefault(who, deque()).append((self._now_s(), size))
            with part.open("ab") as file:
                file.write(data)
                held += len(data)
                if held == size:
                    file.flush()
                    os.fsync(file.fileno())
            return self._finish(part, sha256, size) if held == size else Held(held=held)
        except OSError as error:
            raise ResourceError(f"the file cannot be kept ({error.strerror}): check the node's disk") from error

    def _finish(self, part: Path, sha256: str, size: int) -> Held:
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            part.unlink()
            raise BadInput("file", found=f"sha256 {found[:12]}…", expected=f"{sha256[:12]}…", tip="send it again")
        part.rename(self._folder / sha256)
        sync_folder(self._folder)
        if self._total is not None:
            self._total += size
        return Held(held=size, done=True)

    def _make_room(self, size: int, who: str) -> None:
        self._ask_share(size, who)
        parts = list(self._folder.glob("*.part"))
        for part in parts:
            if self._now_s() - part.stat().st_mtime > PART_KEPT_S:
                part.unlink()
        if sum(part.exists() for part in parts) >= MOST_PARTS:
            raise RefusedError(
                f"{MOST_PARTS} files are on their way already; try again later",
                zh=f"已有 {MOST_PARTS} 个附件在上传；请稍后再试",
            )
        if self._total is None:
            self._total = sum(file.stat().st_size for file in self._folder.iterdir() if _HASH.fullmatch(file.name))
        if self._total + size > self._most_total:
            raise RefusedError(
                f"the node keeps {self._total} bytes of files, at most {self._most_total}",
                zh=f"节点附件已有 {self._total} 字节，上限 {self._most_total}",
            )
        if (free := self._free_bytes(self._folder)) - size < LEFT_FREE:
            raise RefusedError(
                f"the node's disk has {free} bytes free; {LEFT_FREE} stay for what must be saved: make room on it",
                zh=f"节点磁盘剩余 {free} 字节，须为必须保存的记录留 {LEFT_FREE} 字节；请清理节点磁盘",
            )

    def _ask_share(self, size: int, who: str) -> None:
        """Raises RefusedError where a person has attached their share of a day."""
        begun = self._begun.get(who, deque())
        while begun and self._now_s() - begun[0][0] > DAY_S:
            begun.popleft()
        used = sum(bytes_ for _, bytes_ in begun)
        if used + size > self._most_of_one:
            raise RefusedError(
                f"found {used + size} bytes attached by you within a day, expected at most {self._most_of_one}; "
                "have somebody else attach it, or attach it later",
                zh=f"您一日内附件共 {used + size} 字节，上限 {self._most_of_one}；请由他人上传或稍后再传",
            )
