"""What the painted texts of a panel are, which of them are cut, and Chinese for a while; knows no panel."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QRectF, Qt, QTranslator
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from widgets.kit.text import draw_elided

TRANSLATIONS = Path(__file__).parents[2] / "resources" / "translations"


class Seen:
    """Stands between the widgets imported by now and `draw_elided`, and writes down what goes through."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.cut: list[str] = []
        for name, module in list(sys.modules.items()):
            if name.startswith("widgets.") and name != "widgets.kit.text" and hasattr(module, "draw_elided"):
                patch.setattr(module, "draw_elided", self._draw)

    def _draw(self, p: QPainter, rect: QRectF, flags: Qt.AlignmentFlag | int, text: str) -> None:
        if text:
            self.texts.append(text)
            if QFontMetricsF(p.font()).horizontalAdvance(text) > rect.width() + 0.5:
                self.cut.append(text)
        draw_elided(p, rect, flags, text)

    def of(self, widget: QWidget) -> str:
        """All such texts that `widget` paints now, a line each."""
        self.texts.clear()
        self.cut.clear()
        widget.grab()
        return "\n".join(self.texts)


@contextmanager
def speaking(language: str, folder: Path) -> Iterator[None]:
    """The panels' texts in `language` while the block runs, compiled into `folder` from what is in the repository."""
    if language == "en":
        yield
        return
    compiled = folder / "lists_zh.qm"
    tool = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    subprocess.run([tool, "-silent", TRANSLATIONS / "lists_zh.ts", "-qm", compiled], check=True)
    translator = QTranslator()
    assert translator.load(str(compiled))
    QCoreApplication.installTranslator(translator)
    try:
        yield
    finally:
        QCoreApplication.removeTranslator(translator)
