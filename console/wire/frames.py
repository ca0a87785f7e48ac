"""Wire v1: the messages between console and node as typed values; knows neither bytes nor sockets.

Each message is one binary WebSocket message holding one MessagePack map; `m` names the message. Unknown keys are
ignored and unknown `m` skipped and counted, so that later versions may add both. See docs/wire-protocol.md.
"""

from __future__ import annotations

from typing import Any

import msgspec

from console.api import Selector, Text
from console.wire.access import AccessDown, AccessUp
from console.wire.message import Message
from console.wire.walls import WallDown, WallUp

__all__ = [
    "CAPABILITIES",
    "MAX_FRAME_BYTES",
    "MAX_ROWS",
    "MAX_UP_BYTES",
    "WIRE_VERSION",
    "Backfill",
    "Batch",
    "Credential",
    "Down",
    "Entities",
    "FileHeld",
    "FilePart",
    "FilePut",
    "FileRequest",
    "Gap",
    "Handles",
    "Hello",
    "History",
    "Intent",
    "IntentAnswer",
    "Message",
    "NoticeFrame",
    "Packed",
    "Past",
    "Ping",
    "Pong",
    "Query",
    "Refusal",
    "Replay",
    "ReplayState",
    "Subscribe",
    "Subscribed",
    "Ticket",
    "TicketRequest",
    "Unknown",
    "Unsubscribe",
    "Up",
    "Welcome",
]

WIRE_VERSION = 1
CAPABILITIES = (
    *("batch.columns", "entities", "query", "files", "media.ticket", "intent"),
    *("resume", "backfill", "replay", "late", "files.up", "reveal", "walls"),
)
"""The first six are what version 1 always could; of the others what both ends name, in hello and welcome, is used."""
MAX_FRAME_BYTES = 4 << 20
"""A longer message closes the connection."""
MAX_UP_BYTES = 1 << 20
"""The longest message a console may send: a selector of ten thousand ids fits."""
MAX_ROWS = 100_000
"""The most rows one batch may hold."""


# ------------------------------------------------------------------------------------------- console to node


