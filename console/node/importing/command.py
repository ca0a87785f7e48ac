"""`main.py import`: files of the past into the store of a state folder, while no node has it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console.api import ResourceError, SettingsError
from console.node.importing.into import Import, Outcome
from console.node.importing.ledger import Ledger, content_key
from console.node.importing.lot import Reader
from console.node.importing.mapping import fingerprint, reader_for, settings_for
from console.node.progress import Progress, stop_on_signals
from console.node.recording.reader import RecordingFile
from console.node.sources.replay.reel import Fault
from console.node.state import hold_state, store_folder
from console.node.telemetry.retention import Keep, Retention, remembered
from console.node.telemetry.store import Telemetry

FOR_EVER: Final = 365_000.0
KEEP_ALL: Final = Retention(default=Keep(raw_days=FOR_EVER, minute_days=FOR_EVER, hour_days=FOR_EVER))
"""For who only reads, and for what stays as it came."""
FAULTS_SHOWN: Final = 20


def main(files: Sequence[Path], mapping: Path | None, state: Path, *, keep_raw: bool = False) -> int:
    """Import the files, one after the other; 0 when all are in, 130 when cancelled. Raises YilanError."""
    return asyncio.run(_main(files, mapping, state, keep_raw=keep_raw))


async def _main(files: Sequence[Path], mapping: Path | None, state: Path, *, keep_raw: bool) -> int:
    stop = stop_on_signals()
    work = [_opened(file, mapping) for file in files]  # what is wrong with any of them is told before anything is done
    hold_state(state)
    for file, (reader, how) in zip(files, work, strict=True):
        key = await asyncio.to_thread(content_key, file, how, stop.is_set)
        if stop.is_set():
            print(f"{file.name}: cancelled, nothing of it was stored")
            return 130
        outcome = await _import(file, reader, key, state, stop, keep_raw=keep_raw)
        tell(file, outcome, reader.faults())
        if outcome.cancelled:
            return 130
    return 0


def _opened(file: Path, mapping: Path | None) -> tuple[Reader, bytes]:
    """A reader, and by what, beside its content, the ledger knows the import."""
    if file.suffix == ".mcap":
        if mapping is not None:
            tip = "import it by itself, without --mapping"
            raise SettingsError("--mapping", found=f"{file.name}, which says itself what it holds", tip=tip)
        return RecordingFile(file), b"mcap"
    settings = settings_for(file, mapping)
    return reader_for(file, settings), fingerprint(settings)


def _keep(folder: Path, key: str, name: str, *, keep_raw: bool) -> Retention:
    """What is made of old days: what the folder's node would keep, said before anything is done.

    A day that a killed import may have stored is compared sample by sample: for that all are kept once more.
    """
    keep = remembered(folder)
    days = keep.longest().raw_days
    what = f"older than {days:g} days by the minute and hour only; --keep-raw keeps every sample"
    if keep_raw:
        what = "every sample is kept as it came, beyond what [store] says"
    print(f"{name}: {what}", file=sys.stderr, flush=True)
    return KEEP_ALL if keep_raw or Ledger(folder).of(key, name).begun else keep


async def _import(file: Path, reader: Reader, key: str, state: Path, stop: asyncio.Event, *, keep_raw: bool) -> Outcome:
    folder = store_folder(state, simulated=reader.simulated)
    keep = _keep(folder, key, file.name, keep_raw=keep_raw)
    store = Telemetry(folder, keep, on_notice=lambda notice: None, on_clear=lambda key: None, keep_imported=keep_raw)
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
