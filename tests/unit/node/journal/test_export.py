"""What a third party is given: it verifies with its own text, shows who did what, and is there whole or not at all."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from console.api import BadInput, SettingsError, Text
from console.model.errors import JournalError
from console.node.access.audit import Audited, AuditEntry
from console.node.journal.audit import main
from console.node.journal.audit_out import hand_over, show, wanted_of
from console.node.journal.entry import Draft
from console.node.journal.exchange import have, missing, take
from console.node.journal.export import export
from console.node.journal.folds import NoteAct
from console.node.journal.journal import Journal
from console.node.journal.lines import Wanted, instant_ns
from console.node.journal.verify import Witness
from console.node.refusals import RefusedAct
from tests.unit.node.journal.ledgers import START_NS, Wall, key, ledger, tell, write

SECRET = "王某 13800000000"


class Kept:
    """A state folder of a node that has ended: acts of two persons, a refusal, a peer's, one erased, one withheld."""

    def __init__(self, state: Path) -> None:
        self.state, self.path = state, state / "journal" / "journal.db"
        self.path.parent.mkdir(parents=True)
        wall = Wall()
        journal, peer = ledger("one", wall, path=self.path), ledger("peer")
        for number in range(4):
            wall.ns = START_NS + number * 3_600_000_000_000
            write(journal, f"做 {number}", intent=f"i{number}", place="2 号席")
        journal.append([refusal()])
        journal.append([Draft(kind="note.write", cls="note", entity="=1+1", act=NoteAct(text="x"), actor="李四")])
        write(peer, SECRET)
        tell(peer, journal)
        journal.erase(peer.origin, 2, "PIPL art. 47", "data officer")
        journal.commit()
        self.saved = write(journal, "last")
        journal.close()

    def witness(self) -> Witness:
        return Witness(node="one", epoch=self.saved.epoch, seq=self.saved.seq, hash=self.saved.head)


def refusal() -> Draft:
    act = RefusedAct(name="alarm.acknowledge", cls="alarm", entity="a", rule=Text("已确认", "done already"))
    return Draft(kind="intent.refused", cls="audit", entity="alarm:a", act=act, actor="李四", intent="r1")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "state")


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "entries.jsonl").read_text("utf-8").splitlines()]


def test_what_was_exported_verifies_here_and_by_the_text_in_it(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = export(kept.path, tmp_path / "out", Wanted(), [kept.witness()])
    assert (done.lines, done.bad) == (done.entries, "")
    assert main(kept.state, tmp_path / "out", None) == 0
    assert "its files are those of manifest.json" in capsys.readouterr().out
    alone = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "out", alone)
    told = subprocess.run(
        [sys.executable, "-I", "verify.py", "journal.db"], cwd=alone, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, f"{done.entries} entries, nothing is wrong\n"), told.stderr
    assert key().public.hex() in (alone / "keys.txt").read_text("utf-8")
    assert kept.saved.head.hex() in (alone / "witnesses.txt").read_text("utf-8")


def test_a_zip_is_the_same_and_its_owners_alone(kept: Kept, tmp_path: Path) -> None:
    export(kept.path, tmp_path / "out.zip", Wanted())
    assert main(kept.state, tmp_path / "out.zip", None) == 0
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {Path(name).parts[0] for name in archive.namelist()} == {"out"}


