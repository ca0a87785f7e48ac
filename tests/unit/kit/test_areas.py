"""Which areas lie in an area."""

from __future__ import annotations

from console.api import Area
from widgets.kit.areas import below


def test_an_area_holds_all_beneath_it() -> None:
    areas = {a.id: a for a in (Area(id="x"), Area(id="y", parent="x"), Area(id="z", parent="y"), Area(id="w"))}
    assert below("x", areas) == {"x", "y", "z"}


def test_areas_that_name_each_other_as_parent_end_the_search() -> None:
    areas = {a.id: a for a in (Area(id="x", parent="y"), Area(id="y", parent="x"))}
    assert below("x", areas) == {"x", "y"}
