"""What `main.py doctor` says of the SQLite that keeps the journal, and of certificates."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import apsw
import pytest

from console import doctor
from console.node.journal.schema import LEAST_SQLITE
from tests.certificates import SiteCerts


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


def test_without_certificates_nothing_is_wrong(tmp_path: Path) -> None:
    assert doctor.certificates(tmp_path).state == "ok"


def test_good_certificates_are_counted(tmp_path: Path) -> None:
    SiteCerts(tmp_path).user("anna")
    finding = doctor.certificates(tmp_path)
    assert finding.state == "ok" and finding.found.startswith("3 in")


def test_one_that_ends_within_thirty_days_is_named_in_time(tmp_path: Path) -> None:
    SiteCerts(tmp_path)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=825 - 20)
    finding = doctor.certificates(tmp_path, soon)
    assert finding.state == "note" and "node-n1.pem ends in" in finding.meaning and "certs" in finding.act


@pytest.mark.parametrize("way", ["over", "revoked", "readable", "early"])
def test_one_that_will_not_do_is_bad_and_named(tmp_path: Path, way: str) -> None:
    site, now = SiteCerts(tmp_path), dt.datetime.now(dt.UTC)
    if way == "over":
        site.expired("anna")
    elif way == "revoked":
        site.revoked("anna")
    elif way == "readable":
        site.user("anna")[1].chmod(0o644)
    else:
        site.user("anna")
        now -= dt.timedelta(days=1)
    finding = doctor.certificates(tmp_path, now)
    assert finding.state == "bad" and "user-anna" in finding.meaning
