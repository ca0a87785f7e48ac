"""Times as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, BadInput
from console.shell.time_words import moment
from widgets.kit.text import beijing

NOW_NS = 1_784_315_667 * NS  # 2026-07-18 03:14:27 Beijing time


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14:05", "2026-07-17 14:05:00"),
        ("3:10", "2026-07-18 03:10:00"),
        ("03：10：05", "2026-07-18 03:10:05"),
        ("昨天 14:05", "2026-07-17 14:05:00"),
        ("yesterday 14:05", "2026-07-17 14:05:00"),
        ("前天14:05", "2026-07-16 14:05:00"),
        ("-2h", "2026-07-18 01:14:27"),
        ("−2h 30min", "2026-07-18 00:44:27"),
        ("-1.5 h", "2026-07-18 01:44:27"),
        ("-3天", "2026-07-15 03:14:27"),
        ("-90 秒", "2026-07-18 03:12:57"),
        ("7-18", "2026-07-18 00:00:00"),
        ("7月17日 6:30", "2026-07-17 06:30:00"),
        ("12-31", "2025-12-31 00:00:00"),
        ("2026-07-17T14:05:30+08:00", "2026-07-17 14:05:30"),
        ("2026-07-17 06:05:00Z", "2026-07-17 14:05:00"),
        ("2026-07-17T14:05", "2026-07-17 14:05:00"),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: str) -> None:
    assert beijing(moment(typed, NOW_NS)).strftime("%Y-%m-%d %H:%M:%S") == meant


@pytest.mark.parametrize(
    "typed", ["", "soon", "25:00", "14:65", "13-45", "-2 parsecs", "2026-13-01", "2-29", "14:05 tomorrow"]
)
def test_what_is_no_time_says_what_would_be(typed: str) -> None:
    with pytest.raises(BadInput, match="14:05"):
        moment(typed, NOW_NS)


def test_a_time_to_come_is_now() -> None:
    assert moment("2031-01-01", NOW_NS) == NOW_NS
    assert moment("今天 23:00", NOW_NS) == NOW_NS


@given(st.text(max_size=30))
def test_nothing_typed_does_more_than_be_refused(typed: str) -> None:
    try:
        assert moment(typed, NOW_NS) <= NOW_NS
    except BadInput:
        pass
