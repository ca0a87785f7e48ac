"""Import: a year of CSV or Parquet into the store, whole days, nothing twice, bad rows named, cancelled cleanly."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pytest

from console.api import NS, BadInput, ChannelKind, Columns, Quality, ResourceError, Sensor, SettingsError
from console.node.importing.command import KEEP_ALL, main, tell
from console.node.importing.csv_file import BLOCK_LINES
from console.node.importing.into import Import, Outcome
from console.node.importing.ledger import Ledger, content_key
from console.node.importing.lot import Reader
from console.node.importing.mapping import fingerprint, reader_for, settings_for
from console.node.importing.spool import DAY_NS
from console.node.recording.reader import RecordingFile
from console.node.recording.writer import RecordingWriter
from console.node.telemetry.store import Telemetry
from tests.stores import MemoryStore

DAY = dt.date(2023, 3, 1)
DAY_FIRST_NS = (DAY - dt.date(1970, 1, 1)).days * DAY_NS
NOW_NS = DAY_FIRST_NS + 1000 * DAY_NS
MAPPING = """
[[source]]
id = "plant"
kind = "csv"
time = "when"
time_zone = "UTC"
board = "natural"
[[source.value]]
column = "p"
id = "pressure"
name = ["压力", "Pressure"]
unit = "kPa"
scale = 10
highest = 9000
[[source.value]]
column = "t"
texts = { cold = -1 }
"""


def hourly(days: int, first: int = 0) -> list[tuple[str, float, float]]:
    """Rows of an hour each: (UTC time, p, t)."""
    start = dt.datetime(2023, 3, 1)
    return [(f"{start + dt.timedelta(hours=h)}", float(h), h / 2) for h in range(first, days * 24)]


def csv_file(folder: Path, rows: Sequence[Sequence[object]], name: str = "plant.csv") -> Path:
    path = folder / name
    text = "when,p,t\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def mapping(folder: Path, toml: str = MAPPING) -> Path:
    path = folder / "mapping.toml"
    path.write_text(toml, "utf-8")
    return path


async def imported(
    folder: Path, file: Path, store: MemoryStore, how: Path | None = None, stop: asyncio.Event | None = None
) -> tuple[Outcome, Reader]:
    """Import `file` as the command does, into a store in memory."""
    settings = settings_for(file, how)
    reader = reader_for(file, settings)
    return await put(folder, reader, content_key(file, fingerprint(settings)), store, stop), reader


async def put(folder: Path, reader: Reader, key: str, store: MemoryStore, stop: asyncio.Event | None = None) -> Outcome:
    one = Import(
        store,
        Ledger(folder),
        reader,
        key=key,
        name="x",
        spool=folder / "spool",
        show=lambda rows, done: None,
        stop=stop or asyncio.Event(),
    )
    outcome = await one.run(NOW_NS)
    assert not (folder / "spool").exists()
    return outcome


def of(store: MemoryStore, sensor: str) -> list[tuple[int, float]]:
    return [(row.t_ns, row.v[0]) for row in store.rows if row.sensor == sensor]


async def test_what_was_stopped_while_days_were_sorted_is_finished_by_the_next_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = 24
    file, how = csv_file(tmp_path, hourly(days)), mapping(tmp_path)
    settings = settings_for(file, how)
    told: list[tuple[int, int]] = []
    for again in (False, True):
        stop = asyncio.Event()

        def look(left: int, of: int, again: bool = again, stop: asyncio.Event = stop) -> None:
            told.append((left, of))
            if not again and left < of:  # some days are in their places, and are not to be put there twice
                stop.set()

        store = Telemetry(tmp_path / "store", KEEP_ALL, on_notice=print, on_clear=print)
        await store.open()
        one = Import(
            store,
            Ledger(tmp_path / "store"),
            reader_for(file, settings),
            key=content_key(file, fingerprint(settings)),
            name="x",
            spool=tmp_path / "spool",
            show=lambda rows, done: None,
            stop=stop,
            settling=look,
        )
        outcome = await one.run(NOW_NS)
        assert outcome.cancelled is not again
        if again:
            assert (outcome.rows, outcome.before) == (0, 2 * days * 24)
            tell(file, outcome, ())
            assert "sorting finished; its 1,152 samples were stored by an earlier start" in capsys.readouterr().out
            rows = await store.read(["plant.pressure"], ChannelKind.SCALAR, 0, NOW_NS)
            assert rows.columns.t_ns.tolist() == [DAY_FIRST_NS + h * 3600 * NS for h in range(days * 24)]
        await store.close()
        await one.tasks.close()
    assert {of for _, of in told} == {days}
    assert all(0 <= left <= of for left, of in told)


@pytest.mark.parametrize("name", ["plant.csv", "plant.csv.gz"])
async def test_a_csv_file_with_its_mapping(tmp_path: Path, name: str) -> None:
    store = MemoryStore()
    outcome, _ = await imported(tmp_path, csv_file(tmp_path, hourly(3), name), store, mapping(tmp_path))
    assert (outcome.rows, outcome.days, outcome.hidden) == (144, 3, 0)
    hours = [(DAY_FIRST_NS + h * 3600 * NS, h * 10.0) for h in range(72)]
    assert of(store, "plant.pressure") == hours
    sensor = store.enrolled["plant.pressure"]
    assert (sensor.unit, sensor.board, sensor.name.en) == ("kPa", "natural", "Pressure")
    told = {id_: raw for _, cls, id_, raw in store.changes if cls == "sensor"}
    assert msgspec.msgpack.decode(told["plant.pressure"] or b"", type=Sensor) == sensor


async def test_without_a_mapping_the_header_says_it(tmp_path: Path) -> None:
    store = MemoryStore()
    path = tmp_path / "my plant.csv"
    path.write_text("note;Timestamp;p;t\nx;1677628800;1,5;2\nx;1677628801;3;4\n".replace(",", "."), "utf-8")
    await imported(tmp_path, path, store)
    assert of(store, "my-plant.p") == [(DAY_FIRST_NS, 1.5), (DAY_FIRST_NS + NS, 3.0)]
    assert set(store.enrolled) == {"my-plant.p", "my-plant.t"}


async def test_bad_rows_are_counted_and_named_by_line_and_the_rest_is_there(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = list(hourly(1))
    rows[3] = ("never", 1, 2)
    rows[5] = (rows[5][0], "broken", "cold")
    rows[6] = (rows[6][0], 950, "")
    rows[7] = (rows[7][0],)
    store = MemoryStore()
    outcome, reader = await imported(tmp_path, csv_file(tmp_path, rows), store, mapping(tmp_path))
    assert outcome.rows == 46
    found = {fault.what.en: (fault.count, fault.where) for fault in reader.faults()}
    assert found["rows without a usable time"] == (1, "line 5")
    assert found["no number in p"] == (1, "line 7")
    assert found["rows with too few columns"] == (1, "line 9")
    bad = [row.t_ns for row in store.rows if row.q & Quality.BAD and row.sensor == "plant.pressure"]
    assert bad == [DAY_FIRST_NS + h * 3600 * NS for h in (5, 6, 7)], "broken, above the highest, missing"
    assert of(store, "plant.t")[4][1] == -1.0


async def test_lines_are_named_right_far_behind_the_first_block(tmp_path: Path) -> None:
    count = BLOCK_LINES + 50
    rows: list[tuple[object, ...]] = [(DAY_FIRST_NS // NS + i, i, 0) for i in range(count)]
    rows[BLOCK_LINES + 10] = ("never", 0, 0)
    how = mapping(tmp_path, MAPPING.replace('time_zone = "UTC"', 'time_format = "s"'))
    store = MemoryStore()
    outcome, reader = await imported(tmp_path, csv_file(tmp_path, rows), store, how)
    assert outcome.rows == 2 * (count - 1)
    assert [fault.where for fault in reader.faults()] == [f"line {BLOCK_LINES + 12}"]


async def test_the_same_file_twice_doubles_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    path, how = csv_file(tmp_path, hourly(2)), mapping(tmp_path)
    await imported(tmp_path, path, store, how)
    before = len(store.rows)
    path = path.rename(tmp_path / "another name.csv")
    outcome, _ = await imported(tmp_path, path, store, how)
    assert outcome.already
    assert len(store.rows) == before


async def test_a_cancelled_import_leaves_whole_days_and_goes_on_from_there(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Stopping(MemoryStore):
        async def import_columns(
            self, sensors: Iterable[Sensor], kind: ChannelKind, columns: Columns, ids: Sequence[str]
        ) -> None:
            await super().import_columns(sensors, kind, columns, ids)
            if columns.t_ns[0] >= DAY_FIRST_NS + DAY_NS:
                stop.set()

    store = Stopping()
    path, how = csv_file(tmp_path, hourly(5)), mapping(tmp_path)
    outcome, _ = await imported(tmp_path, path, store, how, stop)
    assert outcome.cancelled
    days = [row.t_ns // DAY_NS for row in store.rows]
    assert {day: days.count(day) for day in days} == {DAY_FIRST_NS // DAY_NS: 48, DAY_FIRST_NS // DAY_NS + 1: 48}
    stop.clear()
    outcome, _ = await imported(tmp_path, path, store, how, asyncio.Event())
    assert (outcome.cancelled, outcome.days, outcome.before) == (False, 3, 96)
    assert of(store, "plant.pressure") == [(DAY_FIRST_NS + h * 3600 * NS, h * 10.0) for h in range(120)]


async def test_a_ctrl_c_that_also_ends_the_store_s_worker_is_no_finished_import(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Interrupted(MemoryStore):
        async def settle(self) -> None:
            stop.set()
            raise ResourceError("the worker died")

    outcome, _ = await imported(tmp_path, csv_file(tmp_path, hourly(2)), Interrupted(), mapping(tmp_path), stop)
    assert outcome.cancelled
    again, _ = await imported(tmp_path, csv_file(tmp_path, hourly(2)), MemoryStore(), mapping(tmp_path))
    assert (again.already, again.cancelled, again.rows) == (False, False, 0)


async def test_cancelled_while_reading_leaves_nothing(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    store = MemoryStore()
    outcome, _ = await imported(tmp_path, csv_file(tmp_path, hourly(2)), store, mapping(tmp_path), stop)
    assert outcome.cancelled
    assert not store.rows


async def test_a_death_in_the_middle_of_a_day_doubles_nothing_when_it_is_imported_again(tmp_path: Path) -> None:
    class Dying(MemoryStore):
        dies = True

        async def import_columns(
            self, sensors: Iterable[Sensor], kind: ChannelKind, columns: Columns, ids: Sequence[str]
        ) -> None:
            await super().import_columns(sensors, kind, columns, ids)
            if self.dies and columns.t_ns[0] >= DAY_FIRST_NS + DAY_NS:
                raise KeyboardInterrupt  # the day is stored, but nobody could note it

    store = Dying()
    path, how = csv_file(tmp_path, hourly(3)), mapping(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        await imported(tmp_path, path, store, how)
    store.dies = False
    await imported(tmp_path, path, store, how)
    assert of(store, "plant.pressure") == [(DAY_FIRST_NS + h * 3600 * NS, h * 10.0) for h in range(72)]


async def test_rows_in_any_order_and_given_twice(tmp_path: Path) -> None:
    rows = hourly(2)
    store = MemoryStore()
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    far = [*shuffled, *[("2023-03-09", 1, 1)] * 1, (rows[0][0], 77.0, 77.0)]
    outcome, _ = await imported(tmp_path, csv_file(tmp_path, far), store, mapping(tmp_path))
    assert outcome.days == 3
    first = of(store, "plant.pressure")[0]
    assert first == (DAY_FIRST_NS, 770.0)
    assert len(of(store, "plant.pressure")) == 49


async def test_times_that_cannot_be_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [("1965-01-01", 1, 1), *hourly(1), ("2100-01-01", 1, 1)]
    store = MemoryStore()
    outcome, _ = await imported(tmp_path, csv_file(tmp_path, rows), store, mapping(tmp_path))
    assert (outcome.rows, outcome.strange) == (48, 4)


def parquet(folder: Path, select: str) -> Path:
    path = folder / "plant.parquet"
    with duckdb.connect(":memory:") as db:
        db.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


RANGE = "SELECT TIMESTAMP '2023-03-01' + INTERVAL (i) HOUR AS \"when\", i AS p, i / 2 AS t FROM range(72) r(i)"


async def test_a_parquet_file_with_its_mapping(tmp_path: Path) -> None:
    store = MemoryStore()
    outcome, _ = await imported(tmp_path, parquet(tmp_path, RANGE), store, mapping(tmp_path))
    assert (outcome.rows, outcome.days) == (144, 3)
    assert of(store, "plant.pressure") == [(DAY_FIRST_NS + h * 3600 * NS, h * 10.0) for h in range(72)]


@pytest.mark.parametrize(
    ("time", "settings", "hour"),
    [
        ("TIMESTAMP '2023-03-01 08:00'", 'time_zone = "Asia/Shanghai"', 0),
        ("TIMESTAMPTZ '2023-03-01 08:00:00+00'", 'time_zone = "Asia/Shanghai"', 8),
        ("'2023-03-01T08:00:00'", 'time_zone = "Asia/Shanghai"', 0),
        ("1677628800::BIGINT", 'time_format = "s"', 0),
        ("1677628800000::DOUBLE", 'time_format = "ms"', 0),
        ("DATE '2023-03-01'", 'time_zone = "UTC"', 0),
        ("TIMESTAMP_NS '2023-03-01 01:00:00.000000001'", 'time_zone = "UTC"', 1),
    ],
)
async def test_times_of_a_parquet_file(tmp_path: Path, time: str, settings: str, hour: int) -> None:
    store = MemoryStore()
    path = parquet(tmp_path, f"SELECT {time} AS \"when\", 1.5 AS p, 'cold' AS t")
    await imported(tmp_path, path, store, mapping(tmp_path, MAPPING.replace('time_zone = "UTC"', settings)))
    (t_ns, v) = of(store, "plant.pressure")[0]
    assert t_ns // 3600 // NS * 3600 * NS == DAY_FIRST_NS + hour * 3600 * NS
    assert v == 15.0
    assert of(store, "plant.t")[0][1] == -1.0


async def test_bad_rows_of_a_parquet_file(tmp_path: Path) -> None:
    store = MemoryStore()
    select = f"{RANGE} UNION ALL SELECT NULL, 1, 1 UNION ALL SELECT TIMESTAMP '2023-03-09', NULL, 'NaN'::DOUBLE"
    outcome, reader = await imported(tmp_path, parquet(tmp_path, select), store, mapping(tmp_path))
    assert outcome.rows == 146
    assert [(fault.count, fault.where) for fault in reader.faults()] == [(1, "row 73")]
    assert store.rows[-1].q & Quality.BAD


async def test_without_a_mapping_a_parquet_file_says_it_itself(tmp_path: Path) -> None:
    store = MemoryStore()
    await imported(tmp_path, parquet(tmp_path, RANGE), store)
    assert set(store.enrolled) == {"plant.p", "plant.t"}
    assert len(store.rows) == 144


async def test_a_recording_is_imported_with_its_sensors(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    out = RecordingWriter(path, {})
    gas = Sensor(id="plant.gas", unit="kPa")
    pump = Sensor(id="plant.pump", channel=ChannelKind.STATE)
    out.sensors([gas, pump])
    columns = Columns(
        t_ns=DAY_FIRST_NS + np.arange(4, dtype=np.int64) * DAY_NS // 2,
        v=np.arange(4.0),
        q=np.zeros(4, np.uint8),
        ids=np.zeros(4, np.uint32),
    )
    out.samples(ChannelKind.SCALAR, columns, [gas.id])
    out.samples(ChannelKind.STATE, columns, [pump.id])
    out.finish()
    store = MemoryStore()
    outcome = await put(tmp_path, RecordingFile(path), "key", store)
    assert (outcome.rows, outcome.days) == (8, 2), "days, not days times kinds"
    assert store.enrolled["plant.gas"] == gas


def refusal(file: Path, how: Path | None = None) -> BadInput:
    with pytest.raises(BadInput) as caught:
        list(reader_for(file, settings_for(file, how)).lots())
    return caught.value


def test_a_mapping_for_a_recording_is_refused_and_nothing_is_done(tmp_path: Path) -> None:
    (tmp_path / "storm.mcap").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"--mapping.*storm\.mcap, which says itself what it holds"):
        main([tmp_path / "storm.mcap"], mapping(tmp_path), tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_ctrl_c_is_heard_while_a_file_is_read_for_its_name(tmp_path: Path) -> None:
    file = csv_file(tmp_path, hourly(1))
    heard = iter([False, True])
    assert content_key(file, b"", lambda: next(heard)) == content_key(file, b"")
    assert content_key(file, b"", lambda: True) == "", "which names no import"


def test_what_is_wrong_with_a_file_or_a_mapping_is_said_before_anything_is_stored(tmp_path: Path) -> None:
    good = csv_file(tmp_path, hourly(1))
    assert "no such file" in str(refusal(tmp_path / "none.csv"))
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "an empty file" in str(refusal(tmp_path / "empty.csv"))
    assert "--mapping" in str(refusal(good)), "no column is called time"
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing")
    assert "broken.parquet" in str(refusal(tmp_path / "broken.parquet"))
    wrong = refusal(good, mapping(tmp_path, MAPPING.replace('"p"', '"pp"')))
    assert isinstance(wrong, SettingsError)
    assert "line 9" in str(wrong)
    assert "no column 'pp'" in str(wrong)
    wrong = refusal(parquet(tmp_path, RANGE), mapping(tmp_path, MAPPING.replace('"p"', '"pp"')))
    assert "no column 'pp'" in str(wrong)
    twice = MAPPING.replace('"csv"', '"csv"\nfile = "plant.csv"')
    assert "2 for plant.csv" in str(refusal(good, mapping(tmp_path, twice + twice.replace('"plant"', '"other"'))))
