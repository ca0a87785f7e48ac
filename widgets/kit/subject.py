"""What a tile bound to a query asks about: the incident that is selected, on a wall its scene's; paints nothing.

A scene fits any incident because its tiles name none: they ask for "the cameras nearest to it", "the worst streams of
its area". Where there is none they ask about the whole city.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from console.api import Alarm, Area, Host, Incident, Sensor, Text, Value
from widgets.kit.areas import below
from widgets.kit.names import short_area, town_of

About = Literal["", "subject"]
"""A tile's setting `about`: "subject" binds it to what its scene, or the console's selection, is about."""
SUBJECT: Final = "subject"
M_A_DEGREE: Final = 111_320.0
_NOWHERE: Final = Text("，位置未知，看全市", ", place not known: whole city")


class Subject(Value, frozen=True):
    """An incident and where it is.

    Attributes:
        area: the new town that it is in, else its own area; "" where nobody has said.
        areas: that area and all below; empty: everywhere, because `area` is not known.
        lon, lat: of the incident, else of the first of its sensors that has a place; None where nobody knows.
    """

    incident: Incident
    area: str = ""
    areas: frozenset[str] = frozenset()
    lon: float | None = None
    lat: float | None = None

    def holds(self, area: str, sensor: str = "") -> bool:
        """Whether what stands in `area`, or is `sensor`, is asked for."""
        return not self.areas or area in self.areas or bool(sensor and sensor in self.incident.sensors)

    def has(self, alarm: Alarm, sensor: Sensor | None) -> bool:
        """Whether an alarm is asked for: one of its area, of its sensors, or joined to it."""
        own = alarm.incident == self.incident.id or alarm.sensor in self.incident.sensors
        return own or sensor is None or self.holds(sensor.area)

    def distance_m(self, lon: float | None, lat: float | None) -> float:
        """Metres from it as the crow flies, on a plane; infinite where either place is not known."""
        if self.lon is None or self.lat is None or lon is None or lat is None:
            return math.inf
        east = (lon - self.lon) * M_A_DEGREE * math.cos(math.radians(self.lat))
        return math.hypot(east, (lat - self.lat) * M_A_DEGREE)

    def words(self, areas: Mapping[str, Area], language: str) -> str:
        """What a header says: where and what, "沣西 沣河超保证水位"; of one without a place that all is shown."""
        title = self.incident.title.of(language) or self.incident.number
        area = areas.get(self.area)
        if area is None:
            return f"{title}{_NOWHERE.of(language)}"
        place = short_area(area, language)
        return title if title.startswith(place) else f"{place} {title}"

    @property
    def question(self) -> tuple[object, ...]:
        """What an answer depends on: of another question tiles ask anew, of other news of the incident they do not."""
        return (self.incident.id, self.areas, self.incident.sensors, self.lon, self.lat)


class Asking:
    """Which incident a tile asks about; it keeps to one until another is selected, or nothing.

    A row that is clicked selects a sensor: the list under the hand must not turn into another for it.
    """

    def __init__(self, host: Host, about: About) -> None:
        self._host, self._about = host, about
        self._id = ""
        self.subject: Subject | None = None
        self.look()

    def look(self) -> bool:
        """Take the selection and the incident as they are now; True where the tile has to ask anew."""
        before = self.subject
        asked = before.question if before is not None else None
        kind, _, id_ = self._host.selection.partition(":")
        if kind == "incident" or not kind:
            self._id = id_
        incident = self._host.entities(Incident).get(self._id) if self._about == SUBJECT and self._id else None
        self.subject = subject_of(self._host, incident) if incident is not None else None
        return asked != (self.subject.question if self.subject is not None else None)

    def words(self, otherwise: str = "") -> str:
        """For the header: what is asked about, `otherwise` where that is the whole city."""
        if self.subject is None:
            return otherwise
        said = self.subject.words(self._host.entities(Area), self._host.language)
        return f"{said} · {otherwise}" if otherwise else said

    def place(self) -> str:
        """Short, for a wall's caption: the area's name, "" where it is the whole city."""
        area = self._host.entities(Area).get(self.subject.area) if self.subject is not None else None
        return short_area(area, self._host.language) if area is not None else ""


def subject_of(host: Host, incident: Incident) -> Subject:
    """Where an incident is, as far as anybody has said."""
    areas, sensors = host.entities(Area), host.entities(Sensor)
    own = [sensors[id_] for id_ in incident.sensors if id_ in sensors]
    at = incident.area or next((sensor.area for sensor in own if sensor.area), "")
    town = town_of(at, areas)
    area = town.id if town is not None else at if at in areas else ""
    placed = next((s for s in own if s.lon is not None and s.lat is not None), None)
    lon, lat = incident.lon, incident.lat
    if (lon is None or lat is None) and placed is not None:
        lon, lat = placed.lon, placed.lat
    return Subject(incident=incident, area=area, areas=below(area, areas) if area else frozenset(), lon=lon, lat=lat)


def distance_text(metres: float) -> str:
    """As it is read from afar: "340 m", "1.2 km", "14 km"; "" where it is not known."""
    if not math.isfinite(metres):
        return ""
    if metres < 950:
        return f"{max(10, round(metres, -1)):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9_950 else f"{metres / 1000:.0f} km"
