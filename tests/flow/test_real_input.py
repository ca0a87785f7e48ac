"""All-real input, headless: real files through a real node over a real socket, against numbers from the files alone."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import gzip
import json
import math
import time
import zoneinfo
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from console.api import NS, Alarm, Camera, Freshness, MapLayer, PictureState, Quality, Resource, Sensor
from console.client.feed import MediaFeed
from console.client.media import Media
from console.tasks import Tasks
from tests.flow.nodes import until
from tests.flow.real_node import RealNode, camera_server, real_node
from tests.real_files import FOLDER, real

EXAMPLE = Path(__file__).parents[2] / "docs" / "howto" / "real-data.toml"
START = dt.datetime(2015, 9, 14, 15, 0)
QUAKES_START_MS = round(dt.datetime(2018, 2, 2, 12, tzinfo=dt.UTC).timestamp() * 1000)
AIRCRAFT_START_MS = round(dt.datetime(2020, 9, 9, 22, tzinfo=dt.UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def nothing_missing() -> None:
    """The example's files are all there, else its tests skip."""
    for name in (
        "nab/realTraffic/speed_6005.csv",
        "air_beijing/PRSA_Data_Dongsi_20130301-20170228.csv.gz",
        "earthquakes/usgs_all_week_part.geojson",
        "trajectories/adsb/calfire.json.gz",
        "video/car-detection.mp4",
        "maps/world/countries-110m.json",
    ):
        real(name)


@pytest.fixture
async def node(tmp_path: Path, nothing_missing: None) -> AsyncIterator[RealNode]:
    """The documented example, ten times as fast as it is documented."""
    toml = EXAMPLE.read_text("utf-8").replace("speed = 60\n", "speed = 600\n")
    sources = tmp_path / "sources.toml"
    sources.write_text(toml, "utf-8")
    async with real_node(tmp_path, sources, "rtsp://127.0.0.1:1", YILAN_DATA=str(FOLDER.resolve())) as running:
        assert not running.failed, running.failed
        yield running


def traffic(name: str, zone: str = "America/Chicago") -> list[tuple[float, float]]:
    """(UTC s, value) of a NAB file from the start instant's last row on, read by other means than the product's."""
    local = zoneinfo.ZoneInfo(zone)
    with real(f"nab/realTraffic/{name}.csv").open(encoding="ascii") as opened:
        rows = [
            (dt.datetime.strptime(row["timestamp"], "%Y-%m-%d %H:%M:%S"), float(row["value"]))
            for row in csv.DictReader(opened)
        ]
    first = max(i for i, (moment, _) in enumerate(rows) if moment <= START)
    return [(moment.replace(tzinfo=local).timestamp(), value) for moment, value in rows[first:]]


async def test_values_of_traffic(node: RealNode) -> None:
    sensors = {
        "speed-6005.speed": (traffic("speed_6005"), 1.609344),
        "occupancy-6005.occupancy": (traffic("occupancy_6005"), 1.0),
        "travel-387.time": (traffic("TravelTime_387"), 1.0),
    }

    def shown(id_: str) -> list[tuple[int, float]]:
        found = node.replica.window(id_, 0, time.time_ns() + NS)
        return list(zip(found.t_ns.tolist(), found.v.tolist(), strict=True))

    await until(lambda: all(len(shown(id_)) >= 4 for id_ in sensors), 30)
    for id_, (rows, scale) in sensors.items():
        got = shown(id_)[:4]
        values = [value * scale for _, value in rows[:124]]
        # rows come every half second: a console that was slow to connect has the last one before it as its first
        late = next((i for i in range(120) if [v for _, v in got] == pytest.approx(values[i : i + 4])), None)
        assert late is not None, (got, values)
        rows = rows[late:]
        # spacing of the shown times is the file's own, 600 times as fast
        assert [(t - got[0][0]) / NS for t, _ in got] == pytest.approx([(s - rows[0][0]) / 600 for s, _ in rows[:4]])
        assert node.replica.freshness(id_, time.time_ns(), link_up=True) is Freshness.LIVE


