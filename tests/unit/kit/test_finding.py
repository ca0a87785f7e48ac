"""Names found by what is typed: Chinese, English, pinyin and its initials, and no more than is meant."""

from __future__ import annotations

from widgets.kit.finding import Name, find

NAMES = [
    Name(id=zh, shown=zh, also=en)
    for zh, en in (
        ("系统管理员", "System administrator"),
        ("值班员", "Duty officer"),
        ("观摩员", "Observer"),
    )
]


def found(typed: str) -> list[str]:
    return [name.shown for name in find(NAMES, typed)]


def test_names_are_found_by_either_language_and_by_pinyin() -> None:
    assert found("值班") == ["值班员"]
    assert found("duty") == ["值班员"]
    assert found("zhiban") == ["值班员"]
    assert found("zby") == ["值班员"]
    assert found("gly") == ["系统管理员"]


def test_a_syllable_within_a_name_finds_nothing() -> None:
    assert found("li") == []
    assert found("yuan") == []
