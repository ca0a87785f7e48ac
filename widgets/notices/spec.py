"""The list of system notices as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class NoticesSettings(Value, frozen=True):
    """Nothing can be set."""


SPEC = PanelSpec(
    id="notices",
    title=Text("通知", "Notices"),
    factory="widgets.notices.panel:NoticesPanel",
    settings=NoticesSettings,
    live=True,
    help=Text(
        "系统自身的问题：链路、数据源、磁盘、窗格；好了就自动消失。城市的事在报警和事件里。\n"
        "紫 ✕\t需要处理；下一行说怎么办",
        "The system's own trouble: link, sources, disk, tiles. It goes by itself once it is mended. "
        "What happens in the city stands in alarms and incidents.\n"
        "violet ✕\tasks for something; the line beneath says what to do",
    ),
)
