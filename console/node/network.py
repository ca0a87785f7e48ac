"""What a node needs on a network: the rule of addresses, its certificate, and that it lasts; opens no port."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from console.api import BadInput, Notice, ResourceError, SettingsError, Severity, Text, YilanError
from console.node.access.certs import Kind, peer_named
from console.node.access.certs_folder import CA, CA_KEY, CRL
from console.node.access.files import read_secret
from console.node.access.tls import reload_list, server_context

WARN_DAYS: Final = 30
LOCALHOST: Final = "localhost"
ENDS: Final = "certificate.node"
RENEWAL: Final = "certificate.renewal"
"""Keys of notices."""
MAKE: Final = (
    "make them with `main.py certs init` and `main.py certs node NAME --host HOST` (docs/howto/several-machines.md)"
)


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether nobody beyond this machine can reach it."""
        try:
            return self.host == LOCALHOST or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False  # a name may come to mean anything

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """What `HOST:PORT` says; [ADDRESS]:PORT for IPv6. Raises SettingsError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise SettingsError("--listen", found=repr(text), expected="HOST:PORT, as in 127.0.0.1:8443 or 10.1.0.5:8443")
    return Address(host, int(port))


def refuse_bare(where: Address, tls: str) -> None:
    """Raise SettingsError where a node would be open to a network without TLS."""
    if not tls and not where.loopback:
        found = f"--listen {where} without --tls"
        raise SettingsError("the node", found=found, expected="a certificate and its key beyond this machine", tip=MAKE)


def refuse_unpeopled(where: Address, *, nobody: bool) -> None:
    """Raise ResourceError where a node would be on a network and nobody could ever log in."""
    if nobody and not where.loopback:
        raise ResourceError(
            f"the node at {where}: found no policy that could be read, and the site's key is elsewhere, so that nobody "
            "could log in; start it with --trust FILE, as `main.py certs trust FILE` writes it on the key's node"
        )


def checked(listen: str, tls: str) -> list[str]:
    """Before a node is started: raises YilanError where it may not be, else what its certificate is, line by line."""
    refuse_bare(address(listen), tls)
    if not tls:
        return []
    certificate = NodeCertificate(Path(tls))
    names = ", ".join(certificate.hosts)
    lines = [f"certificate: {certificate.pem}, for {names}, good for {certificate.days_left} days"]
    if certificate.with_authority:
        lines.append(f"note: {CA_KEY} lies beside it; keep the authority's key on a machine that no network reaches")
    if (ends := certificate.notice()) is not None:
        lines.append(f"note: {ends.summary.en}; {ends.tip.en}")
    return lines


class NodeCertificate:
    """A node's pair, the site's authority and its revocation list, as files that may be renewed while it runs.

    `tls`: the folder with ca.pem, ca.crl.pem and one node-NAME pair, or that pair's .pem where there are several.
    Raises BadInput or ResourceError: what is missing, and how to make it.
    """

    def __init__(self, tls: Path, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._now = now
        self.pem = _found(tls)
        self.key = self.pem.with_suffix(".key")
        self.ca, self.crl = self.pem.parent / CA, self.pem.parent / CRL
        self.certificate = self._checked()
        self.context = self._context()
        self._seen = self._stamps()
        self._revoked = self._listed()
        self._fault: YilanError | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names and addresses that consoles may reach it by."""
        names = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = names.get_values_for_type(x509.IPAddress)
        return (*names.get_values_for_type(x509.DNSName), *(str(address) for address in addresses))

    @property
    def days_left(self) -> int:
        """Whole days for which the certificate is good, negative once it is not."""
        return (self.certificate.not_valid_after_utc - self._now()).days

    @property
    def with_authority(self) -> bool:
        """Whether the authority's own key lies here too, which a machine on a network is no place for."""
        return (self.pem.parent / CA_KEY).exists()

    def revoked(self) -> frozenset[str]:
        """Serials on the list in use, hex in upper case."""
        return self._revoked

    def renewed(self) -> bool:
        """Take up what changed on disk since, for the next handshakes; False where nothing did.

        Raises YilanError for as long as the new files are no good: then the old ones stay in use.
        """
        seen = self._stamps()
        if seen == self._seen:
            if self._fault is not None:
                raise self._fault
            return False
        self._seen = seen
        try:
            self._take()
            self._fault = None
        except YilanError as error:
            self._fault = error
            raise
        return True

    def _take(self) -> None:
        reload_list(self.context, self.crl)  # first: whoever is on it stays out, whatever is wrong with our own pair
        self._revoked = self._listed()
        certificate = self._checked()
        self._context()  # tried apart: a key that does not fit would leave the context in use without any
        try:
            self.context.load_cert_chain(self.pem, self.key)
        except OSError as error:
            raise ResourceError(f"{self.pem} and its key cannot be used ({error}): they changed meanwhile") from error
        self.certificate = certificate

    def _listed(self) -> frozenset[str]:
        try:
            listed = x509.load_pem_x509_crl(self.crl.read_bytes())
        except (OSError, ValueError) as error:
            raise ResourceError(
                f"{self.crl} cannot be read as a revocation list: copy it from the authority"
            ) from error
        return frozenset(f"{entry.serial_number:X}" for entry in listed)

    def notice(self) -> Notice | None:
        """That it ends soon, or has ended."""
        left = self.days_left
        if left >= WARN_DAYS:
            return None
        until = self.certificate.not_valid_after_utc.date().isoformat()
        over = Text(f"节点证书已于 {until} 过期", f"The node's certificate ended on {until}")
        soon = Text(f"节点证书还有 {left} 天到期", f"The node's certificate ends in {left} days")
        tip = Text(
            "用 main.py certs node 重新签发（--force），拷到原处，无需重启",
            "issue it anew with `main.py certs node … --force` and copy it to its place; no restart is needed",
        )
        severity = Severity.ERROR if left < 0 else Severity.WARNING
        return Notice(key=ENDS, severity=severity, summary=over if left < 0 else soon, detail=str(self.pem), tip=tip)

    def _stamps(self) -> tuple[int, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in (self.ca, self.crl, self.pem, self.key))
        except OSError:
            return ()  # one is being replaced: looked at again next time

    def _context(self) -> ssl.SSLContext:
        return server_context(self.ca, self.crl, self.pem, self.key, require=False, on_refused=lambda _reason: None)

    def _checked(self) -> x509.Certificate:
        for file in (self.ca, self.crl, self.key):
            if not file.is_file():
                raise BadInput(str(file), found="no such file", expected=f"it beside {self.pem.name}", tip=MAKE)
        read_secret(self.key)
        try:
            certificate = x509.load_pem_x509_certificate(self.pem.read_bytes())
            authority = x509.load_pem_x509_certificate(self.ca.read_bytes())
        except ValueError as error:
            raise BadInput(f"{self.pem} or {self.ca}", found="no PEM certificate", expected="one", tip=MAKE) from error
        except OSError as error:
            raise ResourceError(f"{error.filename} cannot be read ({error.strerror})") from error
        peer = peer_named(certificate)
        if peer.kind is not Kind.NODE or not _for_servers(certificate):
            raise BadInput(
                str(self.pem), found=f"the certificate of a {peer.kind.value}", expected="a node's", tip=MAKE
            )
        self._check_dates(certificate)
        try:
            certificate.verify_directly_issued_by(authority)
        except Exception as error:  # whatever its signature is: it is none of this authority
            found = "a certificate of another authority"
            raise BadInput(str(self.pem), found=found, expected=f"one issued by {self.ca}", tip=MAKE) from error
        return certificate

    def _check_dates(self, certificate: x509.Certificate) -> None:
        now, since, until = self._now(), certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not since <= now <= until:
            span = f"good from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
            found = f"{span}; the clock here says {now:%Y-%m-%d %H:%M}"
            tip = "check the clock, or issue it anew with `main.py certs node NAME --force`"
            raise BadInput(str(self.pem), found=found, expected="one that is good now", tip=tip)


