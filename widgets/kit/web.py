"""Web views that can reach nothing but this program: the app:// scheme, its files and answers; knows no page.

A page is `app://res/<path>`: a path is looked up among the view's providers first, then in its folders.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QColor
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

SCHEME: Final = b"app"
ROOT: Final = "app://res/"
ASSETS: Final = Path(os.environ.get("YILAN_BUILD") or Path(__file__).resolve().parents[2] / "build") / "assets"
"""Where set-up puts what is not committed: Leaflet, fonts, the built pages."""

_ALLOWED: Final = frozenset({"app", "qrc", "data", "blob"})
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".geojson": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}
BINARY: Final = "application/octet-stream"

Provider = Callable[[str], tuple[bytes, str]]
"""Given the query ("a=1&b=2", undecoded, "" none): the body and its content type. Raises KeyError for "not there"."""


def register_scheme() -> None:
    """Make app:// known and set what WebEngine reads from the environment; call once BEFORE QApplication exists.

    Root runs without Chromium's sandbox (it cannot start there); users always run with it. A machine without a
    render node paints in software, its fastest way for flat pages.
    """
    if os.name == "posix" and os.geteuid() == 0:
        _add_flag("--no-sandbox")
    # left alone, V8 lets a page that lives for days pile up hundreds of MB before it looks for garbage
    _add_flag("--js-flags=--expose-gc")
    # no request interceptor sees WebRTC: it finds no way out by UDP, also from a frame that a script made just now
    _add_flag("--force-webrtc-ip-handling-policy=disable_non_proxied_udp")
    if sys.platform.startswith("linux") and not any(Path("/dev/dri").glob("renderD*")):
        os.environ.setdefault("QT_QUICK_BACKEND", "software")
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    if QWebEngineUrlScheme.schemeByName(QByteArray(SCHEME)).name().data() == SCHEME:
        return
    scheme = QWebEngineUrlScheme(QByteArray(SCHEME))
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    scheme.setFlags(
        QWebEngineUrlScheme.Flag.SecureScheme
        | QWebEngineUrlScheme.Flag.CorsEnabled
        | QWebEngineUrlScheme.Flag.FetchApiAllowed
    )
    QWebEngineUrlScheme.registerScheme(scheme)


def _add_flag(flag: str) -> None:
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if flag.partition("=")[0] not in flags:
        os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} {flag}".strip()


def content_type(path: str) -> str:
    """The content type by suffix; a module (.mjs) is text/javascript, or no browser runs it."""
    return _TYPES.get(Path(path).suffix.lower(), BINARY)


def find_file(folders: Mapping[str, Sequence[Path]], path: str) -> Path | None:
    """The file of `path`, or None; `folders` maps a prefix ("" = all) to folders; nothing outside them is served."""
    for prefix in sorted(folders, key=len, reverse=True):
        if prefix and not path.startswith(f"{prefix}/"):
            continue
        rest = path[len(prefix) + 1 :] if prefix else path
        for folder in folders[prefix]:
            root = folder.resolve()
            file = (root / rest).resolve()
            if file.is_relative_to(root) and file.is_file():
                return file
    return None


class Gate(QWebEngineUrlRequestInterceptor):
    """Denies whatever does not stay in this program; keeps the last denied addresses for tests and the doctor."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.denied: list[str] = []

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Qt's hook, in the UI thread."""
        if info.requestUrl().scheme() not in _ALLOWED:
            info.block(True)
            self.denied = [*self.denied[-31:], info.requestUrl().toString()]


class Answers(QWebEngineUrlSchemeHandler):
    """Answers app:// from providers and folders; `missing` keeps the last paths that were not there."""

    def __init__(self, folders: Mapping[str, Sequence[Path]], parent: QObject) -> None:
        super().__init__(parent)
        self._folders = folders
        self._bodies: set[QBuffer] = set()
        self.providers: dict[str, Provider] = {}
        self.missing: list[str] = []

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Qt's hook, in the UI thread."""
        url = job.requestUrl()
        path = url.path().lstrip("/")
        try:
            body, kind = self._answer(path, url.query(QUrl.ComponentFormattingOption.FullyEncoded))
        except KeyError:
            self.missing = [*self.missing[-31:], path]
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        except OSError:
            self.missing = [*self.missing[-31:], path]
            job.fail(QWebEngineUrlRequestJob.Error.RequestFailed)
            return
        buffer = QBuffer()
        buffer.setData(QByteArray(body))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        # the body must live as long as its job: Chromium reads it from another thread
        self._bodies.add(buffer)
        job.destroyed.connect(lambda: self._bodies.discard(buffer))
        job.reply(QByteArray(kind.encode()), buffer)

    def _answer(self, path: str, query: str) -> tuple[bytes, str]:
        for name in (path, path.rpartition("/")[0]):
            if name in self.providers:
                rest = path[len(name) + 1 :]
                return self.providers[name](query if not rest else f"{rest}?{query}" if query else rest)
        file = find_file(self._folders, path)
        if file is None:
            raise KeyError(path)
        return file.read_bytes(), content_type(path)


