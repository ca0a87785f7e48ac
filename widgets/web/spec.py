"""What the web panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from console.api import CommandSpec, PanelSpec, Text, Value

RELOAD: Final = "web.reload"


class WebSettings(Value, frozen=True):
    """Settings of one web page.

    Attributes:
        url: the page, https (http where the operator's list says so); its origin must be on that list.
        reload_s: loaded anew so often, seconds; 0: only by hand and after a failure.
        zoom: 1 is a browser's own size; 0: as large as this screen's text.
        hands: False: pointer and keys do nothing in it; on walls they never do.
    """

    url: Annotated[str, msgspec.Meta(max_length=2048)] = ""
    reload_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    zoom: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.0
    hands: bool = True


SPEC = PanelSpec(
    id="web",
    title=Text("网页", "Web page"),
    factory="widgets.web.panel:WebPanel",
    settings=WebSettings,
    late=True,
    live=True,
    commands=(
        CommandSpec(
            id=RELOAD, title=Text("重新装入网页", "Reload the web page"), keys="Ctrl+F5", group=Text("窗格", "Tiles")
        ),
    ),
    help=Text(
        "操作员许可名单中的一个网页；名单以外的网址在此打不开。",
        "One page of the operator's list; no other address opens here.",
    ),
)
