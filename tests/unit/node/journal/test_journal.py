"""The journal as the node's loop uses it: saved after the sync, grouped, refused by rule, reopened, copied."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from console.api import BadInput, Notice, RefusedError
from console.model.errors import JournalError
from console.node.journal.backup import back_up
from console.node.journal.entry import Draft, Origin, Saved
from console.node.journal.fold import View
from console.node.journal.folds import NoteAct
from console.node.journal.journal import MOST_WAITING, Growth, Journal
from console.node.journal.ledger import HeadsMoved, Ledger
from console.node.journal.store import FILE, Store
from console.node.journal.verify import verify


def note(text: str, entity: str = "n", **more: Any) -> Draft:
    return Draft(kind="note.write", cls="note", entity=entity, act=NoteAct(text=text), actor="duty", **more)


@asynccontextmanager
async def journal(folder: Path, **more: Any) -> AsyncIterator[Journal]:
    """An open journal."""
    opened = Journal(folder, "node", **more)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def lines(of: Journal, entity: str = "n") -> list[str]:
    return [text for _, text in (await of.view("note", entity)).state.lines]


async def epochs(of: Journal) -> list[str]:
    return [entry.header.epoch for entry in await of.entries() if entry.header.kind == "journal.epoch"]


async def test_saved_names_an_entry_that_is_there_after_a_restart(tmp_path: Path) -> None:
    async with journal(tmp_path) as first:
        saved = await first.append([note("a", intent="i")])
    async with journal(tmp_path) as again:
        (entry,) = await again.entries(saved.position - 1)
        assert (entry.hash, entry.header.seq, entry.header.epoch) == (saved.head, saved.seq, saved.epoch)
        assert await lines(again) == ["a"]
        repeated = await again.append([note("a", intent="i")])
        assert (repeated.again, repeated.head) == (True, saved.head)
        assert await epochs(again) == [saved.epoch], "the same folder goes on in the same epoch"


async def test_saved_is_said_only_after_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with journal(tmp_path) as opened:
        at_commit, go = threading.Event(), threading.Event()
        commit = Store.commit

        def held(store: Store) -> None:
            at_commit.set()
            assert go.wait(60)
            commit(store)

        monkeypatch.setattr(Store, "commit", held)
        answer = opened.append([note("a")])
        await asyncio.to_thread(at_commit.wait, 20)
        # whatever the loop has to do, it does; the answer is not among it
        for _ in range(100):
            await asyncio.sleep(0)
        assert not answer.done()
        go.set()
        assert (await answer).seq == 2


async def test_what_is_in_flight_shares_commits_and_every_act_has_its_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    commit = Store.commit

    def counted(store: Store) -> None:
        commits.append(store.waiting)
        commit(store)

    monkeypatch.setattr(Store, "commit", counted)
    go = threading.Event()

    def hold(_ledger: Ledger) -> None:
        assert go.wait(60)

    async with journal(tmp_path) as opened:
        commits.clear()
        held = opened.call(hold)  # the journal's thread cannot come between: all are in flight before the first commit
        waiting = [opened.append([note(str(n), f"n{n % 5}", intent=f"i{n}")]) for n in range(200)]
        go.set()
        await held
        answers = await asyncio.gather(*waiting)
    assert sorted(saved.seq for saved in answers) == list(range(2, 202))
    assert len({saved.head for saved in answers}) == 200
    assert sum(commits) >= 200
    assert len([count for count in commits if count]) < 40


async def test_growth_comes_in_order_once_and_then_the_views(tmp_path: Path) -> None:
    grown: list[Growth] = []
    async with journal(tmp_path, on_growth=grown.append) as opened:
        await asyncio.gather(*(opened.append([note(str(n), f"n{n % 3}")]) for n in range(50)))
    entries = [entry for growth in grown for entry in growth.entries]
    assert [entry.position for entry in entries] == list(range(2, 52)), "the first, the epoch's own, came with open"
    latest = {view.id: view for growth in grown for view in growth.views if view.cls == "note"}
    assert sum(len(view.state.lines) for view in latest.values()) == 50


async def test_a_conflict_is_told_with_how_it_stands_and_nothing_is_written(tmp_path: Path) -> None:
    async with journal(tmp_path) as opened:
        await opened.append([note("a")])
        seen = (await opened.view("note", "n")).heads
        results = await asyncio.gather(
            opened.append([note("b", seen=seen)], strict=True),
            opened.append([note("c", seen=seen)], strict=True),
            return_exceptions=True,
        )
        assert isinstance(results[0], Saved)
        assert isinstance(results[1], HeadsMoved), "the two were in flight together"
        assert [text for _, text in results[1].view.state.lines] == ["a", "b"]
        assert await lines(opened) == ["a", "b"]


async def test_a_rule_sees_the_latest_state_and_its_refusal_writes_nothing(tmp_path: Path) -> None:
    def at_most_two(view: Callable[[str, str], View]) -> None:
        if len(view("note", "n").state.lines) >= 2:
            raise RefusedError("a note has at most two lines")

    async with journal(tmp_path) as opened:
        results = await asyncio.gather(
            *(opened.append([note(str(n))], rule=at_most_two) for n in range(5)), return_exceptions=True
        )
        assert [isinstance(result, Saved) for result in results] == [True, True, False, False, False]
        assert str(results[-1]) == "a note has at most two lines"
        assert await lines(opened) == ["0", "1"]
        with pytest.raises(BadInput, match="nothing to append"):
            await opened.append([])


async def test_a_second_program_is_refused_and_the_folder_free_after_the_end(tmp_path: Path) -> None:
    async with journal(tmp_path):
        with pytest.raises(JournalError, match="another program has the journal") as told:
            await Journal(tmp_path, "node").open()
        assert told.value.reason == "busy"
    async with journal(tmp_path) as again:
        await again.append([note("a")])


async def test_a_closed_journal_and_a_full_queue_refuse_at_once(tmp_path: Path) -> None:
    opened = Journal(tmp_path, "node")
    with pytest.raises(JournalError, match="not open"):
        opened.append([note("a")])
    await opened.open()
    stop = threading.Event()

    def hold(_ledger: Ledger) -> None:
        assert stop.wait(60)

    held = opened.call(hold)
    answers = [opened.append([note("x", intent=f"i{n}")]) for n in range(MOST_WAITING - 1)]
    with pytest.raises(JournalError, match="wait to be saved"):
        opened.append([note("one more")])
    stop.set()
    await held
    assert len({saved.seq for saved in await asyncio.gather(*answers)}) == MOST_WAITING - 1
    await opened.close()


async def test_the_key_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    async with journal(tmp_path):
        pass
    key = tmp_path / "node.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    async with journal(tmp_path):
        pass
    assert key.read_bytes() == before
    key.chmod(0o644)
    with pytest.raises(Exception, match="can be read by others"):
        await Journal(tmp_path, "node").open()


async def test_an_end_is_sealed(tmp_path: Path) -> None:
    async with journal(tmp_path) as opened:
        await opened.append([note("a")])
    report = verify(tmp_path / FILE)
    assert not report.bad
    assert report.seals == 1
    assert not any("after the last seal" in sentence for sentence in report.unproven)


async def test_many_entries_are_sealed_while_they_come(tmp_path: Path) -> None:
    async with journal(tmp_path) as opened:
        for _ in range(6):
            await asyncio.gather(*(opened.append([note("x", f"n{n}")]) for n in range(120)))
        sealed = await opened.call(lambda ledger: ledger.store.last_seal())
        assert sealed is not None
        assert sealed.position >= 256


# ----------------------------------------------------------------------------------------------- copies and backups


async def test_a_backup_is_whole_while_writing_goes_on_and_begins_an_epoch_when_put_back(tmp_path: Path) -> None:
    async with journal(tmp_path / "a") as opened:
        first = await opened.append([note("before", intent="i")])
        writing = asyncio.gather(*(opened.append([note("x", "busy")]) for _ in range(500)))
        digest = await opened.backup(tmp_path / "backup.db")
        await writing
        await opened.append([note("after the backup")])
    assert hashlib.sha256((tmp_path / "backup.db").read_bytes()).hexdigest() == digest
    assert not verify(tmp_path / "backup.db").bad
    for leftover in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (tmp_path / "a" / leftover).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", tmp_path / "a" / FILE)
    async with journal(tmp_path / "a") as restored:
        assert await lines(restored) == ["before"]
        assert (await restored.append([note("before", intent="i")])).again
        new = await restored.append([note("new")])
        assert new.epoch != first.epoch, "else two entries would bear one number"
        assert await epochs(restored) == [first.epoch, new.epoch]


def test_a_backup_that_does_not_verify_is_refused_and_not_given_its_name(tmp_path: Path) -> None:
    source = Store(tmp_path / "a.db")
    source.open()
    source.close()
    harmed = sqlite3.connect(tmp_path / "a.db")
    harmed.execute("INSERT INTO entry VALUES(1, x'00', x'00', 0, x'00')")
    harmed.commit()
    harmed.close()
    with pytest.raises(JournalError, match="does not verify: entry 1 was changed"):
        back_up(tmp_path / "a.db", tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()


async def test_a_file_put_back_from_an_earlier_day_begins_an_epoch(tmp_path: Path) -> None:
    async with journal(tmp_path / "a") as opened:
        first = await opened.append([note("a")])
    shutil.copy(tmp_path / "a" / FILE, tmp_path / "earlier.db")
    async with journal(tmp_path / "a") as opened:
        await opened.append([note("b")])
    shutil.copy(tmp_path / "earlier.db", tmp_path / "a" / FILE)
    async with journal(tmp_path / "a") as opened:
        new = await opened.append([note("c")])
        assert new.epoch != first.epoch
        assert await lines(opened) == ["a", "c"]


async def test_a_folder_copied_while_it_runs_begins_an_epoch_of_its_own_and_no_fork(tmp_path: Path) -> None:
    async with journal(tmp_path / "a") as original:
        await original.append([note("a")])
        shutil.copytree(tmp_path / "a", tmp_path / "b")
        async with journal(tmp_path / "b") as copy:
            there = await copy.append([note("there")])
            here = await original.append([note("here")])
            assert there.epoch != here.epoch
            for _ in range(2):
                await original.take(await copy.missing(await original.have()))
                await copy.take(await original.missing(await copy.have()))
            assert sorted(await lines(original)) == sorted(await lines(copy)) == ["a", "here", "there"]


async def test_a_disk_cloned_with_its_place_is_quarantined_as_a_fork_and_both_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone of the whole disk looks like the same place; only the entries can tell."""
    monkeypatch.setattr("console.node.journal.instance.place_of", lambda _path: "the same machine")
    notices: list[Notice] = []
    async with journal(tmp_path / "a") as original:
        await original.append([note("a")])
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    async with (
        journal(tmp_path / "a", on_notice=notices.append) as original,
        journal(tmp_path / "b", on_notice=notices.append) as clone,
    ):
        here, there = await original.append([note("here")]), await clone.append([note("there")])
        assert (here.epoch, here.seq) == (there.epoch, there.seq)
        for _ in range(3):
            await original.take(await clone.missing(await original.have()), "clone")
            await clone.take(await original.missing(await clone.have()), "original")
        assert await lines(original) == await lines(clone) == ["a"]
        assert (await original.append([note("goes on")])).epoch != here.epoch
        assert (await original.view("note", "n")).quarantined == 1
    told = next(notice for notice in notices if notice.key == f"journal.fork:node/{here.epoch}")
    assert here.head.hex()[:12] in told.detail
    assert there.head.hex()[:12] in told.detail


