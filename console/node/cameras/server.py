"""The camera server (`python -m console.node.cameras.server`): demo clips and users' files as RTSP on loopback.

Standard input is the control pipe: JSON lines {"path": …, "file": …, "loop": true} register a camera,
{"path": …, "off": true} takes one off the air; its end ends the server. Standard output gets {"ready": {…}} once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from console.api import BadInput, ResourceError, YilanError
from console.node.cameras.session import Session
from console.node.cameras.shelf import Shelf
from console.posix import die_with_parent
from console.tasks import Tasks

log = logging.getLogger(__name__)
HOST: Final = "127.0.0.1"
MOST_SESSIONS: Final = 256


class CameraServer:
    """RTSP on loopback. `clips` and `files`: see Shelf."""

    def __init__(self, clips: Path | None = None, files: dict[str, Path] | None = None) -> None:
        self._tasks = Tasks()
        self.shelf = Shelf(self._tasks, clips, files or {}, asyncio.get_running_loop().time)
        self._server: asyncio.Server | None = None
        self._sessions: set[Session] = set()

    async def open(self, port: int = 0) -> int:
        """Listen; returns the port. Raises ResourceError where it is taken."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, port)
        except OSError as error:
            raise ResourceError(f"camera server: port {port} cannot be had ({error.strerror})") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._sessions) >= MOST_SESSIONS:
            writer.close()
            return
        session = Session(self.shelf, reader, writer)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    def order(self, line: dict[str, Any]) -> None:
        """Carry out one line of the control pipe; lines that order nothing are passed over."""
        path = line.get("path")
        if not isinstance(path, str):
            return
        if "file" in line:
            self.shelf.register(path, str(line["file"]), bool(line.get("loop", True)))
        elif "off" in line:
            self.shelf.switch(path, bool(line["off"]))

    async def close(self) -> None:
        """Stop listening, cut every viewer, end every task."""
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.over()
        await self.shelf.close()
        if self._server is not None:
            await self._server.wait_closed()


def clips_of(given: str) -> tuple[Path | None, dict[str, Path]]:
    """`--clips`: a folder, or a JSON file of path → file; raises BadInput."""
    path = Path(given)
    if path.suffix != ".json":
        return path, {}
    try:
        table = json.loads(path.read_text("utf-8"))
        return None, {str(name): Path(file) for name, file in table.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"--clips {path.name}", found=str(error), expected="JSON object of path to file") from error


async def control_lines(hear: Callable[[dict[str, Any]], None]) -> None:
    """Hear the control pipe until it ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := await reader.readline():
            try:
                order = json.loads(line)
                if isinstance(order, dict):
                    hear(order)
            except (ValueError, BadInput) as error:
                log.error("control line: %s", error)
    finally:
        transport.close()


def tell(line: dict[str, Any], handle: int) -> None:
    """One JSON line to whoever started us."""
    os.write(handle, json.dumps(line, ensure_ascii=False).encode() + b"\n")


async def serve(arguments: argparse.Namespace) -> int:
    """Until the control pipe ends."""
    try:
        server = CameraServer(*clips_of(arguments.clips))
        port = await server.open(arguments.port)
    except YilanError as error:
        tell({"failed": str(error)}, arguments.ready_fd)
        return 1
    tell({"ready": {"port": port, "url": f"rtsp://{HOST}:{port}"}}, arguments.ready_fd)
    await control_lines(server.order)
    await server.close()
    return 0


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m console.node.cameras.server", description="RTSP on loopback")
    parser.add_argument("--clips", default="build/clips", help="folder of NAME.mp4, or a JSON file of path to file")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-fd", type=int, default=1, help="where the ready line goes")
    parser.add_argument("--parent-pid", type=int, default=0, help="process to die with, besides the control pipe's end")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    if arguments.parent_pid:
        die_with_parent(arguments.parent_pid)
    return asyncio.run(serve(arguments))


if __name__ == "__main__":
    sys.exit(main())
