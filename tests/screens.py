"""A screen for the real program where there is none: an X server of our own, or Qt's offscreen one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SIZE = (1920, 1080)


def plain_environment() -> dict[str, str]:
    """This process' environment without any display."""
    without = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {key: value for key, value in os.environ.items() if key not in without}


def offscreen(folder: Path, screens: int = 1) -> dict[str, str]:
    """Environment of Qt's offscreen platform with full-HD screens side by side; its file lies in `folder`."""
    return offscreen_of(folder, {f"screen{n}": (*SIZE, 1.0) for n in range(screens)})


def offscreen_of(folder: Path, screens: Mapping[str, tuple[int, int, float]]) -> dict[str, str]:
    """The same with screens of these names, device pixels and scale factors ("dpr" of Qt's file scales no window)."""
    described = []
    along = 0
    for name, (width, height, _) in screens.items():
        at = {"name": name, "x": along, "y": 0, "width": width, "height": height}
        described.append({**at, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1})
        along += width
    path = folder / "screens.json"
    path.write_text(json.dumps({"screens": described}), "utf-8")
    return {
        **plain_environment(),
        "QT_QPA_PLATFORM": f"offscreen:configfile={path}",
        "QT_QUICK_BACKEND": "software",
        "QT_SCREEN_SCALE_FACTORS": ";".join(f"{name}={factor:g}" for name, (_, _, factor) in screens.items()),
    }


@contextmanager
def screen(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """("xvfb" or "offscreen", environment) of one full-HD screen; an X server runs until the end of the block."""
    if shutil.which("Xvfb") is None:
        yield "offscreen", offscreen(folder)
        return
    width, height = SIZE
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(theirs,),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    try:
        with os.fdopen(ours) as told:
            number = told.readline().strip()
        if number:
            yield "xvfb", {**plain_environment(), "DISPLAY": f":{number}"}
        else:
            yield "offscreen", offscreen(folder)
    finally:
        server.terminate()
        server.wait()
