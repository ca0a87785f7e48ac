"""How a window of a wall looks, as a small JPEG, and back to pixels; takes what is painted already, and paints nothing.

Part of the composition root. The window's own memory is read where it holds everything; where a graphics card draws a
part of it (a web view's page), the screen is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QImageWriter
from PySide6.QtQuick import QQuickWindow
from PySide6.QtQuickWidgets import QQuickWidget
from PySide6.QtWidgets import QWidget

from console.shell.boundary import grabbed

WIDTH_PX: Final = 640
COARSE: Final = 4
"""What is so many times as wide is first scaled down to half of that by leaving out pixels."""
QUALITIES: Final = (75, 55, 35, 15)
MOST_BYTES: Final = 256 << 10
JPEG: Final = b"\xff\xd8\xff"
LARGEST_PX: Final = 8192
"""What calls itself larger is no picture of a screen."""


def taken(window: QWidget) -> bytes:
    """A picture of an open window at most 640 px wide, as it is on the screen now; empty where there is none."""
    image = _painted(window)
    if image is None or image.isNull():
        return b""
    if image.width() > COARSE * WIDTH_PX:  # to look at every pixel of it would take as long as a frame may
        image = image.scaledToWidth(COARSE // 2 * WIDTH_PX, Qt.TransformationMode.FastTransformation)
    if image.width() > WIDTH_PX:
        image = image.scaledToWidth(WIDTH_PX, Qt.TransformationMode.SmoothTransformation)
    return packed(image)


def packed(image: QImage) -> bytes:
    """A JPEG of at most 256 kB, empty where it cannot be had."""
    for quality in QUALITIES:
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QImageWriter(buffer, b"jpeg")
        writer.setQuality(quality)
        writer.write(image)
        if 0 < data.size() <= MOST_BYTES:
            return bytes(data.data())
    return b""


def _painted(window: QWidget) -> QImage | None:
    """The memory that the window was painted into, or the part of the screen that it has."""
    if not _drawn_elsewhere(window):
        store: Any = window.backingStore()  # none before it is first shown
        memory = store.paintDevice() if store is not None else None
        # nothing of it is kept: the next repaint may change it, or its size
        if isinstance(memory, QImage) and memory.size() == window.size() * window.devicePixelRatio():
            return memory
    seen = window.screen().grabWindow(window.winId())
    return (grabbed(window) if seen.isNull() else seen).toImage()


def _drawn_elsewhere(window: QWidget) -> bool:
    """Whether a graphics card draws a part of it, which its own memory then lacks."""
    if QQuickWindow.sceneGraphBackend() == "software":
        return False
    return any(view.isVisible() for view in window.findChildren(QQuickWidget))


def unpacked(jpeg: bytes, width_px: int, height_px: int) -> npt.NDArray[np.uint8] | None:
    """The pixels, u8 (height, width, 4) BGRA, scaled down to fit; None where it is no picture."""
    if not jpeg.startswith(JPEG):
        return None
    buffer = QBuffer()
    buffer.setData(jpeg)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, b"jpeg")
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LARGEST_PX:
        return None
    fits = size.scaled(QSize(width_px, height_px), Qt.AspectRatioMode.KeepAspectRatio)
    if fits.width() < size.width() and not fits.isEmpty():
        reader.setScaledSize(fits)  # the decoder then skips what is not wanted
    image = reader.read()
    if image.isNull():
        return None
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()
