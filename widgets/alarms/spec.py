"""The alarm list as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About


class AlarmsSettings(Value, frozen=True):
    """`area`: only alarms of this area and below, "" all; `closed`: how many closed ones an empty list shows.

    `about` "subject": those of the incident that is selected, on a wall its scene's: joined to it, of its sensors or
    of its new town; none selected: as `area` says.
    """

    area: str = ""
    closed: int = 4
    about: About = ""


SPEC = PanelSpec(
    id="alarms",
    title=Text("报警", "Alarms"),
    factory="widgets.alarms.panel:AlarmsPanel",
    settings=AlarmsSettings,
    help=Text(
        "最急的报警在最上面，同因的合成一组；未确认的闪烁，已确认的只留边框，返回正常的带勾。\n"
        "↑ ↓\t选一条，地图、曲线、画面随之\n"
        "A\t确认首条（已显示半秒以上的）\n"
        "N\t下一条\n"
        "V\t就近画面\n"
        "■ ◆ ▲ ●\tI 红 II 橙 III 黄 IV 蓝\n"
        "紫 ✕\t系统自身的问题，不是城市的",
        "The most urgent alarm stands on top, alarms of one cause as one group; what nobody has "
        "acknowledged blinks, acknowledged is an outline, returned bears a check.\n"
        "↑ ↓\tchoose one; map, chart and pictures follow\n"
        "A\tacknowledge the first (once it was seen for half a second)\n"
        "N\tnext\n"
        "V\tnearest cameras\n"
        "■ ◆ ▲ ●\tpriority 1 red, 2 orange, 3 yellow, 4 blue\n"
        "violet ✕\tthe system's own trouble, not the city's",
    ),
)
