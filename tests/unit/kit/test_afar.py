"""Words for eyes eight metres away: whole or left out."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from widgets.kit.afar import lines_of, whole_words
from widgets.kit.text import text_width


@pytest.mark.parametrize(
    ("text", "kept"), [("Feng River over danger", "Feng River"), ("同文路下穿，积水", "同文路下穿")]
)
def test_what_does_not_fit_is_left_out_by_whole_words(qapp: QApplication, text: str, kept: str) -> None:
    assert whole_words(text, 20, text_width(text, 20) + 1) == text
    assert whole_words(text, 20, text_width(kept, 20) + 4) == kept
    assert whole_words(text, 20, 4) == ""


def test_lines_break_between_words_and_between_chinese_signs_and_end_with_dots(qapp: QApplication) -> None:
    text = "马王街道已转移 412 人，卧床 14 人需救护车；G70 马王匝道管制。"
    lines = lines_of(text, 20, text_width("马王街道已转移 412", 20), 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(text_width(line, 20) <= text_width("马王街道已转移 412", 20) for line in lines)
    assert not any(line.startswith(("，", "；", "。")) for line in lines)
    whole = lines_of(text, 20, 10_000, 2)
    assert whole == [text]


def test_no_number_is_parted_from_its_digits(qapp: QApplication) -> None:
    for room in range(90, 400, 7):
        for line in lines_of("river 389.62 m over danger level", 20, room, 9)[:-1]:
            assert not line.endswith(("38", "389.", "389.6"))


def test_no_clock_is_parted(qapp: QApplication) -> None:
    assert whole_words("Final by 03:11", 20, text_width("Final by 03:", 20) + 2) == "Final by"
