"""Export and import as the commands they are, beside a node that runs and after it has ended."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np

from console.api import NS, ResourceError
from console.node.recording.errand import NAME, ask
from console.node.recording.export import Exported, Order
from console.node.recording.reader import RecordingFile
from tests.flow.nodes import until
from tests.flow.real_node import real_node

ROOT = Path(__file__).parents[2]
SOURCES = """
[[source]]
id = "plant"
kind = "csv"
file = "plant.csv"
time_format = "ms"
[[source.value]]
column = "v"
id = "gas"
unit = "kPa"
"""


def sources(folder: Path) -> Path:
    """A replayed sensor with a value every 20 ms for two minutes."""
    (folder / "plant.csv").write_text("time,v\n" + "".join(f"{n * 20},{n / 7}\n" for n in range(6000)), "utf-8")
    (folder / "sources.toml").write_text(SOURCES, "utf-8")
    return folder / "sources.toml"


async def command(*arguments: str | Path) -> tuple[int, str]:
    """main.py as a person calls it: exit code and all it said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "main.py", *map(str, arguments), cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(child.communicate(), 60)
    return child.returncode or 0, said.decode()


def unfinished(folder: Path) -> list[Path]:
    """Recordings that were begun and never got their name."""
    return list(folder.glob(".*.part"))


def rows(path: Path) -> dict[int, float]:
    """Value by time of the one sensor of a recording."""
    found: dict[int, float] = {}
    for lot in RecordingFile(path).lots():
        found |= dict(zip(lot.columns.t_ns.tolist(), lot.columns.v.tolist(), strict=True))
    return found


async def test_a_recording_of_a_running_node_and_the_same_after_it_ended(tmp_path: Path) -> None:
    span = ("--from", "2020-01-01", "--to", "2100-01-01", "--state", tmp_path)
    async with real_node(tmp_path, sources(tmp_path)) as node:
        await until(lambda: len(node.replica.window("plant.gas", 0, 1 << 62)) >= 30)
        code, said = await command("export", *span, tmp_path / "live.mcap")
        assert code == 0, said
        assert "1 sensors" in said
        code, said = await command("import", tmp_path / "live.mcap", "--state", tmp_path)
        assert code == 1
        assert "a node, or an import, works in" in said
        ring = node.replica.window("plant.gas", 0, 1 << 62)
    live = rows(tmp_path / "live.mcap")
    shared = [(t, v) for t, v in zip(ring.t_ns.tolist(), ring.v.tolist(), strict=True) if t in live]
    assert len(shared) >= 20
    assert all(live[t] == v for t, v in shared)
    assert RecordingFile(tmp_path / "live.mcap").simulated is False
    assert not (tmp_path / NAME).exists()

    code, said = await command("export", *span, tmp_path / "after.mcap")
    assert code == 0, said
    after = rows(tmp_path / "after.mcap")
    assert live.items() <= after.items()

    other = tmp_path / "other"
    code, said = await command("import", tmp_path / "after.mcap", "--state", other)
    assert code == 0, said
    code, said = await command("export", *span[:4], "--state", other, tmp_path / "again.mcap")
    assert code == 0, said
    again = rows(tmp_path / "again.mcap")
    assert list(again) == sorted(after)
    assert np.array(list(again.values())).tobytes() == np.array([after[t] for t in again]).tobytes()


async def once_open(state: Path, order: Order, stop: asyncio.Event) -> Exported:
    """Ask for an export, again while the node is still opening its store."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask(state, order, lambda rows, done: None, stop)
            except ResourceError as error:
                if "not open" not in str(error):
                    raise
            await asyncio.sleep(0.05)


async def test_who_hangs_up_cancels_the_export(tmp_path: Path) -> None:
    async with real_node(tmp_path, sources(tmp_path)) as node:
        await until(lambda: len(node.replica.window("plant.gas", 0, 1 << 62)) >= 5)
        stop = asyncio.Event()
        stop.set()
        order = Order(file=str(tmp_path / "a.mcap"), start_ns=0, end_ns=time.time_ns() + NS)
        done = await once_open(tmp_path, order, stop)
        # a short recording may be whole before the node hears that nobody waits for it; it is never in between
        assert done.cancelled is not (tmp_path / "a.mcap").exists()
    assert not unfinished(tmp_path)


async def test_an_export_that_cannot_be_says_why(tmp_path: Path) -> None:
    times = ("--from", "2020-01-01", "--to", "2100-01-01")
    code, said = await command("export", *times, "--state", tmp_path, tmp_path / "a.mcap")
    assert code == 1
    assert "no store" in said
    async with real_node(tmp_path, sources(tmp_path)) as node:
        await until(lambda: len(node.replica.window("plant.gas", 0, 1 << 62)) >= 5)
        code, said = await command("export", *times, "--select", "id=no", "--state", tmp_path, tmp_path / "a.mcap")
        assert code == 1
        assert "none of them is selected" in said
        code, said = await command("export", *times, "--state", tmp_path, tmp_path / "no" / "a.mcap")
        assert code == 1
        assert "cannot be written" in said
    code, said = await command("export", *times, "--state", tmp_path, tmp_path / "a.csv")
    assert code == 1
    assert ".mcap" in said