class Credential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks, by `kind`.

    "secret" (`value`: the embedded node's random secret), "token" (`value`: goes on with a session after a cut),
    "password" (`name`, `value`, `code`: logs in at once), "certificate" (nothing: TLS has shown it) or "none": somebody
    who will log in.
    """

    kind: str
    value: str = ""
    name: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return f"Credential(kind={self.kind!r})"  # the value is a secret: in no log


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """The first message on a connection; `min_version`…`version` is what the console understands."""

    version: int
    min_version: int = 1
    client: str = ""
    role: str = "desk"
    capabilities: tuple[str, ...] = ()
    credential: Credential
    resume: dict[str, int] = msgspec.field(default_factory=dict)
    """Last sequence received of each feed (by its text key) and of each class ("entities:CLS"); may be ignored."""
    run: str = ""
    """The run (see Welcome) in which `resume` was received: sequences of another run mean nothing."""
    place: str = ""
    """The console's own name for where it stands; what is done there bears it."""


class Subscribe(Message, frozen=True, kw_only=True, tag="subscribe"):
    """Feed me the samples of `selector`; `sub` is the console's own number, echoed in `subscribed`."""

    sub: int
    selector: Selector
    strategy: str = "latest"
    key: str = ""
    """Of the feed that brought this before a cut: with its sequence in hello's `resume` it is gone on with."""


class Unsubscribe(Message, frozen=True, kw_only=True, tag="unsubscribe"):
    """Stop the subscription `sub`."""

    sub: int


class Query(Message, frozen=True, kw_only=True, tag="query"):
    """History of one sensor over [start_ns, end_ns); answered by `history` or `refusal` with the same `req`."""

    req: int
    sensor: str
    start_ns: int
    end_ns: int
    max_points: int = 2000


class Backfill(Message, frozen=True, kw_only=True, tag="backfill"):
    """What `sub` would have brought of [start_ns, end_ns), from the store; answered by `past`s or `refusal`.

    Asked after a gap, or after a cut too long to resume. Times are the samples' own, ns UTC. `since_ns` (capability
    "late"): only what arrived at the node since then, and maybe some that came before.
    """

    req: int
    sub: int
    start_ns: int
    end_ns: int
    since_ns: int = 0


class Replay(Message, frozen=True, kw_only=True, tag="replay"):
    """Control of the replay that `context` names ("replay:<id>"); who names the same id shares it.

    `op`: open (at `at_ns`, playing) | seek (to `at_ns`) | play | pause | step (to the next sample's time, paused) |
    speed (`speed`, 0.1 to 100) | close (for this connection). Answered by `replay_state`, or `refusal` with `req`.
    """

    req: int
    op: str
    at_ns: int = 0
    speed: float = 1.0


class FileRequest(Message, frozen=True, kw_only=True, tag="file"):
    """A file by content hash; answered by `file_part`s in order."""

    req: int
    sha256: str


class FilePut(Message, frozen=True, kw_only=True, tag="file_put"):
    """Bytes [offset, offset + len(data)) of a file of `size` bytes that is to be attached; answered by `file_held`.

    Without data it asks where to go on: what came before a cut is kept. Parts come in order, one at a time.
    """

    req: int
    sha256: str
    size: int
    offset: int = 0
    data: bytes = b""


class TicketRequest(Message, frozen=True, kw_only=True, tag="ticket"):
    """An address from which a camera's stream may be read for 60 s."""

    req: int
    camera: str
    stream: str = "main"


class Intent(Message, frozen=True, kw_only=True, tag="intent"):
    """A person's act. `id` is unique in the whole tree: sending it again has no second effect.

    `heads`: entry hashes of the entity as the actor saw it (empty until a journal stands behind the node).
    """

    id: str
    name: str
    entity: str
    actor: str = ""
    place: str = ""
    heads: tuple[str, ...] = ()
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


class Ping(Message, frozen=True, kw_only=True, tag="ping"):
    """`t_ns`: the sender's clock; sent at least every second, only by a loop that is alive."""

    t_ns: int


# ------------------------------------------------------------------------------------------- node to console


class Welcome(Message, frozen=True, kw_only=True, tag="welcome"):
    """The node's answer to hello; from here on it sends entities, and samples of what is subscribed."""

    version: int
    node: str
    name: Text = Text("")
    session: str = ""
    capabilities: tuple[str, ...] = ()
    t_ns: int = 0
    simulated: bool = False
    heartbeat_s: float = 1.0
    run: str = ""
    """This run of the node, for these rights: sequences compare only within it."""
    lobby: bool = False
    """Nobody is logged in on this connection: it is sent nothing, and may log in."""
    token: str = ""
    """Goes on with this session after a cut, see `Credential`; "" where nobody is logged in."""

    def __repr__(self) -> str:
        return f"Welcome(node={self.node!r}, session={self.session!r})"


class Refusal(Message, frozen=True, kw_only=True, tag="refusal"):
    """Something cannot be done; `req` is the request or subscription it answers, None for the whole connection.

    `code`: version | credential | origin | malformed | too_big | unknown | unavailable | rule | login | session; others
    may come. "login": somebody has to log in first; "session": the session has ended.
    """

    code: str
    what: str
    found: str = ""
    expected: str = ""
    tip: str = ""
    zh: str = ""
    """`what` in Chinese where a person may read it."""
    req: int | None = None


class Subscribed(Message, frozen=True, kw_only=True, tag="subscribed"):
    """`sub` is fed by `feed`: a number of this connection that batches bear; `key` names it across connections."""

    sub: int
    feed: int
    key: str = ""
    seq: int = 0
    resumed: bool = False
    """The batches after the one that hello's `resume` named follow, and no snapshot: nothing was lost meanwhile."""


class Handles(Message, frozen=True, kw_only=True, tag="handles"):
    """Handles of this connection: `ids[i]` is the sensor with handle `first + i`."""

    first: int
    ids: tuple[str, ...]


class Entities(Message, frozen=True, kw_only=True, tag="entities"):
    """Entities of class `cls`: `full` forgets what was there before; `put` adds or replaces; `drop` removes ids.

    `seq` rises by one a change of the class; the parts of one change share it, all but the last with `more`.
    A `full` state bears the seq of the last change that is in it.
    `heads`: by id, hashes of the journal entries that an intent on the entity names as seen.
    """

    seq: int
    cls: str
    full: bool = False
    put: list[msgspec.Raw] = msgspec.field(default_factory=list)
    drop: list[str] = msgspec.field(default_factory=list)
    more: bool = False
    heads: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Packed(Message, frozen=True, kw_only=True):
    """n samples as columns, little-endian, packed: id u32, t i64 (UTC ns), v `dtype` × `width`, q u8."""

    kind: str
    n: int
    id: bytes
    t: bytes
    v: bytes
    q: bytes
    dtype: str = "f8"
    width: int = 1


class Batch(Packed, frozen=True, kw_only=True, tag="batch"):
    """Samples as they come.

    `feed` numbers the subscription's feed; `seq` rises by one a batch and feed: a jump is a loss.
    `snapshot`: the last known samples, sent once after subscribing (seq does not count it).
    """

    feed: int
    seq: int
    snapshot: bool = False
    body: list[Any] | None = None


class Gap(Message, frozen=True, kw_only=True, tag="gap"):
    """The node dropped batches from_seq…to_seq of `feed`, `samples` rows in all, because this reader was slow or away.

    Their times lie in [from_ns, to_ns] (0, 0: not known). `conflated`: the newest of each sensor in them follows at
    once in a batch with `snapshot`; else they are to be had by `backfill`.
    """

    feed: int
    from_seq: int
    to_seq: int
    samples: int
    from_ns: int = 0
    to_ns: int = 0
    conflated: bool = False


class History(Message, frozen=True, kw_only=True, tag="history"):
    """Answer to query: columns as in batch, without id, ascending in time."""

    req: int
    n: int
    t: bytes
    v: bytes
    q: bytes
    width: int = 1


class Past(Packed, frozen=True, kw_only=True, tag="past"):
    """Part of an answer to backfill: ascending in t within a part; `more` parts follow."""

    req: int
    more: bool = False


class ReplayState(Message, frozen=True, kw_only=True, tag="replay_state"):
    """How the replay `context` stands: `at_ns` its clock at node time `node_ns`, advancing by `speed` while `playing`.

    `jump` rises by one with each open and seek: all that comes after is of another time, forget what was shown.
    `from_ns`, `to_ns`: what the store holds. `readers`: connections that share it. `req` of the asker, else None.
    """

    at_ns: int
    node_ns: int
    speed: float = 1.0
    playing: bool = False
    jump: int = 0
    from_ns: int = 0
    to_ns: int = 0
    runs: tuple[tuple[int, int], ...] = ()
    """When the node was recording, ascending, at most the last 100: between them nothing is known."""
    readers: int = 1
    req: int | None = None
    closed: bool = False
    """The replay has ended for this connection."""


class FilePart(Message, frozen=True, kw_only=True, tag="file_part"):
    """Bytes [offset, offset + len(data)) of a file of `size` bytes."""

    req: int
    offset: int
    size: int
    data: bytes


class FileHeld(Message, frozen=True, kw_only=True, tag="file_held"):
    """So many bytes of the file are here; `done`: all of it, its hash checked and durable: acts may name it now."""

    req: int
    held: int
    done: bool = False


class Ticket(Message, frozen=True, kw_only=True, tag="media"):
    """Read the stream at `url` before `expires_ns`."""

    req: int
    url: str
    expires_ns: int


class IntentAnswer(Message, frozen=True, kw_only=True, tag="answer"):
    """What became of an intent: `state` applied | saved | refused | conflict; others may come: the act is then pending.

    `saved` alone promises durability; it then bears origin, epoch, entry sequence and head hash (the witness).
    With `conflict`, `versions` are the entity as each of `heads` left it, the actor's own first.
    """

    id: str
    state: str
    reason: Text = Text("")
    origin: str = ""
    epoch: str = ""
    entry: int = 0
    head: str = ""
    heads: tuple[str, ...] = ()
    versions: list[msgspec.Raw] = msgspec.field(default_factory=list)


class NoticeFrame(Message, frozen=True, kw_only=True, tag="notice"):
    """A notice of the node, raised, or cleared by `key`."""

    key: str
    cleared: bool = False
    severity: str = "info"
    summary: Text = Text("")
    detail: str = ""
    tip: Text = Text("")
    since_ns: int = 0


class Pong(Message, frozen=True, kw_only=True, tag="pong"):
    """`t_ns` as sent in ping; `node_ns`: the node's clock; `dropped`: samples dropped on this connection so far.

    `conflated`: samples left out so far for newer ones of the same sensors.
    """

    t_ns: int
    node_ns: int
    dropped: int = 0
    conflated: int = 0


Up = (
    Hello
    | Subscribe
    | Unsubscribe
    | Query
    | Backfill
    | Replay
    | FileRequest
    | FilePut
    | TicketRequest
    | Intent
    | AccessUp
    | WallUp
    | Ping
)
Down = (
    Welcome
    | AccessDown
    | WallDown
    | Refusal
    | Subscribed
    | Handles
    | Entities
    | Batch
    | Gap
    | History
    | Past
    | ReplayState
    | FilePart
    | FileHeld
    | Ticket
    | IntentAnswer
    | NoticeFrame
    | Pong
)


class Unknown(msgspec.Struct, frozen=True):
    """A message whose `m` this version does not know: skip it and count it."""

    m: str
