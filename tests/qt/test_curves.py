"""Chart and strips seen as pixels and as behaviour, both languages, by night and by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.api import NS, Alarm, AlarmState, Columns, Frame, Freshness, Quality, Selector, Sensor
from tests.curves_host import NOW_NS, RAIN, RIVER, CurvesHost, calm, storm
from widgets.chart import panel as chart_panel
from widgets.chart.panel import ChartPanel
from widgets.chart.spec import ChartSettings
from widgets.kit.tokens import Mode, look
from widgets.strips.panel import StripsPanel
from widgets.strips.spec import StripsSettings

Show = Callable[..., Any]


@pytest.fixture
def host() -> Iterator[CurvesHost]:
    made = CurvesHost()
    storm(made)
    calm(made, 6)
    yield made
    made.close()


@pytest.fixture
def show(qapp: QApplication, host: CurvesHost) -> Iterator[Show]:
    """A panel of a size with its first frames and its history."""
    panels: list[Any] = []

    def shown(panel: Any, width: int = 560, height: int = 280) -> Any:
        panels.append(panel)
        panel.resize(width, height)
        panel.show()
        panel.update_frame(everything(host, seeked=True))
        host.settle()
        panel.update_frame(everything(host))
        return panel

    yield shown
    for panel in panels:
        panel.close_panel()
        panel.close()
        panel.deleteLater()
    QApplication.sendPostedEvents()
    look.set_mode("night")


def everything(host: CurvesHost, *, seeked: bool = False) -> Frame:
    changed = frozenset({"alarm", "sensor", "area"}) if seeked else frozenset()
    return Frame(now_ns=host.now_ns, seeked=seeked, sensors=frozenset(host.series), entities=changed)


def picture(widget: QWidget) -> npt.NDArray[np.int16]:
    """u8 (height, width, 3), red, green, blue."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    used = rows[:, : image.width() * 3].astype(np.int16)
    return used.reshape((image.height(), image.width(), 3))


def count(pixels: npt.NDArray[np.int16], color: QColor, tolerance: int = 24) -> int:
    """How many pixels are of a colour."""
    far = np.abs(pixels - np.array([color.red(), color.green(), color.blue()])).max(axis=2)
    return int(np.count_nonzero(far <= tolerance))


def key(panel: QWidget, code: Qt.Key) -> None:
    panel.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier))


def chart(host: CurvesHost, **settings: Any) -> ChartPanel:
    return ChartPanel(host, ChartSettings(**{"sensor": RIVER, "companion": "none", **settings}))


def columns_of(panel: ChartPanel, t_ns: int) -> int:
    """The pixel column of a time."""
    assert panel._plot is not None
    inner, view = panel._plot.inner(), panel._view
    return round(inner.left() + (t_ns - view.start_ns) / view.span_ns * inner.width())


# ---------------------------------------------------------------- chart


