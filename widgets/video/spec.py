"""What the video panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About


class VideoSettings(Value, frozen=True):
    """Settings of one grid of cameras.

    Attributes:
        rows, columns: cells of the grid; 0: two by two at a desk, one in a vehicle, as many as can be read on a wall.
        cameras: Camera ids; "selected" shows them in this order, the other modes choose among them; empty: all.
        mode: "alarm": the cameras nearest to the selected and to the most urgent alarms, the rest in turn;
            "selected": always the listed ones; "rotate": all in turn.
        rotate_s: how long a camera in turn is shown, seconds.
        stream: "main", "sub", or "auto": the sub-stream where the cell is no larger than that.
        near_m: a camera farther than this from an alarm (and in another area) does not show it, metres.
        about: "subject": first the cameras nearest to the incident that is selected, on a wall its scene's, within
            `near_m`, then the others of its new town; none selected: as `mode` says.
    """

    rows: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    columns: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    cameras: tuple[str, ...] = ()
    mode: Literal["alarm", "selected", "rotate"] = "alarm"
    rotate_s: Annotated[float, msgspec.Meta(ge=2, le=3600)] = 20.0
    stream: Literal["main", "sub", "auto"] = "main"
    near_m: Annotated[float, msgspec.Meta(ge=0)] = 2500.0
    about: About = ""


SPEC = PanelSpec(
    id="video",
    title=Text("视频", "Video"),
    factory="widgets.video.panel:VideoPanel",
    settings=VideoSettings,
    spans=True,
    help=Text(
        "摄像机画面；有报警时自动换成最近的几路。上边是名称和多久前的画面，左下是该处的报警。\n"
        "↑ ↓ ← →\t选一路\n"
        "Enter\t放大，Esc 返回\n"
        "紫 ✕\t画面已旧或丢失，不再是实时",
        "Pictures of cameras; while there are alarms those nearest to them. Above: name and age of "
        "the picture; lower left: the alarm there.\n"
        "↑ ↓ ← →\tchoose one\n"
        "Enter\tenlarge, Esc back\n"
        "violet ✕\tthe picture is old or lost, not live",
    ),
)
