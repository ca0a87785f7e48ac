"""Which screen of a layout goes onto which screen of the machine, and how large text is there; opens no window."""

from __future__ import annotations

from collections.abc import Sequence

from console.api import Value
from layouts.tree import Layout, Screen

TEXT_PX = {"desk": 13.0, "vehicle": 15.0, "wall": 64.0}
WALL_FLOOR = 200.0
"""An em is at least the viewing distance / 200: a figure is then 13 arc minutes tall."""


class Monitor(Value, frozen=True):
    """A screen of the machine: the connector's `name`, and the monitor's `serial` number, "" where it tells none."""

    name: str
    serial: str = ""


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


def places(layout: Layout, machine: Sequence[Monitor]) -> list[Place]:
    """A place for each screen of the layout on the machine's screens, given in Qt's order.

    Found by the monitor's serial number, then by `match`, then by name, then by order among those that are left; a
    screen that finds none stands in on the last of the machine's screens, as a window of its own. A window of detached
    tiles shares its screen with another, and goes to the first where its own is missing.

    Raises:
        ValueError: the machine has no screen at all.
    """
    if not machine:
        raise ValueError("a layout needs at least one screen")
    whole = [screen for screen in layout.screens if screen.window is None]
    free = set(range(len(machine)))
    found: dict[str, int] = {}
    for sought in (_of_serial, _of_match, _of_name):
        for screen in whole:
            index = sought(screen, machine)
            if screen.name not in found and index is not None and index in free:
                found[screen.name] = index
                free.discard(index)
    made: list[Place] = []
    for screen in layout.screens:
        if screen.window is not None:
            own = next((i for sought in (_of_serial, _of_match) if (i := sought(screen, machine)) is not None), None)
            made.append(Place(screen=screen, index=own or 0, stand_in=own is None and bool(screen.match)))
        elif screen.name in found:
            made.append(Place(screen=screen, index=found[screen.name]))
        elif free:
            index = min(free)
            free.discard(index)
            made.append(Place(screen=screen, index=index))
        else:
            made.append(Place(screen=screen, index=len(machine) - 1, stand_in=True))
    return made


def _of_serial(screen: Screen, machine: Sequence[Monitor]) -> int | None:
    alike = [i for i, monitor in enumerate(machine) if monitor.serial and monitor.serial == screen.serial]
    return alike[0] if len(alike) == 1 else None


def _of_match(screen: Screen, machine: Sequence[Monitor]) -> int | None:
    return _index(screen.match, machine)


def _of_name(screen: Screen, machine: Sequence[Monitor]) -> int | None:
    return _index(screen.name, machine)


def _index(wanted: str, machine: Sequence[Monitor]) -> int | None:
    names = [monitor.name for monitor in machine]
    if wanted and wanted in names:
        return names.index(wanted)
    if wanted.isdecimal() and int(wanted) < len(machine):
        return int(wanted)
    return None
