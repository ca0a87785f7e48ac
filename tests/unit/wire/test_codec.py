"""The codec: what goes in comes out; what is no frame of ours is refused in words, never with another exception."""

from __future__ import annotations

import msgpack
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ChannelKind, Columns, Quality, Selector, WireError
from console.wire.codec import (
    decode_down,
    decode_up,
    encode,
    encode_batch,
    pack_batch,
    pack_history,
    unpack_batch,
    unpack_history,
)
from console.wire.frames import MAX_UP_BYTES, Batch, Credential, Hello, History, Subscribe, Unknown

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(st.tuples(st.integers(0, 99), st.integers(-(2**62), 2**62), FINITE, st.integers(0, 255)), max_size=50)


def columns_of(rows: list[tuple[int, int, float, int]]) -> Columns:
    """Rows as scalar columns."""
    return Columns(
        ids=np.array([r[0] for r in rows], np.uint32),
        t_ns=np.array([r[1] for r in rows], np.int64),
        v=np.array([r[2] for r in rows], float),
        q=np.array([r[3] for r in rows], np.uint8),
    )


def batch_through(columns: Columns, kind: ChannelKind = ChannelKind.SCALAR) -> Batch:
    """Columns as a batch, encoded and decoded again."""
    return decode_batch(pack_batch(7, 3, kind, columns))


def decode_batch(batch: Batch) -> Batch:
    """A batch encoded and decoded again."""
    got = decode_down(encode(batch))
    assert isinstance(got, Batch)
    return got


@given(ROWS)
def test_a_scalar_batch_comes_out_as_it_went_in(rows: list[tuple[int, int, float, int]]) -> None:
    sent = columns_of(rows)
    got = unpack_batch(batch_through(sent), 100)
    assert got is not None
    np.testing.assert_array_equal(got.ids, sent.ids)
    np.testing.assert_array_equal(got.t_ns, sent.t_ns)
    np.testing.assert_array_equal(got.v, sent.v)
    np.testing.assert_array_equal(got.q, sent.q)


def test_positions_keep_their_five_columns() -> None:
    v = np.array([[108.9, 34.2, 400.0, 90.0, 12.5], [108.8, 34.3, 401.0, 180.0, 0.0]])
    sent = Columns(t_ns=np.array([1, 2]), v=v, q=np.zeros(2, np.uint8), ids=np.array([0, 1], np.uint32))
    got = unpack_batch(batch_through(sent, ChannelKind.POSITION), 2)
    assert got is not None
    np.testing.assert_array_equal(got.v, v)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_bad_and_nan(bad: float) -> None:
    got = unpack_batch(batch_through(columns_of([(0, 1, 1.0, 0), (1, 2, bad, 0)])), 2)
    assert got is not None
    assert got.q.tolist() == [0, int(Quality.BAD)]
    assert np.isnan(got.v[1])


def test_an_unknown_channel_kind_is_skipped() -> None:
    batch = batch_through(columns_of([(0, 1, 1.0, 0)]))
    assert unpack_batch(msgspec.structs.replace(batch, kind="hologram"), 1) is None
    assert unpack_batch(msgspec.structs.replace(batch, dtype="f2"), 1) is None


def test_values_that_a_later_version_adds_to_a_row_are_left_out() -> None:
    v = np.array([[108.9, 34.2, 400.0, 90.0, 12.5], [108.8, 34.3, 401.0, 180.0, 0.0]])
    sent = Columns(t_ns=np.array([1, 2]), v=v, q=np.zeros(2, np.uint8), ids=np.array([0, 1], np.uint32))
    wider = np.hstack([v, [[3.0], [4.0]]]).tobytes()
    batch = msgspec.structs.replace(batch_through(sent, ChannelKind.POSITION), v=wider, width=6)
    got = unpack_batch(batch, 2)
    assert got is not None
    np.testing.assert_array_equal(got.v, v)