def test_lines_say_who_did_what_when_and_what_came_of_it(kept: Kept, tmp_path: Path) -> None:
    export(kept.path, tmp_path / "out", Wanted())
    found = {row["intent"]: row for row in rows(tmp_path / "out")}
    first = found["i0"]
    assert (first["who"], first["place"], first["kind"], first["result"]) == ("one", "2 号席", "note.write", "saved")
    assert first["time_utc"].startswith("2027-01-15T08:00:00.")
    assert first["act"] == {"text": "做 0"}
    assert instant_ns(first["time_local"], "") == instant_ns(first["time_utc"], "")
    refused = found["r1"]
    assert (refused["result"], refused["who"], refused["said"]) == ("refused", "李四", "已确认 / done already")
    with (tmp_path / "out" / "entries.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["hash"] for row in table] == [row["hash"] for row in rows(tmp_path / "out")]
    assert "'=1+1" in [row["entity"] for row in table], "no spreadsheet computes what somebody typed"


def test_log_ins_and_views_of_personal_data_say_of_whom_and_whether_they_were_let(tmp_path: Path) -> None:
    journal = ledger("one", path=tmp_path / "journal.db")
    for what, ok in ((Audited.LOGIN, False), (Audited.VIEW_PERSONAL, True)):
        told = AuditEntry(
            t_ns=START_NS, what=what, ok=ok, person="wang", place="2 号席", rule="wrong", entity="person:li"
        )
        journal.append([Draft(kind=f"access.{what}", cls="audit", entity="person:wang", act=told)])
    journal.commit()
    journal.close()
    done = export(tmp_path / "journal.db", tmp_path / "out", Wanted(person="wang"))
    assert done.lines == 2
    login, view = rows(tmp_path / "out")
    assert [login[key] for key in ("kind", "who", "place", "result", "said")] == [
        "access.login", "wang", "2 号席", "refused", "wrong",
    ]  # fmt: skip
    assert (view["result"], view["act"]["entity"]) == ("ok", "person:li")


def test_what_was_erased_stays_erased_in_every_file(kept: Kept, tmp_path: Path) -> None:
    export(kept.path, tmp_path / "out", Wanted())
    (gone,) = [row for row in rows(tmp_path / "out") if row["body"] != "kept"]
    assert (gone["body"], gone["act"], gone["node"]) == ("erased", None, "peer")
    for path in (tmp_path / "out").iterdir():
        assert SECRET.encode() not in path.read_bytes(), path.name


def test_what_a_node_was_never_given_is_said_to_be_withheld(tmp_path: Path) -> None:
    giver, taker = ledger("giver"), ledger("taker", path=tmp_path / "journal.db")
    write(giver, SECRET, intent="secret")
    parcel = missing(giver, have(taker))
    take(taker, [msgspec.structs.replace(e, body=None) if e.header.intent else e for e in parcel])
    taker.commit()
    taker.close()
    assert export(tmp_path / "journal.db", tmp_path / "out", Wanted()).bad == ""
    (bare,) = [row for row in rows(tmp_path / "out") if row["intent"]]
    assert (bare["body"], bare["act"]) == ("withheld", None)


def test_a_body_that_is_gone_without_a_word_is_not_handed_on_as_withheld(tmp_path: Path) -> None:
    journal = ledger("one", path=tmp_path / "journal.db")
    write(journal, SECRET)
    write(journal, SECRET)
    journal.close()
    connection = apsw.Connection(str(tmp_path / "journal.db"))
    connection.execute("UPDATE entry SET body = NULL WHERE position = 3")
    connection.close()
    with pytest.raises(JournalError, match="does not verify: entry 3: its body is gone, and no entry says why"):
        export(tmp_path / "journal.db", tmp_path / "out", Wanted())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(person="李四"), 2),
        (Wanted(start_ns=START_NS + 3_600_000_000_000, end_ns=START_NS + 2 * 3_600_000_000_000), 1),
        (Wanted(person="nobody"), 0),
    ],
)
def test_a_filter_chooses_lines_and_leaves_the_journal_whole(
    wanted: Wanted, count: int, kept: Kept, tmp_path: Path
) -> None:
    done = export(kept.path, tmp_path / "out", wanted)
    assert (done.lines, len(rows(tmp_path / "out"))) == (count, count)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (manifest["lines"], manifest["lines_wanted"]["person"]) == (count, wanted.person)
    assert manifest["entries"] == done.entries > 8
    assert main(kept.state, tmp_path / "out", None) == 0


