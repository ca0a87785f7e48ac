"""A span of the store as a recording; knows neither command line nor socket."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np

from console.api import NS, Area, BadInput, Board, ChannelKind, Selector, Sensor, SettingsError, Value
from console.node.choice import Choice
from console.node.recording.form import VERSION
from console.node.recording.writer import Change, RecordingWriter
from console.node.rows import Rows
from console.node.sources.replay.clockwork import instant_ns
from console.wire.codec import encode_value

WINDOW_NS: Final = 3600 * NS
LOOK_NS: Final = 24 * WINDOW_NS
"""So much of the log of entities is looked through at once."""
WINDOW_MOST_NS: Final = 32 * 24 * WINDOW_NS
FEW_ROWS, MANY_ROWS = 20_000, 400_000
"""Windows grow and shrink so that one holds about so many samples: the file is in order from window to window."""


class Archive(Protocol):
    """What an export needs of `console.node.telemetry.store.Telemetry`."""

    async def saved(self) -> None: ...
    async def read(self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int) -> Rows: ...
    async def covered(self) -> tuple[int, int]: ...
    async def runs(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]: ...
    def sensors(self) -> Sequence[Sensor]: ...
    async def entities_at(self, t_ns: int) -> dict[str, dict[str, bytes]]: ...
    async def entity_changes(self, start_ns: int, end_ns: int) -> list[Change]: ...


class Order(Value, frozen=True):
    """What is exported: [start_ns, end_ns) of the sensors that `selector` matches, into `file` (absolute)."""

    file: str
    start_ns: int
    end_ns: int
    selector: Selector = Selector()


class Exported(Value, frozen=True):
    """What became of an export: `rows` samples and changes of `sensors` sensors; `early` did not fit (before 1970)."""

    rows: int = 0
    sensors: int = 0
    early: int = 0
    cancelled: bool = False


async def export(
    order: Order,
    archive: Archive,
    *,
    now_ns: int,
    simulated: bool,
    show: Callable[[int, float], None],
    stop: asyncio.Event,
) -> Exported:
    """Write the recording; the file appears when it is whole, and not at all when `stop` was set.

    Args:
        now_ns: what is known then of sensors is told of those that nothing was put of in the span.
        show: told messages so far and 0 … 1 of the work.

    Raises BadInput where nothing is to be exported, ResourceError for the disk.
    """
    await archive.saved()
    order = await _held(order, archive)
    begin = await archive.entities_at(order.start_ns)
    sensors = await _sensors(order, archive, begin, now_ns)
    about = {
        "version": VERSION,
        "from": _iso(order.start_ns),
        "to": _iso(order.end_ns),
        "simulated": "1" if simulated else "",
        "datum": "WGS 84",
    }
    writer = await asyncio.to_thread(RecordingWriter, Path(order.file), about)
    try:
        await asyncio.to_thread(writer.sensors, list(sensors.values()))
        await asyncio.to_thread(writer.changes, _standing(order.start_ns, begin, sensors))
        await _windows(order, archive, sensors, writer, show, stop)
        if stop.is_set():
            writer.abandon()
            return Exported(cancelled=True)
        await asyncio.to_thread(writer.finish)
        return Exported(rows=writer.rows, sensors=len(sensors), early=writer.before_1970)
    except BaseException:
        writer.abandon()
        raise


async def _held(order: Order, archive: Archive) -> Order:
    """The order, cut to the time of which the store holds anything: who asks for a century need not wait for it."""
    first_ns, last_ns = await archive.covered()
    runs = await archive.runs(order.start_ns, order.end_ns)
    held = [*runs, *([(first_ns, last_ns + 1)] if last_ns else [])]
    start_ns = max(order.start_ns, min((start for start, _ in held), default=order.end_ns))
    end_ns = min(order.end_ns, max((end for _, end in held), default=order.start_ns) + 1)
    if end_ns <= start_ns:
        there = f"a store that holds {_iso(first_ns)} to {_iso(last_ns)}" if last_ns else "a store without a sample"
        raise BadInput("nothing to export", found=there, expected="--from and --to of a time that it holds")
    return msgspec.structs.replace(order, start_ns=start_ns, end_ns=end_ns)


async def _sensors(
    order: Order, archive: Archive, begin: Mapping[str, Mapping[str, bytes]], now_ns: int
) -> dict[str, Sensor]:
    """The sensors that are meant, by id, as they were told last within the span.

    Of one that the log tells nothing of any more (imported, or of a source that is gone) what the store itself knows.
    """
    now = await archive.entities_at(now_ns)
    raws = {**now.get(Sensor.CLS, {}), **begin.get(Sensor.CLS, {})}
    areas = {**now.get(Area.CLS, {}), **begin.get(Area.CLS, {})}
    for start_ns in range(order.start_ns, order.end_ns, LOOK_NS):
        for _, cls, id_, raw in await archive.entity_changes(start_ns, min(start_ns + LOOK_NS, order.end_ns)):
            if raw is not None and cls in (Sensor.CLS, Area.CLS):
                (raws if cls == Sensor.CLS else areas)[id_] = raw
    for sensor in archive.sensors():
        if sensor.id not in raws:
            raws[sensor.id] = bytes(encode_value(sensor))
    return await asyncio.to_thread(_chosen, order.selector, raws, areas)


def _chosen(selector: Selector, raws: Mapping[str, bytes], areas: Mapping[str, bytes]) -> dict[str, Sensor]:
    chosen = Choice(selector, [msgspec.msgpack.decode(raw, type=Area) for raw in areas.values()])
    found = {id_: msgspec.msgpack.decode(raw, type=Sensor) for id_, raw in raws.items()}
    wanted = {id_: sensor for id_, sensor in found.items() if chosen(sensor)}
    if not wanted:
        what = (
            f"{len(found)} sensors are known of that time, none of them is selected" if found else "no sensor is known"
        )
        raise BadInput("nothing to export", found=what, expected="a span in which this node recorded, and a --select")
    return wanted


def _standing(start_ns: int, begin: Mapping[str, Mapping[str, bytes]], sensors: Mapping[str, Sensor]) -> list[Change]:
    """How everything stood at the beginning, the chosen sensors always."""
    told = [(start_ns, Sensor.CLS, id_, msgspec.msgpack.encode(sensor)) for id_, sensor in sensors.items()]
    rest = [
        (start_ns, cls, id_, raw) for cls, known in begin.items() if cls != Sensor.CLS for id_, raw in known.items()
    ]
    return [*told, *rest]


async def _windows(
    order: Order,
    archive: Archive,
    sensors: Mapping[str, Sensor],
    writer: RecordingWriter,
    show: Callable[[int, float], None],
    stop: asyncio.Event,
) -> None:
    at_ns, window_ns = order.start_ns, WINDOW_NS
    of_kind = {kind: [id_ for id_, sensor in sensors.items() if sensor.channel is kind] for kind in ChannelKind}
    while at_ns < order.end_ns and not stop.is_set():
        until_ns = min(at_ns + window_ns, order.end_ns)
        before = writer.rows
        changes = [
            change
            for change in await archive.entity_changes(at_ns, until_ns)
            if change[1] and (change[1] != Sensor.CLS or change[2] in sensors)
        ]
        await asyncio.to_thread(writer.changes, changes)
        for kind, ids in of_kind.items():
            await _samples(archive, ids, kind, (at_ns, until_ns), writer, stop)
        rows = writer.rows - before
        if rows < FEW_ROWS:
            window_ns = min(2 * window_ns, WINDOW_MOST_NS)
        elif rows > MANY_ROWS:
            window_ns = max(window_ns // 2, NS)
        at_ns = until_ns
        show(writer.rows, (at_ns - order.start_ns) / max(1, order.end_ns - order.start_ns))


async def _samples(
    archive: Archive,
    ids: Sequence[str],
    kind: ChannelKind,
    span: tuple[int, int],
    writer: RecordingWriter,
    stop: asyncio.Event,
) -> None:
    start_ns, end_ns = span
    while ids and start_ns < end_ns and not stop.is_set():
        page = await archive.read(ids, kind, start_ns, end_ns)
        if len(page.columns):
            await asyncio.to_thread(writer.samples, kind, page.columns, page.ids)
        start_ns = page.next_ns or end_ns


def selector_of(choices: Sequence[str]) -> Selector:
    """A selector from "board=natural", "area=north", "kind=gas.pressure", "id=plant.gas"; several of one key are any
    of them, except area. Raises SettingsError."""
    found: dict[str, list[str]] = {}
    for choice in choices:
        key, _, value = choice.partition("=")
        if key not in ("board", "area", "kind", "id") or not value:
            raise SettingsError("--select", found=f"'{choice}'", expected="board=…, area=…, kind=… or id=…")
        found.setdefault(key, []).extend(value.split(","))
    if len(found.get("area", [])) > 1:
        raise SettingsError("--select", found="two areas", expected="one area, which means all below it too")
    try:
        boards = tuple(Board(board) for board in found.get("board", []))
    except ValueError as error:
        raise SettingsError("--select board", found=str(error), expected=", ".join(Board)) from error
    return Selector(
        boards=boards,
        area="".join(found.get("area", [])),
        kinds=tuple(found.get("kind", [])),
        ids=tuple(found.get("id", [])),
    )


def _iso(t_ns: int) -> str:
    return str(np.datetime64(t_ns, "ns")) + "Z"


def instant_of(text: str, local: dt.tzinfo, what: str) -> int:
    """UTC ns of an ISO time; one that names no zone is of `local`. Raises SettingsError."""
    try:
        return instant_ns(text, local)
    except (ValueError, OverflowError) as error:
        raise SettingsError(what, found=f"'{text}'", expected="an ISO time, 2026-07-18T03:00 or …T03:00Z") from error
