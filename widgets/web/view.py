"""A view of one page from outside that can reach what it is let reach and nothing else; knows no list and no tile.

Its profile is its own and off the record: no app:// page, no download, no permission, no second window, no file. Every
request is asked about, of frames, workers and sockets too. Qt asks about a redirect of a part of a page only when it
has been followed, and about WebRTC and WebTransport never: these `fence.py` stops in each frame.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QColor
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineDownloadRequest,
    QWebEngineLoadingInfo,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from widgets.web.fence import TOLD, no_way_round

Admit = Callable[[str], bool]
Believes = Callable[[str, Sequence[bytes]], bool]
"""Given the host and the chain of certificates (DER, the site's own first)."""
INSIDE: Final = frozenset({"data", "blob"})
"""Schemes of what a page has in itself; only parts of a page, never a page."""
MOST_REFUSED: Final = 64
"""Different origins counted; a page that asks for more is told as many."""
_MAIN: Final = frozenset(
    {
        QWebEngineUrlRequestInfo.ResourceType.ResourceTypeMainFrame,
        QWebEngineUrlRequestInfo.ResourceType.ResourceTypeNavigationPreloadMainFrame,
    }
)
_OFF: Final = (
    "PluginsEnabled",
    "PdfViewerEnabled",
    "JavascriptCanOpenWindows",
    "JavascriptCanAccessClipboard",
    "JavascriptCanPaste",
    "LocalContentCanAccessFileUrls",
    "LocalContentCanAccessRemoteUrls",
    "HyperlinkAuditingEnabled",
    "ScreenCaptureEnabled",
    "AllowRunningInsecureContent",
    "AllowGeolocationOnInsecureOrigins",
    "AllowWindowActivationFromJavaScript",
    "DnsPrefetchEnabled",
    "ErrorPageEnabled",
    "FullScreenSupportEnabled",
    "NavigateOnDropEnabled",
    "AutoLoadIconsForPage",
    "TouchIconsEnabled",
    "FocusOnNavigationEnabled",
    "BackForwardCacheEnabled",
)


def short(url: QUrl | str) -> str:
    """An address as a person is shown it: without user name, password, query and fragment."""
    text = QUrl(url).toString(QUrl.ComponentFormattingOption.FullyEncoded) or str(url)
    text = text.partition("#")[0].partition("?")[0]
    return re.sub(r"^([a-z][a-z0-9+.-]*:[/\\\\]*)[^/]*@", r"\1", text, flags=re.I)[:200]


def origin_text(url: QUrl) -> str:
    """Scheme, host and port of an address; of one without a host its scheme."""
    port = f":{url.port()}" if url.port() != -1 else ""
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    return f"{url.scheme()}://{host}{port}"[:200] if host else f"{url.scheme()}:"


class Asking(QWebEngineUrlRequestInterceptor):
    """Asks about every request; `refused` counts by origin what was turned away."""

    main_refused = Signal(object)
    """Of the page itself, also by redirect: its QUrl."""

    def __init__(self, admit: Admit, parent: QObject) -> None:
        super().__init__(parent)
        self._admit = admit
        self.refused: Counter[str] = Counter()
        self.asked = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Qt's hook, in the UI thread."""
        url = info.requestUrl()
        self.asked += 1
        main = info.resourceType() in _MAIN
        if not main and url.scheme() in INSIDE:
            return
        if self._admit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)):
            return
        info.block(True)
        self.count(url)
        if main:
            self.main_refused.emit(url)

    def count(self, url: QUrl) -> None:
        """One more turned away."""
        origin = origin_text(url)
        if origin in self.refused or len(self.refused) < MOST_REFUSED:
            self.refused[origin] += 1


class _Page(QWebEnginePage):
    """A page that goes only where it is let, asks nobody anything and opens nothing."""

    stopped = Signal(object)
    """QUrl of a part that the fence stopped."""
    turned_away = Signal(object)
    """(QUrl, whether it was the page itself and not a frame in it)."""

    def __init__(self, profile: QWebEngineProfile, admit: Admit) -> None:
        super().__init__(profile)
        self._admit = admit

    def acceptNavigationRequest(self, url: QUrl | str, type_: QWebEnginePage.NavigationType, main: bool) -> bool:
        """Frames may hold what a page has in itself; the page itself is always of the list."""
        wanted = QUrl(url)
        if self._admit(wanted.toString(QUrl.ComponentFormattingOption.FullyEncoded)):
            return True
        if not main and (wanted.scheme() in INSIDE or wanted.toString() in ("about:blank", "about:srcdoc")):
            return True
        self.turned_away.emit((wanted, main))
        return False

    def createWindow(self, type_: QWebEnginePage.WebWindowType) -> Any:
        """There are no further windows."""
        return None

    def javaScriptAlert(self, origin: QUrl | str, message: str) -> None:
        """Nobody is there to press OK."""

    def javaScriptConfirm(self, origin: QUrl | str, message: str) -> bool:
        """No."""
        return False

    def javaScriptPrompt(self, origin: QUrl | str, message: str, default: str) -> Any:
        """No answer."""
        return False, ""

    def chooseFiles(self, mode: QWebEnginePage.FileSelectionMode, old: Sequence[str], mimes: Sequence[str]) -> Any:
        """No file of this machine."""
        return []

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """A stranger's chatter is not ours to log; what the fence stopped is counted."""
        if message.startswith(TOLD):
            self.stopped.emit(QUrl(message.removeprefix(TOLD)[:2048]))


