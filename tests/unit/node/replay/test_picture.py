"""How everything stood at a time: entities, what stands in for them, last samples within the look-back."""

from __future__ import annotations

import msgspec

from console.api import NS, Alarm, Area, ChannelKind, IncidentFacts, IncidentRecord, MapLayer, Sensor
from console.node.replay.picture import Entities, by_kind, decoded, entities_at, last_before
from tests.unit.node.replay.archives import FakeArchive

T = 1_000_000 * NS
SCALAR = ChannelKind.SCALAR


async def last(archive: FakeArchive, t_ns: int, *ids: str) -> dict[str, tuple[int, float, int]]:
    """The last samples by id."""
    columns = await last_before(archive, ids, SCALAR, t_ns)
    return {
        ids[id_]: (t, v, q)
        for id_, t, v, q in zip(
            columns.ids.tolist(), columns.t_ns.tolist(), columns.v.tolist(), columns.q.tolist(), strict=True
        )
    }


async def test_each_sensors_newest_sample_at_or_before_a_time_is_found_near_or_far() -> None:
    archive = FakeArchive()
    for back, v in ((2 * 3600 * NS, 1.0), (100 * NS, 2.0), (20 * NS, 3.0), (NS, 4.0), (0, 5.0)):
        archive.put("often", T - back, v, q=1)
    archive.put("rare", T - 5 * 3600 * NS, 7.0)
    archive.put("future", T + 1, 9.0)
    assert await last(archive, T, "rare", "often", "future", "unknown") == {
        "rare": (T - 5 * 3600 * NS, 7.0, 0),
        "often": (T, 5.0, 1),
    }


async def test_a_look_back_that_needs_several_reads_finds_the_newest() -> None:
    archive = FakeArchive()
    for number in range(50):
        archive.put("x", T - 50 + number, float(number))
        archive.put("y", T - 50 + number, float(-number))
    archive.limit = 7
    assert await last(archive, T, "x", "y") == {"x": (T - 1, 49.0, 0), "y": (T - 1, -49.0, 0)}


async def test_sensors_found_near_are_not_looked_for_further_back() -> None:
    archive = FakeArchive()
    archive.put("x", T, 1.0)
    await last(archive, T, "x")
    assert len(archive.reads) == 1


async def test_of_two_samples_of_one_time_the_one_stored_last_stands() -> None:
    archive = FakeArchive()
    archive.put("x", T, 1.0)
    archive.put("x", T, 2.0)
    assert (await last(archive, T, "x"))["x"][1] == 2.0


async def test_entities_are_as_they_were_and_not_as_they_became() -> None:
    archive = FakeArchive()
    archive.record(T, Sensor(id="x", unit="m"))
    archive.record(T, Alarm(id="a", priority=1))
    archive.record(T + 5, Sensor(id="x", unit="km"))
    archive.drop(T + 6, Alarm, "a")
    now = {Sensor.CLS: {"x": Sensor(id="x", unit="km")}}
    then = await entities_at(archive, T + 1, now)
    assert then[Sensor.CLS]["x"] == Sensor(id="x", unit="m")
    assert then[Alarm.CLS] == {"a": Alarm(id="a", priority=1)}
    later = await entities_at(archive, T + 6, now)
    assert later[Sensor.CLS]["x"] == Sensor(id="x", unit="km")
    assert Alarm.CLS not in later


async def test_what_stands_in_the_city_is_taken_from_now_where_the_log_begins_later_and_alarms_are_not() -> None:
    archive = FakeArchive()
    archive.record(T + 100, Alarm(id="a", priority=1))
    archive.record(T - 5, Sensor(id="old"))
    now: Entities = {
        Area.CLS: {"root": Area(id="root")},
        MapLayer.CLS: {"roads": MapLayer(id="roads")},
        Sensor.CLS: {"old": Sensor(id="old", unit="m"), "imported": Sensor(id="imported")},
        Alarm.CLS: {"b": Alarm(id="b", priority=1)},
    }
    then = await entities_at(archive, T, now)
    assert then[Area.CLS] == now[Area.CLS]
    assert then[MapLayer.CLS] == now[MapLayer.CLS]
    assert then[Sensor.CLS] == {"old": Sensor(id="old"), "imported": Sensor(id="imported")}
    assert Alarm.CLS not in then


async def test_areas_that_the_log_has_are_not_mixed_with_later_ones() -> None:
    archive = FakeArchive()
    archive.record(T, Area(id="then"))
    then = await entities_at(archive, T, {Area.CLS: {"now": Area(id="now")}})
    assert set(then[Area.CLS]) == {"then"}


def test_what_cannot_be_read_is_left_out() -> None:
    assert decoded("nonsense", "x", b"\x80") is None
    assert decoded("sensor", "x", b"\xff\x00") is None


def test_a_store_of_before_personal_data_were_left_out_shows_none_in_a_replay() -> None:
    old = IncidentRecord(id="i", facts=IncidentFacts(place="天元路 8 号", reported_by="王大爷 138 0000 0000"))
    shown = decoded("incident_record", "i", msgspec.msgpack.encode(old))
    assert isinstance(shown, IncidentRecord)
    assert (shown.facts.place, shown.facts.reported_by, shown.personal) == ("天元路 8 号", "", ("reported_by",))


def test_sensors_by_channel_kind() -> None:
    sensors = [Sensor(id="a"), Sensor(id="b", channel=ChannelKind.POSITION), Sensor(id="c")]
    assert by_kind(sensors) == {SCALAR: ["a", "c"], ChannelKind.POSITION: ["b"]}
