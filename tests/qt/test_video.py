"""The video panel: each state its own look, only what changed repainted, keys, badges, feeds let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from console.api import LIVE, NS, Alarm, AlarmState, Camera, Feed, Freshness, Picture, PictureState, Sensor, Text
from tests.fakes import FakeHost
from widgets.kit.blink import blink
from widgets.kit.tokens import night
from widgets.video import cell
from widgets.video.panel import VideoPanel
from widgets.video.spec import VideoSettings

GREEN = (40, 160, 40)


class FakeFeed:
    """console.api.Feed by hand."""

    def __init__(self, host: VideoHost) -> None:
        self._host = host
        self.state = PictureState.CONNECTING
        self.detail = ""
        self.last_t_ns = 0
        self.fps = 25.0
        self.size = (64, 36)
        self.closed = False
        self._serial = 0
        self._picture: Picture | None = None
        self._callback: Callable[[], None] | None = None

    def picture(self) -> Picture | None:
        return self._picture

    def resize(self, width_px: int, height_px: int) -> None:
        self.size = (width_px, height_px)

    def on_picture(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def close(self) -> None:
        self.closed = True

    def show(self, colour: tuple[int, int, int]) -> None:
        """A new live picture of one colour."""
        bgra = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        bgra[..., :3] = colour[::-1]
        self.give(bgra)

    def give(self, bgra: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """A new live picture, u8 (height, width, 4)."""
        self._serial += 1
        self.last_t_ns = self._host.now_ns
        self._picture = Picture(bgra=bgra, t_ns=self.last_t_ns, serial=self._serial)
        self.become(PictureState.LIVE)

    def become(self, state: PictureState, detail: str = "") -> None:
        self.state, self.detail = state, detail
        if self._callback is not None:
            self._callback()


class VideoHost(FakeHost):
    """A host whose feeds are ours."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.feeds: dict[str, FakeFeed] = {}

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        self.feeds[camera_id] = FakeFeed(self)
        return self.feeds[camera_id]


Made = tuple[VideoHost, VideoPanel]


@pytest.fixture
def made(qapp: QApplication) -> Iterator[Made]:
    """A shown panel of 2 × 2 over six cameras, of which c3 stands beside an alarm."""
    host = VideoHost(language="en")
    for i in range(6):
        host.put(
            Camera(id=f"c{i}", name=Text(f"相机 {i}", f"Camera {i}"), lon=108.0 + i * 0.1, lat=34.0, infrared=i == 3)
        )
    host.put(Sensor(id="s", lon=108.3, lat=34.001, alarm_text=Text("漏", "leak")))
    host.put(Alarm(id="a", sensor="s", priority=1, state=AlarmState.UNACKNOWLEDGED, raised_ns=host.now_ns))
    panel = VideoPanel(host, VideoSettings())
    panel.resize(480, 320)
    panel.show()
    panel.update_frame(host.frame(seeked=True))
    yield host, panel
    panel.close_panel()
    panel.close()
    panel.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pixels(panel: VideoPanel) -> np.ndarray[Any, np.dtype[np.uint8]]:
    image = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    array = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return array[:, : image.width(), 2::-1].copy()


def quarter(panel: VideoPanel, index: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The middle of a cell's picture."""
    row, column = divmod(index, 2)
    return pixels(panel)[row * 160 + 50 : row * 160 + 125, column * 240 + 60 : column * 240 + 180]


def cell_of(panel: VideoPanel, camera: str) -> int:
    return next(i for i, c in enumerate(panel._cells) if c is not None and c.camera_id == camera)


def press(panel: VideoPanel, key: Qt.Key) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(panel, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))


def test_the_camera_beside_the_alarm_comes_first(made: Made) -> None:
    host, panel = made
    assert list(host.feeds) == ["c3", "c0", "c1", "c2"]
    assert host.headers[-1].scope == "by alarm · 4 / 6"
    assert host.headers[-1].marks == ("infrared",)
    event = panel._cells[0]
    assert event is not None and event.event is not None
    assert (event.event.priority, event.event.words) == (1, "leak")


def test_each_state_has_its_own_look(made: Made) -> None:
    host, panel = made
    feed = host.feeds["c0"]
    index = cell_of(panel, "c0")
    connecting = quarter(panel, index)
    feed.show(GREEN)
    live = quarter(panel, index)
    assert np.abs(live.astype(int) - GREEN).max() <= 2
    feed.become(PictureState.STALE, "silent")
    host.now_ns += 3 * NS
    stale = quarter(panel, index)
    feed.become(PictureState.LOST, "timeout")
    lost = quarter(panel, index)
    looks = [connecting, live, stale, lost]
    for i, one in enumerate(looks):
        for other in looks[i + 1 :]:
            assert np.abs(one.astype(int) - other).mean() > 4
    assert stale.std(axis=(0, 1)).max() > 5, "hatched"
    assert live[..., 1].mean() > 1.4 * stale[..., 1].mean() > 1.4 * lost[..., 1].mean()
    fault = night().fault_fill
    bar = pixels(panel)[:20, 240:480] if index == 1 else pixels(panel)[160:180, :240]
    assert (np.abs(bar.astype(int) - (fault.red(), fault.green(), fault.blue())).max(axis=-1) < 6).sum() > 60


