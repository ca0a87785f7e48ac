"""main.py import as a person calls it: progress, Ctrl-C, going on, the same numbers at a console's link."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sys
from pathlib import Path

import pytest

from console.api import NS
from tests.flow.nodes import until
from tests.flow.real_node import real_node

ROOT = Path(__file__).parents[2]
DAYS = 40
SOURCES = """
[[source]]
id = "plant"
kind = "csv"
file = "plant.csv"
time_zone = "UTC"
[[source.value]]
column = "v"
id = "gas"
"""


async def importing(*arguments: str | Path) -> asyncio.subprocess.Process:
    """The command, started."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "main.py", "import", *map(str, arguments), cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def ended(command: asyncio.subprocess.Process) -> tuple[int, str]:
    said, _ = await asyncio.wait_for(command.communicate(), 120)
    return command.returncode or 0, said.decode()


@pytest.fixture
def first(tmp_path: Path) -> dt.datetime:
    """A CSV file of days that lie just behind us, a row a minute, and a sources file for it; its first time."""
    begin = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=DAYS)
    times = (begin.replace(tzinfo=None) + dt.timedelta(minutes=n) for n in range(DAYS * 1440))
    rows = "".join(f"{time},{n}\n" for n, time in enumerate(times))
    (tmp_path / "plant.csv").write_text(f"time,v\n{rows}", "utf-8")
    (tmp_path / "sources.toml").write_text(SOURCES, "utf-8")
    return begin


async def test_a_cancelled_import_goes_on_and_a_console_sees_every_day(tmp_path: Path, first: dt.datetime) -> None:
    mapping = ("--mapping", tmp_path / "sources.toml", "--state", tmp_path)
    command = await importing(tmp_path / "plant.csv", *mapping)
    ledger = tmp_path / "telemetry" / "imports.json"
    await until(lambda: ledger.exists() or command.returncode is not None, 60)
    command.send_signal(signal.SIGINT)
    code, said = await ended(command)
    assert (code == 130 and "whole days" in said) or code == 0, said
    code, said = await ended(await importing(tmp_path / "plant.csv", *mapping))
    assert code == 0, said
    code, said = await ended(await importing(tmp_path / "plant.csv", *mapping))
    assert (code, "imported before" in said) == (0, True), said

    # another source for the same sensor, so that what is seen can come from the store alone
    (tmp_path / "plant.csv").write_text("time,v\n2020-01-01,1\n", "utf-8")
    begin_ns = int(first.timestamp()) * NS
    async with real_node(tmp_path, tmp_path / "sources.toml") as node:
        last_ns = begin_ns + DAYS * 86_400 * NS
        await until(lambda: "plant.gas" in node.replica.entities["sensor"])
        seen: list[float] = []

        async def everything() -> bool:
            found = await node.link.query("plant.gas", begin_ns, last_ns, 20_000)
            seen[:] = [float(found.v.min(initial=0)), float(found.v.max(initial=0))]
            return len(found) > 20_000

        async with asyncio.timeout(60):
            while not await everything():
                await asyncio.sleep(0.05)
        assert seen == [0.0, DAYS * 1440.0 - 1]
        day_ns = last_ns - 3 * 86_400 * NS
        day = await node.link.query("plant.gas", day_ns, day_ns + 86_400 * NS, 2000)
        assert day.t_ns.tolist() == [day_ns + n * 60 * NS for n in range(1440)]
        assert day.v.tolist() == [float((DAYS - 3) * 1440 + n) for n in range(1440)]


async def test_bad_input_is_one_clear_line(tmp_path: Path, first: dt.datetime) -> None:
    code, said = await ended(await importing(tmp_path / "none.csv", "--state", tmp_path))
    assert code == 1
    assert "none.csv; found no such file" in said
    assert len(said.splitlines()) == 1
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SOURCES.replace('"v"', '"vv"'), "utf-8")
    code, said = await ended(await importing(tmp_path / "plant.csv", "--mapping", wrong, "--state", tmp_path))
    assert code == 1
    assert "wrong.toml line 8, key 'source[0].value[0].column'; found no column 'vv'" in said
