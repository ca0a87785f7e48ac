"""How a wall looks now, small, beside the scene that is prepared for it; paints what its machines send, and no more.

Part of the composition root, owned by console.walls.preview.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.api import Feed, Wall, YilanError
from console.shell.session import Session
from widgets.kit.thumbnails import Thumbnails

HIGH_PX: Final = 128
MOST_PX: Final = 400
EM_PX: Final = 11.0


class NowShown(QWidget):
    """See the module; nothing, and without room, while no scene stands on the wall."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._screens = Thumbnails(self._feed, self.update)
        self.hide()

    def _feed(self, name: str) -> Feed:
        return self._session.desk.feed(name, "main")

    def show_wall(self, wall: Wall | None) -> None:
        """From now on paint this one."""
        scene = wall.scene if wall is not None else None
        if wall is None or scene is None:
            self._screens.close()
            self.hide()
            return
        try:
            self._screens.show(wall.id, scene.layout)
        except YilanError:  # of a node without pictures; the words beside it say what stands there
            self._screens.close()
            self.hide()
            return
        self.setFixedSize(round(min(MOST_PX, HIGH_PX * self._screens.hanging.aspect)), HIGH_PX)
        self.show()
        self.update()

    def close_feeds(self) -> None:
        """Read nothing more."""
        self._screens.close()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._screens.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        now_ns, code = self._session.desk.now_ns, self._session.language.code
        self._screens.paint(p, QRectF(self.rect()), EM_PX, now_ns, code, ratio=self.devicePixelRatioF())
