"""What the map panel is and what can be set about it; Qt-free."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About

LAYERS: Final[tuple[str, ...]] = ("sensors", "alarms", "cameras", "posts", "units", "places", "names", "pipes")
"""Layers that can be shown, in the order of the layer list; alarms are always shown."""


class Centre(Value, frozen=True):
    """A point in degrees WGS 84."""

    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    lat: Annotated[float, msgspec.Meta(ge=-85, le=85)]


class MapSettings(Value, frozen=True):
    """Settings of one map.

    Attributes:
        centre: where the map starts; None: the middle of the area shown.
        zoom: Leaflet zoom at the start (fractions allowed); 0: the whole area fits. Of a map over several tiles it
            counts in pixels of the first one's screen.
        area: an Area id; "" is the root. It is what fits, and what the header names.
        follow_selection: move so that the selected thing is in view.
        layers: layers shown at the start.
        plate_priority: alarms up to this priority bear a plate with name and value; 0 none.
        about: "subject": it looks at the incident that is selected, on a wall its scene's, at `near_zoom`; where
            nobody knows its place at its new town; none selected: as above.
    """

    centre: Centre | None = None
    zoom: Annotated[float, msgspec.Meta(ge=0, le=19)] = 0.0
    area: str = ""
    follow_selection: bool = True
    layers: tuple[str, ...] = ("sensors", "alarms", "cameras", "posts", "units", "places", "names")
    plate_priority: Annotated[int, msgspec.Meta(ge=0, le=4)] = 2
    about: About = ""
    near_zoom: Annotated[float, msgspec.Meta(ge=1, le=19)] = 14.5


SPEC = PanelSpec(
    id="map",
    title=Text("态势图", "Map"),
    factory="widgets.map.panel:MapPanel",
    settings=MapSettings,
    late=True,
    spans=True,
    help=Text(
        "报警、指挥部、车组、摄像机、测站的真实位置；标牌给名称和读数，白圈是选中的，在图外的由边上的箭头指出。\n"
        "↑ ↓ ← →\t移动\n"
        "+ −\t缩放\n"
        "Home\t看全域\n"
        "M\t到选中的那一处\n"
        "F2\t图层\n"
        "1…8\t开关一层",
        "Where alarms, posts, crews, cameras and stations are. Plates give name and value, a ring is "
        "the selection, arrows at the edge point to what lies outside.\n"
        "↑ ↓ ← →\tmove\n"
        "+ −\tzoom\n"
        "Home\tthe whole area\n"
        "M\tgo to the selection\n"
        "F2\tlayers\n"
        "1…8\tone layer on or off",
    ),
)
