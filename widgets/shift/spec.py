"""The shift's log and handover as a declaration, with the commands it carries out; Qt-free."""

from __future__ import annotations

from typing import Final

from console.api import CommandSpec, PanelSpec, Text, Value

GROUP: Final = Text("值班", "Shift")
LOG: Final = "shift.log"
HAND: Final = "shift.hand_over"
START: Final = "shift.start"
OTHER: Final = "shift.other_seat"


class ShiftSettings(Value, frozen=True):
    """`seat`: id of the seat that is always shown; "": the one that I have or take, else the first."""

    seat: str = ""


COMMANDS: Final = (
    CommandSpec(id=LOG, title=Text("写值班记录", "Write in the shift's log"), keys="J", group=GROUP),
    CommandSpec(id=HAND, title=Text("交接班（下一步）", "Hand the shift over (next step)"), keys="H", group=GROUP),
    CommandSpec(id=START, title=Text("上岗", "Start a shift"), group=GROUP),
    CommandSpec(id=OTHER, title=Text("看下一席位", "Show the next seat"), group=GROUP),
)

SPEC = PanelSpec(
    id="shift",
    title=Text("值班与交接", "Shift"),
    factory="widgets.shift.panel:ShiftPanel",
    settings=ShiftSettings,
    commands=COMMANDS,
    help=Text(
        "本席位谁在值班、到几点、值班记录和交接班。\nCtrl+R\t看交接说明\nEsc\t返回",
        "Who is on watch at this seat and until when, the shift's log, and its handover.\n"
        "Ctrl+R\twhat is handed over\n"
        "Esc\tback",
    ),
)
