"""CSV: cells, times, flaws with their lines, and real files against numbers computed from them in another way."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import NS, Quality, SourceError, Span, Text
from console.node.sources.columns_csv.source import CsvSource, load
from console.node.sources.columns_csv.spec import CsvSettings, ValueColumn
from console.node.sources.columns_csv.table import read_table
from console.node.sources.config.text import read_text
from tests.fakes_sink import RecordingSink
from tests.real_files import real


def csv_of(**changes: Any) -> CsvSettings:
    """Settings for a file of time, a, b."""
    usual: dict[str, Any] = {
        "id": "s",
        "file": "x.csv",
        "time_zone": "UTC",
        "value": (ValueColumn(column="a"), ValueColumn(column="b")),
    }
    return CsvSettings(**usual | changes)


def ns(text: str) -> int:
    """UTC ns of an ISO time."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    return round(moment.timestamp()) * NS


def flaws(found: Any) -> dict[str, tuple[int, str]]:
    """What was wrong: (count, first place) by words."""
    return {fault.what.of("en"): (fault.count, fault.where) for fault in found.faults}


def test_missing_is_bad_and_never_zero() -> None:
    text = "time,a,b\n2020-01-01 00:00:00,1.5,NA\n2020-01-01 00:05:00,,-\n2020-01-01 00:20:00,0,2\n"
    a, b = read_table(text, csv_of()).series
    assert a.t_ns.tolist() == [ns("2020-01-01"), ns("2020-01-01T00:05"), ns("2020-01-01T00:20")]
    assert a.v.tolist()[::2] == [1.5, 0.0]
    assert math.isnan(a.v[1])
    assert a.q.tolist() == [0, Quality.BAD, 0]
    assert b.q.tolist() == [Quality.BAD, Quality.BAD, 0]
    assert np.isnan(b.v[:2]).all()


def test_bad_rows_are_counted_and_the_rest_goes_on() -> None:
    text = (
        "time,a,b\n"  # 1
        "2020-01-01 00:00:00,1,1\n"  # 2
        "yesterday,2,2\n"  # 3
        "\n"  # 4
        "2020-01-01 00:02:00,3\n"  # 5
        "2020-01-01 00:01:00,x,4\n"  # 6
        ",5,5\n"  # 7
        "2020-01-01 00:03:00,6,inf\n"  # 8
        "2020-01-01 00:03:00,7,7\n"  # 9
    )
    found = read_table(text, csv_of())
    a, b = found.series
    assert [v for v in a.v.tolist() if not math.isnan(v)] == [1, 3, 7]
    assert b.v[-1] == 7
    assert flaws(found) == {
        "rows without a usable time": (2, "line 3"),
        "rows with too few columns": (1, "line 5"),
        "rows out of order, sorted": (1, "line 6"),
        "no number in a": (1, "line 6"),
        "no number in b": (1, "line 8"),
        "rows of one time, the last taken": (1, "line 8"),
    }


@pytest.mark.parametrize(
    ("time", "time_format", "zone", "row"),
    [
        ("t", "iso", "Asia/Shanghai", "2020-01-02T08:00:00"),
        ("t", "iso", "UTC", "2020-01-02T08:00:00+08:00"),
        ("t", "iso", "America/Chicago", "2020-01-01 18:00"),
        ("t", "s", "UTC", "1577923200"),
        ("t", "ms", "UTC", "1577923200000"),
        ("t", "s", "UTC", "1577923200.0"),
        ("t", "%d.%m.%Y %H:%M", "+01:00", "02.01.2020 01:00"),
        (("y", "m", "d", "h"), "", "UTC", "2020,1,2,0"),
        (("y", "m", "d"), "", "UTC", "2020,1,2"),
        (("day", "clock"), "%Y-%m-%d %H.%M", "-02:00", "2020-01-01,22.00"),
    ],
)
def test_times(time: str | tuple[str, ...], time_format: str, zone: str, row: str) -> None:
    names = time if isinstance(time, tuple) else (time,)
    shape = csv_of(time=time, time_format=time_format, time_zone=zone, value=(ValueColumn(column="a"),))
    (series,) = read_table(f"{','.join(names)},a\n{row},7\n", shape).series
    assert series.t_ns.tolist() == [ns("2020-01-02")]


