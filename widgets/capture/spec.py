"""What the capture panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated

import msgspec

from console.api import PanelSpec, Text, Value


class CaptureSettings(Value, frozen=True):
    """Settings of one capture device (a grabber of an HDMI signal, a camera on USB).

    Attributes:
        device: its path, e.g. "/dev/video0"; the operator's list of this machine must name it.
        size: "1920x1080"; "": the device's own.
        rate: pictures a second, 0: the device's own.
        format: v4l2's name of the form, e.g. "mjpeg", "yuyv422"; "": the device's own.
    """

    device: Annotated[str, msgspec.Meta(max_length=128)] = ""
    size: Annotated[str, msgspec.Meta(pattern=r"^(\d{2,5}x\d{2,5})?$")] = ""
    rate: Annotated[float, msgspec.Meta(ge=0, le=240)] = 0.0
    format: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{0,16}$")] = ""


SPEC = PanelSpec(
    id="capture",
    title=Text("采集", "Capture"),
    factory="widgets.capture.panel:CapturePanel",
    settings=CaptureSettings,
    live=True,
    help=Text(
        "本机采集卡的画面：上边是名称和多久前的画面；丢失或变旧时会标明。",
        "The picture of a capture device of this machine, with its age; lost or old is marked.",
    ),
)
