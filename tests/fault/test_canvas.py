"""A picture over screens of other sizes, DPR and rotation stands right to the pixel, also while a monitor is away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screens import offscreen_of, screen

ROOT = Path(__file__).parents[2]
LIMIT_S = 120
MIXED = {"W1": (1280, 720, 1.0), "W2": (2560, 1440, 2.0), "W3": (720, 1280, 1.0)}


def points(what: str, folder: Path, environment: dict[str, str]) -> int:
    """How many points of lines the child found where they have to be; it ends at the first that is elsewhere."""
    child = [sys.executable, "-m", "tests.fault.canvas_child", what, str(folder)]
    done = subprocess.run(
        child, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(json.loads(done.stdout.splitlines()[-1])["points"])


def test_lines_run_straight_over_mixed_screens_and_machines(tmp_path: Path) -> None:
    assert points("mixed", tmp_path, offscreen_of(tmp_path, MIXED)) >= 60


def test_nothing_moves_while_a_monitor_is_away(tmp_path: Path) -> None:
    with screen(tmp_path) as (kind, environment):
        if kind != "xvfb" or shutil.which("xrandr") is None:
            pytest.skip("needs Xvfb and xrandr")
        assert points("unplugged", tmp_path, environment) >= 40
