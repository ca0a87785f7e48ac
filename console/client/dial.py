"""How a console reaches a node over a network: address, TLS, and in words why it does not; knows no message and no Qt.

The node must bear a certificate of the site's authority, for the name in the address; nobody else's authority counts.
Files are read again at each attempt, so that a renewed certificate is taken up without a restart.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from websockets.asyncio.client import ClientConnection

from console.api import BadInput, Notice, ResourceError, SettingsError, Severity, Text
from console.client.trouble import EARLY, EXPIRED, FOREIGN, ISSUE_ANEW, USAGE, NodeAddress, Trouble, bare, trouble_of

WARN_DAYS: Final = 30
WATCH_S: Final = 3600.0
ENDS: Final = "certificate.own"
CONNECT_S: Final = 8.0
"""How long an attempt may take: a radio link is slower than loopback."""
SCHEMES: Final = ("ws", "wss")


def checked(told: Mapping[str, str], *, wall: str | None = None) -> Dial:
    """What a person at the command line gave, or SettingsError, BadInput, ResourceError: what is wrong, what to do.

    `told`: fields of `NodeAddress`.

    `wall`: the wall that this is to be, "" any; None: a desk.
    """
    address = NodeAddress(**told)
    url = urlsplit(address.url)
    try:
        host, port = url.hostname or "", url.port
    except ValueError:
        host, port = "", None
    if url.scheme not in SCHEMES or not host or not port or url.path.strip("/") or url.query or url.username:
        raise SettingsError("--connect", found=repr(bare(address.url)), expected="wss://HOST:PORT, nothing behind it")
    if url.scheme == "ws" and not is_loopback(host):
        tip = "start the node with --tls and give wss:// and --ca"
        raise SettingsError("--connect", found=f"ws:// to {host}", expected="wss:// beyond this machine", tip=tip)
    if url.scheme == "wss" and not address.ca:
        tip = "copy it from the machine that has the site's authority (`main.py certs init` wrote it there)"
        raise SettingsError("--ca", found="none", expected="the site's ca.pem", tip=tip)
    if bool(address.cert) != bool(address.key):
        raise SettingsError("--cert and --key", found="one of them", expected="both, or neither")
    dial = Dial(address)
    dial.context()
    named = dial.named()
    if wall is not None:
        if url.scheme != "wss" or named is None or named[0] != "wall" or wall not in ("", named[1]):
            found = "no certificate" if named is None else f"the certificate of {named[0]} {named[1]}"
            expected = f"that of wall {wall}".rstrip() + ", over wss://"
            raise SettingsError("--cert", found=found, expected=expected, tip="make it with `main.py certs wall NAME`")
    elif named is not None and named[0] != "user":
        tip = "a wall is started with `main.py wall`"
        raise SettingsError("--cert", found=f"the certificate of {named[0]} {named[1]}", expected="a user's", tip=tip)
    return dial


def is_loopback(host: str) -> bool:
    """Whether this host is this machine whatever a name service says."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Dial:
    """Makes the TLS of each attempt to reach one node."""

    def __init__(self, address: NodeAddress) -> None:
        self.address = address
        self._ca, self._cert, self._key = (Path(file) for file in (address.ca, address.cert, address.key))
        self._made: tuple[Any, ssl.SSLContext] | None = None
        self.ended: BaseException | None = None
        """What the last attempt ended with, below the websocket."""

    @property
    def certified(self) -> bool:
        """Whether this console shows a certificate, which logs it in."""
        return bool(self.address.cert)

    def context(self) -> ssl.SSLContext | None:
        """For the next attempt; None for ws://. Raises BadInput or ResourceError naming the file."""
        if not self.address.url.startswith("wss:"):
            return None
        files = self._files()
        seen = tuple((file, file.stat().st_mtime_ns) for file in files)
        if self._made is None or self._made[0] != seen:
            self._made = (seen, self._context())
        return self._made[1]

    def begin(self) -> dict[str, Any]:
        """An attempt begins: how websockets is to connect. Raises BadInput or ResourceError naming a file."""
        self.ended = None
        return {"ssl": self.context(), "create_connection": partial(Dialled, self), "open_timeout": CONNECT_S}

    def trouble(self, error: BaseException) -> Trouble:
        """Why the last attempt failed."""
        return trouble_of(error, self.ended, self.address.url, self.flaw)

    def _files(self) -> list[Path]:
        files = [self._ca, *([self._cert, self._key] if self.certified else [])]
        for file in files:
            if not file.is_file():
                tip = "it is made with `main.py certs`, on the machine that has the site's authority"
                raise BadInput(str(file), found="no such file", expected="a PEM file", tip=tip)
        if self.certified and self._key.stat().st_mode & 0o077:
            raise ResourceError(f"{self._key} can be read by others: make it readable by its owner only (chmod 600)")
        revoked = self._ca.with_suffix(".crl.pem")
        return [*files, revoked] if revoked.is_file() else files

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        try:
            context.load_verify_locations(self._ca)
            if (revoked := self._ca.with_suffix(".crl.pem")).is_file():
                context.load_verify_locations(revoked)
                context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
            if self.certified:
                context.load_cert_chain(self._cert, self._key)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "reason", "") or str(error)
            names = ", ".join(str(file) for file in (self._ca, self._cert, self._key) if str(file) != ".")
            raise ResourceError(f"certificates cannot be used ({why.lower().replace('_', ' ')}): {names}") from error
        return context

    def named(self) -> tuple[str, str] | None:
        """Kind (user, wall, node) and id that our certificate names, None without. Raises BadInput, ResourceError."""
        if not self.certified:
            return None
        for uri in _uris(_certificate(self._cert)):
            kind, _, id_ = uri.removeprefix("yilan:").partition("/")
            if kind in ("user", "wall", "node"):
                return kind, id_
        raise BadInput(
            str(self._cert), found="a certificate that names nobody of this site", expected="`main.py certs`"
        )

    def ends(self) -> dt.datetime | None:
        """When our certificate stops being good, UTC; None without one, or where it cannot be read."""
        try:
            return _certificate(self._cert).not_valid_after_utc if self.certified else None
        except (BadInput, ResourceError):
            return None

    def notice(self, now: dt.datetime | None = None) -> Notice | None:
        """That our certificate ends within 30 days: said before anybody stands before a dark wall."""
        ends, now = self.ends(), now or dt.datetime.now(dt.UTC)
        if ends is None or ends - now >= dt.timedelta(days=WARN_DAYS):
            return None
        left = max(0, (ends - now).days)
        summary = Text(f"本机证书还有 {left} 天到期", f"This console's certificate ends in {left} days")
        tip, severity = ISSUE_ANEW, Severity.WARNING
        return Notice(key=ENDS, severity=severity, summary=summary, detail=self.address.cert, tip=tip)

    async def watch(self, say: Callable[[Notice], None], unsay: Callable[[str], None]) -> None:
        """Say so for as long as it is so."""
        while True:
            notice = self.notice()
            if notice is not None:
                say(notice)
            else:
                unsay(ENDS)
            await asyncio.sleep(WATCH_S)

    def flaw(self, now: dt.datetime | None = None) -> Text | None:
        """What is wrong with our own certificate as far as can be seen here; None nothing."""
        if not self.certified:
            return None
        try:
            mine, authority = _certificate(self._cert), _certificate(self._ca)
        except (BadInput, ResourceError) as error:
            return Text(f"本机证书不可用：{error}", f"this console's certificate cannot be used: {error}")
        now = now or dt.datetime.now(dt.UTC)
        if mine.not_valid_after_utc < now:
            return EXPIRED
        if mine.not_valid_before_utc > now:
            return EARLY
        try:
            mine.verify_directly_issued_by(authority)
        except Exception:  # whatever its signature is: it is none of this authority
            return FOREIGN
        usage = mine.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        return None if ExtendedKeyUsageOID.CLIENT_AUTH in usage else USAGE


class Dialled(ClientConnection):
    """A connection that tells its dial with what it ended: of a refused certificate nobody else knows."""

    def __init__(self, dial: Dial, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._dial.ended = exc
        super().connection_lost(exc)


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise ResourceError(f"{file} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadInput(str(file), found="no PEM certificate", expected="one of `main.py certs`") from error


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [uri for uri in names.get_values_for_type(x509.UniformResourceIdentifier) if uri != "yilan:role/wall"]
