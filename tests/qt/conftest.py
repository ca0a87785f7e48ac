"""Panels made for a test and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.fakes import FakeHost
from tests.qt.panel_making import Factory, Make
from widgets.kit.body import PanelBody


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
