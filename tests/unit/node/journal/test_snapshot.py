"""How all stood, kept beside the journal: a start from it is the start from the first entry, or it is not used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from console.node.journal import ledger as rules
from console.node.journal import snapshot
from console.node.journal.folds import FOLDS
from console.node.journal.ledger import Ledger
from console.node.journal.seals import NodeKey
from console.node.journal.snapshot import FILE, Snapshots
from console.node.journal.store import Store
from tests.unit.node.journal.ledgers import Wall, lines, standing, write

WALL = Wall()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AT_CLOSE", 1)
    monkeypatch.setattr(rules, "LOOK_BACK", 5)


def opened(folder: Path, key: NodeKey | None = None) -> Ledger:
    own = key or NodeKey(folder)
    made = Ledger(Store(folder / "j.db"), "n1", own, FOLDS, now_ns=WALL, snapshots=Snapshots(folder, own, FOLDS))
    made.open()
    return made


def grown(folder: Path, count: int = 12) -> Ledger:
    """A journal of three notes, closed: its snapshot lies beside it."""
    made = opened(folder)
    for n in range(count):
        write(made, f"line {n}", f"n{n % 3}")
    made.close()
    return made


def used(of: Ledger) -> bool:
    """Whether it began with a snapshot."""
    return of._snapshots is not None and of._snapshots.position > 0


def test_a_start_from_a_snapshot_stands_as_one_from_the_first_entry(tmp_path: Path) -> None:
    grown(tmp_path)
    again = opened(tmp_path)
    assert used(again)
    quick = standing(again)
    again.projections.rebuild()
    assert standing(again) == quick
    assert lines(again, "n0") == ["line 0", "line 3", "line 6", "line 9"]
    again.close()


def test_what_came_after_the_snapshot_is_folded_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path)
    monkeypatch.setattr(rules, "AT_CLOSE", 1_000)
    after = opened(tmp_path)
    write(after, "later", "n1")
    assert lines(after, "n1")[-1] == "later"
    after.close()
    again = opened(tmp_path)
    assert used(again)
    write(again, "latest", "n1")
    write(again, "new", "n9")
    assert lines(again, "n1")[-2:] == ["later", "latest"]
    assert lines(again, "n9") == ["new"]
    quick = standing(again)
    again.projections.rebuild()
    assert standing(again) == quick
    again.close()


@pytest.mark.parametrize("spot", [0, 70, -1])
def test_a_damaged_snapshot_is_not_used(tmp_path: Path, spot: int) -> None:
    grown(tmp_path)
    raw = bytearray((tmp_path / FILE).read_bytes())
    raw[spot] ^= 1
    (tmp_path / FILE).write_bytes(raw)
    again = opened(tmp_path)
    assert not used(again)
    assert len(lines(again, "n0")) == 4
    again.close()


def test_a_snapshot_cut_short_is_not_used(tmp_path: Path) -> None:
    grown(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    for length in (0, 10, 64, len(whole) // 2):
        (tmp_path / FILE).write_bytes(whole[:length])
        again = opened(tmp_path)
        assert not used(again)
        again.store.close(failed=True)


def test_a_snapshot_of_another_key_or_program_or_past_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    grown(tmp_path / "other")
    grown(tmp_path)
    (tmp_path / "own").write_bytes((tmp_path / FILE).read_bytes())
    (tmp_path / FILE).write_bytes((tmp_path / "other" / FILE).read_bytes())
    foreign = opened(tmp_path)
    assert not used(foreign)
    foreign.store.close(failed=True)

    stranger = opened(tmp_path / "other", NodeKey(tmp_path))
    assert not used(stranger)
    stranger.store.close(failed=True)

    (tmp_path / FILE).write_bytes((tmp_path / "own").read_bytes())
    monkeypatch.setattr(snapshot, "program", lambda: b"newer")
    newer = opened(tmp_path)
    assert not used(newer)
    newer.store.close(failed=True)


def test_a_body_erased_since_is_gone_from_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path)
    monkeypatch.setattr(rules, "AT_CLOSE", 1_000)
    after = opened(tmp_path)
    assert b"line 0" in (tmp_path / FILE).read_bytes()
    after.erase(after.origin, 2, "个人信息保护法", "auditor")
    after.commit()
    assert not (tmp_path / FILE).exists(), "the law asks that it is nowhere"
    assert len(lines(after, "n0")) == 3
    after.close()
    again = opened(tmp_path)
    assert not used(again)
    assert len(lines(again, "n0")) == 3
    again.close()


def test_what_a_kill_left_of_a_body_that_was_erased_is_gone_with_the_next_start(tmp_path: Path) -> None:
    grown(tmp_path)
    states = (tmp_path / FILE).read_bytes()
    after = opened(tmp_path)
    after.erase(after.origin, 2, "个人信息保护法", "auditor")
    after.commit()
    after.store.close(failed=True)
    (tmp_path / FILE).write_bytes(states)
    again = opened(tmp_path)
    assert not used(again)
    assert not (tmp_path / FILE).exists()
    again.store.close(failed=True)


def test_an_old_entry_that_was_changed_is_found_while_the_node_rests(tmp_path: Path) -> None:
    grown(tmp_path, 30)
    connection = sqlite3.connect(tmp_path / "j.db")
    (header,) = connection.execute("SELECT header FROM entry WHERE position = 9").fetchone()
    connection.execute("UPDATE entry SET header = ? WHERE position = 9", (header[:40] + b"?" + header[41:],))
    connection.commit()
    connection.close()
    again = opened(tmp_path)
    assert used(again)
    for _ in range(10):
        again.tidy(idle=True)
    assert [notice.key for notice in again.take_notices()] == ["journal.damaged"]
    write(again, "goes on", "n5")
    assert lines(again, "n5") == ["goes on"]
    again.close()
    later = opened(tmp_path)
    assert not used(later), "nothing is kept of what is damaged"
    for _ in range(10):
        later.tidy(idle=True)
    assert [notice.key for notice in later.take_notices()] == ["journal.damaged"]
    later.close()


def test_a_journal_that_is_whole_is_looked_through_once_and_rests_then(tmp_path: Path) -> None:
    grown(tmp_path, 30)
    again = opened(tmp_path)
    for _ in range(20):
        again.tidy(idle=True)
    assert not again.unfinished
    assert again.take_notices() == []
    again.close()


def test_a_disk_that_takes_no_snapshot_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "states.new").mkdir()
    grown(tmp_path)
    again = opened(tmp_path)
    assert not used(again)
    assert len(lines(again, "n0")) == 4
    again.close()
