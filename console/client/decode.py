"""A decode worker (`python -m console.client.decode`): streams in, scaled pictures out; knows no camera and no screen.

The one socket that it inherits brings orders (JSON, with a descriptor of shared memory where pictures go) and takes
news; its end ends the worker. One decoder thread a stream and no log callback: libav deadlocks otherwise.
"""

from __future__ import annotations

import argparse
import errno
import json
import math
import os
import random
import signal
import socket
import sys
import threading
import time
from typing import Any, Final

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from console.client import v4l2
from console.client.decode_news import FRAME
from console.client.slots import Slots
from console.posix import die_with_parent

STALE_S: Final = 1.0
OPEN_S: Final = 5.0
READ_S: Final = 5.0
TICK_S: Final = 0.5
CREEP: Final = 2e-4
JUMP_S: Final = 60.0
"""A stream whose time jumped so far has begun anew."""
LAGS_S: Final = 0.25
CATCH_UP_S: Final = 0.2
"""While a stream lags, it shows a picture only so often, and so comes up with the present."""
MOST_BAD: Final = 50
"""Undecodable packets in a row after which a stream is given up."""
MUTE_S: Final = 10.0
"""A capture device that gives nothing for so long is opened anew."""
HUNG_S: Final = 3.0
"""A device's thread that the kernel does not give back so long after its end takes the process with it: else the
device stays busy for whoever opens it next. Devices have workers of their own."""
NET: Final = {"probesize": "32768", "analyzeduration": "1", "fpsprobesize": "0"}
"""Quick starts: analyzeduration 0 means "the default", which waits for 32 KiB, a second and more of a thin stream."""
RTSP: Final = {**NET, "rtsp_transport": "tcp"}


class News:
    """The worker's end of the socket: news goes out at once or, where the console is slow, later and newest only."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._late: dict[int, bytes] = {}

    def frame(self, number: int) -> None:
        """A new picture lies in the slots; dropped where the socket is full, the next one says the same."""
        try:
            self._sock.send(FRAME.pack(b"F", number), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            pass

    def state(self, number: int, state: str, detail: str = "", **more: Any) -> None:
        """A stream's new state; kept until it could be said."""
        line = json.dumps({"stream": number, "state": state, "detail": detail, **more}).encode()
        with self._lock:
            self._late[number] = line
        self.tell_late()

    def beat(self) -> None:
        """We are alive."""
        try:
            self._sock.send(b"B", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            pass

    def tell_late(self) -> None:
        """Say what could not be said before."""
        with self._lock:
            for number, line in list(self._late.items()):
                try:
                    self._sock.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
                except OSError:
                    return
                del self._late[number]


class Edge:
    """How far a stream lags behind the best it has been: pictures that waited in a buffer are older than they look.

    The camera's clock may drift against ours by CREEP; what lags more slowly than that is not seen.
    """

    def __init__(self) -> None:
        self._best = math.inf
        self._at_s = 0.0

    def lag_s(self, picture_s: float, now_s: float) -> float:
        """Seconds that a picture with the stream time `picture_s`, in hand at `now_s`, is late; at least 0."""
        offset = now_s - picture_s
        self._best += CREEP * (now_s - self._at_s) if math.isfinite(self._best) else 0.0
        self._at_s = now_s
        if offset < self._best or offset - self._best > JUMP_S:
            self._best = offset
        return offset - self._best


class Stream(threading.Thread):
    """One stream being decoded until it ends, fails or is closed; `grab` in place of an address: a capture device."""

    def __init__(self, number: int, url: str, news: News, slots: Slots, grab: dict[str, Any] | None = None) -> None:
        super().__init__(name=f"stream-{number}", daemon=True)
        self.number, self._url, self._news, self.grab = number, url, news, grab
        self.slots = slots
        """Where pictures go; replaced as a whole when the tile asks for another size."""
        self.closed = threading.Event()
        self.closed_s = 0.0
        self.last_s = 0.0
        self.live = False
        self._serial = random.randrange(1, 1 << 30)
        self._reformat = VideoReformatter()
        self._edge = Edge()

    def run(self) -> None:
        try:
            self._play()
            why = "ended"
        except Exception as error:
            # the address may bear a login: only the kind of error is told, never its text
            why = reason(error)
        self.live = False
        if not self.closed.is_set():
            self._news.state(self.number, "lost", why)

    def _play(self) -> None:
        paced = self.grab is None and not self._url.startswith("rtsp")
        with self._open() as container:
            if not container.streams.video:
                raise LookupError("no video")
            stream = container.streams.video[0]
            context: VideoCodecContext = stream.codec_context
            context.thread_type, context.thread_count = "NONE", 1
            began, bad = time.monotonic(), 0
            for packet in container.demux(stream):
                if self.closed.is_set():
                    return
                try:
                    frames = packet.decode()
                    bad = 0
                except av.error.InvalidDataError:
                    bad += 1
                    if bad > MOST_BAD:
                        raise
                    continue
                for frame in frames:
                    if paced and frame.pts is not None:
                        self.closed.wait(min(2.0, max(0.0, began + frame.time - time.monotonic())))
                    self._publish(frame)

    def _open(self) -> InputContainer:
        if self.grab is not None:
            return v4l2.open_device(self.grab)
        options = RTSP if self._url.startswith("rtsp") else NET
        return av.open(self._url, options=dict(options), timeout=(OPEN_S, READ_S))

    def _publish(self, frame: VideoFrame) -> None:
        now_s = time.monotonic()
        lag_s = self._edge.lag_s(frame.time, now_s) if frame.pts is not None else 0.0
        if lag_s > LAGS_S and now_s - self.last_s < CATCH_UP_S:
            return  # decoding alone is faster: this one would be the past anyway
        slots = self.slots
        width, height = fit(frame.width, frame.height, slots.width_px, slots.height_px)
        scaled = self._reformat.reformat(frame, width, height, "bgra", interpolation="FAST_BILINEAR", threads=1)
        plane = scaled.planes[0]
        self._serial += 1
        slots.write(memoryview(plane), plane.line_size, width, height, time.time_ns() - int(lag_s * 1e9), self._serial)
        self.last_s = now_s
        if not self.live:
            self.live = True
            self._news.state(self.number, "live", width=frame.width, height=frame.height)
        self._news.frame(self.number)

    def check(self, now_s: float) -> None:
        """From the worker's tick: a live stream that fell silent is stale."""
        if self.live and now_s - self.last_s > STALE_S:
            self.live = False
            self._news.state(self.number, "stale", "silent")
        if self.grab is not None and self.last_s and now_s - self.last_s > MUTE_S and not self.closed.is_set():
            self.end(now_s)
            self._news.state(self.number, "lost", "silent")

    def end(self, now_s: float) -> None:
        """Have the thread end where it next looks."""
        self.closed_s = now_s
        self.closed.set()

    def hung(self, now_s: float) -> bool:
        """Whether the kernel keeps the thread of a device that was to end."""
        return self.grab is not None and self.closed.is_set() and self.is_alive() and now_s - self.closed_s > HUNG_S


def fit(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """The largest even size of the same aspect within the asked one; never larger than the source."""
    scale = min(1.0, most_width / width, most_height / height)
    if scale == 1.0:
        return width, height
    return max(2, int(width * scale) & ~1), max(2, int(height * scale) & ~1)


_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "timeout"),
    (av.error.ExitError, "timeout"),
    (av.error.HTTPUnauthorizedError, "login"),
    (av.error.HTTPForbiddenError, "login"),
    (av.error.HTTPNotFoundError, "not found"),
    (FileNotFoundError, "not found"),
    (av.error.HTTPError, "refused"),
    (ConnectionError, "refused"),
    (av.error.InvalidDataError, "bad data"),
    (LookupError, "no video"),
    (IsADirectoryError, "not found"),
    (EOFError, "ended"),
)


