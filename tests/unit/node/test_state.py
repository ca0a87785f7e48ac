"""One process works on a state folder; what is simulated lies apart from what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.api import ResourceError
from console.node.state import hold_state, store_folder
from console.posix import unlock_file


def test_a_second_process_is_told_and_a_later_one_may(tmp_path: Path) -> None:
    lock = hold_state(tmp_path / "state")
    with pytest.raises(ResourceError, match="a node, or an import, works in"):
        hold_state(tmp_path / "state")
    unlock_file(lock)
    unlock_file(hold_state(tmp_path / "state"))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ResourceError, match="--state"):
        hold_state(tmp_path / "file" / "state")


def test_simulated_and_measured_never_share_a_store(tmp_path: Path) -> None:
    assert store_folder(tmp_path, simulated=True) != store_folder(tmp_path, simulated=False)
