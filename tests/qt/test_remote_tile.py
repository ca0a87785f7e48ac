"""A remote screen by a real line from a tiny VNC server: its picture, its age, its faults; nothing is ever sent it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Freshness
from tests.outside_host import OutsideHost, end_panel
from tests.rfb_server import RfbServer, rfb_server
from widgets.kit.web import ASSETS
from widgets.remote import panel as panel_module
from widgets.remote.panel import RemotePanel, Standing
from widgets.remote.spec import RemoteSettings

pytestmark = pytest.mark.skipif(not (ASSETS / "novnc").is_dir(), reason="set-up has not brought noVNC yet")
LOOKS_ONLY = {"format", "encodings", "update", "continuous"}


class Room:
    """A host, its tile, and servers in the host's loop."""

    def __init__(self, folder: Path) -> None:
        self.host = OutsideHost(folder, language="en")
        self.panel: RemotePanel | None = None
        self._servers = AsyncExitStack()

    def serve(self, password: bool = False, fault: str = "", entry: str = "") -> RfbServer:
        """A server that the operator's file names "far"."""
        made: AbstractAsyncContextManager[RfbServer] = rfb_server(password, fault)
        server = self.host.loop.run_until_complete(self._servers.enter_async_context(made))
        self.host.allow(f'[[remote]]\nname = "far"\nhost = "127.0.0.1"\nport = {server.port}\n{entry}')
        return server

    def show(self, name: str = "far") -> RemotePanel:
        self.panel = RemotePanel(self.host, RemoteSettings(name=name))
        self.panel.resize(480, 320)
        self.panel.update_frame(self.host.frame(seeked=True))
        self.panel.show()
        return self.panel

    def until_live(self) -> None:
        panel = self.panel
        assert panel is not None
        self.host.until(panel, lambda: panel.standing is Standing.LIVE)

    def until_says(self, words: str) -> None:
        panel = self.panel
        assert panel is not None

        def said() -> bool:
            return words in " ".join((panel.card.said.head, *panel.card.said.lines))

        self.host.until(panel, lambda: not panel.card.isHidden() and said())

    def close(self) -> None:
        end_panel(self.panel)
        self.host.loop.run_until_complete(self._servers.aclose())
        self.host.close()


@pytest.fixture
def room(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(panel_module, "RETRY_S", (0.05,))
    monkeypatch.setattr(panel_module, "LIST_S", 0.05)
    made = Room(tmp_path)
    with contextlib.closing(made):
        yield made


def test_the_picture_is_shown_with_its_age_and_no_hand_reaches_the_other_machine(room: Room) -> None:
    server = room.serve()
    panel = room.show()
    room.until_live()
    assert panel.view is not None
    # the client asks for pixels whose lowest byte is red
    room.host.until(panel, lambda: panel.grab().toImage().pixelColor(240, 160).name() == "#4080c0")
    header = room.host.headers[-1]
    assert header.freshness is Freshness.LIVE
    assert header.scope == "far"
    assert "view only" in header.marks
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(240, 160))
    QTest.keyClicks(panel, "rm")
    assert set(server.heard) <= LOOKS_ONLY


def test_a_screen_that_answers_no_more_is_hatched_then_connected_anew(room: Room) -> None:
    server = room.serve()
    panel = room.show()
    room.until_live()
    server.fault = "mute"
    asked = server.heard.count("update")
    room.host.until(panel, lambda: server.heard.count("update") > asked, "it asks whether the other machine lives")
    room.host.pass_s(6.0)
    room.host.until(panel, lambda: room.host.headers[-1].freshness is Freshness.STALE, "stale")
    room.host.pass_s(20.0)
    room.until_says("its picture has not come for long")
    assert room.host.headers[-1].freshness is Freshness.DISCONNECTED
    server.fault = ""
    room.until_live()
    assert server.connections > 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("garbage", "what it sends is not right"),
        ("huge", "its screen is too large (screen of 65535×65535 px)"),
        ("outside", "outside the screen"),
        ("flood", "what it sends is not right"),
        ("closes", "the other machine closed the connection"),
    ],
)
def test_what_a_hostile_server_sends_is_an_error_in_words(room: Room, fault: str, words: str) -> None:
    server = room.serve(fault=fault)
    panel = room.show()
    room.until_says(words)
    server.fault = ""
    room.host.until(panel, lambda: panel.standing is Standing.LIVE, "it comes back by itself")


def test_a_server_that_drips_is_given_up(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "GREETED_S", 0.3)
    room.serve(fault="slow")
    room.show()
    room.until_says("it does not speak VNC in time")


def test_the_password_comes_from_the_file_and_stands_nowhere_else(room: Room, tmp_path: Path) -> None:
    secret = tmp_path / "far.secret"
    secret.write_text("swordfish\n", encoding="utf-8")
    secret.chmod(0o644)
    server = room.serve(password=True, entry='password_file = "far.secret"')
    panel = room.show()
    room.until_says("can be read by others")
    secret.chmod(0o600)
    panel.do("remote.reconnect")
    room.until_live()
    # the challenge 00 … 0f under the key that the password makes (RFB 3.8, 7.2.2)
    assert server.heard[0] == "response " + vnc_response("swordfish", bytes(range(16))).hex()
    assert "swordfish" not in repr(panel.freeze().data) + repr(panel.view_state()) + repr(room.host.headers)


def test_a_password_that_is_wanted_and_missing_is_said(room: Room) -> None:
    room.serve(password=True)
    room.show()
    room.until_says("password_file or password_env")


def test_a_name_that_is_not_listed_is_not_called(room: Room) -> None:
    server = room.serve()
    panel = room.show("other")
    room.until_says("not allowed; not connected")
    assert not server.connections
    said = " ".join(panel.card.said.lines)
    assert "In the layout: other" in said
    assert "Allowed: far" in said
    assert str(room.host.folder / "outside.toml") in said


def test_what_is_struck_off_the_list_is_hung_up(room: Room) -> None:
    room.serve()
    room.show()
    room.until_live()
    room.host.allow("version = 1\n")
    room.until_says("not allowed; not connected")


def vnc_response(password: str, challenge: bytes) -> bytes:
    """DES with each byte of the password's bits in reverse."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode()[:8].ljust(8, b"\0"))
    under = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()
    return under.update(challenge) + under.finalize()
