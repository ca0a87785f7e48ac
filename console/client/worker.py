"""The console's end of one decode worker: starts the process, sends orders, hears news; knows no feed and no Qt."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from console.client.capture import Grab
from console.client.decode_news import FRAME

ROOT: Final = Path(__file__).resolve().parents[2]


class DecodeWorker:
    """A running worker.

    Args:
        on_frame: told the number of a stream with a new picture.
        on_state: told (number, news) of a stream's new state.
        on_end: told once when the process is gone, whoever ended it.
    """

    MODULE = "console.client.decode"

    def __init__(
        self,
        on_frame: Callable[[int], None],
        on_state: Callable[[int, dict[str, Any]], None],
        on_end: Callable[[DecodeWorker], None],
        *,
        devices: bool = False,
    ) -> None:
        self.devices = devices
        """Whether it reads capture devices; then it reads nothing else, as they may take it with them."""
        self._on_frame, self._on_state, self._on_end = on_frame, on_state, on_end
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._sock = ours
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    self.MODULE,
                    "--fd",
                    str(theirs.fileno()),
                    "--parent-pid",
                    str(os.getpid()),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                start_new_session=True,
            )
        self.heard_s = time.monotonic()
        self.started_s = self.heard_s
        self.ready = False
        """Whether the worker has said its first word."""
        self.streams: set[int] = set()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(ours.fileno(), self.hear)
        self._open = True

    # ------------------------------------------------------------------ orders

    def open(self, number: int, url: str | Grab, size: tuple[int, int], slots: int) -> None:
        """Read an address or a device into the shared memory behind the descriptor `slots`, pictures of at most
        `size`."""
        self.streams.add(number)
        order = {"do": "open", "stream": number, "width": size[0], "height": size[1]}
        what = {"url": url} if isinstance(url, str) else {"url": "", "grab": msgspec.structs.asdict(url)}
        self._order({**order, **what}, [slots])

    def size(self, number: int, size: tuple[int, int], slots: int) -> None:
        """From now on smaller or larger pictures, into other memory."""
        self._order({"do": "size", "stream": number, "width": size[0], "height": size[1]}, [slots])

    def close_stream(self, number: int) -> None:
        """Stop reading a stream."""
        self.streams.discard(number)
        self._order({"do": "close", "stream": number}, [])

    def _order(self, order: dict[str, Any], fds: list[int]) -> None:
        if not self._open:
            return
        try:
            socket.send_fds(self._sock, [json.dumps(order).encode()], fds, socket.MSG_NOSIGNAL)
        except OSError:
            # gone, or so stuck that orders no longer fit: its end is told as that of a killed one
            self.process.kill()

    # ------------------------------------------------------------------ news

    def hear(self) -> None:
        """Take all news that waits."""
        while self._open:
            try:
                news = self._sock.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                news = b""
            if not news:
                self._ended()
                return
            self.heard_s = time.monotonic()
            self.ready = True
            if news[:1] == b"F":
                self._on_frame(FRAME.unpack(news)[1])
            elif news[:1] == b"{":
                told = json.loads(news)
                self._on_state(int(told["stream"]), told)

    def _ended(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._sock.fileno())
            self._sock.close()
            self._on_end(self)

    # ------------------------------------------------------------------ the end

    def kill(self) -> None:
        """End the process at once; `on_end` follows."""
        self.process.kill()

    def dismiss(self) -> None:
        """Close the socket, which ends the worker; `on_end` is not called."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._sock.fileno())
            self._sock.close()

    async def gone(self, within_s: float) -> None:
        """Wait until the process has ended, killing it after `within_s`."""
        until = time.monotonic() + within_s
        while self.process.poll() is None:
            if time.monotonic() > until:
                self.process.kill()
            await asyncio.sleep(0.01)
