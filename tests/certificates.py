"""A site's certificates for tests: good ones, and one for each way to be wrong."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from console.node.access.certs import Kind
from console.node.access.certs_folder import CertsFolder
from console.node.access.tls import server_context

LONG_AGO = dt.datetime.now(dt.UTC) - dt.timedelta(days=900)
Pair = tuple[Path, Path]


class SiteCerts:
    """A site's authority in `folder`, with one node, n1, on 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.certs = folder, CertsFolder(folder)
        self.certs.init("site", days=3650, force=False)
        self.certs.issue(Kind.NODE, "n1", hosts=("127.0.0.1", "localhost"))
        self.ca = folder / "ca.pem"

    def pair(self, name: str) -> Pair:
        """Certificate and key of `<kind>-<name>`."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def user(self, name: str, kind: Kind = Kind.USER) -> Pair:
        """A good one of a person, or of what `kind` says."""
        self.certs.issue(kind, name)
        return self.pair(f"{kind.value}-{name}")

    def wall(self, name: str, *, force: bool = False) -> Pair:
        """A good one of a wall."""
        self.certs.issue(Kind.WALL, name, force=force)
        return self.pair(f"wall-{name}")

    def expired(self, name: str, kind: Kind = Kind.USER) -> Pair:
        """One whose time is over."""
        CertsFolder(self.folder, lambda: LONG_AGO).issue(kind, name, hosts=("127.0.0.1",))
        return self.pair(f"{kind.value}-{name}")

    def expired_wall(self, name: str) -> Pair:
        """A wall's whose time is over."""
        return self.expired(name, Kind.WALL)

    def revoked(self, name: str) -> Pair:
        """One that was taken back."""
        pair = self.user(name)
        self.certs.revoke(f"user-{name}", "left")
        return pair

    def for_servers(self, name: str, patch: pytest.MonkeyPatch) -> Pair:
        """One that may stand for a server and not for a client."""
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        with patch.context() as here:
            here.setattr("console.node.access.certs.x509.ExtendedKeyUsage", lambda _purposes: only)
            return self.user(name)

    def server(self, name: str = "node-n1") -> ssl.SSLContext:
        """What a node speaks that bears this certificate; one of the client is optional."""
        pem, key = self.pair(name)
        return server_context(self.ca, self.folder / "ca.crl.pem", pem, key, require=False, on_refused=lambda _: None)
