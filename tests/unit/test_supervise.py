"""The supervisor: what it says of a death, to whoever started it and to the next console, and what it clears up."""

from __future__ import annotations

import json
from pathlib import Path

from console.supervise import FIRST_CODE, Run, Supervisor, clear_up

NODE = {"url": "wss://centre.example:8443"}


async def test_a_console_that_died_is_told_on_the_terminal_and_to_the_next_one(tmp_path: Path) -> None:
    said: list[str] = []
    run = Run(state=str(tmp_path), connect=NODE, console="tests.unit.console_child", events=True)
    assert await Supervisor(run, said.append).run() == 0
    log = str(tmp_path / "logs" / "console.log")
    assert f"console ended unexpectedly (exit code 3) and is started again; its log: {log}" in said
    told = [json.loads(line)["told"] for line in said if line.startswith('{"told"')]
    assert told[0] == {"node": NODE}
    notice = told[1]["notice"]
    assert notice["key"] == "child:console" and log in notice["detail"]
    assert all("was started again" in text or "已重新启动" in text for text in notice["summary"])


def test_the_code_that_a_killed_run_left_is_gone_before_the_next_one(tmp_path: Path) -> None:
    (tmp_path / FIRST_CODE).write_text("ABCD\n")
    assert clear_up(tmp_path) == 0
    assert not (tmp_path / FIRST_CODE).exists()
