"""THE contract for panels, sources, workflows, layouts and plugins; Qt-free, and knows only console.model.

A panel is a `PanelSpec` and a class with five methods; a source is a `SourceSpec` and a class with `run`.
Neither imports anything of ours but this file (panels also `widgets.kit`).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import msgspec
import numpy as np
import numpy.typing as npt

from console.model.access import Access, Enrolment, Roster, RosterPerson, RosterRole
from console.model.entities import (
    ENTITY_CLASSES,
    Alarm,
    AlarmState,
    Area,
    Camera,
    Domain,
    HandoverRecord,
    Hazard,
    Incident,
    IncidentRecord,
    Limit,
    LogLine,
    MapLayer,
    Person,
    PossibleAct,
    Post,
    ReportDue,
    ReportLine,
    Resource,
    Seat,
    Sensor,
    Shift,
    TimelineLine,
    Warning_,
)
from console.model.entity import Entity
from console.model.errors import (
    BadInput,
    LinkError,
    RefusedError,
    ResourceError,
    SettingsError,
    SourceError,
    WireError,
    YilanError,
)
from console.model.lifecycles import (
    PHASE_NAMES,
    REPORT_NAMES,
    HandoverPhase,
    HazardPhase,
    IncidentFacts,
    IncidentPhase,
    ReportKind,
)
from console.model.outside import Allowed, Device, Line, Outside, Shut, web_origin
from console.model.values import (
    F64,
    I64,
    LIVE,
    NS,
    U8,
    U32,
    Board,
    ChannelKind,
    Columns,
    Level,
    Notice,
    Quality,
    Selector,
    Severity,
    Text,
    Value,
)
from console.model.walls import Scene, SceneRule, Wall, WallMachine

API_VERSION = 1
E_ = TypeVar("E_", bound=Entity)

# ---------------------------------------------------------------- what flows to a panel


class Freshness(enum.StrEnum):
    """How a value stands now; each has its own look and none is ever painted as another."""

    LIVE = "live"
    STALE = "stale"
    DISCONNECTED = "disconnected"
    NEVER = "never"


class Frame(Value, frozen=True, kw_only=True):
    """What changed since this panel's last frame; one a tick at most, for visible panels only, in the UI thread.

    Attributes:
        now_ns: node time, UTC ns, at the tick (use it for ages, never the machine's clock).
        context: LIVE, or the replay or drill that this panel's subscription runs in.
        seeked: forget everything painted before: the time jumped or the subscription changed.
        sensors: ids of subscribed sensors with new samples.
        entities: wire names of the entity classes of which something changed.
        link: the state of the link to the node.
        selection_changed: `host.selection` is another than in the last frame.
    """

    now_ns: int
    context: str = LIVE
    seeked: bool = False
    sensors: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    link: Freshness = Freshness.LIVE
    selection_changed: bool = False


class Latest(Value, frozen=True, kw_only=True, eq=False):
    """The last sample of each asked sensor, in the order asked; n rows.

    Attributes:
        t_ns: i64 (n,), 0 where nothing ever came.
        v: f64 (n, 5) for position sensors, else f64 (n,); NaN where there is none.
        q: u8 (n,) `Quality` bits.
        rate_per_s: f64 (n,), change per second over the last minute of samples, NaN where unknown.
    """

    t_ns: I64
    v: F64
    q: U8
    rate_per_s: F64


class LinkStatus(Value, frozen=True, kw_only=True):
    """The console's link to its node. `offset_ms`: node clock minus ours; `rtt_ms` NaN before the first pong."""

    up: bool
    since_ns: int
    node_name: str = ""
    node_title: Text = Text("")
    """The node's name in both languages; `node_name` is what records name it by."""
    rtt_ms: float = float("nan")
    offset_ms: float = 0.0
    simulated: bool = False
    streams_live: int = 0
    streams_known: int = 0
    streams_whole: bool = False
    """Whether this console is fed all of them: else `streams_live` says nothing of those that nobody here asked for."""
    dropped: int = 0
    conflated: int = 0
    filled: int = 0
    """Samples: lost, replaced by newer ones on a slow link, and fetched again after a gap."""
    refusal: Text = Text("")
    trouble: Text = Text("")
    """Why an attempt to reach the node failed where one end did not believe the other; it goes on trying."""
    last_data_ns: int = 0
    node: str = ""
    """Id of the node reached last: acts belong to one node."""


class IntentState(enum.StrEnum):
    """What became of an intent. SAVED: fsynced by the node, never said before; APPLIED: in effect, not yet durable."""

    PENDING = "pending"
    APPLIED = "applied"
    SAVED = "saved"
    REFUSED = "refused"
    CONFLICT = "conflict"


class Answer(Value, frozen=True, kw_only=True):
    """The node's answer to an intent; `reason` names the rule when refused.

    `versions` of a conflict: the entity as the actor saw it, where that is known, and as it stands now, last.
    """

    id: str
    state: IntentState
    reason: Text = Text("")
    versions: tuple[Entity, ...] = ()


class ActStanding(Value, frozen=True, kw_only=True):
    """How a person's last act on an entity stands here, to be shown where it was done: pending and saved never alike.

    `since_ns`: when it came to stand so, this machine's clock. `reason` names the rule where it was refused.
    """

    name: str
    entity: str
    state: IntentState
    since_ns: int
    reason: Text = Text("")


class PictureState(enum.StrEnum):
    """State of a camera's picture; anything but LIVE must be visible as such."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    LOST = "lost"


class Picture(Value, frozen=True, kw_only=True, eq=False):
    """One decoded frame. `bgra` u8 (height, width, 4), valid until the next `picture()` of its feed; row-contiguous.

    `t_ns` is when it was decoded (node time); `serial` rises with each new frame.
    """

    bgra: npt.NDArray[np.uint8]
    t_ns: int
    serial: int


class Feed(Protocol):
    """A camera being decoded in a worker process for one tile; close it when the tile goes."""

    @property
    def state(self) -> PictureState: ...
    @property
    def detail(self) -> str:
        """Why it is not LIVE, or ""."""
        ...

    @property
    def last_t_ns(self) -> int:
        """When the last frame was decoded, 0 for never."""
        ...

    @property
    def fps(self) -> float: ...
    def picture(self) -> Picture | None:
        """The newest frame, or None before the first."""
        ...

    def resize(self, width_px: int, height_px: int) -> None:
        """Ask for frames scaled to at most this size (device pixels)."""
        ...

    def on_picture(self, callback: Callable[[], None]) -> None:
        """Call back in the UI thread after a new frame has arrived (newest wins)."""
        ...

    def close(self) -> None: ...


# ---------------------------------------------------------------- panels


class EvidenceDraft(Value, frozen=True, kw_only=True):
    """What a panel shows now, frozen: `data` is JSON-able; `png` the picture; `datum` of any positions."""

    title: Text
    t_ns: int
    source: str
    data: Any = None
    png: bytes = b""
    datum: str = "WGS 84"


class Header(Value, frozen=True, kw_only=True):
    """What the tile header shows beside the title: scope text, marks (short words), the oldest data's time, freshness.

    `data_ns` 0: nothing was ever received. The host paints age and state from it.
    """

    scope: str = ""
    marks: tuple[str, ...] = ()
    data_ns: int = 0
    source: str = ""
    freshness: Freshness = Freshness.LIVE
    right: str = ""
    """What stands left of the age besides the marks, e.g. "今日 5"."""
    direct: bool = False
    """What the tile shows does not come through the link (pictures of cameras): a cut link leaves it as it says."""
    title: str = ""
    """Replaces the panel's title where the tile shows one thing that has a name, e.g. a sensor's."""


class Spanned(Value, frozen=True, kw_only=True):
    """Which part of a picture that spans several tiles is this tile's: fractions of the whole from its upper left.

    What lies behind the bezels belongs to no tile: a line goes on straight from one to the next. All but the tile's own
    four numbers is the same for every tile of the picture, on whatever machine.

    Attributes:
        part: which of `parts` it is.
        parts: (x, y, width, height) of all tiles, as fractions: who shows what lies behind a bezel is decided by them.
        size_mm: width and height of the whole.
        pitch_mm: of the first tile's screen: a device pixel there. A view's zoom counts in such pixels.
    """

    x: float
    y: float
    width: float
    height: float
    part: int = 0
    parts: tuple[tuple[float, float, float, float], ...] = ()
    size_mm: tuple[float, float] = (1.0, 1.0)
    pitch_mm: float = 1.0


class Host(Protocol):
    """What a panel is given by the console; every call is for the UI thread."""

    @property
    def language(self) -> str:
        """ "zh" or "en"; after a change the panel gets `configure` again and a `seeked` frame."""
        ...

    @property
    def text_px(self) -> float:
        """Body text of this screen in logical px: 13 desk, 15 vehicle, more on a wall."""
        ...

    @property
    def role(self) -> Literal["desk", "wall", "vehicle"]: ...
    @property
    def target_px(self) -> float:
        """The least side of what a finger is to hit here, in logical px: 9 mm where hands touch the screen, else 0."""
        ...

    @property
    def spanned(self) -> Spanned | None:
        """Of a tile that is one part of a picture over several: which; None: it shows a whole by itself.

        After a change the panel gets a `seeked` frame.
        """
        ...

    def moved(self, view: dict[str, Any]) -> None:
        """A hand moved it: the others of a picture over several are given `restore(view)`, who follows it is told."""
        ...

    @property
    def visible(self) -> bool: ...
    @property
    def context(self) -> str: ...
    @property
    def now_ns(self) -> int: ...
    @property
    def link(self) -> LinkStatus: ...
    @property
    def selection(self) -> str:
        """The one selection of the whole console, as "class:id" ("sensor:…", "incident:…", "camera:…"), "" none."""
        ...

    def select(self, ref: str) -> None: ...
    def subscribe(self, *selectors: Selector, strategy: Literal["latest", "every"] = "latest") -> None:
        """Replace what this panel is fed. Entities are always there; samples only of what is subscribed."""
        ...

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        """All entities of the class, by id; a live read-only view."""
        ...

    def latest(self, ids: Sequence[str]) -> Latest: ...
    def freshness(self, sensor_id: str) -> Freshness: ...
    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        """What the replica's ring holds of the span, ascending in time, bad samples included."""
        ...

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        """Known holes of the ring as [from_ns, to_ns], ascending: what lies there was lost and is not back yet."""
        ...

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        """History from the node, ascending, at most about 2 × max_points rows (min and max of each bucket).

        Raises LinkError when the node cannot be reached.
        """
        ...

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash. Raises LinkError; the hash is checked."""
        ...

    async def attach(self, content: bytes) -> str:
        """Have the node keep a file (a photo, a recording); its sha256 for an act, once it is on the node's disk.

        Raises LinkError, RefusedError naming the bound. Sent again it goes on where a cut left it.
        """
        ...

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        """An act of the user, applied once: on disk before it is sent, PENDING while the link is down.

        Raises LinkError where no node was ever reached, ResourceError where it cannot be kept: then nothing was done.
        """
        ...

    def act(self, entity: str) -> ActStanding | None:
        """How the last act on an entity stands; None where none is under way and none has ended lately."""
        ...

    @property
    def access(self) -> Access:
        """Who is logged in here; the same value until something of it changes."""
        ...

    def may(self, action: str, area: str = "") -> bool:
        """Whether the node would let this person act in the area, as far as this console knows: to enable a control.

        Actions are named as in policies: "incident.grade", "handover". The node alone decides.
        """
        ...

    async def roster(self) -> Roster:
        """People and roles. Raises LinkError, RefusedError naming the rule."""
        ...

    async def reveal(self, ref: str) -> dict[str, str]:
        """Personal data of "incident:<id>", by field of its facts: those that `IncidentRecord.personal` names.

        Every call is audited, refused or not: only at a person's wish. Keep nothing of it beyond what that person was
        shown. Raises LinkError, RefusedError naming the rule.
        """
        ...

    async def administer(self, act: str, **arguments: Any) -> Text:
        """Change people or roles; Text("") when it is in force, else why not. Raises LinkError.

        `person.put` (id, name_zh, name_en, roles as [[role, area]]) · `person.revoke` (id, reason) ·
        `account.add` (id, account, password) · `account.password` (account, password) ·
        `account.factor_off` (account, reason).
        """
        ...

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        """A camera's pictures, or of "wall:<wall>/<screen>" how that screen of a wall looks, once a second."""
        ...

    @property
    def outside(self) -> Outside:
        """What is shown from outside the product: pages, capture devices, remote screens; only what is allowed."""
        ...

    def command(self, command_id: str) -> None:
        """Run a registered command, as if its key had been pressed."""
        ...

    def header(self, header: Header) -> None: ...
    def notice(self, notice: Notice) -> None: ...
    def clear_notice(self, key: str) -> None: ...
    def notices(self) -> Sequence[Notice]: ...
    def spawn(self, name: str, work: Any) -> None:
        """Start the coroutine `work` as a supervised task that dies with this panel."""
        ...


@runtime_checkable
class Panel(Protocol):
    """A view: a QWidget made by `factory(host, settings)`. A method that raises turns the tile into a card."""

    def update_frame(self, frame: Frame) -> None:
        """Take what changed; paint only if something did."""
        ...

    def configure(self, settings: Any) -> None: ...
    def view_state(self) -> dict[str, Any]: ...
    def restore(self, state: dict[str, Any]) -> None: ...
    def freeze(self) -> EvidenceDraft: ...
    def close_panel(self) -> None: ...


class Pointed(Value, frozen=True):
    """A place in what a panel shows: `a` and `b` in the coordinates of its content (see `Pointable`).

    `of`: what of the content they belong to where a tile shows several things (a camera's id), "" the whole.
    """

    a: float
    b: float
    of: str = ""


@runtime_checkable
class Pointable(Protocol):
    """What a panel may have besides: its own coordinates, so that a pointer stands at the same thing on every screen.

    A map's are (lon, lat), a chart's (UTC ns, value) of a sensor, a picture's fractions of a camera's whole picture
    from its upper left. Places are logical px in the panel; on a screen that shows the thing elsewhere, in another size
    or part, `point_of` gives where it is there.
    """

    def content_at(self, x: float, y: float, of: str = "") -> Pointed | None:
        """What lies there, `of` given: in that thing's coordinates, also beside it; None: nothing of its content."""
        ...

    def point_of(self, pointed: Pointed) -> tuple[float, float] | None:
        """Where that lies now, also outside the panel; None: it is not shown here, or unknown yet."""
        ...


@runtime_checkable
class Counting(Protocol):
    """What a panel may have besides: it counts the pictures with new content that it painted, for `--events`."""

    @property
    def painted(self) -> int: ...


class CommandSpec(Value, frozen=True, kw_only=True):
    """From it menu, palette, key card and audit line are made; `keys` as in QKeySequence, "" none."""

    id: str
    title: Text
    keys: str = ""
    group: Text = Text("通用", "General")


@runtime_checkable
class Doing(Protocol):
    """A panel that carries out commands which its spec declares."""

    def do(self, command_id: str) -> None:
        """Do it, or say where it is shown why that is not possible now; its tile has just come to the front."""
        ...


class PanelSpec(Value, frozen=True, kw_only=True):
    """A panel's declaration; `factory` is "module:Class", imported only when the panel is first shown.

    `settings` is a frozen msgspec Struct with a default for every field: layouts, editor and migration derive from it.
    """

    id: str
    title: Text
    factory: str
    settings: type[Value]
    version: int = 1
    body_header: bool = True
    """False: the host paints no header (the panel fills the whole tile, as on a wall)."""
    late: bool = False
    """True: made after all others of its windows, because making it takes long (a web view)."""
    live: bool = False
    """True: it shows the system itself as it is now, also in a replay, and its tile says so: its host's clock, link,
    context and entities are live. It has no samples."""
    spans: bool = False
    """True: several tiles of it can show one picture together (`Part.span` in a layout, `Host.spanned`)."""
    commands: tuple[CommandSpec, ...] = ()
    """Commands (key, palette, menu) that its panel carries out; it is then a `Doing`. Of several panels that declare
    one, the first in the manifest that the open layout has carries it out."""
    help: Text = Text("")
    """What F1 says over its tile: what it shows, then a line each for its keys and marks, "key<tab>what it does"."""


# ---------------------------------------------------------------- sources


class Sink(Protocol):
    """Where a source puts what it knows; every call returns at once, in the node's loop."""

    @property
    def now_ns(self) -> int: ...
    def put(self, *entities: Entity) -> None:
        """Add or replace entities. A sensor must be put before its samples."""
        ...

    def drop(self, cls: type[Entity], *ids: str) -> None: ...
    def handle(self, sensor_id: str) -> int:
        """The u32 handle that `Columns.ids` uses for a sensor that was put."""
        ...

    def samples(self, channel: ChannelKind, columns: Columns) -> None:
        """Publish samples of one channel kind; any order of ids; per sensor ascending times unless LATE."""
        ...

    def file(self, content: bytes) -> str:
        """Keep a file by content hash and return its sha256 (hex)."""
        ...

    def camera_url(self, camera_id: str, stream: str, url: str) -> None:
        """Where a camera's stream is read; the address stays in the node."""
        ...

    def camera_file(self, camera_id: str, stream: str, file: str, *, loop: bool = True) -> None:
        """Have the product's camera server serve a video file as this stream, over RTSP like any camera."""
        ...

    def notice(self, notice: Notice) -> None: ...
    def clear_notice(self, key: str) -> None: ...


class Span(Value, frozen=True, kw_only=True):
    """A span of one sensor's history: [start_ns, end_ns), at most about 2 × max_points rows."""

    sensor: str
    start_ns: int
    end_ns: int
    max_points: int = 2000


class Source(Protocol):
    """Where data comes from; runs in the node, or in its own process: values and columns only.

    `run` returns when the source has ended and raises SourceError when it cannot go on; its supervisor backs off and
    calls it again on a fresh instance.
    """

    async def run(self, sink: Sink) -> None: ...
    async def query(self, span: Span) -> Columns:
        """Back-fill: what this source knows of the span, ascending in time; empty when nothing."""
        ...


class SourceSpec(Value, frozen=True, kw_only=True):
    """A source's declaration: `factory` "module:Class", called with its settings; `settings` a frozen struct."""

    id: str
    title: Text
    factory: str
    settings: type[Value]
    version: int = 1


# ---------------------------------------------------------------- workflows


class WorkflowSpec(Value, frozen=True, kw_only=True):
    """A workflow's declaration, a `[[workflows]]` table of a manifest: `file` is BPMN 2.0 beside that manifest.

    Raise `version` with every change of its course: runs that began on another version are not taken up again.
    """

    id: str
    title: Text
    file: str
    version: int = 1


def settings_from(cls: type[Value], raw: Mapping[str, Any], where: str) -> Value:
    """A settings struct from a TOML table; raises SettingsError naming `where`, what was found and expected."""
    unknown = sorted(set(raw) - {f.encode_name for f in msgspec.structs.fields(cls)})
    if unknown:
        known = ", ".join(f.encode_name for f in msgspec.structs.fields(cls))
        raise SettingsError(f"{where}: unknown key '{unknown[0]}'", expected=f"one of {known}")
    try:
        return msgspec.convert(dict(raw), cls)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}") from error


