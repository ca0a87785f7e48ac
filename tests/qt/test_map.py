"""The map tile on its own page: no request leaves the program, and what is told is seen at its place."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import (
    NS,
    Alarm,
    AlarmState,
    Camera,
    ChannelKind,
    Frame,
    Post,
    Resource,
    Sensor,
    Text,
    Warning_,
)
from tests.qt.map_host import START_NS, MapHost
from tests.qt.map_pages import (
    CENTRE,
    SIZE,
    ZOOM,
    Make,
    a_city,
    a_sensor,
    asked,
    is_near,
    maps,
    screen_point,
    wait_for,
    wait_until,
)
from widgets.kit.tokens import look
from widgets.map.spec import MapSettings


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    """Makes maps on their pages."""
    with maps() as build:
        yield build


def test_nothing_leaves_the_program(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    web = panel.web
    assert web is not None
    assert list(web.denied) == []
    assert list(web.missing) == []
    assert web.complaints == []
    addresses = asked(panel, "JSON.stringify(performance.getEntriesByType('resource').map((e) => e.name))")
    assert all(a.startswith("app://res/") for a in json.loads(addresses))


def test_a_request_that_would_leave_is_denied(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    web = panel.web
    assert web is not None
    web.tell("fetch('https://example.org/tile.png').catch(() => {})")
    web.tell("new Image().src = 'http://127.0.0.1:9/x.png'")
    assert wait_until(lambda: len(web.denied) == 2)
    web.tell("location.href = 'https://example.org/'")
    QTest.qWait(100)
    assert asked(panel, "location.protocol") == "app:"


def test_ground_and_alarm_are_painted_at_their_places(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "G-117", 108.69, 34.30, 0.08, priority=1)
    panel = make(host)
    tokens = look.tokens
    there = screen_point(108.69, 34.30)
    image = wait_for(panel, lambda i: is_near(i, there, tokens.priority[1].fill))
    assert is_near(image, there, tokens.priority[1].fill)
    assert is_near(image, there, tokens.priority[1].rim, 14)
    assert is_near(image, screen_point(108.73, 34.285), tokens.water, 0)
    assert is_near(image, screen_point(108.66, 34.29), tokens.main_street, 2)
    # nothing red where no alarm is
    assert not is_near(image, screen_point(108.66, 34.315), tokens.priority[1].fill, 20)


def test_day_and_night(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    water = screen_point(108.73, 34.285)
    assert is_near(wait_for(panel, lambda i: is_near(i, water, look.tokens.water, 0)), water, look.tokens.water, 0)
    look.set_mode("day")
    day = look.tokens.water
    assert is_near(wait_for(panel, lambda i: is_near(i, water, day, 0)), water, day, 0)


def test_acknowledged_is_an_outline(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "G-117", 108.69, 34.30, 0.08, priority=2)
    panel = make(host)
    there = screen_point(108.69, 34.30)
    fill, line = look.tokens.priority[2].fill, look.tokens.priority[2].line
    wait_for(panel, lambda i: is_near(i, there, fill))
    host.put(Alarm(id="aG-117", sensor="G-117", priority=2, state=AlarmState.ACKNOWLEDGED, raised_ns=1))
    panel.update_frame(Frame(now_ns=START_NS, entities=frozenset({"alarm"})))
    image = wait_for(panel, lambda i: not is_near(i, there, fill))
    assert not is_near(image, there, fill)
    assert is_near(image, there, line, 16)


def test_an_alarm_outside_is_held_at_the_edge(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "far", 108.95, 34.30, 1.0, priority=1)
    panel = make(host)
    x, y = json.loads(asked(panel, "JSON.stringify(yilan.state.shown.map((m) => [m.sx, m.sy])[0])"))
    assert SIZE[0] - 60 < x < SIZE[0]
    assert 0 < y < SIZE[1]


def test_units_posts_and_places(make: Make) -> None:
    host = MapHost()
    a_city(host)
    host.put(Sensor(id="p1", channel=ChannelKind.POSITION, stale_after_s=10))
    host.put(Resource(id="u1", name=Text("消防 12", "Fire 12"), position="p1", busy=True))
    host.put(Resource(id="s1", kind="shelter", name=Text("体育中心"), lon=108.69, lat=34.31, used=1240, capacity=3000))
    host.put(
        Post(
            id="m2", name=Text("移动指挥部 2"), lon=108.68, lat=34.29, link_up=False, link_since_ns=START_NS - 400 * NS
        )
    )
    host.put(Camera(id="c1", name=Text("阀室"), lon=108.70, lat=34.29, azimuth_deg=90))
    host.sample("p1", (108.70, 34.305, 0.0, 80.0, 8.0))
    panel = make(host)
    words = json.loads(asked(panel, "JSON.stringify(yilan.state.names.map((n) => [n.mark.nameText, n.mark.chip]))"))
    assert ["消防 12", ""] in words
    assert ["体育中心 1\u2009240/3\u2009000", ""] in words
    assert ["移动指挥部 2", "6 min"] in words
    assert host.headers[-1].scope == "西咸新区 882 km²"


def test_a_click_selects_and_a_double_click_focuses(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "quiet", 108.69, 34.30, 0.3)
    panel = make(host)
    assert panel.web is not None
    target = panel.web.focusProxy()
    assert target is not None
    at = QPoint(*screen_point(108.69, 34.30))
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert wait_until(lambda: host.selection == "sensor:quiet")
    # keys stay the panel's and the console's, whatever was clicked
    assert target.focusProxy() is panel
    panel.update_frame(Frame(now_ns=START_NS, selection_changed=True))
    white = look.tokens.focus
    assert is_near(wait_for(panel, lambda i: is_near(i, (at.x(), at.y()), white, 22)), (at.x(), at.y()), white, 22)
    QTest.qWait(500)
    for _ in range(2):
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert wait_until(lambda: host.commands == ["focus"])


FINGERS = """(() => {
  const name = (x, y) => { const e = document.elementFromPoint(x, y)?.closest("button");
    return e ? [...document.querySelectorAll("button")].indexOf(e) : -1; };
  document.querySelector("#layers").hidden = false;
  const small = [];
  for (const [i, b] of [...document.querySelectorAll("button")].entries()) {
    const r = b.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, half = LEAST / 2 - 1;
    const corners = [[-half, -half], [half, -half], [-half, half], [half, half]];
    if (!corners.every(([dx, dy]) => name(x + dx, y + dy) === i)) small.push(b.textContent || b.ariaLabel);
  }
  return JSON.stringify([document.querySelectorAll("button").length, small]);
})()"""


def test_what_is_pressed_on_the_map_is_as_large_as_a_finger_needs(make: Make) -> None:
    host = MapHost(role="vehicle", text_px=15)
    a_city(host)
    panel = make(host)
    buttons, small = json.loads(asked(panel, FINGERS.replace("LEAST", str(host.target_px))))
    assert buttons >= 12  # the layers' own, the list of them, three to zoom
    assert small == []


def test_keys_move_zoom_and_return(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    assert wait_until(lambda: bool(panel.view_state().get("zoom")))
    QTest.keyClick(panel, Qt.Key.Key_Plus)
    assert wait_until(lambda: panel.view_state()["zoom"] == ZOOM + 0.5)
    QTest.keyClick(panel, Qt.Key.Key_Right)
    assert wait_until(lambda: panel.view_state()["lon"] > CENTRE.lon + 0.01)
    QTest.keyClick(panel, Qt.Key.Key_Home)
    assert wait_until(lambda: abs(panel.view_state()["lon"] - CENTRE.lon) < 1e-6)
    assert panel.view_state()["zoom"] == ZOOM
    QTest.keyClick(panel, Qt.Key.Key_1)
    assert "sensors" not in panel.view_state()["layers"]


def test_view_is_restored(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    panel.restore({"lon": 108.66, "lat": 34.31, "zoom": 14.0, "layers": ["alarms", "posts"]})
    assert wait_until(lambda: panel.view_state().get("zoom") == 14.0)
    assert panel.view_state()["lon"] == pytest.approx(108.66, abs=1e-4)
    assert panel.view_state()["layers"] == ["alarms", "posts"]
    draft = panel.freeze()
    assert draft.png.startswith(b"\x89PNG")
    assert draft.datum == "WGS 84"
    assert draft.data["view"]["zoom"] == 14.0


def test_a_dead_renderer_comes_back(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "G-117", 108.69, 34.30, 0.08, priority=1)
    panel = make(host)
    assert panel.web is not None
    pid = panel.web.page().renderProcessPid()
    assert psutil.pid_exists(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: bool(host.raised))
    assert panel.loading
    assert wait_until(lambda: not panel.loading)
    assert host.raised == {}
    there = screen_point(108.69, 34.30)
    fill = look.tokens.priority[1].fill
    assert is_near(wait_for(panel, lambda i: is_near(i, there, fill)), there, fill)


def test_a_ground_that_cannot_be_had_is_told_and_fetched_later(make: Make) -> None:
    host = MapHost()
    a_city(host)
    files, host.files = host.files, {}
    panel = make(host)
    assert [key for key in host.raised if key.startswith("map.ground")]
    host.files = files
    water = screen_point(108.73, 34.285)
    assert not is_near(panel.grab().toImage(), water, look.tokens.water, 0)

    def found() -> bool:
        panel.update_frame(Frame(now_ns=START_NS, entities=frozenset({"alarm"})))
        return not host.raised

    assert wait_until(found)
    assert is_near(wait_for(panel, lambda i: is_near(i, water, look.tokens.water, 0)), water, look.tokens.water, 0)


def test_closing_ends_the_page_and_its_process(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    web = panel.web
    assert web is not None
    pid = web.page().renderProcessPid()
    panel.close_panel()
    panel.close_panel()
    assert panel.web is None
    assert wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_the_page_sweeps_up_after_itself(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    left = "performance.memory.usedJSHeapSize"
    asked(panel, "window.waste = 0; for (let i = 0; i < 2e6; i++) window.waste = { i, at: i % 9 ? window.waste : 0 }")
    asked(panel, "window.waste = 0")
    assert asked(panel, "typeof window.gc") == "function", "the page cannot collect what it drops"
    assert asked(panel, f"window.gc(), {left} < 60e6")


def test_a_quiet_map_paints_nothing(make: Make) -> None:
    host = MapHost()
    a_city(host)
    a_sensor(host, "G-117", 108.69, 34.30, 0.08, priority=1)
    panel = make(host)
    paints: list[int] = []

    def stands() -> bool:
        QTest.qWait(300)
        paints.append(asked(panel, "yilan.state.paints"))
        return paints[-2:-1] == paints[-1:]

    assert wait_until(stands)
    before = paints[-1]
    for _ in range(5):
        panel.update_frame(Frame(now_ns=START_NS, sensors=frozenset({"other"})))
        QTest.qWait(50)
    assert asked(panel, "yilan.state.paints") == before


def test_warnings_and_words_follow_the_language(make: Make) -> None:
    host = MapHost(language="en")
    a_city(host)
    host.put(Warning_(id="w", event=Text("暴雨", "Rainstorm"), priority=2, expires_ns=START_NS + 9960 * NS))
    panel = make(host)
    chip = "document.querySelector('.warning').textContent"
    assert asked(panel, chip).startswith("Rainstorm warning, orange, to ")
    host.language = "zh"
    panel.configure(MapSettings(centre=CENTRE, zoom=ZOOM))
    assert wait_until(lambda: asked(panel, chip).startswith("暴雨"))


PLACED = """JSON.stringify(yilan.placePlates(
  [{id: "a", x: 200, y: 200, r: 13, w: 110, h: 40, must: true},
   {id: "b", x: 215, y: 205, r: 13, w: 110, h: 40, must: true},
   {id: "c", x: 630, y: 470, r: 13, w: 110, h: 40, must: true}],
  [[187, 187, 213, 213], [202, 192, 228, 218], [617, 457, 643, 483]], [6, 6, 634, 474], new Map(%s)))"""


BESIDE_ANOTHER = """JSON.stringify(yilan.placePlates(
  [{id: "a", x: 150, y: 200, r: 13, w: 110, h: 40, must: true}],
  [Object.assign([137, 187, 163, 213], {id: "a", core: [137, 187, 163, 213]}),
   Object.assign([171, 187, 197, 213], {id: "b", core: [168, 184, 200, 216]}),
   Object.assign([90, 191, 108, 209], {id: "vehicle", weight: 0.5})], [6, 178, 634, 222], new Map())[0])"""


def test_no_leader_runs_under_another_alarm(make: Make) -> None:
    host = MapHost()
    a_city(host)
    plate = json.loads(asked(make(host), BESIDE_ANOTHER))
    (x0, y0), (x1, y1) = plate["from"], plate["to"]
    way = [(x0 + (x1 - x0) * k / 20, y0 + (y1 - y0) * k / 20) for k in range(21)]
    assert not any(171 < x < 197 and 187 < y < 213 for x, y in way), plate


def test_plates_avoid_each_other_and_stay(make: Make) -> None:
    host = MapHost()
    a_city(host)
    panel = make(host)
    first = json.loads(asked(panel, PLACED % "[]"))
    rects = [p["rect"] for p in first]
    symbols = [[187, 187, 213, 213], [202, 192, 228, 218], [617, 457, 643, 483]]
    for n, a in enumerate(rects):
        assert a[0] >= 0
        assert a[2] <= 640
        assert a[3] <= 480
        for b in rects[n + 1 :] + symbols:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (a, b)
    memory = json.dumps([[p["id"], p["index"]] for p in first])
    again = json.loads(asked(panel, PLACED % memory))
    assert [(p["id"], p["rect"]) for p in again] == [(p["id"], p["rect"]) for p in first]
