"""`main.py shots`: every panel and preset as pictures, live, without a display; starts `console.shoot`."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Final

from console import supervise

SCREENS: Final = 4
SCREEN_PX: Final = (1920, 1080)
SCENARIOS: Final = ("storm", "quiet")


def screens_file(folder: Path) -> Path:
    """Qt's offscreen screens: four side by side, named as a wall's connectors are."""
    width, height = SCREEN_PX
    screens = [
        {
            "name": f"W{i + 1}",
            "x": i * width,
            "y": 0,
            "width": width,
            "height": height,
            "logicalDpi": 96,
            "logicalBaseDpi": 96,
            "dpr": 1,
        }
        for i in range(SCREENS)
    ]
    path = folder / "screens.json"
    path.write_text(json.dumps({"screens": screens}), "utf-8")
    return path


def main(out: Path, only: str) -> int:
    """Render into `out` what has `only` in its name; 1 when a panel or a picture did not come."""
    out.mkdir(parents=True, exist_ok=True)
    worst = 0
    with tempfile.TemporaryDirectory(prefix="yilan-shots-") as scratch:
        os.environ.pop("DISPLAY", None)
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screens_file(Path(scratch))}"
        os.environ["YILAN_SHOTS_OUT"] = str(out.resolve())
        os.environ["YILAN_SHOTS_ONLY"] = only
        for scenario in SCENARIOS:
            os.environ["YILAN_SHOTS_SCENARIO"] = scenario
            run = supervise.Run(state=f"{scratch}/{scenario}", scenario=scenario, console="console.shoot")
            worst = max(worst, supervise.start(run))
    made = sorted(path.name for path in out.glob("*.png"))
    print(f"{len(made)} pictures in {out}")
    return worst or int(not made)
