"""The remote tile: another machine's screen, view only; noVNC in a page of ours reads it, bytes come by the console.

Each connection begins on a page loaded anew, so that nothing that a hostile server did to one outlives it. All that
waits is a deadline looked at in `update_frame`, which only a visible tile gets; a hidden tile is not connected.
"""

from __future__ import annotations

import base64
import enum
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent

from console.api import NS, BadInput, Frame, Freshness, Header, Host, Line, LinkError, RefusedError, Text
from widgets.kit.body import PanelBody
from widgets.kit.standing import Card, Offer, Sign, Veil
from widgets.kit.text import age_text, clock_text
from widgets.kit.tokens import look
from widgets.kit.trying import Trying
from widgets.kit.web import ASSETS, BINARY, WebView
from widgets.remote import words
from widgets.remote.spec import RECONNECT, RemoteSettings

CODE: Final = Path(__file__).resolve().parent
RETRY_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S: Final = 30.0
"""A connection that stood so long starts the back-off anew."""
LIST_S: Final = 2.0
READY_S: Final = 20.0
"""A page that has not begun after so long is made anew."""
GREETED_S: Final = 15.0
"""From the connection to the first picture."""
STALE_S: Final = 5.0
LOST_S: Final = 20.0
CHUNK: Final = 256 << 10


class Standing(enum.Enum):
    """How the screen stands; LIVE alone shows it without a veil or a card."""

    WAITING = "waiting"
    """Nothing can be connected: no name, or one that is not allowed."""
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"