@pytest.mark.parametrize("harm", ["change", "remove", "add", "journal"])
def test_an_export_that_was_changed_is_found(
    harm: str, kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    export(kept.path, out, Wanted())
    match harm:
        case "change":
            lines = (out / "entries.csv").read_text("utf-8")
            (out / "entries.csv").write_text(lines.replace("李四", "王五"), "utf-8")
        case "remove":
            (out / "keys.txt").unlink()
        case "add":
            (out / "note.txt").write_text("also", "utf-8")
        case _:
            connection = apsw.Connection(str(out / "journal.db"))
            connection.execute("UPDATE entry SET received_ns = 7 WHERE position = 2")
            connection.close()
    capsys.readouterr()
    assert main(kept.state, out, None) == 1
    assert "BAD: " in capsys.readouterr().out


async def test_an_export_of_a_running_journal_is_one_state_of_it_and_stops_nobody(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "node")
    await journal.open()
    saved = [await journal.append([note(number)]) for number in range(50)]
    exporting = asyncio.ensure_future(
        asyncio.to_thread(export, tmp_path / "journal" / "journal.db", tmp_path / "out", Wanted())
    )
    number = 50
    while not exporting.done():
        saved.append(await journal.append([note(number)]))
        number += 1
    done = await exporting
    assert done.bad == ""
    assert 50 < done.entries <= saved[-1].position
    assert [row["seq"] for row in rows(tmp_path / "out")] == list(range(1, done.entries + 1))
    await journal.close()


def note(number: int) -> Draft:
    return Draft(kind="note.write", cls="note", entity="n", act=NoteAct(text=str(number)), intent=f"i{number}")


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_who_gives_up_finds_nothing_and_loses_nothing(
    name: str, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_progress: object, what: str, _done: int, _of: int) -> None:
        if what == "writing lines":
            raise KeyboardInterrupt

    monkeypatch.setattr("console.node.progress.Progress.step", interrupted)
    assert hand_over(kept.state, None, tmp_path / name, Wanted(), demo=False) == 130
    assert "cancelled; nothing was written" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_disk_that_is_full_is_told_and_nothing_stays(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("console.node.journal.export.os.fsync", full)
    with pytest.raises(JournalError, match="cannot be written"):
        export(kept.path, tmp_path / "out", Wanted())
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_what_cannot_be_done_is_said(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(BadInput, match="it is there already"):
        export(kept.path, tmp_path / "taken", Wanted())
    with pytest.raises(BadInput, match="a folder that exists"):
        export(kept.path, tmp_path / "no" / "out", Wanted())
    with pytest.raises(BadInput, match="no journal; expected the state folder of a node that has run; --demo"):
        hand_over(tmp_path / "taken", None, tmp_path / "out", Wanted(), demo=False)
    with pytest.raises(SettingsError, match="--from; found 'noon'; expected an ISO time"):
        wanted_of("noon", "", "")
    with pytest.raises(BadInput, match="not after --from"):
        wanted_of("2026-01-02", "2026-01-01", "")


def test_the_list_shows_the_last_lines_of_whom_is_asked_for(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(kept.state, None, wanted_of("", "", "李四"), last=1, demo=False) == 0
    assert "note:=1+1" in capsys.readouterr().out
    assert show(kept.state, None, wanted_of("", "", ""), last=5, demo=False) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 5
    assert said[-1].endswith("saved")


def test_a_journal_that_grew_since_does_not_make_an_export_wrong(kept: Kept, tmp_path: Path) -> None:
    """The console's newer witnesses are of entries that came after it."""
    export(kept.path, tmp_path / "out", Wanted(), [kept.witness()])
    (kept.state / "witnesses.txt").write_text(f"one {kept.saved.epoch} 999 {'ab' * 32}\n", "utf-8")
    assert main(kept.state, tmp_path / "out", None) == 0
    assert main(kept.state, tmp_path / "out", kept.state / "witnesses.txt") == 1
