"""The one QApplication of the Qt tests, with the console's fonts and look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from console.shell import theme
from tests.fakes import FakeHost
from tests.qt.panel_making import Factory, Make
from widgets.kit.body import PanelBody
from widgets.kit.text import load_fonts
from widgets.kit.web import register_scheme

FONTS = Path(__file__).parents[2] / "build" / "assets" / "fonts"


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """Made once; it lives as long as the process."""
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


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    """Panels over a fake host, shown with their first frame, closed after the test."""
    panels: list[PanelBody[Any]] = []

    def made(host: FakeHost, factory: Factory, width: int, height: int) -> PanelBody[Any]:
        panel = factory(host)
        panels.append(panel)
        panel.resize(width, height)
        panel.show()
        panel.update_frame(host.frame(seeked=True))
        return panel

    yield made
    for panel in panels:
        panel.close_panel()
        panel.close()
        panel.deleteLater()
    QApplication.sendPostedEvents()
