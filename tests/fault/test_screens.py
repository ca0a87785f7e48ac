"""A monitor is unplugged and plugged in again: its tiles stand on the other one, go home, and are never made anew."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screens import screen

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("times", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_tiles_of_a_missing_monitor_return(tmp_path: Path, times: int) -> None:
    with screen(tmp_path) as (kind, environment):
        if kind != "xvfb" or shutil.which("xrandr") is None:
            pytest.skip("needs Xvfb and xrandr")
        child = [sys.executable, "-m", "tests.fault.screens_child", str(tmp_path), str(times)]
        limit_s = 30 + 10 * times
        done = subprocess.run(
            child, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit_s
        )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{told['times']} times unplugged and plugged in, the slowest took {told['slowest_s']} s")
