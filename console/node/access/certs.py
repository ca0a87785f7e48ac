"""A site's certificates as values: the authority, what it issues, its revocation list (RFC 5280); knows no file.

EC P-256. What a certificate is for stands in its extended key usage, who it is for in a SAN URI `yilan:<kind>/<id>`;
a wall's bears `yilan:role/wall` besides.
"""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.api import BadInput

CURVE: Final = ec.SECP256R1()
CA_DAYS: Final = 3650
BACKDATE: Final = dt.timedelta(minutes=5)
"""Clocks of a site differ by minutes; a certificate is good at once everywhere."""
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WALL_ROLE: Final = "yilan:role/wall"


class Kind(enum.StrEnum):
    """Who a certificate is for."""

    NODE = "node"
    USER = "user"
    WALL = "wall"


DAYS: Final = {Kind.NODE: 825, Kind.USER: 397, Kind.WALL: 825}
"""How long each kind is good, unless said otherwise."""


class Peer(NamedTuple):
    """Who a certificate names; `serial` hex in upper case, as policies and lists write it."""

    kind: Kind
    id: str
    serial: str


class Authority(NamedTuple):
    """The site's own certificate authority."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_key() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(CURVE)


def new_authority(site: str, now: dt.datetime, days: int = CA_DAYS) -> Authority:
    """An authority that may sign certificates and lists, and no further authority."""
    key = new_key()
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, site), x509.NameAttribute(NameOID.COMMON_NAME, "Yilan CA")]
    )
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = _begun(name, name, key.public_key(), now, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Authority(key, builder.sign(key, SHA256()))


def issue(
    authority: Authority,
    kind: Kind,
    name: str,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    *,
    hosts: Sequence[str] = (),
    days: int = 0,
) -> x509.Certificate:
    """A certificate of one kind; a node's is for server and client (its uplink), the others for clients alone.

    Raises BadInput for an id that could be read as something else.
    """
    check_id(name)
    issuer = authority.certificate.subject
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if kind is Kind.NODE:
        purposes.insert(0, ExtendedKeyUsageOID.SERVER_AUTH)
    builder = _begun(_subject(kind, name), issuer, public_key, now, days or DAYS[kind])
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(_names(kind, name, hosts)), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    return builder.add_extension(_above(authority), critical=False).sign(authority.key, SHA256())


def request(kind: Kind, name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    """What is carried to the authority; it takes the public key from it and nothing else."""
    check_id(name)
    return x509.CertificateSigningRequestBuilder().subject_name(_subject(kind, name)).sign(key, SHA256())


def requested_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a request. Raises BadInput where it is none, is not signed by its own key, or of another kind."""
    try:
        asked = x509.load_pem_x509_csr(pem)
        good = asked.is_signature_valid
        key = asked.public_key()
    except (ValueError, TypeError) as error:
        raise BadInput(
            "the request", found="no PEM certificate request", expected="what `certs request` wrote"
        ) from error
    if not good:
        raise BadInput(
            "the request", found="a signature that is not of its own key", expected="what `certs request` wrote"
        )
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != CURVE.name:
        raise BadInput("the request", found="another kind of key", expected="EC P-256")
    return key


def revocation_list(
    authority: Authority,
    revoked: Iterable[tuple[int, dt.datetime]],
    now: dt.datetime,
    before: x509.CertificateRevocationList | None,
) -> x509.CertificateRevocationList:
    """The list of (serial, when), newer than the one before it even within a second: else OpenSSL stays with that.

    It is good as long as the authority: a cut-off node must not shut everybody out. What is revoked since its copy
    travels with the policy's revocations.
    """
    since, number = now - BACKDATE, 1
    if before is not None:
        since = max(since, before.last_update_utc + dt.timedelta(seconds=1))
        number = before.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    until = authority.certificate.not_valid_after_utc
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    builder = builder.last_update(since).next_update(until).add_extension(x509.CRLNumber(number), critical=False)
    builder = builder.add_extension(_above(authority), critical=False)
    for serial, when in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, SHA256())


def peer_named(certificate: x509.Certificate) -> Peer:
    """Who the certificate is for. Raises BadInput where it names nobody of ours, or two."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    uris = [uri for uri in names.get_values_for_type(x509.UniformResourceIdentifier) if uri != WALL_ROLE]
    found = [
        (kind, uri.removeprefix(f"yilan:{kind.value}/"))
        for uri in uris
        for kind in Kind
        if uri.startswith(f"yilan:{kind.value}/")
    ]
    if len(found) != 1:
        raise BadInput(
            "the certificate", found=", ".join(uris) or "no name", expected="one of yilan:node|user|wall/<id>"
        )
    return Peer(found[0][0], found[0][1], serial_text(certificate))


def serial_text(certificate: x509.Certificate) -> str:
    """Its serial as lists, policies and logs write it."""
    return f"{certificate.serial_number:X}"


def check_id(name: str) -> None:
    """Raise BadInput where it is no id."""
    if not ID.fullmatch(name):
        raise BadInput("the name", found=f"'{name}'", expected="1 to 64 letters, digits, '.', '_' or '-'")


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as PEM: for a file of its owner only."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _subject(kind: Kind, name: str) -> x509.Name:
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, kind.value)
    return x509.Name([unit, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _above(authority: Authority) -> x509.AuthorityKeyIdentifier:
    own = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - BACKDATE).not_valid_after(now + dt.timedelta(days=days))


def _names(kind: Kind, name: str, hosts: Sequence[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(f"yilan:{kind.value}/{name}")]
    if kind is Kind.WALL:
        names.append(x509.UniformResourceIdentifier(WALL_ROLE))
    return names + [_host(host) for host in hosts]


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise BadInput("--host", found=f"'{host}'", expected="a host name or an IP address") from error


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
