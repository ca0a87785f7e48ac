"""MessagePack to messages and columns and back; checks every length, knows neither sockets nor Qt."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from console.api import ChannelKind, Columns, Entity, Quality, WireError
from console.wire.frames import (
    MAX_FRAME_BYTES,
    MAX_ROWS,
    MAX_UP_BYTES,
    Batch,
    Down,
    History,
    Message,
    Packed,
    Unknown,
    Up,
)
from console.wire.rows import every

WIDTH: Final = {ChannelKind.SCALAR: 1, ChannelKind.STATE: 1, ChannelKind.POSITION: 5, ChannelKind.EVENT: 0}
"""Values a row of each channel kind."""
_KINDS: Final = {kind.value: kind for kind in ChannelKind}
MAX_WIDTH: Final = 16
"""The most values a row that a later version may send."""
_DTYPES: Final[dict[str, np.dtype[Any]]] = {"f8": np.dtype("<f8"), "f4": np.dtype("<f4"), "i4": np.dtype("<i4")}
_F8: Final = np.dtype(np.float64)


class _Peek(msgspec.Struct):
    m: str = ""


_encoder = msgspec.msgpack.Encoder()
_up = msgspec.msgpack.Decoder(Up)
_down = msgspec.msgpack.Decoder(Down)
_peek = msgspec.msgpack.Decoder(_Peek)
_MAP: Final = "one MessagePack map as in docs/wire-protocol.md"
_TAGS: Final = {
    id(_up): frozenset(str(c.__struct_config__.tag) for c in Up.__args__),
    id(_down): frozenset(str(c.__struct_config__.tag) for c in Down.__args__),
}
M = TypeVar("M")


def encode(message: Message) -> bytes:
    """One message as bytes."""
    return _encoder.encode(message)


def peek(data: bytes | str) -> str:
    """What a message that cannot be decoded calls itself, "" when not even that can be read."""
    try:
        return _peek.decode(data).m if isinstance(data, bytes) else ""
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""


def encode_value(value: Entity) -> msgspec.Raw:
    """An entity as the raw map that `Entities.put` holds."""
    return msgspec.Raw(_encoder.encode(value))


def decode_up(data: bytes | str) -> Up | Unknown:
    """A console's message. Raises WireError saying what was found and expected."""
    return _decode(data, _up, MAX_UP_BYTES)


def decode_down(data: bytes | str) -> Down | Unknown:
    """A node's message. Raises WireError saying what was found and expected."""
    return _decode(data, _down, MAX_FRAME_BYTES)


def _decode(data: bytes | str, decoder: msgspec.msgpack.Decoder[M], limit: int) -> M | Unknown:
    if isinstance(data, str):
        raise WireError("message", found="a text message", expected="a binary message with one MessagePack map")
    if len(data) > limit:
        raise WireError("message", found=f"{len(data)} bytes", expected=f"at most {limit} bytes")
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        tag = peek(data)
        if tag and tag not in _TAGS[id(decoder)]:
            return Unknown(tag)
        raise WireError("message", found=str(error)[:200], expected=_MAP) from error


def pack_batch(
    feed: int,
    seq: int,
    kind: ChannelKind,
    columns: Columns,
    *,
    context: str = "live",
    dtype: str = "f8",
    snapshot: bool = False,
) -> Batch:
    """Columns (with ids) as a batch; `dtype` "f8", "f4" or "i4" is the wire's type of v."""
    return Batch(
        context=context,
        feed=feed,
        seq=seq,
        kind=kind.value,
        n=len(columns),
        id=np.ascontiguousarray(columns.ids, "<u4").tobytes(),
        t=np.ascontiguousarray(columns.t_ns, "<i8").tobytes(),
        v=_pack_values(columns, kind, dtype),
        q=columns.q.tobytes(),
        dtype=dtype,
        width=WIDTH[kind],
        snapshot=snapshot,
    )


def encode_batch(
    feed: int, seq: int, kind: ChannelKind, columns: Columns, *, context: str = "live", dtype: str = "f8"
) -> bytes:
    """The same as `encode(pack_batch(…))`, with less copying where the columns are of the wire's types already."""
    v = columns.v
    if not (dtype == "f8" and v.dtype is _F8 and v.flags.c_contiguous and kind is not ChannelKind.EVENT):
        return encode(pack_batch(feed, seq, kind, columns, context=context, dtype=dtype))
    batch: Any = Batch(
        context=context,
        feed=feed,
        seq=seq,
        kind=kind.value,
        n=len(columns.t_ns),
        id=_plain(columns.ids, "<u4"),
        t=_plain(columns.t_ns, "<i8"),
        v=_plain(v, "<f8"),
        q=_plain(columns.q, "u1"),
        dtype=dtype,
        width=WIDTH[kind],
    )
    return _encoder.encode(batch)


