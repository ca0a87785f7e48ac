"""Where a node's files lie, and the lock by which one process works on them; opens nothing else."""

from __future__ import annotations

from pathlib import Path

from console.api import ResourceError
from console.posix import lock_file


def store_folder(state: Path, *, simulated: bool) -> Path:
    """Where the store of a state folder lies: what is simulated never mixes with what was measured."""
    return state / ("telemetry-demo" if simulated else "telemetry")


def journal_folder(state: Path, *, simulated: bool) -> Path:
    """Where the journal of a state folder lies; a demo's never mixes with a real one."""
    return state / ("journal-demo" if simulated else "journal")


def files_folder(state: Path, *, simulated: bool) -> Path:
    """Where files lie that persons attached; a demo's never mix with real ones."""
    return state / ("files-demo" if simulated else "files")


def access_folder(state: Path, *, simulated: bool) -> Path:
    """Where policy, accounts and sessions of a state folder lie; those of a demo open nothing real."""
    return state / ("access-demo" if simulated else "access")


def hold_state(state: Path) -> int:
    """Take the folder for this process; returns the lock of `lock_file`. Raises ResourceError where another has it."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = lock_file(state / "node.lock")
    except OSError as error:
        raise ResourceError(f"{state} cannot be used ({error.strerror}); give another folder with --state") from error
    if lock is None:
        raise ResourceError(f"a node, or an import, works in {state} now; end it first or give another --state")
    return lock
