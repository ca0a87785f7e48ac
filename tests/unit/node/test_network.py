"""What a node needs on a network: TLS beyond loopback, and a certificate that is its own, good, and can be renewed."""

from __future__ import annotations

import datetime as dt
import os
import ssl
from pathlib import Path

import pytest

from console.api import BadInput, ResourceError, SettingsError, Severity, YilanError
from console.node.access.certs import Kind
from console.node.network import NodeCertificate, address, checked
from tests.certificates import SiteCerts


@pytest.fixture
def certs(tmp_path: Path) -> SiteCerts:
    return SiteCerts(tmp_path / "certs")


@pytest.mark.parametrize("text", ["127.0.0.1:8443", "127.9.9.9:1", "localhost:80", "[::1]:8443"])
def test_this_machine_alone_needs_no_certificate(text: str) -> None:
    assert address(text).loopback and str(address(text)) == text
    assert checked(text, "") == []


@pytest.mark.parametrize("text", ["0.0.0.0:8443", "10.1.0.5:8443", "[::]:8443", "centre.example:8443", "[fe80::1]:1"])
def test_beyond_it_nothing_listens_without_tls(text: str) -> None:
    with pytest.raises(SettingsError, match=r"without --tls.*main\.py certs"):
        checked(text, "")


@pytest.mark.parametrize("text", ["8443", "host:", ":8443", "host:port", "host:70000", "host:-1", "host:٣", ""])
def test_an_address_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="HOST:PORT"):
        address(text)


def test_with_its_certificate_a_node_may_listen_anywhere(certs: SiteCerts) -> None:
    said = "\n".join(checked("0.0.0.0:8443", str(certs.folder)))
    assert "node-n1.pem" in said and "127.0.0.1" in said and "good for 824 days" in said
    assert "ca.key lies beside it" in said


def test_what_is_missing_is_named_with_how_to_make_it(certs: SiteCerts, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no such folder.*main\.py certs node"):
        NodeCertificate(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"no node-NAME\.pem with its key"):
        NodeCertificate(tmp_path / "empty")
    (certs.folder / "ca.crl.pem").unlink()
    with pytest.raises(BadInput, match=r"ca\.crl\.pem; found no such file"):
        NodeCertificate(certs.folder)


def test_of_several_one_has_to_be_named(certs: SiteCerts) -> None:
    certs.certs.issue(Kind.NODE, "n2", hosts=("10.0.0.2",))
    with pytest.raises(BadInput, match=r"node-n1\.pem, node-n2\.pem"):
        NodeCertificate(certs.folder)
    assert NodeCertificate(certs.folder / "node-n2.pem").hosts == ("10.0.0.2",)


@pytest.mark.parametrize("way", ["expired", "user", "other site", "strange key", "readable key", "no certificate"])
def test_a_certificate_that_will_not_do_is_refused_in_words(certs: SiteCerts, tmp_path: Path, way: str) -> None:
    pem, key = certs.pair("node-n1")
    if way == "expired":
        certs.expired("old", Kind.NODE)
        pem = certs.pair("node-old")[0]
    elif way == "user":
        pem = certs.user("anna")[0]
    elif way == "other site":
        other = SiteCerts(tmp_path / "other").pair("node-n1")
        pem.write_bytes(other[0].read_bytes())
        key.write_bytes(other[1].read_bytes())
    elif way == "strange key":
        key.write_bytes(certs.user("anna")[1].read_bytes())
    elif way == "readable key":
        key.chmod(0o644)
    else:
        pem.write_text("no certificate")
    words = {
        "expired": "the clock here says",
        "user": "found the certificate of a user; expected a node's",
        "other site": "found a certificate of another authority",
        "strange key": "key values mismatch",
        "readable key": "chmod 600",
        "no certificate": "no PEM certificate",
    }
    with pytest.raises((BadInput, ResourceError), match=words[way]):
        NodeCertificate(pem)


def test_thirty_days_before_its_end_it_says_so(certs: SiteCerts) -> None:
    now = [dt.datetime.now(dt.UTC)]
    mine = NodeCertificate(certs.folder, lambda: now[0])
    assert mine.notice() is None
    now[0] += dt.timedelta(days=800)
    soon = mine.notice()
    assert soon is not None and soon.severity is Severity.WARNING and "24 days" in soon.summary.en
    now[0] += dt.timedelta(days=30)
    over = mine.notice()
    assert over is not None and over.severity is Severity.ERROR and over.key == soon.key


def test_a_renewed_one_is_taken_up_and_a_broken_one_is_not(certs: SiteCerts) -> None:
    mine = NodeCertificate(certs.folder)
    assert not mine.renewed()
    certs.certs.issue(Kind.NODE, "n1", hosts=("10.0.0.9",), force=True)
    _touch(certs)
    assert mine.renewed() and mine.hosts == ("10.0.0.9",)
    good = mine.pem.read_bytes()
    mine.pem.write_text("half of it")
    for _ in range(2):  # as long as it is so
        with pytest.raises(YilanError):
            mine.renewed()
    assert mine.hosts == ("10.0.0.9",)
    mine.pem.write_bytes(good)
    _touch(certs, 1)
    assert mine.renewed()


@pytest.mark.parametrize("way", ["another key", "another's pair"])
def test_a_pair_that_will_not_do_leaves_the_old_one_in_use_and_keeps_no_newer_list_out(
    certs: SiteCerts, tmp_path: Path, way: str
) -> None:
    mine = NodeCertificate(certs.folder)
    before = shown(mine.context, certs)
    certs.certs.issue(Kind.NODE, "n1", hosts=("127.0.0.1", "localhost"), force=True)
    strange = SiteCerts(tmp_path / "other").pair("node-n1")
    for file, other in zip(certs.pair("node-n1"), strange, strict=True):
        if way == "another's pair" or file.suffix == ".key":
            file.write_bytes(other.read_bytes())
    certs.revoked("gone")
    _touch(certs)
    with pytest.raises(YilanError, match="key values mismatch" if way == "another key" else "another authority"):
        mine.renewed()
    assert shown(mine.context, certs) == before
    assert mine.certificate.serial_number == int(before, 16) and len(mine.revoked()) == 1


def shown(context: ssl.SSLContext, certs: SiteCerts) -> str:
    """Serial of the certificate that a client is shown, in upper-case hex. Raises SSLError where it is shown none."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=str(certs.ca)).wrap_bio(
        to_client, to_server, server_hostname="localhost"
    )
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for end in (client, server, client):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    told = client.getpeercert()
    assert told is not None
    return str(told["serialNumber"])


def _touch(certs: SiteCerts, later_s: int = 0) -> None:
    """Make sure that the files look newer, however coarse the file system's times are."""
    at = dt.datetime.now().timestamp() + 5 + later_s
    os.utime(certs.pair("node-n1")[0], (at, at))
