"""Whether a site's certificate is signed by an authority of the operator's list; pure, knows no page and no Qt.

Qt can be told of further authorities only for profiles that leave a record on disk, so a chain that Chromium does not
believe is checked here in full: signatures, dates, names, purposes (RFC 5280 as `cryptography` reads it). Revocation
is not asked about.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError


def authorities(files: Sequence[str]) -> list[x509.Certificate]:
    """The certificates of PEM files; a file that is not there or holds none counts for nothing."""
    found: list[x509.Certificate] = []
    for name in files:
        try:
            found += x509.load_pem_x509_certificates(Path(name).read_bytes())
        except (OSError, ValueError):
            continue
    return found


def believed(chain: Sequence[bytes], host: str, roots: Sequence[x509.Certificate], now: dt.datetime) -> bool:
    """Whether the chain (DER, the site's own first) leads from `host` to one of the roots at `now` (UTC)."""
    if not roots or not chain:
        return False
    try:
        leaf, *others = [x509.load_der_x509_certificate(der) for der in chain]
        policy = PolicyBuilder().store(Store(list(roots))).time(now.replace(tzinfo=None))
        policy.build_server_verifier(_subject(host)).verify(leaf, others)
    except (VerificationError, ValueError):
        return False
    return True


def _subject(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return x509.DNSName(host)
