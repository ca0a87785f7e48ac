"""A layout's tree as widgets: sizes, tabs, one tile over the rest."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.api import Text
from layouts.mosaic import Mosaic, TabRow
from layouts.tree import Part
from tests.qt.steps import settle


def test_a_mosaic_gives_fixed_sizes_and_shares(qapp: QApplication) -> None:
    tree = Part(
        split="h",
        parts=(
            Part(panel="a", px=300, id="a"),
            Part(panel="b", weight=2, id="b"),
            Part(
                weight=1,
                tabs=(Part(panel="c", title=Text("丙", "C"), id="c"), Part(panel="d", title=Text("丁", "D"), id="d")),
            ),
        ),
    )
    mosaic = Mosaic(tree, lambda _part, _tabbed: QWidget(), lambda panel: Text(panel), lambda: "zh")
    mosaic.resize(1208, 400)
    mosaic.show()
    settle()
    a, b, c, d = mosaic.tiles
    assert a.width() == 300
    assert abs(b.width() - 600) <= 1
    assert c.isVisible()
    assert not d.isVisible()
    assert mosaic.reveal("d")
    assert d.isVisible()
    assert not mosaic.reveal("nowhere")
    row = mosaic.findChild(TabRow)
    assert row is not None
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert c.isVisible()
    mosaic.toggle_full(a)
    assert not b.isVisible()
    mosaic.toggle_full(a)
    assert b.isVisible()
    mosaic.close()
    mosaic.deleteLater()
    settle()
