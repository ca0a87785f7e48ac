"""A console whose loop is blocked, not dead: its supervisor finds it, starts it again as it was, and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console import heart, supervise
from tests.fault.hanging_console import OTHER
from tests.screens import offscreen

NODE = {"url": "ws://127.0.0.1:9", "secret": "nobody is there"}
pytestmark = pytest.mark.slow


async def test_a_hung_console_comes_back_with_the_layout_that_was_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in offscreen(tmp_path).items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(supervise, "Heart", lambda child: heart.Heart(child, silent=12))
    said: list[str] = []
    run = supervise.Run(
        state=str(tmp_path / "state"), connect=NODE, console="tests.fault.hanging_console", layout="duty-2", events=True
    )
    assert await supervise.Supervisor(run, said.append).run() == 0
    (again,) = (json.loads(line)["again"] for line in said if line.startswith('{"again"'))
    assert again["layout"] == OTHER
    assert again["said"] == ["控制台曾无响应，已重新启动", "The console hung and was started again"]
    assert any(line.startswith("console hung") for line in said)
    log = (tmp_path / "state" / "logs" / "console.log").read_text("utf-8")
    assert "hanging_console.py" in log  # where it hung
