"""The power is cut, the disk fails or is full, at any moment of a journal's life: what was answered as saved stays.

The disk is in memory and keeps for sure only what was synced; control runs show that it tells FULL from less.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from console.model.errors import JournalError
from console.node.journal.entry import Draft, Saved
from console.node.journal.exchange import have, missing, take
from console.node.journal.folds import FOLDS, NoteAct
from console.node.journal.ledger import Ledger
from console.node.journal.schema import VERSION
from console.node.journal.store import Store
from console.node.journal.verify import Witness, verify
from tests.fault.power_vfs import Cut, Disk
from tests.unit.node.journal.ledgers import Wall, key, ledger, write

ACTS = 40
CUTS = 120
SOAK_CUTS = int(os.environ.get("YILAN_SOAK_CUTS", "1000"))


class Officer:
    """Acts on a journal, and remembers which acts were asked and which were answered as saved."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.asked: list[Draft] = []
        self.saved: dict[str, Saved] = {}
        self.peer = ledger("peer")
        for number in range(8):
            write(self.peer, f"peer {number}", f"note-{number % 3}", intent=f"peer-{number}")

    def draft(self, number: int) -> Draft:
        """An act whose text is as long as chance has it: within a page, and over several."""
        text = f"{number}:" + "x" * self.chance.choice((5, 300, 6000))
        note = NoteAct(text=text)
        return Draft(kind="note.write", cls="note", entity=f"note-{number % 3}", act=note, intent=f"i{number}")

    def work(self, journal: Ledger, acts: range) -> None:
        """Acts in groups, sometimes a parcel of a peer, sometimes what the writer does between."""
        waiting: dict[str, Saved] = {}
        for number in acts:
            draft = self.draft(number)
            self.asked.append(draft)
            waiting[draft.intent] = journal.append([draft])
            if self.chance.random() < 0.5:
                journal.commit()
                self.saved |= waiting
                waiting = {}
            if self.chance.random() < 0.15:
                self.between(journal)
        journal.commit()
        self.saved |= waiting

    def between(self, journal: Ledger) -> None:
        """Seals, look-up tables, checkpoints, exchange; all of them commit."""
        what = self.chance.randrange(4)
        if what == 0:
            journal.seal()
        elif what == 1:
            journal.commit()
            journal.store.look_up()
        elif what == 2:
            journal.commit()
            journal.store.checkpoint()
        else:
            take(journal, missing(self.peer, have(journal), limit=3), "peer")
            journal.commit()


def opened(disk: Disk, synchronous: str = "FULL") -> Ledger:
    """The journal on a disk; from its first start on, if it is empty."""
    store = Store("j.db", vfs=disk.name, exclusive=True, synchronous=synchronous)
    journal = Ledger(store, "here", key(), FOLDS, now_ns=Wall())
    journal.open()
    return journal


def abandon(journal: Ledger) -> None:
    """As a process that dies does: nothing more reaches the disk."""
    try:
        journal.store.close()
    except (apsw.Error, JournalError):
        pass


def live_until_cut(seed: int, at: int | None, synchronous: str = "FULL") -> tuple[Officer, Disk]:
    """One life of a journal, cut before its operation number `at` (None: it ends by itself)."""
    disk, officer = Disk(), Officer(seed)
    disk.fails = cut_at(disk, at or 0)
    journal = None
    try:
        journal = opened(disk, synchronous)
        officer.work(journal, range(ACTS))
    except (JournalError, apsw.Error):
        pass
    finally:
        if journal is not None:
            if at is None:
                journal.close()
            else:
                abandon(journal)
    return officer, disk


def effects(journal: Ledger) -> Counter[str]:
    """How often each act took effect, by the number that its text begins with."""
    views = journal.projections.views("note")
    return Counter(text.split(":")[0] for view in views for _, text in view.state.lines if ":" in text)