class OutsideView(QWebEngineView):
    """The view. Signals, each with one object: `refused` QUrl of a page that was turned away, `loaded` a
    QWebEngineLoadingInfo at each step, `uncertain` (QUrl, words) of a certificate, `asked_login` QUrl, `died` words.

    Args:
        admit: whether an address may be loaded; asked at each request, in the UI thread.
        believes: whether a certificate is good that the system's authorities did not sign; nothing else is forgiven.
        hands: whether pointer and keys reach the page.

    Call `end` before it goes: the page must go before its profile.
    """

    refused = Signal(object)
    loaded = Signal(object)
    uncertain = Signal(object)
    asked_login = Signal(object)
    died = Signal(object)

    def __init__(self, admit: Admit, believes: Believes, ground: QColor, parent: QWidget, *, hands: bool) -> None:
        super().__init__(parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self._ended = False
        self.downloads_refused = 0
        self._believes = believes
        self._profile = QWebEngineProfile()
        self.asking = Asking(admit, self._profile)
        self.asking.main_refused.connect(self.refused)
        self._close_profile()
        self._page = _Page(self._profile, admit)
        self._page.setBackgroundColor(ground)
        self._close_page()
        self.setPage(self._page)
        self.set_hands(hands)

    @property
    def profile(self) -> QWebEngineProfile:
        """Its own, off the record."""
        return self._profile

    def set_hands(self, hands: bool) -> None:
        """Whether pointer and keys reach the page."""
        self._hands = hands
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not hands)
        policy = Qt.FocusPolicy.StrongFocus if hands else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
        inner = self.focusProxy()
        if inner is not None:
            inner.setFocusPolicy(policy)

    def open_url(self, url: QUrl, origins: Sequence[str]) -> None:
        """Load a page, which may use `origins`; `refused` follows where it is not admitted."""
        self._put_script(origins)
        self.asking.refused.clear()
        self._page.load(url)

    def stop_loading(self) -> None:
        """Wait no longer."""
        self._page.triggerAction(QWebEnginePage.WebAction.Stop)

    def pulse(self, answered: Callable[[Any], None]) -> None:
        """Ask the page for a sign of life."""
        if not self._ended:
            self._page.runJavaScript("1", QWebEngineScript.ScriptWorldId.ApplicationWorld.value, answered)

    def end(self) -> None:
        """Take the page down, then its profile, with all that it kept. Safe to call twice."""
        if self._ended:
            return
        self._ended = True
        nothing: Any = None
        self.setPage(nothing)
        shiboken6.delete(self._page)
        shiboken6.delete(self._profile)

    # ------------------------------------------------------------------ what is closed

    def _close_profile(self) -> None:
        profile = self._profile
        profile.setUrlRequestInterceptor(self.asking)
        profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.MemoryHttpCache)
        profile.setHttpCacheMaximumSize(16 << 20)
        profile.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
        profile.setSpellCheckEnabled(False)
        profile.setPushServiceEnabled(False)
        profile.downloadRequested.connect(self._no_download)

    def _put_script(self, origins: Sequence[str]) -> None:
        script = QWebEngineScript()
        script.setName("no way round")
        script.setSourceCode(no_way_round(origins))
        script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
        script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld.value)
        script.setRunsOnSubFrames(True)
        self._profile.scripts().clear()
        self._profile.scripts().insert(script)

    def _close_page(self) -> None:
        page, settings = self._page, self._page.settings()
        for name in _OFF:
            if hasattr(QWebEngineSettings.WebAttribute, name):
                settings.setAttribute(getattr(QWebEngineSettings.WebAttribute, name), False)
        settings.setAttribute(QWebEngineSettings.WebAttribute.WebRTCPublicInterfacesOnly, True)
        settings.setAttribute(QWebEngineSettings.WebAttribute.PlaybackRequiresUserGesture, True)
        page.setAudioMuted(True)
        page.turned_away.connect(self._turned_away)
        page.stopped.connect(self.asking.count)
        page.loadingChanged.connect(self._loading)
        page.certificateError.connect(self._certificate)
        page.renderProcessTerminated.connect(self._died)
        page.permissionRequested.connect(self._no_permission)
        page.authenticationRequired.connect(self._login)
        page.proxyAuthenticationRequired.connect(lambda url, _who, _proxy: self._login(url, _who))
        page.fullScreenRequested.connect(lambda request: request.reject())
        page.registerProtocolHandlerRequested.connect(lambda request: request.reject())
        page.fileSystemAccessRequested.connect(lambda request: request.reject())
        page.desktopMediaRequested.connect(lambda request: request.cancel())

    def _no_download(self, request: QWebEngineDownloadRequest) -> None:
        self.downloads_refused += 1
        request.cancel()

    def _no_permission(self, permission: QWebEnginePermission) -> None:
        permission.deny()

    # ------------------------------------------------------------------ what is told

    def _turned_away(self, what: tuple[QUrl, bool]) -> None:
        url, main = what
        self.asking.count(url)
        if main:
            self.refused.emit(url)

    def _loading(self, info: QWebEngineLoadingInfo) -> None:
        if not self._ended:
            self.loaded.emit(info)

    def _certificate(self, error: QWebEngineCertificateError) -> None:
        chain = [bytes(certificate.toDer().data()) for certificate in error.certificateChain()]
        unknown = error.type() == QWebEngineCertificateError.Type.CertificateAuthorityInvalid
        if unknown and error.isOverridable() and self._believes(error.url().host(), chain):
            error.acceptCertificate()
            return
        error.rejectCertificate()
        if error.isMainFrame() if hasattr(error, "isMainFrame") else True:
            self.uncertain.emit((error.url(), error.description()))

    def _login(self, url: QUrl, who: Any) -> None:
        # left alone, Chromium asks twenty times over
        self.stop_loading()
        self.asked_login.emit(url)

    def _died(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if not self._ended:
            self.died.emit(f"{status.name} {code}")
