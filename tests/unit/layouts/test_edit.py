"""Changes of trees: no tile is lost or doubled by any of them, trees stay plain, and what was asked for happened."""

from __future__ import annotations

import math
import tomllib
from typing import Any, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from console.api import Text
from layouts.arrange import GAP_PX, Box, Way, arrange, dragged, sizes_of
from layouts.change import docked
from layouts.edit import Side, alike, at, inserted, moved, opened, path_of, plain, removed, resized, swapped
from layouts.store import parse
from layouts.toml_text import toml_text
from layouts.tree import VERSION, Layout, Part, Screen, check, numbered, tiles

SIDES: tuple[Side, ...] = ("left", "right", "above", "below", "tab")
SPLITS: st.SearchStrategy[Literal["h", "v", ""]] = st.sampled_from(["h", "v", ""])
WHOLE = Box(0, 0, 1920, 1000)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Part:
    """A tree as an operator may have made it, numbered."""

    def part(left: int) -> Part:
        size: dict[str, Any] = {"weight": draw(st.floats(0.1, 100)), "px": draw(st.sampled_from([0, 0, 0, 200]))}
        split = draw(SPLITS)
        if not left or draw(st.booleans()):
            return Part(panel=draw(st.sampled_from(["map", "chart", "alarms"])), **size)
        kids = tuple(part(left - 1) for _ in range(draw(st.integers(2, 4))))
        if not split:
            return Part(tabs=kids, current=draw(st.integers(0, len(kids) - 1)), title=Text("组", "Group"), **size)
        return Part(split=split, parts=kids, **size)

    layout = Layout(version=VERSION, id="x", title=Text("x"), screens=(Screen(name="a", tree=plain(part(depth))),))
    return numbered(layout).screens[0].tree


def ids(tree: Part | None) -> list[str]:
    return [part.id for _, part in tiles(tree)] if tree is not None else []


@given(trees(), st.data())
def test_moving_loses_no_tile_and_doubles_none(tree: Part, data: st.DataObject) -> None:
    before = ids(tree)
    tile, target = data.draw(st.sampled_from(before)), data.draw(st.sampled_from(before))
    side = data.draw(st.sampled_from(SIDES))
    after = moved(tree, tile, target, side)
    assert sorted(ids(after)) == sorted(before)
    assert plain(after) == after
    check(Layout(version=VERSION, id="x", title=Text("x"), screens=(Screen(name="a", tree=after),)), "x")
    if tile == target:
        return
    stands = arrange(after, WHOLE)
    place = stands.of(tile)
    assert place is not None
    other = stands.of(target)
    assert other is not None
    if side == "tab":
        outer = at(after, place.path[:-1])
        assert outer.tabs[outer.current].id == tile
        assert other.path[:-1] == place.path[:-1]
    elif place.box is not None and other.box is not None and min(other.box.width, other.box.height) > GAP_PX:
        here, there = place.box, other.box
        assert here.x >= there.x + there.width if side == "right" else True
        assert here.x + here.width <= there.x if side == "left" else True
        assert here.y >= there.y + there.height if side == "below" else True
        assert here.y + here.height <= there.y if side == "above" else True


@given(trees(), st.data())
def test_taking_out_takes_one_tile(tree: Part, data: st.DataObject) -> None:
    before = ids(tree)
    tile = data.draw(st.sampled_from(before))
    path = path_of(tree, tile)
    assert path is not None
    assert at(tree, path).id == tile
    after = removed(tree, path)
    assert ids(after) == [one for one in before if one != tile]
    assert after is None or plain(after) == after


@given(trees(), st.data())
def test_putting_in_keeps_the_others_in_order(tree: Part, data: st.DataObject) -> None:
    before = ids(tree)
    path = path_of(tree, data.draw(st.sampled_from(before)))
    assert path is not None
    path = path[: data.draw(st.integers(0, len(path)))]
    after = inserted(tree, path, Part(panel="video", id="new"), data.draw(st.sampled_from(SIDES)))
    assert [one for one in ids(after) if one != "new"] == before
    assert ids(after).count("new") == 1
    assert plain(after) == after


@given(trees(), st.data())
def test_two_tiles_swapped_twice_stand_as_before(tree: Part, data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(ids(tree))), data.draw(st.sampled_from(ids(tree)))
    after = swapped(tree, one, other)
    assert path_of(after, one) == path_of(tree, other)
    assert arrange(swapped(after, one, other), WHOLE) == arrange(tree, WHOLE)


@given(trees(), st.integers(300, 4000), st.integers(200, 2200))
def test_a_screen_is_filled_to_the_pixel(tree: Part, width: int, height: int) -> None:
    stands = arrange(tree, Box(3, 5, width, height))
    boxes = [place.box for place in stands.tiles if place.box] + [g.box for g in stands.gaps]
    boxes += [row.box for row in stands.tabs]
    if any(box.width <= 0 or box.height <= 0 for box in boxes):
        return  # more gaps than room
    assert sum(box.width * box.height for box in boxes) == width * height
    for i, box in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = box.x + box.width <= other.x or other.x + other.width <= box.x
            assert apart or box.y + box.height <= other.y or other.y + other.height <= box.y
    assert [place.part.id for place in stands.tiles] == ids(tree)


