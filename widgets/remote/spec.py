"""What the remote panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from console.api import CommandSpec, PanelSpec, Text, Value

RECONNECT: Final = "remote.reconnect"


class RemoteSettings(Value, frozen=True):
    """Settings of one remote screen.

    Attributes:
        name: as the operator's list of this machine names it; address and password stand there, never in a layout.
        quality: of pictures where the other machine packs them with loss, 0 (least) to 9.
    """

    name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    quality: Annotated[int, msgspec.Meta(ge=0, le=9)] = 6


SPEC = PanelSpec(
    id="remote",
    title=Text("远程桌面", "Remote screen"),
    factory="widgets.remote.panel:RemotePanel",
    settings=RemoteSettings,
    late=True,
    live=True,
    commands=(
        CommandSpec(
            id=RECONNECT,
            title=Text("重新连接远程桌面", "Reconnect the remote screen"),
            keys="Ctrl+F6",
            group=Text("窗格", "Tiles"),
        ),
    ),
    help=Text(
        "操作员许可名单中的一台远程桌面，只看：按键和指针不会传过去；画面变旧或断开时会标明。",
        "One remote screen of the operator's list, view only: no key and no pointer reaches it; old or lost is marked.",
    ),
)