def test_a_new_picture_repaints_its_cell_alone(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    host, panel = made
    for feed in host.feeds.values():
        feed.show(GREEN)
    panel.grab()
    QTest.qWait(50)
    asked: list[Any] = []
    monkeypatch.setattr(panel, "update", lambda *region: asked.append(region))
    spy = QSignalSpy(panel._gather.timeout)
    host.feeds["c3"].show((90, 20, 20))
    assert spy.wait(30_000)
    [(region,)] = asked
    cell = panel._cells[0]
    assert cell is not None
    assert region.boundingRect() == cell.picture_rect(13)


def test_pictures_are_counted_once(made: Made) -> None:
    host, panel = made
    before = panel.painted
    host.feeds["c0"].show(GREEN)
    panel.grab()
    panel.grab()
    assert panel.painted == before + 1


def test_esc_ends_the_enlarged_picture_before_it_is_the_consoles(made: Made) -> None:
    host, panel = made
    back: list[bool] = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), panel.window())
    shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
    shortcut.activated.connect(lambda: back.append(True))
    panel.window().activateWindow()
    QTest.qWait(20)
    panel.setFocus()
    host.select("camera:c0")
    panel.update_frame(host.frame())
    press(panel, Qt.Key.Key_Return)
    assert panel.view_state() == {"alone": "c0"}
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.view_state() == {"alone": ""} and not back
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert back
    shortcut.setEnabled(False)


def test_selection_outlines_and_keys_move(made: Made) -> None:
    host, panel = made
    host.select("sensor:s")
    panel.update_frame(host.frame())
    first = panel._cells[0]
    assert first is not None and first.outlined
    press(panel, Qt.Key.Key_Right)
    assert host.selection == "camera:c0"
    panel.update_frame(host.frame())
    press(panel, Qt.Key.Key_Return)
    assert panel.view_state() == {"alone": "c0"}
    assert [c.camera_id for c in panel._shown()] == ["c0"]
    assert host.feeds["c3"].closed
    press(panel, Qt.Key.Key_Escape)
    assert len(panel._shown()) == 4


def test_a_hidden_panel_lets_go_of_its_feeds(made: Made) -> None:
    host, panel = made
    feeds = list(host.feeds.values())
    panel.hide()
    assert all(feed.closed for feed in feeds)
    panel.show()
    assert not any(feed.closed for feed in host.feeds.values())


def test_a_replay_shows_no_picture_of_now(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    host, panel = made
    feeds = dict(host.feeds)
    feeds["c0"].show(GREEN)
    live = quarter(panel, cell_of(panel, "c0"))
    host.context = "replay:7K3P"
    panel.update_frame(host.frame(seeked=True))
    assert all(feed.closed for feed in feeds.values()), "the live feeds are released"
    assert host.feeds == feeds, "none is opened for the past"
    then = quarter(panel, cell_of(panel, "c0"))
    assert live[..., 1].mean() > 2 * then[..., 1].mean()
    said: list[str] = []
    monkeypatch.setattr(cell, "draw_elided", lambda _p, _rect, _flags, text: said.append(text))
    panel.grab()
    assert {"no recording in a replay", "live feed released"} <= set(said)
    assert host.headers[-1].freshness is Freshness.LIVE, "no fault: there is none to be had"
    host.context = LIVE
    panel.update_frame(host.frame(seeked=True))
    assert host.feeds["c0"] is not feeds["c0"]
    host.feeds["c0"].show(GREEN)
    assert quarter(panel, cell_of(panel, "c0"))[..., 1].mean() > 2 * then[..., 1].mean()


def test_blinks_only_while_something_waits(made: Made) -> None:
    host, panel = made
    assert id(panel) in blink._holders
    host.put(Alarm(id="a", sensor="s", priority=1, state=AlarmState.ACKNOWLEDGED, raised_ns=host.now_ns))
    panel.update_frame(host.frame())
    assert id(panel) not in blink._holders


def test_evidence_says_what_is_shown(made: Made) -> None:
    host, panel = made
    host.feeds["c3"].show(GREEN)
    draft = panel.freeze()
    assert draft.data[0] == {"camera": "c3", "state": "live", "t_ns": host.now_ns, "why": ""}
    assert draft.png.startswith(b"\x89PNG")


def test_no_cameras_says_how_to_get_some(qapp: QApplication) -> None:
    host = VideoHost(language="en")
    panel = VideoPanel(host, VideoSettings())
    panel.resize(480, 320)
    panel.show()
    panel.update_frame(host.frame(seeked=True))
    assert pixels(panel).max() > 150
    panel.close_panel()
    panel.close()
