"""The whole product, pictured: every tile shows something, and only trouble has a colour."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SATURATED = 64
"""A pixel is saturated from this difference of its largest and smallest channel on (of 255)."""
PICTURES = (slice(90, 450), slice(1398, 1920))
"""Rows and columns of the video tile in the duty preset: pictures keep their true colours and are not counted."""


def rendered(out: Path, name: str) -> np.ndarray:
    """One picture of `main.py shots` as u8 (height, width, 3)."""
    env = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    command = [sys.executable, "main.py", "shots", "--out", str(out), "--only", name]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return np.asarray(Image.open(out / f"{name}.png").convert("RGB"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "most_percent"), [("duty-zh-quiet", 0.5), ("duty-zh-storm", 6.0)])
def test_only_trouble_has_a_colour(tmp_path: Path, name: str, most_percent: float) -> None:
    picture = rendered(tmp_path, name).astype(int)
    assert picture.shape == (1080, 1920, 3)
    spread = picture.max(axis=2) - picture.min(axis=2)
    spread[PICTURES] = 0
    assert 100 * float((spread >= SATURATED).mean()) <= most_percent
    dull = picture[PICTURES].std(axis=(0, 1)).max()
    assert dull > 8, "the video tile shows one colour only"
