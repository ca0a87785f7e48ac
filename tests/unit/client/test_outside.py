"""The operator's list of what is outside, and the line to a remote screen: what is refused, and what is bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Allowed, BadInput, LinkError, RefusedError, SettingsError, web_origin
from console.client import capture, v4l2
from console.client.media import Media
from console.client.outside import FILE, WayOut
from console.client.outside_file import OutsideFile, Remote, parse, secret_of
from console.client.remote_line import HELD, RemoteLine
from console.tasks import Tasks


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://example.cn", "https://example.cn:443"),
        ("https://Example.CN/a?b#c", "https://example.cn:443"),
        ("http://10.0.0.1:8080/", "http://10.0.0.1:8080"),
        ("wss://example.cn/socket", "https://example.cn:443"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://xn--fiqs8s.cn", "https://xn--fiqs8s.cn:443"),
    ],
)
def test_an_origin_is_scheme_host_and_port(address: str, origin: str) -> None:
    assert web_origin(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "https://good.cn@evil.cn/",
        "https://user:word@good.cn/",
        "https://good.cn\\@evil.cn/",
        "https://good.cn\t.evil.cn/",
        "https://good.cn /",
        "https://中国.cn",
        "https://good.cn./",
        "https://good..cn/",
        "https:///good.cn",
        "https://good.cn:99999/",
        "https://",
        "ftp://good.cn/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "good.cn",
        "",
        "https://" + "a" * 9000,
    ],
)
def test_what_a_browser_might_read_otherwise_has_no_origin(address: str) -> None:
    with pytest.raises(BadInput):
        web_origin(address)
    assert not Allowed(web=("https://good.cn:443", "https://evil.cn:443")).admits(address)


@given(st.text(max_size=200))
def test_no_text_is_admitted_that_is_not_of_a_listed_origin(text: str) -> None:
    if Allowed(web=("https://good.cn:443",)).admits(text):
        assert text.lower().startswith(("https://good.cn", "wss://good.cn"))


def test_a_listed_origin_is_that_scheme_host_and_port_alone() -> None:
    allowed = Allowed(web=("https://good.cn:443",))
    assert allowed.admits("https://good.cn/any?where")
    assert not allowed.admits("http://good.cn/")
    assert not allowed.admits("https://good.cn:8443/")
    assert not allowed.admits("https://a.good.cn/")
    assert not allowed.admits("https://good.cn.evil.cn/")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web = [", "TOML"),
        ("version = 2", "version 2"),
        ('web = ["https://a.cn/path"]', "scheme, name and port only"),
        ('web = ["*"]', "https://"),
        ('web = ["https://*.a.cn"]', "host"),
        ('capture = ["rtsp://a"]', "/dev/video0"),
        ("webs = []", "unknown key 'webs'"),
        ('[[remote]]\nname = "a"\nhost = "b c"', "a name or an IP address"),
        ('[[remote]]\nname = "a"\nhost = "b"\n[[remote]]\nname = "a"\nhost = "c"', "a name twice"),
        ('[[remote]]\nname = "a"\nhost = "b"\nport = 0', "port"),
        ('[[remote]]\nname = "a"\nhost = "b"\npassword = "x"', "password"),
        ('[[remote]]\nname = "a"\nhost = "b"\npassword_file = "x"\npassword_env = "Y"', "two passwords"),
    ],
)
def test_a_mistake_in_the_list_allows_nothing_and_says_where(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=FILE.replace(".", r"\.")) as raised:
        parse(text.encode(), FILE)
    assert words in str(raised.value)
    (tmp_path / FILE).write_text('web = ["https://a.cn"]\n', encoding="utf-8")
    file = OutsideFile(tmp_path / FILE)
    assert file.allowed().web == ("https://a.cn:443",)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert not file.allowed().web
    assert words in file.allowed().trouble.of("en")


def test_a_list_that_others_may_write_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('web = ["https://a.cn"]\n', encoding="utf-8")
    (tmp_path / FILE).chmod(0o666)
    allowed = OutsideFile(tmp_path / FILE).allowed()
    assert not allowed.web
    assert "chmod o-w" in allowed.trouble.of("zh")


def test_without_a_list_nothing_is_allowed_and_nothing_is_wrong(tmp_path: Path) -> None:
    allowed = OutsideFile(tmp_path / FILE).allowed()
    assert allowed == Allowed(file=str(tmp_path / FILE))


def test_a_password_is_of_a_file_that_only_its_owner_reads_or_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("swordfish\nmore", encoding="utf-8")
    (tmp_path / "secret").chmod(0o640)
    remote = Remote(name="a", host="b", password_file="secret")
    with pytest.raises(RefusedError, match="chmod 600") as refused:
        secret_of(remote, tmp_path)
    assert "swordfish" not in str(refused.value) + refused.value.zh
    (tmp_path / "secret").chmod(0o600)
    assert secret_of(remote, tmp_path) == "swordfish"
    by_name = Remote(name="a", host="b", password_env="FAR")
    assert secret_of(by_name, tmp_path, {"FAR": "x"}) == "x"
    with pytest.raises(RefusedError, match="FAR"):
        secret_of(by_name, tmp_path, {})
    with pytest.raises(RefusedError, match="cannot be read"):
        secret_of(Remote(name="a", host="b", password_file="none"), tmp_path)


def test_the_words_of_a_stream_are_size_rate_and_form() -> None:
    assert capture.options_of("1920x1080 30 mjpeg") == {"size": "1920x1080", "rate": "30", "format": "mjpeg"}
    assert capture.options_of("main") == {}
    assert capture.options_of("a;b ../x") == {}


def test_devices_are_those_that_give_pictures(tmp_path: Path) -> None:
    for name, index in (("video10", "0"), ("video2", "0"), ("video3", "1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index").write_text(index, encoding="utf-8")
        (tmp_path / name / "name").write_text(f"Grabber {name}\n", encoding="utf-8")
    assert [(d.path, d.name) for d in capture.found(tmp_path)] == [
        ("/dev/video2", "Grabber video2"),
        ("/dev/video10", "Grabber video10"),
    ]
    assert capture.found(tmp_path / "none") == ()


def test_nothing_but_a_capture_device_is_opened(tmp_path: Path) -> None:
    (tmp_path / "video0").symlink_to("/dev/null")
    for path in ("/dev/null", str(tmp_path / "video0"), "rtsp://a/b", "/etc/passwd", "/dev/../etc/passwd"):
        with pytest.raises(LookupError):
            v4l2.open_device({"device": path})
    with pytest.raises(FileNotFoundError):
        v4l2.open_device({"device": "/dev/video250"})


class Transport(asyncio.Transport):
    """A transport that keeps what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = self.resumed = self.aborted = False
        self.unsent = 0
        self.sent = b""

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused, self.resumed = False, True

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def abort(self) -> None:
        self.aborted = True


