"""Recordings: what goes in comes out bit for bit, a stranger's tools read it, a cut file is read up to the cut."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgpack
import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from console.api import NS, BadInput, Board, ChannelKind, Columns, Resource, ResourceError, Sensor, Text
from console.node.importing.lot import Lot
from console.node.recording import writer as writer_module
from console.node.recording.reader import Change, RecordingFile
from console.node.recording.writer import RecordingWriter
from console.node.rows import take

T_NS = 1_700_000_000 * NS
GAS = Sensor(
    id="plant.gas",
    kind="gas.pressure",
    name=Text("燃气压力", "Gas pressure"),
    unit="kPa",
    board=Board.LIFELINE,
    area="north",
    lon=108.9,
    lat=34.2,
)
PUMP = Sensor(id="plant.pump", channel=ChannelKind.STATE, states=(Text("停", "off"), Text("开", "on")))
BUS = Sensor(id="bus/7 号", channel=ChannelKind.POSITION, simulated=True)
DOOR = Sensor(id="door", channel=ChannelKind.EVENT)
ODD_NAN = np.array([0x7FF8_0000_DEAD_BEEF], np.uint64).view(np.float64)[0]


def columns(values: list[float], *, every_ns: int = NS, q: int = 0, sensor: int = 0) -> Columns:
    n = len(values)
    return Columns(
        t_ns=T_NS + np.arange(n, dtype=np.int64) * every_ns,
        v=np.array(values),
        q=np.full(n, q, np.uint8),
        ids=np.full(n, sensor, np.uint32),
    )


def written(path: Path, rows: int = 3) -> Path:
    """A recording with every kind of channel and an entity."""
    out = RecordingWriter(path, {"version": "1", "simulated": ""})
    out.sensors([GAS, PUMP, BUS, DOOR])
    entity = msgspec.msgpack.encode(Resource(id="team", busy=True))
    out.changes([(T_NS, "sensor", GAS.id, msgspec.msgpack.encode(GAS)), (T_NS, "resource", "team", entity)])
    out.samples(ChannelKind.SCALAR, columns([1.5, float(ODD_NAN), -0.0] * (rows // 3), q=2), [GAS.id])
    out.samples(ChannelKind.STATE, columns([0.0, 1.0]), [PUMP.id])
    fix = np.array([[108.9, 34.2, np.nan, 359.9, 3.5]])
    out.samples(
        ChannelKind.POSITION,
        Columns(t_ns=np.array([T_NS]), v=fix, q=np.array([16], np.uint8), ids=np.zeros(1, np.uint32)),
        [BUS.id],
    )
    out.samples(ChannelKind.EVENT, columns([np.nan], q=1), [DOOR.id])
    out.changes([(T_NS + 5 * NS, "resource", "team", None)])
    out.finish()
    return path


def read(path: Path) -> tuple[RecordingFile, dict[str, Columns], list[Change]]:
    """The reader, each sensor's samples in the order of the file, changes of entities."""
    file = RecordingFile(path)
    lots: list[Lot] = []
    changes: list[Change] = []
    for part in file.parts():
        lots.append(part) if isinstance(part, Lot) else changes.append(part)
    found: dict[str, Columns] = {}
    for i, sensor in enumerate(file.sensors):
        mine = [take(lot.columns, lot.columns.ids == i) for lot in lots if (lot.columns.ids == i).any()]
        if mine:
            found[sensor.id] = Columns(
                t_ns=np.concatenate([one.t_ns for one in mine]),
                v=np.concatenate([one.v for one in mine]),
                q=np.concatenate([one.q for one in mine]),
            )
    return file, found, changes


def bits(columns: Columns) -> tuple[bytes, bytes, bytes]:
    return columns.t_ns.tobytes(), columns.v.tobytes(), columns.q.tobytes()