def check_after(officer: Officer, disk: Disk, folder: Path) -> None:
    """Nothing that was saved is missing or doubled, the chain holds, and what is sent again has one effect."""
    journal = opened(disk)
    found = effects(journal)
    for intent, saved in officer.saved.items():
        assert found[intent[1:]] == 1, f"{intent} was saved"
        assert journal.store.hash_of(journal.store.at(saved.position).origin, saved.seq) == saved.head
    assert max(found.values(), default=1) == 1
    for draft in officer.asked:
        again = journal.append([draft])
        journal.commit()
        if draft.intent in officer.saved:
            assert (again.again, again.head) == (True, officer.saved[draft.intent].head)
    assert set(effects(journal).values()) <= {1}
    assert len(effects(journal)) == len(officer.asked)
    running = journal.projections.views("note")
    journal.projections.rebuild()
    assert journal.projections.views("note") == running
    journal.close()
    witnesses = [Witness(node=s.node, epoch=s.epoch, seq=s.seq, hash=s.head) for s in officer.saved.values()]
    report = verify(disk.dump(folder), witnesses)
    assert not report.bad


def cut_many(cuts: int, folder: Path) -> None:
    """Cut points drawn over a whole life, each with a life of its own."""
    for seed in range(cuts):
        _, whole = live_until_cut(seed % 7, None)
        chance = random.Random(seed)
        officer, disk = live_until_cut(seed % 7, chance.randint(1, whole.operations))
        check_after(officer, Disk(disk.cut(chance)), folder)


def test_nothing_saved_is_lost_at_any_cut(tmp_path: Path) -> None:
    cut_many(CUTS, tmp_path)


@pytest.mark.soak
def test_nothing_saved_is_lost_at_a_thousand_cuts(tmp_path: Path) -> None:
    cut_many(SOAK_CUTS, tmp_path)


def lost(synchronous: str, cuts: int = 60) -> tuple[int, int]:
    """How many saved acts were gone, and how many journals could not be opened, with less syncing."""
    gone = broken = 0
    for seed in range(cuts):
        _, whole = live_until_cut(seed % 7, None, synchronous)
        chance = random.Random(seed)
        officer, disk = live_until_cut(seed % 7, chance.randint(1, whole.operations), synchronous)
        after = Disk(disk.cut(chance))
        try:
            journal = opened(after)
        except JournalError:
            broken += 1
            continue
        found = effects(journal)
        gone += sum(found[intent[1:]] != 1 for intent in officer.saved)
        abandon(journal)
    return gone, broken


def test_the_disk_tells_full_from_less() -> None:
    """Else the test above could not fail."""
    assert lost("FULL", 20) == (0, 0)
    gone, broken = lost("NORMAL")
    assert gone > 0
    assert broken == 0
    gone, broken = lost("OFF")
    assert broken > 0


# ----------------------------------------------------------------------------------------------- a disk that fails


def fails_once(error: Callable[[], apsw.Error], operation: str, nth: int) -> Callable[[str, int], None]:
    """Fails the nth operation of its kind, and none else."""
    left = [nth]

    def fail(what: str, _number: int) -> None:
        if what == operation:
            left[0] -= 1
            if left[0] == 0:
                raise error()

    return fail


def act_on(journal: Ledger, officer: Officer, acts: range) -> int:
    """One act a commit; those that fail are sent again later. How many failed."""
    failed = 0
    for number in acts:
        draft = officer.draft(number)
        officer.asked.append(draft)
        try:
            journal.ready()
            saved = journal.append([draft])
            journal.commit()
            officer.saved[draft.intent] = saved
            if number % 9 == 8:
                journal.store.look_up()
                journal.store.checkpoint()
        except (JournalError, apsw.Error):
            failed += 1
            if journal.store.is_open:
                journal._recover(JournalError("io", ""), [])
    return failed


@pytest.mark.parametrize("operation", ["write", "sync"])
@pytest.mark.parametrize("seed", range(12))
def test_an_error_of_the_disk_costs_at_most_what_was_not_answered(operation: str, seed: int, tmp_path: Path) -> None:
    """EIO once at a write or a sync, then the power is cut: what was saved before and after is there."""
    chance = random.Random(seed)
    disk, officer = Disk(), Officer(seed)
    journal = opened(disk)
    disk.fails = fails_once(lambda: apsw.IOError("EIO"), operation, chance.randint(1, 40))
    failed = act_on(journal, officer, range(30))
    abandon(journal)
    assert failed <= 2
    assert len(officer.saved) >= 28
    check_after(officer, Disk(disk.cut(chance)), tmp_path)


