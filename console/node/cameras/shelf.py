"""Which camera plays which file: looked up, read once, transcoded where needed; knows no connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from console.api import BadInput, ResourceError
from console.node.cameras.channel import Channel
from console.node.cameras.clip import Clip, codec_of, load
from console.node.cameras.session import NotReadyError, Session
from console.posix import process_start
from console.tasks import Tasks

log = logging.getLogger(__name__)
ROOT: Final = Path(__file__).resolve().parents[3]
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_CACHE: Final = "yilan-cameras-"
READ_WAIT_S: Final = 4.0


class Shelf:
    """The server's cameras (console.node.cameras.session.Cameras).

    Args:
        clips: folder whose NAME.mp4 are the cameras NAME, or None.
        files: further cameras, path → file.
    """

    def __init__(self, tasks: Tasks, clips: Path | None, files: dict[str, Path], clock: Callable[[], float]) -> None:
        self._tasks, self._clips, self._clock = tasks, clips, clock
        self._files = {path: (file, True) for path, file in files.items()}
        self._channels: dict[str, Channel] = {}
        self._sessions: dict[Channel, set[Session]] = {}
        self._off: set[str] = set()
        self._failed: dict[str, str] = {}
        self._preparing: dict[str, asyncio.Task[Any]] = {}
        self._transcoding = asyncio.Semaphore(1)
        self._began_s = clock()
        self._cache: Path | None = None
        self._copies: set[Path] = set()

    # ------------------------------------------------------------------ orders of the control pipe

    def register(self, path: str, file: str, loop: bool) -> None:
        """Serve `file` as `path` from now on; preparing begins at the first viewer."""
        if not _NAME.fullmatch(path):
            raise BadInput("camera path", found=path[:80], expected="letters, digits, _ . - and /")
        if self._files.get(path) != (Path(file), loop):
            self._files[path] = (Path(file), loop)
            self._forget(path)

    def switch(self, path: str, off: bool) -> None:
        """Take a camera off the air (its viewers are cut and it is refused), or put it on again."""
        if off:
            self._off.add(path)
            self._forget(path)
        else:
            self._off.discard(path)

    def _forget(self, path: str) -> None:
        self._failed.pop(path, None)
        channel = self._channels.pop(path, None)
        if channel is not None:
            for session in list(self._sessions.pop(channel, ())):
                session.over()

    # ------------------------------------------------------------------ for sessions

    async def channel(self, path: str) -> Channel:
        """The channel of a path, read on first use; see Cameras for what it raises."""
        if path in self._off:
            raise BadInput("camera", found=path, expected="one that is switched on")
        channel = self._channels.get(path)
        if channel is not None:
            if channel.ended:
                raise BadInput("camera", found=f"{path}, whose clip has ended", expected="one that still plays")
            return channel
        if path in self._failed:
            raise ResourceError(self._failed[path])
        task = self._preparing.get(path)
        if task is None:
            file, loop = self._file(path)
            task = self._tasks.start(f"cameras.read.{path}", self._prepare(path, file, loop), owner=self)
            self._preparing[path] = task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READ_WAIT_S):
                await asyncio.shield(task)
        if path in self._channels:
            return self._channels[path]
        if path in self._failed:
            raise ResourceError(self._failed[path])
        raise NotReadyError(f"{path} is being prepared")

    def watch(self, channel: Channel, session: Session) -> None:
        """Begin to send a channel to a session."""
        self._sessions.setdefault(channel, set()).add(session)
        if channel.join(session):
            self._tasks.cancel(channel)
            self._tasks.start("cameras.send", channel.run(), owner=channel)

    def unwatch(self, channel: Channel, session: Session) -> None:
        """End it."""
        channel.leave(session)
        self._sessions.get(channel, set()).discard(session)
        if not channel.viewers:
            self._tasks.cancel(channel)

    # ------------------------------------------------------------------ files

    def _file(self, path: str) -> tuple[Path, bool]:
        if path in self._files:
            return self._files[path]
        if self._clips is not None and _NAME.fullmatch(path) and "/" not in path:
            file = self._clips / f"{path}.mp4"
            if file.is_file():
                return file, True
        raise BadInput("camera", found=path[:80], expected="a registered path")

    async def _prepare(self, path: str, file: Path, loop: bool) -> None:
        try:
            clip = await self._clip(file)
            self._channels[path] = Channel(clip, self._began_s if loop else None, self._clock)
        except ResourceError as error:
            log.error("camera %s: %s", path, error)
            self._failed[path] = str(error)
        finally:
            self._preparing.pop(path, None)

    async def _clip(self, file: Path) -> Clip:
        codec = await asyncio.to_thread(codec_of, file)
        if codec == "h264":
            return await asyncio.to_thread(load, file)
        return await asyncio.to_thread(load, await self._transcoded(file))

    async def _transcoded(self, file: Path) -> Path:
        """An H.264 copy, made once by a process of its own, one at a time."""
        target = self._copy_of(file)
        async with self._transcoding:
            if target in self._copies:
                return target
            argv = ["-m", "console.node.cameras.transcode", str(file), str(target), "--parent-pid", str(os.getpid())]
            process = await asyncio.create_subprocess_exec(
                sys.executable, *argv, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
            )
            try:
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if code != 0:
            raise ResourceError(f"{file.name} cannot be turned into H.264")
        self._copies.add(target)
        return target

    def _copy_of(self, file: Path) -> Path:
        if self._cache is None:
            clear_caches()
            self._cache = Path(tempfile.mkdtemp(prefix=f"{_CACHE}{os.getpid()}-"))
        stat = file.stat()
        return self._cache / f"{file.stem}-{stat.st_size}-{stat.st_mtime_ns}.mp4"

    async def close(self) -> None:
        """Cut every viewer and forget what was made."""
        for sessions in list(self._sessions.values()):
            for session in list(sessions):
                session.over()
        await self._tasks.close()
        if self._cache is not None:
            shutil.rmtree(self._cache, ignore_errors=True)


def clear_caches() -> None:
    """Remove folders that killed servers left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_CACHE}*-*"):
        owner = folder.name.removeprefix(_CACHE).split("-")[0]
        if owner.isdigit() and not process_start(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
