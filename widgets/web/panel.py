"""The web tile: which page, how it stands and what is said where it does not; the page itself is a stranger.

Everything that waits (retry, reload, pulse) is a deadline looked at in `update_frame`, which only a visible tile gets:
a page that nobody sees loads nothing.
"""

from __future__ import annotations

import datetime as dt
import enum
import time
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo
from PySide6.QtWidgets import QApplication

from console.api import NS, Allowed, BadInput, Frame, Freshness, Header, Host, Text, web_origin
from widgets.kit.body import PanelBody
from widgets.kit.standing import Card, Offer, Sign, Veil
from widgets.kit.text import age_text, clock_text, draw_elided, font
from widgets.kit.tokens import look
from widgets.kit.trying import Trying
from widgets.web import words
from widgets.web.believing import authorities, believed
from widgets.web.spec import RELOAD, WebSettings
from widgets.web.view import OutsideView, short

RETRY_S: Final = (5.0, 10.0, 30.0, 60.0)
LOAD_S: Final = 45.0
"""A page that is not there after so long is given up, and tried again."""
LIST_S: Final = 2.0
PULSE_S: Final = 5.0
PULSELESS_S: Final = 15.0
"""A page that gives no sign of life for so long is said to be frozen."""
PAPER: Final = QColor("#FFFFFF")
"""Under pages that paint no ground of their own: they count on a browser's, by night too."""
LEAST_RELOAD_S: Final = 10.0
_FAILED: Final = QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus
_SHOWN: Final = QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus
_Domain: Final = QWebEngineLoadingInfo.ErrorDomain


class Standing(enum.Enum):
    """How the page stands; all but SHOWN and LOADING are covered by a card."""

    WAITING = "waiting"
    """Nothing can be loaded: no address, or one that is not allowed."""
    LOADING = "loading"
    SHOWN = "shown"
    REFUSED = "refused"
    """The page went, or was sent, where it may not."""
    FAILED = "failed"
    DIED = "died"