__all__ = [
    "API_VERSION",
    "ENTITY_CLASSES",
    "F64",
    "I64",
    "LIVE",
    "NS",
    "PHASE_NAMES",
    "REPORT_NAMES",
    "U8",
    "U32",
    "Access",
    "ActStanding",
    "Alarm",
    "AlarmState",
    "Allowed",
    "Answer",
    "Area",
    "BadInput",
    "Board",
    "Camera",
    "ChannelKind",
    "Columns",
    "CommandSpec",
    "Counting",
    "Device",
    "Doing",
    "Domain",
    "Enrolment",
    "Entity",
    "EvidenceDraft",
    "Feed",
    "Frame",
    "Freshness",
    "HandoverPhase",
    "HandoverRecord",
    "Hazard",
    "HazardPhase",
    "Header",
    "Host",
    "Incident",
    "IncidentFacts",
    "IncidentPhase",
    "IncidentRecord",
    "IntentState",
    "Latest",
    "Level",
    "Limit",
    "Line",
    "LinkError",
    "LinkStatus",
    "LogLine",
    "MapLayer",
    "Notice",
    "Outside",
    "Panel",
    "PanelSpec",
    "Person",
    "Picture",
    "PictureState",
    "Pointable",
    "Pointed",
    "PossibleAct",
    "Post",
    "Quality",
    "RefusedError",
    "ReportDue",
    "ReportKind",
    "ReportLine",
    "Resource",
    "ResourceError",
    "Roster",
    "RosterPerson",
    "RosterRole",
    "Scene",
    "SceneRule",
    "Seat",
    "Selector",
    "Sensor",
    "SettingsError",
    "Severity",
    "Shift",
    "Shut",
    "Sink",
    "Source",
    "SourceError",
    "SourceSpec",
    "Span",
    "Spanned",
    "Text",
    "TimelineLine",
    "Value",
    "Wall",
    "WallMachine",
    "Warning_",
    "WireError",
    "WorkflowSpec",
    "YilanError",
    "settings_from",
    "web_origin",
]
