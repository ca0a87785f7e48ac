"""Every shipped wall is read from where its file says that people stand: text by distance, and tiles that hold it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layouts.arrange import GAP_PX, Box, arrange
from layouts.store import PRESETS, read
from layouts.tree import Screen, tiles
from layouts.wall import text_px

SIZE_PX = (1920, 1080)
"""What a screen of a shipped wall is taken to have."""
WALLS = [
    file for file in [*sorted(PRESETS.glob("*.toml")), Path("tests/perf/wall-24.toml")] if read(file).role == "wall"
]
LEAST_EM = {
    "map": (14.0, 9.0),
    "video": (14.0, 8.0),
    "chart": (14.0, 8.0),
    "board_matrix": (14.0, 9.0),
    "alarms": (14.0, 6.8),
    "incidents": (20.0, 3.3),
    "posts": (14.0, 2.1),
    "strips": (16.0, 1.8),
    "pattern": (14.0, 7.2),
}
"""Width and height below which a panel's first row, or the whole of what is not made of rows, would be cut."""
ROW_EM = 1.8
TOP_BAR_EM = 1.9


@pytest.mark.parametrize("file", WALLS, ids=lambda file: file.stem)
def test_text_is_a_two_hundredth_of_the_distance_on_every_screen(file: Path) -> None:
    wall = read(file)
    for screen in wall.screens:
        assert screen.pitch_mm > 0 and screen.distance_m > 0, f"{screen.name}: from where is it looked at?"
        assert text_px(screen, wall) * screen.pitch_mm >= screen.distance_m * 1000 / 200 - 1e-9, screen.name


@pytest.mark.parametrize("file", WALLS, ids=lambda file: file.stem)
def test_no_tile_is_smaller_than_what_it_shows(file: Path) -> None:
    wall = read(file)
    for screen in wall.screens:
        em = text_px(screen, wall)
        for panel, width, height, settings in _tiles(screen, em):
            least = LEAST_EM[panel]
            rows = int(str(settings.get("count", 5))) if panel == "strips" else 1
            columns = max(1, int(width / em // least[0])) if panel == "strips" else 1
            needed = max(least[1], -(-rows // columns) * ROW_EM if panel == "strips" else 0.0)
            assert width / em >= least[0], f"{screen.name}: {panel} is {width / em:.1f} em wide"
            assert height / em >= needed, f"{screen.name}: {panel} is {height / em:.1f} em high, needs {needed:.1f}"


def test_a_wall_has_one_top_bar_and_every_tile_is_seen() -> None:
    for file in WALLS:
        wall = read(file)
        bars = 0 if file.stem == "scene-pattern" else 1  # nothing may lie over what a wall is aligned by
        assert sum(screen.top_bar for screen in wall.screens) == bars, file.stem
        for screen in wall.screens:
            seen = [panel for panel, *_ in _tiles(screen, text_px(screen, wall))]
            assert len(seen) == len(list(tiles(screen.tree))), f"{file.stem}: a wall has nobody to open a tab"


def _tiles(screen: Screen, em: float) -> list[tuple[str, float, float, dict[str, object]]]:
    box = Box(0, 0, SIZE_PX[0] - 2 * GAP_PX, SIZE_PX[1] - 2 * GAP_PX)
    placed = arrange(screen.tree, box, scale=em / 64.0).tiles
    return [(p.part.panel, p.box.width, p.box.height, p.part.settings) for p in placed if p.box is not None]
