"""Cameras: what the node is told, and logins that show nowhere."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from console.api import Camera, SourceError
from console.node.sources.cameras.login import login_of, with_login
from console.node.sources.cameras.source import CameraSource
from console.node.sources.cameras.spec import CameraSettings
from tests.fakes_sink import RecordingSink


async def declared(settings: CameraSettings) -> RecordingSink:
    """What the source told its sink before it only waits."""
    sink = RecordingSink()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await CameraSource(settings).run(sink)
    return sink


async def test_an_address_gets_its_login_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_LOGIN", "ad min:ge:h@im")
    sink = await declared(
        CameraSettings(
            id="gate", url="rtsp://10.0.0.7:554/main?a=1", sub_url="rtsp://10.0.0.7:554/sub", login_env="GATE_LOGIN"
        )
    )
    assert sink.urls == {
        ("gate", "main"): "rtsp://ad%20min:ge%3Ah%40im@10.0.0.7:554/main?a=1",
        ("gate", "sub"): "rtsp://ad%20min:ge%3Ah%40im@10.0.0.7:554/sub",
    }
    camera = sink.entities["camera"]["gate"]
    assert isinstance(camera, Camera)
    assert camera.streams == ("main", "sub")
    assert "ge" not in repr(sink.puts).replace("gate", "")
    assert sink.notices == {}


async def test_a_file_is_served() -> None:
    sink = await declared(CameraSettings(id="clip", file="/tmp/a.mp4", loop=False))
    assert sink.urls == {("clip", "main"): "file:/tmp/a.mp4#once"}


def test_a_missing_login_says_which_but_never_what(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GATE_LOGIN", "geheim")
    with pytest.raises(SourceError, match="GATE_LOGIN is not set to user:password") as caught:
        login_of("gate", "GATE_LOGIN", "")
    assert "geheim" not in str(caught.value)
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[gate]\nuser = "u"\npassword = "geheim"\n[broken]\nuser = "geheim"\n', "utf-8")
    assert login_of("gate", "", str(secrets)) == ("u", "geheim")
    with pytest.raises(SourceError, match=r"has no \[broken\]") as caught:
        login_of("broken", "", str(secrets))
    assert "geheim" not in str(caught.value)
    secrets.write_text("geheim = ", "utf-8")
    with pytest.raises(SourceError, match="cannot be read") as caught:
        login_of("gate", "", str(secrets))
    assert "geheim" not in repr(caught.value.__cause__)


def test_no_login_leaves_the_address_alone() -> None:
    assert with_login("http://h/x", None) == "http://h/x"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_secrets_file_must_be_private_and_outside_a_repository(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("", "utf-8")
    settings = CameraSettings(id="gate", url="rtsp://h/x", login_file=str(secrets))
    secrets.chmod(0o644)
    assert [f.found for f in CameraSource.check(settings)] == ["a file others may read"]
    secrets.chmod(0o600)
    assert CameraSource.check(settings) == []
    (tmp_path / ".git").mkdir()
    assert [f.found for f in CameraSource.check(settings)] == ["a file in a repository"]