@given(trees(), st.data())
def test_a_dragged_gap_goes_where_it_is_dragged(tree: Part, data: st.DataObject) -> None:
    stands = arrange(tree, WHOLE)
    if not stands.gaps:
        return
    gap = data.draw(st.sampled_from(stands.gaps))
    split = at(tree, gap.path)
    whole = sum(sizes := _spans(tree, gap.path)) + GAP_PX * (len(split.parts) - 1)
    if min(sizes) < 60:
        return
    by = data.draw(st.integers(-3000, 3000))
    wanted = dragged(split, whole, 1.0, gap.index, by, 50)
    moved_by = max(min(0, 50 - sizes[gap.index]), min(max(0, sizes[gap.index + 1] - 50), by))
    after = _spans(resized(tree, gap.path, wanted), gap.path)
    expected = list(sizes)
    expected[gap.index] += moved_by
    expected[gap.index + 1] -= moved_by
    if not any(part.px for part in split.parts):  # fixed sizes past 80 % of the room are shrunk again
        assert all(math.isclose(a, b, abs_tol=2) for a, b in zip(after, expected, strict=True))


def _spans(tree: Part, path: tuple[int, ...]) -> list[int]:
    split = at(tree, path)
    box = _box_of(tree, path)
    return sizes_of(split, box.width if split.split == "h" else box.height, 1.0)


def _box_of(tree: Part, path: tuple[int, ...]) -> Box:
    stands = arrange(tree, WHOLE)
    inside = [p.box for p in stands.tiles if p.path[: len(path)] == path and p.box]
    inside += [row.box for row in stands.tabs if row.path[: len(path)] == path]
    left, top = min(b.x for b in inside), min(b.y for b in inside)
    right, bottom = max(b.x + b.width for b in inside), max(b.y + b.height for b in inside)
    return Box(left, top, right - left, bottom - top)


@given(trees())
def test_what_was_arranged_is_written_and_read_again(tree: Part) -> None:
    layout = Layout(
        version=VERSION,
        id="x",
        title=Text("我的", "Mine"),
        screens=(
            Screen(name="a", tree=tree, serial="ABC"),
            Screen(name="b", tree=Part(panel="map", id="torn"), window=(1, 2, 300, 200)),
        ),
        roles=("commander",),
        grade=2,
        locked=True,
    )
    raw = tomllib.loads(toml_text({"version": VERSION, **msgspec.to_builtins(layout)}))
    assert parse(raw, "x") == layout


def test_the_next_tile_in_a_direction_is_the_one_beside() -> None:
    tree = Part(
        split="h",
        parts=(
            Part(panel="map", id="a"),
            Part(split="v", parts=(Part(panel="map", id="b"), Part(panel="map", id="c", weight=3))),
        ),
    )
    stands = arrange(tree, WHOLE)

    def next_to(tile: str, way: Way) -> str | None:
        found = stands.neighbour(tile, way)
        return found.part.id if found else None

    assert next_to("a", "right") == "c"
    assert next_to("b", "below") == "c"
    assert next_to("c", "left") == "a"
    assert next_to("a", "left") is None
    assert next_to("b", "above") is None


def test_a_tile_in_full_hides_all_others() -> None:
    tree = Part(
        split="h", parts=(Part(panel="map", id="a"), Part(tabs=(Part(panel="x", id="b"), Part(panel="y", id="c"))))
    )
    stands = arrange(tree, WHOLE, full="c")
    assert {place.part.id: place.box for place in stands.tiles} == {"a": None, "b": None, "c": WHOLE}
    assert not stands.gaps
    assert not stands.tabs


def test_another_tab_is_seen() -> None:
    tree = Part(tabs=(Part(panel="x", id="b"), Part(panel="y", id="c")))
    for seen, shown in ((tree, "b"), (opened(tree, (), 1), "c")):
        assert [place.part.id for place in arrange(seen, WHOLE).tiles if place.box] == [shown]


def test_the_parts_of_a_split_are_made_alike_whatever_sizes_they_had() -> None:
    fixed = Part(panel="x", id="a", px=700)
    tree = Part(split="h", parts=(fixed, Part(panel="y", id="b", weight=5), Part(panel="z", id="c")))
    sizes = [place.box.width for place in arrange(alike(tree, ()), WHOLE).tiles if place.box]
    assert max(sizes) - min(sizes) <= 1


def test_tiles_of_a_window_put_beside_everything_leave_the_tree_plain() -> None:
    home = Part(split="h", parts=(Part(panel="map", id="a"), Part(panel="chart", id="b")))
    torn = Part(split="h", parts=(Part(panel="posts", id="c"), Part(panel="video", id="d")))
    screens = (Screen(name="main", tree=home), Screen(name="window 1", tree=torn, window=(0, 0, 300, 200)))
    after = docked(Layout(version=VERSION, id="x", title=Text("x"), screens=screens), "window 1")
    (screen,) = after.screens
    assert ids(screen.tree) == ["a", "b", "c", "d"]
    assert plain(screen.tree) == screen.tree
