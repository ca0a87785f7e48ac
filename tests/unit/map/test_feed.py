"""The map's bytes: read back here as the page reads them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from console.api import BadInput
from widgets.map import feed
from widgets.map.feed import Feed, Mark
from widgets.map.ground import encode_ground
from widgets.map.mercator import world, world_point
from widgets.map.scene import filling, steady, trend_of

TRIANGLE = [[0, 0], [1, 0], [1, 1]]
WORDS_FOR_NUMBERS = b'{"features":[{"geometry":{"type":"Point","coordinates":["a",1]},"properties":{"class":"x"}}]}'


def sections(blob: bytes) -> Iterator[tuple[str, int, bytes]]:
    assert blob[:4] == b"YLV1"
    (count,) = struct.unpack_from("<I", blob, 4)
    at = 8
    for _ in range(count):
        tag, revision, length, _zero = struct.unpack_from("<4sIII", blob, at)
        assert at % 8 == 0
        yield tag.decode(), revision, blob[at + 16 : at + 16 + length]
        at += 16 + (length + 7) // 8 * 8
    assert at == len(blob)


def a_mark(value: float = feed.NAN, bits: int = 0, priority: int = 0, trend: int = 0) -> Mark:
    kind, ref, name = feed.ALARM, "sensor:G-117", "燃气 G-117"
    return Mark(kind=kind, ref=ref, name=name, x=0.8, y=0.4, value=value, bits=bits, priority=priority, trend=trend)


def test_a_page_gets_only_what_it_lacks() -> None:
    made = Feed()
    assert made.put_dots(np.array([[0.1, 0.2], [0.3, 0.4]]))
    assert made.put_states(np.array([0, 1, 2], np.uint8))
    assert made.put_marks([a_mark(value=0.08, bits=feed.FILLED | feed.PLATE, priority=1, trend=2)])
    found = {tag: (revision, body) for tag, revision, body in sections(made.blob({}))}
    assert np.frombuffer(found["DOTS"][1]).tolist() == [0.1, 0.2, 0.3, 0.4]
    assert list(found["DOTQ"][1]) == [0, 1, 2]
    x, y, heading, value, age, bits = np.frombuffer(found["MARK"][1])
    assert (x, y, value) == (0.8, 0.4, 0.08)
    assert np.isnan(heading)
    assert np.isnan(age)
    assert (int(bits) >> 8) & 15 == 1
    assert (int(bits) >> 12) & 3 == 2
    assert json.loads(found["WORD"][1]) == [[feed.ALARM, "sensor:G-117", "燃气 G-117", "", 0, ""]]
    have = {tag: revision for tag, (revision, _) in found.items()}
    assert list(sections(made.blob(have))) == []
    made.put_marks([a_mark(value=0.07, priority=1)])
    assert [tag for tag, _, _ in sections(made.blob(have))] == ["MARK"]


def test_the_query_names_what_the_page_has() -> None:
    made = Feed()
    made.put_dots(np.zeros((1, 2)))
    body, kind = made.answer("DOTS=1&WORD=x")
    assert kind == "application/octet-stream"
    assert list(sections(body)) == []


def test_the_same_again_is_no_change() -> None:
    made = Feed()
    assert made.put_marks([a_mark()])
    assert not made.put_marks([a_mark()])
    assert made.put_marks([])


def test_mercator_against_its_formula() -> None:
    assert world_point(-180.0, 85.0511287798066) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert world_point(0.0, 0.0) == pytest.approx((0.5, 0.5))
    # Leaflet's own figure for the Bell Tower at zoom 0 (256 px)
    x, y = world(np.array([108.9423]), np.array([34.2610]))[0] * 256
    assert x == pytest.approx((108.9423 + 180) / 360 * 256)
    assert y == pytest.approx(128 - 128 / np.pi * np.log(np.tan(np.pi / 4 + np.radians(34.2610) / 2)), abs=1e-9)


def test_ground_of_every_shape() -> None:
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"class": "place", "zh": "沣东", "rank": 1, "angle": 12.5},
             "geometry": {"type": "Point", "coordinates": [108.8, 34.2, 400.0]}},
            {"type": "Feature", "properties": {"class": "built", "outside": True},
             "geometry": {"type": "MultiPolygon", "coordinates": [[TRIANGLE], [[[2, 2], [3, 2], [3, 3]]]]}},
            {"type": "Feature", "properties": {"class": "water", "en": "Wei"},
             "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}},
            {"type": "Feature", "properties": {"class": "main"}, "geometry": None},
            {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [0, 0]}},
        ],
    }  # fmt: skip
    made = encode_ground(json.dumps(collection).encode())
    assert made[:4] == b"YGND"
    (length,) = struct.unpack_from("<I", made, 4)
    assert (8 + length) % 8 == 0
    table = json.loads(made[8 : 8 + length])
    assert table == [
        ["place", 1.0, "沣东", "沣东", 0.0, 12.5, 0, [1]],
        ["outskirts", 9.0, "", "", 0.0, 0.0, 2, [3, 3]],
        ["water", 9.0, "", "Wei", 0.0, 0.0, 1, [2]],
    ]
    pairs = np.frombuffer(made[8 + length :]).reshape(-1, 2)
    assert len(pairs) == 9
    assert tuple(pairs[0]) == pytest.approx(world_point(108.8, 34.2))


@pytest.mark.parametrize("broken", [b"", b"[]", WORDS_FOR_NUMBERS])
def test_a_broken_layer_is_named(broken: bytes) -> None:
    with pytest.raises(BadInput, match="map layer"):
        encode_ground(broken)


def test_an_empty_layer_is_no_fault() -> None:
    assert encode_ground(b'{"type":"FeatureCollection","features":[]}')[:4] == b"YGND"


def test_small_words() -> None:
    assert filling(1240, 3000) == "1\u2009240/3\u2009000"
    assert filling(None, 800) == "—/800"
    assert filling(3, None) == ""
    assert [trend_of(r, 2) for r in (0.001, -0.001, 0.00001, float("nan"))] == [1, 2, 0, 0]
    assert [steady(a) for a in (12.7, 60.0, 399.0)] == [12, 60, 360]
