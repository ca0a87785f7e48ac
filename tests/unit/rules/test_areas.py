"""Which areas lie in an area, however they name each other."""

from __future__ import annotations

from console.api import Area
from console.rules.areas import subtree


def area(id_: str, parent: str = "") -> Area:
    """An area below another, or below none."""
    return Area(id=id_, parent=parent)


def test_an_area_has_itself_and_all_below_it_whatever_their_order() -> None:
    city = [area("lane", "street"), area("street", "town"), area("town", "city"), area("other", "city"), area("city")]
    assert subtree("town", city) == {"town", "street", "lane"}
    assert subtree("city", city) == {one.id for one in city}
    assert subtree("lane", city) == {"lane"}


def test_an_area_that_nobody_knows_is_itself_and_what_names_it() -> None:
    assert subtree("gone", [area("orphan", "gone"), area("city")]) == {"gone", "orphan"}


def test_areas_in_a_circle_end_the_search() -> None:
    assert subtree("a", [area("a", "b"), area("b", "a"), area("c", "c")]) == {"a", "b"}
