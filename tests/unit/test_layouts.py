"""Layouts as files: the shipped ones, what is refused and how, saving and reading again, screens and text sizes."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest

from console.api import SettingsError, Text
from layouts.store import PRESETS, LayoutStore, parse, read
from layouts.toml_text import toml_text
from layouts.tree import Layout, Part, Screen, tiles
from layouts.wall import Monitor, places, text_px

PRESET_FILES = sorted(PRESETS.glob("*.toml"))


@pytest.mark.parametrize("file", PRESET_FILES, ids=lambda f: f.stem)
def test_every_preset_reads_and_is_named_as_its_file(file: Path) -> None:
    layout = read(file)
    assert layout.id == file.stem
    assert layout.title.zh
    assert layout.title.en
    assert all(list(tiles(screen.tree)) for screen in layout.screens)


def test_the_presets_are_those_of_the_design() -> None:
    assert {"duty", "duty-2", "vehicle", "wall-2x2"} <= {file.stem for file in PRESET_FILES}


def test_paths_of_tiles_are_unique() -> None:
    for file in PRESET_FILES:
        for screen in read(file).screens:
            paths = [path for path, _ in tiles(screen.tree)]
            assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("file", PRESET_FILES, ids=lambda f: f.stem)
def test_saved_layouts_read_back_the_same(file: Path, tmp_path: Path) -> None:
    store = LayoutStore(tmp_path / "layouts")
    layout = read(file)
    saved = store.save(layout)
    assert read(saved) == layout
    assert store.load(layout.id) == layout


def _raw(**screen: object) -> dict[str, object]:
    return {"version": 1, "id": "x", "title": ["x"], "screens": [{"name": "a", "tree": {"panel": "map"}, **screen}]}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"id": "x"}, "version"),
        ({**_raw(), "version": 99}, "version"),
        ({**_raw(), "colour": "red"}, "colour"),
        (_raw(tree={"split": "h", "parts": [{"panel": "map"}]}), "two or more"),
        (_raw(tree={"panel": "map", "tabs": [{"panel": "map"}]}), "exactly one"),
        (_raw(tree={}), "exactly one"),
        (_raw(tree={"split": "h", "parts": [{"panel": "map"}, {"panel": "map", "wieght": 2}]}), r"parts\[1\].*wieght"),
        (_raw(tree={"panel": "map", "px": -1}), "px"),
        (_raw(tree={"split": "h", "parts": [{"panel": "map"}, {"panel": "map", "weight": math.nan}]}), "weight"),
        (_raw(tree={"split": "h", "parts": [{"panel": "map"}, {"panel": "map", "weight": math.inf}]}), "weight"),
        (_raw(text_px=math.nan), "text_px"),
        (_raw(window=[0, 0, 300, 200]), "window"),
        (_raw(size="big"), "size"),
        ({**_raw(), "screens": []}, "screens"),
        ({**_raw(), "role": "wall"}, "text_px"),
        ({**_raw(), "role": "kitchen"}, "role"),
    ],
)
def test_what_makes_no_sense_is_named(raw: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse(raw, "x.toml")


def test_broken_and_missing_files_are_errors_of_ours(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("version = = 1", encoding="utf-8")
    with pytest.raises(SettingsError, match="broken"):
        read(broken)
    with pytest.raises(SettingsError, match="nowhere"):
        LayoutStore(tmp_path).load("nowhere")


def test_an_own_layout_shadows_the_shipped_one(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    screen = Screen(name="a", tree=Part(panel="notices"))
    store.save(Layout(version=1, id="duty", title=Text("我的", "Mine"), screens=(screen,)))
    assert store.load("duty").title.zh == "我的"
    assert store.ids().count("duty") == 1


def test_no_file_outside_the_folder_is_written(tmp_path: Path) -> None:
    layout = Layout(version=1, id="../evil", title=Text("x"), screens=(Screen(name="a", tree=Part(panel="map")),))
    with pytest.raises(SettingsError):
        LayoutStore(tmp_path).save(layout)


def test_wall_text_is_a_two_hundredth_of_the_distance() -> None:
    wall = read(PRESETS / "wall-2x2.toml")
    assert text_px(wall.screens[0], wall) == pytest.approx(63.5, abs=0.1)
    assert text_px(wall.screens[0], wall, device_pixel_ratio=2) == pytest.approx(31.7, abs=0.1)
    duty = read(PRESETS / "duty.toml")
    assert text_px(duty.screens[0], duty) == 13.0


def monitors(*names: str) -> list[Monitor]:
    return [Monitor(name=name) for name in names]


def test_screens_are_matched_by_name_number_and_order() -> None:
    wall = read(PRESETS / "wall-2x2.toml")
    straight = places(wall, monitors("A", "B", "C", "D"))
    assert [place.index for place in straight] == [0, 1, 2, 3]
    named = places(wall, monitors("lower-right", "upper-left", "x", "y"))
    assert not any(place.stand_in for place in named)
    assert sorted(place.index for place in named) == [0, 1, 2, 3]
    short = places(wall, monitors("only"))
    assert [place.stand_in for place in short] == [False, True, True, True]
    with pytest.raises(ValueError, match="screen"):
        places(wall, [])


def test_a_monitor_is_found_by_its_serial_number_wherever_it_is_plugged_in() -> None:
    a = Screen(name="l", tree=Part(panel="map"), match="DP-1", serial="S1")
    b = Screen(name="r", tree=Part(panel="map"), match="DP-2", serial="S2")
    layout = Layout(version=2, id="x", title=Text("x"), screens=(a, b))
    crossed = [Monitor(name="DP-1", serial="S2"), Monitor(name="DP-2", serial="S1")]
    assert [place.index for place in places(layout, crossed)] == [1, 0]
    twins = [Monitor(name="DP-1", serial="S9"), Monitor(name="DP-2", serial="S9")]
    assert [place.index for place in places(layout, twins)] == [0, 1], "two of one number tell nothing"
    alone = places(layout, [Monitor(name="DP-2", serial="S2")])
    assert [(place.index, place.stand_in) for place in alone] == [(0, True), (0, False)]


def test_a_window_of_detached_tiles_takes_no_screen_from_others() -> None:
    torn = Screen(name="torn", tree=Part(panel="map"), match="DP-2", window=(10, 10, 300, 200))
    layout = Layout(version=2, id="x", title=Text("x"), screens=(torn, Screen(name="m", tree=Part(panel="map"))))
    assert [place.index for place in places(layout, monitors("DP-1", "DP-2"))] == [1, 0]
    assert [(place.index, place.stand_in) for place in places(layout, monitors("DP-1"))] == [(0, True), (0, False)]


def test_toml_text_says_what_it_is_given() -> None:
    table = {"a": 1, "b": [1.5, "zwei"], "c": {"k": True, "名": "值"}, "d": [{"x": 1, "y": [{"z": 'q"\n'}]}, {"x": 2}]}
    assert tomllib.loads(toml_text(table)) == table
