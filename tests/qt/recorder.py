"""A panel for tests of the shell: it keeps what it is given; in a module of its own so that the resolver finds it."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.api import NS, EvidenceDraft, Frame, Header, Host, PanelSpec, Selector, Text, Value
from tests.shell_fakes import NOW_NS


class Nothing(Value, frozen=True):
    """No settings."""

    fail: str = ""


class Recorder(QWidget):
    """A panel that keeps what it is given, and raises where its settings say."""

    def __init__(self, host: Host, settings: Any) -> None:
        super().__init__()
        self.host = host
        self.frames: list[Frame] = []
        self.configured = 0
        self.closed = False
        self.restored: dict[str, Any] = {}
        self._fail = getattr(settings, "fail", "")
        self._maybe("init")
        host.subscribe(Selector(ids=("s1",)))
        host.header(Header(scope="here", data_ns=NOW_NS - NS))

    def _maybe(self, where: str) -> None:
        if self._fail == where:
            raise RuntimeError(f"failed on purpose in {where}")

    def update_frame(self, frame: Frame) -> None:
        self._maybe("frame")
        self.frames.append(frame)
        self.update()

    def configure(self, settings: Any) -> None:
        self.configured += 1

    def view_state(self) -> dict[str, Any]:
        return {"frames": len(self.frames)}

    def restore(self, state: dict[str, Any]) -> None:
        self.restored = state

    def freeze(self) -> EvidenceDraft:
        return EvidenceDraft(title=Text("x"), t_ns=0, source="")

    def close_panel(self) -> None:
        self.closed = True
        self._maybe("close")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._maybe("paint")
        finally:
            painter.end()


SPEC = PanelSpec(id="rec", title=Text("记录", "Recorder"), factory="tests.qt.recorder:Recorder", settings=Nothing)
