"""What the strips panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About


class StripsSettings(Value, frozen=True):
    """Settings of one strips panel.

    Attributes:
        count: rows wanted; what does not fit is left out, not shrunk.
        minutes: how far back each curve reaches.
        mode: "worst": the most urgent alarms, then what is nearest to its limit; "ids": the `ids` in their order;
            "area": as "worst", within `area`, or within the selected area where `area` is "".
        ids: Sensor ids for mode "ids".
        area: an Area id for mode "area".
        about: "subject" (not with mode "ids"): the sensors of the incident that is selected, on a wall its scene's,
            then the worst of its new town; none selected: as `mode` says.
    """

    count: Annotated[int, msgspec.Meta(ge=1, le=256)] = 5
    minutes: Annotated[float, msgspec.Meta(ge=1, le=527_040)] = 180.0
    mode: Literal["worst", "ids", "area"] = "worst"
    ids: tuple[str, ...] = ()
    area: str = ""
    about: About = ""


SPEC = PanelSpec(
    id="strips",
    title=Text("最需看的曲线", "Worst streams"),
    factory="widgets.strips.panel:StripsPanel",
    settings=StripsSettings,
    help=Text(
        "最需看的几路，最差的在上；虚线是限值，越限的一段加粗变色，右边是数值和每分钟变化。\n"
        "↑ ↓\t选一路，曲线和地图随之",
        "The streams that most want a look, the worst on top. Dashed is the limit, the part beyond "
        "it is thick and coloured; at the right value and change a minute.\n"
        "↑ ↓\tchoose one, chart and map follow",
    ),
)
