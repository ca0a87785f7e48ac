"""When a scene comes by itself 大屏规则 and which is proposed, as pure rules; knows no journal, layout or screen.

Grades: 1 the gravest … 4, 0 not graded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.api import RefusedError, SceneRule

LEAST_EVERY_S = 5
"""Scenes that change faster are read by nobody."""
UNGRADED = 5
"""Less grave than any grade."""


def fits(natures: Sequence[str], said: str) -> bool:
    """Whether an incident of which that is `said` (its nature and title) is of one of these natures; none: any is.

    Natures are words; what is said of an incident is free text, and has the word in it.
    """
    return not natures or any(word.casefold() in said.casefold() for word in natures if word.strip())


def reached(rule: SceneRule, before: int, grade: int, said: str) -> bool:
    """Whether an incident whose grade rises from `before` to `grade` comes to what the rule waits for, or past it."""
    return 0 < grade <= rule.grade and grade < (before or UNGRADED) and fits(rule.natures, said)


def repeated(rule: SceneRule, before: int) -> bool:
    """Whether an incident of grade `before` had come to the rule already: then it need not come where it stands."""
    return 0 < before <= rule.grade


def first_reached(rules: Iterable[SceneRule], before: int, grade: int, said: str) -> SceneRule | None:
    """Of the rules of one wall that are reached the most particular: gravest grade, then with natures, then by id."""
    found = [rule for rule in rules if reached(rule, before, grade, said)]
    return min(found, key=lambda rule: (rule.grade, not rule.natures, rule.id), default=None)


def yields(by: str, controller: str, shown: int, grade: int) -> bool:
    """Whether a wall yields to a rule that `by` set, for an incident of `grade`.

    `shown`: the grade of the open incident that its scene is about, 0 none. A graver one is never pushed aside, and a
    wall that another person controls not from one of the same grade either.
    """
    if not shown:
        return True
    return grade < shown if controller and controller != by else grade <= shown


def check_rule(grade: int) -> None:
    """Ask before a rule is set. Raises RefusedError."""
    if not 1 <= grade <= 4:
        raise RefusedError(
            f"wall rule: found grade {grade}, expected 1 to 4, 1 the gravest",
            zh=f"大屏规则：等级为 {grade}，应为 1 至 4，1 最高",
        )


def check_turns(turns: int, every_s: int, most: int) -> None:
    """Ask before scenes take turns. Raises RefusedError."""
    if turns > most:
        raise RefusedError(
            f"wall rule: found {turns} further scenes, expected at most {most}",
            zh=f"大屏规则：轮播另有 {turns} 个场景，应不超过 {most}",
        )
    if bool(turns) != bool(every_s) or (turns and every_s < LEAST_EVERY_S):
        raise RefusedError(
            f"wall rule: found {turns} further scenes, each for {every_s} s; expected at least {LEAST_EVERY_S} s each",
            zh=f"大屏规则：另有 {turns} 个场景，每个 {every_s} 秒；每个应至少 {LEAST_EVERY_S} 秒",
        )