def test_what_goes_in_comes_out_bit_for_bit(tmp_path: Path) -> None:
    file, found, changes = read(written(tmp_path / "a.mcap"))
    assert not file.faults()
    assert bits(found[GAS.id]) == bits(columns([1.5, float(ODD_NAN), -0.0], q=2))
    assert bits(found[PUMP.id]) == bits(columns([0.0, 1.0]))
    assert found[BUS.id].v.tobytes() == np.array([[108.9, 34.2, np.nan, 359.9, 3.5]]).tobytes()
    assert found[BUS.id].q.tolist() == [16]
    assert found[DOOR.id].q.tolist() == [1]
    assert np.isnan(found[DOOR.id].v).all()
    known = {sensor.id: sensor for sensor in file.sensors}
    assert known[GAS.id] == GAS
    assert known[PUMP.id].channel is ChannelKind.STATE
    assert [(c.cls, c.id, c.raw is None) for c in changes] == [
        ("sensor", GAS.id, False),
        ("resource", "team", False),
        ("resource", "team", True),
    ]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**61), st.floats(allow_nan=True), st.integers(0, 255), st.integers(0, 2)), max_size=60
    )
)
def test_any_samples_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, float, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("mcap") / "any.mcap"
    rows.sort(key=lambda row: row[0])
    ids = ["a", "b", "c"]
    out = RecordingWriter(path, {})
    out.sensors([Sensor(id=id_) for id_ in ids])
    given_ = Columns(
        t_ns=np.array([r[0] for r in rows], np.int64),
        v=np.array([r[1] for r in rows], np.float64),
        q=np.array([r[2] for r in rows], np.uint8),
        ids=np.array([r[3] for r in rows], np.uint32),
    )
    out.samples(ChannelKind.SCALAR, given_, ids)
    out.finish()
    lots = list(RecordingFile(path).lots())
    for name in ("t_ns", "v", "q", "ids"):
        assert b"".join(getattr(lot.columns, name).tobytes() for lot in lots) == getattr(given_, name).tobytes()


