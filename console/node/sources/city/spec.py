"""The demo city's declaration as a source; nothing of the city is imported before it is made."""

from __future__ import annotations

from typing import Literal

from console.api import SourceSpec, Text, Value


class CitySettings(Value, frozen=True):
    """Settings of the demo city.

    Attributes:
        seed: same seed, same city.
        scenario: "storm" is six hours old at the start; "quiet" nothing happens; "cycle" a storm every hour.
        sensors: how many scalar and state sensors, 200 or more.
        speed: the scenario's time after the start runs this much faster.
        camera_base: "rtsp://host:port" of the camera server, "" takes the environment's YILAN_CAMERA_BASE, if any.
        anchor_ns: when the situation stands, UTC ns; 0 is the moment the source is made.
    """

    seed: int = 7
    scenario: Literal["storm", "quiet", "cycle"] = "storm"
    sensors: int = 2300
    speed: float = 1.0
    camera_base: str = ""
    anchor_ns: int = 0


SPEC = SourceSpec(
    id="city",
    title=Text("演示城市", "Demo city"),
    factory="console.node.sources.city.demo:CityDemo",
    settings=CitySettings,
)
