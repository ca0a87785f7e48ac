"""The one way out of the console for its tiles: what the operator's file allows, and nothing else; knows no Qt.

Pages are loaded by their tile, which asks `allowed` for each address; devices and remote screens are opened here.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from console.api import Allowed, Device, LinkError, RefusedError
from console.client import capture
from console.client.capture import NOT_ALLOWED, NOT_FOUND, Grab
from console.client.feed import MediaFeed
from console.client.media import Media
from console.client.outside_file import OutsideFile, secret_of
from console.client.remote_line import RemoteLine

FILE: Final = "outside.toml"
DIAL_S: Final = 8.0


class WayOut:
    """See console.api.Outside.

    Args:
        folder: the console's state folder, where the operator's file lies; None: nothing is allowed.
        media: what reads capture devices.
    """

    def __init__(self, folder: Path | None, media: Media) -> None:
        self._file = OutsideFile(folder / FILE if folder is not None else Path("/nonexistent") / FILE)
        self._media = media

    def allowed(self) -> Allowed:
        """See console.api.Outside."""
        return self._file.allowed()

    def devices(self) -> tuple[Device, ...]:
        """See console.api.Outside."""
        return capture.found()

    def feed(self, name: str, stream: str) -> MediaFeed:
        """The pictures of "capture:<device>"; `stream` "1920x1080 30 mjpeg", each word optional."""
        grab = Grab(device=name.removeprefix(capture.PREFIX), **capture.options_of(stream))

        async def order() -> Grab:
            self._ask_device(grab.device)
            return grab

        return self._media.feed(name, stream, order)

    def _ask_device(self, device: str) -> None:
        """Asked at each connection: what is struck off the list is not opened again. Raises RefusedError."""
        if device not in self.allowed().captures:
            raise RefusedError(NOT_ALLOWED, code=NOT_ALLOWED)
        if not os.access(device, os.F_OK):
            raise RefusedError(NOT_FOUND, code=NOT_FOUND)

    async def dial(self, name: str) -> RemoteLine:
        """See console.api.Outside."""
        remote = self._file.remote(name)
        if remote is None:
            raise RefusedError(
                f"'{name}' is not on the list of {self._file.path}", zh=f"“{name}”不在 {self._file.path} 的名单中"
            )
        password = secret_of(remote, self._file.path.parent)
        where = f"{remote.host}:{remote.port}"
        line = RemoteLine(where, remote.account, password)
        try:
            async with asyncio.timeout(DIAL_S):
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: line, remote.host, remote.port)
        except TimeoutError as error:
            raise LinkError(f"{where} does not answer") from error
        except OSError as error:
            raise LinkError(f"{where}: {error.strerror or error}") from error
        return line
