"""What the focus chart is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About

NO_COMPANION: Final = "none"


class ChartSettings(Value, frozen=True):
    """Settings of one chart.

    Attributes:
        sensor: a Sensor id; "" follows the selection, else the sensor of the most urgent alarm.
        hours: how far back the live view reaches.
        forecast: draw the last half hour's straight trend on into the next part of the axis, as a widening band.
        companion: a Sensor id shown as bars from the top; "" takes the rain of the same domain and the nearest area,
            "none" shows none.
        about: "subject": where `sensor` is "", the worst stream of the incident that is selected, on a wall its
            scene's: one of its own sensors, else one of its new town; none selected: as above.
    """

    sensor: str = ""
    hours: Annotated[float, msgspec.Meta(ge=0.01, le=8784)] = 6.0
    forecast: bool = False
    companion: str = ""
    about: About = ""


SPEC = PanelSpec(
    id="chart",
    title=Text("曲线", "Chart"),
    factory="widgets.chart.panel:ChartPanel",
    settings=ChartSettings,
    help=Text(
        "一路数据的曲线，库存与实时连成一线；虚线是限值，越限后曲线变色变粗，竖线是现在。断开处是没有数据，不连线。\n"
        "+ −\t更短、更长，10 秒至一年\n"
        "← →\t往前、往后\n"
        "Home\t回到实时",
        "One stream: store and live as one line. Dashed lines are its limits, past one the curve is "
        "coloured and thick; the upright line is now. Where nothing is known the line breaks.\n"
        "+ −\tshorter, longer, from 10 s to a year\n"
        "← →\tback, on\n"
        "Home\tlive again",
    ),
)