def test_the_part_beyond_a_limit_wears_its_colour_and_only_that(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    pixels, t = picture(panel)[: int(panel._plot.inner().bottom())], look.tokens
    before = pixels[:, columns_of(panel, NOW_NS - 5 * 3600 * NS) : columns_of(panel, NOW_NS - 3 * 3600 * NS)]
    after = pixels[:, columns_of(panel, NOW_NS - 40 * 60 * NS) : columns_of(panel, NOW_NS)]
    assert count(before, t.data) > 80
    assert count(after, t.data, 8) == 0
    # two dashed limit lines cross both parts; the thick curve is three rows high at least
    assert count(after, t.priority[1].line) > 2 * after.shape[1]
    assert count(before, t.priority[1].line) < before.shape[1]


def test_a_gap_stays_empty(host: CurvesHost, show: Show) -> None:
    kept = host.series[RIVER]
    hole = (kept.t_ns > NOW_NS - 5 * 3600 * NS) & (kept.t_ns < NOW_NS - 4 * 3600 * NS)
    host.fill(RIVER, kept.t_ns[~hole], kept.v[~hole])
    panel = show(chart(host))
    a, b = columns_of(panel, NOW_NS - 5 * 3600 * NS) + 4, columns_of(panel, NOW_NS - 4 * 3600 * NS) - 4
    inside = picture(panel)[: int(panel._plot.inner().bottom()), a:b]
    assert count(inside[:-40], look.tokens.data, 40) == 0
    beside = picture(panel)[: int(panel._plot.inner().bottom()), b + 40 : 2 * b - a + 40]
    assert count(inside, look.tokens.line, 12) > 2 * count(beside, look.tokens.line, 12), "not hatched"


def test_a_known_gap_breaks_the_curve_until_it_is_filled(host: CurvesHost, show: Show) -> None:
    kept = host.series[RIVER]
    start_ns, end_ns = NOW_NS - 90 * 60 * NS, NOW_NS - 86 * 60 * NS
    lost = (kept.t_ns >= start_ns) & (kept.t_ns <= end_ns)
    sparse = np.arange(len(kept.t_ns)) % 40 == 0  # so far apart that four minutes more are no gap by themselves
    host.fill(RIVER, kept.t_ns[sparse & ~lost], kept.v[sparse & ~lost])
    host.put(msgspec.structs.replace(host.entities(Sensor)[RIVER], stale_after_s=1200.0))
    panel = show(chart(host))
    assert panel._picture.holes == ()
    host.lost[RIVER] = [(start_ns, end_ns)]
    host.add(RIVER, NOW_NS + NS, 389.7)
    host.now_ns += NS
    panel.update_frame(everything(host))
    [(a, b)] = panel._picture.holes
    assert a < start_ns and end_ns < b
    host.lost[RIVER] = []
    host.fill(RIVER, np.append(kept.t_ns, NOW_NS + NS), np.append(kept.v, 389.7))
    panel.update_frame(Frame(now_ns=host.now_ns, sensors=frozenset({RIVER})))
    assert panel._picture.holes == ()
    drawn = panel._picture.line.t_ns
    assert ((drawn >= start_ns) & (drawn <= end_ns)).any(), "what came back is drawn at once"


def test_a_clock_that_is_ahead_is_marked_and_never_plotted_in_the_future(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    last_ns = panel._picture.last_ns
    host.add(RIVER, NOW_NS + 62 * 60 * NS, 999.0, Quality.CLOCK)
    panel.update_frame(everything(host))
    assert panel._picture.last_ns == last_ns
    assert float(panel._picture.line.v.max()) < 999
    assert " ".join(host.headers[-1].marks) == "时钟 +1 h 2 min"
    host.add(RIVER, NOW_NS + NS, 389.7)
    host.now_ns += NS
    panel.update_frame(everything(host))
    assert not host.headers[-1].marks


def test_a_strip_says_that_the_clock_is_off(host: CurvesHost, show: Show) -> None:
    panel = show(StripsPanel(host, StripsSettings(mode="ids", ids=(RIVER,))), 560, 60)
    before = picture(panel)
    host.add(RIVER, NOW_NS + 62 * 60 * NS, 389.8, Quality.CLOCK)
    panel.update_frame(everything(host))
    assert panel._strips[RIVER].reading.clock_off_s == 62 * 60
    assert count(before, look.tokens.fault_fill) == 0 < count(picture(panel), look.tokens.fault_fill)
    assert panel._strips[RIVER].curve().t_ns.max() <= NOW_NS


def test_bad_samples_are_crosses_in_fault_colour(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    assert count(picture(panel), look.tokens.fault) == 0
    kept = host.series[RIVER]
    flags = kept.q.copy()
    flags[len(flags) // 2] = Quality.BAD
    host.fill(RIVER, kept.t_ns, kept.v, flags)
    panel.update_frame(everything(host, seeked=True))
    host.settle()
    assert count(picture(panel), look.tokens.fault) > 8


@pytest.mark.parametrize(
    "values",
    [
        [5.0],
        [5.0] * 50,
        [np.nan] * 20,
        [np.inf, -np.inf, 3.0, 4.0],
        [1.7e308, -1.7e308, 0.0],
        [0.0, 1e-300],
        [1e12, 1e12],
    ],
    ids=["one", "constant", "nan", "infinite", "huge", "tiny", "large constant"],
)
def test_strange_values_do_no_harm(host: CurvesHost, show: Show, values: list[float]) -> None:
    host.fill(RIVER, NOW_NS - np.arange(len(values))[::-1] * NS, values)
    for panel in (show(chart(host)), show(StripsPanel(host, StripsSettings(mode="ids", ids=(RIVER,))), 360, 60)):
        assert picture(panel).shape[2] == 3
        assert panel.freeze().png.startswith(b"\x89PNG")


def test_time_jumping_back_is_taken(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    host.now_ns = NOW_NS - 3600 * NS
    host.add(RIVER, host.now_ns, 389.0)
    panel.update_frame(everything(host, seeked=True))
    host.settle()
    panel.update_frame(everything(host))
    assert panel._view.end_ns < NOW_NS
    picture(panel)


def test_never_received_says_so_in_words(host: CurvesHost, show: Show) -> None:
    host.series.pop(RIVER)
    panel = show(chart(host))
    assert host.headers[-1].freshness is Freshness.NEVER
    assert not panel._plot.widget.isVisible()
    assert count(picture(panel), look.tokens.text, 60) > 100
    host.add(RIVER, NOW_NS, 388.0)
    panel.update_frame(everything(host))
    assert panel._plot.widget.isVisible()


def test_on_a_wall_the_value_of_an_old_curve_never_looks_like_one_of_now(host: CurvesHost, show: Show) -> None:
    host.role, host.text_px = "wall", 24.0
    panel = show(chart(host), 900, 420)
    head, t = slice(0, panel._canvas().top()), look.tokens
    loud = t.priority[panel._picture.loud_priority].line
    fresh = picture(panel)[head]
    assert count(fresh, loud) > 30 and not count(fresh, t.fault)
    host.standing[RIVER] = Freshness.STALE
    panel.update_frame(everything(host))
    old = picture(panel)[head]
    assert not count(old, loud) and count(old, t.fault) > 10
    host.standing[RIVER] = Freshness.LIVE
    panel.update_frame(everything(host))
    assert not count(picture(panel)[head], t.fault)


def test_a_new_sample_paints_only_the_end(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    picture(panel)
    seen: list[tuple[Any, ...]] = []
    panel._plot.curve.update = lambda *rect: seen.append(rect)
    host.now_ns += NS
    host.add(RIVER, host.now_ns, 389.72)
    panel.update_frame(Frame(now_ns=host.now_ns, sensors=frozenset({RIVER})))
    assert [rect[0].x() > columns_of(panel, NOW_NS) - 30 for rect in seen] == [True]
    del panel._plot.curve.update


def test_keys_zoom_pan_and_come_home(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    span = panel._view.span_ns
    key(panel, Qt.Key.Key_Plus)
    assert panel._view.span_ns == 3600 * NS < span
    key(panel, Qt.Key.Key_Left)
    assert not panel._view.following
    assert "–" in host.headers[-1].scope
    key(panel, Qt.Key.Key_Home)
    assert panel._view.following
    assert panel._view.span_ns == span


def test_keys_reach_a_year_and_what_is_on_its_way_is_said(
    host: CurvesHost, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(chart(host))
    monkeypatch.setattr(chart_panel, "LOADING_S", -1.0)
    spans = []
    labels: list[str] = []
    for _ in range(6):
        key(panel, Qt.Key.Key_Minus)
        spans.append(panel._view.span_ns // (3600 * NS))
        labels = [text for _, text in panel._plot.item.getAxis("bottom")._tickLevels[0]]
        assert len(set(labels)) == len(labels) >= 2
    assert spans == [24, 7 * 24, 30 * 24, 365 * 24, 365 * 24, 365 * 24]
    assert all(len(text) == 7 and text.startswith("202") for text in labels), "months with their year"
    assert panel._view.following
    panel._ask()
    panel.update_frame(everything(host))
    assert "loading history" in host.headers[-1].marks
    host.settle()
    panel.update_frame(everything(host))
    assert not host.headers[-1].marks
    *_, asked = host.queries
    assert asked[2] - asked[1] == 365 * 24 * 3600 * NS
    host.now_ns += NS
    host.add(RIVER, host.now_ns, 390.5)
    panel.update_frame(Frame(now_ns=host.now_ns, sensors=frozenset({RIVER})))
    assert panel._picture.last_ns == host.now_ns, "the live end goes on"
    for _ in range(8):
        key(panel, Qt.Key.Key_Plus)
    assert panel._view.span_ns == 10 * NS


def test_history_is_asked_for_once_and_an_old_answer_is_void(host: CurvesHost, show: Show) -> None:
    panel = show(chart(host))
    asked = len(host.queries)
    panel.update_frame(everything(host))
    assert len(host.queries) == asked
    panel._ask()
    stale = host.waiting.pop()
    panel._ask()
    host.settle()
    assert len(host.queries) == asked + 1
    host.waiting.append(stale)
    host.settle()
    assert len(host.queries) == asked + 1


def test_a_cut_link_is_asked_again(host: CurvesHost, show: Show) -> None:
    host.cut = True
    panel = show(chart(host))
    asked = len(host.queries)
    host.cut = False
    host.now_ns += 10 * NS
    panel.update_frame(everything(host))
    host.settle()
    assert len(host.queries) == asked + 1


def test_a_node_that_has_not_heard_of_its_sensors_yet_is_asked_again(host: CurvesHost, show: Show) -> None:
    """As a console finds it that was there before the sources of a node that starts anew."""
    host.unheard = True
    curve, rows = show(chart(host)), show(strips(host), 560, 300)
    asked = len(host.queries)
    rows.update_frame(everything(host))
    assert len(host.queries) == asked, "not with every frame"
    host.unheard = False
    host.now_ns += 10 * NS
    for panel in (curve, rows):
        panel.update_frame(everything(host))
    host.settle()
    assert len(host.queries) == 2 * asked


def test_it_follows_the_selection_else_the_worst_alarm(host: CurvesHost, show: Show) -> None:
    panel = show(ChartPanel(host, ChartSettings()))
    assert panel.view_state()["sensor"] == "gas"
    host.select("sensor:oil")
    panel.update_frame(Frame(now_ns=host.now_ns, selection_changed=True))
    assert panel.view_state()["sensor"] == "oil"
    assert host.selectors == (Selector(ids=("oil",)),)
    host.select("camera:c1")
    panel.update_frame(Frame(now_ns=host.now_ns, selection_changed=True))
    assert panel.view_state()["sensor"] == "gas"


def test_rain_of_the_same_cause_hangs_from_the_top(host: CurvesHost, show: Show) -> None:
    panel = show(ChartPanel(host, ChartSettings(sensor=RIVER)))
    assert RAIN in host.selectors[0].ids
    assert panel._picture.bars_v is not None
    assert float(panel._picture.bars_v.max()) > 5


def test_frozen_chart_bears_data_and_picture(host: CurvesHost, show: Show) -> None:
    frozen = show(chart(host)).freeze()
    assert frozen.title.zh == "沣河 严家渠 水位"
    assert frozen.png.startswith(b"\x89PNG")
    assert len(frozen.data["t_ns"]) == len(frozen.data["v"]) > 1000
    assert frozen.data["limits"][0]["value"] == 389.5


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_header_names_the_sensor(host: CurvesHost, show: Show, language: str) -> None:
    host.language = language
    show(chart(host))
    header = host.headers[-1]
    assert header.title == {"zh": "沣河 严家渠 水位", "en": "Feng River at Yanjiaqu level"}[language]
    assert header.scope.startswith("m")
    assert header.data_ns == NOW_NS


# ---------------------------------------------------------------- strips


def strips(host: CurvesHost, **settings: Any) -> StripsPanel:
    return StripsPanel(host, StripsSettings(**settings))


@pytest.mark.parametrize("mode", ["night", "day"])
def test_the_worst_come_first_in_their_colours(host: CurvesHost, show: Show, mode: Mode) -> None:
    look.set_mode(mode)
    panel = show(strips(host), 354, 250)
    assert panel._order == ["gas", RIVER, "under", "oil", "chem"]
    pixels, t = picture(panel), look.tokens
    first, third = pixels[:49], pixels[101:149]
    assert count(first, t.priority[1].line) > 60
    assert count(first, t.priority[2].line) == 0
    assert count(third, t.priority[2].line) > 60


def test_a_quiet_night_has_no_hue(host: CurvesHost, show: Show) -> None:
    host.store[Alarm].clear()
    for id_ in ("gas", RIVER, "under", "oil", "chem", "rain"):
        host.store[Sensor].pop(id_)
    pixels = picture(show(strips(host), 354, 250))
    assert ((pixels.max(axis=2) - pixels.min(axis=2)) >= 64).mean() == 0


def test_missing_is_never_a_number(host: CurvesHost, show: Show) -> None:
    host.series.pop("calm.00")
    host.add("calm.01", NOW_NS, float("nan"), int(Quality.BAD))
    host.standing["calm.02"] = Freshness.STALE
    panel = show(strips(host, mode="ids", ids=("calm.00", "calm.01", "calm.02", "calm.03")), 354, 200)
    pixels, t = picture(panel), look.tokens
    rows = [pixels[n * 50 : n * 50 + 49] for n in range(4)]
    assert [count(row, t.fault_fill, 8) > 100 for row in rows] == [False, True, True, False]
    curve = panel._parts(panel._grid.cell(0)).curve.toRect()
    assert count(rows[0][:, curve.left() : curve.right()], t.data, 8) == 0


def test_rows_change_places_at_most_every_five_seconds(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host), 354, 250)
    host.store[Alarm]["a.gas"] = Alarm(id="a.gas", sensor="gas", priority=1, state=AlarmState.NORMAL)
    host.now_ns += 2 * NS
    panel.update_frame(Frame(now_ns=host.now_ns, entities=frozenset({"alarm"})))
    assert panel._order[0] == "gas"
    host.now_ns += 4 * NS
    panel.update_frame(Frame(now_ns=host.now_ns))
    assert panel._order[0] == RIVER


def test_a_row_asks_for_its_history_once(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host), 354, 250)
    assert sorted(q[0] for q in host.queries) == sorted(panel._order)
    host.now_ns += 6 * NS
    panel.update_frame(everything(host))
    host.settle()
    assert len(host.queries) == 5


def test_what_does_not_fit_is_left_out(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host), 354, 120)
    assert panel._grid.shown == 2
    assert panel._grid.cell_h >= 46


def test_a_wall_chart_stands_in_columns(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host, count=24), 1400, 280)
    assert panel._grid.columns >= 2
    assert panel._grid.shown >= len(panel._order)


def test_click_and_arrows_select(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host), 354, 250)
    at = QPointF(100, 75)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel.mousePressEvent(QMouseEvent(QEvent.Type.MouseButtonPress, at, at, left, left, none))
    assert host.selection == f"sensor:{RIVER}"
    key(panel, Qt.Key.Key_Down)
    assert host.selection == "sensor:under"
    assert count(picture(panel)[100:150], look.tokens.focus, 4) > 500


@pytest.mark.parametrize(("role", "px"), [("desk", 13.0), ("wall", 40.0), ("vehicle", 15.0)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_and_language_paints(
    host: CurvesHost, show: Show, role: Literal["desk", "wall", "vehicle"], px: float, language: str
) -> None:
    host.role, host.text_px, host.language = role, px, language
    for panel in (show(strips(host), 900, 420), show(chart(host), 900, 420)):
        assert count(picture(panel), look.tokens.priority[1].line) > 100


def test_an_append_paints_only_the_rows_end(host: CurvesHost, show: Show) -> None:
    panel = show(strips(host, mode="ids", ids=("calm.00", "calm.01")), 600, 100)
    picture(panel)
    rects: list[Any] = []
    panel.update = lambda *rect: rects.append(rect)
    host.now_ns += 100
    host.add("calm.00", host.now_ns, 0.34)
    panel.update_frame(Frame(now_ns=host.now_ns, sensors=frozenset({"calm.00"})))
    del panel.update
    assert len(rects) == 1
    assert rects[0][0].left() > panel._parts(panel._grid.cell(0)).curve.center().x()
    assert rects[0][0].bottom() < 51


def test_frozen_strips_bear_their_rows(host: CurvesHost, show: Show) -> None:
    frozen = show(strips(host), 354, 250).freeze()
    assert [row["sensor"] for row in frozen.data["rows"]][:2] == ["gas", RIVER]
    assert frozen.data["rows"][0]["curve_v"]


def test_no_streams_says_what_would_be_here(qapp: QApplication) -> None:
    bare = CurvesHost()
    panel = strips(bare)
    panel.resize(354, 250)
    panel.update_frame(Frame(now_ns=NOW_NS, seeked=True))
    assert count(picture(panel), look.tokens.text, 60) > 60
    panel.close_panel()
    panel.deleteLater()
    bare.close()


def test_samples_of_other_shapes_are_let_be(host: CurvesHost, show: Show) -> None:
    host.series["calm.00"] = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
    picture(show(strips(host, mode="ids", ids=("calm.00", "unknown")), 354, 120))
