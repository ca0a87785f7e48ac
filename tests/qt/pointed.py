"""A panel for tests of presenting: it knows places, moves its content when told, and counts what it paints."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QColor, QPainter, QPaintEvent

from console.api import Host, Pointed
from tests.qt.recorder import Recorder

GROUND = QColor("#203040")


class PointedPanel(Recorder):
    """Content is 10 units wide and high, whatever the size; `shift` moves it by units to the right."""

    def __init__(self, host: Host, settings: Any) -> None:
        super().__init__(host, settings)
        self.shift = 0.0
        self.keys: list[int] = []
        self.state: dict[str, Any] = {"lon": 1.0, "lat": 2.0, "zoom": 3.0, "layers": []}

    def view_state(self) -> dict[str, Any]:
        return dict(self.state)

    def content_at(self, x: float, y: float, of: str = "") -> Pointed | None:
        return Pointed(x / self.width() * 10 - self.shift, y / self.height() * 10)

    def point_of(self, pointed: Pointed) -> tuple[float, float] | None:
        return (pointed.a + self.shift) / 10 * self.width(), pointed.b / 10 * self.height()

    def keyPressEvent(self, event: Any) -> None:
        self.keys.append(event.key())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), GROUND)