class _Page(QWebEnginePage):
    """A page that stays where it is and hands its console's warnings to its view."""

    complained = Signal(object)

    def acceptNavigationRequest(self, url: QUrl | str, type_: QWebEnginePage.NavigationType, main: bool) -> bool:
        """Only app:// pages are ever shown."""
        return QUrl(url).scheme() in _ALLOWED

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """Warnings and errors of the page's own code are kept; chatter is not."""
        if level != QWebEnginePage.JavaScriptConsoleMessageLevel.InfoMessageLevel:
            self.complained.emit(f"{source.removeprefix(ROOT)}:{line}: {message}")


class WebView(QWebEngineView):
    """A view with its own off-the-record profile; `heard` carries what the page says, `died` that its process ended.

    Args:
        folders: where app://res/… is looked up: prefix → folders.
        ground: colour behind a page that has not painted yet.

    The page speaks by `fetch("app://res/say?" + encodeURIComponent(JSON.stringify(message)))`. Call `end` before the
    view goes: the page must go before its profile.
    """

    heard = Signal(object)
    died = Signal(object)

    def __init__(self, folders: Mapping[str, Sequence[Path]], ground: QColor, parent: QWidget) -> None:
        super().__init__(parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self.complaints: list[str] = []
        self._ended = False
        self._profile = QWebEngineProfile()
        self._gate = Gate(self._profile)
        self._answers = Answers(folders, self._profile)
        self._answers.providers["say"] = self._say
        self._profile.setUrlRequestInterceptor(self._gate)
        self._profile.installUrlSchemeHandler(QByteArray(SCHEME), self._answers)
        self._page = _Page(self._profile)
        self._page.setBackgroundColor(ground)
        self._page.complained.connect(self._complain)
        self._page.renderProcessTerminated.connect(self._died)
        settings = self._page.settings()
        for attribute in (
            QWebEngineSettings.WebAttribute.PluginsEnabled,
            QWebEngineSettings.WebAttribute.LocalStorageEnabled,
            QWebEngineSettings.WebAttribute.WebGLEnabled,
            QWebEngineSettings.WebAttribute.ScrollAnimatorEnabled,
            QWebEngineSettings.WebAttribute.ShowScrollBars,
            QWebEngineSettings.WebAttribute.NavigateOnDropEnabled,
        ):
            settings.setAttribute(attribute, False)
        self.setPage(self._page)

    @property
    def denied(self) -> Sequence[str]:
        """Addresses outside the program that the page asked for; each was refused."""
        return self._gate.denied

    @property
    def missing(self) -> Sequence[str]:
        """Paths of app:// that were asked for and not there."""
        return self._answers.missing

    def provide(self, path: str, provider: Provider) -> None:
        """Answer app://res/<path> (and one level below it, passed before the query) from memory."""
        self._answers.providers[path] = provider

    def ground(self, colour: QColor) -> None:
        """The colour shown where the page has painted nothing."""
        if not self._ended:
            self._page.setBackgroundColor(colour)

    def open_page(self, path: str) -> None:
        """Load app://res/<path>."""
        self._page.load(QUrl(ROOT + path))

    def tell(self, script: str, answer: Callable[[Any], None] | None = None) -> None:
        """Run a script in the page; `answer` gets its value later, in the UI thread."""
        if self._ended:
            return
        if answer is None:
            self._page.runJavaScript(script)
        else:
            self._page.runJavaScript(script, answer)

    def end(self) -> None:
        """Take the page down, then its profile; the view shows nothing afterwards. Safe to call twice."""
        if self._ended:
            return
        self._ended = True
        self.setPage(self._nothing())
        shiboken6.delete(self._page)
        shiboken6.delete(self._profile)

    @staticmethod
    def _nothing() -> Any:
        return None

    def _complain(self, text: str) -> None:
        self.complaints = [*self.complaints[-31:], text]

    def _died(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if not self._ended:
            self.died.emit(f"{status.name} {code}")

    def _say(self, query: str) -> tuple[bytes, str]:
        try:
            message = json.loads(unquote(query))
        except ValueError:
            return b"", "text/plain"
        if isinstance(message, dict) and not self._ended:
            self.heard.emit(message)
        return b"", "text/plain"
