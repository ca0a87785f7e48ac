"""One camera's picture over two screens: each shows its crop of it, bezels behind it, and words stand once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from console.api import NS, Camera, Text
from layouts.canvas import spanned
from layouts.tree import VERSION, Layout, Part, Screen, numbered
from tests.qt.test_video import VideoHost
from widgets.video.panel import VideoPanel
from widgets.video.spec import VideoSettings

BEZEL_MM: Final = 20.0
FILM: Final = Part(panel="video", span="film")
SCREENS: Final = (
    Screen(name="a", tree=FILM, pitch_mm=0.5, text_px=16.0, size_px=(640, 720), at_mm=(0.0, 0.0)),
    Screen(name="b", tree=FILM, pitch_mm=0.25, text_px=32.0, size_px=(1200, 1440), at_mm=(320 + BEZEL_MM, 0.0)),
)
WHOLE_MM: Final = (640.0, 360.0)


@pytest.fixture
def film(qapp: QApplication) -> Iterator[list[tuple[VideoHost, VideoPanel]]]:
    """Both halves, with three cameras to choose from."""
    layout = numbered(Layout(version=VERSION, id="w", title=Text("w"), role="wall", screens=SCREENS))
    parts = spanned(layout, dict.fromkeys(("a/0", "b/0"), (0.0, 0.0, 1.0, 1.0)))
    made = []
    for screen in SCREENS:
        host = VideoHost(role="wall", language="en")
        host.text_px = screen.text_px
        host.spanned = parts[f"{screen.name}/0"]
        for i in range(3):
            host.put(Camera(id=f"c{i}", name=Text(f"相机 {i}", f"Camera {i}")))
        panel = VideoPanel(host, VideoSettings(mode="rotate", rotate_s=10))
        panel.resize(*screen.size_px)
        panel.show()
        panel.update_frame(host.frame(seeked=True))
        made.append((host, panel))
    yield made
    for _, panel in made:
        panel.close_panel()
        panel.close()
        panel.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pixels(panel: VideoPanel) -> npt.NDArray[np.uint8]:
    image = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    array = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return array[:, : image.width(), 2::-1].copy()


def ramp(width: int, height: int) -> npt.NDArray[np.uint8]:
    """A picture whose red tells how far right a pixel is, and whose green how far down."""
    made = np.zeros((height, width, 4), np.uint8)
    made[:, :, 2] = np.linspace(0, 255, width)[None, :]
    made[:, :, 1] = np.linspace(0, 255, height)[:, None]
    return made


def test_each_screen_shows_its_crop(film: list[tuple[VideoHost, VideoPanel]]) -> None:
    for host, panel in film:
        (feed,) = [f for f in host.feeds.values() if not f.closed]
        feed.give(ramp(1280, 720))
        panel.update_frame(host.frame(seeked=True))
    for (_, panel), screen in zip(film, SCREENS, strict=True):
        assert screen.at_mm is not None
        seen = pixels(panel)
        height, width = seen.shape[:2]
        for column in (5, width // 2, width - 6):
            for row in (height // 3, height - 6):
                x_mm = screen.at_mm[0] + (column + 0.5) * screen.pitch_mm
                y_mm = (row + 0.5) * screen.pitch_mm
                wanted = [255 * x_mm / WHOLE_MM[0], 255 * y_mm / WHOLE_MM[1]]
                assert [float(v) for v in seen[row, column, :2]] == pytest.approx(wanted, abs=2.5), (
                    screen.name,
                    column,
                )


def test_both_ask_for_the_whole_and_for_the_same_camera(film: list[tuple[VideoHost, VideoPanel]]) -> None:
    for host, panel in film:
        host.now_ns = 1_784_315_667 * NS
        panel.update_frame(host.frame())
    now = [next(c for c, f in host.feeds.items() if not f.closed) for host, _ in film]
    assert now[0] == now[1]
    for host, panel in film:
        host.now_ns += 10 * NS
        panel.update_frame(host.frame())
    after = [next(c for c, f in host.feeds.items() if not f.closed) for host, _ in film]
    assert after[0] == after[1] != now[0], "in turn by the node's clock, on whatever machine"


def test_the_name_stands_below_a_bar_of_the_window(film: list[tuple[VideoHost, VideoPanel]]) -> None:
    host, panel = film[0]
    window = QWidget()
    window.resize(640, 720)
    panel.setParent(window)
    bar = QWidget(window)
    bar.setGeometry(0, 0, 640, 50)
    window.show()
    panel.show()
    (feed,) = [f for f in host.feeds.values() if not f.closed]
    feed.give(np.full((720, 1280, 4), 90, np.uint8))
    panel.update_frame(host.frame(seeked=True))
    seen = pixels(panel)
    assert int(seen[:50].max()) == 90 and int(seen[50:78].max()) > 150
    panel.setParent(None)
    window.hide()
    window.deleteLater()


def test_the_name_stands_once(film: list[tuple[VideoHost, VideoPanel]]) -> None:
    for host, panel in film:
        (feed,) = [f for f in host.feeds.values() if not f.closed]
        feed.give(np.full((720, 1280, 4), 90, np.uint8))
        panel.update_frame(host.frame(seeked=True))
    first, second = (pixels(panel) for _, panel in film)
    assert int(first[:28].max()) > 150, "the bar with its name"
    assert (int(second.min()), int(second.max())) == (90, 90), "on the others the picture alone"
