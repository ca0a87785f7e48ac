"""A host whose way out is the console's own: an operator's file in a folder, sockets and workers in one loop.

The loop runs in steps between Qt's events (`until`), so that a panel's page and its coroutines go on side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from console.api import NS, Feed
from console.client.media import Media
from console.client.outside import FILE, WayOut
from console.tasks import Tasks
from tests.fakes import FakeHost
from widgets.kit.body import PanelBody

WITHIN_S = 45.0


class OutsideHost(FakeHost):
    """`allow` writes the operator's file; `now_ns` goes with the machine's clock; spawned work runs."""

    def __init__(self, folder: Path, **given: Any) -> None:
        super().__init__(**given)
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self.tasks = Tasks(self._failed)
        self.failures: list[BaseException] = []
        self.media = Media(self.tasks)
        self.outside = self.way = WayOut(folder, self.media)
        self._began_ns, self._began_s = self.now_ns, time.monotonic()
        self._skipped_s = 0.0

    def _failed(self, _name: str, error: BaseException) -> None:
        self.failures.append(error)

    def allow(self, text: str) -> None:
        """What the operator's file says from now on."""
        (self.folder / FILE).write_text(text, encoding="utf-8")

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run it in our loop."""

        async def begin() -> None:
            self.tasks.start(name, work, owner=self)

        self.loop.run_until_complete(begin()) if not self.loop.is_running() else self.tasks.start(
            name, work, owner=self
        )

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        """A capture device's pictures, by a real worker."""

        async def made() -> Feed:
            return self.way.feed(camera_id, stream)

        return self.loop.run_until_complete(made())

    def until(self, panel: Any, condition: Callable[[], bool], what: str = "") -> None:
        """Let everything run until the condition holds; the panel gets its frames. Fails after a generous time."""
        end_s = time.monotonic() + WITHIN_S
        while not condition():
            assert time.monotonic() < end_s, what or f"never came: {condition.__name__}; card: {_card(panel)}"
            self.turn(panel)

    def turn(self, panel: Any) -> None:
        """One step of everything."""
        self.loop.run_until_complete(asyncio.sleep(0.002))
        QTest.qWait(5)
        self.now_ns = self._began_ns + int((time.monotonic() - self._began_s + self._skipped_s) * NS)
        panel.update_frame(self.frame())

    def pass_s(self, seconds: float) -> None:
        """The host's clock (not that of waiting) goes on by so much at once."""
        self._skipped_s += seconds

    def close(self) -> None:
        """End what runs."""

        async def end() -> None:
            await self.media.close()
            await self.tasks.close()

        self.loop.run_until_complete(end())
        with contextlib.suppress(RuntimeError):
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


def end_panel(panel: PanelBody[Any] | None) -> None:
    """Close what a test has shown, before its host."""
    if panel is not None:
        panel.close_panel()
        panel.hide()
        panel.deleteLater()


def _card(panel: Any) -> str:
    said = getattr(getattr(panel, "card", None) or getattr(panel, "_card", None), "said", None)
    return " | ".join((said.head, *said.lines)) if said is not None else ""
