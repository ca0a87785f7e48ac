"""Where a time and a value lie in a chart's tile, and the other way round (console.api.Pointable); paints nothing."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from console.api import Pointed, Value
from widgets.chart.plot import Plot
from widgets.chart.scale import ValueScale
from widgets.chart.series import Series
from widgets.chart.view import TimeView


class Frame(Value, frozen=True):
    """The frame of a chart in px of its tile, the UTC ns and the values at its edges, and whose they are."""

    left: float
    top: float
    width: float
    height: float
    start_ns: int
    end_ns: int
    low: float
    high: float
    sensor: str

    def content_at(self, x: float, y: float) -> Pointed:
        """(UTC ns, value) of a place, beyond the frame too."""
        share = (x - self.left) / self.width
        t_ns = self.start_ns + share * (self.end_ns - self.start_ns)
        v = self.high - (y - self.top) / self.height * (self.high - self.low)
        return Pointed(t_ns, v, self.sensor)

    def point_of(self, t_ns: float, v: float) -> tuple[float, float]:
        """Where a time and a value lie."""
        x = self.left + (t_ns - self.start_ns) / (self.end_ns - self.start_ns) * self.width
        y = self.top + (self.high - v) / (self.high - self.low) * self.height
        return x, y


def frame_of(inner: QRectF, view: TimeView, scale: ValueScale | None, sensor: str) -> Frame | None:
    """The frame of a chart that shows a curve; None where it has none yet."""
    whole = view.end_ns > view.start_ns and scale is not None and scale.high > scale.low
    if scale is None or not whole or inner.width() < 1 or inner.height() < 1:
        return None
    return Frame(
        left=inner.left(),
        top=inner.top(),
        width=inner.width(),
        height=inner.height(),
        start_ns=view.start_ns,
        end_ns=view.end_ns,
        low=scale.low,
        high=scale.high,
        sensor=sensor,
    )


class Placed(QWidget):
    """A chart's tile as a `Pointable`."""

    _plot: Plot | None
    _series: Series | None
    _view: TimeView
    _scale: ValueScale | None

    def _frame(self) -> Frame | None:
        if self._plot is None or self._series is None:
            return None
        inner = self._plot.inner().translated(self._plot.widget.pos())
        return frame_of(inner, self._view, self._scale, self._series.sensor.id)

    def content_at(self, x: float, y: float, of: str = "") -> Pointed | None:
        """See console.api.Pointable; (UTC ns, value) of the sensor whose curve it is."""
        frame = self._frame()
        return frame.content_at(x, y) if frame is not None and of in ("", frame.sensor) else None

    def point_of(self, pointed: Pointed) -> tuple[float, float] | None:
        """See console.api.Pointable; None where another sensor's curve is shown."""
        frame = self._frame()
        return frame.point_of(pointed.a, pointed.b) if frame is not None and pointed.of == frame.sensor else None
