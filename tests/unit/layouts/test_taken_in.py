"""A tile of another layout is taken in, or put in the place of one: nothing else is lost, doubled or moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Text
from layouts.change import put_in, taken_in
from layouts.edit import Side, at, path_of
from layouts.tree import VERSION, Layout, Part, Screen, check, numbered, tiles
from tests.unit.layouts.test_edit import SIDES, trees

OTHER = Part(panel="strips", settings={"count": 5}, title=Text("别处"), weight=7.0, px=300, id="elsewhere", span="one")


def layout_of(tree: Part) -> Layout:
    return numbered(Layout(version=VERSION, id="x", title=Text("x"), screens=(Screen(name="a", tree=tree),)))


def ids(layout: Layout) -> list[str]:
    return [part.id for screen in layout.screens for _, part in tiles(screen.tree)]


@given(trees(), st.data())
def test_a_tile_is_taken_in_beside_one(tree: Part, data: st.DataObject) -> None:
    before = layout_of(tree)
    side: Side = data.draw(st.sampled_from(SIDES))
    after, made = taken_in(before, data.draw(st.sampled_from(ids(before))), OTHER, side)
    check(after, "x")
    assert sorted(ids(after)) == sorted([*ids(before), made])
    path = path_of(after.screens[0].tree, made)
    assert path is not None
    new = at(after.screens[0].tree, path)
    assert (new.panel, new.settings, new.span) == ("strips", {"count": 5}, ""), "it shows a whole here"


@given(trees(), st.data())
def test_a_tile_takes_the_place_and_the_room_of_one(tree: Part, data: st.DataObject) -> None:
    before = layout_of(tree)
    place = data.draw(st.sampled_from(ids(before)))
    was_at = path_of(before.screens[0].tree, place)
    assert was_at is not None
    was = at(before.screens[0].tree, was_at)
    after = put_in(before, place, OTHER)
    check(after, "x")
    new = at(after.screens[0].tree, was_at)
    assert (new.panel, new.weight, new.px) == ("strips", was.weight, was.px)
    assert sorted(ids(after)) == sorted(["elsewhere" if id_ == place else id_ for id_ in ids(before)])


def test_there_is_no_place_that_is_not_there() -> None:
    layout = layout_of(Part(panel="map"))
    with pytest.raises(KeyError):
        put_in(layout, "nowhere", OTHER)
    with pytest.raises(KeyError):
        taken_in(layout, "nowhere", OTHER, "right")