def test_a_line_reads_no_more_than_is_taken() -> None:
    line, transport = RemoteLine("far:5900", "", ""), Transport()
    line.connection_made(transport)
    told: list[int] = []
    line.on_change(lambda: told.append(line.held))
    for _ in range(HELD // 65536):
        line.data_received(bytes(65536))
    assert transport.paused
    assert line.held == HELD
    assert len(line.take(100)) == 100
    while line.take(65536):
        pass
    assert line.held == 0
    assert transport.resumed
    assert told


def test_a_peer_that_takes_nothing_ends_the_line() -> None:
    line, transport = RemoteLine("far:5900", "", ""), Transport()
    line.connection_made(transport)
    line.write(b"abc")
    transport.unsent = 1 << 20
    line.write(b"more")
    assert transport.sent == b"abc"
    assert transport.aborted
    assert line.ended is not None
    assert "takes nothing" in line.ended.of("en")


async def test_only_a_listed_name_is_called_and_who_does_not_answer_is_said(tmp_path: Path) -> None:
    tasks = Tasks(lambda _name, error: None)
    way = WayOut(tmp_path, Media(tasks))
    with pytest.raises(RefusedError, match=FILE):
        await way.dial("far")
    listening = await asyncio.start_server(lambda _r, writer: writer.close(), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    (tmp_path / FILE).write_text(f'[[remote]]\nname = "far"\nhost = "127.0.0.1"\nport = {port}\n', encoding="utf-8")
    line = await way.dial("far")
    assert line.where == f"127.0.0.1:{port}"
    line.close()
    listening.close()
    await listening.wait_closed()
    with pytest.raises(LinkError, match=str(port)):
        await way.dial("far")
    await tasks.close()
