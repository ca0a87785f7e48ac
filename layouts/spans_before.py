"""Maps over several screens as layouts up to version 2 had them, told in today's words; works on the raw table alone.

There a map's settings said which cell it was: `span = [columns, rows, column, row]` of equal screens without bezels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Table = dict[str, Any]
Cell = tuple[int, int, int, int]
WORD = "map"
SIZE_PX = (1920, 1080)


def of_version_2(raw: Table) -> Table:
    """Version 3: cells of one map become tiles with one word, their screens get places where their order tells none."""
    screens = raw.get("screens")
    if not isinstance(screens, list):
        return raw
    screens = [_copied(screen) for screen in screens]
    groups: dict[str, list[tuple[Table, Cell]]] = {}
    for screen in screens:
        for part in _maps(screen.get("tree") if isinstance(screen, dict) else None):
            cell = _taken(part["settings"])
            if cell is not None and cell[0] * cell[1] > 1:
                alike = json.dumps([cell[:2], part["settings"]], sort_keys=True, default=str)
                groups.setdefault(alike, []).append((screen, cell))
                number = list(groups).index(alike)
                part["span"] = WORD if not number else f"{WORD} {number + 1}"
    for cells in groups.values():
        _place(cells)
    return {**raw, "screens": screens}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _maps(part: Any) -> Iterator[Table]:
    if not isinstance(part, dict):
        return
    if part.get("panel") == "map" and isinstance(part.get("settings"), dict):
        yield part
    for key in ("parts", "tabs"):
        kids = part.get(key)
        for kid in kids if isinstance(kids, list) else ():
            yield from _maps(kid)


def _taken(settings: Table) -> Cell | None:
    """The cell of a map, taken out of its settings; what is none stays there, to be refused."""
    span = settings.get("span")
    if not isinstance(span, list) or len(span) > 4 or not all(isinstance(n, int) for n in span):
        return None
    del settings["span"]
    whole = [*span, *(1, 1, 0, 0)[len(span) :]]
    return whole[0], whole[1], whole[2], whole[3]


def _place(cells: list[tuple[Table, Cell]]) -> None:
    """Screens that do not already stand in a row in the order of their cells are placed."""
    if [cell for _, cell in cells] == [(len(cells), 1, i, 0) for i in range(len(cells))]:
        return
    if any("at_mm" in screen for screen, _ in cells):
        return
    for screen, (_, _, column, row) in cells:
        width, height = screen.get("size_px", SIZE_PX)
        pitch = screen.get("pitch_mm") or 1.0
        screen["at_mm"] = [column * width * pitch, row * height * pitch]
