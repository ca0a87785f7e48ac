"""Tracks: four formats, units, judged fixes, movers that come and go; real files against their own text."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, Quality, Resource, SourceError, Text
from console.node.sources.tracks.judge import bearing_deg, clock_faults, judged, jumps, metres
from console.node.sources.tracks.read import Fix, raw_fixes
from console.node.sources.tracks.source import TracksSource, load
from console.node.sources.tracks.spec import TrackFields, TracksSettings, TrackUnits
from tests.fakes_sink import RecordingSink
from tests.real_files import real

T0 = 1_600_000_000 * NS


def fix(second: float, east_m: float = 0.0, **more: Any) -> Fix:
    """A fix so many metres east of (100, 0)."""
    lon = 100 + math.degrees(east_m / 6_371_008.8)
    usual: dict[str, Any] = {"mover": "m", "name": "", "where": f"at {second:g}", "lon": lon, "lat": 0.0}
    return Fix(t_ns=T0 + round(second * NS), **usual | more)


def test_distance_and_bearing() -> None:
    assert metres(0, 0, 1, 0) == pytest.approx(111_195, abs=1)
    assert metres(179.5, 0, -179.5, 0) == pytest.approx(111_195, abs=1)
    assert bearing_deg(0, 0, 1, 0) == pytest.approx(90)
    assert bearing_deg(0, 1, 0, 0) == pytest.approx(180)


def test_an_outlier_is_bad_and_has_no_position() -> None:
    track = judged([fix(0), fix(10, 100), fix(20, 90_000), fix(30, 300), fix(40, 400)], 30, in_order=True)
    assert track.q.tolist() == [0, 0, Quality.BAD, 0, 0]
    assert np.isnan(track.v[2]).all()
    assert track.jumps == ("at 20",)
    assert track.v[3, 4] == pytest.approx(200 / 20, rel=1e-6)  # from the last good fix
    assert track.v[3, 3] == pytest.approx(90)


def test_a_wrong_start_is_outvoted() -> None:
    assert jumps([fix(0, 90_000), fix(1, 0), fix(2, 10), fix(3, 20), fix(4, 30)], 30) == {0}


def test_two_wild_fixes_at_the_end_are_both_bad() -> None:
    assert jumps([fix(0), fix(1, 10), fix(2, 20), fix(3, 90_000), fix(4, -90_000)], 30) == {3, 4}


def test_clock_faults() -> None:
    def odd(*seconds: float) -> set[int]:
        return clock_faults([round(s * NS) for s in seconds])

    assert odd(0, 10, 20) == set()
    assert odd(0, 10, 5000, 20, 30) == {2}
    assert odd(0, 10, 2, 20) == {1}  # one back or one ahead: the later agree with the earlier
    assert odd(0, 10, 11, 12, 3, 13) == {4}
    assert odd(0, 10, 9.5, 11) == set()  # half a second is reordering
    track = judged([fix(0), fix(10, 10), fix(5000, 20), fix(20, 30)], 30, in_order=True)
    assert track.q.tolist() == [0, 0, 0, Quality.BAD | Quality.CLOCK]
    assert track.clocks == ("at 5000",)


def test_fixes_told_twice_count_once() -> None:
    track = judged([fix(0), fix(0), fix(5, 5), fix(5, 5)], 30, in_order=True)
    assert len(track.t_ns) == 2


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(-1e6, 1e6)), max_size=25), st.booleans())
def test_any_fixes_give_an_ascending_track(raw: list[tuple[float, float]], in_order: bool) -> None:
    track = judged([fix(s, x) for s, x in raw], 30, in_order)
    assert (np.diff(track.t_ns) >= 0).all()
    assert track.v.shape == (len(track.t_ns), 5)
    assert (np.isnan(track.v[:, 0]) == ((track.q & Quality.BAD) != 0)).all()


def settings_for(file: Path | str, **more: Any) -> TracksSettings:
    """Settings of source "s"."""
    return TracksSettings(**{"id": "s", "file": str(file)} | more)


CSV = "t;x;y\n2020-01-01 00:00:00;1;2\nlater;1;2\n2020-01-01 00:00:10;1.0001;2\n2020-01-01 00:00:20;;\n"


def test_csv_and_flaws_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(CSV, "utf-8")
    recording, names = load(
        settings_for(file, delimiter=";", fields=TrackFields(time="t", lon="x", lat="y"), name=Text("车"))
    )
    assert names == [Text("车")]
    assert recording.series[0].sensor.id == "s.1.position"
    assert recording.series[0].v[:, 0].tolist() == [1, 1.0001]
    assert {f.what.en: (f.count, f.where) for f in recording.faults} == {
        "fixes without a usable time": (1, "line 3"),
        "fixes without a position": (1, "line 5"),
    }


def test_records_as_list_and_as_columns() -> None:
    rows = [
        {"timestamp": 1600000000000 + 1000 * i, "icao24": "a", "longitude": 1.0, "latitude": 2.0, "altitude": 1000.0}
        for i in range(3)
    ]
    columns = {key: {str(i): row[key] for i, row in enumerate(rows)} for key in rows[0]}
    lists = {key: [row[key] for row in rows] for key in rows[0]}
    shape = settings_for("x.json", units=TrackUnits(alt="ft"))
    first, *others = (list(raw_fixes(json.dumps(form), shape)) for form in (rows, columns, lists))
    assert all(repr(other) == repr(first) for other in others)  # NaN equals nothing
    assert isinstance(first[0], Fix)
    assert first[0].alt == pytest.approx(304.8)


def test_gpx_with_an_entity_bomb_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "a">]><gpx>&a;</gpx>'
    with pytest.raises(SourceError, match="DOCTYPE"):
        list(raw_fixes(bomb, settings_for("x.gpx")))


@pytest.mark.parametrize("text", ["", "[", "[[", "{}", '{"trace": 1}', "<gpx", "null", "[1, null, {}]", "a,b\n1,2\n"])
@pytest.mark.parametrize("form", ["auto", "records", "readsb", "csv", "gpx"])
def test_garbage_is_a_source_error_that_names_the_file(tmp_path: Path, text: str, form: str) -> None:
    file = tmp_path / "x.bin"
    file.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=r"x\.bin"):
        load(settings_for(file, format=form))


def test_real_aircraft() -> None:
    """Calfire: every fix's place and units against the JSON itself."""
    file = real("trajectories/adsb/calfire.json.gz")
    recording, names = load(settings_for(file, mover="aircraft", units=TrackUnits(alt="ft", speed="kt")))
    records = json.loads(gzip.decompress(file.read_bytes()))
    assert len(recording.series) == len({r["icao24"] for r in records}) == 45
    assert "N342WN" in {name.zh for name in names}
    by_key = {(r["icao24"], r["timestamp"] * 1_000_000): r for r in records}
    good = 0
    for series in recording.series:
        mover = series.sensor.id.split(".")[1]
        assert (np.diff(series.t_ns) >= 0).all()
        for t_ns, v, q in zip(series.t_ns.tolist(), series.v.tolist(), series.q.tolist(), strict=True):
            if q:
                continue
            record = by_key[mover, t_ns]
            good += 1
            assert v[0] == record["longitude"]
            assert v[1] == record["latitude"]
            assert v[2] == pytest.approx(record["altitude"] * 0.3048)
            assert v[3] == pytest.approx(record["track"])
            assert v[4] == pytest.approx(record["groundspeed"] * 0.514444, rel=1e-5)
    assert len(records) - 20 < good <= len(records)


