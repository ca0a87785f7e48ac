"""A real map and a real chart tell where their content lies, and look as another of another size was told to."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from console.api import ENTITY_CLASSES, NS, Frame, Pointable, Pointed
from tests.curves_host import RIVER, CurvesHost, storm
from tests.qt.map_host import MapHost
from tests.qt.map_pages import Make, a_city, asked, maps, screen_point, view_bounds, wait_until
from widgets.chart.panel import ChartPanel
from widgets.chart.spec import ChartSettings

HOUR_NS = 3600 * NS


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    with maps() as build:
        yield build


def test_a_map_knows_where_its_places_lie_and_a_larger_one_shows_the_same(make: Make) -> None:
    host = MapHost()
    a_city(host)
    small, large = make(host), make(host, size=(960, 720))
    assert isinstance(small, Pointable)
    for panel in (small, large):
        view_bounds(panel)
    there = small.point_of(Pointed(108.71, 34.31))
    assert there is not None
    assert there == pytest.approx(screen_point(108.71, 34.31), abs=1.5)
    leaflet = json.loads(asked(small, "JSON.stringify(yilan.map.latLngToContainerPoint([34.31, 108.71]))"))
    assert there == pytest.approx((leaflet["x"], leaflet["y"]), abs=1.5)
    at = small.content_at(*there)
    assert at is not None
    assert (at.a, at.b) == pytest.approx((108.71, 34.31), abs=1e-9)
    large.restore({"lon": 108.70, "lat": 34.31, "zoom": 13.0, "px": [small.width(), small.height()]})
    small.restore({"lon": 108.70, "lat": 34.31, "zoom": 13.0})
    assert wait_until(lambda: large.view_state()["zoom"] > 13.5 and small.view_state()["lat"] > 34.305)
    one, other = (panel.point_of(Pointed(108.69, 34.30)) for panel in (small, large))
    assert one is not None and other is not None
    assert (other[0] / 960, other[1] / 720) == pytest.approx((one[0] / 640, one[1] / 480), abs=0.004)


def test_a_map_that_a_hand_moves_tells_where_it_looks_before_the_hand_lets_go(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    before = view_bounds(panel)
    # what Leaflet does while a hand drags: there is no "moveend" before it lets go
    asked(panel, "yilan.state.hand = true; yilan.map._rawPanBy(L.point(300, 0)); yilan.map.fire('move'); 1")
    assert wait_until(lambda: view_bounds(panel)[0] > before[0] + 0.01)


@pytest.fixture
def chart(qapp: QApplication) -> Iterator[tuple[ChartPanel, CurvesHost]]:
    host = CurvesHost()
    storm(host)
    panel = ChartPanel(host, ChartSettings(sensor=RIVER))
    panel.resize(560, 280)
    panel.show()
    panel.update_frame(
        Frame(now_ns=host.now_ns, seeked=True, sensors=frozenset(host.series), entities=frozenset(ENTITY_CLASSES))
    )
    host.settle()
    yield panel, host
    panel.close_panel()
    panel.close()
    panel.deleteLater()
    host.close()
    QApplication.sendPostedEvents()


def test_a_chart_knows_where_a_time_and_a_value_lie(chart: tuple[ChartPanel, CurvesHost]) -> None:
    panel, host = chart
    at = panel.content_at(300, 120)
    assert at is not None
    assert at.of == RIVER
    assert panel.point_of(at) == pytest.approx((300, 120), abs=0.01)
    now, before = (panel.point_of(Pointed(t, at.b, RIVER)) for t in (host.now_ns, host.now_ns - HOUR_NS))
    assert now is not None and before is not None
    assert 0 < before[0] < now[0] < panel.width()
    assert panel.point_of(Pointed(at.a, at.b, "another sensor")) is None
    high, low = (panel.point_of(Pointed(at.a, at.b + d, RIVER)) for d in (0.1, -0.1))
    assert high is not None and low is not None
    assert high[1] < low[1]


def test_a_chart_that_is_told_to_look_as_it_does_asks_for_no_sensor_anew(
    chart: tuple[ChartPanel, CurvesHost],
) -> None:
    panel, host = chart
    state = panel.view_state()
    asked_for = len(host.queries)
    for _ in range(20):
        panel.restore(state)
    assert len(host.queries) == asked_for
    panel.restore({"following": True, "start_ns": 0, "end_ns": HOUR_NS})
    state = panel.view_state()
    assert state["following"]
    assert state["end_ns"] - state["start_ns"] == HOUR_NS
