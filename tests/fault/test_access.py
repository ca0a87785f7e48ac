"""Attacks on the door: client certificates that must not get in, over real TLS; and cuts in the life of its files."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from msgspec.structs import replace

from console.api import BadInput, ResourceError
from console.node.access.accounts import Accounts
from console.node.access.certs import Kind, Peer, peer_named
from console.node.access.certs_command import main
from console.node.access.certs_folder import CertsFolder
from console.node.access.lockout import Lockout
from console.node.access.passwords import Hasher
from console.node.access.shelf import Shelf
from console.node.access.signing import PolicyKey
from console.node.access.steady import Steady
from console.node.access.tls import client_context, peer_of, reload_list, server_context
from tests.certificates import Pair, SiteCerts
from tests.unit.node.access.site import CHEAP, GOOD, POLICY, Clocks


class Ca(SiteCerts):
    """A site's certificates, and TLS over loopback with them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reasons: list[str] = []
        self.serving = self.context(require=True)

    def context(self, *, require: bool) -> ssl.SSLContext:
        crl, (pem, key) = self.folder / "ca.crl.pem", self.pair("node-n1")
        return server_context(self.folder / "ca.pem", crl, pem, key, require=require, on_refused=self.reasons.append)

    def client(self, pair: Pair | None) -> ssl.SSLContext:
        return client_context(self.folder / "ca.pem", self.folder / "ca.crl.pem", *(pair or (None, None)))

    async def greet(self, client: ssl.SSLContext, *, server: ssl.SSLContext | None = None) -> Peer | None:
        """Connect, and say who the server saw. Raises OSError where it let nobody in."""
        seen: list[Peer | None] = []
        before = asyncio.all_tasks()

        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(peer_of(writer.get_extra_info("ssl_object")))
            writer.write(b"in")
            writer.close()

        listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server or self.serving)
        try:
            port = listening.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
            try:
                if await reader.read(2) != b"in":  # with TLS 1.3 a refusal is seen only here
                    raise ConnectionResetError("closed without a word")
            finally:
                writer.close()
                await asyncio.gather(writer.wait_closed(), return_exceptions=True)
            return seen[0]
        finally:
            listening.close()
            await listening.wait_closed()
            async with asyncio.timeout(30):
                while asyncio.all_tasks() - before:  # the server's end of a handshake that the client broke off
                    await asyncio.sleep(0.01)


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path / "ca")


async def refused(ca: Ca, pair: Pair | None) -> str:
    """The one reason that the server told."""
    ca.reasons.clear()
    with pytest.raises(OSError):
        await ca.greet(ca.client(pair))
    assert len(ca.reasons) == 1, ca.reasons
    return ca.reasons[0]


async def test_the_right_ones_get_in_and_say_who_they_are(ca: Ca) -> None:
    anna = await ca.greet(ca.client(ca.user("anna")))
    wall = await ca.greet(ca.client(ca.user("w1", Kind.WALL)))
    node = await ca.greet(ca.client(ca.user("n2", Kind.NODE)))
    assert anna is not None and (anna.kind, anna.id) == (Kind.USER, "anna")
    assert wall is not None and (wall.kind, wall.id) == (Kind.WALL, "w1")
    assert node is not None and node.kind is Kind.NODE
    assert {i.serial for i in ca.certs.register()} >= {anna.serial, wall.serial, node.serial}
    assert ca.reasons == []


async def test_only_tls_1_3_is_spoken(ca: Ca) -> None:
    old = ca.client(ca.user("anna"))
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):
        await ca.greet(old)
    assert "version" in ca.reasons[0] or "protocol" in ca.reasons[0]


async def test_without_a_certificate_it_is_refused_and_the_reason_told(ca: Ca) -> None:
    assert await refused(ca, None) == "it has no certificate"


async def test_an_expired_one_is_refused_and_the_reason_told(ca: Ca) -> None:
    assert "expired" in await refused(ca, ca.expired("old"))


async def test_one_that_is_not_good_yet_is_refused_and_the_reason_told(ca: Ca) -> None:
    CertsFolder(ca.folder, lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).issue(Kind.USER, "soon")
    assert "not yet valid" in await refused(ca, ca.pair("user-soon"))


