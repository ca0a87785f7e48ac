"""A place in a panel and what lies there are each other's inverse, whatever the size, the part and the zoom."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from console.api import NS, Pointed
from widgets.chart.placing import Frame, frame_of
from widgets.chart.scale import ValueScale
from widgets.chart.view import TimeView
from widgets.map.mercator import world_point
from widgets.map.placing import fitted_zoom, window_of
from widgets.video.placing import Placed, Shown, shown_of, whole_of

PX = st.floats(-500, 5000)
SIDES = st.floats(40, 4000)


@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(0.001, 5), st.floats(0.001, 5), SIDES, SIDES, PX, PX)
def test_of_a_map(
    west: float, south: float, wide: float, high: float, width: float, height: float, x: float, y: float
) -> None:
    window = window_of({"bounds": [west, south, west + wide, south + high]}, width, height)
    assert window is not None
    there = window.content_at(x, y)
    assume(abs(there.b) < 85)
    assert window.point_of(there.a, there.b) == pytest.approx((x, y), abs=0.05)


def test_a_maps_edges_and_middle_are_those_of_its_degrees() -> None:
    window = window_of({"bounds": [108.0, 34.0, 109.0, 35.0]}, 800, 600)
    assert window is not None
    assert window.point_of(108.0, 35.0) == pytest.approx((0, 0), abs=1e-6)
    assert window.point_of(109.0, 34.0) == pytest.approx((800, 600), abs=1e-6)
    at = window.content_at(400, 300)
    assert at.a == pytest.approx(108.5)
    assert 34.5 < at.b < 34.51, "north is stretched in Mercator"


@pytest.mark.parametrize(
    "bounds", [None, [], [1, 2, 3], [1, 1, 1, 1], [2, 1, 1, 2], [math.nan, 0, 1, 1], ["a", 0, 1, 1]]
)
def test_a_map_that_tells_no_edges_knows_no_places(bounds: object) -> None:
    assert window_of({"bounds": bounds}, 800, 600) is None
    assert window_of({"bounds": [1, 1, 2, 2]}, 0, 600) is None


@given(st.floats(1, 18), st.floats(100, 2000), st.floats(100, 2000), st.floats(0.2, 8))
def test_a_larger_map_of_the_same_shape_shows_the_same_streets(
    zoom: float, width: float, height: float, times: float
) -> None:
    there = fitted_zoom({"zoom": zoom, "px": [width, height]}, width * times, height * times)
    assert 2 ** (there - zoom) == pytest.approx(times)
    assert fitted_zoom({"zoom": zoom}, 10, 10) == zoom
    assert fitted_zoom({"zoom": zoom, "px": [0, math.nan]}, 10, 10) == zoom


@given(
    st.integers(1_600_000_000, 1_900_000_000), st.integers(10, 10**7), st.floats(-1e6, 1e6), st.floats(0.01, 1e6),
    SIDES, SIDES, PX, PX,
)  # fmt: skip
def test_of_a_chart(
    start_s: int, span_s: int, low: float, high: float, width: float, height: float, x: float, y: float
) -> None:
    frame = Frame(
        left=40, top=8, width=width, height=height, start_ns=start_s * NS, end_ns=(start_s + span_s) * NS, low=low,
        high=low + high, sensor="gas",
    )  # fmt: skip
    there = frame.content_at(x, y)
    assert there.of == "gas"
    # a float holds ns of our days to about a quarter of a microsecond
    assert frame.point_of(there.a, there.b) == pytest.approx((x, y), abs=0.05)


def test_a_chart_without_a_curve_knows_no_places() -> None:
    view, scale = TimeView(3600 * NS), ValueScale(low=0, high=1, ticks=(), digits=1)
    assert frame_of(QRectF(0, 0, 100, 50), view, None, "gas") is None
    assert frame_of(QRectF(0, 0, 0, 50), view, scale, "gas") is None
    assert frame_of(QRectF(0, 0, 100, 50), view, scale, "gas") is not None


class Grid(Placed):
    def __init__(self, *shown: Shown) -> None:
        self.shown = shown

    def _pictures(self) -> tuple[Shown, ...]:
        return self.shown


@given(SIDES, SIDES, st.floats(0, 0.4), st.floats(0, 0.4), PX, PX)
def test_of_a_picture_however_it_is_cut(
    width: float, height: float, cut_x: float, cut_y: float, x: float, y: float
) -> None:
    source = QRectF(1920 * cut_x / 2, 1080 * cut_y / 2, 1920 * (1 - cut_x), 1080 * (1 - cut_y))
    grid = Grid(shown_of("c1", (1920, 1080), source, QRectF(10, 20, width, height)))
    there = grid.content_at(x, y, "c1")
    assert there is not None
    assert grid.point_of(there) == pytest.approx((x, y), abs=0.01)


def test_a_picture_is_pointed_at_by_its_camera_in_whatever_cell_and_size_it_stands() -> None:
    one = Grid(whole_of("c1", QRectF(0, 0, 100, 50)), whole_of("c2", QRectF(100, 0, 100, 50)))
    other = Grid(whole_of("c2", QRectF(0, 0, 800, 400)))
    at = one.content_at(150, 25)
    assert at == Pointed(0.5, 0.5, "c2")
    assert other.point_of(at) == (400, 200)
    first = one.content_at(25, 25)
    assert first is not None
    assert other.point_of(first) is None, "that camera is not shown there"
    assert one.content_at(900, 900) is None
    assert one.content_at(900, 25, "c1") == Pointed(9.0, 0.5, "c1"), "a stroke goes on beside what it began on"


def test_places_of_a_map_are_the_pages_own() -> None:
    """As Leaflet has it: 256 px · 2^zoom for the whole world."""
    zoom, lon, lat = 12.0, 108.94, 34.26
    scale = 256 * 2**zoom
    cx, cy = (side * scale for side in world_point(lon, lat))

    def degrees(px: float, py: float) -> tuple[float, float]:
        wx, wy = px / scale, py / scale
        return wx * 360 - 180, math.degrees(math.atan(math.sinh((0.5 - wy) * 2 * math.pi)))

    (west, north), (east, south) = degrees(cx - 400, cy - 300), degrees(cx + 400, cy + 300)
    window = window_of({"bounds": [west, south, east, north]}, 800, 600)
    assert window is not None
    assert window.point_of(lon, lat) == pytest.approx((400, 300), abs=1e-3)
