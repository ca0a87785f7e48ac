"""Which areas lie in an area, for tiles that ask about one; knows no panel and paints nothing."""

from __future__ import annotations

from collections.abc import Mapping

from console.api import Area


def below(area: str, areas: Mapping[str, Area]) -> frozenset[str]:
    """The ids of an area and of all areas beneath it."""
    found = {area}
    grew = True
    while grew:
        more = {a.id for a in areas.values() if a.parent in found} - found
        found |= more
        grew = bool(more)
    return frozenset(found)
