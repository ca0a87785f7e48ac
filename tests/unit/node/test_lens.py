"""Readers of lesser rights at a hub: they are told what their scope shows, as it moves, and nothing of the rest."""

from __future__ import annotations

import itertools
from typing import Any

import msgpack
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, Alarm, Area, ChannelKind, Columns, Entity, Notice, Selector, Sensor, Severity, Text
from console.node.feeds import IDLE_NS, Feed, Parcel
from console.node.hub import Hub, Scope
from console.node.lens import Known


class Reader:
    """An outlet that keeps what it is given, and what a console would make of it."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.names: list[str] = []
        self.known: dict[str, set[str]] = {}
        self.bytes = b""

    def send(self, data: bytes) -> None:
        self.bytes += data
        message = msgpack.unpackb(data)
        self.said.append(message)
        if message["m"] == "handles":
            self.names[message["first"] :] = message["ids"]
        if message["m"] == "entities":
            known = self.known.setdefault(message["cls"], set())
            if message.get("full"):
                known.clear()
            known |= {entity["id"] for entity in message.get("put", ())}
            known -= set(message.get("drop", ()))

    def deliver(self, parcel: Parcel) -> None:
        self.send(parcel.data)

    def forget(self, feed: Feed) -> None:
        """Nothing waits here."""


def in_north(entity: Entity, known: Known) -> bool:
    """The area north and what is in it, as the areas stand."""
    if isinstance(entity, Area):
        return True
    if isinstance(entity, Alarm):
        sensor = known.get("sensor", {}).get(entity.sensor)
        return sensor is not None and in_north(sensor, known)
    area, seen = getattr(entity, "area", ""), set[str]()
    while area and area != "north" and area not in seen:
        seen.add(area)
        found = known.get("area", {}).get(area)
        area = found.parent if isinstance(found, Area) else ""
    return bool(area == "north")


class Mono:
    now_ns = 10 * NS

    def __call__(self) -> int:
        return self.now_ns


def town() -> tuple[Hub, Reader, Scope, Mono]:
    mono = Mono()
    hub, reader, scope = Hub(mono=mono), Reader(), Scope(in_north)
    hub.put("s", [Area(id="north"), Area(id="south"), Area(id="n1", parent="north")])
    hub.put("s", [Sensor(id="a", area="n1"), Sensor(id="b", area="south"), Alarm(id="x", sensor="b")])
    hub.join(reader, scope=scope)
    return hub, reader, scope, mono


def samples(hub: Hub, *ids: str) -> None:
    handles = np.array([hub.handles[id_] for id_ in ids], np.uint32)
    n = len(ids)
    hub.samples(ChannelKind.SCALAR, Columns(t_ns=np.full(n, NS), v=np.ones(n), q=np.zeros(n, np.uint8), ids=handles))
    hub.flush()


def test_what_is_not_shown_is_not_even_named() -> None:
    hub, reader, _, _ = town()
    assert reader.known["sensor"] == {"a"}
    assert reader.names == ["a", ""]
    hub.put("s", [Sensor(id="secret", area="south"), Sensor(id="c", area="north")])
    hub.flush()
    assert reader.known["sensor"] == {"a", "c"}
    assert reader.names == ["a", "", "", "c"]
    assert b"secret" not in reader.bytes
    hub.notice(Notice(key="k", severity=Severity.INFO, summary=Text("t")))
    assert reader.said[-1]["m"] == "notice"


def test_a_sensor_that_comes_in_is_told_with_its_name_and_its_alarm_and_one_that_leaves_goes() -> None:
    hub, reader, _, _ = town()
    hub.put("s", [Sensor(id="b", area="north")])
    hub.flush()
    assert reader.names == ["a", "b"]
    assert reader.known["sensor"] == {"a", "b"}
    assert reader.known["alarm"] == {"x"}
    hub.put("s", [Sensor(id="b", area="south")])
    hub.flush()
    assert reader.known["sensor"] == {"a"}
    assert reader.known["alarm"] == set()


def test_areas_that_move_take_their_things_along() -> None:
    hub, reader, _, _ = town()
    hub.put("s", [Area(id="south", parent="n1")])
    hub.flush()
    assert reader.known["sensor"] == {"a", "b"}
    hub.put("s", [Area(id="south")])
    hub.flush()
    assert reader.known["sensor"] == {"a"}


def test_samples_are_those_of_the_scope_and_shared_by_equals() -> None:
    hub, reader, scope, _ = town()
    other, whole = Reader(), Reader()
    hub.join(other, scope=scope)
    hub.join(whole)
    feeds = [hub.subscribe(who, Selector(), "latest")[0] for who in (reader, other, whole)]
    assert feeds[0] is feeds[1]
    assert feeds[2] is not feeds[0]
    samples(hub, "a", "b")
    assert [who.said[-1]["n"] for who in (reader, other, whole)] == [1, 1, 2]
    samples(hub, "b")
    assert reader.said[-1]["n"] == 1, "nothing new was sent"
    hub.put("s", [Sensor(id="b", area="north")])
    samples(hub, "b")
    assert np.frombuffer(reader.said[-1]["id"], "<u4").tolist() == [hub.handles["b"]]


def test_who_comes_back_in_the_same_scope_is_told_what_changed_and_in_another_everything() -> None:
    hub, reader, scope, mono = town()
    run = hub.run_of(scope)
    seq = next(m["seq"] for m in reader.said if m.get("cls") == "sensor")
    hub.leave(reader)
    hub.put("s", [Sensor(id="d", area="n1"), Sensor(id="hidden", area="south")])
    again = Reader()
    hub.join(again, {"entities:sensor": seq}, scope)
    assert [m for m in again.said if m.get("cls") == "sensor" and m.get("full")] == []
    assert again.known["sensor"] == {"d"}
    assert hub.run_of(scope) == run
    assert hub.run_of(Scope(in_north)) != run
    hub.leave(again)
    mono.now_ns += IDLE_NS + NS
    hub.flush()
    assert hub.run_of(scope) != run, "sequences of a lens that was put away mean nothing"


def test_a_scope_of_some_classes_says_nothing_of_the_others() -> None:
    hub, reader, _, _ = town()
    told = len(reader.said)
    hub.join(reader, scope=Scope(lambda entity, known: True, frozenset({"alarm"})), anew=False)
    assert {m["cls"] for m in reader.said[told:] if m["m"] == "entities"} == {"alarm"}
    hub.put("s", [Sensor(id="e", area="north"), Alarm(id="y", sensor="a")])
    hub.flush()
    assert reader.known["alarm"] == {"x", "y"}
    assert "e" not in reader.known["sensor"]


_IDS = st.sampled_from(("p", "q", "r"))
_AREAS = st.sampled_from(("", "north", "south", "n1", "nowhere"))
_STEPS = st.one_of(
    st.tuples(st.just("sensor"), _IDS, _AREAS),
    st.tuples(st.just("area"), st.sampled_from(("south", "n1", "nowhere")), st.sampled_from(("", "north", "south"))),
    st.tuples(st.just("alarm"), _IDS, _IDS),
    st.tuples(st.just("drop"), _IDS, st.just("")),
    st.tuples(st.just("flush"), st.just(""), st.just("")),
    st.tuples(st.just("rejoin"), st.just(""), st.just("")),
)


@given(st.lists(_STEPS, max_size=30))
def test_whatever_moves_a_reader_knows_just_what_its_scope_shows(steps: list[tuple[str, str, str]]) -> None:
    hub, reader, scope, _ = town()
    for step, id_, of in steps:
        match step:
            case "sensor":
                hub.put("s", [Sensor(id=id_, area=of)])
            case "area":
                hub.put("s", [Area(id=id_, parent=of)])
            case "alarm":
                hub.put("s", [Alarm(id=id_, sensor=of)])
            case "drop":
                hub.drop(Sensor, [id_])
            case "rejoin":
                hub.join(reader, scope=scope)
            case _:
                hub.flush()
    hub.flush()
    for cls, known in hub.entities.items():
        shown = {id_ for id_, entity in known.items() if in_north(entity, hub.entities)}
        assert reader.known.get(cls, set()) == shown, cls
    named = set(itertools.compress(hub.ids, reader.names))
    assert reader.known.get("sensor", set()) <= named
    assert [name for name, id_ in zip(reader.names, hub.ids, strict=True) if name not in ("", id_)] == []
