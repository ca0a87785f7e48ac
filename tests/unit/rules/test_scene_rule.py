"""When a scene comes by rule: reached from below only, the most particular rule, and never over what is graver."""

from __future__ import annotations

import pytest

from console.api import RefusedError, SceneRule, Text
from console.rules.scene_rule import check_rule, check_turns, first_reached, fits, reached, repeated, yields


def rule(id_: str, grade: int, *natures: str) -> SceneRule:
    return SceneRule(id=id_, grade=grade, layout="", title=Text(id_), natures=natures)


@pytest.mark.parametrize(
    ("before", "grade", "comes"),
    [
        (0, 2, True),
        (0, 1, True),
        (4, 2, True),
        (3, 1, True),
        (2, 1, True),
        (2, 2, False),
        (1, 2, False),
        (0, 3, False),
    ],
)
def test_a_rule_is_reached_by_a_rising_grade_only(before: int, grade: int, comes: bool) -> None:
    assert reached(rule("r", 2), before, grade, "") is comes


def test_a_rule_that_was_reached_before_is_known_as_such() -> None:
    assert [repeated(rule("r", 2), before) for before in (0, 4, 3, 2, 1)] == [False, False, False, True, True]


def test_natures_are_words_of_what_is_said() -> None:
    assert fits((), "")
    assert fits(("燃气", "危化"), "燃气泄漏 沣东路")
    assert fits(("Gas",), "a GAS leak")
    assert not fits(("暴雨",), "燃气泄漏")
    assert not fits((" ",), "燃气泄漏"), "an empty word is in everything"


def test_the_most_particular_rule_comes_first() -> None:
    rules = [rule("any", 3), rule("grave", 2), rule("gas", 2, "燃气")]
    one = first_reached(rules, 0, 1, "燃气泄漏")
    assert one is not None and one.id == "gas"
    two = first_reached(rules, 0, 2, "积水")
    assert two is not None and two.id == "grave"
    three = first_reached(rules, 4, 3, "燃气泄漏")
    assert three is not None and three.id == "any"
    assert first_reached(rules, 2, 2, "燃气泄漏") is None


@pytest.mark.parametrize(
    ("controller", "shown", "grade", "yields_"),
    [
        ("", 0, 3, True),
        ("wang", 0, 3, True),
        ("wang", 3, 2, True),
        ("wang", 2, 2, False),
        ("wang", 1, 2, False),
        ("li", 2, 2, True),
        ("", 2, 2, True),
        ("li", 1, 2, False),
        ("", 1, 2, False),
    ],
)
def test_a_wall_yields_to_what_is_graver(controller: str, shown: int, grade: int, yields_: bool) -> None:
    assert yields("li", controller, shown, grade) is yields_


def test_what_no_rule_can_be_is_refused() -> None:
    for grade in (0, 5):
        with pytest.raises(RefusedError, match="1 to 4"):
            check_rule(grade)
    check_turns(0, 0, 12)
    check_turns(2, 5, 12)
    for turns, every_s in ((1, 0), (0, 10), (1, 4), (13, 10)):
        with pytest.raises(RefusedError):
            check_turns(turns, every_s, 12)
