"""Benchmark `journal`: what an entry costs beyond what SQLite asks for the same bytes.

In turns within one call: bare SQLite (WAL, FULL) with one insert a commit; the journal in its own thread with one entry
a commit, all that belongs to it done (numbering, hashes, folds, seals, look-up tables, checkpoints); then acts awaited
in an event loop, each answered after its sync: one in flight, and 64 in flight, which share commits. Then the way:
officers in a process of their own send acts over one websocket to the node's door, which journals and answers them, one
in flight (waits are told as `p50_ms`, `p99_ms`) and 64.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
import numpy as np

from console.api import Columns, RefusedError, Span, Text
from console.node.act import Act
from console.node.gateway import Gateway
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import Fold, View
from console.node.journal.folds import NoteAct
from console.node.journal.journal import SETTLE_EVERY, Journal
from console.node.journal.ledger import Ledger
from console.node.journal.seals import SEAL_EVERY
from console.tasks import Tasks
from console.wire.frames import Intent
from tests.perf.outcome import Outcome
from tests.perf.streams import SECRET, Child, child

TARGETS = {
    "append_vs_sqlite": (">=", 0.7),
    "grouped_vs_single_commit": (">=", 1.5),
    "roundtrip_minus_commit_p50_ms": ("<=", 1.0),
}
IN_FLIGHT = 64
SLICE_S = 0.1
SHORT_ROUNDS, LONG_ROUNDS = 40, 300
ENTITIES = 500
TEXT = "西咸新区 沣西新城 阀井 V-31 压力低，已派巡线组核实，预计 12 min 到场。" * 2
LAST = Fold(cls="note", start=lambda _id: "", step=lambda _state, entry: entry.act(NoteAct).text)
"""Keeps the last line only, so that a long run does not measure a growing text."""


@dataclass(kw_only=True, slots=True)
class Turns:
    """Commits or answers a second of each turn, and each answer's wait in ms."""

    per_s: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)


def run(long: bool) -> Outcome:
    """Turns of all three paths."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("YILAN_BENCH_DISK")) as folder:
        return asyncio.run(_run(Path(folder), LONG_ROUNDS if long else SHORT_ROUNDS))


PATHS = ("bare", "own_thread", "single", "bare_again", "grouped", "socket_single", "bare_third", "socket_grouped")


async def _run(folder: Path, rounds: int) -> Outcome:
    journal = Journal(folder / "journal", "bench", (LAST,))
    connection = _bare(folder / "bare.db")
    found = {path: Turns() for path in PATHS}
    try:
        async with _door(journal) as officers:
            return await _rounds(journal, connection, officers, found, rounds)
    finally:
        connection.close()


@contextlib.asynccontextmanager
async def _door(journal: Journal) -> AsyncIterator[Child]:
    """The node's door with the journal behind it, and officers at it in a process of their own."""
    tasks, hub = Tasks(), Hub()
    intents = Intents(partial(_same, journal), on_notice=hub.notice, on_clear=hub.clear_notice)
    intents.declare("note.write", Act("note", lambda _intent: None, _decide, lambda _intent, _view: None))
    name = Text("测速节点", "Bench node")
    gateway = Gateway(
        hub, tasks, node="bench", name=name, secret=SECRET, simulated=bool, query=_no_query, act=intents.act, guard=None
    )
    await intents.run()
    port = await gateway.open()
    try:
        async with child("tests.perf.journal_officers") as officers:
            await officers.ask(url=f"ws://127.0.0.1:{port}")
            yield officers
    finally:
        await gateway.close()
        await tasks.close()
        await intents.close()


async def _same(journal: Journal) -> Journal:
    return journal


async def _no_query(_span: Span) -> Columns:
    raise RefusedError("no history here")


def _decide(intent: Intent, _facts: object, _view: View) -> list[Draft]:
    act = NoteAct(text=intent.arguments["text"])
    return [Draft(kind="note.write", cls="note", entity=intent.entity, act=act, actor=intent.actor, intent=intent.id)]


async def _over_the_socket(officers: Child, in_flight: int, turns: Turns) -> None:
    told = await officers.ask(in_flight=in_flight, slice_s=SLICE_S, text=TEXT, entities=ENTITIES)
    turns.per_s.append(told["per_s"])
    turns.waits_ms += told["waits_ms"]


async def _rounds(
    journal: Journal, connection: apsw.Connection, officers: Child, found: dict[str, Turns], rounds: int
) -> Outcome:
    size = await _entry_bytes(journal)
    for turn in range(rounds + 1):
        # the first turn is for what grows at the first pages
        into = found if turn else {path: Turns() for path in found}
        _bare_turn(connection, size, into["bare"])
        await journal.call(partial(_own_thread_turn, into["own_thread"]))
        await _turn(journal, 1, into["single"])
        _bare_turn(connection, size, into["bare_again"])
        await _turn(journal, IN_FLIGHT, into["grouped"])
        await _over_the_socket(officers, 1, into["socket_single"])
        _bare_turn(connection, size, into["bare_third"])
        await _over_the_socket(officers, IN_FLIGHT, into["socket_grouped"])
    return _outcome(size, found)


