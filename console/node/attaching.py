"""Files that persons attach, between wire and disk: sent up in parts, read by hash; knows no connection and no act."""

from __future__ import annotations

import asyncio
import logging

from console.api import BadInput, RefusedError, ResourceError
from console.node.answers import FILE_PART_BYTES
from console.node.files import Files
from console.node.outbox import Outbox
from console.wire.codec import encode
from console.wire.frames import FileHeld, FilePart, FilePut, FileRequest, Message, Refusal

log = logging.getLogger(__name__)


class Attaching:
    """See the module."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def put(self, message: FilePut, outbox: Outbox) -> None:
        """A part came up: it is on disk, and the whole of it durable, before that is said."""
        outbox.send(encode(await self._held(message)))

    async def _held(self, message: FilePut) -> Message:
        try:
            held = await self._files.put(message.sha256, message.size, message.offset, message.data)
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
        """A file by content hash, in parts."""
        content = await asyncio.to_thread(self._files.read, message.sha256)
        if content is None:
            outbox.send(encode(Refusal(code="unknown", what="file", found=message.sha256[:16], req=message.req)))
            return
        for offset in range(0, max(len(content), 1), FILE_PART_BYTES):
            await outbox.room()
            part = content[offset : offset + FILE_PART_BYTES]
            outbox.send(encode(FilePart(req=message.req, offset=offset, size=len(content), data=part)))