async def test_a_revoked_one_is_refused_by_a_running_node_once_it_has_the_list(ca: Ca) -> None:
    anna, bo = ca.user("anna"), ca.user("bo")
    ca.certs.revoke("user-anna", "left")
    assert await ca.greet(ca.client(anna)) is not None
    reload_list(ca.serving, ca.folder / "ca.crl.pem")
    assert "revoked" in await refused(ca, anna)
    assert await ca.greet(ca.client(bo)) is not None
    assert "revoked" in await refused(restarted(ca), anna)


def restarted(ca: Ca) -> Ca:
    """The same site after a restart of its node."""
    ca.serving = ca.context(require=True)
    return ca


async def test_one_of_another_site_is_refused_and_the_reason_told(ca: Ca, tmp_path: Path) -> None:
    other = Ca(tmp_path / "other").user("anna")
    reason = await refused(ca, other)
    assert "issuer" in reason or "self" in reason or "signature" in reason


async def test_one_for_servers_alone_is_refused_and_the_reason_told(ca: Ca, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "purpose" in await refused(ca, ca.for_servers("anna", monkeypatch))


@pytest.mark.parametrize("kind", [Kind.USER, Kind.WALL])
async def test_who_is_a_client_cannot_play_a_node(ca: Ca, kind: Kind) -> None:
    pem, key = ca.user("anna", kind)
    posing = server_context(ca.folder / "ca.pem", ca.folder / "ca.crl.pem", pem, key, on_refused=ca.reasons.append)
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        await ca.greet(ca.client(None), server=posing)


async def test_a_node_reached_by_another_name_is_not_believed(ca: Ca) -> None:
    ca.certs.issue(Kind.NODE, "far", hosts=("far.example",))
    pem, key = ca.pair("node-far")
    far = server_context(ca.folder / "ca.pem", ca.folder / "ca.crl.pem", pem, key, on_refused=ca.reasons.append)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for '127\.0\.0\.1'"):
        await ca.greet(ca.client(ca.user("anna")), server=far)


async def test_where_certificates_are_optional_a_bad_one_is_still_refused(ca: Ca) -> None:
    ca.serving = ca.context(require=False)
    assert await ca.greet(ca.client(None)) is None
    assert "expired" in await refused(ca, ca.expired("old"))


async def test_the_reason_is_in_the_nodes_log(ca: Ca, caplog: pytest.LogCaptureFixture) -> None:
    pem, key = ca.pair("node-n1")
    ca.serving = server_context(ca.folder / "ca.pem", ca.folder / "ca.crl.pem", pem, key)
    with pytest.raises(OSError):
        await ca.greet(ca.client(None))
    assert "a TLS client was refused: it has no certificate" in caplog.text


# ---------------------------------------------------------------- the command


def run(folder: Path, act: str, name: str = "", **more: Any) -> int:
    return main(act, name, folder, **more)


async def test_enrolment_by_file_leaves_the_key_where_it_was_made(tmp_path: Path) -> None:
    site, vehicle = tmp_path / "site", tmp_path / "vehicle"
    run(site, "init", site="t")
    run(site, "node", "n1")
    run(vehicle, "request", "user-bo")
    run(site, "user", "bo", csr=vehicle / "user-bo.csr")
    assert not (site / "user-bo.key").exists()
    for name in ("ca.pem", "ca.crl.pem", "user-bo.pem"):
        (vehicle / name).write_bytes((site / name).read_bytes())
    pem, key = site / "node-n1.pem", site / "node-n1.key"
    server = server_context(site / "ca.pem", site / "ca.crl.pem", pem, key)
    client = client_context(
        vehicle / "ca.pem", vehicle / "ca.crl.pem", vehicle / "user-bo.pem", vehicle / "user-bo.key"
    )
    peer = await Ca(tmp_path / "other").greet(client, server=server)
    assert peer is not None and peer.id == "bo"


async def test_a_request_for_a_user_cannot_become_a_wall_or_a_node_by_what_it_says(tmp_path: Path) -> None:
    site = tmp_path / "site"
    run(site, "init")
    run(site, "node", "n1")
    run(tmp_path / "v", "request", "node-evil")
    run(site, "user", "bo", csr=tmp_path / "v" / "node-evil.csr")
    issued = x509.load_pem_x509_certificate((site / "user-bo.pem").read_bytes())
    assert peer_named(issued)[:2] == (Kind.USER, "bo")


def test_keys_are_for_their_owner_and_nothing_is_overwritten(tmp_path: Path) -> None:
    run(tmp_path, "init")
    run(tmp_path, "user", "anna")
    for name in ("ca.key", "user-anna.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    kept = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    for act, name in (("init", ""), ("user", "anna"), ("request", "user-anna")):
        with pytest.raises(BadInput, match="--force"):
            run(tmp_path, act, name)
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == kept
    run(tmp_path, "user", "anna", force=True)
    assert (tmp_path / "user-anna.pem").read_bytes() != kept["user-anna.pem"]


@pytest.mark.parametrize(
    ("act", "name", "says"),
    [
        ("user", "", "no name"),
        ("user", "../../etc", "letters, digits"),
        ("request", "anna", "user-NAME"),
        ("revoke", "user-nobody", "no certificate that is good"),
    ],
)
def test_mistakes_get_one_clear_line(tmp_path: Path, act: str, name: str, says: str) -> None:
    run(tmp_path, "init")
    with pytest.raises(BadInput, match=says):
        run(tmp_path, act, name)


def test_without_an_authority_it_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="certs init"):
        run(tmp_path, "user", "anna")
    with pytest.raises(BadInput, match="certs init"):
        run(tmp_path, "list")


def test_files_that_do_not_fit_are_named(ca: Ca, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        client_context(tmp_path / "none.pem", ca.folder / "ca.crl.pem")
    (tmp_path / "bad.pem").write_text("not a certificate")
    with pytest.raises(ResourceError, match=r"bad\.pem"):
        client_context(tmp_path / "bad.pem", ca.folder / "ca.crl.pem")
    (tmp_path / "bad.csr").write_text("not a request")
    with pytest.raises(BadInput, match="certificate request"):
        ca.certs.answer(Kind.USER, "x", tmp_path / "bad.csr")


# ---------------------------------------------------------------- cut off while writing


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


@contextlib.contextmanager
def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """End at the n-th open, fsync or rename; gives how many there were."""
    steps = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def counting(*args: object, **more: object) -> object:
            nonlocal steps
            steps += 1
            if steps == step:
                raise Killed
            return call(*args, **more)

        return counting

    with monkeypatch.context() as patched:
        for name in ("open", "fsync"):
            patched.setattr(f"console.node.access.files.os.{name}", counted(getattr(os, name)))
        patched.setattr(Path, "replace", counted(Path.replace))
        yield lambda: steps


def test_a_policy_that_is_cut_off_while_it_is_taken_is_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, clocks = PolicyKey.new(tmp_path / "policy.key"), Clocks()
    old, new = (key.sign(replace(POLICY, version=v), clocks.wall_ns) for v in (1, 2))
    found = []
    for step in range(1, 30):
        folder = tmp_path / str(step)
        one = Shelf(folder, key.public, Steady(clocks.read))
        one.open()
        one.offer(old)
        with cut_at(step, monkeypatch) as steps, contextlib.suppress(Killed):
            one.offer(new)
        again = Shelf(folder, key.public, Steady(clocks.read))
        again.open()
        assert again.policy is not None and again.trouble == ""
        found.append(again.policy.version)
        again.offer(new)
        again.offer(old)
        assert again.policy.version == 2 and not again.age().expired
        if steps() < step:
            break
    assert set(found) == {1, 2} and found == sorted(found) and len(found) >= 8


def test_accounts_that_are_cut_off_while_written_are_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(folder: Path) -> Accounts:
        made = Accounts(folder, Hasher(CHEAP), Lockout(), lambda: 0)
        made.open()
        return made

    changed = "nine grey geese at dusk"
    found = []
    for step in range(1, 30):
        accounts = opened(tmp_path / str(step))
        accounts.add("anna", "anna", GOOD)
        with cut_at(step, monkeypatch) as steps, contextlib.suppress(Killed):
            accounts.set_password("anna", changed)
        again = opened(tmp_path / str(step))
        old, new = (again.login("anna", p, "", "o", 0).ok for p in (GOOD, changed))
        assert old != new
        found.append(new)
        if steps() < step:
            break
    assert set(found) == {False, True} and found == sorted(found)
