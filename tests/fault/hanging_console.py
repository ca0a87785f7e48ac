"""The console with a fault: its first run opens another layout and then blocks its own loop for good; the next one says
what it shows and is told, and quits."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path

from console.app import Console, make_application
from console.control_pipe import listen, read_boot, tell
from console.posix import tell_stacks

OTHER = "people"


def known(marker: Path) -> bool:
    """Whether a run before has hung."""
    return marker.exists()


def keep(marker: Path) -> None:
    """This run is about to."""
    marker.touch()


def hang() -> None:
    """As a driver or a lock that never comes back."""
    threading.Event().wait()


async def _run(console: Console, marker: Path) -> None:
    console.start()
    if not known(marker):
        console.tiling.open(OTHER)
        while any(tile.waits_to_be_made for tile in console.stage.tiles):
            await asyncio.sleep(0.05)
        keep(marker)
        hang()
    while not any(notice.key == "child:console" for notice in console.notices.all()):
        await asyncio.sleep(0.05)
    told = next(notice for notice in console.notices.all() if notice.key == "child:console")
    tell({"again": {"layout": console.stage.layout_id, "said": [told.summary.zh, told.summary.of("en")]}})
    await console.stop()


def main() -> int:
    """Entry point of `python -m tests.fault.hanging_console`."""
    tell_stacks()
    boot = read_boot()
    app, loop = make_application()
    with loop:
        console = Console(app, boot, tell)
        listen(loop, console.hear, console.ended.set)
        loop.run_until_complete(_run(console, Path(boot.state) / "hung"))
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
