"""Web sites on this machine for tests: pages by path, redirects, TLS; each keeps what it was asked for."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator

Answer = tuple[int, dict[str, str], bytes]
Page = Answer | Callable[[], Answer]


def html(body: str) -> Answer:
    """A page."""
    return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<!doctype html><body>{body}".encode()


def script(body: str) -> Answer:
    """A script."""
    return 200, {"Content-Type": "text/javascript"}, body.encode()


def to(address: str, status: int = 302) -> Answer:
    """A redirect."""
    return status, {"Location": address}, b""


class Site:
    """`pages` by path; `asked` are the paths in the order they were asked for."""

    def __init__(self, scheme: str, port: int) -> None:
        self.scheme, self.port = scheme, port
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []

    def at(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """An address of it."""
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextlib.contextmanager
def site(context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site on a free port, ended with the block."""

    class Answering(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"
        timeout = 10

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            made.asked.append(self.path)
            page = made.pages.get(path, (404, {}, b"nothing here"))
            status, headers, body = page() if callable(page) else page
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body)), "Cache-Control": "no-store"}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Silent."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            """A client that goes in the middle, or believes no certificate, is no error of the test."""

    server = Server(("127.0.0.1", 0), Answering)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made = Site("https" if context is not None else "http", server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="site", daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
