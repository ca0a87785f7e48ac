"""What `main.py doctor` says of the SQLite that keeps the journal."""

from __future__ import annotations

import apsw
import pytest

from console import doctor
from console.node.journal.schema import LEAST_SQLITE


def test_the_sqlite_that_keeps_the_journal_is_named_and_fit() -> None:
    finding = doctor.sqlite()
    assert finding.state == "ok" and finding.found.startswith(apsw.sqlite_lib_version())
    assert "journal" in finding.meaning


def test_one_that_may_lose_a_journal_is_no_small_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    finding = doctor.sqlite()
    assert finding.state == "bad" and finding.act


def test_it_asks_for_what_the_journal_asks_for() -> None:
    assert doctor.SOUND_SQLITE == LEAST_SQLITE