def _found(tls: Path) -> Path:
    """The node's certificate that `tls` means."""
    if tls.suffix == ".pem" and not tls.is_dir():
        if not tls.is_file():
            raise BadInput(str(tls), found="no such file", expected="a node's certificate", tip=MAKE)
        return tls
    expected = "the node's certificate and key there"
    if not tls.is_dir():
        raise BadInput(f"--tls {tls}", found="no such folder", expected=expected, tip=MAKE)
    here = sorted(tls.iterdir())  # raises where it may not be read, which glob keeps to itself
    pairs = [pem for pem in here if pem.match(f"{Kind.NODE.value}-*.pem") and pem.with_suffix(".key").is_file()]
    if not pairs:
        raise BadInput(f"--tls {tls}", found="no node-NAME.pem with its key", expected=expected, tip=MAKE)
    if len(pairs) > 1:
        names = ", ".join(pem.name for pem in pairs)
        raise BadInput(f"--tls {tls}", found=names, expected=f"one of them, as in --tls {pairs[0]}")
    return pairs[0]


def _for_servers(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def not_renewed(error: YilanError) -> Notice:
    """That renewed files are not taken up."""
    summary = Text(
        "更新后的节点证书不可用，沿用原证书", "The node's renewed certificate cannot be used; the old one stays"
    )
    return Notice(key=RENEWAL, severity=Severity.ERROR, summary=summary, detail=str(error))
