"""The scenes: the same seed draws the same pictures, things move, and the loop has no seam."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from console.node.cameras.clip import load
from console.node.cameras.render import SCENES, Job, fingerprint, missing, pictures, render


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_a_scene_is_the_same_twice_and_moves(scene: str) -> None:
    first, again = (list(pictures(scene, seconds=0.16)) for _ in range(2))
    assert len(first) == 4
    for a, b in zip(first, again, strict=True):
        assert a.shape[:2] == (360, 640)
        assert np.array_equal(a, b)
    # grain alone changes a picture by less than this
    assert np.abs(first[0].astype(int) - first[1]).max() > 40
    assert 12 < np.mean(first[0]) < 180


def test_a_loop_closes() -> None:
    shown = list(pictures("valve_room", seconds=4.0, fps=5))
    steps = [np.abs(a.astype(float) - b).mean() for a, b in zip(shown, shown[1:] + shown[:1], strict=True)]
    assert steps[-1] < 1.5 * np.mean(steps[:-1])


def test_clips_are_encoded_once(tmp_path: Path) -> None:
    jobs = missing(tmp_path, "key")
    assert {job.scene for job in jobs} == set(SCENES)
    job = Job(scene="slope", main=str(tmp_path / "slope.mp4"), sub=str(tmp_path / "slope-sub.mp4"), seconds=0.4)
    made = render(job)
    assert made["scene"] == "slope"
    main, sub = load(tmp_path / "slope.mp4"), load(tmp_path / "slope-sub.mp4")
    assert ((main.width, main.height), (sub.width, sub.height)) == ((640, 360), (320, 180))
    assert len(main.units) == len(sub.units) == 10
    (tmp_path / "index.json").write_text(json.dumps({"key": fingerprint(), "clips": {"slope": made}}), "utf-8")
    assert "slope" not in {job.scene for job in missing(tmp_path, fingerprint())}
    assert "slope" in {job.scene for job in missing(tmp_path, "other code")}
