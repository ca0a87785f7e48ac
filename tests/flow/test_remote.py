"""Nodes and consoles over a network: who is let in and who is not, and that both ends say why."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from console.api import IntentState, RefusedError, Text
from console.node.access.certs import Kind
from tests.certificates import Pair, SiteCerts
from tests.flow.nodes import until
from tests.flow.remote import PASSWORD, RemoteNode, logged, seat, settle
from tests.program import ROOT, Program

INCIDENT = "report tell verify grade colour level respond control close dismiss review reopen worsen send".split()
HAZARD = "find assess assign mend pass fail close reopen dismiss tell".split()
ACTS = (
    "alarm.acknowledge", *(f"incident.{act}" for act in INCIDENT), *(f"hazard.{act}" for act in HAZARD),
    *(f"shift.{act}" for act in "start log draft sign_off take object".split()), "no.such.act",
)  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteNode]:
    """A site with a boss, an officer and a wall; its list of revoked certificates holds gone's."""
    folder = tmp_path_factory.mktemp("remote")
    certs = SiteCerts(folder / "certs")
    for name in ("anna", "stranger"):
        certs.user(name)
    certs.wall("w1")
    certs.revoked("gone")
    running = RemoteNode(folder, certs)
    try:
        code = running.code
        asyncio.run(settle(running))
        assert code not in running.log and code not in running.program.text
        asyncio.run(until(lambda: not (running.state / "first-code").exists()))
        yield running
    finally:
        running.end()


# ---------------------------------------------------------------- who is let in


async def test_a_users_certificate_logs_them_in(node: RemoteNode) -> None:
    async with seat(node.certs, node.url, node.certs.pair("user-anna")) as desk:
        await until(lambda: desk.access.person == "anna")
        assert desk.access.name == Text("anna") and not desk.access.wall
        await until(lambda: "plant.a" in desk.replica.entities.get("sensor", {}))
        assert desk.troubles == []


async def test_without_a_certificate_a_password_does(node: RemoteNode) -> None:
    async with seat(node.certs, node.url) as desk:
        await until(lambda: desk.link.status.up)
        assert desk.access.person == "" and not desk.replica.entities.get("sensor")
        wrong = await desk.login("boss", "not " + PASSWORD)
        assert wrong.zh and desk.access.person == ""
        assert await desk.login("boss", PASSWORD) == Text("")
        await until(lambda: desk.access.person == "boss")
    assert PASSWORD not in node.log


async def test_a_walls_certificate_looks_and_every_act_is_refused(node: RemoteNode) -> None:
    async with seat(node.certs, node.url, node.certs.pair("wall-w1"), wall=True) as desk:
        await until(lambda: desk.access.person == "w1" and desk.link.status.up)
        assert desk.access.wall
        await until(lambda: "plant.a" in desk.replica.entities.get("sensor", {}))
        for act in ACTS:
            answer = await desk.intent(act, "x")
            assert answer.state is IntentState.REFUSED, (act, answer)
        assert (await desk.administer("person.revoke", id="anna", reason="x")).zh
        assert (await desk.break_glass("because I want to")).zh
        with pytest.raises(RefusedError):
            await desk.open_replay(1)
        with pytest.raises(RefusedError):
            await desk.roster()


# ---------------------------------------------------------------- who is not


def other_site(node: RemoteNode, tmp_path: Path) -> Pair:
    """A certificate of anna, of another site."""
    return SiteCerts(tmp_path / "other").user("anna")


@pytest.mark.parametrize("way", ["expired", "revoked", "another site", "for servers"])
async def test_a_certificate_that_will_not_do_is_refused_and_both_ends_say_why(
    node: RemoteNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "expired":
        pair, logs, words = node.certs.expired("late"), "expired", "has expired"
    elif way == "revoked":
        pair, logs, words = node.certs.pair("user-gone"), "revoked", "was revoked"
    elif way == "another site":
        pair, logs, words = other_site(node, tmp_path), "issuer|signature|self", "another site"
    else:
        pair, logs, words = node.certs.for_servers("odd", monkeypatch), "purpose", "another use"
    async with seat(node.certs, node.url, pair) as desk:
        trouble = await desk.refused()
        assert words in trouble.summary.en and trouble.summary.zh and trouble.tip.zh
        assert desk.link.status.trouble == trouble.summary
        assert not desk.link.status.up and desk.access.person != "anna"
        await logged(node, logs)


async def test_one_whom_the_policy_does_not_name_is_refused(node: RemoteNode) -> None:
    async with seat(node.certs, node.url, node.certs.pair("user-stranger")) as desk:
        await until(lambda: bool(desk.link.status.refusal.zh))
        said = Text("策略中没有此人；现为 stranger", "the policy knows no such person; found stranger")
        assert desk.link.status.refusal == said
        assert desk.access.person == "" or desk.access.local


async def test_a_wall_that_is_refused_says_so_on_its_screens_and_tries_again(node: RemoteNode) -> None:
    pair = node.certs.expired("w2", Kind.WALL)
    async with seat(node.certs, node.url, pair, wall=True) as desk:
        await desk.refused()
        assert desk.access.wall and not desk.access.person and "过期" in desk.access.reason.zh
        seen = len(desk.troubles)
        await until(lambda: len(desk.troubles) > seen)


# ---------------------------------------------------------------- which node is believed


@pytest.mark.parametrize("way", ["another name", "expired", "self-signed", "a user's", "revoked"])
async def test_a_node_that_is_none_of_the_site_is_not_believed(tmp_path: Path, way: str) -> None:
    certs = SiteCerts(tmp_path / "certs")
    words = {
        "another name": "another name", "expired": "has expired", "self-signed": "no node of this site",
        "a user's": "no node's certificate", "revoked": "was revoked",
    }  # fmt: skip
    if way == "another name":
        certs.certs.issue(Kind.NODE, "far", hosts=("far.example",))
        pair = certs.pair("node-far")
    elif way == "expired":
        pair = certs.expired("old", Kind.NODE)
    elif way == "self-signed":
        pair = SiteCerts(tmp_path / "other").pair("node-n1")
    elif way == "a user's":
        pair = certs.user("anna")
    else:
        pair = certs.pair("node-n1")
        certs.certs.revoke("node-n1", "stolen")
    heard: list[str] = []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*pair)

    async def listen(connection: ServerConnection) -> None:
        heard.append(str(await connection.recv()))

    async with serve(listen, "127.0.0.1", 0, ssl=tls) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with seat(certs, f"wss://127.0.0.1:{port}") as desk:
            trouble = await desk.refused()
            assert words[way] in trouble.summary.en and trouble.summary.zh and trouble.tip.zh
            assert not desk.link.status.up
    assert heard == []