def test_units_words_limits_and_decimal_comma() -> None:
    columns = (
        ValueColumn(column="v", id="speed", scale=1.609344, lowest=0.0, highest=200.0),
        ValueColumn(column="wd", texts={"N": 0.0, "NNW": 337.5}),
    )
    text = "t;v;wd\n2020-01-01;10,5;N\n2020-01-02;-1;NNW\n2020-01-03;500;?\n"
    speed, wind = read_table(text, csv_of(time="t", delimiter=";", decimal=",", value=columns)).series
    assert speed.sensor.id == "s.speed"
    assert speed.v[0] == pytest.approx(16.898112)
    assert speed.q.tolist() == [0, Quality.BAD, Quality.BAD]
    assert np.isnan(speed.v[1:]).all()
    assert wind.v.tolist()[:2] == [0.0, 337.5]
    assert wind.q[2] == Quality.BAD


def test_a_file_without_header_and_with_lines_to_skip() -> None:
    shape = csv_of(time="1", header=False, skip_lines=2, value=(ValueColumn(column="3"),))
    found = read_table("made by x\n\n2020-01-01,9,4\nbad,9,5\n", shape)
    assert found.series[0].v.tolist() == [4]
    assert flaws(found) == {"rows without a usable time": (1, "line 4")}


def test_a_missing_column_and_an_empty_file_are_told() -> None:
    with pytest.raises(SourceError, match="no column 'b'; it has time, a"):
        read_table("time,a\n2020-01-01,1\n", csv_of())
    with pytest.raises(SourceError, match="no row has a time"):
        read_table("time,a,b\n", csv_of())


