"""What a window lays over its tiles: a bar along the upper edge is kept clear of, a plate in a corner is not a bar."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from widgets.kit.covers import bar_over, right_of


def test_a_bar_over_a_tile_has_its_height_and_a_plate_only_ends_rows(qapp: QApplication) -> None:
    window = QWidget()
    window.resize(800, 600)
    left, below = QWidget(window), QWidget(window)
    left.setGeometry(0, 0, 800, 300)
    below.setGeometry(0, 300, 800, 300)
    bar, plate = QWidget(window), QWidget(window)
    bar.setGeometry(0, 0, 800, 64)
    plate.setGeometry(650, 316, 140, 40)
    window.show()
    assert bar_over(below) == 0
    assert right_of(below, below.rect().adjusted(0, 0, 0, -250)) == 650
    inner = QWidget(left)
    inner.setGeometry(0, 0, 800, 300)
    inner.show()
    assert bar_over(inner) == 64
    window.close()
    window.deleteLater()
