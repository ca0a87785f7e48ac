"""`main.py export`: a span of a state folder's store as an MCAP file, through the node where one runs."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path

from console.api import BadInput, ResourceError, SettingsError
from console.node.importing.command import KEEP_ALL
from console.node.progress import Progress, stop_on_signals
from console.node.recording.errand import ask
from console.node.recording.export import Exported, Order, export, instant_of, selector_of
from console.node.state import hold_state, store_folder
from console.node.telemetry.store import Telemetry


def main(file: Path, start: str, end: str, select: Sequence[str], state: Path, *, demo: bool) -> int:
    """Export; 0 when the file is there, 130 when cancelled. Raises YilanError."""
    order = _order(file, start, end, select)
    return asyncio.run(_main(order, state, demo=demo))


def _order(file: Path, start: str, end: str, select: Sequence[str]) -> Order:
    if file.suffix != ".mcap":
        raise SettingsError("the file to write", found=f"'{file.name}'", expected="a name that ends in .mcap")
    local = dt.datetime.now().astimezone().tzinfo or dt.UTC
    start_ns, end_ns = instant_of(start, local, "--from"), instant_of(end, local, "--to")
    if end_ns <= start_ns:
        raise SettingsError("--to", found=f"'{end}', which is not after --from", expected="a later time")
    return Order(file=str(file.resolve()), start_ns=start_ns, end_ns=end_ns, selector=selector_of(select))


async def _main(order: Order, state: Path, *, demo: bool) -> int:
    stop = stop_on_signals()
    progress = Progress(Path(order.file).name)
    try:
        try:
            hold_state(state)
        except ResourceError:  # a node has it: it exports what it has itself, simulated or not
            done = await ask(state, order, progress.show, stop)
        else:
            done = await _alone(order, store_folder(state, simulated=demo), progress, stop, demo=demo)
    finally:
        took_s = progress.end()
    if done.cancelled:
        print("cancelled; nothing was written")
        return 130
    print(f"{order.file}: {done.rows:,} samples and changes of {done.sensors:,} sensors, {took_s:.1f} s")
    if done.early:
        print(f"{done.early:,} samples from before 1970 do not fit in an MCAP file and were left out")
    return 0


async def _alone(order: Order, folder: Path, progress: Progress, stop: asyncio.Event, *, demo: bool) -> Exported:
    """Open the store ourselves."""
    if not (folder / "store.json").exists():
        tip = "--demo exports what the demo city was" if not demo else ""
        raise BadInput(f"{folder}", found="no store", expected="the state folder of a node that has run", tip=tip)
    before_ns = time.time_ns()  # opening a store begins a new run, which knows no entity yet
    store = Telemetry(folder, KEEP_ALL, on_notice=lambda notice: None, on_clear=lambda key: None)
    await store.open()
    try:
        return await export(order, store, now_ns=before_ns, simulated=demo, show=progress.show, stop=stop)
    finally:
        await store.close()
