"""The entities every screen speaks of, as frozen values; knows how none of them is stored, sent or painted.

Positions are lon, lat in degrees WGS 84 everywhere; times UTC ns, 0 = not yet.
`id`s are durable texts, unique within their class.
"""

from __future__ import annotations

import enum

from console.model.entity import Entity
from console.model.lifecycles import (
    PHASE_NAMES,
    HandoverPhase,
    HazardPhase,
    IncidentFacts,
    IncidentPhase,
    ReportKind,
)
from console.model.values import Board, ChannelKind, Level, Text, Value
from console.model.walls import Wall, WallMachine


class Area(Entity, frozen=True, kw_only=True):
    """区域: a node of the command chain; `parent` "" is the root.

    `boundary` is a list of rings, each a list of (lon, lat), outer rings only, closed implicitly.
    """

    CLS = "area"
    parent: str = ""
    level: Level = Level.NEW_AREA
    name: Text = Text("")
    lon: float = 0.0
    lat: float = 0.0
    area_km2: float = 0.0
    boundary: tuple[tuple[tuple[float, float], ...], ...] = ()


class Domain(Entity, frozen=True, kw_only=True):
    """A trade inside a board (燃气, 供水, 防汛 …): one row of the board matrix; `order` sorts rows."""

    CLS = "domain"
    board: Board = Board.LIFELINE
    name: Text = Text("")
    order: int = 0


class Limit(Value, frozen=True, kw_only=True):
    """A limit of a sensor: crossing it raises an alarm of `priority`.

    `high` True: the alarm is v >= value; False: v <= value. `hysteresis` in the sensor's unit.
    """

    priority: int
    value: float
    high: bool = True
    name: Text = Text("")
    hysteresis: float = 0.0
    delay_s: float = 0.0


class Sensor(Entity, frozen=True, kw_only=True):
    """传感器: one measured quantity. Position, state and event channels are sensors too.

    `kind` says what is measured ("gas.pressure"); `domain` is a Domain id; `area` the smallest area it stands in;
    `cause` groups sensors that one physical cause moves together (a pipe's segment), "" for none;
    `dtype` is the wire's type of v ("f8" or "f4"); `digits` at most this many decimals are painted;
    `normal` is the value a quiet day shows: with the worst limit it gives "how near to its limit".
    """

    CLS = "sensor"
    kind: str = ""
    channel: ChannelKind = ChannelKind.SCALAR
    board: Board = Board.LIFELINE
    domain: str = ""
    area: str = ""
    site: Text = Text("")
    name: Text = Text("")
    unit: str = ""
    digits: int = 2
    lon: float | None = None
    lat: float | None = None
    dtype: str = "f8"
    states: tuple[Text, ...] = ()
    normal: float | None = None
    limits: tuple[Limit, ...] = ()
    stale_after_s: float = 10.0
    source: str = ""
    cause: str = ""
    alarm_text: Text = Text("")
    """What is wrong when a limit is crossed, e.g. 压力低 / low pressure."""
    likely: Text = Text("")
    """Likely cause, e.g. 疑管段泄漏 / leak suspected."""
    first_act: Text = Text("")
    """首要措施: the first action, e.g. 远程关阀 V-31 / close valve V-31."""


class Camera(Entity, frozen=True, kw_only=True):
    """A camera; its address stays in the node, a console reads it by media ticket. `azimuth_deg` from north."""

    CLS = "camera"
    name: Text = Text("")
    area: str = ""
    board: Board = Board.LIFELINE
    lon: float | None = None
    lat: float | None = None
    azimuth_deg: float | None = None
    streams: tuple[str, ...] = ("main",)
    source: str = ""
    infrared: bool = False


class AlarmState(enum.StrEnum):
    """ISA-18.2 states A–G."""

    NORMAL = "A"
    UNACKNOWLEDGED = "B"
    ACKNOWLEDGED = "C"
    RETURNED = "D"
    SHELVED = "E"
    SUPPRESSED = "F"
    OUT_OF_SERVICE = "G"


class Alarm(Entity, frozen=True, kw_only=True):
    """报警: a condition needing a response. `limit` is the index into the sensor's limits that holds now."""

    CLS = "alarm"
    sensor: str = ""
    priority: int = 4
    state: AlarmState = AlarmState.NORMAL
    limit: int = 0
    value: float | None = None
    raised_ns: int = 0
    changed_ns: int = 0
    ended_ns: int = 0
    acknowledged_by: str = ""
    acknowledged_ns: int = 0
    incident: str = ""


