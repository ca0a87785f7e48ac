"""A clip whose pictures say their own number in eight bars, so that a test can read which one it sees."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

WIDTH, HEIGHT, FPS = 256, 144, 25


def picture_of(number: int) -> npt.NDArray[np.uint8]:
    """Picture `number` (0…255), u8 (144, 256): bar k is white where bit k is set."""
    bits = [(number >> k) & 1 for k in range(8)]
    return np.repeat(np.array(bits, np.uint8) * 200 + 20, WIDTH // 8)[None, :].repeat(HEIGHT, axis=0)


def number_of(bgra: npt.NDArray[np.uint8]) -> int:
    """The number that a decoded picture of any size says."""
    width = bgra.shape[1] // 8
    bars = [bgra[4:-4, k * width + width // 4 : (k + 1) * width - width // 4, 1].mean() for k in range(8)]
    return sum(1 << k for k, level in enumerate(bars) if level > 120)


def write_clip(file: Path, pictures: int = 50, codec: str = "libx264") -> Path:
    """Pictures 0 to `pictures` − 1 at 25 a second, a key frame every ten."""
    with av.open(str(file), "w") as out:
        stream = out.add_stream(codec, rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.gop_size = 10
        if codec == "libx264":
            stream.options = {"bf": "0", "preset": "ultrafast", "crf": "20", "threads": "1", "sc_threshold": "0"}
        for number in range(pictures):
            frame = VideoFrame.from_ndarray(picture_of(number), format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file