class RemotePanel(PanelBody[RemoteSettings]):
    """See the module. `Ctrl+F6` connects anew."""

    title = Text("远程桌面", "Remote screen")

    def __init__(self, host: Host, settings: RemoteSettings) -> None:
        super().__init__(host, settings)
        self.standing = Standing.WAITING
        self._view: WebView | None = None
        self._line: Line | None = None
        self._told = False
        """Whether the page knows that there are bytes to fetch."""
        self._ready = False
        self._turn = 0
        """Counts connections: what an older one still has to say is no longer heard."""
        self._began_s = 0.0
        self._live_s = 0.0
        self._last_ns = 0
        self._size = (0, 0)
        self._where = ""
        self._header: Header | None = None
        self._card = Card(self, host)
        self._veil = Veil(self, lambda: host.text_px)
        self._trying = Trying(self, self._card, self._begin)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 90)
        self._cover(words.connecting(settings.name))
        self._tell_header()

    # ------------------------------------------------------------ console.api.Panel

    @property
    def painted(self) -> int:
        """2 once there is something to look at: a screen, or a card that says why there is none."""
        waits = self._trying.waits or self.standing is Standing.CONNECTING
        return 1 if waits else 2

    @property
    def card(self) -> Card:
        """The words in the screen's place."""
        return self._card

    @property
    def view(self) -> WebView | None:
        """The page that paints the screen."""
        return self._view

    def update_frame(self, frame: Frame) -> None:
        """Look at the deadlines; say ages anew."""
        self.now_ns = frame.now_ns
        now_s = time.monotonic()
        if self._trying.list_due(now_s, LIST_S):
            self._follow_list()
        if self.standing is Standing.CONNECTING:
            self._wait_for_greeting(now_s)
        elif self.standing is Standing.LIVE:
            self._look_at_age()
        if self._trying.due(now_s):
            self._begin()
        if frame.seeked:
            self._card.again()
        self._tell_header()

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same after a change of language or size."""
        changed = settings != self.settings
        super().configure(settings)
        if changed and not self._trying.queued:
            self._begin()
        self._card.again()
        self._tell_header()

    def do(self, command_id: str) -> None:
        """Connect anew (console.api.Doing)."""
        if command_id == RECONNECT:
            self._trying.forget()
            self._begin()

    def evidence(self) -> Any:
        """Which screen, how it stands, when its picture came last (UTC ns), its size in px."""
        return {
            "remote": self.settings.name,
            "where": self._where,
            "state": self.standing.value,
            "t_ns": self._last_ns,
            "size": list(self._size),
        }

    def close_panel(self) -> None:
        """End line and page."""
        if self._trying.closed:
            return
        self._trying.close()
        self._hang_up()
        self._end_view()
        super().close_panel()

    # ------------------------------------------------------------ connecting

    def _begin(self) -> None:
        """Connect if that may be; first the page is loaded anew."""
        if self._trying.closed:
            return
        self._trying.begins()
        self._hang_up()
        allowed, name = self.host.outside.allowed(), self.settings.name
        if not name or name not in allowed.remotes:
            self._end_view()
            self.standing = Standing.WAITING
            self._cover(words.refused(name, allowed) if name else words.unset(allowed))
        elif not self.isVisible():
            self.standing = Standing.WAITING
        elif not (ASSETS / "novnc" / "core" / "rfb.js").is_file():
            self._lose(words.NO_PAGE)
        else:
            self._load()
        self._tell_header()

    def _load(self) -> None:
        self._turn += 1
        self.standing = Standing.CONNECTING
        self._began_s = time.monotonic()
        self._ready = False
        if not self._last_ns:
            self._cover(words.connecting(self.settings.name))
        if self._view is None:
            self._view = self._made()
        self._view.open_page("code/remote.html")

    def _made(self) -> WebView:
        view = WebView({"code": [CODE], "": [ASSETS]}, look.tokens.canvas, self)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.provide("bytes", self._bytes)
        view.heard.connect(self._heard)
        view.died.connect(self._died)
        view.setGeometry(self.rect())
        view.show()
        self._veil.raise_()
        self._card.raise_()
        return view

    async def _dial(self, turn: int) -> None:
        """Connect; what comes of it belongs to connection `turn`."""
        try:
            line = await self.host.outside.dial(self.settings.name)
        except (RefusedError, LinkError, BadInput) as error:
            if turn == self._turn and not self._trying.closed:
                self._lose(Text(getattr(error, "zh", "") or str(error), str(error)))
            return
        if turn != self._turn or self._trying.closed or not self._ready or self._view is None:
            line.close()
            return
        self._line, self._where, self._told = line, line.where, False
        self._view.tell(f"yilan.open({msgspec.json.encode({'quality': self.settings.quality}).decode()})")
        line.on_change(self._changed)

    def _hang_up(self) -> None:
        self._turn += 1
        if self._line is not None:
            self._line.close()
            self._line = None
        self._veil.say("")

    def _end_view(self) -> None:
        if self._view is not None:
            self._view.end()
            self._view.hide()
            self._view.deleteLater()
            self._view = None

    # ------------------------------------------------------------ bytes

    def _changed(self) -> None:
        """Bytes came, or the line is over."""
        if self._line is None or self._view is None:
            return
        if not self._told:
            self._told = True
            self._view.tell("yilan.more()")
        if self._line.ended is not None:
            self._view.tell("yilan.ended()")

    def _bytes(self, _query: str) -> tuple[bytes, str]:
        taken = self._line.take(CHUNK) if self._line is not None else b""
        if not taken:
            self._told = False
        return taken, BINARY

    def _heard(self, message: dict[str, Any]) -> None:
        """What the page says; a page that was taken over by a server can say no more than this."""
        act, why = message.get("act"), str(message.get("why", ""))[:200]
        if act == "ready" and not self._ready:
            self._ready = True
            self._began_s = time.monotonic()
            self.host.spawn("remote.dial", self._dial(self._turn))
        elif self._line is None or not self._ready:
            return
        elif act == "send":
            self._send(str(message.get("bytes", "")))
        elif act == "credentials":
            self._answer_credentials(message.get("types"))
        elif act == "size":
            self._size = (_side(message.get("width")), _side(message.get("height")))
        elif act == "painted":
            self._painted()
        elif act == "security":
            self._lose(words.security(why))
        elif act == "failed":
            self._lose(self._line.ended or words.broken(why))
        elif act in ("disconnected", "close"):
            self._lose(self._line.ended or words.broken("closed"))

    def _send(self, text: str) -> None:
        try:
            content = base64.b64decode(text, validate=True)
        except ValueError:
            return
        if self._line is not None:
            self._line.write(content)

    def _answer_credentials(self, types: Any) -> None:
        line = self._line
        assert line is not None
        asked = types if isinstance(types, list) else []
        if "password" in asked and not line.password:
            self._lose(words.PASSWORD)
        elif "username" in asked and not line.account:
            self._lose(words.ACCOUNT)
        elif self._view is not None:
            given = {"username": line.account, "password": line.password}
            self._view.tell(f"yilan.credentials({msgspec.json.encode(given).decode()})")

    def _painted(self) -> None:
        if self.standing is not Standing.LIVE:
            self.standing = Standing.LIVE
            self._live_s = time.monotonic()
            self._card.hide()
        self._last_ns = self.host.now_ns
        self._veil.say("")
        self._tell_header()

    # ------------------------------------------------------------ what becomes of it

    def _wait_for_greeting(self, now_s: float) -> None:
        if not self._ready and now_s - self._began_s > READY_S:
            self._end_view()  # its process hangs
            self._lose(Text("显示进程没有启动", "the page that paints it did not begin"))
        elif self._ready and now_s - self._began_s > GREETED_S:
            self._lose(words.SLOW)

    def _look_at_age(self) -> None:
        age_s = (self.host.now_ns - self._last_ns) / NS
        if age_s > LOST_S:
            self._lose(words.SILENT)
        else:
            self._veil.say(age_text(age_s, self.host.language) if age_s > STALE_S else "")

    def _lose(self, why: Text) -> None:
        """The connection is over; another follows."""
        if self._live_s and time.monotonic() - self._live_s > STEADY_S:
            self._trying.forget()
        self._live_s = 0.0
        where = self._where or self.settings.name
        self._hang_up()
        self._ready = False
        self.standing = Standing.LOST
        self._trying.failed(RETRY_S)
        since = clock_text(self._last_ns)
        last = (Text(f"最后画面 {since}", f"Last picture {since}"),) if self._last_ns else ()
        self._cover((*words.lost(where, why), *last), sign="plug", fault=True, retry=True)
        self._tell_header()

    def _died(self, why: str) -> None:
        self._lose(Text(f"显示进程中断（{why}）", f"the page that paints it ended ({why})"))

    def _follow_list(self) -> None:
        """What was struck off the list is hung up; what was added is connected."""
        on_list = self.settings.name in self.host.outside.allowed().remotes
        if self.standing is Standing.WAITING:
            if on_list and self.isVisible() and not self._trying.queued:
                self._begin()
        elif not on_list:
            self._last_ns = 0
            self._begin()

    # ------------------------------------------------------------ what is said

    def _cover(self, why: tuple[Text, ...], *, sign: Sign = "none", fault: bool = False, retry: bool = False) -> None:
        again: Offer = (Text("重新连接", "Reconnect"), "Ctrl+F6", lambda: self.do(RECONNECT))
        offers = [again] if retry and self.host.role != "wall" else []
        self._card.cover(why, sign=sign, fault=fault, offers=offers)

    def _tell_header(self) -> None:
        marks = [Text("只看", "view only")] if self.standing is Standing.LIVE else []
        language = self.host.language
        header = Header(
            scope=self.settings.name,
            marks=tuple(text.of(language) for text in marks),
            data_ns=self._last_ns // NS * NS,
            source=self._where,
            freshness=self._freshness(),
            direct=True,
        )
        if header != self._header:
            self._header = header
            self.host.header(header)

    def _freshness(self) -> Freshness:
        if not self._last_ns:
            return Freshness.LIVE  # never seen, and our card says why: of NEVER the host would lay its own over it
        if self.standing is Standing.LIVE:
            return Freshness.STALE if self._veil.words else Freshness.LIVE
        return Freshness.DISCONNECTED

    # ------------------------------------------------------------ Qt's hooks

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook."""
        super().showEvent(event)
        if self.standing is Standing.WAITING and self._trying.begun:
            self._trying.soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: a hidden tile is not connected."""
        super().hideEvent(event)
        self._hang_up()
        self._trying.rest()
        if self.standing is not Standing.WAITING:
            self.standing = Standing.WAITING
            self._cover(words.connecting(self.settings.name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        for part in (self._view, self._card, self._veil):
            if part is not None:
                part.setGeometry(self.rect())
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook."""
        QPainter(self).fillRect(event.rect(), look.tokens.canvas)

    def _look_changed(self, tokens: object) -> None:
        if self._view is not None:
            self._view.ground(look.tokens.canvas)
        super()._look_changed(tokens)


def _side(told: object) -> int:
    """A side of the screen in px, 0 where what the page says is no number."""
    return told if isinstance(told, int) else 0