class WebPanel(PanelBody[WebSettings]):
    """See the module. `Ctrl+F5` loads the page anew."""

    title = Text("网页", "Web page")

    def __init__(self, host: Host, settings: WebSettings) -> None:
        super().__init__(host, settings)
        self.standing = Standing.WAITING
        self.loads = 0
        self._view: OutsideView | None = None
        self._address = ""
        self._authorities: tuple[str, ...] = ()
        self._loaded_ns = 0
        self._began_s = 0.0
        self._asked_s = self._lived_s = 0.0
        self._header: Header | None = None
        self._card = Card(self, host)
        self._veil = Veil(self, lambda: host.text_px)
        self._trying = Trying(self, self._card, self._begin)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 90)
        self._cover((Text("正在装入网页", "Loading the page"), Text(self._shown_address())))
        self._tell_header()

    # ------------------------------------------------------------ console.api.Panel

    @property
    def painted(self) -> int:
        """2 once there is something to look at: a page, or a card that says why there is none."""
        waits = self._trying.waits or self.standing is Standing.LOADING
        return 1 if waits else 2 + self.loads

    @property
    def card(self) -> Card:
        """The words in the page's place."""
        return self._card

    @property
    def view(self) -> OutsideView | None:
        """The page's view while there is one."""
        return self._view

    def update_frame(self, frame: Frame) -> None:
        """Look at the deadlines; say ages anew."""
        self.now_ns = frame.now_ns
        now_s = time.monotonic()
        if self._trying.list_due(now_s, LIST_S):
            self._follow_list()
        if self.standing is Standing.LOADING and now_s - self._began_s > LOAD_S and self._view is not None:
            self._view.stop_loading()
            self._fail(words.failed(self._shown_address(), words.SLOW))
        if self._trying.due(now_s):
            self._begin()
        self._pulse(now_s)
        if frame.seeked:
            self._say_again()
        self._tell_header()

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same after a change of language or size."""
        changed = settings != self.settings
        super().configure(settings)
        if changed:
            self._begin()
        elif self._view is not None:
            self._view.setZoomFactor(self._zoom())
        self._say_again()
        self._tell_header()

    def do(self, command_id: str) -> None:
        """Load the page anew (console.api.Doing)."""
        if command_id == RELOAD:
            self._trying.forget()
            self._begin()

    def evidence(self) -> Any:
        """Which page, how it stands, when it was loaded (UTC ns), and what it was refused."""
        return {
            "url": self._shown_address(),
            "state": self.standing.value,
            "loaded_ns": self._loaded_ns,
            "refused": dict(self._view.asking.refused) if self._view is not None else {},
        }

    def close_panel(self) -> None:
        """End the page and its process."""
        if self._trying.closed:
            return
        self._trying.close()
        self._end_view()
        super().close_panel()

    # ------------------------------------------------------------ the page

    def _shown_address(self) -> str:
        return short(self.settings.url.strip()) if self.settings.url else ""

    def _begin(self) -> None:
        """Load the page if it may be."""
        if self._trying.closed:
            return
        self._trying.begins()
        allowed = self.host.outside.allowed()
        raw = self.settings.url.strip()
        if not raw:
            self._wait(words.unset(allowed))
            return
        url = QUrl(raw, QUrl.ParsingMode.StrictMode)
        address = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        try:
            if not url.isValid():
                raise BadInput(url.errorString() or "no address")
            web_origin(address)
        except BadInput as error:
            self._wait(words.bad(short(raw), str(error)))
            return
        if not allowed.admits(address):
            self._wait(words.refused(short(url), allowed))
            return
        self._address = address
        self._load(url, allowed)

    def _load(self, url: QUrl, allowed: Allowed) -> None:
        if self.standing is Standing.DIED or allowed.authorities != self._authorities:
            self._end_view()
        self._authorities = allowed.authorities
        if self._view is None:
            self._view = self._made()
        self.standing = Standing.LOADING
        self._began_s = time.monotonic()
        if not self._loaded_ns or not self._card.isHidden():
            self._cover((Text("正在装入网页", "Loading the page"), Text(short(url))))
        self._view.setZoomFactor(self._zoom())
        self._view.set_hands(self._hands())
        self._view.open_url(url, allowed.web)
        self._tell_header()

    def _made(self) -> OutsideView:
        view = OutsideView(self._admits, self._believes, PAPER, self, hands=self._hands())
        view.refused.connect(self._refused)
        view.loaded.connect(self._loading)
        view.uncertain.connect(self._uncertain)
        view.asked_login.connect(self._asked_login)
        view.died.connect(self._died)
        view.setGeometry(self._page_rect())
        view.show()
        self._card.raise_()
        return view

    def _admits(self, address: str) -> bool:
        return not self._trying.closed and self.host.outside.allowed().admits(address)

    def _believes(self, host: str, chain: Sequence[bytes]) -> bool:
        files = self.host.outside.allowed().authorities
        return believed(chain, host, authorities(files), dt.datetime.now(dt.UTC))

    def _hands(self) -> bool:
        return self.settings.hands and self.host.role != "wall"

    def _zoom(self) -> float:
        wanted = self.settings.zoom or self.host.text_px / 13.0
        return min(5.0, max(0.25, wanted))

    def _end_view(self) -> None:
        if self._view is not None:
            self._view.end()
            self._view.hide()
            self._view.deleteLater()
            self._view = None

    def _follow_list(self) -> None:
        """What was struck off the list is taken down; what was added is loaded."""
        allowed = self.host.outside.allowed()
        if self.standing in (Standing.LOADING, Standing.SHOWN) and not allowed.admits(self._address):
            self._end_view()
            self._loaded_ns = 0
            self._wait(words.refused(short(self._address), allowed))
        elif self.standing is Standing.WAITING and allowed.admits(_encoded(self.settings.url)):
            self._begin()

    def _pulse(self, now_s: float) -> None:
        if self.standing is not Standing.SHOWN or self._view is None:
            return
        if now_s - self._asked_s > PULSE_S:
            self._asked_s = now_s
            self._view.pulse(self._alive)
        frozen = now_s - self._lived_s > PULSELESS_S
        self._veil.say(self._age_words(int((now_s - self._lived_s) * NS)) if frozen else "")

    def _alive(self, _answer: object) -> None:
        self._lived_s = time.monotonic()

    def _age_words(self, age_ns: int) -> str:
        return age_text(age_ns / NS, self.host.language)

    @property
    def frozen(self) -> bool:
        """Whether the page has given no sign of life for long."""
        return bool(self._veil.words)

    # ------------------------------------------------------------ what becomes of it

    def _loading(self, info: QWebEngineLoadingInfo) -> None:
        status = info.status()
        if self.standing not in (Standing.LOADING, Standing.SHOWN):
            return
        if status == _SHOWN:
            self.standing = Standing.SHOWN
            self.loads += 1
            self._trying.forget()
            self._loaded_ns = self.host.now_ns
            self._lived_s = self._asked_s = time.monotonic()
            self._card.hide()
            self._place()
            if self.settings.reload_s:
                self._trying.after(max(LEAST_RELOAD_S, self.settings.reload_s))
        elif status == _FAILED:
            self._fail(words.failed(self._shown_address(), _why(info)))
        self._tell_header()

    def _fail(self, why: tuple[Text, ...]) -> None:
        self.standing = Standing.FAILED
        self._trying.failed(RETRY_S)
        since = self._loaded_ns
        last = (Text(f"上次装入 {clock_text(since)}", f"Last loaded {clock_text(since)}"),) if since else ()
        self._cover((*why, *last), sign="plug", fault=True, retry=True)
        self._tell_header()

    def _wait(self, why: tuple[Text, ...]) -> None:
        self.standing = Standing.WAITING
        self._end_view()
        self._cover(why)
        self._tell_header()

    def _refused(self, url: QUrl) -> None:
        stood = self.standing is Standing.SHOWN
        self.standing = Standing.REFUSED
        if self.host.role == "wall":
            self._trying.after(RETRY_S[-1])
        else:
            self._trying.rest()
        if self.isAncestorOf(QApplication.focusWidget() or self):
            self.setFocus()  # keys are the card's now, not the covered page's
        self._cover(words.refused(short(url), self.host.outside.allowed()), retry=True, back=stood)
        self._tell_header()

    def _uncertain(self, what: tuple[QUrl, str]) -> None:
        url, why = what
        if self.standing is Standing.LOADING:
            self._fail(words.uncertain(short(url), why))

    def _asked_login(self, url: QUrl) -> None:
        if self.standing is Standing.LOADING:
            self._fail(words.login(short(url)))

    def _died(self, why: str) -> None:
        # told by the page itself, which must not go while it speaks: it is made anew with the next load
        self.standing = Standing.DIED
        self._trying.failed(RETRY_S)
        self._cover(words.died(why), sign="plug", fault=True, retry=True)
        self._tell_header()

    # ------------------------------------------------------------ what is said

    def _cover(
        self,
        why: tuple[Text, ...],
        *,
        sign: Sign = "none",
        fault: bool = False,
        retry: bool = False,
        back: bool = False,
    ) -> None:
        self._veil.say("")
        offers: list[Offer] = []
        if retry and self.host.role != "wall":
            offers.append((Text("重新装入", "Reload"), "Ctrl+F5", lambda: self.do(RELOAD)))
        if back and self.host.role != "wall":
            offers.append((Text("回到原页", "Back to the page"), "Esc", self._go_back))
        self._card.cover(why, sign=sign, fault=fault, offers=offers)

    def _go_back(self) -> None:
        """The page that stood before a link led astray still stands."""
        if self.standing is Standing.REFUSED and self._loaded_ns and self._view is not None:
            self.standing = Standing.SHOWN
            self._lived_s = time.monotonic()
            self._card.hide()
            self._tell_header()

    def _say_again(self) -> None:
        """In the language of now."""
        self._card.again()
        self.update()

    def _tell_header(self) -> None:
        language = self.host.language
        header = Header(
            scope=QUrl(self.settings.url.strip()).host(),
            marks=tuple(text.of(language) for text in self._marks()),
            data_ns=self._loaded_ns,
            source=self._shown_address(),
            freshness=self._freshness(),
            direct=True,
        )
        if header != self._header:
            self._header = header
            self._place()
            self.update()
            self.host.header(header)

    def _marks(self) -> list[Text]:
        marks = []
        if self.standing is Standing.LOADING:
            marks.append(Text("装入中", "loading"))
        if self._address.startswith("http://") and self._view is not None:
            marks.append(Text("未加密", "not encrypted"))
        if self._view is not None and (turned := self._view.asking.refused.total()):
            marks.append(Text(f"拒绝 {turned} 项", f"{turned} refused"))
        if self.frozen:
            marks.append(Text("无响应", "not responding"))
        return marks

    def _freshness(self) -> Freshness:
        if not self._loaded_ns:
            return Freshness.LIVE  # never loaded, and our card says why: of NEVER the host would lay its own over it
        if self.standing in (Standing.SHOWN, Standing.LOADING, Standing.REFUSED):
            return Freshness.STALE if self.frozen else Freshness.LIVE
        return Freshness.DISCONNECTED

    # ------------------------------------------------------------ geometry, hands and paint

    def _foot_px(self) -> int:
        turned = self._view is not None and self._view.asking.refused and self.standing is Standing.SHOWN
        return round(self.host.text_px * 1.7) if turned else 0

    def _page_rect(self) -> QRect:
        return self.rect().adjusted(0, 0, 0, -self._foot_px())

    def _place(self) -> None:
        if self._view is not None and self._view.geometry() != self._page_rect():
            self._view.setGeometry(self._page_rect())
        self._card.setGeometry(self.rect())
        self._veil.setGeometry(self._page_rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        self._place()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """While that card stands Esc means this panel, not the console's way back."""
        astray = self.standing is Standing.REFUSED and self._loaded_ns
        if event.type() is not QEvent.Type.ShortcutOverride or not astray or not isinstance(event, QKeyEvent):
            return super().event(event)
        event.setAccepted(event.key() == Qt.Key.Key_Escape)
        return event.isAccepted()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the card of a page that went astray."""
        if event.key() == Qt.Key.Key_Escape and self.standing is Standing.REFUSED and self._loaded_ns:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the foot that says what the page did not get."""
        p = QPainter(self)
        t = look.tokens
        p.fillRect(event.rect(), t.tile)
        if (foot := self._foot_px()) and self._view is not None:
            p.setFont(font(self.host.text_px * 0.92))
            p.setPen(t.text2)
            row = self.rect().adjusted(round(self.px(8)), self.height() - foot, -round(self.px(8)), 0)
            text = words.turned_away(self._view.asking.refused).of(self.host.language)
            draw_elided(p, row.toRectF(), Qt.AlignmentFlag.AlignVCenter, text)
        p.end()


def _encoded(text: str) -> str:
    return QUrl(text.strip()).toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _why(info: QWebEngineLoadingInfo) -> Text:
    """Why a page did not come, in words; Chromium's own name of it stays with them."""
    domain, code = info.errorDomain(), info.errorCode()
    if domain == _Domain.HttpStatusCodeDomain:
        return words.status(code)
    known = {_Domain.DnsErrorDomain: words.NO_NAME, _Domain.ConnectionErrorDomain: words.NO_ROUTE}
    text = known.get(domain, words.BROKEN)
    name = info.errorString().removeprefix("net::")[:60]
    return Text(f"{text.zh}（{name}）", f"{text.of('en')} ({name})") if name else text
