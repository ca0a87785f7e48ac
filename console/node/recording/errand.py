"""An export done by the node that has the store open, for a program of the same user; knows no command line.

The node listens at `node.sock` in its state folder (mode 600). One connection is one export: up a line of JSON (the
`Order`), down lines of JSON: {"rows", "done"} as it goes on, last {"exported"} or {"error"}. Hanging up cancels it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from console.api import ResourceError, YilanError
from console.node.recording.export import Archive, Exported, Order, export
from console.posix import reach_locally, serve_locally
from console.tasks import Tasks

log = logging.getLogger(__name__)
NAME: Final = "node.sock"
TELL_S: Final = 0.2
ORDER_S: Final = 5.0


class Word(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line down."""

    rows: int = 0
    done: float = 0.0
    exported: Exported | None = None
    error: str = ""


class Errands:
    """Takes exports, one after the other, and does them beside the node's other work.

    Args:
        archive: the open store, None while there is none.
    """

    def __init__(
        self,
        folder: Path,
        tasks: Tasks,
        archive: Callable[[], Archive | None],
        clock: Callable[[], int],
        *,
        simulated: bool,
    ) -> None:
        self._path, self._tasks, self._archive, self._clock = folder / NAME, tasks, archive, clock
        self._simulated = simulated
        self._one = asyncio.Lock()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen. Where that cannot be, exports wait until no node runs; that is no reason to stop."""
        try:
            self._server = await serve_locally(self._path, self._serve)
        except OSError as error:
            log.warning("%s: %s; exports are possible only while no node runs", self._path, error)

    async def close(self) -> None:
        """Take no more; what is being done ends with the node's tasks."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stop = asyncio.Event()
        watch: asyncio.Task[Any] | None = None
        try:
            async with asyncio.timeout(ORDER_S):
                line = await reader.readline()
            order = msgspec.json.decode(line, type=Order)
            watch = self._tasks.start("errand.watch", _hung_up(reader, stop))
            _say(writer, await self._do(order, writer, stop))
            await writer.drain()
        except (msgspec.DecodeError, OSError, TimeoutError) as error:
            log.warning("an export was not done: %s", error)
        finally:
            if watch is not None:
                watch.cancel()
            writer.close()

    async def _do(self, order: Order, writer: asyncio.StreamWriter, stop: asyncio.Event) -> Word:
        loop = asyncio.get_running_loop()
        told_s = 0.0

        def show(rows: int, done: float) -> None:
            nonlocal told_s
            if loop.time() - told_s > TELL_S:
                told_s = loop.time()
                _say(writer, Word(rows=rows, done=done))

        archive = self._archive()
        if archive is None:
            return Word(error="the node's store is not open; its notices say why")
        try:
            async with self._one:
                now_ns = self._clock()
                done = await export(order, archive, now_ns=now_ns, simulated=self._simulated, show=show, stop=stop)
            return Word(exported=done)
        except YilanError as error:
            return Word(error=str(error))
        except Exception as error:  # an export's fault is the answer to who asked, nothing else of the node's
            log.exception("an export failed")
            return Word(error=f"internal error of the node: {error!r}")


async def ask(folder: Path, order: Order, show: Callable[[int, float], None], stop: asyncio.Event) -> Exported:
    """Have the node that runs on `folder` export. Raises ResourceError where it cannot be reached or says no."""
    try:
        reader, writer = await reach_locally(folder / NAME)
    except OSError as error:
        raise ResourceError(
            f"a node works in {folder}, but takes no exports ({error.strerror}); try again when it has ended"
        ) from error
    try:
        writer.write(msgspec.json.encode(order) + b"\n")
        return await _answer(reader, writer, show, stop)
    finally:
        writer.close()


async def _answer(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    show: Callable[[int, float], None],
    stop: asyncio.Event,
) -> Exported:
    """The last word; after `stop` we hang up, and the node says whether the file was whole before."""
    hung_up = False
    while True:
        if stop.is_set() and not hung_up:
            writer.write_eof()
            hung_up = True
        try:
            async with asyncio.timeout(TELL_S):
                line = await reader.readline()
        except TimeoutError:
            continue
        if not line:
            raise ResourceError("the node ended before the export did; try again")
        word = msgspec.json.decode(line, type=Word)
        if word.error:
            raise ResourceError(word.error)
        if word.exported is not None:
            return word.exported
        show(word.rows, word.done)


async def _hung_up(reader: asyncio.StreamReader, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        await reader.read(1)
    stop.set()


def _say(writer: asyncio.StreamWriter, word: Word) -> None:
    if not writer.is_closing():
        writer.write(msgspec.json.encode(word) + b"\n")
