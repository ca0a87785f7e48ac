"""The client printed in docs/wire-protocol.md runs as it stands, with the reference msgpack and nothing of ours."""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import time
from pathlib import Path

from console.api import Sensor
from tests.flow.nodes import SECRET, SmallNode

DOC = Path(__file__).parents[2] / "docs" / "wire-protocol.md"


async def test_a_stranger_reads_a_node_from_the_document(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.S)
    assert len(program.splitlines()) <= 50
    assert "console" not in re.findall(r"^(?:from|import) (\w+)", program, re.M)
    script = tmp_path / "stranger.py"
    script.write_text(program, "utf-8")
    node = SmallNode()
    node.hub.put("s", [Sensor(id="x"), Sensor(id="单", dtype="f4")])
    await node.open()
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(script), node.url, SECRET, "6", stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    try:
        values = itertools.count()
        async with asyncio.timeout(60):
            while stranger.returncode is None:
                node.feed({"x": 1.5, "单": 0.25 * next(values)}, time.time_ns())
                await asyncio.sleep(0.1)
            out, _ = await stranger.communicate()
    finally:
        await node.close()
    lines = [line.split() for line in out.decode().splitlines()]
    assert len(lines) >= 6
    assert {line[0] for line in lines} == {"x", "单"}
    assert all(line[2] == "1.5" for line in lines if line[0] == "x")
    assert all(line[3] == "good" for line in lines)
