"""`main.py import`: files of the past into the store of a state folder, while no node has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console.api import ResourceError
from console.node.importing.into import Import, Outcome
from console.node.importing.ledger import Ledger, content_key
from console.node.importing.lot import Reader
from console.node.importing.mapping import fingerprint, reader_for, settings_for
from console.node.progress import Progress, stop_on_signals
from console.node.recording.reader import RecordingFile
from console.node.sources.replay.reel import Fault
from console.node.state import hold_state, store_folder
from console.node.telemetry.retention import Keep, Retention
from console.node.telemetry.store import Telemetry

FOR_EVER: Final = 365_000.0
KEEP_ALL: Final = Retention(default=Keep(raw_days=FOR_EVER, minute_days=FOR_EVER, hour_days=FOR_EVER))
"""What goes is for the node to decide, by the settings of its sources file."""
FAULTS_SHOWN: Final = 20


def main(files: Sequence[Path], mapping: Path | None, state: Path) -> int:
    """Import the files, one after the other; 0 when all are in, 130 when cancelled. Raises YilanError."""
    return asyncio.run(_main(files, mapping, state))


async def _main(files: Sequence[Path], mapping: Path | None, state: Path) -> int:
    stop = stop_on_signals()
    work = [_opened(file, mapping) for file in files]  # what is wrong with any of them is told before anything is done
    hold_state(state)
    for file, (reader, key) in zip(files, work, strict=True):
        outcome = await _import(file, reader, key, state, stop)
        tell(file, outcome, reader.faults())
        if outcome.cancelled:
            return 130
    return 0


def _opened(file: Path, mapping: Path | None) -> tuple[Reader, str]:
    """A reader and what the ledger knows the import by."""
    if file.suffix == ".mcap":
        return RecordingFile(file), content_key(file, b"mcap")
    settings = settings_for(file, mapping)
    return reader_for(file, settings), content_key(file, fingerprint(settings))


async def _import(file: Path, reader: Reader, key: str, state: Path, stop: asyncio.Event) -> Outcome:
    folder = store_folder(state, simulated=reader.simulated)
    store = Telemetry(folder, KEEP_ALL, on_notice=lambda notice: None, on_clear=lambda key: None)
    await store.open()
    progress = Progress(file.name)
    one: Import | None = None
    try:
        one = Import(
            store,
            Ledger(folder),
            reader,
            key=key,
            name=file.name,
            spool=state / "importing",
            show=progress.show,
            stop=stop,
            settling=progress.days,
        )
        return await one.run(time.time_ns())
    except OSError as error:
        raise ResourceError(f"{folder}: {error.strerror or error}; whole days are kept, try again") from error
    finally:
        progress.end()
        await store.close()
        if one is not None:
            await one.tasks.close()


def tell(file: Path, outcome: Outcome, faults: Sequence[Fault]) -> None:
    """Print what became of a file."""
    if outcome.already:
        print(f"{file.name}: imported before ({outcome.rows:,} samples); nothing to do")
        return
    for fault in faults[:FAULTS_SHOWN]:
        print(f"{file.name} {fault.where}: {fault.what.en} ({fault.count:,} in all)")
    if outcome.hidden:
        print(f"{file.name}: {outcome.hidden:,} samples of a sensor and time that came again; the last one stands")
    if outcome.strange:
        print(f"{file.name}: {outcome.strange:,} samples from before 1970 or of the future, left out")
    if outcome.cancelled:
        print(f"{file.name}: cancelled, {outcome.days} whole days more are in; the same command goes on from there")
    elif outcome.before and not outcome.rows:
        print(f"{file.name}: sorting finished; its {outcome.before:,} samples were stored by an earlier start")
    else:
        earlier = f", after {outcome.before:,} of an earlier start" if outcome.before else ""
        print(f"{file.name}: {outcome.rows:,} samples of {outcome.days} days stored{earlier}")