async def test_what_speaks_no_tls_is_named(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-somebody else\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with seat(SiteCerts(tmp_path / "certs"), f"wss://127.0.0.1:{port}") as desk:
            trouble = await desk.refused()
            assert "no TLS" in trouble.summary.en and "--tls" in trouble.tip.en


# ---------------------------------------------------------------- strangers at the port


async def test_noise_at_the_port_disturbs_nobody_and_fills_no_log(node: RemoteNode) -> None:
    host, port = node.url.removeprefix("wss://").split(":")
    before = len(node.log)
    async with seat(node.certs, node.url, node.certs.pair("user-anna")) as desk:
        await until(lambda: desk.access.person == "anna")
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 4000, b"\x16\x03\x01\xff\xff" + b"x" * 60_000, b"") * 25:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(noise)
            writer.close()
            del reader
        assert desk.link.status.up
    async with seat(node.certs, node.url, node.certs.pair("user-anna")) as desk:
        await until(lambda: desk.access.person == "anna")
    assert len(node.log) - before < 20_000
    assert "Traceback" not in node.log[before:]


def test_no_secret_stands_in_the_list_of_processes(node: RemoteNode) -> None:
    words = " ".join(" ".join(process.cmdline()) for process in node.program.processes())
    assert "console.node.serve" in words
    assert "secret" not in words and PASSWORD not in words and "BEGIN" not in words


# ---------------------------------------------------------------- the program


def test_on_a_terminal_the_code_is_shown_there_once_and_kept_nowhere(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    argv = [sys.executable, "main.py", "node", "--listen", "127.0.0.1:0", "--state", str(tmp_path / "state")]
    process = subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said = b""
    try:
        while b"shown this once: " not in said or not said.endswith(b"\n"):
            said += os.read(ours, 4096)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    code = said.decode().partition("shown this once: ")[2].split()[0]
    assert len(code) == 19 and "data:" in said.decode() and "simulated" in said.decode()
    for file in (tmp_path / "state").rglob("*"):
        assert not file.is_file() or code.encode() not in file.read_bytes()


def test_a_node_that_is_told_to_end_leaves_nothing(tmp_path: Path) -> None:
    running = RemoteNode(tmp_path, SiteCerts(tmp_path / "certs"))
    try:
        assert running.code
        assert (running.state / "first-code").stat().st_mode & 0o777 == 0o600
        assert running.program.finish() == 0
        assert running.program.left() == [] and not (running.state / "first-code").exists()
    finally:
        running.end()


def test_beyond_this_machine_it_does_not_start_bare(tmp_path: Path) -> None:
    with Program(tmp_path / "state", os.environ, "node", "--listen", "0.0.0.0:0", events=False) as program:
        assert program.ended() == 1
        assert len(program.text.splitlines()) == 1 and "without --tls" in program.text


async def test_a_certificate_on_a_newer_list_ends_a_live_session(node: RemoteNode) -> None:
    pair = node.certs.user("brief")
    async with seat(node.certs, node.url) as boss:
        await until(lambda: boss.link.status.up)
        assert await boss.login("boss", PASSWORD) == Text("")
        role = [["duty_officer", ""]]
        assert await boss.administer("person.put", id="brief", name_zh="brief", roles=role) == Text("")
    async with seat(node.certs, node.url, pair) as desk:
        await until(lambda: desk.access.person == "brief")
        node.certs.certs.revoke("user-brief", "left")
        await until(lambda: desk.access.person == "")
        assert "was revoked" in (await desk.refused()).summary.en


def trust_file(node: RemoteNode, file: Path) -> str:
    """Have the node's machine write it."""
    argv = [sys.executable, "main.py", "certs", "trust", str(file), "--state", str(node.state)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    return str(file)


async def test_another_node_takes_the_site_from_its_trust_file(node: RemoteNode, tmp_path: Path) -> None:
    second = RemoteNode(tmp_path / "second", node.certs, "--trust", trust_file(node, tmp_path / "site.trust"))
    try:
        async with seat(node.certs, second.url, node.certs.pair("user-anna")) as desk:
            await until(lambda: desk.access.person == "anna")
            assert not desk.access.first
        assert "administrator" not in second.program.text
    finally:
        second.end()