async def test_air_its_past_and_its_warning_colours(node: RealNode) -> None:
    id_ = "air-dongsi.PM2.5"
    lines = gzip.decompress(real("air_beijing/PRSA_Data_Dongsi_20130301-20170228.csv.gz").read_bytes()).decode()
    rows = [line.split(",") for line in lines.splitlines()[1:]]
    at = next(i for i, row in enumerate(rows) if row[1:5] == ["2016", "12", "31", "12"])
    await until(lambda: not math.isnan(node.value(id_)), 60)
    first = node.replica.window(id_, 0, time.time_ns() + NS)
    # an hour of the file is ten seconds now: a console that was slow to connect begins with a later one
    at = next(i for i in range(at, at + 6) if float(rows[i][5]) == first.v[0])
    # the year before, as history
    begun_ns = int(first.t_ns[0])
    past = await node.link.query(id_, begun_ns - 2000 * 10 * NS, begun_ns, 20_000)
    expected = [math.nan if row[5] == "NA" else float(row[5]) for row in rows[at - 2000 : at]]
    np.testing.assert_array_equal(past.v, expected)
    assert ((past.q != 0) == np.isnan(expected)).all()
    thinned = await node.link.query(id_, begun_ns - 2000 * 10 * NS, begun_ns, 100)
    assert len(thinned) <= 200
    assert np.nanmax(thinned.v) == np.nanmax(expected)
    assert np.nanmin(thinned.v) == np.nanmin(expected)
    # HJ 633 steps of the example: 115, 150, 250, 350
    assert float(rows[at][5]) >= 115, "the example starts in smog, and it thickens"

    def is_alarm_of_now() -> bool:
        alarm = node.replica.entities["alarm"].get(f"alarm:{id_}")
        of_now = 4 - sum(node.value(id_) >= limit for limit in (150, 250, 350))
        return isinstance(alarm, Alarm) and alarm.priority == of_now

    await until(is_alarm_of_now)


async def test_positions_of_aircraft(node: RealNode) -> None:
    records = json.loads(gzip.decompress(real("trajectories/adsb/calfire.json.gz").read_bytes()))
    tracks: dict[str, list[dict[str, float]]] = {}
    for record in sorted(records, key=lambda r: r["timestamp"]):
        if AIRCRAFT_START_MS - 1_800_000 <= record["timestamp"] <= AIRCRAFT_START_MS:
            tracks.setdefault(record["icao24"], []).append(record)
    assert len(tracks) > 5
    ids = {icao24: f"adsb.{icao24}.position" for icao24 in tracks}
    await until(lambda: bool((node.replica.latest(list(ids.values()), time.time_ns()).t_ns > 0).all()), 60)
    now_ns = time.time_ns()
    places = {(r["icao24"], r["longitude"], r["latitude"]) for r in records}
    for icao24, expected in tracks.items():
        # the half hour before the start is a minute and a half now
        track = await node.link.query(ids[icao24], now_ns - 3600 * NS, now_ns, 20_000)
        # what lies before the start came late, and says so where the store was open already
        good = track.v[(track.q & ~Quality.LATE) == 0]
        found = [row.tolist() for row in good]
        at = [found.index(row) for row in found if row[:2] == [expected[0]["longitude"], expected[0]["latitude"]]][-1]
        for record, row in zip(expected, found[at:], strict=False):
            assert row[:2] == [record["longitude"], record["latitude"]]
            assert row[2] == pytest.approx(record["altitude"] * 0.3048)
            assert row[3] == pytest.approx(record["track"])
            assert row[4] == pytest.approx(record["groundspeed"] * 1852 / 3600)
        newest = node.replica.latest([ids[icao24]], time.time_ns()).v[0]
        assert (icao24, *newest[:2].tolist()) in places
    flying = [r for r in node.replica.all(Resource).values() if isinstance(r, Resource) and r.kind == "aircraft"]
    assert {f"adsb.{icao24}" for icao24 in tracks} <= {r.id for r in flying}
    # who does not fly now is neither on the map nor among the streams
    assert {r.position for r in flying} == {id_ for id_ in node.replica.all(Sensor) if id_.endswith(".position")}
    assert len(flying) < 45


async def test_quakes_stand_on_the_map(node: RealNode) -> None:
    features = json.loads(real("earthquakes/usgs_all_week_part.geojson").read_bytes())["features"]
    strong = [f for f in features if f["properties"]["mag"] >= 3 and f["properties"]["time"] <= QUAKES_START_MS]
    assert len(strong) > 50
    expected = {f"quakes.{f['id']}": f for f in strong}
    await until(lambda: expected.keys() <= node.replica.entities["resource"].keys(), 60)
    for id_, feature in expected.items():
        quake = node.replica.entities["resource"][id_]
        assert isinstance(quake, Resource)
        assert quake.kind == "quake"
        assert [quake.lon, quake.lat] == feature["geometry"]["coordinates"][:2]
        assert quake.name.zh == f"M {feature['properties']['mag']:.1f} {feature['properties']['place']}"


