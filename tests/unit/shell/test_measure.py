"""How large text and targets are on screens that there are, and on those that tell nonsense of themselves."""

from __future__ import annotations

import pytest

from console.shell.measure import CHOICES, Glass, density, stepped, target_px, text_factor
from console.shell.screens import ScreenStyle

AS_EVER = {
    "24-inch full HD": Glass(width_px=1920, height_px=1080, width_mm=527, height_mm=296),
    "13-inch full HD": Glass(width_px=1920, height_px=1080, width_mm=294, height_mm=165),
    "14-inch 1366": Glass(width_px=1366, height_px=768, width_mm=309, height_mm=174),
    "11-inch 1366": Glass(width_px=1366, height_px=768, width_mm=256, height_mm=144),
    "27-inch 1440p": Glass(width_px=2560, height_px=1440, width_mm=597, height_mm=336),
    "43-inch 4K": Glass(width_px=3840, height_px=2160, width_mm=941, height_mm=529),
    "4K at twice its px": Glass(width_px=1920, height_px=1080, width_mm=597, height_mm=336),
    "on end": Glass(width_px=1080, height_px=1920, width_mm=296, height_mm=527),
    "tells its aspect": Glass(width_px=3840, height_px=2160, width_mm=160, height_mm=90),
    "tells a square": Glass(width_px=3840, height_px=2160, width_mm=300, height_mm=300),
    "tells nothing": Glass(width_px=3840, height_px=2160),
}
LARGER = [
    (Glass(width_px=3840, height_px=2160, width_mm=597, height_mm=336), 1.70),
    (Glass(width_px=3840, height_px=2160, width_mm=708, height_mm=399), 1.44),
    (Glass(width_px=2160, height_px=3840, width_mm=336, height_mm=597), 1.70),
    (Glass(width_px=3840, height_px=2160, width_mm=344, height_mm=194), 2.00),
    (Glass(width_px=2560, height_px=1440, width_mm=309, height_mm=174), 1.33),
]


@pytest.mark.parametrize("glass", AS_EVER.values(), ids=AS_EVER)
def test_these_are_written_on_as_ever(glass: Glass) -> None:
    assert text_factor(glass) == 1.0


@pytest.mark.parametrize(("glass", "factor"), LARGER)
def test_a_dense_screen_with_room_has_larger_text(glass: Glass, factor: float) -> None:
    assert text_factor(glass) == pytest.approx(factor, abs=0.01)
    assert min(glass.width_px, glass.height_px) / text_factor(glass) >= 1079


def test_text_on_4k_is_as_high_in_millimetres_as_on_full_hd() -> None:
    def height_mm(glass: Glass) -> float:
        return 13 * text_factor(glass) / density(glass) * 25.4

    full, uhd = AS_EVER["24-inch full HD"], LARGER[0][0]
    assert height_mm(uhd) == pytest.approx(height_mm(full), rel=0.05)


@pytest.mark.parametrize("glass", [*AS_EVER.values(), *(glass for glass, _ in LARGER)])
@pytest.mark.parametrize("role", ["desk", "vehicle"])
def test_a_target_is_nine_millimetres_where_they_can_be_known(glass: Glass, role: str) -> None:
    assert role in ("desk", "vehicle")
    px = target_px(glass, "desk" if role == "desk" else "vehicle")
    assert px >= (44 if role == "vehicle" else 36)
    if density(glass):
        assert px / density(glass) * 25.4 >= 9
    else:
        assert px == 44


def test_sizes_go_up_and_down_by_steps_and_end() -> None:
    up = [1.0]
    while len(up) < 20:
        up.append(stepped(up[-1], 1))
    assert up[:4] == [1.0, 1.1, 1.25, 1.5] and up[-1] == CHOICES[-1]
    assert stepped(1.0, -1) == 0.9 and stepped(CHOICES[0], -1) == CHOICES[0]
    assert stepped(1.75, 0) == 1.0


@pytest.mark.parametrize("role", ["desk", "vehicle"])
def test_no_bar_is_lower_than_a_finger_and_none_grows_without_one(role: str) -> None:
    assert role in ("desk", "vehicle")
    style = ScreenStyle(role="desk" if role == "desk" else "vehicle", target_px=58)
    bars = (style.top_bar_px, style.strip_px, style.replay_px, style.header_px)
    assert min(bars) >= 58 and style.status_px in (0, 58)
    assert ScreenStyle().header_px == 28 and ScreenStyle().status_px == 24
    assert ScreenStyle(detached=True, target_px=58).strip_px == 0
    assert ScreenStyle(role="wall", text_px=64).header_px == 0
