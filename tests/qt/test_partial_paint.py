"""What is painted bit by bit looks as if it had been painted at once: strips, a chart, the board, the alarm list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

from console.api import NS, Frame
from tests.curves_host import CurvesHost, calm, storm
from tests.fakes import FakeHost
from tests.qt.steps import settle
from tests.scenes import storm as city
from widgets.alarms.panel import AlarmsPanel
from widgets.alarms.spec import AlarmsSettings
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.chart.panel import ChartPanel
from widgets.chart.spec import ChartSettings
from widgets.kit.blink import blink
from widgets.strips.panel import StripsPanel
from widgets.strips.spec import StripsSettings

CURVES: dict[str, Callable[[CurvesHost], Any]] = {
    "strips": lambda host: StripsPanel(host, StripsSettings(count=5)),
    "chart": lambda host: ChartPanel(host, ChartSettings(companion="none")),
}
LISTS: dict[str, Callable[[FakeHost], Any]] = {
    "board_matrix": lambda host: BoardMatrixPanel(host, BoardMatrixSettings()),
    "alarms": lambda host: AlarmsPanel(host, AlarmsSettings()),
}
STEPS = 12
SIZE = (620, 420)
Role = Literal["desk", "wall"]


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blinks turns when the test says so: its own clock would turn it between two pictures to be compared."""
    monkeypatch.setattr(blink, "_run", lambda: None)


@pytest.mark.parametrize(("role", "text_px"), [("desk", 13.0), ("wall", 24.0)])
@pytest.mark.parametrize("name", CURVES)
def test_curves_painted_bit_by_bit(qapp: QApplication, name: str, role: Role, text_px: float) -> None:
    host = CurvesHost(role=role, text_px=text_px)
    storm(host)
    calm(host, 6)
    panel = CURVES[name](host)
    show(panel, Frame(now_ns=host.now_ns, seeked=True, entities=frozenset({"alarm", "sensor", "area"})))
    host.settle()
    for step in range(STEPS):
        host.now_ns += NS
        names = sorted(host.series)[step % 3 :: 3]
        for id_ in names:
            host.add(id_, host.now_ns, float(host.series[id_].v[-1]) * (1 + 0.002 * (step % 5 - 2)))
        go_on(panel, Frame(now_ns=host.now_ns, sensors=frozenset(names)), step)
    assert_whole(panel)
    host.close()


@pytest.mark.parametrize(("role", "text_px"), [("desk", 13.0), ("wall", 24.0)])
@pytest.mark.parametrize("name", LISTS)
def test_lists_painted_bit_by_bit(qapp: QApplication, name: str, role: Role, text_px: float) -> None:
    host = FakeHost(role=role, text_px=text_px)
    city(host)
    panel = LISTS[name](host)
    show(panel, host.frame(seeked=True))
    for step in range(STEPS):
        for id_ in sorted(host.samples)[step % 3 :: 3]:
            v = host.samples[id_][1]
            if isinstance(v, float):
                host.sample(id_, v * (1 + 0.02 * (step % 5 - 2)))
        go_on(panel, host.frame(after_s=1.0), step)
    assert_whole(panel)
    host.close_spawned()


def show(panel: Any, frame: Frame) -> None:
    panel.resize(*SIZE)
    panel.show()
    panel.update_frame(frame)
    settle()


def go_on(panel: Any, frame: Frame, step: int) -> None:
    """A frame, and in every other step what blinks turns too."""
    panel.update_frame(frame)
    if step % 2:
        blink._turn()
    settle()


def assert_whole(panel: Any) -> None:
    """What stands on the screen is what painting it at once gives; then the panel is closed."""
    bit_by_bit, at_once = pixels(panel.screen().grabWindow(panel.winId())), pixels(panel.grab())
    panel.close_panel()
    panel.close()
    panel.deleteLater()
    blink._on = True
    settle()
    other = np.abs(bit_by_bit - at_once).max(axis=2)
    # the smooth edge of a curve differs a little where it was cut, and a bar is not painted anew for part of a pixel
    assert np.count_nonzero(other > 48) <= 16, f"{np.count_nonzero(other > 48)} px"
    assert np.count_nonzero(other > 8) <= other.size * 0.0005, f"{np.count_nonzero(other > 8)} px"


def pixels(picture: QPixmap) -> npt.NDArray[np.int16]:
    """Red, green, blue, i16 (height, width, 3)."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].astype(np.int16).reshape((image.height(), image.width(), 3))