_ERRNOS: Final = {
    errno.EBUSY: "busy",
    errno.EACCES: "no access",
    errno.EPERM: "no access",
    errno.ENODEV: "unplugged",
    errno.ENXIO: "unplugged",
    errno.ENOTTY: "no capture device",
    errno.EINVAL: "form refused",
}
"""What a capture device answers."""


def reason(error: BaseException) -> str:
    """Why a stream ended, in one or two words that bear no address."""
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        return _ERRNOS[error.errno]
    for kind, word in _REASONS:
        if isinstance(error, kind):
            return word
    return type(error).__name__


class Worker:
    """Takes orders until the socket ends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._news = News(sock)
        self._streams: dict[int, Stream] = {}
        self._ended: list[Stream] = []
        self._lock = threading.Lock()
        self._over = threading.Event()

    def run(self) -> None:
        """Until the console closes the socket."""
        threading.Thread(target=self._tick, name="tick", daemon=True).start()
        self._news.beat()
        try:
            while order := self._order():
                self._take(*order)
        finally:
            self._over.set()

    def _order(self) -> tuple[dict[str, Any], list[int]] | None:
        """The next order with its files; None: the socket has ended."""
        try:
            message, fds, _, _ = socket.recv_fds(self._sock, 1 << 16, 1)
        except ConnectionError:
            return None
        return (json.loads(message), fds) if message else None

    def _tick(self) -> None:
        while not self._over.wait(TICK_S):
            now_s = time.monotonic()
            with self._lock:
                streams = list(self._streams.values())
            for stream in streams:
                stream.check(now_s)
            if any(stream.hung(now_s) for stream in (*streams, *self._ended)):
                os._exit(1)
            self._ended = [stream for stream in self._ended if stream.is_alive()]
            self._news.tell_late()
            self._news.beat()

    def _take(self, order: dict[str, Any], fds: list[int]) -> None:
        number = int(order["stream"])
        slots = None
        if fds:
            slots = Slots(fds[0], int(order["width"]), int(order["height"]))
            os.close(fds[0])
        with self._lock:
            if order["do"] == "open" and slots is not None:
                self._close(number)
                grab = order.get("grab")
                stream = self._streams[number] = Stream(number, order["url"], self._news, slots, grab)
                stream.start()
            elif order["do"] == "size" and slots is not None and number in self._streams:
                self._streams[number].slots = slots
            elif order["do"] == "close":
                self._close(number)

    def _close(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None:
            stream.end(time.monotonic())
            self._ended.append(stream)


def main() -> int:
    """Entry point; the process is left by `_exit`, since decoder threads may be waiting for a network."""
    parser = argparse.ArgumentParser(prog="python -m console.client.decode", description="decode worker of a console")
    parser.add_argument("--fd", type=int, required=True, help="inherited socket (SOCK_SEQPACKET)")
    parser.add_argument("--parent-pid", type=int, required=True, help="process to die with")
    arguments = parser.parse_args()
    die_with_parent(arguments.parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=arguments.fd) as sock:
        Worker(sock).run()
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
