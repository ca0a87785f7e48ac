"""The wall as one canvas: bezels lie behind the picture, each machine finds the same, old files keep their meaning."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import SettingsError, Spanned, Text
from layouts.canvas import board, check_canvas, on_machine, patterned, share_of, spanned
from layouts.store import parse
from layouts.tree import VERSION, Layout, Part, Screen, numbered

BEZEL_MM = 3.5
PITCH_MM = 0.63
WIDE_MM, HIGH_MM = 1920 * PITCH_MM, 1080 * PITCH_MM


def screen(name: str, x: int, y: int, tree: Part | None = None, **more: Any) -> Screen:
    """A 55-inch screen at a place of the 2 × 2 wall."""
    at = (x * (WIDE_MM + BEZEL_MM), y * (HIGH_MM + BEZEL_MM))
    given: dict[str, Any] = {"at_mm": at, "pitch_mm": PITCH_MM, "distance_m": 8.0, **more}
    return Screen(name=name, tree=tree or Part(panel="map", span="map"), **given)


def wall(*screens: Screen) -> Layout:
    return numbered(Layout(version=VERSION, id="w", title=Text("w"), role="wall", screens=screens))


def in_mm(part: Spanned) -> tuple[float, float, float, float]:
    """A tile's rectangle in mm from the whole's corner."""
    wide, high = part.size_mm
    return part.x * wide, part.y * high, part.width * wide, part.height * high


def test_a_bezel_is_a_part_of_the_picture_that_nobody_shows() -> None:
    found = spanned(wall(screen("l", 0, 0), screen("r", 1, 0)))
    left, right = in_mm(found["l/0"]), in_mm(found["r/0"])
    # 4 px on each side are the windows' edges
    assert right[0] - (left[0] + left[2]) == pytest.approx(BEZEL_MM + 8 * PITCH_MM)
    assert left[2] == pytest.approx((1920 - 8) * PITCH_MM)
    assert left[1] == right[1] == 0
    assert found["l/0"].parts == found["r/0"].parts
    assert [found[one].part for one in ("l/0", "r/0")] == [0, 1]


def test_screens_that_nobody_measured_stand_side_by_side() -> None:
    bare = [screen(name, 0, 0, at_mm=None) for name in ("l", "r")]
    other = screen("x", 0, 0, Part(panel="posts"), at_mm=None)
    found = spanned(wall(bare[0], other, bare[1]))
    left, right = in_mm(found["l/0"]), in_mm(found["r/0"])
    assert right[0] - (left[0] + left[2]) == pytest.approx(8 * PITCH_MM), (
        "what shows another picture is not between them"
    )


def test_a_finer_screen_of_the_same_size_shows_as_much() -> None:
    fine = screen("r", 1, 0, size_px=(3840, 2160), pitch_mm=PITCH_MM / 2)
    found = spanned(wall(screen("l", 0, 0), fine))
    assert in_mm(found["r/0"])[2] == pytest.approx((3840 - 8) * PITCH_MM / 2)
    assert found["r/0"].pitch_mm == PITCH_MM, "a view's zoom counts in one screen's pixels for all"


def test_a_screen_that_hangs_upright() -> None:
    upright = screen("r", 1, 0, size_px=(1080, 1920))
    x, y, wide, high = in_mm(spanned(wall(screen("l", 0, 0), upright))["r/0"])
    assert [wide, high] == pytest.approx([(1080 - 8) * PITCH_MM, (1920 - 8) * PITCH_MM])
    assert [x, y] == pytest.approx([WIDE_MM + BEZEL_MM, 0])


def test_a_tile_on_a_closed_tab_keeps_its_part() -> None:
    tabs = Part(tabs=(Part(panel="posts"), Part(panel="map", span="map")), current=0)
    shut, open_ = (wall(screen("l", 0, 0), screen("r", 1, 0, msgspec.structs.replace(tabs, current=n))) for n in (0, 1))
    assert spanned(shut) == spanned(open_)


def test_who_is_alone_shows_a_whole() -> None:
    assert spanned(wall(screen("l", 0, 0), screen("r", 1, 0, Part(panel="posts")))) == {}
    torn = screen("r", 1, 0, window=(10, 10, 300, 200))
    assert spanned(wall(screen("l", 0, 0), torn)) == {}, "a window of detached tiles has no place on the wall"


def test_two_pictures_know_nothing_of_each_other() -> None:
    two = [screen(n, i, 1, Part(panel="video", span="film")) for i, n in enumerate(("c", "d"))]
    found = spanned(wall(screen("a", 0, 0), screen("b", 1, 0), *two))
    assert found["a/0"].parts == found["c/0"].parts
    assert spanned(wall(*two))["c/0"] == found["c/0"]


corner = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(
    st.lists(st.tuples(st.sampled_from([(1920, 1080), (1080, 1920), (3840, 2160)]), corner), min_size=2, max_size=5),
    st.sampled_from(["map", "deep"]),
)
def test_every_machine_finds_the_same(hung: list[tuple[tuple[int, int], tuple[int, int]]], kind: str) -> None:
    """Each opens its own screens only, knows where its tiles really stand, and agrees with all others on the rest."""
    deep = Part(split="v", parts=(Part(panel="map", span="map"), Part(panel="posts", px=136)))
    screens = [
        screen(
            f"s{i}", x, y, deep if kind == "deep" else None, size_px=size, machine=f"m{i % 2}", pitch_mm=0.4 + i / 10
        )
        for i, (size, (x, y)) in enumerate(hung)
    ]
    layout = wall(*screens)
    whole = spanned(layout)
    tops = {id_: share_of(layout, s, id_) for s in layout.screens for id_ in whole if id_.startswith(f"{s.name}/")}
    barred = {id_: (x, y + 0.01, w, h - 0.01) for id_, (x, y, w, h) in tops.items()}
    for machine in ("m0", "m1"):
        mine = {s.name for s in on_machine(layout, machine).screens}
        seen = {id_: share for id_, share in barred.items() if id_.split("/")[0] in mine}
        found = spanned(layout, seen)
        for id_, part in found.items():
            assert (part.parts, part.size_mm, part.part) == (whole[id_].parts, whole[id_].size_mm, whole[id_].part)
            moved = id_ in seen
            assert (part.height < whole[id_].height) is moved, "its own part is where its tile stands"
    for part in whole.values():
        assert 0 <= part.x <= part.x + part.width <= 1 + 1e-9
        assert part.parts[part.part] == (part.x, part.y, part.width, part.height)


@pytest.mark.parametrize(
    ("screens", "said"),
    [
        ((screen("l", 0, 0), screen("r", 1, 0, at_mm=(WIDE_MM - 5, 0.0))), "'l' and 'r'.*overlap by 5 × 680 mm"),
        ((screen("l", 0, 0), screen("r", 1, 0, at_mm=None)), "'r', key 'at_mm'"),
        ((screen("l", 0, 0), screen("r", 1, 0, pitch_mm=0.0, text_px=40.0)), "'r', key 'pitch_mm'"),
        ((screen("l", 0, 0), screen("r", 1, 0, Part(panel="video", span="map"))), "span 'map'.*panels map, video"),
        ((screen("l", 0, 0, size_px=(0, 1080)),), "size_px"),
        ((screen("l", 0, 0, Part(split="h", span="x", parts=(Part(panel="map"), Part(panel="map")))),), "key 'span'"),
    ],
)
def test_what_makes_no_canvas_is_named(screens: tuple[Screen, ...], said: str) -> None:
    layout = Layout(version=VERSION, id="w", title=Text("w"), role="wall", screens=screens)
    with pytest.raises(SettingsError, match=said):
        parse(msgspec.to_builtins(layout), "w.toml")


def test_a_board_shows_the_wall_as_it_hangs() -> None:
    hung = board(wall(screen("l", 0, 0), screen("r", 1, 0), screen("low", 0, 1)))
    assert hung["r"].x == pytest.approx(WIDE_MM + BEZEL_MM)
    bare = board(wall(*(screen(name, 0, 0, at_mm=None) for name in "abc")))
    assert [bare["c"].x, bare["c"].y] == pytest.approx([0, HIGH_MM]), "else as near to a square as it goes"


# ---------------------------------------------------------------- files from before


def old(*cells: Sequence[object] | None, **screen: Any) -> dict[str, Any]:
    """A layout of version 2 with a map of these cells on each screen; None: no map of several."""
    screens = [
        {
            "name": f"s{i}",
            "text_px": 40.0,
            **screen,
            "tree": {"panel": "map", "settings": {"span": cell} if cell else {}},
        }
        for i, cell in enumerate(cells)
    ]
    return {"version": 2, "id": "x", "title": ["x"], "role": "wall", "screens": screens}


def test_halves_of_a_map_stay_halves() -> None:
    layout = parse(old([2, 1, 0, 0], [2, 1, 1, 0]), "x")
    parts = [part for screen in layout.screens for part in [screen.tree]]
    assert [part.span for part in parts] == ["map", "map"]
    assert [part.settings for part in parts] == [{}, {}]
    assert all(screen.at_mm is None for screen in layout.screens), "their order says where they are"
    assert len(spanned(numbered(layout))) == 2


def test_cells_in_another_order_get_their_places() -> None:
    layout = parse(old([1, 2, 0, 1], [1, 2, 0, 0], None, pitch_mm=0.5), "x")
    assert [screen.at_mm for screen in layout.screens] == [(0.0, 540.0), (0.0, 0.0), None]
    found = spanned(numbered(layout))
    assert found["s1/0"].y == 0 and found["s0/0"].y > 0.5
    assert found["s0/0"].x == found["s1/0"].x == 0


def test_maps_of_other_settings_are_other_pictures() -> None:
    raw = old([2, 1, 0, 0], [2, 1, 1, 0], [2, 1, 0, 0], [2, 1, 1, 0])
    for screen in raw["screens"][2:]:
        screen["tree"]["settings"]["area"] = "fengdong"
    layout = parse(raw, "x")
    assert [screen.tree.span for screen in layout.screens] == ["map", "map", "map 2", "map 2"]


def test_a_whole_map_of_before_has_no_word() -> None:
    layout = parse(old([1, 1, 0, 0]), "x")
    assert (layout.screens[0].tree.span, layout.screens[0].tree.settings) == ("", {})


def test_what_was_no_cell_is_left_to_be_refused() -> None:
    layout = parse(old(["two", 1]), "x")
    assert layout.screens[0].tree.settings == {"span": ["two", 1]}


def test_the_example_of_the_howto_is_a_wall() -> None:
    text = (Path(__file__).parents[3] / "docs" / "howto" / "wall.md").read_text(encoding="utf-8")
    layout = numbered(parse(tomllib.loads(text.split("```toml")[1].split("```")[0]), "wall.md"))
    left, right = (in_mm(spanned(layout)[f"{name}/0"]) for name in ("upper-left", "upper-right"))
    assert right[0] - left[2] == pytest.approx(BEZEL_MM + 8 * PITCH_MM)


def test_a_test_pattern_stands_on_the_screens_of_any_wall() -> None:
    deep = Part(split="v", parts=(Part(panel="map", span="map"), Part(panel="posts", px=136)))
    layout = patterned(wall(screen("l", 0, 0, deep, machine="a"), screen("r", 1, 0, machine="b")))
    assert [one.tree.panel for one in layout.screens] == ["pattern", "pattern"]
    assert [one.machine for one in layout.screens] == ["a", "b"]
    assert len(spanned(numbered(layout))) == 2
    check_canvas(layout, "pattern")
    half = patterned(wall(screen("l", 0, 0), screen("r", 1, 0), screen("new", 0, 0, Part(panel="posts"), at_mm=None)))
    check_canvas(half, "pattern")
    assert [one.tree.span for one in half.screens] == ["wall", "wall", ""], "nobody knows where the new one hangs"
