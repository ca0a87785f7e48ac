"""How a wall's screens hang: as measured where the scene says so, else side by side; a broken scene has none."""

from __future__ import annotations

import pytest

from widgets.kit.hanging import hanging

MEASURED = """
[[screens]]
name = "left"
machine = "a"
pitch_mm = 0.5
at_mm = [0.0, 0.0]
[[screens]]
name = "upright"
machine = "b"
pitch_mm = 0.5
size_px = [1080, 1920]
at_mm = [1000.0, -200.0]
"""


def test_measured_screens_stand_where_they_hang() -> None:
    found = hanging(MEASURED)
    left, upright = found.screens
    assert (left.name, left.machine, upright.machine) == ("left", "a", "b")
    assert found.aspect == pytest.approx(1540 / 960)
    assert (left.x, left.width, left.height) == pytest.approx((0, 960 / 1540, 540 / 960))
    assert (upright.x, upright.y, upright.width) == pytest.approx((1000 / 1540, 0, 540 / 1540))
    assert left.y == pytest.approx(200 / 960)


@pytest.mark.parametrize(("count", "across"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3)])
def test_others_stand_side_by_side_and_none_over_another(count: int, across: int) -> None:
    found = hanging("\n".join(f'[[screens]]\nname = "{i}"' for i in range(count)))
    assert len({round(one.x, 6) for one in found.screens}) == across
    for i, one in enumerate(found.screens):
        assert one.x >= 0 and one.y >= 0 and one.x + one.width <= 1.000001 and one.y + one.height <= 1.000001
        for other in found.screens[i + 1 :]:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart_x or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_where_one_screen_is_not_measured_none_counts_as_measured() -> None:
    found = hanging(MEASURED + '[[screens]]\nname = "third"\n')
    assert len({(round(one.x, 6), round(one.y, 6)) for one in found.screens}) == 3


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "not = = toml",
        "screens = 7",
        'screens = [{ name = 3 }, "x"]',
        '[[screens]]\nname = "w"\nwindow = [0, 0, 9, 9]',
    ],
)
def test_a_scene_that_cannot_be_read_has_no_screens(toml: str) -> None:
    assert hanging(toml).screens == ()


@pytest.mark.parametrize("wrong", ["at_mm = [1]", "at_mm = [nan, 0.0]", "pitch_mm = -1", 'size_px = ["a", 1]'])
def test_wrong_measures_are_as_none(wrong: str) -> None:
    assert hanging(f'[[screens]]\nname = "w"\n{wrong}').screens[0].width == 1.0
