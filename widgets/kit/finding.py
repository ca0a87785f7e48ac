"""Finds a name by what was typed of it: Chinese, English, pinyin or its initials; Qt-free."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from console.api import Value


class Name(Value, frozen=True, kw_only=True):
    """What can be found: `id` is kept, `shown` is written, `beside` says more; `also` is searched too."""

    id: str
    shown: str
    beside: str = ""
    also: str = ""


@cache
def pinyin(text: str) -> tuple[str, str]:
    """(initials, whole) in small letters; what is no Chinese stays."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower(), "".join(lazy_pinyin(text)).lower()


def find(names: Iterable[Name], typed: str, most: int = 6) -> list[Name]:
    """The names that hold what was typed, those that begin with it first, `most` of them; nothing typed: the first."""
    wanted = typed.strip().lower().replace(" ", "")
    ranked = [(rank, i, name) for i, name in enumerate(names) if (rank := _rank(name, wanted)) is not None]
    return [name for _, _, name in sorted(ranked, key=lambda row: row[:2])[:most]]


def _rank(name: Name, wanted: str) -> int | None:
    if not wanted:
        return 0
    initials, full = pinyin(name.shown)
    texts = [name.shown.lower().replace(" ", ""), name.also.lower().replace(" ", ""), initials]
    if any(text.startswith(wanted) for text in (*texts, full)):
        return 0
    # a syllable within is found in too many names: "li" must not offer 系统管理员 (…guan-li-yuan)
    return 1 if any(wanted in text for text in texts) else None
