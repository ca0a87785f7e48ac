"""How a presenter's marks look, as numbers: seen afar, inside the screen, told apart without colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.walls.marks import (
    DASHES,
    Rect,
    around,
    arrow,
    arrow_rect,
    plate_rect,
    stroke_rect,
)
from console.wire.presentation import COLOURS
from widgets.kit.tokens import contrast, inks, read_tokens

EM = st.floats(8, 200)
AT = st.tuples(st.floats(0, 4000), st.floats(0, 2000))


@given(AT, EM)
def test_the_pointers_tip_is_where_it_points_and_it_covers_what_it_says(at: tuple[float, float], em: float) -> None:
    shape, rect = arrow(at, em), arrow_rect(at, em)
    assert shape[0] == at
    assert all(rect.left < x < rect.right and rect.top < y < rect.bottom for x, y in shape)
    assert max(y for _, y in shape) - at[1] > 2 * em, "larger than any figure that can be read there"


@given(AT, st.floats(10, 600), EM)
def test_the_name_stands_on_the_screen_wherever_the_pointer_is(at: tuple[float, float], wide: float, em: float) -> None:
    room = Rect(0, 0, 4000, 2000)
    plate = plate_rect(at, wide, em, room)
    assert plate.left >= room.left and plate.top >= room.top
    assert plate.right <= room.right + 1e-6 and plate.bottom <= room.bottom + 1e-6


@given(st.lists(AT, min_size=1, max_size=30), EM)
def test_a_stroke_covers_all_its_points(points: list[tuple[float, float]], em: float) -> None:
    rect = stroke_rect(points, em)
    assert rect is not None
    assert all(rect.left < x < rect.right and rect.top < y < rect.bottom for x, y in points)


def test_nothing_covers_nothing() -> None:
    assert around([]) is None
    assert stroke_rect([], 20) is None


def test_the_inks_have_no_hue_of_an_alarm_and_are_told_apart_without_colour() -> None:
    assert len(inks()) == len(DASHES) == len(set(DASHES)) == COLOURS
    for ink in inks():
        parts = (ink.red(), ink.green(), ink.blue())
        assert max(parts) - min(parts) < 64, f"{ink.name()} is saturated: hue is the abnormal's"
    alarms = {step.line.name() for tokens in (read_tokens("night"), read_tokens("day")) for step in tokens.priority}
    assert not alarms & {ink.name() for ink in inks()}


@pytest.mark.parametrize("number", range(4))
def test_every_ink_stands_out_from_its_casing(number: int) -> None:
    ink, night = inks()[number], read_tokens("night")
    assert max(contrast(ink, night.canvas), contrast(ink, night.focus)) >= 7
