"""A process that writes a journal is killed at a random moment, again and again: what it was told is saved stays."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from console.node.journal.store import FILE
from console.node.journal.verify import Witness, verify

KILLS = 6
SOAK_KILLS = int(os.environ.get("YILAN_SOAK_KILLS", "100"))
IN_FLIGHT = 8

WRITER = """
import asyncio, sys
from pathlib import Path
from console.node.journal.entry import Draft
from console.node.journal.folds import NoteAct
from console.node.journal.journal import Journal

async def act(journal, officer, first):
    number = first
    while True:
        intent = f"{officer}-{number}"
        print("asked", intent, flush=True)
        act = NoteAct(text=intent)
        draft = Draft(kind="note.write", cls="note", entity=f"n{officer}", act=act, intent=intent)
        saved = await journal.append([draft])
        print("saved", intent, saved.epoch, saved.seq, saved.head.hex(), int(saved.again), flush=True)
        number += 1

async def main(folder, firsts):
    journal = Journal(Path(folder), "node")
    await journal.open()
    print("open", flush=True)
    await asyncio.gather(*(act(journal, officer, first) for officer, first in enumerate(firsts)))

asyncio.run(main(sys.argv[1], [int(n) for n in sys.argv[2].split(",")]))
"""


class Told:
    """What the killed processes said."""

    def __init__(self) -> None:
        self.next = [0] * IN_FLIGHT
        self.saved: dict[str, tuple[str, int, str]] = {}

    def read(self, out: str) -> None:
        """The lines of one life; a torn last line says nothing."""
        for line in out.splitlines():
            words = line.split()
            if len(words) == 6 and words[0] == "saved" and len(words[4]) == 64:
                intent, entry = words[1], (words[2], int(words[3]), words[4])
                assert self.saved.setdefault(intent, entry) == entry, "an act that is sent again names the same entry"
                officer, number = map(int, intent.split("-"))
                self.next[officer] = max(self.next[officer], number + 1)


def life(folder: Path, told: Told, chance: random.Random) -> None:
    """One process; the acts that the last one had not answered are sent again first."""
    firsts = ",".join(map(str, told.next))
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), firsts], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    assert lines[0] == "open\n"
    # so many lines on, or a moment later than that: inside whatever it does then
    lines += [process.stdout.readline() for _ in range(chance.randint(0, 400))]
    threading.Event().wait(chance.uniform(0, 0.004))
    process.kill()
    rest, _ = process.communicate()
    told.read("".join(lines) + rest)


def kill_many(kills: int, folder: Path) -> None:
    told, chance = Told(), random.Random(4)
    for _ in range(kills):
        life(folder, told, chance)
    witnesses = [Witness(node="node", epoch=e, seq=s, hash=bytes.fromhex(h)) for e, s, h in told.saved.values()]
    report = verify(folder / FILE, witnesses)
    assert not report.bad
    assert len(told.saved) > kills
    assert report.entries >= len(told.saved)


def test_nothing_saved_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    kill_many(KILLS, tmp_path)


@pytest.mark.soak
def test_nothing_saved_is_lost_or_doubled_by_many_kills(tmp_path: Path) -> None:
    kill_many(SOAK_KILLS, tmp_path)