def test_latin_1_and_wrong_encoding(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes("time,Größe,b\n2020-01-01,1,2\n".encode("latin-1"))
    columns = (ValueColumn(column="Größe"),)
    (series,) = load(csv_of(file=str(file), encoding="latin-1", value=columns)).series
    assert series.v.tolist() == [1]
    _, faults = read_text(str(file), "utf-8")
    assert [(f.count, f.where) for f in faults] == [(2, "line 1")]


def test_a_packed_file_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = [f"2020-01-01T{i // 60:02}:{i % 60:02}:00,{rng.integers(10**9)},{i}\n" for i in range(1000)]
    packed = gzip.compress(("time,a,b\n" + "".join(rows)).encode())
    file = tmp_path / "x.csv.gz"
    file.write_bytes(packed[: len(packed) // 2])
    found = load(csv_of(file=str(file)))
    assert len(found.series[0].t_ns) > 0
    assert any("damaged gz" in words for words in flaws(found))


def test_a_sensor_says_what_its_column_says() -> None:
    column = ValueColumn(
        column="a", name=Text("甲", "A"), unit="kPa", kind="gas.pressure", area="north", lon=1.0, lat=2.0
    )
    shape = csv_of(area="south", site_name=Text("站", "Site"), value=(column, ValueColumn(column="b")))
    a, b = (one.sensor for one in read_table("time,a,b\n2020-01-01,1,2\n", shape).series)
    assert (a.id, a.name, a.unit, a.kind, a.area, a.lon, a.lat) == (
        "s.a",
        Text("甲", "A"),
        "kPa",
        "gas.pressure",
        "north",
        1,
        2,
    )
    assert (b.id, b.name, b.kind, b.area, b.site, b.source) == ("s.b", Text("b"), "b", "south", Text("站", "Site"), "s")
    assert not a.simulated


CELLS = st.one_of(
    st.sampled_from(["", "NA", "1", "-2.5", "1e400", "nan", "x", '"', '"a', "\x00"]),
    st.sampled_from(["2020-01-01", "9999-12-31", "0001-01-01"]),
    st.text(max_size=6),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=12), st.sampled_from(["iso", "s", "ns", "%Y"]))
def test_garbage_never_crashes_and_says_where(rows: list[list[str]], time_format: str) -> None:
    text = "time,a,b\n" + "\n".join(",".join(row) for row in rows)
    try:
        found = read_table(text, csv_of(time_format=time_format))
    except SourceError as error:
        assert "x.csv" in str(error)
        return
    lines = text.count("\n") + text.count("\r") + 20  # other line ends count, too
    for fault in found.faults:
        word, number = fault.where.split()
        assert word == "line"
        assert 1 < int(number) <= lines
        assert fault.count > 0
    for one in found.series:
        assert (np.diff(one.t_ns) > 0).all()
        assert (np.isnan(one.v) == (one.q == Quality.BAD)).all()
        assert not np.isinf(one.v).any()


def test_real_traffic() -> None:
    """NAB speed 6005 against csv.DictReader and zoneinfo."""
    file = real("nab/realTraffic/speed_6005.csv")
    (series,) = load(
        csv_of(file=str(file), time="timestamp", time_zone="+00:00", value=(ValueColumn(column="value"),))
    ).series
    with file.open(encoding="ascii") as opened:
        rows = list(csv.DictReader(opened))
    expected = {ns(row["timestamp"].replace(" ", "T")): float(row["value"]) for row in rows}
    assert dict(zip(series.t_ns.tolist(), series.v.tolist(), strict=True)) == expected
    assert not series.q.any()


def test_real_air() -> None:
    """Beijing, Dongsi: NA counted by text search, sums by another parser, first instant by hand."""
    file = real("air_beijing/PRSA_Data_Dongsi_20130301-20170228.csv.gz")
    shape = csv_of(
        file=str(file),
        time=("year", "month", "day", "hour"),
        time_zone="Asia/Shanghai",
        value=(ValueColumn(column="PM2.5"), ValueColumn(column="TEMP")),
    )
    found = load(shape)
    pm, temp = found.series
    rows = [line.split(",") for line in gzip.decompress(file.read_bytes()).decode().splitlines()[1:]]
    assert len(pm.t_ns) == len(rows) == 35_064
    assert pm.t_ns[0] == ns("2013-02-28T16:00:00")
    assert (np.diff(pm.t_ns) == 3600 * NS).all()
    missing = sum(row[5] == "NA" for row in rows)
    assert missing > 300
    assert int((pm.q == Quality.BAD).sum()) == missing
    assert np.nansum(pm.v) == pytest.approx(math.fsum(float(row[5]) for row in rows if row[5] != "NA"))
    assert np.nanmin(temp.v) == min(float(row[11]) for row in rows if row[11] != "NA")
    assert found.faults == ()


async def test_a_file_played_once_ends_and_keeps_its_past(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("time,a,b\n2020-01-01T00:00:00,1,NA\n2020-01-01T00:00:10,2,5\n2020-01-01T00:00:20,3,6\n", "utf-8")
    sink = RecordingSink()
    source = CsvSource(csv_of(file=str(file), speed=100))
    assert len(await source.query(Span(sensor="s.a", start_ns=0, end_ns=sink.now_ns))) == 0
    async with asyncio.timeout(30):
        await source.run(sink)
    assert sink.of("s.a").v.tolist() == [1, 2, 3]
    assert sink.of("s.b").q.tolist() == [Quality.BAD, 0, 0]
    past = await source.query(Span(sensor="s.a", start_ns=0, end_ns=sink.now_ns))
    assert past.v.tolist() == [1, 2, 3]
    assert past.t_ns.tolist() == sink.of("s.a").t_ns.tolist()
    assert set(sink.notices) == {"replay"}


async def test_a_file_that_has_gone_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv"):
        await CsvSource(csv_of(file=str(tmp_path / "gone.csv"))).run(RecordingSink())
