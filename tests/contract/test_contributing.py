"""The examples printed in CONTRIBUTING.md are short, and run as they stand."""

from __future__ import annotations

import asyncio
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from console.api import Alarm, AlarmState, CommandSpec, Panel, settings_from
from console.rules.workflow import load
from console.workflow_files import declared_workflows
from tests.fakes import FakeHost
from tests.fakes_sink import RecordingSink

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.S)
WORKFLOW = re.findall(r"```(?:xml|toml)\n(.*?)```", TEXT, re.S)
"""The fourth example: a workflow's file, and the table that declares it."""


@pytest.fixture
def example(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The example with that number, as a module."""
    module = types.ModuleType(f"example_{request.param}")
    sys.modules[module.__name__] = module
    exec(compile(EXAMPLES[request.param], "CONTRIBUTING.md", "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def test_each_example_fits_in_twenty_lines() -> None:
    assert len(EXAMPLES) == 3
    assert len(WORKFLOW) == 2
    assert all(len(text.splitlines()) <= 20 for text in (*EXAMPLES, "".join(WORKFLOW)))


@pytest.mark.parametrize("example", [0], indirect=True)
def test_the_panel_counts_what_its_settings_ask_for(qapp: QApplication, example: Any) -> None:
    host = FakeHost()
    host.put(Alarm(id="a", priority=1, state=AlarmState.UNACKNOWLEDGED), Alarm(id="b", priority=3))
    for priority, expected in ((1, "1"), (4, "2")):
        panel: Any = example.CountPanel(host, settings_from(example.SPEC.settings, {"priority": priority}, "test"))
        panel.update_frame(host.frame())
        assert panel.findChild(QLabel).text() == expected
        assert isinstance(panel, Panel)
        panel.close_panel()


@pytest.mark.parametrize("example", [1], indirect=True)
async def test_the_source_ticks(example: Any) -> None:
    sink = RecordingSink()
    source = example.Tick(settings_from(example.SPEC.settings, {"every_s": 0.01}, "test"))
    running = asyncio.gather(source.run(sink))
    async with asyncio.timeout(30):
        while len(sink.batches) < 3:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    assert "tick" in sink.entities["sensor"]
    assert [float(columns.v[0]) for _, columns in sink.batches[:3]] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("example", [2], indirect=True)
def test_the_command_acts(example: Any) -> None:
    added: list[tuple[CommandSpec, Any]] = []
    commands = types.SimpleNamespace(add=lambda spec, act: added.append((spec, act)))
    selected: list[str] = []
    example.add(commands, types.SimpleNamespace(select=selected.append))
    added[0][1]()
    assert selected == [""]
    assert added[0][0].keys == "Ctrl+Shift+F"


@pytest.mark.parametrize(("hazards", "steps"), [(2, ["look", "report"]), (0, ["look"])])
def test_the_workflow_is_declared_and_goes_to_its_end(tmp_path: Path, hazards: int, steps: list[str]) -> None:
    file, manifest = WORKFLOW
    (tmp_path / "patrol.bpmn").write_text(file, "utf-8")
    (tmp_path / "plugin.toml").write_text(manifest, "utf-8")
    ((spec, text),) = declared_workflows(tmp_path / "plugin.toml")
    run = load(spec, text).start()
    while not run.finished:
        (step,) = run.waiting()
        run.complete(step.id, {ask.name: hazards for ask in step.asks})
    assert list(run.answers) == steps
