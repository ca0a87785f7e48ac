"""The folder of a site's authority: its key, what it issued, its revocation list; the one place that writes them.

    ca.key  ca.pem  ca.crl.pem  issued.json  <kind>-<name>.key  <kind>-<name>.pem

A machine that got its certificate by file has ca.pem, ca.crl.pem and its own pair, and no ca.key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from console.api import BadInput, ResourceError, Value
from console.node.access.certs import (
    Authority,
    Kind,
    check_id,
    issue,
    key_pem,
    new_authority,
    new_key,
    request,
    requested_key,
    revocation_list,
    serial_text,
)
from console.node.access.files import read_secret, write_secret

CA_KEY: Final = "ca.key"
CA: Final = "ca.pem"
CRL: Final = "ca.crl.pem"
ISSUED: Final = "issued.json"


class Issued(Value, frozen=True, kw_only=True):
    """One line of the register; times are UTC in ISO form, `revoked` "" while it is good."""

    serial: str
    kind: Kind
    name: str
    until: str
    revoked: str = ""
    reason: str = ""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


class CertsFolder:
    """One folder; every method raises BadInput or ResourceError and then has changed nothing that counted before."""

    def __init__(self, folder: Path, now: Callable[[], dt.datetime] = _now) -> None:
        self.folder, self._now = folder, now

    def init(self, site: str, *, days: int, force: bool) -> list[Path]:
        """Begin a site: a new authority and an empty list."""
        self._free(CA_KEY, CA, force=force, tip="every certificate of this site would become worthless")
        authority = new_authority(site, self._now(), days)
        self._write(CA_KEY, key_pem(authority.key))
        self._write(CA, authority.certificate.public_bytes(Encoding.PEM))
        self._register([])
        self._list(authority, [])
        return [self.folder / CA_KEY, self.folder / CA, self.folder / CRL]

    def issue(
        self, kind: Kind, name: str, *, hosts: Sequence[str] = (), days: int = 0, force: bool = False
    ) -> list[Path]:
        """Key and certificate for somebody, both written here."""
        check_id(name)
        self._free(f"{kind.value}-{name}.key", f"{kind.value}-{name}.pem", force=force)
        key = new_key()
        certificate = self._issued(kind, name, key.public_key(), hosts, days)
        self._write(f"{kind.value}-{name}.key", key_pem(key))
        return [self.folder / f"{kind.value}-{name}.key", self._certificate(kind, name, certificate)]

    def answer(
        self, kind: Kind, name: str, asked: Path, *, hosts: Sequence[str] = (), days: int = 0, force: bool = False
    ) -> list[Path]:
        """A certificate for the key of a request; kind, name and hosts are said here, whatever the request says."""
        check_id(name)
        self._free(f"{kind.value}-{name}.pem", force=force)
        try:
            pem = asked.read_bytes()
        except OSError as error:
            raise ResourceError(f"{asked} cannot be read ({error.strerror})") from error
        certificate = self._issued(kind, name, requested_key(pem), hosts, days)
        return [self._certificate(kind, name, certificate)]

    def request(self, kind: Kind, name: str, *, force: bool = False) -> list[Path]:
        """A key that stays on this machine, and a request to carry to the authority."""
        check_id(name)
        self._free(f"{kind.value}-{name}.key", f"{kind.value}-{name}.csr", force=force)
        key = new_key()
        self._write(f"{kind.value}-{name}.key", key_pem(key))
        self._write(f"{kind.value}-{name}.csr", request(kind, name, key).public_bytes(Encoding.PEM))
        return [self.folder / f"{kind.value}-{name}.key", self.folder / f"{kind.value}-{name}.csr"]

    def revoke(self, which: str, reason: str) -> list[Issued]:
        """A serial, or all of `<kind>-<name>`, counts no more; returns what it hit. Running nodes need the new list."""
        authority, register = self._authority(), self.register()
        hit = [i for i in register if not i.revoked and which in (i.serial, f"{i.kind.value}-{i.name}")]
        if not hit:
            raise BadInput(
                f"'{which}'", found="no certificate that is good", expected="<kind>-<name> or a serial; see list"
            )
        when = self._now().isoformat()
        changed = [msgspec.structs.replace(i, revoked=when, reason=reason) if i in hit else i for i in register]
        self._register(changed)
        self._list(authority, changed)
        return hit

    def register(self) -> list[Issued]:
        """All that was issued, oldest first."""
        raw = read_secret(self.folder / ISSUED)
        if raw is None:
            raise BadInput(
                f"{self.folder}", found="no authority", expected="one", tip="begin with `main.py certs init`"
            )
        try:
            return msgspec.json.decode(raw, type=list[Issued])
        except msgspec.MsgspecError as error:
            raise ResourceError(
                f"{self.folder / ISSUED} cannot be read ({error}); restore it from the backup"
            ) from error

    # ------------------------------------------------------------------ files

    def _issued(
        self, kind: Kind, name: str, key: ec.EllipticCurvePublicKey, hosts: Sequence[str], days: int
    ) -> x509.Certificate:
        certificate = issue(self._authority(), kind, name, key, self._now(), hosts=hosts, days=days)
        until = certificate.not_valid_after_utc.isoformat()
        one = Issued(serial=serial_text(certificate), kind=kind, name=name, until=until)
        self._register([*self.register(), one])  # before the certificate: none goes out that cannot be revoked
        return certificate

    def _authority(self) -> Authority:
        pem, key = read_secret(self.folder / CA_KEY), None
        if pem is None:
            tip = "issue on the machine that has the site's authority, or begin with `main.py certs init`"
            raise BadInput(f"{self.folder}", found=f"no {CA_KEY}", expected="the authority's key", tip=tip)
        try:
            key = load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate((self.folder / CA).read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise ResourceError(
                f"{self.folder / CA} or its key cannot be read; restore them from the backup"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ResourceError(f"{self.folder / CA_KEY} is not the key of {CA}; restore both from one backup")
        return Authority(key, certificate)

    def _list(self, authority: Authority, register: list[Issued]) -> None:
        revoked = [(int(i.serial, 16), dt.datetime.fromisoformat(i.revoked)) for i in register if i.revoked]
        try:
            before = x509.load_pem_x509_crl((self.folder / CRL).read_bytes())
        except (OSError, ValueError):
            before = None
        made = revocation_list(authority, revoked, self._now(), before)
        self._write(CRL, made.public_bytes(Encoding.PEM))

    def _register(self, register: list[Issued]) -> None:
        self._write(ISSUED, msgspec.json.format(msgspec.json.encode(register), indent=2))

    def _certificate(self, kind: Kind, name: str, certificate: x509.Certificate) -> Path:
        return self._write(f"{kind.value}-{name}.pem", certificate.public_bytes(Encoding.PEM))

    def _write(self, name: str, content: bytes) -> Path:
        write_secret(self.folder / name, content)
        return self.folder / name

    def _free(self, *names: str, force: bool, tip: str = "") -> None:
        taken = [name for name in names if (self.folder / name).exists()]
        if taken and not force:
            why = f" ({tip})" if tip else ""
            raise BadInput(f"{self.folder / taken[0]} is there already", tip=f"give --force to replace it{why}")
