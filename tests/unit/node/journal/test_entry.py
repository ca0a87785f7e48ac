"""An entry's bytes are one of a kind: any other bytes, and any other body, are refused."""

from hashlib import sha256

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import BadInput, WireError
from console.node.journal.entry import (
    MAX_BODY_BYTES,
    ZERO,
    Draft,
    Header,
    prepare,
    read_entry,
    sealed_entry,
    write_body,
    write_header,
)

U63 = st.integers(0, (1 << 63) - 1)
HASH = st.binary(min_size=32, max_size=32)
SHORT = st.text(max_size=40)
HEADERS = st.builds(
    Header,
    v=st.just(1),
    node=SHORT,
    epoch=SHORT,
    seq=st.integers(1, (1 << 63) - 1),
    wall_ns=U63,
    counter=U63,
    kind=SHORT,
    cls=SHORT,
    entity=SHORT,
    parents=st.sets(HASH, max_size=5).map(lambda hashes: tuple(sorted(hashes))),
    actor=SHORT,
    place=SHORT,
    context=SHORT,
    intent=SHORT,
    authority=SHORT,
    term=U63,
    body_hash=HASH,
    previous=HASH,
)
PLAIN = Header(
    1, "a", "e", 1, 10, 0, "note.write", "note", "n", (), "p", "", "live", "i", "", 0, sha256(b"body").digest(), ZERO
)


@settings(deadline=None)
@given(HEADERS)
def test_a_header_survives_its_bytes(header: Header) -> None:
    raw = write_header(header)
    entry = read_entry(raw, None)
    assert entry.header == header
    assert entry.hash == sha256(raw).digest()


@settings(deadline=None)
@given(HEADERS)
def test_the_bytes_are_those_that_any_shortest_messagepack_makes(header: Header) -> None:
    fields = [list(value) if isinstance(value, tuple) else value for value in
              (getattr(header, name) for name in Header.__struct_fields__)]  # fmt: skip
    assert msgpack.packb(fields, use_bin_type=True) == write_header(header)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_the_hash(where: int, by: int) -> None:
    raw = bytearray(write_header(PLAIN))
    raw[where % len(raw)] ^= by
    try:
        assert read_entry(bytes(raw), None).hash != sha256(write_header(PLAIN)).digest()
    except WireError:
        pass


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        write_header(PLAIN)[:-1],
        write_header(PLAIN) + b"\x00",
        # the same numbers, written longer than need be
        write_header(PLAIN).replace(b"\x01\xa1a", b"\xcc\x01\xa1a", 1),
        msgpack.packb([*msgpack.unpackb(write_header(PLAIN)), 1]),
        msgpack.packb([2, *msgpack.unpackb(write_header(PLAIN))[1:]]),
    ],
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(WireError):
        read_entry(raw, None)


def test_another_body_is_refused_by_name() -> None:
    entry = sealed_entry(PLAIN, b"body")
    with pytest.raises(WireError, match="entry 1 of a/e: the body is another"):
        read_entry(entry.raw, b"bodY")


def test_equal_acts_have_different_hashes() -> None:
    """Else a withheld "yes" could be told from a withheld "no" by trying both."""
    assert write_body({"answer": "yes"}) != write_body({"answer": "yes"})


def test_what_is_too_long_is_told_before_it_is_numbered() -> None:
    with pytest.raises(BadInput, match="send files by their hash"):
        prepare(Draft(kind="note.write", cls="note", entity="n", act="x" * (MAX_BODY_BYTES + 1)))
    with pytest.raises(BadInput, match="characters"):
        prepare(Draft(kind="note.write", cls="note", entity="n" * 3000))
    with pytest.raises(BadInput, match="heads of 32 bytes"):
        prepare(Draft(kind="note.write", cls="note", entity="n", seen=(b"short",)))
