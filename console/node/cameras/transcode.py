"""Turns a file of another codec into H.264 (`python -m console.node.cameras.transcode IN OUT`), at lowest priority."""

from __future__ import annotations

import argparse
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from console.posix import die_with_parent

MOST_S: Final = 600.0
"""Only so much of a clip is taken: a looping camera needs no more."""
OPTIONS: Final = {"preset": "veryfast", "crf": "24", "bf": "0", "g": "25", "threads": "1", "keyint_min": "25"}


def transcode(source: Path, target: Path) -> None:
    """Write `target` whole or not at all; raises av's errors and LookupError where there is no video."""
    partial = target.with_suffix(".part.mp4")
    with av.open(str(source)) as given, av.open(str(partial), "w") as made:
        if not given.streams.video:
            raise LookupError("no video")
        video = given.streams.video[0]
        video.codec_context.thread_count = 1
        rate = video.average_rate or Fraction(25)
        out = made.add_stream("libx264", rate=rate, options=dict(OPTIONS))
        out.width, out.height, out.pix_fmt = video.width & ~1, video.height & ~1, "yuv420p"
        base = Fraction(1, 1) / rate
        for number, frame in enumerate(given.decode(video)):
            if number * float(base) > MOST_S:
                break
            picture = frame.reformat(out.width, out.height, "yuv420p")
            picture.pts, picture.time_base = number, base
            made.mux(out.encode(picture))
        made.mux(out.encode(None))
    partial.replace(target)


def main() -> int:
    """Entry point; exit code 1 where the file cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--parent-pid", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.parent_pid:
        die_with_parent(arguments.parent_pid)
    os.nice(10)
    try:
        transcode(arguments.source, arguments.target)
    except (OSError, LookupError, av.error.FFmpegError) as error:
        print(f"{arguments.source.name}: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
