"""TLS contexts of a site: who is let in by certificate, and why somebody was not; knows no websocket.

With TLS 1.3 a client learns only at its first read that its certificate was refused, and asyncio keeps silent on the
server: so the server's side says the reason itself, in `on_refused`.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from console.api import BadInput, ResourceError
from console.node.access.certs import Peer, peer_named

log = logging.getLogger(__name__)
Refused = Callable[[str], None]
_WAITING: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
REASONS: Final[dict[str, str]] = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it has no certificate",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server asks for a certificate",
}


def told(reason: str) -> None:
    """The default: one warning in the node's log."""
    log.warning("a TLS client was refused: %s", reason)


def server_context(
    ca: Path, crl: Path, certificate: Path, key: Path, *, require: bool = True, on_refused: Refused = told
) -> ssl.SSLContext:
    """For a node. `require`: nobody without a certificate; else who has one must have a good one.

    `on_refused` is called with the reason of every failed handshake, in the loop. Raises ResourceError naming the file.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, ca, crl, certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED if require else ssl.CERT_OPTIONAL
    context.sslobject_class = _telling(on_refused)
    return context


def client_context(ca: Path, crl: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """For a console or an uplink: the server must be a node of this site and bear the name that is connected to."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, ca, crl, certificate, key)


def reload_list(context: ssl.SSLContext, crl: Path) -> None:
    """Take a newer revocation list into a context in use, for the next handshakes. Raises ResourceError."""
    try:
        context.load_verify_locations(crl)
    except (OSError, ssl.SSLError) as error:
        raise ResourceError(f"{crl} cannot be used as revocation list ({_text(error)})") from error


def peer_of(connection: Any) -> Peer | None:
    """Who is at the other end of an SSLObject or SSLSocket, None where they showed no certificate. Raises BadInput."""
    der = connection.getpeercert(binary_form=True)
    return peer_named(x509.load_der_x509_certificate(der)) if der else None


def _context(
    protocol: ssl._SSLMethod, ca: Path, crl: Path, certificate: Path | None, key: Path | None
) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
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
        raise ResourceError(f"certificates cannot be used ({_text(error)}): {names}") from error
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
    return context


def _telling(on_refused: Refused) -> type[ssl.SSLObject]:
    class Telling(ssl.SSLObject):
        """Says why a handshake failed before anybody swallows it."""

        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except _WAITING:
                raise
            except (ssl.SSLError, OSError) as error:
                on_refused(_text(error))
                raise

    return Telling


def _text(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return REASONS.get(error.reason or "", (error.reason or str(error)).lower().replace("_", " "))
    return str(error)
