"""One entry of the journal as a value and as bytes; knows neither SQLite, clocks nor what any kind of entry means.

The canonical encoding and both hashes are written down in docs/journal.md, exactly enough for a stranger.
"""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from types import GenericAlias
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from console.api import LIVE, BadInput, Value, WireError

HEADER_VERSION: Final = 1
ZERO: Final = bytes(32)
"""The hash before the first entry of a chain."""
MAX_HEADER_BYTES: Final = 16 << 10
MAX_BODY_BYTES: Final = 1 << 20
MAX_PARENTS: Final = 64
MAX_TEXT: Final = 2000
"""Characters of all texts of a header together."""
SYSTEM: Final = "journal"
"""Entity class of the entries in which a journal speaks of itself; their kinds begin with `journal.`."""
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError)
"""What decoding bytes from elsewhere may raise."""
T = TypeVar("T")


class Origin(NamedTuple):
    """Who numbers a chain: a node and its epoch (16 hex digits, drawn anew whenever its past is in doubt)."""

    node: str
    epoch: str

    def __str__(self) -> str:
        return f"{self.node}/{self.epoch}"


class Stamp(NamedTuple):
    """Hybrid time: physical UTC ns and a counter among equals."""

    wall_ns: int
    counter: int


class Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the chain covers, in the order in which it is encoded: a MessagePack array of these 18 fields.

    `parents`: hashes of the heads of the entity that the actor had seen, ascending. `previous`: hash of the entry
    before it in the origin's chain. `body_hash` covers the body, which may be withheld. `authority`, `term`: under whom
    the act was done, "" and 0 where the class knows none.
    """

    v: int
    node: str
    epoch: str
    seq: int
    wall_ns: int
    counter: int
    kind: str
    cls: str
    entity: str
    parents: tuple[bytes, ...]
    actor: str
    place: str
    context: str
    intent: str
    authority: str
    term: int
    body_hash: bytes
    previous: bytes


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False, eq=False):
    """One entry as it is kept. `raw` is the header as encoded, `hash` its sha256; `body` None: withheld or erased.

    `position` counts the entries of THIS node's journal from 1 (0: not in one); `received_ns` when it came here.
    """

    header: Header
    raw: bytes
    hash: bytes
    body: bytes | None
    position: int = 0
    received_ns: int = 0

    @property
    def origin(self) -> Origin:
        """Node and epoch."""
        return Origin(self.header.node, self.header.epoch)

    @property
    def stamp(self) -> Stamp:
        """The hybrid time that the origin claims."""
        return Stamp(self.header.wall_ns, self.header.counter)

    def act(self, type_: type[T]) -> T:
        """The body's value; raises msgspec.ValidationError where it is none of `type_`, ValueError without a body."""
        if self.body is None:
            raise ValueError("the body is withheld or erased")
        of_type: type = type_
        value: T = _decoder(of_type).decode(self.body)[1]
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.hash == other.hash and self.body == other.body

    def __hash__(self) -> int:
        return hash(self.hash)


class Draft(Value, frozen=True, kw_only=True):
    """An entry to be: the journal adds origin, sequence, time and hashes.

    `seen`: head hashes that the actor had before them; None: what is head now. `intent` "" for the node's own acts.
    """

    kind: str
    cls: str
    entity: str
    act: Any = None
    seen: tuple[bytes, ...] | None = None
    actor: str = ""
    place: str = ""
    context: str = LIVE
    intent: str = ""
    authority: str = ""
    term: int = 0


class Prepared(NamedTuple):
    """A draft with its body's bytes and their hash, made before its turn to be numbered comes."""

    draft: Draft
    body: bytes
    body_hash: bytes


class Saved(Value, frozen=True, kw_only=True):
    """Durable from now on: the entry `seq` of (node, epoch) has the hash `head`. Keep the last one as a witness.

    `again`: the same intent was saved before, and this names what it did then.
    """

    node: str
    epoch: str
    seq: int
    head: bytes
    position: int
    again: bool = False


