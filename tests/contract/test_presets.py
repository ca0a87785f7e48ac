"""Every shipped layout against every declared panel: known panels, settings that their own structs accept."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.api import PanelSpec, settings_from
from console.resolve import declared
from layouts.store import PRESETS, read
from layouts.tree import tiles

ROOT = Path(__file__).parents[2]
FILES = sorted(PRESETS.glob("*.toml"))
TOUCH_WIDTH = 1366


def specs() -> dict[str, PanelSpec]:
    found: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
    return {spec.id: spec for spec in found}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_each_tile_is_a_known_panel_with_good_settings(file: Path) -> None:
    known = specs()
    for screen in read(file).screens:
        for path, part in tiles(screen.tree):
            where = f"{file.name}, screen {screen.name}, tile {path}"
            assert part.panel in known, where
            settings_from(known[part.panel].settings, part.settings, where)


def test_every_panel_has_both_titles_short_enough_for_a_header() -> None:
    for spec in specs().values():
        assert spec.title.zh
        assert spec.title.en
        assert len(spec.title.zh) <= 8, spec.id


def test_each_duty_preset_shows_the_four_kinds_of_tile() -> None:
    shown = {part.panel for screen in read(PRESETS / "duty.toml").screens for _, part in tiles(screen.tree)}
    assert {"chart", "map", "video", "posts", "alarms"} <= shown