def _draft(number: int) -> Draft:
    return Draft(
        kind="note.write",
        cls="note",
        entity=f"note-{number % ENTITIES}",
        act=NoteAct(text=TEXT),
        actor="duty-2",
        place="centre",
        intent=f"bench-{number}",
    )


async def _entry_bytes(journal: Journal) -> int:
    saved = await journal.append([_draft(0)])
    (entry,) = await journal.entries(saved.position - 1, 1)
    return len(entry.raw) + len(entry.body or b"")


def _bare(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE entry(position INTEGER PRIMARY KEY, bytes BLOB)")
    return connection


def _bare_turn(connection: apsw.Connection, size: int, turns: Turns) -> None:
    began_s, count, content = time.perf_counter(), 0, os.urandom(size)
    while time.perf_counter() - began_s < SLICE_S:
        asked_s = time.perf_counter()
        connection.execute("INSERT INTO entry(bytes) VALUES(?)", (content,))
        turns.waits_ms.append((time.perf_counter() - asked_s) * 1e3)
        count += 1
    turns.per_s.append(count / (time.perf_counter() - began_s))


def _own_thread_turn(turns: Turns, ledger: Ledger) -> None:
    began_s, count = time.perf_counter(), 0
    while time.perf_counter() - began_s < SLICE_S:
        ledger.append([_draft(next(_number))])
        ledger.commit()
        count += 1
        if ledger.unsettled >= SETTLE_EVERY:
            ledger.take_changed()
            if ledger.unsealed >= SEAL_EVERY:
                ledger.seal()
            ledger.tidy()
    turns.per_s.append(count / (time.perf_counter() - began_s))


async def _turn(journal: Journal, in_flight: int, turns: Turns) -> None:
    began_s = time.perf_counter()
    counts = await asyncio.gather(*(_officer(journal, began_s, turns) for _ in range(in_flight)))
    turns.per_s.append(sum(counts) / (time.perf_counter() - began_s))


_number = iter(range(1, 1 << 62))


async def _officer(journal: Journal, began_s: float, turns: Turns) -> int:
    count = 0
    while time.perf_counter() - began_s < SLICE_S:
        asked_s = time.perf_counter()
        await journal.append([_draft(next(_number))])
        turns.waits_ms.append((time.perf_counter() - asked_s) * 1e3)
        count += 1
    return count


def _outcome(size: int, found: dict[str, Turns]) -> Outcome:
    bare, single, own_thread, grouped = found["bare"], found["single"], found["own_thread"], found["grouped"]
    socket, socket_grouped = found["socket_single"], found["socket_grouped"]
    return Outcome(
        bench="journal",
        figures={
            "entry_bytes": float(size),
            "sqlite_commits_per_s": statistics.median(bare.per_s),
            "journal_one_entry_a_commit_per_s": statistics.median(own_thread.per_s),
            "journal_one_in_flight_per_s": statistics.median(single.per_s),
            "journal_64_in_flight_in_process_per_s": statistics.median(grouped.per_s),
            "journal_64_in_flight_over_the_socket_per_s": statistics.median(socket_grouped.per_s),
            "in_process_p50_ms": float(np.percentile(single.waits_ms, 50)),
            "p50_ms": float(np.percentile(socket.waits_ms, 50)),
            "p99_ms": float(np.percentile(socket.waits_ms, 99)),
            "p99_ms_64_in_flight": float(np.percentile(socket_grouped.waits_ms, 99)),
            "roundtrip_minus_commit_p50_ms": float(
                np.percentile(socket.waits_ms, 50) - np.percentile(found["bare_third"].waits_ms, 50)
            ),
            "sqlite_p50_ms": float(np.percentile(bare.waits_ms, 50)),
            "sqlite_p99_ms": float(np.percentile(bare.waits_ms, 99)),
            "turns": float(len(single.per_s)),
        },
        ratios={
            "append_vs_sqlite": _ratio(own_thread, bare),
            "grouped_vs_single_commit": _ratio(socket_grouped, found["bare_third"]),
            "grouped_in_process_vs_single_commit": _ratio(grouped, found["bare_again"]),
            "one_in_flight_vs_sqlite": _ratio(single, bare),
        },
        targets=TARGETS,
    )


def _ratio(ours: Turns, theirs: Turns) -> float:
    """Median over the turns of what each did in its slice beside the other's."""
    return statistics.median(a / b for a, b in zip(ours.per_s, theirs.per_s, strict=True))
