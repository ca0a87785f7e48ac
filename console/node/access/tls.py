"""TLS contexts of a site: who is let in by certificate, and why somebody was not; knows no websocket.

With TLS 1.3 a client learns only at its first read that its certificate was refused, and asyncio keeps silent on the
server: so the server's side says the reason itself, in `on_refused`, and sends the alert that asyncio leaves unsent.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, cast

from cryptography import x509

from console.api import BadInput, ResourceError
from console.node.access.certs import Peer, peer_named

log = logging.getLogger(__name__)
Refused = Callable[[str], None]
_WAITING: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
REASONS: Final[dict[str, str]] = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it has no certificate",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server asks for a certificate",
    "HTTP_REQUEST": "it speaks HTTP without TLS",
    "WRONG_VERSION_NUMBER": "it does not speak TLS",
    "UNSUPPORTED_PROTOCOL": "its protocol version is older than TLS 1.3",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it did not take this node's certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "this node's certificate has expired, by its clock",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it did not take this node's certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not know this node's authority",
}
RAW: ContextVar[asyncio.Transport | None] = ContextVar("raw", default=None)
"""The TCP connection whose handshake this is: set in the task that does it, a client that is refused is told why."""


def told(reason: str) -> None:
    """The default: one warning in the node's log."""
    log.warning("a TLS client was refused: %s", reason)


def server_context(
    ca: Path, crl: Path, certificate: Path, key: Path, *, require: bool = True, on_refused: Refused = told
) -> ssl.SSLContext:
    """For a node. `require`: nobody without a certificate; else who has one must have a good one.

    `on_refused` is called with the reason of every failed handshake, in the loop. Raises ResourceError naming the file.
    """
    made = _TellingContext(ssl.PROTOCOL_TLS_SERVER)
    made.on_refused, made.sslobject_class = on_refused, _Telling
    context = _context(made, ca, crl, certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED if require else ssl.CERT_OPTIONAL
    return context


def client_context(ca: Path, crl: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """For a console or an uplink: the server must be a node of this site and bear the name that is connected to."""
    return _context(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca, crl, certificate, key)


def reload_list(context: ssl.SSLContext, crl: Path) -> None:
    """Take a newer revocation list into a context in use, for the next handshakes. Raises ResourceError."""
    try:
        context.load_verify_locations(crl)
    except (OSError, ssl.SSLError) as error:
        raise ResourceError(f"{crl} cannot be used as revocation list ({reason_of(error)})") from error


def peer_of(connection: Any) -> Peer | None:
    """Who is at the other end of an SSLObject or SSLSocket, None where they showed no certificate. Raises BadInput."""
    der = connection.getpeercert(binary_form=True)
    return peer_named(x509.load_der_x509_certificate(der)) if der else None


def _context(
    context: ssl.SSLContext, ca: Path, crl: Path, certificate: Path | None, key: Path | None
) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if ssl.HAS_TLSv1_3 else ssl.TLSVersion.TLSv1_2
    for file in (ca, crl, certificate, key):
        if file is not None and not file.is_file():
            tip = "make it with `main.py certs`, or copy it from the machine that has the site's authority"
            raise BadInput(str(file), found="no such file", expected="a PEM file", tip=tip)
    try:
        context.load_verify_locations(ca)
        context.load_verify_locations(crl)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(str(file) for file in (ca, crl, certificate, key) if file is not None)
        raise ResourceError(f"certificates cannot be used ({reason_of(error)}): {names}") from error
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
    return context


class _Telling(ssl.SSLObject):
    """Says why a handshake failed before anybody swallows it."""

    on_refused: Refused
    way_out: tuple[ssl.MemoryBIO, asyncio.Transport | None]

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except _WAITING:
            raise
        except (ssl.SSLError, OSError) as error:
            outgoing, raw = self.way_out
            if raw is not None and (alert := outgoing.read()):
                raw.write(alert)
            self.on_refused(reason_of(error))
            raise


class _TellingContext(ssl.SSLContext):
    """Remembers for each handshake where its alert goes, and who is told."""

    on_refused: Refused

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **more: Any) -> ssl.SSLObject:
        made = cast(_Telling, super().wrap_bio(incoming, outgoing, *args, **more))
        made.on_refused, made.way_out = self.on_refused, (outgoing, RAW.get())
        return made


def reason_of(error: BaseException) -> str:
    """Why a handshake failed, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        said = getattr(error, "reason", "") or str(error)
        return REASONS.get(said, said.lower().replace("_", " "))
    return str(error) or "it closed the connection before the handshake was done"