class Warning_(Entity, frozen=True, kw_only=True):
    """预警: a published alert in four colours (priority 1 red … 4 blue), CAP 1.2."""

    CLS = "warning"
    event: Text = Text("")
    priority: int = 4
    area: str = ""
    sent_ns: int = 0
    expires_ns: int = 0


class Incident(Entity, frozen=True, kw_only=True):
    """事件: something that happened. `grade` 1 特别重大 … 4 一般, 0 not graded; `step` of `steps` done in the response.

    `phase` None: its source keeps none. `warning_colour` 1 red … 4 blue and `response_level` 1 … 4 are scales of their
    own, 0 not said. `conflict`: acts stand side by side that had not seen each other; `contested` acts are listed and
    not applied, both for a person to look at.
    """

    CLS = "incident"
    number: str = ""
    title: Text = Text("")
    grade: int = 4
    area: str = ""
    board: Board = Board.LIFELINE
    place: Text = Text("")
    response: Text = Text("")
    fact: Text = Text("")
    fact_done: float | None = None
    fact_of: float | None = None
    started_ns: int = 0
    closed_ns: int = 0
    report_kind: Text = Text("")
    report_due_ns: int = 0
    step: int = 0
    steps: int = 5
    lon: float | None = None
    lat: float | None = None
    sensors: tuple[str, ...] = ()
    phase: IncidentPhase | None = None
    warning_colour: int = 0
    response_level: int = 0
    conflict: bool = False
    contested: int = 0


class TimelineLine(Value, frozen=True, kw_only=True):
    """One line of an incident's life: the act `kind`, by whom (person id), when (UTC ns), the phase after it.

    `lacking`: what was not known when it was closed all the same.
    """

    kind: str
    by: str
    t_ns: int
    phase: IncidentPhase
    text: str = ""
    lacking: tuple[Text, ...] = ()


class ReportLine(Value, frozen=True, kw_only=True):
    """A report that went out: `number` of a follow-up, 0 else; `sha256` of the paper, "" for a call; `against` a rule
    that it broke, "" none."""

    kind: ReportKind
    to: str
    by: str
    t_ns: int
    number: int = 0
    text: str = ""
    sha256: str = ""
    against: str = ""


class ReportDue(Value, frozen=True, kw_only=True):
    """A report that is owed: its limit runs from `since_ns` to `due_ns` (UTC ns, node time)."""

    kind: ReportKind
    since_ns: int
    due_ns: int
    number: int = 0


class PossibleAct(Value, frozen=True, kw_only=True):
    """An act that the rules let be done to the entity as it stands: `name` of the intent.

    `asks`: names of arguments that it needs and that are not known yet, in the order of the form. `reason`: it needs
    one. `lacks`: what else is missing, without which it needs a reason (closing).
    """

    name: str
    asks: tuple[str, ...] = ()
    reason: bool = False
    lacks: tuple[Text, ...] = ()


class IncidentRecord(Entity, frozen=True, kw_only=True):
    """事件档案: what the journal knows of an incident besides its summary (`Incident` of the same id).

    `timeline` oldest first, its last 200 lines, `forgotten` before them; `owed` soonest first; `possible` by the rules
    alone, not by who may. `contested`: acts that stand in the record and were not applied. `personal`: facts that are
    known and stand empty here, since they are about a person: who needs them asks for them, see `Host.reveal`.
    """

    CLS = "incident_record"
    area: str = ""
    board: Board = Board.LIFELINE
    alarm: str = ""
    facts: IncidentFacts = IncidentFacts()
    timeline: tuple[TimelineLine, ...] = ()
    forgotten: int = 0
    reports: tuple[ReportLine, ...] = ()
    owed: tuple[ReportDue, ...] = ()
    possible: tuple[PossibleAct, ...] = ()
    contested: tuple[TimelineLine, ...] = ()
    personal: tuple[str, ...] = ()


class LogLine(Value, frozen=True, kw_only=True):
    """A line of a shift's log: by whom (person id), when, and what it is about ("incident:…"), "" nothing."""

    by: str
    t_ns: int
    text: str
    ref: str = ""


class HandoverRecord(Value, frozen=True, kw_only=True):
    """A handover of a seat; persons by id, times UTC ns, 0 not yet.

    `mentioned`: refs that its text speaks of; `unsaid`: open matters that it does not, for the `reason`.
    `objections`: who objected and why.
    """

    leaving: str
    coming: str
    text: str
    phase: HandoverPhase
    mentioned: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    reason: str = ""
    objections: tuple[tuple[str, str], ...] = ()
    signed_ns: int = 0
    taken_ns: int = 0