def _plain(column: np.ndarray, dtype: str) -> Any:
    """A column's memory, for the encoder to read."""
    return np.ascontiguousarray(column, dtype).data


def _pack_values(columns: Columns, kind: ChannelKind, dtype: str) -> bytes:
    if kind is ChannelKind.EVENT:
        return b""
    if dtype == "i4":
        whole = np.abs(columns.v) < 2**31
        return np.where(whole, columns.v, -1.0).astype("<i4").tobytes()
    if dtype == "f8":
        return np.ascontiguousarray(columns.v, "<f8").tobytes()
    with np.errstate(over="ignore"):  # what f4 cannot hold becomes infinite, which the reader takes for bad
        return np.ascontiguousarray(columns.v, _DTYPES[dtype]).tobytes()


def unpack_batch(batch: Packed, handles: int, ids: np.ndarray | None = None) -> Columns | None:
    """Its columns, or None for a channel kind or a type of v that this version does not know.

    Every row with a value that is not finite is given Quality.BAD and NaN; a kind without values (event) is all NaN.
    Values that a later version adds to a row are left out. `handles`: how many handles are known; `ids`: what the id
    column says, where the very same bytes were read before.
    Raises WireError when a length, a type or a handle does not fit.
    """
    kind, item = _KINDS.get(batch.kind), _DTYPES.get(batch.dtype)
    if kind is None or item is None:
        return None
    n = batch.n
    if not 0 <= n <= MAX_ROWS:
        raise WireError("batch", found=f"n = {n}", expected=f"0 to {MAX_ROWS} rows")
    width = WIDTH[kind]
    if not width <= batch.width <= MAX_WIDTH:
        raise WireError("batch", found=f"width {batch.width}", expected=f"{width} to {MAX_WIDTH} values a row")
    if ids is None:
        ids = np.frombuffer(_exactly(batch.id, 4 * n, "id"), "<u4")
        if n and (most := int(ids.max())) >= handles:
            raise WireError("batch", found=f"handle {most}", expected=f"a handle below {handles}")
    t_ns = np.frombuffer(_exactly(batch.t, 8 * n, "t"), "<i8")
    q = np.frombuffer(_exactly(batch.q, n, "q"), np.uint8)
    if width == 0:
        return Columns(t_ns=t_ns, v=np.full(n, np.nan), q=q, ids=ids)
    v = np.frombuffer(_exactly(batch.v, item.itemsize * n * batch.width, "v"), item).astype(np.float64, copy=False)
    if batch.width > 1:
        v = v.reshape(n, batch.width)[:, :width] if width > 1 else v.reshape(n, batch.width)[:, 0]
    v, q = _distrust(v, q, width)
    return Columns(t_ns=t_ns, v=v, q=q, ids=ids)


def _distrust(v: np.ndarray, q: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    if every(np.isfinite(v)):
        return v, q
    wrong = ~np.isfinite(v[:, :2]).all(axis=1) if width > 1 else ~np.isfinite(v)
    v = np.where(np.isfinite(v), v, np.nan)
    return v, np.where(wrong, q | Quality.BAD, q).astype(np.uint8)


def _exactly(data: bytes, size: int, name: str) -> bytes:
    if len(data) != size:
        raise WireError(f"batch column {name}", found=f"{len(data)} bytes", expected=f"{size} bytes")
    return data


def pack_history(req: int, columns: Columns) -> History:
    """A query's answer."""
    return History(
        req=req,
        n=len(columns),
        t=np.ascontiguousarray(columns.t_ns, "<i8").tobytes(),
        v=np.ascontiguousarray(columns.v, "<f8").tobytes(),
        q=columns.q.tobytes(),
        width=columns.v.shape[1] if columns.v.ndim > 1 else 1,
    )


def unpack_history(history: History) -> Columns:
    """The columns of a query's answer. Raises WireError when a length does not fit."""
    n, width = history.n, history.width
    if not 0 <= n <= MAX_ROWS or width not in (1, 5):
        raise WireError("history", found=f"n = {n}, width = {width}", expected=f"n to {MAX_ROWS}, width 1 or 5")
    v = np.frombuffer(_exactly(history.v, 8 * n * width, "v"), "<f8")
    q = np.frombuffer(_exactly(history.q, n, "q"), np.uint8)
    t_ns = np.frombuffer(_exactly(history.t, 8 * n, "t"), "<i8")
    v, q = _distrust(v.reshape(n, width) if width > 1 else v, q, width)
    return Columns(t_ns=t_ns, v=v, q=q)
