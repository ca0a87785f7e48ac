"""A capture device's tile over the real decode worker, libav's test picture in the device's place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.api import Freshness, PictureState
from console.client import media
from console.client.worker import DecodeWorker
from tests.outside_host import OutsideHost, end_panel
from widgets.capture.panel import CapturePanel
from widgets.capture.spec import CaptureSettings


class Room:
    """A host and its tile."""

    def __init__(self, folder: Path) -> None:
        self.host = OutsideHost(folder, language="en")
        self.folder = folder
        self.panel: CapturePanel | None = None

    def device(self, name: str) -> str:
        """A device that the operator's file names; it is there."""
        path = self.folder / name
        path.touch()
        return str(path)

    def show(self, device: str) -> CapturePanel:
        self.panel = CapturePanel(self.host, CaptureSettings(device=device, size="640x360"))
        self.panel.resize(480, 320)
        self.panel.show()
        return self.panel

    def live(self) -> bool:
        header = self.host.headers[-1]
        return header.data_ns > 0 and header.freshness is Freshness.LIVE

    def until_says(self, words: str) -> None:
        panel = self.panel
        assert panel is not None
        said = panel.card

        def says() -> bool:
            return not said.isHidden() and words in " ".join((said.said.head, *said.said.lines))

        self.host.until(panel, says)

    def close(self) -> None:
        end_panel(self.panel)
        self.host.close()


@pytest.fixture
def room(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(DecodeWorker, "MODULE", "tests.capture_worker")
    monkeypatch.setattr(media, "BACKOFF_S", (0.05,))
    made = Room(tmp_path)
    with contextlib.closing(made):
        yield made


def allow(room: Room, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the list; the file's form wants /dev/…, our devices lie in a folder."""
    allowed = room.host.outside.allowed()
    listed = type(allowed)(file=allowed.file, captures=(device,))
    monkeypatch.setattr(room.host.way, "allowed", lambda: listed)


def test_a_device_shows_its_picture_and_the_newest_is_live(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    device = room.device("pattern0")
    allow(room, device, monkeypatch)
    panel = room.show(device)
    room.host.until(panel, lambda: room.live())
    room.host.until(panel, lambda: len(colours(panel)) > 4, "the test picture's bars are not seen")
    assert room.host.headers[-1].scope == device
    assert panel.card.isHidden()
    panel.hide()
    assert panel.feed is None, "a hidden tile lets the device go"
    panel.show()
    room.host.until(panel, lambda: panel.feed is not None and panel.feed.state is PictureState.LIVE)


def colours(panel: CapturePanel) -> set[str]:
    image = panel.grab().toImage()
    return {image.pixelColor(x, 100).name() for x in range(20, 460, 20)}


def test_a_device_that_falls_silent_never_looks_live(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    device = room.device("stuck0")
    allow(room, device, monkeypatch)
    panel = room.show(device)
    room.host.until(panel, lambda: room.host.headers[-1].freshness is Freshness.STALE)
    assert panel.feed is not None
    assert panel.feed.state is PictureState.STALE


@pytest.mark.parametrize(
    ("name", "words"),
    [("busy0", "another program has the device"), ("plain0", "this is no capture device")],
)
def test_a_device_that_cannot_be_read_says_why(
    room: Room, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = room.device(name)
    allow(room, device, monkeypatch)
    room.show(device)
    room.until_says(words)


def test_a_device_that_is_not_there_is_said_and_no_process_is_begun(room: Room) -> None:
    room.host.allow('capture = ["/dev/video99"]')
    room.show("/dev/video99")
    room.until_says("this machine has no such device")
    assert not room.host.media.worker_pids


def test_a_device_that_is_not_listed_is_not_opened(room: Room) -> None:
    room.host.allow('capture = ["/dev/video7"]')
    panel = room.show("/dev/video0")
    room.until_says("not allowed and was not opened")
    said = " ".join(panel.card.said.lines)
    assert "In the layout: /dev/video0" in said
    assert "Allowed: /dev/video7" in said
    assert panel.feed is None
