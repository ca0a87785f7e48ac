"""Export: what the store holds of a span, chosen by selector, whole or not at all."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import msgspec
import pytest

from console.api import NS, Area, BadInput, Board, ChannelKind, Resource, Selector, Sensor, SettingsError
from console.node.recording.export import Exported, Order, export, instant_of, selector_of
from console.node.recording.reader import Change, RecordingFile
from tests.stores import MemoryStore, Row

T_NS = 1_700_000_000 * NS
DAY_NS = 86_400 * NS
EVERYTHING = Selector()


@pytest.fixture
def store() -> MemoryStore:
    """Three days of an hourly sensor, one position, one area; a team that was busy for a while."""
    made = MemoryStore()
    sensors = [
        Sensor(id="gas", board=Board.LIFELINE, area="old-town", kind="gas.pressure"),
        Sensor(id="rain", board=Board.NATURAL, area="new-town"),
        Sensor(id="bus", channel=ChannelKind.POSITION),
    ]
    areas = [Area(id="city"), Area(id="old-town", parent="city"), Area(id="new-town", parent="city")]
    for entity in (*sensors, *areas, Resource(id="team")):
        made.record(entity.CLS, entity.id, msgspec.msgpack.encode(entity), T_NS)
    made.record("resource", "team", msgspec.msgpack.encode(Resource(id="team", busy=True)), T_NS + DAY_NS)
    made.record("resource", "team", None, T_NS + 2 * DAY_NS)
    for hour in range(72):
        t_ns = T_NS + hour * 3600 * NS
        made.rows.append(Row("gas", ChannelKind.SCALAR, t_ns, (float(hour),), 0))
        made.rows.append(Row("rain", ChannelKind.SCALAR, t_ns, (-float(hour),), 16))
        made.rows.append(Row("bus", ChannelKind.POSITION, t_ns, (108.0, 34.0, 0.0, 1.0, 2.0), 0))
    return made


class Run:
    """An export with what it showed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "out.mcap"
        self.shown: list[tuple[int, float]] = []
        self.stop = asyncio.Event()

    async def __call__(
        self,
        store: MemoryStore,
        start_ns: int,
        end_ns: int,
        selector: Selector = EVERYTHING,
        *,
        simulated: bool = False,
    ) -> Exported:
        order = Order(file=str(self.path), start_ns=start_ns, end_ns=end_ns, selector=selector)
        return await export(
            order,
            store,
            now_ns=T_NS + 10 * DAY_NS,
            simulated=simulated,
            show=lambda rows, done: self.shown.append((rows, done)),
            stop=self.stop,
        )

    def hours(self) -> dict[str, list[int]]:
        """Hours since T of each sensor's samples in the file."""
        file = RecordingFile(self.path)
        found: dict[str, list[int]] = {}
        for lot in file.lots():
            for i, t_ns in zip(lot.columns.ids.tolist(), lot.columns.t_ns.tolist(), strict=True):
                found.setdefault(file.sensors[i].id, []).append((t_ns - T_NS) // (3600 * NS))
        return found

    def changes(self) -> list[tuple[int, str, str, bool]]:
        parts = RecordingFile(self.path).parts()
        return [
            ((p.t_ns - T_NS) // (3600 * NS), p.cls, p.id, p.raw is not None) for p in parts if isinstance(p, Change)
        ]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


async def test_a_span_of_everything(store: MemoryStore, run: Run) -> None:
    done = await run(store, T_NS + 10 * 3600 * NS, T_NS + 30 * 3600 * NS)
    assert done.sensors == 3
    assert run.hours() == {"gas": [*range(10, 30)], "rain": [*range(10, 30)], "bus": [*range(10, 30)]}
    team = [(hour, there) for hour, cls, id_, there in run.changes() if (cls, id_) == ("resource", "team")]
    assert team == [(10, True), (24, True)], "how it stood at the beginning, then each change"
    assert run.shown[-1][1] == 1.0
    assert [done for _, done in run.shown] == sorted(done for _, done in run.shown)


@pytest.mark.parametrize(
    ("selector", "sensors"),
    [
        (Selector(boards=(Board.NATURAL,)), {"rain"}),
        (Selector(area="city"), {"gas", "rain"}),
        (Selector(area="old-town"), {"gas"}),
        (Selector(kinds=("gas.pressure",)), {"gas"}),
        (Selector(ids=("bus", "gas")), {"bus", "gas"}),
    ],
)
async def test_a_selection(store: MemoryStore, run: Run, selector: Selector, sensors: set[str]) -> None:
    await run(store, T_NS, T_NS + DAY_NS, selector)
    assert set(run.hours()) == sensors
    assert {id_ for _, cls, id_, _ in run.changes() if cls == "sensor"} == sensors


async def test_cancelled_it_leaves_nothing(store: MemoryStore, run: Run) -> None:
    run.stop.set()
    assert (await run(store, T_NS, T_NS + DAY_NS)).cancelled
    assert list(run.path.parent.iterdir()) == []


async def test_a_store_that_fails_leaves_nothing(store: MemoryStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*arguments: object) -> None:
        raise OSError("the disk went")

    monkeypatch.setattr(store, "read", broken)
    with pytest.raises(OSError, match="the disk went"):
        await run(store, T_NS, T_NS + DAY_NS)
    assert list(run.path.parent.iterdir()) == []


async def test_where_no_sensor_is_meant_it_says_how_many_there_are(store: MemoryStore, run: Run) -> None:
    with pytest.raises(BadInput, match="3 sensors are known"):
        await run(store, T_NS, T_NS + DAY_NS, Selector(ids=("nobody",)))
    with pytest.raises(BadInput, match="a store without a sample"):
        await run(MemoryStore(), T_NS, T_NS + DAY_NS)
    with pytest.raises(BadInput, match="a store that holds 2023-11-14T22:13:20"):
        await run(store, 0, DAY_NS)


async def test_who_asks_for_a_century_gets_what_there_is(store: MemoryStore, run: Run) -> None:
    await run(store, 0, T_NS + 36_500 * DAY_NS)
    assert run.hours()["gas"] == [*range(72)]
    assert len(run.shown) < 100, "empty years are not looked through"


async def test_what_was_simulated_says_so(store: MemoryStore, run: Run) -> None:
    await run(store, T_NS, T_NS + DAY_NS, simulated=True)
    assert RecordingFile(run.path).simulated


def test_what_select_takes() -> None:
    assert selector_of(["board=natural,public", "area=north", "id=a", "id=b"]) == Selector(
        boards=(Board.NATURAL, Board.PUBLIC), area="north", ids=("a", "b")
    )
    for wrong in (["sea=1"], ["board=sea"], ["id"], ["area=a", "area=b"]):
        with pytest.raises(SettingsError, match="--select"):
            selector_of(wrong)


def test_times_without_a_zone_are_local() -> None:
    east = dt.timezone(dt.timedelta(hours=8))
    assert instant_of("2026-07-18T08:00", east, "--from") == instant_of("2026-07-18T00:00Z", east, "--from")
    with pytest.raises(SettingsError, match="--from"):
        instant_of("yesterday", east, "--from")
