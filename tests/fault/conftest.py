"""The real program, started once for the faults that it has to survive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.screens import offscreen

UP_S = 60.0


@pytest.fixture(scope="module")
def screen_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A full-HD screen that needs no display."""
    return offscreen(tmp_path_factory.mktemp("screen"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, screen_environment: dict[str, str]) -> Iterator[Program]:
    """The program on the demo city, its four pictures, map and chart shown."""
    state: Path = tmp_path_factory.mktemp("running")
    with Program(state, screen_environment) as program:
        for panel in ("chart", "map", "video"):
            program.event("shown", panel, within_s=UP_S)
        yield program
