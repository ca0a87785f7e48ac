"""One viewer's connection: requests answered, pictures sent, faults acted out; knows the cameras only by `Cameras`."""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import Final, Protocol

from console.api import BadInput, ResourceError, WireError
from console.node.cameras.channel import Channel
from console.node.cameras.rtp import on_channel
from console.node.cameras.rtsp import (
    METHODS,
    Faults,
    Request,
    faults_of,
    interleaved_channel,
    parse,
    response,
    sdp,
)

MOST_WAITING_BYTES: Final = 2 << 20
"""A viewer with more unsent is too slow: it misses pictures until the next key frame."""
REQUEST_WAIT_S: Final = 30.0
MOST_BODY_BYTES: Final = 1 << 16
SESSION_S: Final = 60


class NotReadyError(ResourceError):
    """The camera's clip is still being prepared."""


class Cameras(Protocol):
    """The cameras of the server. `channel` raises BadInput (no such), NotReadyError or ResourceError (unusable)."""

    async def channel(self, path: str) -> Channel: ...
    def watch(self, channel: Channel, session: Session) -> None: ...
    def unwatch(self, channel: Channel, session: Session) -> None: ...


class Session:
    """See the module; `run` returns when the connection is over."""

    def __init__(self, cameras: Cameras, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._cameras, self._reader, self._writer = cameras, reader, writer
        self._id = secrets.token_hex(8)
        self._faults = Faults()
        self._channel: Channel | None = None
        self._number: int | None = None
        self._playing = False
        self._skipping = False
        self._stalled = False
        self._timers: list[asyncio.TimerHandle] = []
        self.path = ""

    async def run(self) -> None:
        """Answer until either side ends."""
        try:
            while (request := await self._request()) is not None:
                answer = await self._answer(request)
                self._writer.write(answer)
                await self._writer.drain()
                if request.method == "TEARDOWN" or b" 404 " in answer[:16]:
                    return
                if request.method == "PLAY" and not self._playing and answer.startswith(b"RTSP/1.0 200"):
                    self._play()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        except WireError:
            self._writer.write(response(400, "0"))
        finally:
            self.over()

    def over(self) -> None:
        """End the connection from our side."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._playing and self._channel is not None:
            self._playing = False
            self._cameras.unwatch(self._channel, self)
        self._writer.close()

    # ------------------------------------------------------------------ requests

    async def _request(self) -> Request | None:
        """The next request; the client's own RTCP, which comes on the same connection, is passed over."""
        while True:
            # while pictures flow, a silent client is a good client
            async with asyncio.timeout(None if self._playing else REQUEST_WAIT_S):
                first = await self._reader.read(1)
                if not first:
                    return None
                if first == b"$":
                    head = await self._reader.readexactly(3)
                    await self._reader.readexactly(int.from_bytes(head[1:], "big"))
                    continue
                if first in b"\r\n":
                    continue
                block = first + await self._reader.readuntil(b"\r\n\r\n")
                request = parse(block)
                length = request.headers.get("content-length", "0")
                if not length.isdigit() or int(length) > MOST_BODY_BYTES:
                    raise WireError("Content-Length", found=length[:20], expected=f"0 to {MOST_BODY_BYTES}")
                await self._reader.readexactly(int(length))
                return request

    async def _answer(self, request: Request) -> bytes:
        number = request.sequence
        match request.method:
            case "OPTIONS":
                return response(200, number, {"Public": ", ".join(METHODS)})
            case "DESCRIBE":
                return await self._describe(request)
            case "SETUP":
                return await self._setup(request)
            case "PLAY":
                if self._channel is None or self._number is None:
                    return response(455, number)
                return response(200, number, {"Session": self._id, "Range": "npt=now-"})
            case "PAUSE" | "GET_PARAMETER" | "SET_PARAMETER" | "TEARDOWN":
                return response(200, number, {"Session": self._id})
            case _:
                return response(405, number, {"Allow": ", ".join(METHODS)})

    async def _find(self, request: Request) -> int:
        """Take the camera that a URL names; returns the status to answer with."""
        self._faults = faults_of(request.url)
        if self._faults.refuse:
            return 404
        try:
            self._channel = await self._cameras.channel(request.path)
        except NotReadyError:
            return 503
        except ResourceError:
            return 415
        except BadInput:
            return 404
        self.path = request.path
        return 200

    async def _describe(self, request: Request) -> bytes:
        status = await self._find(request)
        if status != 200 or self._channel is None:
            return response(status, request.sequence, {"Retry-After": "2"} if status == 503 else None)
        if self._faults.slow > 0:
            await asyncio.sleep(self._faults.slow)
        clip = self._channel.clip
        base = request.url if request.url.endswith("/") else f"{request.url}/"
        return response(200, request.sequence, {"Content-Base": base}, sdp(self.path, clip.sps, clip.pps))

    async def _setup(self, request: Request) -> bytes:
        if self._channel is None:
            status = await self._find(request)
            if status != 200:
                return response(status, request.sequence)
        wanted = interleaved_channel(request.headers.get("transport", ""))
        if wanted is None:
            return response(461, request.sequence)
        self._number = wanted
        transport = f"RTP/AVP/TCP;unicast;interleaved={wanted}-{wanted + 1}"
        return response(200, request.sequence, {"Transport": transport, "Session": f"{self._id};timeout={SESSION_S}"})

    # ------------------------------------------------------------------ pictures

    def _play(self) -> None:
        assert self._channel is not None
        self._playing = True
        loop = asyncio.get_running_loop()
        if self._faults.drop >= 0:
            self._timers.append(loop.call_later(self._faults.drop, self.over))
        if self._faults.stall >= 0:
            self._timers.append(loop.call_later(self._faults.stall, self._stall))
        self._cameras.watch(self._channel, self)

    def _stall(self) -> None:
        self._stalled = True

    def send(self, framed: bytes, key: bool) -> None:
        """One access unit, or nothing where the viewer is too slow or a fault says so."""
        if self._stalled or self._writer.is_closing():
            return
        waiting = self._writer.transport.get_write_buffer_size()
        if waiting > MOST_WAITING_BYTES:
            self._skipping = True
        if self._skipping:
            if not key or waiting:
                return
            self._skipping = False
        data = on_channel(framed, self._number or 0)
        if self._faults.corrupt > 0:
            data = _corrupted(data, self._faults.corrupt)
        self._writer.write(data)


def _corrupted(framed: bytes, share: float) -> bytes:
    """Flip bytes in the payload of about `share` of the packets; headers and framing stay whole."""
    out, at = bytearray(framed), 0
    while at < len(out):
        size = int.from_bytes(out[at + 2 : at + 4], "big")
        if random.random() < share and size > 24:
            for _ in range(8):
                out[random.randrange(at + 4 + 14, at + 4 + size)] ^= 0xFF
        at += 4 + size
    return bytes(out)
