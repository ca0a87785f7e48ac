"""The witnesses of a console: the newest of each origin, through restarts, beside lines that are damaged or newer."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from console.client.witness import KEPT, Witnesses
from console.wire.frames import IntentAnswer


def saved(entry: int, epoch: str = "e", head: str = "ab") -> IntentAnswer:
    return IntentAnswer(id="i", state="saved", origin="n1", epoch=epoch, entry=entry, head=head * 32)


def test_the_newest_of_each_origin_is_kept_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "witnesses.txt"
    first = Witnesses(path)
    for answer in (saved(3), saved(5, head="cd"), saved(4), saved(1, "f")):
        first.take(answer)
    assert Witnesses(path).last == {("n1", "e"): (5, "cd" * 32), ("n1", "f"): (1, "ab" * 32)}


def test_more_origins_than_are_remembered_let_the_oldest_go(tmp_path: Path) -> None:
    witnesses = Witnesses(tmp_path / "witnesses.txt")
    for number in range(KEPT + 3):
        witnesses.take(saved(1, f"e{number}"))
    assert len(witnesses.last) == KEPT
    assert ("n1", "e2") not in witnesses.last


def test_a_damaged_line_costs_itself_alone_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "witnesses.txt"
    path.write_text(f"# kept\nn1 e 5\nn1 f 2 {'ab' * 32}\n", "utf-8")
    with caplog.at_level(logging.WARNING):
        found = Witnesses(path)
    assert found.last == {("n1", "f"): (2, "ab" * 32)}
    assert "line 2" in caplog.text


def test_a_newer_versions_file_is_left_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "witnesses.txt"
    path.write_text("# version 2\nsomething else\n", "utf-8")
    with caplog.at_level(logging.ERROR):
        witnesses = Witnesses(path)
        witnesses.take(saved(1))
    assert "found version 2, expected at most 1" in caplog.text
    assert path.read_text("utf-8") == "# version 2\nsomething else\n"
    assert witnesses.last == {("n1", "e"): (1, "ab" * 32)}