async def test_a_damaged_journal_is_refused_by_name_and_left_as_it_is(tmp_path: Path) -> None:
    async with journal(tmp_path) as opened:
        for number in range(5):
            await opened.append([note(str(number))])
    harmed = sqlite3.connect(tmp_path / FILE)
    harmed.execute("UPDATE entry SET body = x'9200' WHERE position = 3")
    harmed.execute("DELETE FROM seal")
    harmed.commit()
    harmed.close()
    with pytest.raises(JournalError, match=r"entry 3: .* body is another than its header says; keep the file") as told:
        await Journal(tmp_path, "node").open()
    assert told.value.reason == "damaged"
    async with asyncio.timeout(60):
        with pytest.raises(JournalError):
            await Journal(tmp_path, "node").open()


async def test_a_disk_that_fails_is_told_once_and_cleared_when_it_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[Notice] = []
    cleared: list[str] = []
    async with journal(tmp_path, on_notice=notices.append, on_clear=cleared.append) as opened:
        await opened.append([note("a")])
        with monkeypatch.context() as broken:

            def full(_store: Store) -> None:
                raise JournalError("full", "the disk is full: nothing was saved; free space, then do it again")

            broken.setattr(Store, "commit", full)
            with pytest.raises(JournalError, match="nothing was saved"):
                await opened.append([note("b", intent="b")])
        assert [notice.key for notice in notices] == ["journal"]
        saved = await opened.append([note("b", intent="b")])
        assert not saved.again
        assert cleared == ["journal"]
        assert await lines(opened) == ["a", "b"]
        assert saved.seq == 3, "numbers have no hole where nothing was saved"


