"""A presentation stands alike at both ends, holds no more than it may, and takes nothing that is no place."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import RefusedError
from console.wire.codec import decode_up, encode
from console.wire.presentation import POINTS, STROKE_BYTES, STROKES, TILES, Presentation, check, view_changed
from console.wire.walls import Present

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
POINT = st.tuples(FLOATS, FLOATS)
NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def acts(draw: st.DrawFn) -> Present:
    op = draw(st.sampled_from(["pointer", "stroke", "stroke", "undo", "clear", "view", "freeze"]))
    points = draw(st.lists(POINT, max_size=1 if op == "pointer" else 5))
    return Present(
        wall="hall", op=op, tile=draw(NAMES), points=tuple(points), stroke=draw(NAMES), colour=draw(st.integers(0, 3)),
        state={"zoom": draw(st.floats(-1e12, 1e12))} if op == "view" else {}, on=draw(st.booleans()),
    )  # fmt: skip


def stands(one: Presentation) -> Any:
    return (dict(one.strokes), dict(one.views), dict(one.frozen), one.pointer)


@settings(deadline=None)
@given(st.lists(acts(), max_size=40))
def test_who_comes_late_has_what_who_was_there_has(messages: list[Present]) -> None:
    first, late = Presentation("hall"), Presentation("hall")
    for message in messages:
        check(message)
        first.take(message)
    told = [decode_up(encode(message)) for message in first.done()]
    late.redo(message for message in told if isinstance(message, Present))
    assert stands(late) == stands(first)


def stroke(name: str, points: int) -> Present:
    return Present(wall="hall", op="stroke", stroke=name, points=((1.0, 2.0),) * points)


def test_a_stroke_grows_and_is_taken_back_whole() -> None:
    one = Presentation("hall")
    one.take(stroke("a", 3))
    one.take(stroke("b", 1))
    one.take(stroke("a", 4))
    assert len(one.strokes["a"].points) == 7
    one.take(Present(wall="hall", op="undo", stroke="a"))
    assert list(one.strokes) == ["b"]


def test_strokes_are_bounded_by_number_and_by_bytes_and_room_comes_back() -> None:
    many, long = Presentation("hall"), Presentation("hall")
    for n in range(STROKES):
        many.take(stroke(str(n), 1))
    with pytest.raises(RefusedError, match="clear first"):
        many.take(stroke("one more", 1))
    with pytest.raises(RefusedError, match="clear first"):
        for _ in range(STROKE_BYTES):
            long.take(stroke("a", POINTS))
    assert len(encode(Present(wall="hall", op="stroke", points=long.strokes["a"].points))) <= STROKE_BYTES
    long.take(Present(wall="hall", op="undo", stroke="a"))
    long.take(stroke("b", POINTS))
    many.take(Present(wall="hall", op="clear"))
    many.take(stroke("one more", 1))


def test_views_and_freezes_are_bounded() -> None:
    one = Presentation("hall")
    for n in range(TILES):
        one.take(Present(wall="hall", op="freeze", tile=str(n)))
    with pytest.raises(RefusedError):
        one.take(Present(wall="hall", op="freeze", tile="another"))
    one.take(Present(wall="hall", op="freeze", tile="0", on=False))
    one.take(Present(wall="hall", op="freeze", tile="another"))


def test_another_scene_takes_strokes_views_and_freezes_and_leaves_the_pointer() -> None:
    one = Presentation("hall", scene=3)
    for op in ("stroke", "view", "freeze", "pointer"):
        one.take(Present(wall="hall", op=op, tile="t", stroke="a", points=((1.0, 1.0),)))
    assert not one.next_scene(3)
    assert one.next_scene(4)
    assert [message.op for message in one.done()] == ["pointer"]


@pytest.mark.parametrize(
    "changes",
    [
        {"op": "dance"},
        {"op": "pointer", "points": ((1.0, 1.0), (2.0, 2.0))},
        {"op": "pointer", "points": ((math.nan, 1.0),)},
        {"op": "stroke", "stroke": "a", "points": ((1.0, math.inf),)},
        {"op": "stroke", "stroke": "a", "points": ((1.0, 1.0),) * (POINTS + 1)},
        {"op": "stroke", "points": ((1.0, 1.0),)},
        {"op": "stroke", "stroke": "a", "colour": 4},
        {"op": "stroke", "stroke": "a", "colour": -1},
        {"op": "stroke", "stroke": "a" * 10_000},
        {"op": "freeze", "tile": "t" * 100_000},
        {"op": "view", "tile": "t", "state": {"x": "y" * 100_000}},
        {"op": "view", "tile": "t", "state": {"x": math.nan}},
        {"op": "view", "tile": "t", "state": {"x": 1e300}},
        {"op": "view", "tile": "t", "state": {"x": b"bytes"}},
        {"op": "view", "tile": "t", "state": reduce(lambda inner, _: {"x": inner}, range(900), {"x": 1})},
    ],
)
def test_what_makes_no_sense_is_refused_in_both_languages(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as raised:
        check(Present(wall="hall", **changes))
    assert "expected" in str(raised.value)
    assert raised.value.zh.startswith("演示")


def test_a_view_is_another_only_where_a_person_would_see_it() -> None:
    view = {"lon": 108.9, "layers": ["a"], "bounds": [1.0, 2.0]}
    assert view_changed(None, view)
    assert not view_changed(view, {**view, "lon": 108.9 + 1e-9})
    assert view_changed(view, {**view, "lon": 108.901})
    assert view_changed(view, {**view, "layers": []})
    assert view_changed(view, {**view, "bounds": [1.0, 2.1]})