def test_a_full_disk_is_told_as_such_and_the_journal_goes_on_once_there_is_room(tmp_path: Path) -> None:
    disk, officer = Disk(), Officer(1)
    journal = opened(disk)
    act_on(journal, officer, range(5))
    before = journal.projections.views("note")

    def full(what: str, _number: int) -> None:
        if what == "write":
            raise apsw.FullError("ENOSPC")

    disk.fails = full
    for number in range(5, 8):
        with pytest.raises(JournalError, match=r"disk of .* is full: nothing was saved; free space") as told:
            journal.ready()
            journal.append([officer.draft(number)])
            journal.commit()
        assert told.value.reason == "full"
    assert journal.projections.views("note") == before
    disk.fails = lambda _what, _number: None
    assert act_on(journal, officer, range(8, 12)) == 0
    abandon(journal)
    check_after(officer, Disk(disk.cut(random.Random(1))), tmp_path)


@pytest.mark.parametrize("seed", range(8))
def test_a_torn_page_is_found_and_named(seed: int) -> None:
    """Half of a page is another: the journal refuses to go on with it, and the verifier says so."""
    disk, officer = Disk(), Officer(seed)
    journal = opened(disk)
    officer.work(journal, range(20))
    journal.close()
    content = bytearray(disk.files["j.db"].seen)
    chance = random.Random(seed)
    pages = len(content) // 4096
    page = chance.randrange(1, pages)
    content[page * 4096 + 2048 : (page + 1) * 4096] = chance.randbytes(2048)
    torn = Disk({"j.db": bytes(content)})
    with pytest.raises(JournalError, match="damaged") as told:
        opened(torn)
    assert told.value.reason == "damaged"
    assert bytes(torn.files["j.db"].seen) == bytes(content), "the file is kept as it is"


# ----------------------------------------------------------------------------------------------- migrations


def of_version_1(acts: int = 60) -> tuple[Officer, dict[str, bytes]]:
    """A journal with acts in it, as the program before the look-up tables left it on the disk."""
    disk, officer = Disk(), Officer(3)
    journal = opened(disk)
    officer.work(journal, range(acts))
    journal.close()
    old = Disk({"j.db": bytes(disk.files["j.db"].seen)})
    connection = apsw.Connection("j.db", vfs=old.name)
    connection.pragma("locking_mode", "EXCLUSIVE")
    connection.execute("DROP TABLE spot; DROP TABLE touched; DROP TABLE intent")
    connection.execute("DELETE FROM meta WHERE key = 'looked_up'; PRAGMA user_version = 1")
    connection.close()
    return officer, {"j.db": bytes(old.files["j.db"].seen)}


def version_on(disk: Disk, name: str) -> int:
    connection = apsw.Connection(name, vfs=disk.name)
    try:
        connection.pragma("locking_mode", "EXCLUSIVE")
        found = int(connection.pragma("user_version"))
        if found:
            assert connection.pragma("integrity_check") == "ok"
        return found
    finally:
        connection.close()


def test_a_cut_anywhere_in_a_migration_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    """At each operation on the disk; the copy of what was before is whole once the new version stands."""
    officer, files = of_version_1()
    whole = Disk(files)
    abandon(opened(whole))
    found: Counter[int] = Counter()
    for at in range(1, whole.operations + 1):
        disk = Disk(files)
        disk.fails = cut_at(disk, at)
        try:
            abandon(opened(disk))
        except (JournalError, apsw.Error):
            pass
        after = Disk(disk.cut(random.Random(at)))
        version = version_on(after, "j.db")
        assert version in (1, VERSION)
        if version == VERSION:
            assert version_on(after, "j.db.v1") == 1
        found[version] += 1
        check_after(officer, after, tmp_path)
    assert min(found[1], found[VERSION]) > 3, "cuts before and after the step were among them"


def cut_at(disk: Disk, at: int) -> Callable[[str, int], None]:
    """Cuts the power before an operation."""

    def cut(_operation: str, number: int) -> None:
        if number == at:
            disk.off = True
            raise Cut("the power is off")

    return cut


def test_a_disk_too_full_for_the_copy_is_told_and_the_old_version_stays() -> None:
    _, files = of_version_1()
    disk = Disk(files)

    def full(what: str, _number: int) -> None:
        if what == "write":
            raise apsw.FullError("ENOSPC")

    disk.fails = full
    with pytest.raises(JournalError, match=r"disk of .* is full: nothing was saved; free space"):
        opened(disk)
    disk.fails = lambda _what, _number: None
    assert version_on(disk, "j.db") == 1
    journal = opened(disk)
    assert len(effects(journal)) == 60
    abandon(journal)