def test_a_stranger_reads_it_with_plain_libraries(tmp_path: Path) -> None:
    with written(tmp_path / "a.mcap").open("rb") as opened:
        reader = make_reader(opened, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 10
        assert summary.statistics.message_start_time == T_NS
        topics = {channel.topic: channel for channel in summary.channels.values()}
        gas = topics["sensor/plant.gas"]
        assert gas.message_encoding == "msgpack"
        assert gas.metadata["unit"] == "kPa"
        assert (gas.metadata["name_zh"], gas.metadata["name_en"]) == ("燃气压力", "Gas pressure")
        assert (gas.metadata["lon"], gas.metadata["lat"]) == ("108.9", "34.2")
        for schema in summary.schemas.values():
            assert schema.encoding == "jsonschema"
            assert json.loads(schema.data)["type"] == "object"
        found = [
            (message.log_time, msgpack.unpackb(message.data))
            for _, _, message in reader.iter_messages(topics=["sensor/plant.gas"])
        ]
        assert [t_ns for t_ns, _ in found] == [T_NS, T_NS + NS, T_NS + 2 * NS]
        assert found[0][1] == {"v": 1.5, "q": 2}
        team = [msgpack.unpackb(m.data) for _, _, m in reader.iter_messages(topics=["entity/resource"])]
        assert [(one["id"], one["entity"] is None) for one in team] == [("team", False), ("team", True)]
        assert [m.name for m in reader.iter_metadata()] == ["yilan"]


def test_an_index_leads_a_stranger_to_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "long.mcap"
    out = RecordingWriter(path, {})
    out.sensors([GAS])
    out.samples(ChannelKind.SCALAR, columns([float(i) for i in range(writer_module.CHUNK_ROWS * 2 + 5)]), [GAS.id])
    out.finish()
    with path.open("rb") as opened:
        at = T_NS + (writer_module.CHUNK_ROWS + 7) * NS
        found = list(make_reader(opened, validate_crcs=True).iter_messages(starting_at=at, ending_before=at + 2 * NS))
    assert [msgpack.unpackb(message.data)["v"] for _, _, message in found] == [
        float(writer_module.CHUNK_ROWS + 7),
        float(writer_module.CHUNK_ROWS + 8),
    ]


def test_a_file_cut_anywhere_is_read_up_to_the_cut_and_says_so(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.mcap", rows=60_000).read_bytes()
    _, everything, _ = read(tmp_path / "a.mcap")
    lengths = []
    for percent in (20, 50, 80, 95):
        path = tmp_path / "cut.mcap"
        path.write_bytes(whole[: len(whole) * percent // 100])
        file, found, _ = read(path)
        gas = found.get(GAS.id, columns([]))
        lengths.append(len(gas))
        assert gas.v.tobytes() == everything[GAS.id].v[: len(gas)].tobytes()
        assert any("damaged" in fault.what.en for fault in file.faults())
        assert all(fault.where.startswith("after ") for fault in file.faults())
    assert lengths == sorted(lengths)
    assert lengths[-1] > 0


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
@example(at=3086, byte=128)
@example(at=3084, byte=1)
def test_one_wrong_byte_never_ends_in_anything_but_a_fault_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(written(folder / "a.mcap").read_bytes())
    content[at % len(content)] = byte
    (folder / "b.mcap").write_bytes(content)
    try:
        read(folder / "b.mcap")
    except BadInput as error:
        assert "b.mcap" in str(error)


def test_no_mcap_file_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mcap").write_bytes(b"time,a\n1,2\n")
    with pytest.raises(BadInput, match=r"a\.mcap.*expected an MCAP file"):
        RecordingFile(tmp_path / "a.mcap")


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.LZ4, CompressionType.ZSTD])
def test_another_programs_messages_are_taken_and_what_is_not_ours_is_counted(
    tmp_path: Path, compression: CompressionType
) -> None:
    path = tmp_path / "theirs.mcap"
    with path.open("wb") as opened:
        theirs = Writer(opened, compression=compression)
        theirs.start()
        schema = theirs.register_schema("any", "jsonschema", b"{}")
        gas = theirs.register_channel("sensor/gas", "msgpack", schema, {"unit": "kPa"})
        other = theirs.register_channel("/camera", "json", schema)
        theirs.add_message(gas, T_NS, msgpack.packb({"q": 0, "v": 7}), T_NS)
        theirs.add_message(gas, T_NS + NS, msgpack.packb({"v": "seven"}), T_NS)
        theirs.add_message(other, T_NS, b"{}", T_NS)
        finish: Callable[[], None] = theirs.finish
        finish()
    file, found, _ = read(path)
    assert found["gas"].v.tolist() == [7.0]
    assert file.sensors[0].unit == "kPa"
    assert [fault.count for fault in file.faults()] == [2]


@pytest.mark.parametrize("run", [1, 15, 16, 17, 79, 80, 81, 300])
def test_messages_of_our_layout_and_of_others_take_turns_in_one_chunk(tmp_path: Path, run: int) -> None:
    path = tmp_path / "turns.mcap"
    ours, other = {"v": 1.5, "q": 200}, {"q": 200, "v": 2.5}
    values: list[float] = []
    with path.open("wb") as opened:
        theirs = Writer(opened, chunk_size=1 << 20)
        theirs.start()
        schema = theirs.register_schema("any", "jsonschema", b"{}")
        gas = theirs.register_channel("sensor/gas", "msgpack", schema)
        for message in [*[ours] * run, other] * 3:
            theirs.add_message(gas, T_NS + len(values), msgpack.packb(message), T_NS)
            values.append(message["v"])
        finish: Callable[[], None] = theirs.finish
        finish()
    file, found, _ = read(path)
    assert found["gas"].v.tolist() == values
    assert found["gas"].t_ns.tolist() == [T_NS + n for n in range(len(values))]
    assert set(found["gas"].q.tolist()) == {200}
    assert not file.faults()


def test_an_mcap_file_without_sensors_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "none.mcap"
    RecordingWriter(path, {}).finish()
    with pytest.raises(BadInput, match="sensor/"):
        list(RecordingFile(path).lots())


def test_nothing_lies_under_the_name_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(b"what was there before")
    out = RecordingWriter(path, {})
    out.sensors([GAS])
    out.samples(ChannelKind.SCALAR, columns([1.0]), [GAS.id])
    assert path.read_bytes() == b"what was there before"
    out.abandon()
    assert [one.name for one in tmp_path.iterdir()] == ["a.mcap"]
    assert path.read_bytes() == b"what was there before"


def test_samples_before_1970_are_left_out_and_counted(tmp_path: Path) -> None:
    out = RecordingWriter(tmp_path / "a.mcap", {})
    out.sensors([GAS])
    early = Columns(
        t_ns=np.array([-NS, NS]), v=np.array([1.0, 2.0]), q=np.zeros(2, np.uint8), ids=np.zeros(2, np.uint32)
    )
    out.samples(ChannelKind.SCALAR, early, [GAS.id])
    out.finish()
    assert out.before_1970 == 1
    assert read(tmp_path / "a.mcap")[1][GAS.id].v.tolist() == [2.0]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"no/a\.mcap"):
        RecordingWriter(tmp_path / "no" / "a.mcap", {})


def test_a_simulated_recording_says_so(tmp_path: Path) -> None:
    RecordingWriter(tmp_path / "a.mcap", {"simulated": "1"}).finish()
    assert RecordingFile(tmp_path / "a.mcap").simulated


def test_the_program_of_the_manual_reads_it(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "howto" / "recordings.md").read_text("utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    ran = subprocess.run(
        [sys.executable, "-c", program, str(written(tmp_path / "a.mcap")), "sensor/plant.pump"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [f"{T_NS} {{'v': 0.0, 'q': 0}}", f"{T_NS + NS} {{'v': 1.0, 'q': 0}}"]