class Seat(Entity, frozen=True, kw_only=True):
    """席位: a place where somebody is on duty, its log and its handovers. `officer` person id, "" nobody.

    `open`: refs of the matters that a handover has to speak of, as the node counts them now: incidents, orders,
    shelved alarms. `log` is the present shift's; `past` handovers oldest first, the last 20.
    """

    CLS = "seat"
    name: Text = Text("")
    area: str = ""
    officer: str = ""
    shift: Text = Text("")
    since_ns: int = 0
    end_ns: int = 0
    log: tuple[LogLine, ...] = ()
    handover: HandoverRecord | None = None
    past: tuple[HandoverRecord, ...] = ()
    open: tuple[str, ...] = ()


class Hazard(Entity, frozen=True, kw_only=True):
    """隐患: a danger found and followed in a closed loop. `severity` 1 major 重大, 2 general 一般, 0 not assessed.

    `dismissed`: it was closed because it was none; `standing` says so.
    """

    CLS = "hazard"
    title: Text = Text("")
    nature: str = ""
    place: Text = Text("")
    area: str = ""
    board: Board = Board.LIFELINE
    lon: float | None = None
    lat: float | None = None
    phase: HazardPhase = HazardPhase.FOUND
    severity: int = 0
    assigned_to: str = ""
    due_ns: int = 0
    found_ns: int = 0
    closed_ns: int = 0
    photos: tuple[str, ...] = ()
    timeline: tuple[LogLine, ...] = ()
    possible: tuple[PossibleAct, ...] = ()
    dismissed: bool = False

    @property
    def standing(self) -> Text:
        """How it stands, in words: its phase; one that was none has not been mended and struck off."""
        return Text("误报，不成立", "No hazard after all") if self.dismissed else PHASE_NAMES[self.phase]


class Person(Entity, frozen=True, kw_only=True):
    """人员: who an id in `by`, `officer`, `acknowledged_by` is; what screens name people by, and no more of them."""

    CLS = "person"
    name: Text = Text("")
    roles: tuple[Text, ...] = ()


class Post(Entity, frozen=True, kw_only=True):
    """指挥部: fixed or mobile. `link_up_ns` is when it was last heard, `link_kbit_s` its link, 0 unknown."""

    CLS = "post"
    name: Text = Text("")
    mobile: bool = False
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    position: str = ""
    """Id of its position sensor, "" for a fixed post."""
    status: Text = Text("")
    place: Text = Text("")
    members: int = 0
    link_name: Text = Text("")
    link_kbit_s: float = 0.0
    link_up: bool = True
    link_since_ns: int = 0
    queued: int = 0


class Resource(Entity, frozen=True, kw_only=True):
    """资源: team, vehicle, shelter, hospital, depot (`kind`). Moving ones have a `position` sensor."""

    CLS = "resource"
    kind: str = "vehicle"
    name: Text = Text("")
    post: str = ""
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    position: str = ""
    status: Text = Text("")
    task: Text = Text("")
    busy: bool = False
    capacity: float | None = None
    used: float | None = None


class Shift(Entity, frozen=True, kw_only=True):
    """班次: who is on duty at which seat, from when to when."""

    CLS = "shift"
    officer: Text = Text("")
    seat: Text = Text("")
    area: str = ""
    name: Text = Text("")
    start_ns: int = 0
    end_ns: int = 0


class MapLayer(Entity, frozen=True, kw_only=True):
    """A map layer's geometry as one GeoJSON file (WGS 84) by content hash; `kind` ground|streets|rivers|pipes|labels.

    Each feature's `properties.class` is one of land, built, water, shore, motorway, main, street, border, pipe, place,
    rail; `properties.zh`, `.en` its name; `.rank` 1 is drawn first and named first.
    """

    CLS = "map_layer"
    kind: str = "ground"
    name: Text = Text("")
    sha256: str = ""
    size_bytes: int = 0
    attribution: str = ""
    bounds: tuple[float, float, float, float] | None = None
    """west, south, east, north in degrees."""


ENTITY_CLASSES: dict[str, type[Entity]] = {
    c.CLS: c
    for c in (
        Area,
        Domain,
        Sensor,
        Camera,
        Alarm,
        Warning_,
        Incident,
        IncidentRecord,
        Hazard,
        Post,
        Resource,
        Shift,
        Seat,
        Wall,
        WallMachine,
        Person,
        MapLayer,
    )
}
"""Class by wire name; a name that is not here is skipped and counted."""
