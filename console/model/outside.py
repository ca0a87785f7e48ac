"""What a console may show from outside the product, and how that is asked for; knows no file and no socket."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

from console.model.errors import BadInput
from console.model.values import Text, Value

PORTS: Final = {"https": 443, "http": 80}
_SOCKETS: Final = {"wss": "https", "ws": "http"}
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\]")
_LONGEST: Final = 8192


def web_origin(address: str) -> str:
    """The origin of an http(s) or ws(s) address with its port, e.g. "https://example.cn:443"; ws(s) counts as http(s).

    Raises BadInput for whatever a browser might read in another way: user names, blanks, backslashes, names that are
    not ASCII (write them as xn--…), numbers in other forms than a.b.c.d.
    """
    if len(address) > _LONGEST or not address.isascii() or re.search(r"[\x00-\x20\x7f\\]", address):
        raise BadInput(
            "address", found=repr(address[:80]), expected="printable ASCII without blanks; other names as xn--…"
        )
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise BadInput("address", found=f"'{address[:80]}' ({error})", expected="https://name:port/…") from error
    scheme = _SOCKETS.get(parts.scheme, parts.scheme)
    if scheme not in PORTS or not parts.netloc:
        raise BadInput("address", found=f"'{address[:80]}'", expected="https://…, or http://… where that is allowed")
    if "@" in parts.netloc:
        raise BadInput("address", found="a user name or password in it", expected="an address without")
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.rstrip(":")
    host = host.lower()
    if not _HOST.fullmatch(host):
        raise BadInput("address", found=f"host '{host[:80]}'", expected="a name such as example.cn, or an IP address")
    return f"{scheme}://{host}:{port or PORTS[scheme]}"


class Allowed(Value, frozen=True, kw_only=True):
    """What the operator's file lets tiles open on this machine; nothing where it is missing or has a mistake.

    Attributes:
        file: where it lies, for the words on a card.
        web: origins as `web_origin` gives them.
        remotes: names of screens of other machines.
        captures: paths of capture devices.
        authorities: files of certificate authorities that pages are believed by, besides the system's.
        trouble: what is wrong with the file, Text("") where nothing is.
    """

    file: str = ""
    web: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    trouble: Text = Text("")

    def admits(self, address: str) -> bool:
        """Whether a page, or what a page asks for, may come from there."""
        try:
            return web_origin(address) in self.web
        except BadInput:
            return False


class Device(Value, frozen=True, kw_only=True):
    """A capture device that this machine has."""

    path: str
    name: str = ""


class Line(Protocol):
    """Bytes to and from a remote screen, in the loop's thread; bounded: what is not taken is not read either.

    `account`, `password`: what the operator's file names for it, "" none. `where` is the host with its port.
    """

    where: str
    account: str
    password: str

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back when there are bytes to take, or the line has ended."""
        ...

    @property
    def ended(self) -> Text | None:
        """Why the line is over; None while it is open."""
        ...

    @property
    def received_ns(self) -> int:
        """When bytes came last, UTC ns, this machine's clock."""
        ...

    def take(self, most: int) -> bytes:
        """Bytes that came, at most so many; b"" where there are none now."""
        ...

    def write(self, content: bytes) -> None:
        """Send bytes; a peer that takes none for long ends the line."""
        ...

    def close(self) -> None: ...


class Outside(Protocol):
    """The one way out of the console for its tiles (console.client.outside)."""

    def allowed(self) -> Allowed:
        """What may be opened now; the file is read again where it changed."""
        ...

    def devices(self) -> tuple[Device, ...]:
        """Capture devices of this machine, by path."""
        ...

    async def dial(self, name: str) -> Line:
        """Connect to a remote screen by its name in the file. Raises RefusedError (not allowed, secret), LinkError."""
        ...


class Shut:
    """An `Outside` that lets nothing through."""

    def allowed(self) -> Allowed:
        return Allowed()

    def devices(self) -> tuple[Device, ...]:
        return ()

    async def dial(self, name: str) -> Line:
        raise BadInput("outside", found=name, expected="a console that has a way out")
