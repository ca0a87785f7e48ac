"""What a person can mend is said in one clear line, without a traceback, with the right exit code."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.screens import plain_environment

WITHIN_S = 30.0
SAID = ("started:", "data:", "to begin anew:", "log-in:")
"""Lines of a start that is going well."""


def refusal(state: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """(exit code, the one line that is not about what was started) of a start that must fail."""
    with Program(state, environment, *arguments, events=False) as program:
        code = program.ended(WITHIN_S)
        assert "Traceback" not in program.text, program.text
        said = [h.text for h in program.heard if not h.text.startswith(SAID)]
        assert not program.left()
        return code, "\n".join(said)


def test_no_display(tmp_path: Path) -> None:
    code, said = refusal(tmp_path, plain_environment())
    assert code == 2
    assert "no display" in said and "make shots" in said


def test_a_taken_port(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = refusal(tmp_path, screen_environment, "--port", str(port))
    assert code == 1
    assert str(port) in said and len(said.splitlines()) == 1, said


def test_an_unknown_layout(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    code, said = refusal(tmp_path, screen_environment, "--layout", "nowhere")
    assert code == 1
    assert "nowhere" in said and len(said.splitlines()) == 1, said


def test_a_sources_file_that_is_not_there(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    code, said = refusal(tmp_path, screen_environment, "--sources", str(tmp_path / "missing.toml"))
    assert code == 1
    assert "missing.toml" in said and len(said.splitlines()) == 1, said


def test_a_state_folder_that_cannot_be(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", "utf-8")
    code, said = refusal(in_the_way / "state", screen_environment)
    assert code == 1
    assert "--state" in said and len(said.splitlines()) == 1, said


def test_a_second_start_on_the_same_data(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    with Program(tmp_path, screen_environment) as first:
        first.wait(lambda h: h.text.startswith("data:"), WITHIN_S)
        code, said = refusal(tmp_path, screen_environment)
        assert code == 1
        assert str(tmp_path) in said and len(said.splitlines()) == 1, said
        first.event("up", "node", within_s=WITHIN_S)
        assert first.finish() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB; needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True, capture_output=True)


@pytest.mark.root
def test_a_full_disk(small_disk: Path, screen_environment: dict[str, str]) -> None:
    code, said = refusal(small_disk / "state", screen_environment)
    assert code == 1
    assert "MB free" in said and len(said.splitlines()) == 1, said


def test_a_demo_node_refuses_a_parent(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    code, said = refusal(tmp_path, screen_environment, "--parent", "ws://above:9")
    assert code == 1
    assert len(said.splitlines()) == 1, said
    assert "ws://above:9" in said and "expected none" in said and "simulated" in said and "--sources" in said


def test_a_real_node_says_that_it_has_no_uplink_yet(tmp_path: Path, screen_environment: dict[str, str]) -> None:
    (tmp_path / "real.csv").write_text("time,a\n2020-01-01T00:00:00,1\n2020-01-01T00:00:01,2\n", "utf-8")
    sources = tmp_path / "real.toml"
    sources.write_text(
        '[[source]]\nkind = "csv"\nid = "real"\nfile = "real.csv"\nvalue = [{ column = "a" }]\n', "utf-8"
    )
    code, said = refusal(tmp_path / "state", screen_environment, "--sources", str(sources), "--parent", "ws://above:9")
    assert code == 1
    assert len(said.splitlines()) == 1, said
    assert "ws://above:9" in said and "not part of this version" in said
