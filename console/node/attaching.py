"""Files that persons attach, between wire and disk: sent up in parts, read by hash; knows no connection and no act."""

from __future__ import annotations

import asyncio
import logging

from console.api import BadInput, RefusedError, ResourceError
from console.node.answers import hand_out
from console.node.files import Files
from console.node.outbox import Outbox
from console.wire.codec import encode
from console.wire.frames import FileHeld, FilePut, FileRequest, Message, Refusal

log = logging.getLogger(__name__)


class Attaching:
    """See the module."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def put(self, message: FilePut, outbox: Outbox, who: str) -> None:
        """A part came up from the person `who`: it is on disk, and the whole of it durable, before that is said."""
        outbox.send(encode(await self._held(message, who)))

    async def _held(self, message: FilePut, who: str) -> Message:
        try:
            held = await self._files.put(message.sha256, message.size, message.offset, message.data, who)
        except RefusedError as error:
            return Refusal(code="rule", what=f"{error.zh} ({error})", req=message.req)
        except BadInput as error:
            what = {"what": error.what, "found": error.found, "expected": error.expected, "tip": error.tip}
            return Refusal(code="malformed", req=message.req, **what)
        except ResourceError as error:
            log.error("%s", error)
            return Refusal(code="unavailable", what=str(error), req=message.req)
        return FileHeld(req=message.req, held=held.held, done=held.done)

    async def file(self, message: FileRequest, outbox: Outbox) -> None:
        """A file that somebody attached, by content hash, in parts."""
        await hand_out(await asyncio.to_thread(self._files.read, message.sha256), message, outbox)
