"""How numbers, durations and times are written."""

from __future__ import annotations

import math

import pytest

from widgets.kit.text import GROUP, age_text, clock_text, date_text, duration_text, value_text, when_text

T = 1_784_315_667 * 10**9  # 2026-07-18 03:14:27 Beijing time


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.08, 2, "0.08"),
        (389.623, 2, "389.62"),
        (42.0, 0, "42"),
        (2871.0, 0, f"2{GROUP}871"),
        (1234567.8, 1, f"1{GROUP}234{GROUP}567.8"),
        (-12.3, 1, "−12.3"),
        (-0.001, 2, "0.00"),
        (math.nan, 2, "—"),
        (math.inf, 2, "—"),
        (0.0, 0, "0"),
    ],
)
def test_value(value: float, digits: int, text: str) -> None:
    assert value_text(value, digits) == text


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0.4, "0.4 s", "0.4 s"),
        (0.0, "0 s", "0 s"),
        (42, "42 s", "42 s"),
        (59.7, "1 min", "1 min"),
        (200, "3 min 20 s", "3 min 20 s"),
        (180, "3 min", "3 min"),
        (38 * 60 + 30, "38 min", "38 min"),
        (7800, "2 h 10 min", "2 h 10 min"),
        (7200, "2 h", "2 h"),
        (3 * 86_400 + 4 * 3600, "3 天 4 h", "3 d 4 h"),
        (math.nan, "—", "—"),
    ],
)
def test_duration(seconds: float, zh: str, en: str) -> None:
    assert duration_text(seconds, "zh") == zh
    assert duration_text(seconds, "en") == en


def test_age_is_in_one_unit() -> None:
    assert [age_text(s, "en") for s in (2.9, 372, 7300, 200_000)] == ["2 s", "6 min", "2 h", "2 d"]


def test_times_are_beijing_times() -> None:
    assert clock_text(T) == "03:14:27"
    assert clock_text(T, seconds=False) == "03:14"
    assert date_text(T, "zh") == "7月18日 周六"
    assert date_text(T, "en") == "Sat 18 Jul"
    assert clock_text(0) == "—"
    assert [when_text(t, T) for t in (T, T - 4 * 3600 * 10**9, 0)] == ["03:14", "07-17 23:14", "—"]
    assert date_text(0, "zh") == "—"