def test_real_readsb_trace() -> None:
    file = real("trajectories/adsb/trace_full_ac671b.json")
    recording, names = load(settings_for(file, mover="aircraft"))
    raw = json.loads(file.read_bytes())
    (series,) = recording.series
    assert names == [Text("N899DN")]
    assert len(series.t_ns) == len(raw["trace"]) == 2500
    last = raw["trace"][-1]
    assert series.t_ns[-1] == pytest.approx((raw["timestamp"] + last[0]) * NS, abs=NS)
    assert series.v[-1, :2].tolist() == [last[2], last[1]]
    assert series.v[0, 2] == pytest.approx(32000 * 0.3048)
    assert int((series.q != 0).sum()) < 5


def test_real_gps_csv() -> None:
    file = real("trajectories/gps/posmo_trajectory.csv")
    fields = TrackFields(id="user_id", time="tracked_at", lon="longitude", lat="latitude")
    recording, _ = load(settings_for(file, delimiter=";", fields=fields))
    rows = [line.split(";") for line in file.read_text("utf-8").splitlines()[1:]]
    (series,) = recording.series
    assert len(series.t_ns) == len(rows) == 1327
    good = series.q == 0
    assert good.mean() > 0.95
    told = {(float(r[1]), float(r[2])) for r in rows}
    assert {(lon, lat) for lon, lat in series.v[good, :2].tolist()} <= told
    between_s = (series.t_ns[good][1:] - series.t_ns[good][:-1]) / NS
    way_m = [metres(*a[:2], *b[:2]) for a, b in zip(series.v[good], series.v[good][1:], strict=False)]
    # a jump stands only where three fixes in a row agree on it: this receiver hangs in each tunnel, then catches up
    assert (np.array(way_m) > 90 * between_s + 151).mean() < 0.02


def test_real_gpx() -> None:
    file = real("trajectories/gps/tour-with-loop.gpx")
    recording, names = load(settings_for(file))
    expected = re.findall(r'<trkpt lat="([\d.]+)" lon="([\d.]+)">', file.read_text("utf-8"))
    (series,) = recording.series
    assert names == [Text("GraphHopper Track")]
    assert series.v[:, :2].tolist() == [[float(lon), float(lat)] for lat, lon in expected]
    assert series.t_ns[-1] - series.t_ns[0] == 77 * NS


def test_real_noise_is_flagged() -> None:
    file = real("trajectories/adsb/noisy_ground.json.gz")
    recording, _ = load(settings_for(file, max_speed_m_s=80, units=TrackUnits(alt="ft", speed="kt")))
    (series,) = recording.series
    assert len(series.t_ns) == 924
    assert 10 < int((series.q != 0).sum()) < 100


async def test_movers_come_and_leave(tmp_path: Path) -> None:
    rows = [{"timestamp": 1600000000000 + 100 * i, "icao24": "a", "longitude": 1.0, "latitude": 2.0} for i in range(3)]
    file = tmp_path / "x.json"
    file.write_text(json.dumps(rows), "utf-8")
    sink = RecordingSink()
    source = TracksSource(settings_for(file, gone_after_s=0.2))
    async with asyncio.timeout(30):
        await source.run(sink)
    assert sink.dropped == [("resource", "s.a"), ("sensor", "s.a.position")]
    assert [p.id for p in sink.puts if isinstance(p, Resource)] == ["s.a"]
    assert len(sink.of("s.a.position").t_ns) == 3
    assert "replay" in sink.notices
