"""Which screen of a layout goes onto which screen of the machine, and how large text is there; opens no window."""

from __future__ import annotations

from collections.abc import Sequence

from console.api import Value
from layouts.tree import Layout, Screen

TEXT_PX = {"desk": 13.0, "vehicle": 15.0, "wall": 64.0}
WALL_FLOOR = 200.0
"""An em is at least the viewing distance / 200: a figure is then 13 arc minutes tall."""


class Place(Value, frozen=True):
    """Where a screen of the layout goes: `index` into the machine's screens; `stand_in` when it is not its own."""

    screen: Screen
    index: int
    stand_in: bool = False


def text_px(screen: Screen, layout: Layout, device_pixel_ratio: float = 1.0) -> float:
    """Body text of a screen in logical px: as given, from pitch and distance, or by role.

    A 55-inch screen (0.63 mm) seen from 8 m gives 63.5.
    """
    if screen.text_px:
        return screen.text_px
    if screen.pitch_mm and screen.distance_m:
        return screen.distance_m * 1000 / WALL_FLOOR / screen.pitch_mm / device_pixel_ratio
    return TEXT_PX[layout.role]


def places(layout: Layout, machine: Sequence[str]) -> list[Place]:
    """A place for each screen of the layout on the machine's screens, given by name in Qt's order.

    Matched by `match`, then by name, then by order among those that are left; a screen that finds none stands in on
    the last of the machine's screens, as a window of its own.

    Raises:
        ValueError: the machine has no screen at all.
    """
    if not machine:
        raise ValueError("a layout needs at least one screen")
    free = set(range(len(machine)))
    found: dict[str, int] = {}
    for screen in layout.screens:
        for wanted in (screen.match, screen.name):
            index = _index(wanted, machine)
            if index is not None and index in free:
                found[screen.name] = index
                free.discard(index)
                break
    made: list[Place] = []
    for screen in layout.screens:
        if screen.name in found:
            made.append(Place(screen=screen, index=found[screen.name]))
        elif free:
            index = min(free)
            free.discard(index)
            made.append(Place(screen=screen, index=index))
        else:
            made.append(Place(screen=screen, index=len(machine) - 1, stand_in=True))
    return made


def _index(wanted: str, machine: Sequence[str]) -> int | None:
    if not wanted:
        return None
    if wanted in machine:
        return list(machine).index(wanted)
    if wanted.isdecimal() and int(wanted) < len(machine):
        return int(wanted)
    return None