async def test_a_fault_of_our_own_fails_its_acts_and_not_the_ones_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[Notice] = []
    async with journal(tmp_path, on_notice=notices.append) as opened:
        await opened.append([note("a")])
        with monkeypatch.context() as broken:
            broken.setattr(Ledger, "commit", lambda _ledger: 1 // 0)
            async with asyncio.timeout(30):
                with pytest.raises(JournalError, match="ZeroDivisionError"):
                    await opened.append([note("b", intent="b")])
        assert [notice.key for notice in notices] == ["journal"]
        async with asyncio.timeout(30):
            assert not (await opened.append([note("b", intent="b")])).again
        assert await lines(opened) == ["a", "b"]
    assert not verify(tmp_path / FILE).bad


async def test_a_fault_of_our_own_between_two_acts_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with journal(tmp_path) as opened:
        failed = threading.Event()

        def tidy(_ledger: Ledger, *, idle: bool = False) -> None:
            failed.set()
            raise ZeroDivisionError

        with monkeypatch.context() as broken:
            broken.setattr(Ledger, "tidy", tidy)
            await opened.append([note("a")])
            await asyncio.to_thread(failed.wait, 60)
        async with asyncio.timeout(30):
            await opened.append([note("b")])
        assert await lines(opened) == ["a", "b"]


async def test_opening_that_is_given_up_leaves_neither_thread_nor_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on = threading.Event(), threading.Event()
    really = Ledger.open

    def slow(ledger: Ledger) -> None:
        began.set()
        go_on.wait(60)
        really(ledger)

    with monkeypatch.context() as slowed:
        slowed.setattr(Ledger, "open", slow)
        opening = asyncio.ensure_future(Journal(tmp_path, "node").open())
        await asyncio.to_thread(began.wait, 60)
        opening.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await opening
    assert not [thread for thread in threading.enumerate() if thread.name == "journal"]
    async with journal(tmp_path) as opened:
        await opened.append([note("a")])


async def test_an_erased_body_leaves_the_log_once_nobody_else_reads_the_file(tmp_path: Path) -> None:
    async with journal(tmp_path) as opened:
        saved = await opened.append([note("sixteen-secrets")])
        # not the standard library's SQLite: two of them in one process do not see each other's locks
        reader = apsw.Connection(str(tmp_path / FILE), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()

        await opened.erase(Origin(saved.node, saved.epoch), saved.seq, "PIPL art. 47", "data officer")
        await opened.append([note("who reads the file keeps nobody from writing")])
        assert holding(tmp_path, b"sixteen-secrets")

        reader.close()
        async with asyncio.timeout(30):
            while holding(tmp_path, b"sixteen-secrets"):
                await asyncio.sleep(0.01)


def holding(folder: Path, words: bytes) -> list[str]:
    """The files of a journal in which `words` stand."""
    return [file.name for file in folder.glob(f"{FILE}*") if words in file.read_bytes()]


async def test_what_was_saved_is_told_though_the_next_seal_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[View] = []

    def fails(_ledger: Ledger) -> None:
        raise JournalError("full", "the disk is full")

    async with journal(tmp_path, on_growth=lambda growth: told.extend(growth.views)) as opened:
        monkeypatch.setattr("console.node.journal.journal.SEAL_AFTER_S", 0.0)
        with monkeypatch.context() as failing:
            failing.setattr(Ledger, "seal", fails)
            await opened.append([note("a")])
            async with asyncio.timeout(30):
                while not any(view.id == "n" for view in told):
                    await asyncio.sleep(0.001)
