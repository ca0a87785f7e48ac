"""`main.py wall` as the program it is: with a certificate that is over it says so and tries on; renewed, it is in."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

from tests.certificates import SiteCerts
from tests.flow.remote import RemoteNode, settle
from tests.program import Program
from tests.screens import offscreen

LAYOUT = """
version = 1
id = "small-wall"
title = ["小屏", "Small wall"]
role = "wall"

[[screens]]
name = "only"
match = "0"
pitch_mm = 0.63
distance_m = 8.0

[screens.tree]
panel = "alarms"
"""


def said(wall: Program, words: str, within_s: float = 40.0) -> None:
    """Wait until the console's log has it."""
    log, waited = wall.state / "logs" / "console.log", threading.Event()
    for _ in range(round(within_s / 0.1)):
        if log.exists() and words in log.read_text("utf-8", "replace"):
            return
        waited.wait(0.1)
    raise TimeoutError(wall.last_lines())


def test_a_wall_whose_certificate_is_renewed_goes_on_by_itself(tmp_path: Path) -> None:
    certs = SiteCerts(tmp_path / "certs")
    node = RemoteNode(tmp_path / "node", certs)
    try:
        asyncio.run(settle(node))
        mine = tmp_path / "wall"
        (mine / "state" / "layouts").mkdir(parents=True)
        for file in certs.expired_wall("w1"):
            shutil.copy(file, mine)
        (mine / "state" / "layouts" / "small-wall.toml").write_text(LAYOUT, "utf-8")
        arguments = (
            "wall", "--name", "w1", "--connect", node.url, "--layout", "small-wall",
            "--ca", str(certs.ca), "--cert", str(mine / "wall-w1.pem"), "--key", str(mine / "wall-w1.key"),
        )  # fmt: skip
        with Program(mine / "state", offscreen(tmp_path), *arguments) as wall:
            said(wall, "This console's certificate has expired")
            for file in certs.wall("w1", force=True):
                shutil.copy(file, mine)
            wall.wait(lambda heard: heard.line.get("stats", {}).get("link_up"), 40.0)
            assert wall.of_role("node") == [] and wall.of_role("cameras") == []
            assert wall.finish() == 0
    finally:
        node.end()
