"""Scenes that take turns: every machine comes to the same layout at the same time, from the scene and a clock alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, Scene, Text
from console.walls.turn import turn_of

T_NS = 1_795_363_200 * NS


def scene(*turns: str, every_s: int = 0) -> Scene:
    return Scene(number=1, layout="a", title=Text("轮播"), t_ns=T_NS, turns=turns, every_s=every_s)


def test_a_scene_without_turns_stands() -> None:
    assert turn_of(scene(), T_NS + 99 * NS) == ("a", 0)
    assert turn_of(scene(every_s=10), T_NS) == ("a", 0)
    assert turn_of(scene("b"), T_NS) == ("a", 0), "no time said: nothing takes turns"


def test_layouts_take_turns_and_begin_again() -> None:
    three = scene("b", "c", every_s=20)
    seen = [turn_of(three, T_NS + after_s * NS) for after_s in (0, 19, 20, 40, 59, 60)]
    assert [layout for layout, _ in seen] == ["a", "a", "b", "c", "c", "a"]
    assert [(until - T_NS) // NS for _, until in seen] == [20, 20, 40, 60, 60, 80]


def test_a_clock_that_is_behind_shows_the_first() -> None:
    assert turn_of(scene("b", every_s=5), T_NS - 3 * NS) == ("a", T_NS + 5 * NS)


@given(
    count=st.integers(2, 6),
    every_s=st.integers(5, 3_600),
    after_ns=st.integers(0, 10**15),
)
def test_each_layout_stands_until_it_says_and_then_the_next(count: int, every_s: int, after_ns: int) -> None:
    names = [str(number) for number in range(count)]
    one = Scene(number=1, layout="0", title=Text("轮播"), t_ns=T_NS, turns=tuple(names[1:]), every_s=every_s)
    now_ns = T_NS + after_ns
    layout, until_ns = turn_of(one, now_ns)
    assert now_ns < until_ns <= now_ns + every_s * NS
    assert turn_of(one, until_ns - 1) == (layout, until_ns)
    assert turn_of(one, until_ns)[0] == names[(names.index(layout) + 1) % count]
