"""The console's end of the control pipe: lines of the supervisor in, lines to it out; knows no window.

The first line in is the boot line; the pipe's end is the supervisor's death.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

log = logging.getLogger(__name__)
END_S: Final = 5.0
"""How long the written shutdown may take once the supervisor has gone."""


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """The console's boot line. `build`: where set-up put fonts, assets and translations; `began_ns`: when we began."""

    state: str
    build: str
    layout: str = ""
    language: Literal["zh", "en"] = "zh"
    theme: Literal["night", "day"] = "night"
    role: Literal["desk", "wall"] = "desk"
    wall: str = ""
    """Id of the wall whose scenes these screens show, "" none; `machine`: which of its machines this is."""
    machine: str = ""
    events: bool = False
    began_ns: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A later line of the supervisor."""

    node: dict[str, str] | None = None
    notice: dict[str, Any] | None = None
    clear: str = ""


def read_boot() -> Boot:
    """The first line of the control pipe."""
    return msgspec.json.decode(sys.stdin.buffer.readline(), type=Boot)


def listen(loop: asyncio.AbstractEventLoop, hear: Callable[[Line], None], ended: Callable[[], None]) -> None:
    """Read the control pipe in a daemon thread; its end, the supervisor's death, ends the console, if need be hard."""

    def read() -> None:
        for data in sys.stdin.buffer:
            try:
                line = msgspec.json.decode(data, type=Line)
            except msgspec.DecodeError:
                log.exception("a line of the supervisor")
                continue
            loop.call_soon_threadsafe(hear, line)
        loop.call_soon_threadsafe(ended)
        threading.Event().wait(END_S)
        os._exit(1)  # the written shutdown hangs, and nobody is left who would kill us

    threading.Thread(target=read, name="control", daemon=True).start()


def tell(line: dict[str, Any]) -> None:
    """One JSON line to the supervisor."""
    try:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        pass