def test_events_have_no_values_and_states_none_that_is_no_code() -> None:
    rows = columns_of([(0, 1, 1.0, 0), (1, 2, 2.0, 0)])
    events = batch_through(rows, ChannelKind.EVENT)
    assert events.v == b""
    got = unpack_batch(events, 2)
    assert got is not None
    assert np.isnan(got.v).tolist() == [True, True]
    states = columns_of([(0, 1, np.nan, 0), (0, 2, np.inf, 0), (0, 3, -1e300, 0), (0, 4, 3.0, 0)])
    got = unpack_batch(decode_batch(pack_batch(1, 1, ChannelKind.STATE, states, dtype="i4")), 1)
    assert got is not None
    assert got.v.tolist() == [-1.0, -1.0, -1.0, 3.0]
    single = pack_batch(1, 1, ChannelKind.SCALAR, columns_of([(0, 1, 1e300, 0)]), dtype="f4")
    got = unpack_batch(decode_batch(single), 1)
    assert got is not None
    assert got.q.tolist() == [int(Quality.BAD)]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("n", 9, "column id"),
        ("n", -1, "rows"),
        ("n", 10**9, "rows"),
        ("t", b"123", "column t"),
        ("v", b"", "column v"),
        ("q", b"12", "column q"),
        ("width", 0, "width 0"),
        ("width", 10**6, "width"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_in_words(field: str, value: object, said: str) -> None:
    batch = msgspec.structs.replace(batch_through(columns_of([(0, 1, 1.0, 0)])), **{field: value})
    with pytest.raises(WireError, match=said):
        unpack_batch(batch, 1)


def test_a_handle_nobody_told_is_refused() -> None:
    with pytest.raises(WireError, match="handle 5"):
        unpack_batch(batch_through(columns_of([(5, 1, 1.0, 0)])), 5)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_unknown(data: bytes) -> None:
    for decode in (decode_up, decode_down):
        try:
            decode(data)
        except WireError as error:
            assert "expected" in str(error)


@given(st.recursive(st.none() | st.integers(-(2**60), 2**60) | st.text(max_size=8), lambda c: st.lists(c, max_size=4)))
def test_well_formed_maps_of_wrong_types_are_refused(value: object) -> None:
    with pytest.raises(WireError):
        decode_up(msgpack.packb({"m": "subscribe", "sub": value, "selector": value}))


def test_a_bomb_of_depth_is_refused() -> None:
    with pytest.raises(WireError):
        decode_up(b"\x91" * 60_000)


def test_text_and_oversized_messages_are_refused() -> None:
    with pytest.raises(WireError, match="text message"):
        decode_up("{}")
    with pytest.raises(WireError, match="at most"):
        decode_up(b"\x00" * (MAX_UP_BYTES + 1))


def test_a_later_version_may_add_messages_and_keys() -> None:
    assert decode_down(msgpack.packb({"m": "weather", "x": 1})) == Unknown("weather")
    hello = msgpack.packb({"m": "hello", "version": 2, "credential": {"kind": "secret", "value": "s"}, "new": [1]})
    got = decode_up(hello)
    assert isinstance(got, Hello)
    assert got.credential == Credential(kind="secret", value="s")


def test_selectors_survive_the_wire() -> None:
    sent = Subscribe(sub=3, selector=Selector(area="xx", kinds=("gas.pressure",), channels=(ChannelKind.SCALAR,)))
    assert decode_up(encode(sent)) == sent


def test_history_comes_out_as_it_went_in() -> None:
    sent = columns_of([(0, 5, 1.5, 0), (0, 6, 2.5, 1)])
    message = decode_down(encode(pack_history(1, sent)))
    assert isinstance(message, History)
    got = unpack_history(message)
    assert got.t_ns.tolist() == [5, 6]
    assert got.v.tolist() == [1.5, 2.5]
    with pytest.raises(WireError, match="width"):
        unpack_history(msgspec.structs.replace(message, width=3))


@given(ROWS, st.sampled_from(["f8", "f4"]))
def test_a_batch_encoded_without_copies_is_the_same_bytes(rows: list[tuple[int, int, float, int]], dtype: str) -> None:
    columns = columns_of([(handle, t, float(np.float32(v % 1e6)), q) for handle, t, v, q in rows])
    for kind in (ChannelKind.SCALAR, ChannelKind.EVENT):
        made = pack_batch(7, 3, kind, columns, context="replay:1", dtype=dtype)
        assert encode_batch(7, 3, kind, columns, context="replay:1", dtype=dtype) == encode(made)


def test_rows_that_lie_apart_in_memory_are_encoded_as_if_they_did_not() -> None:
    v = np.arange(60.0).reshape(6, 10)[:, ::2]
    apart = Columns(
        t_ns=np.arange(12)[::2], v=v, q=np.arange(12, dtype=np.uint8)[::2], ids=np.arange(6, dtype=np.uint32)
    )
    packed = pack_batch(1, 1, ChannelKind.POSITION, apart)
    assert encode_batch(1, 1, ChannelKind.POSITION, apart) == encode(packed)
    got = unpack_batch(decode_batch(packed), 6)
    assert got is not None
    np.testing.assert_array_equal(got.v, v)


def test_ids_read_before_are_not_read_again() -> None:
    batch = batch_through(columns_of([(5, 1, 1.0, 0), (6, 2, 2.0, 0)]))
    known = unpack_batch(batch, 7)
    assert known is not None
    again = unpack_batch(batch, 0, known.ids)
    assert again is not None
    assert again.ids is known.ids
    assert again.v.tolist() == [1.0, 2.0]