async def test_cameras_and_ground_are_declared(node: RealNode) -> None:
    await until(lambda: len(node.cameras) == 2 and "coasts" in node.replica.entities["map_layer"], 60)
    assert {Path(camera["file"]).name for camera in node.cameras} == {
        "car-detection.mp4",
        "one-by-one-person-detection.mp4",
    }
    assert all(camera["loop"] for camera in node.cameras)
    assert set(node.replica.all(Camera)) == {"cam-cars", "cam-people"}
    layer = node.replica.all(MapLayer)["coasts"]
    assert isinstance(layer, MapLayer)
    content = json.loads(await node.link.fetch(layer.sha256))
    assert len(content["features"]) == 177
    assert await node.link.ticket("cam-cars", "main") == f"rtsp://127.0.0.1:1/{node.cameras[0]['path']}"


async def test_a_wrong_file_stops_the_start_with_one_clear_line(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nid = "a"\nkind = "csv"\nfile = "gone.csv"\n', "utf-8")
    async with real_node(tmp_path, sources) as node:
        assert node.ready == {}
        assert node.failed.startswith("sources.toml line 4, key 'source[0].file'; found no file")


def thumbnails(file: Path) -> npt.NDArray[np.float32]:
    """All pictures of a clip, decoded here, as grey thumbnails f32 (n, 54, 96)."""
    with av.open(str(file)) as clip:
        return np.stack([thumbnail(frame.to_ndarray(format="bgra").astype(np.uint8)) for frame in clip.decode(video=0)])


def thumbnail(bgra: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """A picture's grey thumbnail f32 (54, 96)."""
    grey = Image.fromarray(np.ascontiguousarray(bgra[..., 2::-1])).convert("L")
    return np.asarray(grey.resize((96, 54), Image.Resampling.BOX), np.float32)


async def watched(feed: MediaFeed, pictures: int) -> list[tuple[int, npt.NDArray[np.float32]]]:
    """(decoded at, thumbnail) of the next live pictures."""
    found: list[tuple[int, npt.NDArray[np.float32]]] = []
    async with asyncio.timeout(90):
        while len(found) < pictures:
            picture = feed.picture() if feed.state is PictureState.LIVE else None
            if picture is not None and (not found or picture.t_ns > found[-1][0]):
                found.append((picture.t_ns, thumbnail(picture.bgra)))
            await asyncio.sleep(0.2)
    return found


@pytest.mark.slow
async def test_pictures_of_both_cameras(tmp_path: Path, nothing_missing: None) -> None:
    clips = {
        "cam-cars": (real("video/car-detection.mp4"), 12.5),
        "cam-people": (real("video/one-by-one-person-detection.mp4"), 10.0),
    }
    tasks = Tasks()
    async with camera_server(tmp_path) as (url, order):
        async with real_node(tmp_path, EXAMPLE, url, YILAN_DATA=str(FOLDER.resolve())) as node:
            await until(lambda: len(node.cameras) == 2)
            for line in node.cameras:
                order(line)
            media = Media(tasks)
            try:
                feeds = {id_: media.feed(id_, "main", partial(node.link.ticket, id_, "main")) for id_ in clips}
                seen = {id_: await watched(feed, 8) for id_, feed in feeds.items()}
            finally:
                await media.close()
                await tasks.close()
    for id_, (file, fps) in clips.items():
        expected = thumbnails(file)
        places = []
        for _, picture in seen[id_]:
            differences = np.abs(expected - picture).mean(axis=(1, 2))
            places.append(int(differences.argmin()))
            assert differences.min() < 2.0, f"{id_}: the picture is none of the clip's"
        # they are the clip's pictures in their order and at their pace; a busy machine may catch up now and then
        passed = np.diff(places) % len(expected)
        clock = np.diff([t_ns for t_ns, _ in seen[id_]]) / NS * fps
        assert passed.max() < len(expected) / 2, places
        assert np.median(np.abs(passed - clock)) < fps / 2, (places, clock)
        assert passed.sum() > 0


async def test_one_bad_file_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("time,a\n2020-01-01,1\n2020-01-02,2\n", "utf-8")
    (tmp_path / "bad.csv").write_text("time,a\nnever,1\n", "utf-8")
    text = '[[source]]\nid = "{0}"\nkind = "csv"\nfile = "{0}.csv"\nvalue = [{{ column = "a" }}]\n'
    sources = tmp_path / "sources.toml"
    sources.write_text(text.format("bad") + text.format("good"), "utf-8")
    async with real_node(tmp_path, sources) as node:
        await until(lambda: node.value("good.a") == 1 and "source:bad" in node.replica.notices)
        notice = node.replica.notices["source:bad"]
        assert "bad.csv: no row has a time" in notice.detail
        assert notice.tip.en == "See sources.toml line 1"
        # mended while the node runs: the source comes by itself
        (tmp_path / "bad.csv").write_text("time,a\n2020-01-01,7\n", "utf-8")
        await until(lambda: node.value("bad.a") == 7, 60)
