"""Draws the demo's camera clips (`python -m console.node.cameras.render --out build/clips`); knows no server.

Seeded: the same code makes the same pictures. A clip whose code has not changed since is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import time
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from console.api import Value
from console.node.cameras.scenes import canvas, city, lifeline, nature

SEED: Final = 20260718
FPS: Final = 25
SECONDS: Final = 20
MAIN: Final = (640, 360, 800_000)
SUB: Final = (320, 180, 240_000)
"""Width, height, bit/s."""
INDEX: Final = "index.json"
_LIMITED: Final = np.array([16 + round(i * 219 / 255) for i in range(256)], np.uint8)


class Drawn(Protocol):
    """A scene: drawn at any phase of its loop."""

    mode: canvas.Mode
    grain: float

    def draw(self, u: float) -> Image.Image: ...


SCENES: Final[dict[str, type]] = {
    # those that take longest come first, so that the last one is not waited for alone
    "avenue": city.Avenue,
    "metro_gate": city.MetroGate,
    "arrivals": city.Arrivals,
    "square": city.Square,
    "bridge": nature.Bridge,
    "valve_room": lifeline.ValveRoom,
    "river_gauge": nature.RiverGauge,
    "underpass": nature.Underpass,
    "substation": lifeline.Substation,
    "tank_farm": lifeline.TankFarm,
    "manhole": lifeline.Manhole,
    "slope": nature.Slope,
}


class Job(Value, frozen=True):
    """One clip to make: `main` and `sub` are its files."""

    scene: str
    main: str
    sub: str
    seed: int = SEED
    seconds: float = SECONDS
    fps: int = FPS


def pictures(scene: str, seed: int = SEED, seconds: float = SECONDS, fps: int = FPS) -> Iterator[npt.NDArray[np.uint8]]:
    """All pictures of a scene's loop, u8 (360, 640) for grey scenes, (360, 640, 3) RGB for coloured ones."""
    rng = np.random.default_rng([seed, zlib.crc32(scene.encode())])
    drawn: Drawn = SCENES[scene](rng)
    sensor = canvas.Sensor(rng, drawn.grain, fps)
    total = round(seconds * fps)
    for number in range(total):
        yield sensor.take(drawn.draw(number / total), number)


def _frame(pixels: npt.NDArray[np.uint8]) -> VideoFrame:
    if pixels.ndim == 3:
        return VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
    height, width = pixels.shape
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    np.take(_LIMITED, pixels, out=planes[:height])
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def _stream(container: av.container.OutputContainer, size: tuple[int, int, int], fps: int) -> VideoStream:
    width, height, rate = size
    options = {
        "preset": "veryfast", "bf": "0", "refs": "1", "g": str(fps), "keyint_min": str(fps), "sc_threshold": "0",
        "maxrate": str(rate), "bufsize": str(rate), "profile": "main", "threads": "1",
    }  # fmt: skip
    stream = container.add_stream("libx264", rate=fps, options=options)
    stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", rate
    return stream


def render(job: Job) -> dict[str, object]:
    """Draw and encode one clip; both files appear whole or not at all."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    began = time.monotonic()
    parts = [Path(f"{job.main}.{os.getpid()}.part.mp4"), Path(f"{job.sub}.{os.getpid()}.part.mp4")]
    with av.open(str(parts[0]), "w") as main, av.open(str(parts[1]), "w") as sub:
        made = [(main, _stream(main, MAIN, job.fps), MAIN), (sub, _stream(sub, SUB, job.fps), SUB)]
        for number, pixels in enumerate(pictures(job.scene, job.seed, job.seconds, job.fps)):
            whole = _frame(pixels)
            for container, stream, (width, height, _) in made:
                frame = whole if whole.width == width else whole.reformat(width, height)
                frame.pts, frame.time_base = number, Fraction(1, job.fps)
                container.mux(stream.encode(frame))
        for container, stream, _ in made:
            container.mux(stream.encode(None))
    for part, target in zip(parts, (job.main, job.sub), strict=True):
        part.replace(target)
    size = Path(job.main).stat().st_size
    return {
        "scene": job.scene,
        "kbit_s": round(size * 8 / job.seconds / 1000),
        "fps": job.fps,
        "seconds": job.seconds,
        "took_s": round(time.monotonic() - began, 1),
    }


def fingerprint() -> str:
    """Changes with the code that draws and encodes, and with the encoder."""
    digest = hashlib.sha256(repr((SEED, FPS, SECONDS, MAIN, SUB, av.__version__)).encode())
    for file in [Path(__file__), *sorted((Path(__file__).parent / "scenes").glob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def missing(out: Path, key: str) -> list[Job]:
    """The clips that have to be made."""
    try:
        index = json.loads((out / INDEX).read_text("utf-8"))
        done = set(index["clips"]) if index["key"] == key else set()
    except (OSError, ValueError, KeyError, TypeError):
        done = set()
    jobs = [Job(scene=s, main=str(out / f"{s}.mp4"), sub=str(out / f"{s}-sub.mp4")) for s in SCENES]
    return [job for job in jobs if job.scene not in done or not (Path(job.main).exists() and Path(job.sub).exists())]


def main() -> int:
    """Entry point; prints one line a clip."""
    parser = argparse.ArgumentParser(
        prog="python -m console.node.cameras.render", description="the demo's camera clips"
    )
    parser.add_argument("--out", type=Path, default=Path("build/clips"))
    parser.add_argument("--only", default="", help="one scene, drawn even if it is up to date")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    key = fingerprint()
    jobs = missing(out, key)
    if arguments.only:
        jobs = [
            Job(
                scene=arguments.only,
                main=str(out / f"{arguments.only}.mp4"),
                sub=str(out / f"{arguments.only}-sub.mp4"),
            )
        ]
    done: dict[str, dict[str, object]] = {name: {} for name in SCENES if name not in {job.scene for job in jobs}}
    if not jobs:
        print("camera clips: up to date", flush=True)
        return 0
    began = time.monotonic()
    # "spawn": the children import only what drawing needs, whatever their parent holds
    with multiprocessing.get_context("spawn").Pool(min(len(jobs), os.cpu_count() or 1)) as pool:
        for number, made in enumerate(pool.imap_unordered(render, jobs), 1):
            done[str(made["scene"])] = made
            print(
                f"camera clips: {number}/{len(jobs)} {made['scene']} ({made['kbit_s']} kbit/s, {made['took_s']} s)",
                flush=True,
            )
            _write_index(out, key, done)
    print(f"camera clips: {len(jobs)} drawn in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _write_index(out: Path, key: str, done: dict[str, dict[str, object]]) -> None:
    partial = out / f"{INDEX}.new"
    partial.write_text(json.dumps({"key": key, "clips": done}, indent=1), "utf-8")
    partial.replace(out / INDEX)


if __name__ == "__main__":
    sys.exit(main())
