"""A wall as its screens look now, small, in a widget; asks for pictures while it is seen, and knows not what is next.

Part of the composition root: `WallThumbnail(session)`, then `show_wall(wall)` whenever it may have changed.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from console.api import Wall
from console.shell.session import Session
from widgets.kit.thumbnails import Thumbnails
from widgets.kit.tokens import look

EM_PX: Final = 11.0
AGES_MS: Final = 1_000


class WallThumbnail(QWidget):
    """See the module; it has the shape that its layout gives it, and the wall stands in its middle."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._wall: Wall | None = None
        self._screens = Thumbnails(lambda id_: session.desk.feed(id_, "main"), self.update)
        self._ages = QTimer(self)
        self._ages.setInterval(AGES_MS)
        self._ages.timeout.connect(self.update)

    @property
    def screens(self) -> Thumbnails:
        """What it shows."""
        return self._screens

    def show_wall(self, wall: Wall | None) -> None:
        """Show this wall; None: nothing."""
        self._wall = wall
        scene = wall.scene if wall is not None else None
        self._screens.show(
            wall.id if wall is not None else "", scene.layout if scene is not None else "", seen=self.isVisible()
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, round(320 / self._screens.hanging.aspect))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()
        self.show_wall(self._wall)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ages.stop()
        self._screens.close()

    def close_screens(self) -> None:
        """Ask for no pictures any more; before it goes."""
        self._ages.stop()
        self._screens.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        p.fillRect(event.rect(), look.tokens.tile)
        desk, code = self._session.desk, self._session.language.code
        self._screens.paint(p, QRectF(self.rect()), EM_PX, desk.now_ns, code, ratio=self.devicePixelRatio())
