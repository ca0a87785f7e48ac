"""The one QApplication of a test process, with the console's fonts, look and web scheme, whoever asks for it first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.shell import theme
from widgets.kit.text import load_fonts
from widgets.kit.web import register_scheme

FONTS = Path(__file__).parents[1] / "build" / "assets" / "fonts"


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """Made once; it lives as long as the process. WebEngine's scheme must be known before it is made."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox")
    register_scheme()
    app = QApplication(["yilan-tests"])
    app.setQuitOnLastWindowClosed(False)
    load_fonts(FONTS)
    theme.apply(app)
    return app