def prepare(draft: Draft) -> Prepared:
    """Raises BadInput where it is too long for an entry."""
    body = write_body(draft.act)
    if len(body) > MAX_BODY_BYTES:
        raise BadInput(
            f"{draft.kind} of {draft.cls} {draft.entity}",
            found=f"{len(body)} bytes",
            expected=f"at most {MAX_BODY_BYTES}; send files by their hash",
        )
    texts = draft.kind, draft.cls, draft.entity, draft.actor, draft.place, draft.context, draft.intent, draft.authority
    if len("".join(texts)) > MAX_TEXT or any(len(seen) != 32 for seen in draft.seen or ()):
        raise BadInput(
            f"{draft.kind} of {draft.cls}"[:200],
            found="texts too long, or a head that is no hash",
            expected=f"at most {MAX_TEXT} characters in all, heads of 32 bytes",
        )
    return Prepared(draft, body, sha256(body).digest())


@lru_cache(maxsize=256)
def _decoder(type_: type) -> Any:
    return msgspec.msgpack.Decoder(GenericAlias(tuple, (bytes, type_)))


_encode = msgspec.msgpack.Encoder().encode
_decode_header = msgspec.msgpack.Decoder(Header).decode


def write_body(act: Any) -> bytes:
    """The body's bytes: a MessagePack array of 16 random bytes and the value, so that no hash tells a short body."""
    return _encode((os.urandom(16), act))


def write_header(header: Header) -> bytes:
    """The canonical bytes."""
    return _encode(header)


def sealed_entry(header: Header, body: bytes | None, position: int = 0, received_ns: int = 0) -> Entry:
    """The entry of a header that we made ourselves."""
    raw = _encode(header)
    return Entry(
        header=header, raw=raw, hash=sha256(raw).digest(), body=body, position=position, received_ns=received_ns
    )


def read_entry(raw: bytes, body: bytes | None, position: int = 0, received_ns: int = 0) -> Entry:
    """The entry of bytes from elsewhere. Raises WireError where they are not the canonical ones, or the body another.

    The chain (`seq`, `previous`) is not looked at.
    """
    header = _header_of(raw)
    if body is not None and len(body) > MAX_BODY_BYTES:
        raise WireError(f"{name_of(header)}: body", found=f"{len(body)} bytes", expected=f"at most {MAX_BODY_BYTES}")
    if body is not None and sha256(body).digest() != header.body_hash:
        raise WireError(f"{name_of(header)}: the body is another than its header says")
    return Entry(
        header=header, raw=raw, hash=sha256(raw).digest(), body=body, position=position, received_ns=received_ns
    )


def _header_of(raw: bytes) -> Header:
    if len(raw) > MAX_HEADER_BYTES:
        raise WireError("entry header", found=f"{len(raw)} bytes", expected=f"at most {MAX_HEADER_BYTES}")
    try:
        header = _decode_header(raw)
    except UNREADABLE as error:
        raise WireError("entry header", found=str(error), expected="18 fields as docs/journal.md says") from None
    if header.v != HEADER_VERSION:
        raise WireError("entry header", found=f"version {header.v}", expected=f"version {HEADER_VERSION}")
    if header.seq < 1 or header.wall_ns < 0 or header.counter < 0 or header.term < 0:
        raise WireError(f"{name_of(header)}: a number is out of range")
    hashes = (*header.parents, header.body_hash, header.previous)
    if len(header.parents) > MAX_PARENTS or any(len(h) != 32 for h in hashes):
        raise WireError(f"{name_of(header)}: hashes", expected=f"32 bytes each, at most {MAX_PARENTS} parents")
    if list(header.parents) != sorted(set(header.parents)) or _encode(header) != raw:
        raise WireError(f"{name_of(header)}: not the canonical encoding")
    return header


def name_of(header: Header) -> str:
    """How texts name an entry."""
    return f"entry {header.seq} of {header.node}/{header.epoch}"
