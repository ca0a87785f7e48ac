"""The chart's canvas: pyqtgraph's view and axes with our own layers on them; knows no host.

pyqtgraph is imported when the first canvas is made, not before; it is never given OpenGL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QFrame, QWidget

from widgets.chart.items import CurveLayer, EdgeLayer, GroundLayer, Layer, Picture
from widgets.chart.scale import ValueScale
from widgets.kit.text import font, value_text
from widgets.kit.tokens import look

NS_F: Final = 1e9


class Plot:
    """One canvas. `on_moved(start_ns, end_ns)` is called when a person panned or zoomed with the mouse."""

    def __init__(self, parent: QWidget, on_moved: Callable[[int, int], None]) -> None:
        import pyqtgraph as pg

        self._on_moved = on_moved
        self.widget: Any = pg.PlotWidget(parent, background=look.tokens.tile)
        self.widget.setFrameShape(QFrame.Shape.NoFrame)
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.item: Any = self.widget.getPlotItem()
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.box: Any = self.item.getViewBox()
        self.box.setMouseEnabled(x=True, y=False)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        self.ground, self.curve, self.edge = GroundLayer(10), CurveLayer(20), EdgeLayer(30)
        for layer in self._layers():
            self.widget.scene().addItem(layer)
        self.base_ns = 0
        self._axes: tuple[Any, ...] = ()
        self.box.sigRangeChangedManually.connect(self._moved)
        self.box.sigResized.connect(self._resized)
        self.s = 1.0

    def _layers(self) -> tuple[Layer, ...]:
        return self.ground, self.curve, self.edge

    def _moved(self, *_: object) -> None:
        (x0, x1), _y = self.box.viewRange()
        self._on_moved(self.base_ns + int(x0 * NS_F), self.base_ns + int(x1 * NS_F))

    def _resized(self, *_: object) -> None:
        self.place()

    def on_click(self, callback: Callable[[], None]) -> None:
        """Call back when a person clicks on the canvas (no drag)."""
        self.widget.scene().sigMouseClicked.connect(lambda _event: callback())

    def place(self) -> None:
        """Tell the layers where the frame is."""
        inner = self.inner()
        outer = QRectF(self.widget.viewport().rect())
        for layer in self._layers():
            layer.place(inner, outer, self.s)

    def inner(self) -> QRectF:
        """The frame's rectangle in pixels of the canvas."""
        rect = self.box.sceneBoundingRect()
        return QRectF(round(rect.left()), round(rect.top()), round(rect.width()), round(rect.height()))

    def restyle(self, s: float, left_px: float, right_px: float) -> None:
        """Colours of now, text scale and margins."""
        t, self.s = look.tokens, s
        self.widget.setBackground(t.tile)
        # pyqtgraph lays its axes out in whole pixels inside these margins
        self.item.layout.setContentsMargins(4 * s, 10 * s, right_px, 2 * s)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setPen(QPen(t.tile))
            axis.setTextPen(t.muted)
            axis.setTickPen(QPen(t.tile))
            axis.setStyle(tickFont=font(12 * s), tickLength=0, autoExpandTextSpace=False, hideOverlappingLabels=False)
        self.item.getAxis("left").setStyle(tickTextOffset=round(6 * s))
        self.item.getAxis("left").setWidth(left_px)
        self.item.getAxis("bottom").setStyle(tickTextOffset=round(5 * s))
        self.item.getAxis("bottom").setHeight(28 * s)
        self._axes = ()
        self.item.layout.activate()
        self.place()

    def aim(self, picture: Picture, scale: ValueScale, times: list[tuple[int, str]]) -> bool:
        """Put the view where the picture is; returns whether anything but the curve's end moved."""
        axes = (picture.start_ns, picture.end_ns, scale, tuple(times))
        if axes == self._axes:
            return False
        self._axes = axes
        self.base_ns = picture.base_ns
        x0, x1 = ((t - self.base_ns) / NS_F for t in (picture.start_ns, picture.end_ns))
        self.box.setRange(xRange=(x0, x1), yRange=(scale.low, scale.high), padding=0, disableAutoRange=True)
        labels = [((t - self.base_ns) / NS_F, text) for t, text in times]
        self.item.getAxis("bottom").setTicks([labels])
        self.item.getAxis("left").setTicks([[(v, value_text(v, scale.digits)) for v in scale.ticks]])
        return True

    def show(self, picture: Picture, since_ns: int) -> None:
        """Give the layers what they paint; `since_ns` 0: all of it, else only what came since then is painted again."""
        stood = self.edge.plate()
        for layer in self._layers():
            layer.picture = picture
        if since_ns:
            self.curve.update(self.curve.tail(since_ns))
            if (stands := self.edge.plate()) != stood:
                self.edge.update(stood.united(stands))
        else:
            for layer in self._layers():
                layer.update()

    def close(self) -> None:
        """End the canvas with all its items."""
        self.box.sigRangeChangedManually.disconnect(self._moved)
        self.box.sigResized.disconnect(self._resized)
        for layer in self._layers():
            self.widget.scene().removeItem(layer)
        self.widget.close()
        self.widget.deleteLater()
